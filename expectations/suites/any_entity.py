"""A landed table without a suite of its own: its volume, and the share of empty values of each column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import BatchRules, batch_suite

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def rules(columns: list[str]) -> BatchRules:
    return BatchRules(nulls=tuple(columns), has_weekdays="month" not in columns)


def suite(table: str, columns: list[str], settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    return batch_suite(table, rules(columns), settings)
