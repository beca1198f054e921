"""Service level by interval, about to be published: sums per source and unpublished day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import DAY, between

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    """Judges `published.measure: service_level_by_interval`."""
    from great_expectations import ExpectationSuite

    return ExpectationSuite(
        name="service_level_by_interval",
        expectations=[
            between("offered_as_in_day", "intervals and day offer the same", 0, 0),
            between("longest_wait", "the longest wait is possible", 0, DAY),
        ],
    )
