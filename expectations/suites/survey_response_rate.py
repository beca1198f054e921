"""Returns of survey waves about to be published for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import between

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    """Judges `people.measure: survey_response_rate`."""
    from great_expectations import ExpectationSuite

    return ExpectationSuite(
        name="survey_response_rate",
        expectations=[
            between("returned", "not more returned than sent", 0, 1),
            between("valid", "not more valid than returned", 0, 1),
            between("unusable", "hardly any answer is unusable", max_value=settings["surveys"]["unusable"]),
        ],
    )
