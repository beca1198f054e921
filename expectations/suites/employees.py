"""Lists of employees as they landed, one row per employee and list. Findings tell counts, never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import BatchRules, batch_suite

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

MOST_PAY = 1_000_000
"""A pay a month above it is a mistake of the unit."""

RULES = BatchRules(
    # What fills up as people stay or leave (confirmed_on, left_on, …) says nothing about the file.
    nulls=(
        *("name", "gender", "birth_on", "education", "marital_status", "team", "site", "job", "grade", "contract"),
        *("monthly_pay", "market_pay", "manager_id", "agent_id"),
    ),
    # Among those employed this share would follow how many leave.
    nulls_where={"left_on is not null": ("leave_kind", "leave_reason")},
    ranges={"monthly_pay": (0, MOST_PAY), "market_pay": (0, MOST_PAY)},
    has_weekdays=False,
    is_snapshot=True,
    leavers="left_on between as_of - 31 and as_of",
)


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    return batch_suite("employees", RULES, settings)
