"""The profile of the new batch, computed by DuckDB from the rows of the unpublished days.

What is kept, in schema `checks` of the warehouse:

- `profiled_days`: which day was profiled with which content (`files`) under which rules. A day is read once; a run
  that was blocked and is started again reads nothing.
- `shares_by_day`: per day and check the rows that count (`base`) and those that have it (`hits`): the recent past of
  later days, so that no earlier day is ever read again.
- `batch_profile`: per file, day and column of the newest days of the last batch what Data Docs show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import duckdb
import pandas as pd

from expectations.outcome import CheckError
from expectations.rules import ALWAYS, BatchRules, Share, literal, quoted

TABLES = """
create schema if not exists checks;
create table if not exists checks.profiled_days (
    entity varchar, source varchar, day date, files varchar, rules varchar, was_over boolean, profiled_at timestamptz);
create table if not exists checks.shares_by_day (
    entity varchar, source varchar, day date, check_name varchar, base bigint, hits bigint);
create table if not exists checks.batch_profile (
    entity varchar, source varchar, file_id varchar, day date, column_name varchar, column_type varchar,
    row_count bigint, nulls bigint, distinct_values bigint, lowest varchar, highest varchar,
    p05 double, p50 double, p95 double, allowed_share double);
"""

PROFILED_DAYS = 30
"""Newest days of a batch whose columns are profiled: distinct values and quantiles of years of history help nobody."""

SIMULATED = Share("is_simulated", "is_simulated")
"""Kept beside the checks: simulated calls do not age."""


def shares(rules: BatchRules, columns: Iterable[str], latest: datetime) -> list[Share]:
    """Everything counted per day; `latest` is the last instant that is no future."""
    found = [
        *rules.null_shares(),
        *rules.value_shares(),
        *rules.range_shares(),
        *rules.leaver_shares(),
        *rules.future_shares(f"timestamptz {literal(latest.isoformat())}"),
    ]
    return [*found, SIMULATED] if "is_simulated" in columns else found


def view_columns(connection: duckdb.DuckDBPyConnection, entity: str) -> dict[str, str]:
    """Column -> DuckDB type of the raw view, without the loader's own (`_source`, …)."""
    described = connection.execute(f"describe raw.{quoted(entity)}").fetchall()
    return {name: kind for name, kind, *_ in described if not name.startswith("_")}


def profile(
    connection: duckdb.DuckDBPyConnection, entity: str, rules: BatchRules, latest: datetime, now: datetime
) -> None:
    """Profile the unpublished days of `entity` that are not known yet with this content.

    Raises CheckError when the raw view lacks rows of such a day: it must never pass for an empty one.
    """
    columns = view_columns(connection, entity)
    watched = shares(rules, columns, latest)
    # `latest` moves with the clock and is no change of the rules.
    fingerprint = hashlib.sha256(repr((rules, sorted(columns.items()))).encode()).hexdigest()[:12]
    connection.execute(
        """
        create or replace temp table days_to_profile as
        select days.source, days.day, days.files, days.rows, sources.time_zone
        from control.unpublished_days as unpublished
        join control.days as days using (entity, source, day)
        left join raw.sources as sources on sources.source = days.source and sources.entity = days.entity
        where entity = $entity and days.rows > 0 and not exists (
            from checks.profiled_days as known
            where known.entity = $entity and known.source = days.source and known.day = days.day
              and known.files = days.files and known.rules = $rules)
        """,
        {"entity": entity, "rules": fingerprint},
    )
    days = connection.execute("from days_to_profile order by source, day").fetchall()
    connection.execute(
        """
        delete from checks.batch_profile as old where entity = $entity and (
            exists (from days_to_profile as new where new.source = old.source and new.day = old.day)
            or not exists (
                from control.unpublished_days as kept
                where kept.entity = $entity and kept.source = old.source and kept.day = old.day))
        """,
        {"entity": entity},
    )
    if not days:
        return
    counted = connection.execute(_shares_sql(entity, watched)).df()
    _require_complete(entity, days, counted)
    columns_of_files = connection.execute(_columns_sql(entity, rules, columns)).df()
    connection.execute("begin")
    _insert(connection, "batch_profile", _by_column(entity, columns, columns_of_files))
    connection.execute(
        "delete from checks.shares_by_day using days_to_profile as new "
        "where entity = ? and shares_by_day.source = new.source and shares_by_day.day = new.day",
        [entity],
    )
    _insert(connection, "shares_by_day", _by_check(entity, watched, counted))
    connection.execute(
        "delete from checks.profiled_days using days_to_profile as new "
        "where entity = ? and profiled_days.source = new.source and profiled_days.day = new.day",
        [entity],
    )
    known = pd.DataFrame(
        [
            (entity, source, day, files, fingerprint, is_over(day, zone, now), now)
            for source, day, files, _, zone in days
        ],
        columns=["entity", "source", "day", "files", "rules", "was_over", "profiled_at"],
    )
    _insert(connection, "profiled_days", known)
    connection.execute("commit")


def is_over(day: date, time_zone: str | None, now: datetime) -> bool:
    """Whether the local day has ended: until then its volume is not too small, only unfinished."""
    return now >= end_of(day, time_zone)


def end_of(day: date, time_zone: str | None) -> datetime:
    """The instant at which the local day ends."""
    from zoneinfo import ZoneInfo

    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time())
    return midnight.replace(tzinfo=ZoneInfo(time_zone) if time_zone else UTC)


def mark_over(connection: duckdb.DuckDBPyConnection, judged: Iterable[tuple[str, str, date]], now: datetime) -> None:
    """Note that these days (entity, source, day) were judged in full, where they are over: no need to come back."""
    zones = {
        (entity, source): zone
        for entity, source, zone in connection.execute("select entity, source, time_zone from raw.sources").fetchall()
    }
    done = [(entity, source, day) for entity, source, day in judged if is_over(day, zones.get((entity, source)), now)]
    if done:
        connection.register("done", pd.DataFrame(done, columns=["entity", "source", "day"]))
        connection.execute(
            "update checks.profiled_days set was_over = true where not was_over and (entity, source, day) in "
            "(select (entity, source, day::date) from done)"
        )
        connection.unregister("done")


def _shares_sql(entity: str, watched: list[Share]) -> str:
    """One row per source and day: its rows, and base and hits of each share. A day may come from several files."""
    aggregates = ["count(*) as row_count"]
    for number, share in enumerate(watched):
        base = "count(*)" if share.base == ALWAYS else f"count(*) filter ({share.base})"
        condition = share.hit if share.base == ALWAYS else f"({share.base}) and ({share.hit})"
        aggregates += [f"{base} as base_{number}", f"count(*) filter ({condition}) as hits_{number}"]
    listed = ",\n    ".join(aggregates)
    return f"""
select _source as source, _day as day,
    {listed}
from raw.{quoted(entity)}
semi join days_to_profile as wanted on wanted.source = _source and wanted.day = _day
group by all order by all"""


def _columns_sql(entity: str, rules: BatchRules, columns: dict[str, str]) -> str:
    """One row per source, file and day of the newest days, all columns side by side."""
    aggregates = ["count(*) as row_count"]
    for number, (column, kind) in enumerate(columns.items()):
        name = quoted(column)
        aggregates += [f"count({name}) as filled_{number}", f"approx_count_distinct({name}) as distinct_{number}"]
        # Lowest and highest of a text are somebody's name or number sooner or later.
        if kind != "VARCHAR" and rules.extremes:
            aggregates += [f"min({name})::varchar as lowest_{number}", f"max({name})::varchar as highest_{number}"]
            if column in rules.ranges:
                aggregates.append(f"approx_quantile({name}, [0.05, 0.5, 0.95])::double[] as quantiles_{number}")
        if column in rules.values:
            values = ", ".join(map(literal, rules.values[column]))
            aggregates.append(f"count(*) filter ({name} in ({values})) as allowed_{number}")
    listed = ",\n    ".join(aggregates)
    return f"""
select _source as source, _file_id as file_id, _day as day,
    {listed}
from raw.{quoted(entity)}
semi join (
    from days_to_profile qualify dense_rank() over (partition by source order by day desc) <= {PROFILED_DAYS}
) as wanted on wanted.source = _source and wanted.day = _day
group by all order by all"""


def _require_complete(entity: str, days: list[tuple], counted: pd.DataFrame) -> None:
    found = counted.set_index(["source", "day"])["row_count"].to_dict()
    for source, day, _, rows, _ in days:
        seen = int(found.get((source, pd.Timestamp(day)), 0))
        if seen != rows:
            raise CheckError(
                f"raw.{entity} shows {seen:,} rows of {source} on {day}, control.days says {rows:,}: "
                "prepare the warehouse again with 'hotline rebuild'"
            )


def _by_column(entity: str, columns: dict[str, str], measured: pd.DataFrame) -> pd.DataFrame:
    profiled = []
    for row in measured.to_dict("records"):
        for number, (column, kind) in enumerate(columns.items()):
            filled, total = row[f"filled_{number}"], row["row_count"]
            quantiles = row.get(f"quantiles_{number}")
            low, mid, high = quantiles if quantiles is not None and filled else (None, None, None)
            allowed = row[f"allowed_{number}"] / filled if filled and f"allowed_{number}" in row else None
            profiled.append(
                {
                    "entity": entity,
                    "source": row["source"],
                    "file_id": row["file_id"],
                    "day": row["day"],
                    "column_name": column,
                    "column_type": kind,
                    "row_count": total,
                    "nulls": total - filled,
                    "distinct_values": row[f"distinct_{number}"],
                    "lowest": row.get(f"lowest_{number}"),
                    "highest": row.get(f"highest_{number}"),
                    "p05": low,
                    "p50": mid,
                    "p95": high,
                    "allowed_share": allowed,
                }
            )
    return pd.DataFrame(profiled)


def _by_check(entity: str, watched: list[Share], counted: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(
        pd.DataFrame(
            {
                "entity": entity,
                "source": counted["source"],
                "day": counted["day"],
                "check_name": share.check,
                "base": counted[f"base_{number}"],
                "hits": counted[f"hits_{number}"],
            }
        )
        for number, share in enumerate(watched)
    )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pd.DataFrame) -> None:
    connection.register("new_rows", rows)
    connection.execute(f"insert into checks.{table} by name from new_rows")
    connection.unregister("new_rows")
