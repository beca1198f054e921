"""What a number of tickets says: the steps, or the tickets open in the evening, behind it, one by one.

Columns of the marts of `FACTS` say in `config.meta` which rows they count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from hotline.explain.counting import Count, countable, counts_for, counts_of, mart_of, number, recount
from hotline.explain.explanation import Explanation, literal, spoken, value_sql
from hotline.explain.expressions import ExplainError, evaluate
from hotline.kpis import Kpi


@dataclass(frozen=True)
class Fact:
    """What stands behind a mart: the rows of `table` for which `on_day` holds, `{day}` being the day, in an order."""

    noun: str
    table: str
    columns: tuple[str, ...]
    on_day: str
    order_by: str


FACTS = {
    "ticket_step_timeliness": Fact(
        "steps",
        "fct_ticket_step",
        (
            *("source", "ticket_id", "step", "variant", "round_no", "kind", "department", "is_lead", "state"),
            *("started_local", "due_local", "ended_local", "step_business_minutes"),
        ),
        "day_local = {day}",
        "due_local, ticket_id, step, variant, round_no",
    ),
    "ticket_backlog_by_day": Fact(
        "tickets",
        "fct_ticket_status",
        (
            *("source", "ticket_id", "kind", "department", "status", "held_by", "is_closed", "opened_on"),
            "entered_local",
            "date_diff('day', opened_on, {day}) as age_days",
            "date_diff('day', opened_on, {day}) between 8 and 30 as is_8_to_30_days_old",
            "date_diff('day', opened_on, {day}) > 30 as is_over_30_days_old",
        ),
        # By the stretch of its life that lasts over the end of the day.
        "not is_closed and entered_on <= {day} and (left_on is null or left_on > {day})",
        "opened_on, ticket_id",
    ),
}


@dataclass(frozen=True)
class TicketRow:
    """One listed step or ticket, and the mart columns that count it."""

    values: Mapping[str, Any]
    counted_in: tuple[str, ...]

    @property
    def text(self) -> str:
        values = self.values
        who = f"{values['ticket_id']}  {values['kind']}, {values['department']}"
        if "step" in values:
            ended = "not done" if values["ended_local"] is None else f"done {values['ended_local']:%Y-%m-%d %H:%M}"
            limit = "no limit" if values["due_local"] is None else f"due {values['due_local']:%Y-%m-%d %H:%M}"
            what = f"{values['step']} ({values['variant']}): {limit}, {ended}, {values['state']}"
        else:
            what = f"open since {values['opened_on']}, {values['age_days']} days, {values['status']}"
        return f"{who}  {what}  counts in {', '.join(self.counted_in)}"


def offered(project: dict[str, Any]) -> dict[str, Kpi]:
    """The measures of tickets that can be explained, by name."""
    return {
        name: kpi
        for mart, fact in FACTS.items()
        for name, kpi in countable(mart_of(project, mart), counts_of(project, mart, fact.noun)).items()
    }


def explain_tickets(
    connection: duckdb.DuckDBPyConnection,
    project: dict[str, Any],
    kpi: Kpi,
    slice_: Mapping[str, str],
    day: date | None,
) -> Explanation:
    """Explain one of `offered` on a day, the last loaded one by default; `slice_`: source, department or kind.

    Raises ExplainError for a value or a day that the mart does not have.
    """
    fact = FACTS[kpi.mart]
    counts = counts_for(kpi, counts_of(project, kpi.mart, fact.noun))
    for name, value in slice_.items():
        known = [row[0] for row in connection.execute(f"select distinct {name} from {kpi.table} order by 1").fetchall()]
        if value not in known:
            raise ExplainError(f"{value}: no such {name}; there are: {', '.join(known)}")
    if day is None:
        day = connection.execute("select max(day_local) from marts.ticket_backlog_by_day").fetchone()[0]
    where = dict(slice_) | {"day_local": day}
    sql = value_sql(kpi, where)
    value, numerator, denominator, rows = connection.execute(sql).fetchone()
    if not rows:
        first, last = connection.execute(f"select min(day_local), max(day_local) from {kpi.table}").fetchone()
        raise ExplainError(f"no {fact.noun} in {spoken(where)}; {kpi.mart} goes from {first} to {last}")
    rows_sql = _rows_sql(fact, counts, slice_, day)
    cursor = connection.execute(rows_sql)
    names = [column[0] for column in cursor.description]
    listed = []
    for row in cursor.fetchall():
        values = dict(zip(names, row, strict=True))
        counted_in = tuple(name for name, count in counts.items() if evaluate(count.where, values))
        listed.append(TicketRow(values, counted_in))
    return Explanation(
        kpi=kpi,
        slice=where,
        sql=sql,
        rows_sql=rows_sql,
        value=number(value),
        numerator=number(numerator),
        denominator=number(denominator),
        recounted=recount(kpi, counts, [row.values for row in listed]),
        rows=tuple(listed),
        noun=fact.noun,
    )


def _rows_sql(fact: Fact, counts: Mapping[str, Count], slice_: Mapping[str, str], day: date) -> str:
    """Every row of the slice that any column of the measure counts."""
    of_day = {"day": literal(day)}
    columns = ", ".join(fact.columns).format_map(of_day)
    conditions = " and ".join(
        [fact.on_day.format_map(of_day), *(f"{name} = {literal(value)}" for name, value in slice_.items())]
    )
    matched = " or ".join(dict.fromkeys(f"({count.where})" for count in counts.values()))
    return (
        f"select * from (\n  select {columns}\n  from marts.{fact.table}\n  where {conditions}\n)\n"
        f"where ({matched})\norder by {fact.order_by}"
    )
