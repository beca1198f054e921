"""Tickets as they landed, one row per ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import BatchRules, batch_suite

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

RULES = BatchRules(
    nulls=("contact_id", "business_type", "department", "opened_by", "area", "fields_correct"),
    # What only some kinds have is compared among them.
    nulls_where={"kind = 'complaint'": ("product", "cause", "defect", "founded")},
    ranges={"compensation_amount": (0, 1_000_000), "sources_of_supply": (1, 10)},
    not_in_future=("opened_at",),
)


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    return batch_suite("tickets", RULES, settings)
