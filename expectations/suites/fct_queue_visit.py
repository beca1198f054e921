"""Queue visits about to be published: small counts per source and unpublished day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import between

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    """Judges `published.measure: fct_queue_visit`."""
    from great_expectations import ExpectationSuite

    return ExpectationSuite(
        name="fct_queue_visit",
        expectations=[
            between("visits_of_landed", "a visit for each landed row", *settings["published"]["visits_of_landed"]),
            between("range", "from 0 seconds to a day", max_value=settings["ranges"]["share_outside"]),
        ],
    )
