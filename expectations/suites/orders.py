"""Orders as they landed, one row per order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import BatchRules, batch_suite

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

RULES = BatchRules(
    nulls=("ordered_at", "promised_on", "quantity"),
    # What is not delivered yet has no quantity: among all orders this share would follow their age.
    nulls_where={"delivered_on is not null": ("delivered_quantity",)},
    ranges={"quantity": (0, 1_000_000), "delivered_quantity": (0, 1_000_000)},
    not_in_future=("ordered_at",),
    # A small desk has a handful a day, and none when it is closed.
    has_weekdays=False,
)


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    return batch_suite("orders", RULES, settings)
