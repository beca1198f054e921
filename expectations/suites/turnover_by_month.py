"""Turnover about to be published: counts per source of which a list of employees is unpublished."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import between

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    """Judges `people.measure: turnover_by_month`."""
    from great_expectations import ExpectationSuite

    return ExpectationSuite(
        name="turnover_by_month",
        expectations=[
            between("balance", "who was there and came, less who left, is there", 0, 0),
            between("division", "every way of dividing the staff divides the same staff", 0, 0),
            between("rates", "no more leave or stay than were there", 0, 0),
        ],
    )
