"""Service level by day, about to be published: sums per source and unpublished day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import DAY, between

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    """Judges `published.measure: service_level_by_day`."""
    from great_expectations import ExpectationSuite

    return ExpectationSuite(
        name="service_level_by_day",
        expectations=[
            between("answered_of_offered", "not more answered than offered", 0, 1),
            between("service_level", "the service level is a share", 0, 1),
            between("speed_of_answer", "the speed of answer is possible", 0, DAY),
            # Past midnight a day's last rows may stand on the next.
            between("freshness", "the marts reach as far as what has landed", max_value=1),
        ],
    )
