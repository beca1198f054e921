"""The bank's call log as it landed, one row per call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import DAY, BatchRules, batch_suite

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

RULES = BatchRules(
    nulls=("vru_entry", "type", "customer_id", "priority"),
    nulls_where={"outcome = 'AGENT'": ("ser_start", "ser_exit")},
    values={"outcome": ("AGENT", "HANG", "PHANTOM")},
    # Self-service times are negative now and then (a known fault of the recording), so they are not watched.
    ranges={"q_time": (0, DAY), "ser_time": (0, DAY)},
    is_daily=True,
    extremes=True,
)


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    return batch_suite("bank_1999_calls", RULES, settings)
