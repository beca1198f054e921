"""Attendance as it landed, one row per employee and day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import BatchRules, batch_suite

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

DAY = 24 * 60
"""Minutes."""

RULES = BatchRules(
    nulls=("scheduled_minutes", "worked_minutes", "overtime_minutes", "absence_kind", "exception"),
    ranges=dict.fromkeys(("scheduled_minutes", "worked_minutes", "overtime_minutes"), (0, DAY)),
)


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    return batch_suite("attendance", RULES, settings)
