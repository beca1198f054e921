"""What a number says, how it was made, and the contacts or tickets behind it, contacts down to file and line.

`explain` looks a measure up in the marts' own declarations (`hotline.kpis`), reads its value from the published mart,
lists every row that it counts, and counts it again from that list in plain Python, to compare the two. The rows are
queue visits (`visits`), or steps and open tickets (`tickets`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from hotline.building import manifest
from hotline.explain import tickets, visits
from hotline.explain.explanation import Explanation, literal
from hotline.explain.expressions import ExplainError
from hotline.home import Home

__all__ = ["ExplainError", "Explanation", "explain", "measures"]


def measures(home: Home) -> list[str]:
    """The measures that `explain` offers: KPIs whose every column says how it counts visits, steps or tickets."""
    return _measures(manifest(home))


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
    moment, day = _time(interval, day)
    database = _published(home)
    project = manifest(home)
    of_tickets = tickets.offered(project).get(measure)
    if not of_tickets and agent is None and measure not in visits.offered(project):
        raise ExplainError(f"{measure}: no such measure; there are: {', '.join(_measures(project))}")
    of_visits = {"queue": queue, "interval": interval, "tier": tier, "agent": agent}
    _only_those_asked(measure, of_visits if of_tickets else {"department": department, "kind": kind})
    with _connection(database) as connection:
        if not of_tickets:
            return visits.explain_visits(home, connection, project, measure, moment, day, queue, tier, source, agent)
        wanted = {"source": source, "department": department, "kind": kind}
        slice_ = {name: value for name, value in wanted.items() if value is not None}
        return tickets.explain_tickets(connection, project, of_tickets, slice_, day)


def _measures(project: dict[str, Any]) -> list[str]:
    return sorted(visits.offered(project) | tickets.offered(project).keys())


def _only_those_asked(measure: str, others: Mapping[str, Any]) -> None:
    """Raise ExplainError where something is asked for by which the measure is not divided."""
    asked = [name for name, value in others.items() if value is not None]
    if asked:
        raise ExplainError(f"{measure} is not divided by {' or '.join(asked)}: ask without")


@contextmanager
def _connection(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {literal(str(database))} as operations (read_only); use operations")
        yield connection


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
