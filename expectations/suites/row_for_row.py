"""A table about to be published that has one row for each landed one, on the day of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import between

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    """Judges `published.measure: row_for_row`."""
    from great_expectations import ExpectationSuite

    return ExpectationSuite(
        name="row_for_row",
        expectations=[between("rows_of_landed", "as many rows as landed", 0, 0)],
    )
