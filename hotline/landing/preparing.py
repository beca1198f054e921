"""What the models read: views over the raw files that count, and the control tables that say which days changed."""

from __future__ import annotations

import json
from datetime import timedelta

import duckdb

from hotline.home import Home
from hotline.landing.ledger import Entry, Ledger, read_ledger
from hotline.landing.quoting import identifier, literal, literals
from hotline.landing.selecting import empty_select
from hotline.landing.sources import Entity, Source, contract, load_sources
from hotline.locking import writer_lock

LEDGER_COLUMNS = {
    "file_id": "VARCHAR",
    "source": "VARCHAR",
    "entity": "VARCHAR",
    "path": "VARCHAR",
    "arrival": "BIGINT",
    "content_hash": "VARCHAR",
    "bytes": "BIGINT",
    "rows_read": "BIGINT",
    "rows_kept": "BIGINT",
    "rows_rejected": "BIGINT",
    "rows_duplicate": "BIGINT",
    "status": "VARCHAR",
    "reason": "VARCHAR",
    "first_day": "DATE",
    "last_day": "DATE",
    "is_current": "BOOLEAN",
    "loaded_at": "TIMESTAMPTZ",
    "load_seconds": "DOUBLE",
}
REJECTED_COLUMNS = {
    "source": "VARCHAR",
    "entity": "VARCHAR",
    "path": "VARCHAR",
    "line": "BIGINT",
    "column_name": "VARCHAR",
    "reason": "VARCHAR",
    "raw_text": "VARCHAR",
    "file_id": "VARCHAR",
}
DAY_COLUMNS = {"entity": "VARCHAR", "source": "VARCHAR", "day": "DATE", "files": "VARCHAR", "rows": "BIGINT"}


def prepare(home: Home, full: bool = False) -> None:
    """Make views and control tables in the warehouse agree with raw, in one transaction.

    With `full`, or before the first build, every day is to be rebuilt.
    """
    sources = load_sources(home)
    with writer_lock(home, "prepare"):
        ledger = read_ledger(home)
        with duckdb.connect(str(home.warehouse)) as connection:
            connection.execute("BEGIN")
            _prepare(home, connection, sources, ledger, full)
            connection.execute("COMMIT")


def mark_built(home: Home) -> None:
    """Remember that the models now stand for the current days."""
    _mark(home, "built_days")


def mark_published(home: Home) -> None:
    """Remember that the release that readers see stands for the current days."""
    _mark(home, "published_days")


def _mark(home: Home, table: str) -> None:
    with writer_lock(home, f"mark {table}"), duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(f"CREATE OR REPLACE TABLE control.{table} AS FROM control.days")


def _prepare(
    home: Home, connection: duckdb.DuckDBPyConnection, sources: dict[str, Source], ledger: Ledger, full: bool
) -> None:
    connection.execute("CREATE SCHEMA IF NOT EXISTS raw; CREATE SCHEMA IF NOT EXISTS control")
    owned = {
        (source.name, entity.name): _owned_days(ledger, entity)
        for source in sources.values()
        for entity in source.entities
    }
    _fill(
        connection,
        "control.days",
        DAY_COLUMNS,
        [
            {
                "entity": entity,
                "source": source,
                "day": day.isoformat(),
                "files": ",".join(entry.file_id for entry in entries),
                "rows": sum(entry.rows_by_day().get(day, 0) for entry in entries),
            }
            for (source, entity), days in owned.items()
            for day, entries in days.items()
        ],
    )
    for table in ("built_days", "published_days"):
        connection.execute(f"CREATE TABLE IF NOT EXISTS control.{table} AS FROM control.days WHERE false")
    _changed_days(connection, full)
    read_days = {
        (source, entity, day)
        for source, entity, day in connection.execute("SELECT source, entity, day FROM control.read_days").fetchall()
    }
    for name, model in _entities(sources).items():
        parts = [_zero_rows(home, model, connection)]
        for source in sources.values():
            entity = next((entity for entity in source.entities if entity.name == name), None)
            if entity:
                days = {
                    day: entries
                    for day, entries in owned[(source.name, name)].items()
                    if (source.name, name, day) in read_days
                }
                parts += _view_parts(home, ledger, source, entity, days)
        connection.execute(f"CREATE OR REPLACE VIEW raw.{identifier(name)} AS {' UNION ALL '.join(parts)}")
    _ledger_tables(home, connection, sources, ledger)


def _entities(sources: dict[str, Source]) -> dict[str, Entity]:
    """Every entity known: the contract's, and those that sources bring."""
    known = dict(contract())
    for source in sources.values():
        for entity in source.entities:
            known.setdefault(entity.name, entity)
    return known


def _owned_days(ledger: Ledger, entity: Entity) -> dict:
    """Local day to the entries whose rows count on it."""
    if not entity.window:
        return {}
    if entity.replaces == "days":
        return {day: [entry] for day, entry in ledger.owners(entity.source, entity.name).items()}
    days: dict = {}
    for entry in ledger.active(entity.source, entity.name):
        for day, rows in entry.rows_by_day().items():
            if rows:
                days.setdefault(day, []).append(entry)
    return days


def _changed_days(connection: duckdb.DuckDBPyConnection, full: bool) -> None:
    """Days whose files differ from the last build's, in both directions, and their neighbours."""
    unpublished = _differences("published_days")
    connection.execute(f"CREATE OR REPLACE TABLE control.unpublished_days AS {unpublished}")
    if full or not connection.execute("SELECT count(*) FROM control.built_days").fetchone()[0]:
        every = "SELECT entity, source, day FROM control.days UNION SELECT entity, source, day FROM control.built_days"
        connection.execute(f"CREATE OR REPLACE TABLE control.rebuild_days AS {every}")
        connection.execute(f"CREATE OR REPLACE TABLE control.read_days AS {every}")
        return
    neighbours = "SELECT DISTINCT entity, source, CAST(day + shift AS DATE) AS day FROM ({}), (VALUES (-1), (0), (1)) AS shifts (shift)"
    connection.execute(
        f"CREATE OR REPLACE TABLE control.rebuild_days AS {neighbours.format(_differences('built_days'))}"
    )
    connection.execute(f"CREATE OR REPLACE TABLE control.read_days AS {neighbours.format('FROM control.rebuild_days')}")


def _differences(table: str) -> str:
    return (
        "SELECT coalesce(now.entity, earlier.entity) AS entity, coalesce(now.source, earlier.source) AS source,"
        " coalesce(now.day, earlier.day) AS day"
        f" FROM control.days AS now FULL JOIN control.{table} AS earlier"
        " ON now.entity = earlier.entity AND now.source = earlier.source AND now.day = earlier.day"
        " WHERE now.files IS DISTINCT FROM earlier.files"
    )


def _zero_rows(home: Home, entity: Entity, connection: duckdb.DuckDBPyConnection) -> str:
    folder = home.raw / ".shape"
    folder.mkdir(exist_ok=True)
    shape = folder / f"{entity.name}.parquet"
    connection.execute(f"COPY ({empty_select(entity)}) TO {literal(str(shape))} (FORMAT parquet)")
    return _select(entity, [str(shape)], "''", "''")


def _select(entity: Entity, paths: list[str], source: str, time_zone: str, condition: str = "true") -> str:
    columns = ", ".join(
        f"CAST({identifier(column.name)} AS {column.stored_type}) AS {identifier(column.name)}"
        for column in entity.columns
    )
    return (
        f"SELECT {columns}, {source} AS _source, {source} || {literal('/' + entity.name + '/')} || parse_filename(filename, true) AS _file_id,"
        f" file_row_number AS _row_number, _day, {time_zone} AS _time_zone"
        f" FROM read_parquet([{literals(paths)}], filename = true, file_row_number = true) WHERE {condition}"
    )


def _view_parts(home: Home, ledger: Ledger, source: Source, entity: Entity, days: dict) -> list[str]:
    """Selects over the files that count: whole where every day of the file counts, else limited to its days."""
    entries: dict[str, Entry] = {}
    wanted: dict[str, set] = {}
    if entity.window:
        for day, owners in days.items():
            for entry in owners:
                entries[entry.stem] = entry
                wanted.setdefault(entry.stem, set()).add(day)
    else:
        entries = {entry.stem: entry for entry in ledger.active(entity.source, entity.name)}
    whole, parts = [], []
    for stem, entry in sorted(entries.items()):
        path = str(entry.raw_path(home))
        filled = {day for day, rows in entry.rows_by_day().items() if rows}
        if not entity.window or filled <= wanted[stem]:
            whole.append(path)
        elif filled & wanted[stem]:
            chosen = ", ".join(f"DATE '{day}'" for day in sorted(filled & wanted[stem]))
            parts.append(
                _select(entity, [path], literal(source.name), literal(source.time_zone), f"_day IN ({chosen})")
            )
    if whole:
        parts.insert(0, _select(entity, whole, literal(source.name), literal(source.time_zone)))
    return parts


def _ledger_tables(
    home: Home, connection: duckdb.DuckDBPyConnection, sources: dict[str, Source], ledger: Ledger
) -> None:
    current = {
        entry.file_id
        for source in sources.values()
        for entity in source.entities
        for entry in ledger.active(source.name, entity.name)
    }
    _fill(
        connection,
        "raw.load_ledger",
        LEDGER_COLUMNS,
        [
            {
                **{name: getattr(entry, name) for name in LEDGER_COLUMNS if hasattr(entry, name)},
                "status": "withdrawn" if entry.withdrawn else entry.status,
                "first_day": entry.window.first.isoformat() if entry.window else None,
                "last_day": entry.window.last.isoformat() if entry.window else None,
                "is_current": entry.file_id in current,
            }
            for entry in ledger.entries
        ],
    )
    _fill(connection, "raw.rejected_rows", REJECTED_COLUMNS, [])
    _fill(
        connection,
        "raw.sources",
        {
            "source": "VARCHAR",
            "entity": "VARCHAR",
            "time_zone": "VARCHAR",
            "cadence_hours": "DOUBLE",
            "is_closed": "BOOLEAN",
            "label_en": "VARCHAR",
            "label_zh": "VARCHAR",
        },
        [
            {
                "source": source.name,
                "entity": entity.name,
                "time_zone": source.time_zone,
                "cadence_hours": source.cadence_hours,
                "is_closed": source.closed,
                "label_en": source.label_en,
                "label_zh": source.label_zh,
            }
            for source in sources.values()
            for entity in source.entities
        ],
    )


def _fill(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], rows: list[dict]) -> None:
    """Make a table anew from rows in hand; as JSON in one statement, since one insert per row takes a millisecond each."""
    shape = json.dumps([columns])
    connection.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT row.* FROM (SELECT unnest(from_json(?, {literal(shape)})) AS row)",
        [json.dumps(rows)],
    )
