"""The SQL that turns a file's columns into an entity's: typed, mapped, and checked against the contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hotline.landing.quoting import identifier, literal, literals
from hotline.landing.reading import MAX_LINE_BYTES, NEWLINE, RETURN_NEWLINE, Header
from hotline.landing.sources import Column, Entity, Format, Window

LINE_ENDS = {NEWLINE: r"\n", RETURN_NEWLINE: r"\r\n"}
"""Line ends as DuckDB spells them."""
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
PLAUSIBLE = Window(EARLIEST, LATEST)
"""A date outside of this is a fault of the clock or of the format, and would stretch a window over centuries."""


def reader(path: Path, header: Header, form: Format, entity: Entity, numbered: bool = False) -> str:
    """A `read_csv` of the file with its columns as _c0, _c1, … in physical order: no name from the file gets into SQL.

    A `numbered` file has no header and begins each record with its line, the column `_line`.
    """
    types = ["VARCHAR"] * len(header.names)
    for name, position in header.positions.items():
        types[position] = entity.column(name).read_type
    columns = ", ".join(f"'_c{position}': '{column_type}'" for position, column_type in enumerate(types))
    columns = f"'_line': 'BIGINT', {columns}" if numbered else columns
    settings = [
        literal(str(path)),
        f"columns = {{{columns}}}",
        "auto_detect = false",
        f"header = {str(not numbered).lower()}",
        # Left to itself, DuckDB takes a line end within quotes for the one that ends lines.
        f"new_line = {literal(LINE_ENDS[NEWLINE if numbered else header.line_end])}",
        f"delim = {literal(form.delimiter)}",
        f"quote = {literal(form.quote)}",
        f"escape = {literal(form.quote)}",
        f"nullstr = [{literals(dict.fromkeys(('', *form.empty)))}]",
        f"max_line_size = {2 * MAX_LINE_BYTES + 100}",
        "compression = 'none'",
        "store_rejects = true",
    ]
    if form.date:
        settings.append(f"dateformat = {literal(form.date)}")
    if form.timestamp:
        settings.append(f"timestampformat = {literal(form.timestamp)}")
    return f"read_csv({', '.join(settings)})"


def typed(column: Column, reference: str | None) -> str:
    """The column's value: from the file, from the source description, or NULL."""
    if column.constant is not None:
        return f"CAST({literal(column.constant)} AS {column.stored_type})"
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
    return f"CAST({reference} AS TIMESTAMPTZ)" if column.has_pattern else reference


def month(reference: str) -> str:
    """The first of the month, from 2025-01, 202501 or any day of it."""
    digits = f"replace({reference}, '-', '')"
    return f"TRY_CAST(substr({digits}, 1, 4) || '-' || substr({digits}, 5, 2) || '-01' AS DATE)"


@dataclass(frozen=True)
class Rule:
    """Something that the contract or the file's name asks of a row."""

    column: str
    condition: str
    """SQL over the entity's column names and the reader's (`_c0`, …): true for a good row, and for no other."""
    reason: str
    """SQL text that says what is wrong with a row that breaks it."""
    limits: tuple[date, date] | tuple[datetime, datetime] | None = None
    """For a column of times: the first that is good and the first after it that is not. Then a file's statistics
    are enough to tell that no row breaks the rule."""
    is_required: bool = False
    """The rule is no more than that the column be filled, which the statistics tell too."""
    needs_text: bool = False
    """The rule looks at the file's own text, which is not in the raw file."""


def rules(entity: Entity, header: Header, window: Window | None) -> list[Rule]:
    """Everything that the contract and the file's name ask of a row, in the order of the columns."""
    found: list[Rule] = []
    for column in entity.columns:
        position = header.positions.get(column.name)
        if position is None:
            continue
        name, text = identifier(column.name), f"_c{position}"
        if column.required:
            found.append(Rule(column.name, f"{name} IS NOT NULL", literal("required, and empty"), is_required=True))
        if column.is_made_from_text and column.type != "VARCHAR":
            reason = f"{text} || {literal(f' is not a valid {column.type}')}"
            found.append(Rule(column.name, f"({name} IS NOT NULL OR {_empty(column, text)})", reason, needs_text=True))
        if column.allowed:
            reason = f"{text} || {literal(' is not one of ' + ', '.join(column.allowed))}"
            condition = f"({name} IS NULL OR {name} IN ({literals(column.allowed)}))"
            found.append(Rule(column.name, condition, reason))
        if column.stored_type in ("TIMESTAMPTZ", "DATE"):
            found.append(_between(column, PLAUSIBLE, "UTC", f"is not between {EARLIEST} and {LATEST}"))
    if window and entity.window in header.positions:
        column = entity.column(entity.window)
        reason = f"is outside of what the name of the file covers ({window})"
        found.append(_between(column, window, entity.time_zone, reason))
    return found


def _between(column: Column, window: Window, time_zone: str, reason: str) -> Rule:
    """The rule that a time lies in a window of local days."""
    first: date = window.first
    after: date = window.last + timedelta(days=1)
    if column.stored_type == "TIMESTAMPTZ":
        first, after = (datetime.combine(day, time(), ZoneInfo(time_zone)) for day in (first, after))
    name = identifier(column.name)
    low, high = (f"{column.stored_type} '{limit.isoformat()}'" for limit in (first, after))
    return Rule(
        column.name,
        f"({name} IS NULL OR ({name} >= {low} AND {name} < {high}))",
        f"CAST({name} AS VARCHAR) || {literal(' ' + reason)}",
        limits=(first, after),
    )


def _empty(column: Column, text: str) -> str:
    """Condition that the file's text stands for nothing."""
    emptied = [value for value, mapped in column.values if mapped is None]
    return f"{text} IS NULL" + (f" OR {text} IN ({literals(emptied)})" if emptied else "")


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
