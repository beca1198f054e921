"""Events of tickets as they landed, one row per event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import BatchRules, batch_suite

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

# Which events a day has follows from the days before it and from the calendar: their shares say nothing about the file.
RULES = BatchRules(
    nulls=("actor",),
    nulls_where={
        "event in ('callback_attempted', 'called_back')": ("outcome",),
        "event = 'called_back'": ("satisfaction",),
    },
    not_in_future=("occurred_at",),
    has_weekdays=False,
)


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    return batch_suite("ticket_events", RULES, settings)
