"""What is judged of the tables about to be published: small aggregates of the unpublished days, and the dimensions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb

from expectations import people
from expectations.measures import Measurement, Settings
from expectations.outcome import CheckError
from expectations.rules import literal
from hotline.home import Home

DIMENSIONS = (
    "dim_date",
    "dim_interval",
    "dim_queue",
    "dim_agent",
    "dim_team",
    "dim_customer",
    "dim_business_type",
)

VISIT_ENTITIES = ("calls", "bank_1999_calls")
"""Landed tables of which each row becomes one queue visit."""

ROW_FOR_ROW = {
    "fct_ticket_event": (("ticket_events",), "day_local"),
    "fct_quality_review": (("quality_reviews",), "day_local"),
}
"""Published table: the landed tables of which each row becomes one of its rows, and its day."""

LANDED = """
    select source, day, sum(days.rows)::bigint as row_count
    from control.unpublished_days join control.days as days using (entity, source, day)
    where entity = any($entities) and days.rows > 0 group by all order by all
"""
"""Rows that landed per source and unpublished day, of some landed tables."""

Found = tuple[str, str, list[Measurement]]
"""Table, its module in `suites`, measurements."""


def measure(connection: duckdb.DuckDBPyConnection, home: Home, limits: Settings) -> list[Found]:
    """Everything that the suites of published tables judge.

    Opens the build's operations.duckdb read-only beside the warehouse. Raises CheckError when a table is not there.
    """
    if not home.operations.exists():
        raise CheckError(f"{home.operations} is not there: nothing has been built yet")
    connection.execute(f"attach {literal(str(home.operations))} as operations (read_only)")
    try:
        connection.execute(f"create or replace temp table landed as {LANDED}", {"entities": list(VISIT_ENTITIES)})
        return [
            ("fct_queue_visit", "fct_queue_visit", list(_visits(connection, limits))),
            ("fct_contact", "fct_contact", list(_contacts(connection, limits))),
            ("service_level_by_interval", "service_level_by_interval", list(_by_interval(connection))),
            ("service_level_by_day", "service_level_by_day", list(_by_day(connection))),
            *(
                (table, "row_for_row", list(_row_for_row(connection, table, entities, day)))
                for table, (entities, day) in ROW_FOR_ROW.items()
            ),
            *((table, "dimension", list(_not_empty(connection, table))) for table in DIMENSIONS),
            *people.measure(connection, home, limits),
        ]
    except duckdb.CatalogException as error:
        raise CheckError(f"{home.operations}: {str(error).splitlines()[0]}") from error
    finally:
        connection.execute("detach operations")


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[dict[str, Any]]:
    """One row per unpublished source and day, as column -> value."""
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return (dict(zip(names, row, strict=True)) for row in found.fetchall())


def _visits(connection: duckdb.DuckDBPyConnection, limits: Settings) -> Iterator[Measurement]:
    query = """
        select landed.source, landed.day, any_value(landed.row_count) as landed, count(visits.source) as visits,
            count(*) filter (visits.wait_seconds not between 0 and 86400) as odd_waits,
            count(*) filter (visits.handle_seconds not between 0 and 86400) as odd_handling
        from landed
        left join operations.marts.fct_queue_visit as visits
            on visits.source = landed.source and visits.arrival_on = landed.day
            -- The days stand in order of time in the file: a plain range lets it skip the others.
            and visits.arrival_on between (select min(day) from landed) and (select max(day) from landed)
        group by all order by all"""
    for row in _rows(connection, query):
        where = (row["source"], row["day"])
        landed, visits = row["landed"], row["visits"]
        expected = f"about as many as landed rows: {landed:,}"
        ratio = _per_landed(visits, landed, limits)
        yield Measurement("visits_of_landed", *where, ratio, f"{visits:,} visits", expected)
        for check, count, what in (
            ("wait_seconds", row["odd_waits"], "waits"),
            ("handle_seconds", row["odd_handling"], "handle times"),
        ):
            if visits:
                seen = f"{count:,} of {visits:,} {what} below zero or longer than a day"
                odd = count / visits if count > limits["ranges"]["values_let_through"] else 0.0
                yield Measurement(f"range.{check}", *where, odd, seen, "hardly any")


def _contacts(connection: duckdb.DuckDBPyConnection, limits: Settings) -> Iterator[Measurement]:
    query = """
        select landed.source, landed.day, any_value(landed.row_count) as landed, count(contacts.source) as contacts
        from landed
        left join operations.marts.fct_contact as contacts
            on contacts.source = landed.source and contacts.arrival_on = landed.day
            and contacts.arrival_on between (select min(day) from landed) and (select max(day) from landed)
        group by all order by all"""
    for row in _rows(connection, query):
        landed, contacts = row["landed"], row["contacts"]
        expected = f"some, and hardly more than the {landed:,} landed visits"
        ratio = _per_landed(contacts, landed, limits)
        yield Measurement("contacts_of_landed", row["source"], row["day"], ratio, f"{contacts:,} contacts", expected)


def _row_for_row(
    connection: duckdb.DuckDBPyConnection, table: str, entities: tuple[str, ...], day: str
) -> Iterator[Measurement]:
    landed = connection.execute(LANDED, {"entities": list(entities)}).fetchall()
    if not landed:
        return
    counted = connection.execute(
        f"select source, {day}, count(*) from operations.marts.{table} where {day} = any($days) group by all",
        {"days": sorted({day for _, day, _ in landed})},
    ).fetchall()
    rows = {(source, day): count for source, day, count in counted}
    for source, on, expected in landed:
        found = rows.get((source, on), 0)
        observed = f"{found:,} rows"
        yield Measurement("rows_of_landed", source, on, float(found - expected), observed, f"{expected:,}, as landed")


def _per_landed(count: int, landed: int, limits: Settings) -> float:
    """Ratio, 1 where the difference is a matter of a few rows: what arrives at midnight may stand on the next day."""
    return 1.0 if abs(count - landed) <= limits["published"]["rows_of_leeway"] else count / landed


def _by_interval(connection: duckdb.DuckDBPyConnection) -> Iterator[Measurement]:
    query = """
        with intervals as (
            select source, day_local as day, sum(offered) as offered, max(longest_wait_seconds) as longest
            from operations.marts.service_level_by_interval semi join landed using (source)
            where day_local in (select day from landed) group by all
        ), days as (
            select source, day_local as day, sum(offered) as offered
            from operations.marts.service_level_by_day semi join landed using (source)
            where day_local in (select day from landed) group by all
        )
        select source, day, coalesce(intervals.offered, 0)::bigint as in_intervals,
            coalesce(days.offered, 0)::bigint as in_day, coalesce(longest, 0)::bigint as longest
        from landed left join intervals using (source, day) left join days using (source, day) order by all"""
    for row in _rows(connection, query):
        where = (row["source"], row["day"])
        yield Measurement(
            "offered_as_in_day",
            *where,
            float(row["in_intervals"] - row["in_day"]),
            f"{row['in_intervals']:,} offered in all intervals",
            f"{row['in_day']:,}, as in service_level_by_day",
        )
        longest = f"a longest wait of {row['longest']:,} seconds"
        yield Measurement("longest_wait", *where, float(row["longest"]), longest, "0 to 86,400 seconds")


def _by_day(connection: duckdb.DuckDBPyConnection) -> Iterator[Measurement]:
    query = """
        select landed.source, landed.day,
            coalesce(sum(offered), 0)::bigint as offered, coalesce(sum(answered), 0)::bigint as answered,
            coalesce(sum(abandoned), 0)::bigint as abandoned,
            coalesce(sum(answered_within_target), 0)::bigint as in_time,
            (sum(wait_seconds_answered) / nullif(sum(answered), 0))::double as speed_of_answer
        from landed left join operations.marts.service_level_by_day as marts
            on marts.source = landed.source and marts.day_local = landed.day
        group by all order by all"""
    for row in _rows(connection, query):
        where = (row["source"], row["day"])
        for check, part, whole, expected in (
            ("answered_of_offered", "answered", row["offered"], "no more answered than offered"),
            ("service_level", "in_time", row["answered"] + row["abandoned"], "a share between 0 and 1"),
        ):
            if whole:
                observed = f"{row[part]:,} of {whole:,}"
                yield Measurement(check, *where, row[part] / whole, observed, expected)
        if row["speed_of_answer"] is not None:
            observed = f"{row['speed_of_answer']:,.0f} seconds on average"
            yield Measurement("speed_of_answer", *where, row["speed_of_answer"], observed, "0 to 86,400 seconds")
    yield from _freshness(connection)


def _freshness(connection: duckdb.DuckDBPyConnection) -> Iterator[Measurement]:
    """The published tables reach as far as what has landed."""
    query = """
        with landed as (
            select source, max(day) as day from control.days
            where entity = any($visits) and days.rows > 0 group by all
        ), marts as (select source, max(day_local) as day from operations.marts.service_level_by_day group by all)
        select landed.source, landed.day, marts.day from landed left join marts using (source) order by all"""
    rows: list[tuple[str, date, date | None]] = connection.execute(query, {"visits": list(VISIT_ENTITIES)}).fetchall()
    for source, landed, newest in rows:
        behind = float((landed - newest).days) if newest else 1e6
        observed = f"rows up to {newest}" if newest else "no row at all"
        yield Measurement("freshness", source, landed, behind, observed, f"rows up to {landed}, as far as has landed")


def _not_empty(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[Measurement]:
    (rows,) = connection.execute(f"select count(*) from operations.marts.{table}").fetchone()
    has_landed = connection.execute(
        "select exists (from control.days where entity = any($visits) and days.rows > 0)",
        {"visits": list(VISIT_ENTITIES)},
    ).fetchone()[0]
    # Where no call has ever landed, there is nothing to describe.
    if rows or has_landed:
        yield Measurement("not_empty", "", None, float(rows), f"{rows:,} rows", "at least one")
