"""A landed table without a suite of its own: the share of empty values of each column, and its volume if steady."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import BatchRules, batch_suite

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


STEADY = {"agent_events", "agent_schedules"}
"""Tables of which every day has about as many rows as that weekday before. The others come as it happens: outages and
incidents in bursts, what is done on tickets after a holiday, training by the course, customers on the month's first."""


def rules(table: str, columns: list[str]) -> BatchRules:
    return BatchRules(nulls=tuple(columns), has_weekdays=table in STEADY)


def suite(table: str, columns: list[str], settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    return batch_suite(table, rules(table, columns), settings)
