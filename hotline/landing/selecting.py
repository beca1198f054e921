"""The SQL that turns a file's columns into an entity's: typed, mapped, and checked against the contract."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hotline.landing.quoting import identifier, literal, literals
from hotline.landing.reading import Header
from hotline.landing.sources import Column, Entity, Format, Window

EARLIEST, LATEST = "1900-01-01", "2200-01-01"
"""A date outside of this is a fault of the clock or of the format, and would stretch a window over centuries."""


def reader(path: Path, header: Header, form: Format, entity: Entity) -> str:
    """A `read_csv` of the file with its columns as _c0, _c1, … in physical order, so that no name from the file gets into SQL."""
    types = [_read_type(column) for column in _by_position(header, entity)]
    columns = ", ".join(f"'_c{position}': '{column_type}'" for position, column_type in enumerate(types))
    settings = [
        literal(str(path)),
        f"columns = {{{columns}}}",
        "auto_detect = false",
        "header = true",
        f"delim = {literal(form.delimiter)}",
        f"quote = {literal(form.quote)}",
        f"escape = {literal(form.quote)}",
        f"nullstr = [{literals(form.empty or ('',))}]",
        "compression = 'none'",
        "store_rejects = true",
    ]
    if form.date:
        settings.append(f"dateformat = {literal(form.date)}")
    if form.timestamp:
        settings.append(f"timestampformat = {literal(form.timestamp)}")
    return f"read_csv({', '.join(settings)})"


def _by_position(header: Header, entity: Entity) -> list[Column | None]:
    columns: list[Column | None] = [None] * len(header.names)
    for name, position in header.positions.items():
        columns[position] = entity.column(name)
    return columns


def _read_type(column: Column | None) -> str:
    """The type that the reader gives a column: text where a value map or a month has still to be applied."""
    if column is None or column.values or column.type == "MONTH":
        return "VARCHAR"
    return column.type


def typed(column: Column, reference: str | None) -> str:
    """The column's value: from the file, from the source description, or NULL."""
    if column.constant is not None:
        return f"CAST({literal(column.constant)} AS {column.type})"
    if reference is None:
        return f"CAST(NULL AS {column.stored_type})"
    if column.values:
        cases = " ".join(
            f"WHEN {literal(text)} THEN {'NULL' if value is None else literal(value)}" for text, value in column.values
        )
        mapped = f"CASE {reference} {cases} ELSE {reference} END"
        return mapped if column.type == "VARCHAR" else f"TRY_CAST({mapped} AS {column.type})"
    if column.type == "MONTH":
        return month(reference)
    return reference


def month(reference: str) -> str:
    """The first of the month, from 2025-01, 202501 or any day of it."""
    digits = f"replace({reference}, '-', '')"
    return f"TRY_CAST(substr({digits}, 1, 4) || '-' || substr({digits}, 5, 2) || '-01' AS DATE)"


def problems(entity: Entity, header: Header, window: Window | None) -> list[tuple[str, str, str]]:
    """(column, condition that a good row fulfils, reason) for everything that the contract asks of a row.

    Conditions are over the entity's own column names; a condition that is NULL counts as broken.
    """
    found: list[tuple[str, str, str]] = []
    for column in entity.columns:
        name = identifier(column.name)
        position = header.positions.get(column.name)
        if position is None:
            continue
        source = f"_c{position}"
        if column.required:
            found.append((column.name, f"{name} IS NOT NULL", "required, and empty"))
        if _read_type(column) != column.stored_type:
            found.append(
                (column.name, f"({name} IS NOT NULL OR {_maps_to_nothing(column, source)})", f"not a {column.type}")
            )
        if column.allowed:
            found.append(
                (
                    column.name,
                    f"({name} IS NULL OR {name} IN ({literals(column.allowed)}))",
                    "not one of the allowed values",
                )
            )
        if column.type in ("TIMESTAMPTZ", "DATE"):
            found.append(
                (
                    column.name,
                    f"({name} IS NULL OR ({name} >= {column.type} '{EARLIEST}' AND {name} < {column.type} '{LATEST}'))",
                    f"not between {EARLIEST} and {LATEST}",
                )
            )
    if window and entity.window and entity.window in header.positions:
        first, after = bounds(entity, window)
        name = identifier(entity.window)
        found.append(
            (
                entity.window,
                f"({name} >= {first} AND {name} < {after})",
                f"outside of the days in the file's name ({window})",
            )
        )
    return found


def _maps_to_nothing(column: Column, source: str) -> str:
    emptied = [text for text, value in column.values if value is None]
    return f"{source} IS NULL" + (f" OR {source} IN ({literals(emptied)})" if emptied else "")


def bounds(entity: Entity, window: Window) -> tuple[str, str]:
    """First instant (or date) of the window, and the first after it, as SQL."""
    after = window.last + timedelta(days=1)
    if entity.column(entity.window).stored_type == "DATE":
        return f"DATE '{window.first}'", f"DATE '{after}'"
    return _instant(window.first, entity.time_zone), _instant(after, entity.time_zone)


def _instant(day: date, time_zone: str) -> str:
    return f"TIMESTAMPTZ '{datetime.combine(day, time(), ZoneInfo(time_zone)).isoformat()}'"


def day_of(entity: Entity, window: Window | None) -> str:
    """The local day of a row, as SQL over the entity's columns; a constant where the file covers one day."""
    if not entity.window:
        return "CAST(NULL AS DATE)"
    if window and window.first == window.last:
        return f"DATE '{window.first}'"
    name = identifier(entity.window)
    if entity.column(entity.window).stored_type == "DATE":
        return name
    # The session's time zone is the source's while its files are read.
    return f"CAST({name} AS DATE)"


def columns_of(entity: Entity, header: Header) -> str:
    """The select list of the entity's columns over the reader's."""
    return ", ".join(
        f"{typed(column, f'_c{position}' if (position := header.positions.get(column.name)) is not None else None)}"
        f" AS {identifier(column.name)}"
        for column in entity.columns
    )


def empty_select(entity: Entity) -> str:
    """A select of no rows in the shape that every raw file of the entity has."""
    columns = ", ".join(f"CAST(NULL AS {column.stored_type}) AS {identifier(column.name)}" for column in entity.columns)
    return f"SELECT {columns}, CAST(NULL AS DATE) AS _day WHERE false"
