"""What a number says, how it was made, and the contacts or tickets behind it, contacts down to file and line.

`explain` looks a measure up in the marts' own declarations (`hotline.kpis`), reads its value from the published mart,
lists every queue visit that it counts, and counts it again from that list in plain Python, to compare the two.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from hotline.building import manifest
from hotline.home import Home
from hotline.kpis import Kpi, kpis_of
from hotline.landing import line_of

if TYPE_CHECKING:
    from hotline.explain_tickets import TicketRow

BY_INTERVAL, BY_DAY, BY_AGENT = "service_level_by_interval", "service_level_by_day", "agent_by_day"
INTERVAL = timedelta(minutes=15)

SHOWN_COLUMNS = (
    *("source", "contact_id", "visit_no", "queue", "tier", "interval_start_local", "outcome", "source_outcome"),
    *("wait_seconds", "target_seconds", "short_abandon_seconds", "raw_file_id", "raw_row_number"),
)
"""What is listed of every visit, beside what the measure looks at."""


class ExplainError(ValueError):
    """The question can't be answered as asked; the message says what can be."""


@dataclass(frozen=True)
class Count:
    """How a mart column counts visits: `aggregate` (sum, count or max) of `value` (1 when None) where `where` holds."""

    where: str
    value: str | None = None
    aggregate: str = "sum"

    def over(self, visits: Iterable[Mapping[str, Any]]) -> Any:
        """The column's value for these visits, without the database."""
        counted = [visit for visit in visits if evaluate(self.where, visit)]
        if self.value is None:
            return len(counted)
        values = [visit[self.value] for visit in counted if visit[self.value] is not None]
        if self.aggregate == "count":
            return len(values)
        if self.aggregate == "max":
            return max(values, default=None)
        return sum(values)

    @property
    def columns(self) -> set[str]:
        """Columns of fct_queue_visit that the count looks at."""
        return names_in(self.where) | ({self.value} if self.value else set())


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


@dataclass(frozen=True)
class Explanation:
    """The answer of `explain`: `value`, `numerator`, `denominator` come from the mart, `recounted` from the visits.

    Of a measure of tickets `visits` are steps or tickets, as `noun` says.
    """

    kpi: Kpi
    slice: Mapping[str, Any]
    sql: str
    visits_sql: str
    value: float | None
    numerator: float | None
    denominator: float | None
    recounted: float | None
    visits: tuple[Visit | TicketRow, ...]
    noun: str = "visits"

    @property
    def agrees(self) -> bool:
        """Whether counting the listed visits gives the mart's number."""
        if self.value is None or self.recounted is None:
            return self.value is None and self.recounted is None
        return abs(self.value - self.recounted) <= 1e-9 * max(1.0, abs(self.value))

    def text(self, limit: int | None = 50) -> str:
        """The explanation for reading; `limit` rows are listed, all when None."""
        kpi = self.kpi
        formula = kpi.numerator if kpi.denominator is None else f"({kpi.numerator}) / ({kpi.denominator})"
        numbers = _shown(self.numerator)
        if kpi.denominator is not None:
            numbers += f" / {_shown(self.denominator)}"
        lines = [
            f"{kpi.name}: {kpi.label_en} / {kpi.label_zh}",
            f"  {kpi.description}",
            f"  Formula   {formula}   ({kpi.unit}, {kpi.direction} is better)"
            if kpi.direction != "neutral"
            else f"  Formula   {formula}   ({kpi.unit})",
            f"  Slice     {', '.join(f'{name} = {value}' for name, value in self.slice.items())}",
            f"  Value     {_shown(self.value, kpi.unit)}   = {numbers}",
            f"  Recount   {_shown(self.recounted, kpi.unit)} from the {len(self.visits)} {self.noun} below"
            + ("" if self.agrees else ": DIFFERS from the mart"),
            "",
            "SQL",
            *(f"  {line}" for line in self.sql.splitlines()),
            "",
            f"{self.noun.capitalize()} ({len(self.visits)})",
            *(f"  {line}" for line in self.visits_sql.splitlines()),
            "",
        ]
        listed = self.visits if limit is None else self.visits[:limit]
        lines += [f"  {visit.text}" for visit in listed]
        if len(listed) < len(self.visits):
            lines.append(f"  … and {len(self.visits) - len(listed)} more")
        return "\n".join(lines)

    __str__ = text


def measures(home: Home) -> list[str]:
    """The measures that `explain` offers: KPIs whose every column says how it counts visits, steps or tickets."""
    from hotline.explain_tickets import offered

    project = manifest(home)
    return sorted(set().union(*(_offered(project, mart) for mart in _marts_by_day(project)), offered(project)))


def explain(
    home: Home,
    measure: str,
    queue: str | None = None,
    interval: str | datetime | None = None,
    day: str | date | None = None,
    tier: str | None = None,
    source: str | None = None,
    agent: str | None = None,
    department: str | None = None,
    kind: str | None = None,
) -> Explanation:
    """Explain a measure for a slice of the release that readers see (of the build, before the first release).

    `queue` is a name or `<source>/<name>`. `interval` is the local start of a quarter of an hour ('2025-01-06 09:15',
    or '09:15' with `day`); where clocks go back it means both, unless it has an offset. `day` is a local date. Without
    either, the last day of the slice counts. `agent` asks for what one agent answered on a day, in all queues.
    Measures of tickets are divided by `department` and `kind` instead. Raises ExplainError where nothing can be
    explained, and says what can.
    """
    from hotline import explain_tickets

    moment, day = _time(interval, day)
    database = _published(home)
    project = manifest(home)
    of_tickets = explain_tickets.offered(project).get(measure)
    of_visits = {"queue": queue, "interval": interval, "tier": tier, "agent": agent}
    _only_those_asked(measure, of_visits if of_tickets else {"department": department, "kind": kind})
    if of_tickets:
        wanted = {"source": source, "department": department, "kind": kind}
        counts = explain_tickets.counts(project, of_tickets.mart)
        with _connection(database) as connection:
            return explain_tickets.explain_tickets(
                connection,
                of_tickets,
                {name: counts[name] for name in counts if name in _columns_of(of_tickets)},
                {name: value for name, value in wanted.items() if value is not None},
                day,
            )
    if agent is None:
        mart = _mart_of(home, project, measure, moment)
    else:
        mart = _mart_of_agent(project, measure, {"queue": queue, "interval": interval, "tier": tier})
    if tier is not None and "tier" not in mart_of(project, mart)["columns"]:
        raise ExplainError(f"{measure} is not counted by tier: ask without one")
    kpi = _offered(project, mart)[measure]
    counts = counts_of(project, mart, "visits")
    with _connection(database) as connection:
        slice_ = _slice(connection, queue, tier, source)
        if agent is not None:
            slice_ |= _agent(connection, agent, source)
        of_days = BY_AGENT if agent is not None else BY_DAY
        slice_ |= _moment(connection, slice_, moment, day, of_days)
        sql = value_sql(kpi, slice_)
        row = connection.execute(sql).fetchone()
        value, numerator, denominator, rows = row
        if not rows:
            raise ExplainError(f"no visits in {spoken(slice_)}; {_range_of(connection, slice_, of_days)}")
        used = [name for name in counts if name in _columns_of(kpi)]
        visits_sql = _visits_sql([counts[name] for name in used], slice_)
        visits = _visits(home, connection, visits_sql, {name: counts[name] for name in used})
    return Explanation(
        kpi=kpi,
        slice=slice_,
        sql=sql,
        visits_sql=visits_sql,
        value=number(value),
        numerator=number(numerator),
        denominator=number(denominator),
        recounted=recount(kpi, {name: counts[name] for name in used}, [visit.values for visit in visits]),
        visits=tuple(visits),
    )


@contextmanager
def _connection(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {literal(str(database))} as operations (read_only); use operations")
        yield connection


def _only_those_asked(measure: str, others: Mapping[str, Any]) -> None:
    """Raise ExplainError where something is asked for by which the measure is not divided."""
    asked = [name for name, value in others.items() if value is not None]
    if asked:
        raise ExplainError(f"{measure} is not divided by {' or '.join(asked)}: ask without")


def _columns_of(kpi: Kpi) -> set[str]:
    return names_in(kpi.numerator) | names_in(kpi.denominator or "0")


def recount(kpi: Kpi, counts: Mapping[str, Count], visits: list[Mapping[str, Any]]) -> float | None:
    """The KPI from visits in plain Python: each column counted, then the KPI's own expressions."""
    columns = {name: count.over(visits) for name, count in counts.items()}
    numerator = number(evaluate(kpi.numerator, columns))
    if kpi.denominator is None:
        return numerator
    denominator = number(evaluate(kpi.denominator, columns))
    return numerator / denominator if numerator is not None and denominator else None


# --- expressions: the part of SQL that Python reads alike ------------------------------------------------------------

_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@cache
def _parsed(expression: str) -> ast.expr:
    try:
        return ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise ExplainError(f"not an expression of names, numbers, + - * /, and, or, not: {expression}") from error


def names_in(expression: str) -> set[str]:
    """Columns that an expression names."""
    return {node.id for node in ast.walk(_parsed(expression)) if isinstance(node, ast.Name)}


def evaluate(expression: str, values: Mapping[str, Any]) -> Any:
    """Value of an expression of names, numbers, + - * /, and, or, not, `name in ('text')`.

    Raises ExplainError for anything else.
    """

    def value(node: ast.expr) -> Any:
        match node:
            case ast.Name():
                return values[node.id]
            case ast.Constant(value=int() | float() as number):
                return number
            case ast.BinOp() if type(node.op) in _OPERATORS:
                return _OPERATORS[type(node.op)](value(node.left), value(node.right))
            case ast.BoolOp(op=ast.And()):
                return all(value(part) for part in node.values)
            case ast.BoolOp():
                return any(value(part) for part in node.values)
            case ast.UnaryOp(op=ast.Not()):
                return not value(node.operand)
            case ast.Compare(
                left=ast.Name() as name, ops=[ast.In()], comparators=[ast.Constant() | ast.Tuple() as among]
            ):
                # `state in ('late')`, which SQL and Python read differently, is one of one here too.
                texts = among.elts if isinstance(among, ast.Tuple) else [among]
                return value(name) in [text.value for text in texts if isinstance(text, ast.Constant)]
        raise ExplainError(f"not an expression of names, numbers, + - * /, and, or, not: {expression}")

    return value(_parsed(expression))


# --- declarations ----------------------------------------------------------------------------------------------------


def mart_of(project: dict[str, Any], name: str) -> dict[str, Any]:
    return next(node for node in project["nodes"].values() if node["resource_type"] == "model" and node["name"] == name)


def counts_of(project: dict[str, Any], mart: str, noun: str) -> dict[str, Count]:
    """Mart column to how it counts visits (or what else `noun` says), for those that do."""
    declared = {
        name: column.get("config", {}).get("meta", {}).get(noun)
        for name, column in mart_of(project, mart)["columns"].items()
    }
    return {name: Count(**count) for name, count in declared.items() if count}


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
            and counts_of(project, node["name"], "visits")
        ),
    ]


def _mart_of(home: Home, project: dict[str, Any], measure: str, moment: datetime | None) -> str:
    """The mart that carries the measure: by interval where one is asked for."""
    by_day = next((mart for mart in _marts_by_day(project) if measure in _offered(project, mart)), None)
    if by_day is None:
        raise ExplainError(f"{measure}: no such measure; there are: {', '.join(measures(home))}")
    if moment is None:
        return by_day
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
    return countable(mart_of(project, mart), counts_of(project, mart, "visits"))


def countable(mart: dict[str, Any], counts: Mapping[str, Count]) -> dict[str, Kpi]:
    """KPIs of the mart of which every column is counted."""
    return {kpi.name: kpi for kpi in kpis_of(mart) if _columns_of(kpi) <= counts.keys()}


# --- the slice -------------------------------------------------------------------------------------------------------


def _published(home: Home) -> Path:
    released = home.current / "operations" / "operations.duckdb"
    if released.is_file():
        return released.resolve()
    if home.operations.is_file():
        return home.operations
    raise ExplainError(f"nothing is built in {home.root} yet: `hotline run` builds and publishes")


def _time(interval: str | datetime | None, day: str | date | None) -> tuple[datetime | None, date | None]:
    """The start of the interval and the day that are asked for, from text or not."""
    try:
        day = date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError as error:
        raise ExplainError(f"{day}: a day is written as 2025-01-31") from error
    if interval is None:
        return None, day
    if isinstance(interval, str):
        text = interval.strip()
        if re.fullmatch(r"\d{1,2}:\d{2}", text):
            if day is None:
                raise ExplainError(f"{text}: on which day? Give a day too, or the whole as 2025-01-31 {text}")
            text = f"{day} {text.rjust(5, '0')}"
        try:
            interval = datetime.fromisoformat(text)
        except ValueError as error:
            raise ExplainError(f"{interval}: an interval is written as 2025-01-31 09:15") from error
    if interval.minute % 15 or interval.second or interval.microsecond:
        start = interval - timedelta(minutes=interval.minute % 15, seconds=interval.second)
        raise ExplainError(f"{interval}: no interval starts then; the one that holds it starts at {start:%H:%M}")
    return interval, day


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
        conditions = _conditions(slice_)
        # Calls of the last landed day may have joined a queue after its midnight: they alone make no day to look at.
        landed = "select max(day_local) from marts.reconciliation where compared_with = 'landed files'"
        day = connection.execute(
            f"select max(day_local) from marts.{mart}{conditions}"
            f" {'and' if conditions else 'where'} day_local <= ({landed} and expected_visits > 0)"
        ).fetchone()[0]
        if day is None:
            raise ExplainError(f"no visits in {spoken(slice_)}")
    return {"day_local": day}


def spoken(slice_: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in slice_.items()) or "the marts"


def _range_of(connection: duckdb.DuckDBPyConnection, slice_: Mapping[str, Any], mart: str) -> str:
    lasting = {name: value for name, value in slice_.items() if name in ("source", "queue_id", "tier", "agent_id")}
    first, last = connection.execute(
        f"select min(day_local), max(day_local) from marts.{mart}{_conditions(lasting)}"
    ).fetchone()
    return f"{spoken(lasting)} has visits from {first} to {last}"


# --- SQL -------------------------------------------------------------------------------------------------------------


def literal(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{'timestamp' if value.tzinfo is None else 'timestamptz'} '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"date '{value}'"
    return "'" + str(value).replace("'", "''") + "'"


def _conditions(slice_: Mapping[str, Any], names: Mapping[str, str] | None = None) -> str:
    names = names or {}
    conditions = [f"{names.get(name, name)} = {literal(value)}" for name, value in slice_.items()]
    return "".join(f"\n{'where' if i == 0 else '  and'} {condition}" for i, condition in enumerate(conditions))


def value_sql(kpi: Kpi, slice_: Mapping[str, Any]) -> str:
    denominator = f"sum({kpi.denominator})" if kpi.denominator else "null"
    return (
        f"select\n    {kpi.sql} as {kpi.name},\n    sum({kpi.numerator}) as numerator,\n"
        f"    {denominator} as denominator,\n    count(*) as mart_rows\nfrom {kpi.table}{_conditions(slice_)}"
    )


def _visits_sql(counts: list[Count], slice_: Mapping[str, Any]) -> str:
    """Every visit of the slice that any column of the KPI counts. In fct_queue_visit the day is called arrival_on."""
    looked_at = sorted(set().union(*(count.columns for count in counts)) - set(SHOWN_COLUMNS))
    columns = ", ".join([*SHOWN_COLUMNS, *looked_at])
    counted = " or ".join(dict.fromkeys(f"({count.where})" for count in counts))
    conditions = _conditions(slice_, {"day_local": "arrival_on"})
    return (
        f"select {columns}\nfrom marts.fct_queue_visit{conditions}\n"
        f"{'  and' if conditions else 'where'} ({counted})\norder by interval_start_at, contact_id, visit_no"
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


def number(value: Any) -> float | None:
    return None if value is None else float(value) if isinstance(value, Decimal | int | float) else value


def _shown(value: float | None, unit: str = "count") -> str:
    if value is None:
        return "nothing to divide by" if unit != "count" else "-"
    if unit == "share":
        return f"{value:.1%}"
    return f"{value:,.1f} s" if unit == "seconds" else f"{value:,.10g}"
