"""A warehouse as the loader prepares it, filled by hand: raw rows, the control tables, the sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import duckdb

import expectations
from expectations import CheckOutcome
from hotline.home import Home

FIRST = date(2026, 3, 2)
"""A Monday. Nothing is a holiday in UTC."""

CALL = {
    "contact_id": "'C' || day || '-' || number",
    "visit_no": "1",
    "channel": "'phone'",
    "direction": "if(number % 20 = 0, 'outbound', 'inbound')",
    "queue": "'sales'",
    "business_type": "'fault'",
    "customer_id": "'customer ' || number",
    "entered_at": "(day + time '09:00:00' + to_seconds(number * 30))::timestamp at time zone 'UTC'",
    "queued_at": "(day + time '09:00:10' + to_seconds(number * 30))::timestamp at time zone 'UTC'",
    "answered_at": "(day + time '09:00:30' + to_seconds(number * 30))::timestamp at time zone 'UTC'",
    "left_at": "(day + time '09:05:00' + to_seconds(number * 30))::timestamp at time zone 'UTC'",
    "wait_seconds": "(20 + number % 5)::integer",
    "ring_seconds": "if(number % 10 < 8, 5, null)::integer",
    "talk_seconds": "if(number % 10 < 8, 200 + number % 7, null)::integer",
    "hold_seconds": "0",
    "wrap_up_seconds": "if(number % 10 < 8, 30, null)::integer",
    "agent_id": "if(number % 10 < 8, 'agent ' || number % 9, null)",
    "outcome": "case when number % 10 < 8 then 'answered' when number % 10 = 8 then 'abandoned' else 'voicemail' end",
    "ended_by": "'customer'",
    "rating_offered": "number % 10 < 8",
    "rating": "if(number % 3 > 0, 5, null)::integer",
    "language": "'en'",
    "priority": "0",
    "is_simulated": "false",
}
"""Column -> SQL over `day` and `number` (0, 1, … within the day): eight of ten calls are answered."""


@dataclass
class Line:
    """The part of the line around the checks: `land`, `check`, `publish`, day by day."""

    home: Home
    arrivals: int = 0

    def __post_init__(self) -> None:
        with self._open() as connection:
            shape = ", ".join(f"{sql} as {name}" for name, sql in CALL.items())
            connection.execute(
                f"""
                create schema raw; create schema control;
                create table raw.calls as
                select {shape}, '' as _source, '' as _file_id, 0::bigint as _row_number, day as _day, '' as _time_zone
                from (select date '2026-01-01' as day, 0 as number) where false;
                create table control.days (entity varchar, source varchar, day date, files varchar, rows bigint);
                create table control.published_days as from control.days;
                create table control.unpublished_days as select entity, source, day from control.days;
                create table raw.sources (source varchar, entity varchar, time_zone varchar, cadence_hours double,
                    is_closed boolean, label_en varchar, label_zh varchar);
                create table raw.load_ledger (entity varchar, source varchar, status varchar, first_day date,
                    last_day date, is_current boolean, rows_read bigint, rows_rejected bigint);
                """
            )
        self.add_source("hotline")

    def _open(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(self.home.warehouse))
        connection.execute("set timezone = 'UTC'")
        return connection

    def sql(self, query: str) -> list[tuple]:
        with self._open() as connection:
            return connection.execute(query).fetchall()

    def add_source(
        self, source: str, time_zone: str = "UTC", cadence: float | None = 24, is_closed: bool = False
    ) -> None:
        with self._open() as connection:
            connection.execute(
                "insert into raw.sources values (?, 'calls', ?, ?, ?, 'en', 'zh')",
                [source, time_zone, cadence, is_closed],
            )

    def land(self, day: date, rows: int = 1000, source: str = "hotline", **columns: str) -> None:
        """A file with the calls of one day; it replaces an earlier one. `columns`: other SQL than that of `CALL`."""
        self.land_many({day: rows}, source, **columns)

    def land_many(self, days: dict[date, int], source: str = "hotline", **columns: str) -> None:
        """A file per day, day -> rows; otherwise as `land`."""
        files = []
        for day, rows in days.items():
            self.arrivals += 1
            files.append((day, rows, f"{source}/calls/{self.arrivals:08d}-abcdef"))
        chosen = ", ".join(f"{sql} as {name}" for name, sql in {**CALL, **columns}.items())
        with self._open() as connection:
            connection.execute("create temp table landed (day date, rows bigint, file_id varchar)")
            connection.executemany("insert into landed values (?, ?, ?)", files)
            for table, name in (("raw.calls", "_"), ("control.days", "")):
                connection.execute(
                    f"delete from {table} where {name}source = ? and {name}day in (select landed.day from landed)",
                    [source],
                )
            connection.execute(
                f"""
                insert into raw.calls by name
                select {chosen}, $source as _source, file_id as _file_id, number as _row_number, day as _day,
                    'UTC' as _time_zone
                from (select day, file_id, unnest(range(rows)) as number from landed)
                """,
                {"source": source},
            )
            connection.execute(
                "insert into control.days select 'calls', ?, day, file_id, rows from landed where true", [source]
            )
            self._compare(connection)

    def withdraw(self, day: date, source: str = "hotline") -> None:
        with self._open() as connection:
            connection.execute("delete from raw.calls where _source = ? and _day = ?", [source, day])
            connection.execute("delete from control.days where source = ? and day = ?", [source, day])
            connection.execute(
                "insert into raw.load_ledger values ('calls', ?, 'withdrawn', ?, ?, false, 0, 0)", [source, day, day]
            )
            self._compare(connection)

    def publish(self) -> None:
        with self._open() as connection:
            connection.execute("create or replace table control.published_days as from control.days")
            self._compare(connection)

    def change(self, *statements: str) -> None:
        """Something done to the tables by hand."""
        with self._open() as connection:
            for statement in statements:
                connection.execute(statement)
            self._compare(connection)

    def _compare(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(
            """
            create or replace table control.unpublished_days as
            select coalesce(now.entity, old.entity) as entity, coalesce(now.source, old.source) as source,
                coalesce(now.day, old.day) as day
            from control.days as now full join control.published_days as old
                on now.entity = old.entity and now.source = old.source and now.day = old.day
            where now.files is distinct from old.files
            """
        )

    def check(self, day: date) -> dict[str, CheckOutcome]:
        """The outcomes of a run at nine in the morning after `day`, by check id without source and day."""
        now = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=9)
        return {found.check_id: found for found in expectations.run_batch(self.home, now)}

    def history(self, days: int, rows: int = 1000, source: str = "hotline") -> date:
        """Checked and published days, a little restless (five in a hundred); the day after them is returned."""
        self.land_many(
            {FIRST + timedelta(days=number): rows + (number * 37 % 100 - 50) * rows // 1000 for number in range(days)},
            source,
        )
        self.check(FIRST + timedelta(days=days - 1))
        self.publish()
        return FIRST + timedelta(days=days)


def failed(outcomes: dict[str, CheckOutcome]) -> set[str]:
    """Ids of what blocks."""
    return {check_id for check_id, found in outcomes.items() if found.blocks}
