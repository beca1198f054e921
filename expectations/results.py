"""The latest result of every check: table `raw.check_results` of the warehouse, which the mart publishes."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime

import duckdb

from expectations.outcome import ACCEPTED, FAILED, CheckError, CheckOutcome
from hotline.home import Home

BATCH, PUBLISHED = "batch", "published"

TABLE = """
create schema if not exists raw;
create table if not exists raw.check_results (
    check_id varchar, layer varchar, suite varchar, expectation varchar, entity varchar, source varchar, day date,
    observed varchar, expected varchar, success boolean, status varchar, content varchar,
    accepted_by varchar, accepted_at timestamptz, reason varchar, checked_at timestamptz);
"""

PATIENCE_SECONDS = 20
"""How long to wait for a run that has the warehouse open."""


def write(
    connection: duckdb.DuckDBPyConnection, layer: str, outcomes: list[CheckOutcome], kept_days: int, now: datetime
) -> None:
    """Replace the results of `layer` by those of this run; results about other days are kept for `kept_days`.

    A failed check that was not judged again is gone (its file was withdrawn): what still blocks is judged in every run.
    An accepted one stays, as long as its day is not judged anew.
    """
    import pandas as pd

    rows = pd.DataFrame(
        [{**vars(outcome), "layer": layer, "checked_at": now} for outcome in outcomes],
        columns=[*(field.name for field in dataclasses.fields(CheckOutcome)), "layer", "checked_at"],
    )
    rows["day"] = pd.to_datetime(rows["day"])
    rows["accepted_at"] = pd.to_datetime(rows["accepted_at"], utc=True)
    rows["success"] = rows["success"].astype("boolean")
    rows["is_freshness"] = rows["check_id"].str.contains(".freshness:", regex=False)
    connection.execute(TABLE)
    connection.execute("begin")
    # Freshness looks at the newest day in every run; what else is known of that day stays.
    connection.execute(
        """
        delete from raw.check_results as old
        where layer = $layer and (
            status = $failed
            or (status <> $accepted and day < (
                select max(newest.day) - $kept_days from control.days as newest where newest.source = old.source))
            or exists (
                from rows as new
                where new.check_id = old.check_id
                    or (new.entity = old.entity and new.source = old.source
                        and if(new.is_freshness, old.check_id like '%.freshness:%' and old.status <> $accepted,
                               new.day = old.day and old.check_id not like '%.freshness:%'))))
        """,
        {
            "layer": layer,
            "failed": FAILED,
            "accepted": ACCEPTED,
            "kept_days": kept_days,
        },
    )
    connection.execute("insert into raw.check_results by name select * exclude (is_freshness) from rows")
    connection.execute("commit")


def read(home: Home) -> list[CheckOutcome]:
    """The latest result of every check; empty before the first run.

    Raises CheckError when another process keeps the warehouse open.
    """
    if not home.warehouse.exists():
        return []
    with _open(home) as connection:
        return read_from(connection)


def read_from(connection: duckdb.DuckDBPyConnection) -> list[CheckOutcome]:
    """As `read`, from an open warehouse."""
    exists = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'raw' and table_name = 'check_results'"
    ).fetchone()
    if not exists:
        return []
    names = [field.name for field in dataclasses.fields(CheckOutcome)]
    rows = connection.execute(f"select {', '.join(names)} from raw.check_results order by check_id").fetchall()
    found = [CheckOutcome(**dict(zip(names, row, strict=True))) for row in rows]
    return [
        dataclasses.replace(outcome, accepted_at=outcome.accepted_at and outcome.accepted_at.astimezone(UTC))
        for outcome in found
    ]


def pending(home: Home) -> list[CheckOutcome]:
    """The failed checks that keep the next release back, without those accepted since."""
    from expectations import acceptance

    accepted = acceptance.read(home)
    return [
        outcome
        for outcome in read(home)
        if outcome.status == FAILED and (outcome.check_id, outcome.content) not in accepted
    ]


def _open(home: Home) -> duckdb.DuckDBPyConnection:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return duckdb.connect(str(home.warehouse), read_only=True)
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise
            if time.monotonic() > until:
                raise CheckError("a run has the warehouse open; try again when it is done") from error
            time.sleep(0.5)
