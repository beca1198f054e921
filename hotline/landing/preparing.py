"""What the models read: views over the raw files that count, and the control tables that say which days changed."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import duckdb

from hotline.home import PRIVATE, Home
from hotline.landing.ledger import Entry, Ledger, read_ledger
from hotline.landing.loading import check_home
from hotline.landing.quoting import identifier, literal, literals
from hotline.landing.selecting import empty_select, without_values
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
SOURCE_COLUMNS = {
    "source": "VARCHAR",
    "entity": "VARCHAR",
    "time_zone": "VARCHAR",
    "cadence_hours": "DOUBLE",
    "is_closed": "BOOLEAN",
    "label_en": "VARCHAR",
    "label_zh": "VARCHAR",
}
DAY_COLUMNS = {"entity": "VARCHAR", "source": "VARCHAR", "day": "DATE", "files": "VARCHAR", "rows": "BIGINT"}


def prepare(home: Home, full: bool = False) -> None:
    """Make views and control tables in the warehouse agree with raw, in one transaction.

    With `full`, or before the first build, every day is to be rebuilt.
    """
    check_home(home)
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
    with writer_lock(home, "mark built"), duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("DROP TABLE IF EXISTS control.begun_days")


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
    connection.execute("CREATE SCHEMA IF NOT EXISTS latest")
    delivered = [(source, entity) for source in sources.values() for entity in source.entities]
    owned = {(entity.name, source.name): owned_days(ledger, entity) for source, entity in delivered}
    _agree(
        connection,
        "control.days",
        DAY_COLUMNS,
        {
            (entity, source, day, ",".join(entry.file_id for entry, _ in entries), sum(rows for _, rows in entries))
            for (entity, source), days in owned.items()
            for day, entries in days.items()
        },
    )
    for table in ("built_days", "published_days"):
        connection.execute(f"CREATE TABLE IF NOT EXISTS control.{table} AS FROM control.days WHERE false")
    latest = _keep_latest(home, connection, delivered, ledger)
    _compare_days(home, connection, [entity for _, entity in delivered], ledger, latest, full)
    read_days: dict[tuple[str, str], set[date]] = {}
    for entity, source, day in connection.execute("SELECT entity, source, day FROM control.read_days").fetchall():
        read_days.setdefault((entity, source), set()).add(day)
    for source, entity in delivered:
        if entity.plans_ahead:
            read_days.setdefault((entity.name, source.name), set()).update(_days_ahead(source, entity, owned))
    for name, model in _models(sources).items():
        parts = [_select(model, [_shape(home, connection, model)], "", "")]
        for source, entity in delivered:
            if entity.name == name:
                parts += _parts(
                    home,
                    connection,
                    source,
                    entity,
                    ledger,
                    owned[name, source.name],
                    read_days.get((name, source.name), set()),
                )
        connection.execute(f"CREATE OR REPLACE VIEW raw.{identifier(name)} AS {' UNION ALL '.join(parts)}")
    _count_keys_once(connection, [entity for _, entity in delivered], owned)
    _describe_sources(connection, delivered)
    _describe_files(home, connection, sources, ledger, full)


def _models(sources: dict[str, Source]) -> dict[str, Entity]:
    """The shape of every entity known: the contract's, and those that sources bring."""
    known = dict(contract())
    for source in sources.values():
        for entity in source.entities:
            known.setdefault(entity.name, entity)
    return known


def owned_days(ledger: Ledger, entity: Entity) -> dict[date, list[tuple[Entry, int]]]:
    """Local day to the entries whose rows count on it, each with its number of rows."""
    if not entity.window:
        return {}
    days: dict[date, list[tuple[Entry, int]]] = {}
    for entry in ledger.active(entity.source, entity.name):
        for day, rows in entry.rows_by_day().items():
            if entity.replaces == "days":
                days[day] = [(entry, rows)]
            elif rows:
                days.setdefault(day, []).append((entry, rows))
    return days


def _days_ahead(
    source: Source, entity: Entity, owned: dict[tuple[str, str], dict[date, list[tuple[Entry, int]]]]
) -> set[date]:
    """Days of an entity that lie after the last on which anything happened in its source."""
    happened = [
        day
        for other in source.entities
        if other.owns_days and not other.plans_ahead
        for day in owned[other.name, source.name]
    ]
    return {day for day in owned[entity.name, source.name] if happened and day > max(happened)}


def _compare_days(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    delivered: list[Entity],
    ledger: Ledger,
    latest: dict[tuple[str, str], set[date] | None],
    full: bool,
) -> None:
    """Fill the tables of days that changed since the last build and the last release, in both directions.

    `changed_days` names the days of every entity. `rebuild_days` and `read_days` are of those that own days, and a day
    that changed in one of them stands there for all of its source: a mart may join what was said of a day in any. So
    do all days from the first on which something changed that lasts, such as the team of an employee.
    """
    connection.execute(f"CREATE OR REPLACE TABLE control.unpublished_days AS {_differences('published_days')}")
    _fill(
        connection,
        "owning",
        {"entity": "VARCHAR", "source": "VARCHAR"},
        [{"entity": entity.name, "source": entity.source} for entity in delivered if entity.owns_days],
    )
    _fill(
        connection,
        "lasting",
        {"entity": "VARCHAR", "source": "VARCHAR"},
        [{"entity": entity.name, "source": entity.source} for entity in delivered if entity.lasts],
    )
    if full or not connection.execute("SELECT count(*) FROM control.built_days").fetchone()[0]:
        every = "SELECT entity, source, day FROM control.days UNION SELECT entity, source, day FROM control.built_days"
        connection.execute(f"CREATE OR REPLACE TABLE control.changed_days AS {every}")
        for table in ("rebuild_days", "read_days"):
            connection.execute(
                f"CREATE OR REPLACE TABLE control.{table} AS"
                " FROM control.changed_days SEMI JOIN owning USING (entity, source)"
            )
        connection.execute("CREATE OR REPLACE TABLE control.begun_days AS FROM control.changed_days")
        connection.execute("DROP TABLE owning; DROP TABLE lasting")
        return
    # A build that was begun and did not end may have changed some marts: its days are made again, also when the files
    # have since gone back to what the last whole build had seen.
    connection.execute(f"CREATE TABLE IF NOT EXISTS control.begun_days AS {_differences('built_days')} LIMIT 0")
    connection.execute(
        f"CREATE OR REPLACE TABLE control.changed_days AS {_differences('built_days')} UNION FROM control.begun_days"
    )
    for entity in delivered:
        moved = latest.get((entity.name, entity.source))
        if moved:
            _add_days(connection, entity, moved)
        elif entity.replaces == "keys" and moved is None:
            _add_days_of_replaced_rows(home, connection, entity, ledger)
    connection.execute("CREATE OR REPLACE TABLE control.begun_days AS FROM control.changed_days")
    # A measure that looks a day back or ahead changes with its neighbour; to rebuild it, the neighbour's must be read.
    around = (
        "SELECT DISTINCT owning.entity, source, CAST(day + shift AS DATE) AS day"
        " FROM ({}) AS changed JOIN owning USING (source), (VALUES (-1), (0), (1)) AS neighbours (shift)"
    )
    of_owning = "SELECT DISTINCT source, day FROM {} SEMI JOIN owning USING (entity, source)"
    changed = f"{of_owning.format('control.changed_days')} UNION {_DAYS_AFTER_WHAT_LASTS}"
    connection.execute(f"CREATE OR REPLACE TABLE control.rebuild_days AS {around.format(changed)}")
    rebuilt = of_owning.format("control.rebuild_days")
    connection.execute(f"CREATE OR REPLACE TABLE control.read_days AS {around.format(rebuilt)}")
    connection.execute("DROP TABLE owning; DROP TABLE lasting")


# The first record also holds for the days before it: a change of that one bears on every day.
_DAYS_AFTER_WHAT_LASTS = (
    "SELECT DISTINCT days.source, days.day FROM control.days AS days SEMI JOIN owning USING (entity, source)"
    " JOIN (SELECT known.source, min(known.day) AS first_known, min(changed.day) AS first_changed"
    " FROM (SELECT entity, source, day FROM control.days"
    " UNION SELECT entity, source, day FROM control.built_days) AS known"
    " SEMI JOIN lasting USING (entity, source)"
    " JOIN control.changed_days AS changed USING (entity, source) GROUP BY known.source) AS change USING (source)"
    " WHERE days.day >= change.first_changed OR change.first_changed <= change.first_known"
)


def _differences(table: str) -> str:
    return (
        "SELECT coalesce(now.entity, earlier.entity) AS entity, coalesce(now.source, earlier.source) AS source,"
        " coalesce(now.day, earlier.day) AS day"
        f" FROM control.days AS now FULL JOIN control.{table} AS earlier"
        " ON now.entity = earlier.entity AND now.source = earlier.source AND now.day = earlier.day"
        " WHERE now.files IS DISTINCT FROM earlier.files"
    )


def _add_days_of_replaced_rows(
    home: Home, connection: duckdb.DuckDBPyConnection, entity: Entity, ledger: Ledger
) -> None:
    """Where a file replaces keys, its rows may take the place of rows on days that it does not itself cover."""
    files = "SELECT DISTINCT unnest(string_split(files, ',')) FROM control.{} WHERE entity = ? AND source = ?"
    now, built = (
        {row[0] for row in connection.execute(files.format(table), [entity.name, entity.source]).fetchall()}
        for table in ("days", "built_days")
    )
    if not now ^ built or not now | built:
        return
    entries = {entry.file_id: entry for entry in ledger.entries}
    changed, every = (
        literals(str(entries[file_id].present_path(home)) for file_id in sorted(ids) if file_id in entries)
        for ids in (now ^ built, now | built)
    )
    if changed:
        keys = ", ".join(identifier(name) for name in entity.key)
        connection.execute(
            f"INSERT INTO control.changed_days SELECT DISTINCT {literal(entity.name)}, {literal(entity.source)}, _day"
            f" FROM (SELECT _day, ({keys}) AS key FROM read_parquet([{every}]))"
            f" WHERE _day IS NOT NULL AND key IN (SELECT ({keys}) FROM read_parquet([{changed}]))"
            " EXCEPT FROM control.changed_days"
        )


def _add_days(connection: duckdb.DuckDBPyConnection, entity: Entity, days: set[date]) -> None:
    connection.executemany(
        "INSERT INTO control.changed_days SELECT $1, $2, $3 EXCEPT FROM control.changed_days",
        [[entity.name, entity.source, day] for day in sorted(days)],
    )


def _has_table(entity: Entity) -> bool:
    """Whether the rows that count are kept in a table: of every day of history, a further day then reads but itself.

    Entities that own days have a file or two for the days that are read. What is personal has one place, its raw file.
    """
    return not entity.owns_days and not entity.personal


def _latest_table(entity: Entity) -> str:
    return f"latest.{identifier(f'{entity.source}.{entity.name}')}"


def _keep_latest(
    home: Home, connection: duckdb.DuckDBPyConnection, delivered: list[tuple[Source, Entity]], ledger: Ledger
) -> dict[tuple[str, str], set[date] | None]:
    """Make the tables of the rows that count agree with the files that count.

    Returns the days on which rows came or went, by entity and source; None where the table was made anew and nobody
    knows. New files are added to a table; where one was taken back, or read in another way, it is made anew.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS control.latest_files"
        " (entity VARCHAR, source VARCHAR, file_id VARCHAR, shape VARCHAR)"
    )
    kept = [(source, entity) for source, entity in delivered if _has_table(entity)]
    wanted = {_latest_table(entity) for _, entity in kept}
    for (name,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'latest'").fetchall():
        if (table := f"latest.{identifier(name)}") not in wanted:
            connection.execute(f"DROP TABLE {table}")
            connection.execute("DELETE FROM control.latest_files WHERE source || '.' || entity = ?", [name])
    return {
        (entity.name, entity.source): _keep_latest_of(home, connection, source, entity, ledger)
        for source, entity in kept
    }


def _keep_latest_of(
    home: Home, connection: duckdb.DuckDBPyConnection, source: Source, entity: Entity, ledger: Ledger
) -> set[date] | None:
    table, shape = _latest_table(entity), f"{entity.fingerprint} {source.time_zone}"
    entries = [entry for entry in ledger.active(source.name, entity.name) if entry.rows_kept]
    of_entity = [entity.name, entity.source]
    held = dict(
        connection.execute(
            "SELECT file_id, shape FROM control.latest_files WHERE entity = ? AND source = ?", of_entity
        ).fetchall()
    )
    new = [entry for entry in entries if entry.file_id not in held]
    if not held and not entries:
        return set()
    if not new and len(held) == len(entries) and set(held.values()) == {shape}:
        return set()
    only_added = (
        held
        and held.keys() < {entry.file_id for entry in entries}
        and set(held.values()) == {shape}
        and min(entry.file_id for entry in new) > max(held)
    )
    key = [identifier(name) for name in entity.key] if entity.replaces == "keys" else []
    parts = _over(home, connection, source, entity, new if only_added else entries)
    shape_only = _select(entity, [_shape(home, connection, entity)], source.name, source.time_zone)
    rows = _newest_of_keys(entity, parts or [shape_only])
    days: set[date] | None = None
    if only_added:
        days = _add_to_latest(connection, table, rows, key)
    else:
        # In the order of days, so that what looks for some of them can pass over the others.
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS {rows} ORDER BY _day")
    connection.execute("DELETE FROM control.latest_files WHERE entity = ? AND source = ?", of_entity)
    connection.execute(
        "INSERT INTO control.latest_files SELECT $1, $2, unnest($3::VARCHAR[]), $4",
        [*of_entity, [entry.file_id for entry in entries], shape],
    )
    return days


def _add_to_latest(connection: duckdb.DuckDBPyConnection, table: str, rows: str, key: list[str]) -> set[date]:
    """Insert rows in place of those with the same key; returns the days on which any came or went."""
    same = " AND ".join(f"old.{name} IS NOT DISTINCT FROM arrived.{name}" for name in key)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE arrived AS {rows}")
    days = "SELECT _day FROM arrived" + (
        f" UNION SELECT _day FROM {table} AS old SEMI JOIN arrived ON {same}" if key else ""
    )
    found = {day for (day,) in connection.execute(days).fetchall() if day}
    if key:
        connection.execute(f"DELETE FROM {table} AS old USING arrived WHERE {same}")
    connection.execute(f"INSERT INTO {table} FROM arrived; DROP TABLE arrived")
    return found


def _shape(home: Home, connection: duckdb.DuckDBPyConnection, entity: Entity) -> Path:
    """A Parquet file of no rows with every column, so that a view has its shape before the first file has come."""
    select = empty_select(entity)
    path = home.raw / ".shape" / f"{entity.name}-{hashlib.sha256(select.encode()).hexdigest()[:12]}.parquet"
    if not path.exists():
        path.parent.mkdir(mode=PRIVATE, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        connection.execute(f"COPY ({select}) TO {literal(str(temporary))} (FORMAT parquet)")
        temporary.replace(path)
    return path


def _select(entity: Entity, paths: list[Path], source: str, time_zone: str, has: set[str] | None = None) -> str:
    """A select over raw files in the entity's shape; `has` names the columns of files that may lack some."""
    columns = ", ".join(
        f"CAST({identifier(column.name) if has is None or column.name in has else 'NULL'} AS {column.stored_type})"
        f" AS {identifier(column.name)}"
        for column in entity.columns
    )
    options = "filename = true, file_row_number = true" + ("" if has is None else ", union_by_name = true")
    return (
        f"SELECT {columns}, {literal(source)} AS _source,"
        f" {literal(f'{source}/{entity.name}/')} || parse_filename(filename, true) AS _file_id,"
        f" file_row_number AS _row_number, _day, {literal(time_zone)} AS _time_zone"
        f" FROM read_parquet([{literals(map(str, paths))}], {options})"
    )


def _parts(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    entity: Entity,
    ledger: Ledger,
    owned: dict[date, list[tuple[Entry, int]]],
    read_days: set[date],
) -> list[str]:
    """Selects over one source's files of an entity, limited to the days that are to be read."""
    if _has_table(entity):
        has_rows = any(entry.rows_kept for entry in ledger.active(source.name, entity.name))
        return [f"SELECT * FROM {_latest_table(entity)}"] if has_rows else []
    if not entity.owns_days:
        return _whole_parts(home, connection, source, entity, ledger.active(source.name, entity.name))
    entries: dict[int, Entry] = {}
    wanted: dict[int, set[date]] = {}
    for day in read_days & owned.keys():
        for entry, rows in owned[day]:
            if rows:
                entries[entry.arrival] = entry
                wanted.setdefault(entry.arrival, set()).add(day)
    whole: list[Entry] = []
    parts: list[str] = []
    for arrival, entry in sorted(entries.items()):
        if sum(rows > 0 for rows in entry.day_rows) == len(wanted[arrival]):
            whole.append(entry)
        else:
            days = ", ".join(f"DATE '{day}'" for day in sorted(wanted[arrival]))
            parts += [f"{select} WHERE _day IN ({days})" for select in _over(home, connection, source, entity, [entry])]
    return _over(home, connection, source, entity, whole) + parts


def _over(
    home: Home, connection: duckdb.DuckDBPyConnection, source: Source, entity: Entity, entries: list[Entry]
) -> list[str]:
    """Selects over whole files; those that were written under another contract are asked which columns they have."""
    names = {column.name for column in entity.columns}
    current = [entry.raw_path(home) for entry in entries if entry.fingerprint == entity.fingerprint]
    older = [entry.raw_path(home) for entry in entries if entry.fingerprint != entity.fingerprint]
    parts = [_select(entity, current, source.name, source.time_zone)] if current else []
    if older:
        described = connection.execute(
            f"DESCRIBE SELECT * FROM read_parquet([{literals(map(str, older))}], union_by_name = true)"
        ).fetchall()
        parts.append(_select(entity, older, source.name, source.time_zone, has=names & {row[0] for row in described}))
    return parts


def _whole_parts(
    home: Home, connection: duckdb.DuckDBPyConnection, source: Source, entity: Entity, entries: list[Entry]
) -> list[str]:
    """All rows of an entity that owns no days; of equal keys the newest file's row is taken."""
    parts = _over(home, connection, source, entity, [entry for entry in entries if entry.rows_kept])
    return parts if not parts or len(entries) == 1 else [_newest_of_keys(entity, parts)]


def _newest_of_keys(entity: Entity, parts: list[str]) -> str:
    """One select of several; where files replace keys, of equal keys the newest file's row."""
    rows = f"SELECT * FROM ({' UNION ALL '.join(parts)})"
    if entity.replaces != "keys":
        return rows
    key = ", ".join(identifier(name) for name in entity.key)
    return f"{rows} QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY _file_id DESC) = 1"


def _count_keys_once(
    connection: duckdb.DuckDBPyConnection,
    delivered: list[Entity],
    owned: dict[tuple[str, str], dict[date, list[tuple[Entry, int]]]],
) -> None:
    """Where files replace keys, a day has the rows that count and not all that landed: a key may have come again.

    Asked for days that several files cover, and for those about to be published: a key may also have moved to another.
    """
    new: dict[tuple[str, str], set[date]] = {}
    for entity, source, day in connection.execute("FROM control.unpublished_days").fetchall():
        new.setdefault((entity, source), set()).add(day)
    for entity in delivered:
        key = (entity.name, entity.source)
        several = {day for day, entries in owned[key].items() if len(entries) > 1}
        days = several | (new.get(key, set()) & owned[key].keys())
        if days and entity.replaces == "keys":
            connection.execute(
                "UPDATE control.days SET rows = counted.rows FROM"
                " (SELECT asked.day, count(landed._day) AS rows FROM (SELECT unnest($days::DATE[]) AS day) AS asked"
                f" LEFT JOIN (SELECT _day FROM raw.{identifier(entity.name)} WHERE _source = $source) AS landed"
                " ON landed._day = asked.day GROUP BY asked.day) AS counted"
                " WHERE days.entity = $entity AND days.source = $source AND days.day = counted.day",
                {"entity": entity.name, "source": entity.source, "days": sorted(days)},
            )


def _describe_sources(connection: duckdb.DuckDBPyConnection, delivered: list[tuple[Source, Entity]]) -> None:
    _fill(
        connection,
        "raw.sources",
        SOURCE_COLUMNS,
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
            for source, entity in delivered
        ],
    )


def _describe_files(
    home: Home, connection: duckdb.DuckDBPyConnection, sources: dict[str, Source], ledger: Ledger, full: bool
) -> None:
    """Bring the table of the ledger up to date. Of a file only its status and whether it counts can change."""
    current = {
        entry.file_id
        for source in sources.values()
        for entity in source.entities
        for entry in ledger.active(source.name, entity.name)
    }
    table = "raw.load_ledger"
    if full or _columns_of(connection, table) != LEDGER_COLUMNS:
        _fill(connection, table, LEDGER_COLUMNS, [])
    said = {(entry.file_id, entry.path, _status(entry), entry.file_id in current): entry for entry in ledger.entries}
    held = set(connection.execute(f"SELECT file_id, path, status, is_current FROM {table}").fetchall())
    _remove(connection, table, {"file_id": "VARCHAR"}, {(file_id,) for file_id, *_ in held - said.keys()})
    taken = {name for name in LEDGER_COLUMNS if name in Entry.__dataclass_fields__}
    _insert(
        connection,
        table,
        LEDGER_COLUMNS,
        [
            {name: getattr(entry, name) for name in taken}
            | {
                "file_id": entry.file_id,
                "status": _status(entry),
                "first_day": entry.window.first.isoformat() if entry.window else None,
                "last_day": entry.window.last.isoformat() if entry.window else None,
                "is_current": entry.file_id in current,
            }
            for key, entry in said.items()
            if key not in held
        ],
    )
    _copy_rejected_rows(home, connection, ledger, _models(sources))


def _status(entry: Entry) -> str:
    return "withdrawn" if entry.withdrawn else entry.status


def _copy_rejected_rows(
    home: Home, connection: duckdb.DuckDBPyConnection, ledger: Ledger, models: dict[str, Entity]
) -> None:
    """Add the sidecars that the table does not hold yet: raw files never change, so what it holds stays right."""
    columns = ", ".join(f"{name} {kind}" for name, kind in REJECTED_COLUMNS.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS raw.rejected_rows ({columns})")
    held = {row[0] for row in connection.execute("SELECT DISTINCT file_id FROM raw.rejected_rows").fetchall()}
    with_rejects = {entry.file_id: entry for entry in ledger.entries if entry.rows_rejected}
    for file_id in held - with_rejects.keys():
        connection.execute("DELETE FROM raw.rejected_rows WHERE file_id = ?", [file_id])
    for file_id in sorted(with_rejects.keys() - held):
        entry = with_rejects[file_id]
        private = entry.private_rejects_path(home)
        is_private = private.exists()
        columns_known = models[entry.entity].columns if entry.entity in models else ()
        connection.execute(
            "INSERT INTO raw.rejected_rows SELECT ?, ?, ?, line, column_name,"
            f" {without_values('reason', columns_known) if is_private else 'reason'},"
            f" {'NULL' if is_private else 'raw_text'}, ?"
            f" FROM read_parquet({literal(str(private if is_private else entry.rejects_path(home)))})",
            [entry.source, entry.entity, entry.path, file_id],
        )


def _agree(
    connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], rows: set[tuple[object, ...]]
) -> None:
    """Make a table hold these rows and no others, by what differs: of years of days a further one changes a few."""
    if _columns_of(connection, table) != columns:
        _fill(connection, table, columns, [])
    held = set(connection.execute(f"FROM {table}").fetchall())
    _remove(connection, table, columns, held - rows)
    _insert(connection, table, columns, [dict(zip(columns, row, strict=True)) for row in sorted(rows - held)])


def _columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Name and type of a table's columns; none where there is no such table."""
    schema, _, name = table.partition(".")
    return dict(
        connection.execute(
            "SELECT column_name, replace(data_type, 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ') FROM duckdb_columns()"
            " WHERE database_name = current_database() AND schema_name = ? AND table_name = ? ORDER BY column_index",
            [schema, name],
        ).fetchall()
    )


def _fill(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], rows: list[dict]) -> None:
    """Make a table anew from rows in hand."""
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS {_rows(columns)}", [_json(rows)])


def _insert(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], rows: list[dict]) -> None:
    if rows:
        connection.execute(f"INSERT INTO {table} {_rows(columns)}", [_json(rows)])


def _remove(
    connection: duckdb.DuckDBPyConnection, table: str, key: dict[str, str], rows: set[tuple[object, ...]]
) -> None:
    """Delete the rows whose key is among these."""
    if rows:
        connection.execute(
            f"DELETE FROM {table} WHERE ({', '.join(key)}) IN (SELECT ({', '.join(key)}) FROM ({_rows(key)}))",
            [_json([dict(zip(key, row, strict=True)) for row in rows])],
        )


def _rows(columns: dict[str, str]) -> str:
    """A select of rows that come as JSON, in one statement: one for each row is slow."""
    return f"SELECT row.* FROM (SELECT unnest(from_json(?, {literal(json.dumps([columns]))})) AS row)"


def _json(rows: list[dict]) -> str:
    return json.dumps(rows, default=date.isoformat)
