"""What a number of visits says: the visits behind it, each down to file and line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import duckdb

from hotline.explain.counting import Count, countable, counts_for, counts_of, mart_of, number, recount
from hotline.explain.explanation import Explanation, conditions, spoken, value_sql
from hotline.explain.expressions import ExplainError, evaluate
from hotline.home import Home
from hotline.kpis import Kpi
from hotline.landing import line_of

NOUN = "visits"
BY_INTERVAL, BY_DAY, BY_AGENT = "service_level_by_interval", "service_level_by_day", "agent_by_day"

SHOWN_COLUMNS = (
    *("source", "contact_id", "visit_no", "queue", "tier", "interval_start_local", "outcome", "source_outcome"),
    *("wait_seconds", "target_seconds", "short_abandon_seconds", "raw_file_id", "raw_row_number"),
)
"""What is listed of every visit, beside what the measure looks at."""


@dataclass(frozen=True)
class Visit:
    """One listed visit: what the measure looks at, the mart columns that count it, and the landed file it is from."""

    values: Mapping[str, Any]
    counted_in: tuple[str, ...]
    path: str
    home: Home

    @cached_property
    def line(self) -> int | None:
        """Line in the landed file; None when the file was withdrawn and removed since the release was built."""
        try:
            return line_of(self.home, self.values["raw_file_id"], self.values["raw_row_number"])
        except (KeyError, OSError):
            return None

    @property
    def text(self) -> str:
        values = self.values
        wait = "" if values["wait_seconds"] is None else f" after {values['wait_seconds']} s"
        line = "" if self.line is None else f":{self.line}"
        return (
            f"{values['interval_start_local']:%Y-%m-%d %H:%M}  {values['contact_id']} ({values['visit_no']})"
            f"  {values['queue']}, {values['tier']}: {values['outcome']}{wait}"
            f"  counts in {', '.join(self.counted_in)}  [{self.path}{line}]"
        )


def offered(project: dict[str, Any]) -> set[str]:
    """The measures of visits that can be explained."""
    return set().union(*(_offered(project, mart) for mart in _marts_by_day(project)))


def explain_visits(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    project: dict[str, Any],
    measure: str,
    moment: datetime | None,
    day: date | None,
    queue: str | None,
    tier: str | None,
    source: str | None,
    agent: str | None,
) -> Explanation:
    """Explain a measure of `offered`; `moment` is the start of an interval.

    Raises ExplainError for what the marts do not have, or do not divide it by.
    """
    if agent is None:
        mart, of_days = _mart_of(project, measure, moment), BY_DAY
    else:
        mart = of_days = _mart_of_agent(project, measure, {"queue": queue, "interval": moment, "tier": tier})
    if tier is not None and "tier" not in mart_of(project, mart)["columns"]:
        raise ExplainError(f"{measure} is not counted by tier: ask without one")
    kpi = _offered(project, mart)[measure]
    counts = counts_for(kpi, counts_of(project, mart, NOUN))
    slice_ = _slice(connection, queue, tier, source)
    if agent is not None:
        slice_ |= _agent(connection, agent, source)
    slice_ |= _moment(connection, slice_, moment, day, of_days)
    sql, rows_sql = value_sql(kpi, slice_), _visits_sql(list(counts.values()), slice_)
    value, numerator, denominator, mart_rows = connection.execute(sql).fetchone()
    if not mart_rows:
        raise ExplainError(f"no visits in {spoken(slice_)}; {_range_of(connection, slice_, of_days)}")
    visits = _visits(home, connection, rows_sql, counts)
    return Explanation(
        kpi=kpi,
        slice=slice_,
        sql=sql,
        rows_sql=rows_sql,
        value=number(value),
        numerator=number(numerator),
        denominator=number(denominator),
        recounted=recount(kpi, counts, [visit.values for visit in visits]),
        rows=tuple(visits),
        noun=NOUN,
    )


def _marts_by_day(project: dict[str, Any]) -> list[str]:
    """Marts whose rows are sums over visits of a queue and day; the one with the most measures first."""
    return [
        BY_DAY,
        *sorted(
            node["name"]
            for node in project["nodes"].values()
            if node["resource_type"] == "model"
            and node["name"] not in (BY_DAY, BY_INTERVAL)
            and {"queue_id", "day_local"} <= node["columns"].keys()
            and counts_of(project, node["name"], NOUN)
        ),
    ]


def _mart_of(project: dict[str, Any], measure: str, moment: datetime | None) -> str:
    """The mart that carries the measure: by interval where one is asked for."""
    if moment is None:
        return next(mart for mart in _marts_by_day(project) if measure in _offered(project, mart))
    if measure not in _offered(project, BY_INTERVAL):
        raise ExplainError(f"{measure} is counted by day: ask with a day and no interval")
    return BY_INTERVAL


def _mart_of_agent(project: dict[str, Any], measure: str, others: Mapping[str, Any]) -> str:
    """The mart of agents, where it counts the measure by visits."""
    offered = _offered(project, BY_AGENT)
    if measure not in offered:
        raise ExplainError(f"{measure}: no such measure of an agent's visits; there are: {', '.join(sorted(offered))}")
    asked = sorted(name for name, value in others.items() if value is not None)
    if asked:
        raise ExplainError(f"an agent's day is not divided by {' or '.join(asked)}: ask without")
    return BY_AGENT


def _offered(project: dict[str, Any], mart: str) -> dict[str, Kpi]:
    return countable(mart_of(project, mart), counts_of(project, mart, NOUN))


def _slice(
    connection: duckdb.DuckDBPyConnection, queue: str | None, tier: str | None, source: str | None
) -> dict[str, Any]:
    """Conditions on columns that both marts and fct_queue_visit have, checked against what there is."""
    slice_: dict[str, Any] = {}
    queues = connection.execute("select queue_id, source, queue from marts.dim_queue order by queue_id").fetchall()
    sources = sorted({row[1] for row in queues})
    if source is not None:
        if source not in sources:
            raise ExplainError(f"{source}: no such source; there are: {', '.join(sources)}")
        slice_["source"] = source
    if queue is not None:
        found = [row for row in queues if queue in (row[0], row[2]) and source in (None, row[1])]
        if not found:
            raise ExplainError(f"{queue}: no such queue; there are: {', '.join(row[0] for row in queues)}")
        if len(found) > 1:
            raise ExplainError(f"{queue}: several queues are called so: {', '.join(row[0] for row in found)}")
        slice_["queue_id"] = found[0][0]
    if tier is not None:
        tiers = [
            row[0] for row in connection.execute(f"select distinct tier from marts.{BY_DAY} order by 1").fetchall()
        ]
        if tier not in tiers:
            raise ExplainError(f"{tier}: no such tier; there are: {', '.join(tiers)}")
        slice_["tier"] = tier
    return slice_


def _agent(connection: duckdb.DuckDBPyConnection, agent: str, source: str | None) -> dict[str, Any]:
    agents = connection.execute("select agent_id, source, agent from marts.dim_agent order by agent_id").fetchall()
    found = [row for row in agents if agent in (row[0], row[2]) and source in (None, row[1])]
    if not found:
        raise ExplainError(f"{agent}: no such agent; marts.dim_agent lists the {len(agents)} there are")
    if len(found) > 1:
        raise ExplainError(f"{agent}: several agents are called so: {', '.join(row[0] for row in found)}")
    return {"agent_id": found[0][0]}


def _moment(
    connection: duckdb.DuckDBPyConnection,
    slice_: dict[str, Any],
    interval: datetime | None,
    day: date | None,
    mart: str,
) -> dict[str, Any]:
    if interval is not None:
        return {"interval_start_local" if interval.tzinfo is None else "interval_start_at": interval}
    if day is None:
        where = conditions(slice_)
        # Calls of the last landed day may have joined a queue after its midnight: they alone make no day to look at.
        landed = "select max(day_local) from marts.reconciliation where compared_with = 'landed files'"
        day = connection.execute(
            f"select max(day_local) from marts.{mart}{where}"
            f" {'and' if where else 'where'} day_local <= ({landed} and expected_visits > 0)"
        ).fetchone()[0]
        if day is None:
            raise ExplainError(f"no visits in {spoken(slice_)}")
    return {"day_local": day}


def _range_of(connection: duckdb.DuckDBPyConnection, slice_: Mapping[str, Any], mart: str) -> str:
    lasting = {name: value for name, value in slice_.items() if name in ("source", "queue_id", "tier", "agent_id")}
    first, last = connection.execute(
        f"select min(day_local), max(day_local) from marts.{mart}{conditions(lasting)}"
    ).fetchone()
    return f"{spoken(lasting)} has visits from {first} to {last}"


def _visits_sql(counts: list[Count], slice_: Mapping[str, Any]) -> str:
    """Every visit of the slice that any column of the KPI counts. In fct_queue_visit the day is called arrival_on."""
    looked_at = sorted(set().union(*(count.columns for count in counts)) - set(SHOWN_COLUMNS))
    columns = ", ".join([*SHOWN_COLUMNS, *looked_at])
    counted = " or ".join(dict.fromkeys(f"({count.where})" for count in counts))
    where = conditions(slice_, {"day_local": "arrival_on"})
    return (
        f"select {columns}\nfrom marts.fct_queue_visit{where}\n"
        f"{'  and' if where else 'where'} ({counted})\norder by interval_start_at, contact_id, visit_no"
    )


def _visits(home: Home, connection: duckdb.DuckDBPyConnection, sql: str, counts: Mapping[str, Count]) -> list[Visit]:
    paths = dict(connection.execute("select file_id, path from marts.load_ledger").fetchall())
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    visits = []
    for row in cursor.fetchall():
        values = dict(zip(names, row, strict=True))
        counted_in = tuple(name for name, count in counts.items() if evaluate(count.where, values))
        path = paths.get(values["raw_file_id"], values["raw_file_id"])
        visits.append(Visit(values, counted_in, path, home))
    return visits
