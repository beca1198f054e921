"""A million intervals in business time, of seconds or of months, through a calendar with lunch and holidays."""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmarks.measuring import measured, settle
from benchmarks.rendering import macro, model
from benchmarks.results import Goal, Section, Table, count, seconds
from hotline.home import PROJECT

GOAL = 5.0
INTERVALS = {"small": 50_000, "full": 1_000_000}
LENGTHS = {"seconds to minutes": 600, "hours to days": 300_000, "months": 12_000_000}
FIRST, LAST = "2023-01-01", "2026-12-31"


def run(work: Path, size: str, runs: int) -> Section:
    """`work` is not used: the intervals are made in memory."""
    settle()
    number = INTERVALS[size]
    measures = [measured("benchmarks.business_time:intervals", number) for _ in range(runs)]
    rows = []
    for name in LENGTHS:
        took = statistics.median(measure.value[name] for measure in measures)
        rows.append([name, seconds(took), count(number / took)])
    prepared = statistics.median(measure.value["calendar"] for measure in measures)
    slowest = max(measure.value[name] for measure in measures for name in LENGTHS)
    return Section(
        "Business time",
        size,
        [Table(f"{count(number)} intervals, median of {runs}", ["length of an interval", "s", "intervals/s"], rows)],
        [Goal(f"{count(number)} intervals, slowest run of any length", GOAL, slowest, " s")],
        [
            f"The calendar of four years, made of seeds and holidays before: {prepared:.2f} s.",
            f"Peak memory of the process: {count(max(measure.peak_mb for measure in measures))} MB.",
        ],
    )


def intervals(number: int) -> dict[str, float]:
    """Seconds for the calendar, and for `number` intervals of each length."""
    import time

    import duckdb

    from hotline.statistics.calendars import holidays_of

    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for name in ("business_calendars", "business_hours", "business_day_overrides", "unit_calendars"):
            path = PROJECT / "seeds" / f"{name}.csv"
            connection.execute(f"create table {name} as from read_csv('{path}', header = true)")
        connection.execute("alter table business_day_overrides alter is_worked type boolean")
        for column in ("opens_minute", "closes_minute"):
            connection.execute(f"alter table business_day_overrides alter {column} type integer")
        connection.execute("alter table business_day_overrides alter day type date")
        public_holidays = holidays_of(connection.execute("from business_calendars").df(), range(2022, 2028))
        connection.register("int_public_holidays", public_holidays)
        connection.execute(
            f"create table int_tickets_loaded as select 'hotline' as source, date '{FIRST}' as first_on,"
            f" date '{LAST}' as deadlines_until_on"
        )
        began = time.perf_counter()
        for name in ("int_unit_days", "int_unit_shifts", "int_business_minutes"):
            connection.execute(f"create table {name} as {model(f'intermediate/business_time/{name}')}")
        took = {"calendar": time.perf_counter() - began}
        joins = " ".join(
            f"left join int_business_minutes as {days} on {macro('on_business_day', days, repr('hotline'), 'unit', at)}"
            for days, at in (("starts", "start_at"), ("ends", "end_at"))
        )
        joins = joins.replace(".unit = unit", ".unit = intervals.unit")
        minutes = (
            f"{macro('business_minutes_until', 'ends', 'end_at')}"
            f" - ({macro('business_minutes_until', 'starts', 'start_at')})"
        )
        for name, length in LENGTHS.items():
            connection.execute("select setseed(0.5)")
            connection.execute(
                "create or replace table intervals as select start_at, unit,"
                f" start_at + to_seconds(random() * {length}) as end_at from (select"
                f" timestamptz '{FIRST} 00:00:00+00' + to_seconds(random() * 80000000) as start_at,"
                f" ['repair', 'centre', 'discipline_office'][1 + i % 3] as unit from range({number}) as numbers (i))"
            )
            began = time.perf_counter()
            connection.execute(f"create or replace table found as select {minutes} as minutes from intervals {joins}")
            took[name] = time.perf_counter() - began
            (unknown,) = connection.execute(
                "select count(*) from found where minutes is null or minutes < 0"
            ).fetchone()
            if unknown:
                raise RuntimeError(f"{unknown} intervals without business time")
    return took
