"""What is measured of a new batch, and the expectations that judge the measurements.

A suite judges a small frame with one column per kind of check and one row per measurement. Most of the numbers are
distances from the recent past in robust standard deviations, so that one limit of `settings.yml` fits every centre.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.expectations import ExpectColumnValuesToBeBetween

DAY = 24 * 60 * 60
"""Seconds."""

ALWAYS = "true"


@dataclass(frozen=True)
class Share:
    """A share of rows: of those where `base` holds, how many have `hit`. Both are SQL over the raw view.

    `check` is `<kind>.<subject>`.
    """

    check: str
    hit: str
    base: str = ALWAYS


@dataclass(frozen=True)
class BatchRules:
    """The columns of an entity that are watched.

    nulls         columns whose share of empty values is compared with the recent past
    nulls_where   the same among the rows of a condition (SQL): the talk time of answered calls
    values        column -> its values, the share of each is compared with the recent past
    values_among  column -> the condition (SQL) of the rows whose values count, where not all do
    ranges        column -> lowest and highest possible value, in the column's unit
    not_in_future columns of type TIMESTAMPTZ
    has_weekdays  a day has about as many rows as the same weekday before: not so where a month's rows come on its first
    is_daily      rows are due on every opening day: missing days and a stale source are findings
    is_snapshot   each day is a list of everybody: compared with the lists before it, however far they lie back
    leavers       the condition (SQL) of the rows of a snapshot that are of people who have just left
    extremes      lowest and highest number and time of each column may be shown: nothing personal among them
    """

    nulls: tuple[str, ...] = ()
    nulls_where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values_among: dict[str, str] = field(default_factory=dict)
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    not_in_future: tuple[str, ...] = ()
    has_weekdays: bool = True
    is_daily: bool = False
    is_snapshot: bool = False
    leavers: str | None = None
    extremes: bool = False

    def null_shares(self) -> Iterator[Share]:
        for base, columns in {ALWAYS: self.nulls, **self.nulls_where}.items():
            for column in columns:
                yield Share(f"nulls.{column}", f"{quoted(column)} is null", base)

    def value_shares(self) -> Iterator[Share]:
        for column, values in self.values.items():
            for value in values:
                base = self.values_among.get(column, ALWAYS)
                yield Share(f"{column}.{value}", f"{quoted(column)} = {literal(value)}", base)

    def range_shares(self) -> Iterator[Share]:
        for column, (low, high) in self.ranges.items():
            name = quoted(column)
            yield Share(f"range.{column}", f"{name} not between {low} and {high}", f"{name} is not null")

    def leaver_shares(self) -> Iterator[Share]:
        if self.leavers:
            yield Share("leavers", self.leavers)

    def future_shares(self, latest: str) -> Iterator[Share]:
        """`latest` is the SQL of the last instant that is no future."""
        for column in self.not_in_future:
            yield Share(f"future.{column}", f"{quoted(column)} > {latest}")


def between(
    kind: str, description: str, min_value: float | None = None, max_value: float | None = None
) -> ExpectColumnValuesToBeBetween:
    """The expectation that column `kind` of the judged frame is within the limits; `description` is for people."""
    from great_expectations.expectations import ExpectColumnValuesToBeBetween

    return ExpectColumnValuesToBeBetween(column=kind, min_value=min_value, max_value=max_value, description=description)


def batch_suite(table: str, rules: BatchRules, settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    """The suite of one landed table."""
    from great_expectations import ExpectationSuite

    volume, nulls, values = (settings[section]["limit"] for section in ("volume", "nulls", "outcomes"))
    expectations = [
        between("volume_by_weekday", "as many rows as on this weekday before", -volume, volume),
        between("nulls", "not empty more often than lately", max_value=nulls),
        between("rejected", "hardly any row breaks the contract", max_value=settings["rejected"]["share"]),
    ]
    expectations += [between(column, f"{column} as often as lately", -values, values) for column in rules.values]
    if rules.ranges:
        expectations.append(between("range", "within what is possible", max_value=settings["ranges"]["share_outside"]))
    if rules.not_in_future:
        expectations.append(between("future", "not in the future", max_value=0))
    if rules.is_snapshot:
        change, leavers = (settings["snapshots"][name] for name in ("change", "leavers"))
        expectations.append(between("headcount", "about as many people as in the list before", -change, change))
        if rules.leavers:
            expectations.append(between("leavers", "not too many have just left", max_value=leavers))
    if rules.is_daily:
        expectations += [
            # More often there than not on this weekday: then it is missed.
            between("missing_day", "no day is missing that usually has rows", max_value=0.5),
            between("freshness", "the newest day is not too old", max_value=settings["freshness"]["cadences"]),
        ]
    return ExpectationSuite(name=table, expectations=expectations)


def quoted(name: str) -> str:
    """The SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """The SQL string."""
    return "'" + value.replace("'", "''") + "'"
