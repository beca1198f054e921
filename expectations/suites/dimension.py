"""A dimension about to be published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import between

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    """Judges `published.measure: dimension`."""
    from great_expectations import ExpectationSuite

    return ExpectationSuite(
        name="dimension",
        expectations=[
            between("not_empty", "not empty", min_value=1),
        ],
    )
