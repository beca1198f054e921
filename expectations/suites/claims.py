"""Claims as they landed, one row per claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import BatchRules, batch_suite

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

AMOUNTS = (
    *("premium_amount", "reserved_amount", "paid_amount", "recovered_amount", "refused_amount"),
    *("price_reduction", "injury_reduction"),
)
MOST = 1e9
"""An amount above it is a mistake of the unit."""

RULES = BatchRules(
    nulls=("product", "premium_amount", "reserved_amount", "injury", "examined"),
    # What is not settled yet has no payment: among all claims this share would follow their age.
    nulls_where={"settled_at is not null": ("paid_amount", "fraud")},
    ranges=dict.fromkeys(AMOUNTS, (0, MOST)),
    not_in_future=("opened_at", "settled_at"),
)


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    return batch_suite("claims", RULES, settings)
