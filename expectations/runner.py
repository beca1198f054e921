"""The one runner: measure, judge, overrule what a person has accepted, remember, show."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import duckdb

from expectations import acceptance, data_docs, judging, measures, profile, published, results, settings
from expectations.measures import Measurement, Settings
from expectations.outcome import ACCEPTED, FAILED, PASSED, WARMING_UP, CheckOutcome
from expectations.rules import BatchRules
from expectations.suites import any_entity
from hotline.home import Home
from hotline.locking import writer_lock

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

MakeSuite = Callable[[Settings], "ExpectationSuite"]
Judged = list[tuple[str, MakeSuite, list[Measurement]]]


def run_batch(home: Home, now: datetime | None) -> list[CheckOutcome]:
    """See `expectations.run_batch`."""
    now, limits = now or datetime.now(UTC), settings.load(home)
    latest = now + timedelta(minutes=limits["ranges"]["future_tolerance_minutes"])
    with _warehouse(home, "check the new batch") as connection:
        connection.execute(profile.TABLES)
        found: Judged = []
        for entity in _landed(connection):
            rules, suite = _rules_and_suite(connection, entity)
            profile.profile(connection, entity, rules, latest, now)
            found.append((entity, suite, measures.of_batch(connection, entity, rules, limits, now)))
        outcomes = _conclude(home, connection, results.BATCH, found, limits, now)
        in_full = [found for found in outcomes if ".volume_by_weekday:" in found.check_id and not found.blocks]
        profile.mark_over(connection, [(found.entity, found.source, found.day) for found in in_full], now)
        return outcomes


def run_published(home: Home, now: datetime | None) -> list[CheckOutcome]:
    """See `expectations.run_published`."""
    now, limits = now or datetime.now(UTC), settings.load(home)
    with _warehouse(home, "check the tables") as connection:
        found = [
            (table, import_module(f"expectations.suites.{module}").suite, measured)
            for table, module, measured in published.measure(connection, home, limits)
        ]
        return _conclude(home, connection, results.PUBLISHED, found, limits, now)


@contextmanager
def _warehouse(home: Home, doing: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with writer_lock(home, doing), duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def _landed(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select entity from control.days union select entity from control.unpublished_days order by entity"
    ).fetchall()
    return [entity for (entity,) in rows]


def _rules_and_suite(connection: duckdb.DuckDBPyConnection, entity: str) -> tuple[BatchRules, MakeSuite]:
    """Those of the table's own module in `suites`, else those of `any_entity`."""
    if find_spec(f"expectations.suites.{entity}"):
        module = import_module(f"expectations.suites.{entity}")
        return module.RULES, module.suite
    columns = list(profile.view_columns(connection, entity))
    return any_entity.rules(entity, columns), partial(any_entity.suite, entity, columns)


def _conclude(
    home: Home, connection: duckdb.DuckDBPyConnection, layer: str, found: Judged, limits: Settings, now: datetime
) -> list[CheckOutcome]:
    accepted = acceptance.read(home)
    contents = _contents(connection)
    outcomes = []
    for table, suite, measured in found:
        # Nothing to judge: then Great Expectations, which takes seconds to import, is left alone.
        for measurement, description, holds in judging.judge(suite(limits), measured) if measured else []:
            check_id = ":".join(
                str(part) for part in (f"{table}.{measurement.check}", measurement.source, measurement.day) if part
            )
            content = contents(table if layer == results.BATCH else None, measurement.source, measurement.day)
            overruled = accepted.get((check_id, content)) if holds is False else None
            outcomes.append(
                CheckOutcome(
                    check_id=check_id,
                    suite=table,
                    expectation=description,
                    entity=table,
                    source=measurement.source,
                    day=measurement.day,
                    observed=measurement.observed,
                    expected=measurement.expected,
                    success=holds,
                    status=ACCEPTED if overruled else {None: WARMING_UP, True: PASSED, False: FAILED}[holds],
                    content=content,
                    accepted_by=overruled and overruled.accepted_by,
                    accepted_at=overruled and overruled.accepted_at,
                    reason=overruled and overruled.reason,
                )
            )
    results.write(connection, layer, outcomes, limits["results"]["kept_days"], now)
    data_docs.write(home, connection, now)
    return outcomes


def _contents(connection: duckdb.DuckDBPyConnection) -> Callable[[str | None, str, date | None], str]:
    """What stands behind a finding: a digest of the files of its day; of all days where it is about no day.

    Without an entity, the files of every entity count: a published table may come from several.
    """
    files: dict[tuple[str | None, str, date | None], list[str]] = {}
    rows = connection.execute("select entity, source, day, files from control.days order by all").fetchall()
    for entity, source, day, names in rows:
        for key in ((entity, source, day), (None, source, day), (None, source, None), (None, "", None)):
            files.setdefault(key, []).append(names)

    def content(entity: str | None, source: str, day: date | None) -> str:
        return hashlib.sha256("\n".join(files.get((entity, source, day), [])).encode()).hexdigest()[:16]

    return content
