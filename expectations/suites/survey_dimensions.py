"""Mean scores of survey waves about to be published for the first time: how many are not as they must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import between

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    """Judges `people.measure: survey_dimensions`."""
    from great_expectations import ExpectationSuite

    return ExpectationSuite(
        name="survey_dimensions",
        expectations=[
            between("scale", "means are on the scale", 0, 0),
            between("minimum", "enough people stand behind each mean", 0, 0),
        ],
    )
