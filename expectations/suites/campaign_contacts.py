"""Attempts of campaigns as they landed, one row per attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import BatchRules, batch_suite

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

RULES = BatchRules(
    nulls=("agent_id",),
    # Sales and member call-backs fill other columns, and only of who is reached: among all attempts of a day these
    # shares would follow which campaigns run.
    nulls_where={"result in ('reached', 'refused')": ("record_complete",), "sold": ("amount",)},
    ranges={"attempt_no": (1, 100), "amount": (0, 1_000_000)},
    not_in_future=("occurred_at",),
    # Campaigns begin and end.
    has_weekdays=False,
)


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    return batch_suite("campaign_contacts", RULES, settings)
