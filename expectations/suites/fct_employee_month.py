"""Months of employees about to be published: counts per source of which a list is unpublished."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import between

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    """Judges `people.measure: fct_employee_month`."""
    from great_expectations import ExpectationSuite

    return ExpectationSuite(
        name="fct_employee_month",
        expectations=[
            between("doubled", "one row per spell and month", 0, 0),
            between("odd_days", "employed on one day to all of the month, or leaving on its first", 0, 0),
            between("missing", "everybody who landed is known", 0, 0),
        ],
    )
