"""Reading record by record: slower than DuckDB's reader, and exact about lines, quotes and what is wrong with a row.

Used for the formats that DuckDB's CSV reader does not take, and for every text file in which its quick reading found
anything unusual: a row that does not fit, a line count that does not add up, a NUL byte.
"""

from __future__ import annotations

import codecs
import functools
import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, NamedTuple

import duckdb

from hotline.landing.quoting import identifier, literal
from hotline.landing.reading import MAX_LINE_BYTES, Unreadable
from hotline.landing.sources import Format

MAX_RECORD_LINES = 1000
"""A quote that is not closed within so many lines is taken for a stray one, so that it can't swallow the file."""
SHOWN_BYTES = 10_000
"""A rejected row's text is kept up to this length."""


CLEAN = Format(delimiter="\x1f", quote="\x1e")
"""What all records are written as for the typed reading, each after its line: with marks that no source can declare as
its own, nor use in what stands for nothing."""
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_SPECIAL = re.compile(r"[\x1e\x1f\r\n]|\A | \Z")


class Record(NamedTuple):
    """One row of a file, ready for the typed reading, or why it is not."""

    line: int
    """Physical line that it begins on, from 1; in Parquet the row, from 1."""
    raw: bytes
    """Its text in the file."""
    clean: str | None
    """Its fields as one record of `CLEAN`, without the line."""
    problem: str = ""


class Lines:
    """Physical lines of a file with a bounded length, some of which may be given back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._returned: list[bytes] = []
        self.number = 0

    def __iter__(self) -> Iterator[bytes]:
        while (line := self.next()) is not None:
            yield line

    def next(self) -> bytes | None:
        """The next line with its line end; one that is too long is cut at `MAX_LINE_BYTES` + 1 bytes."""
        if self._returned:
            self.number += 1
            return self._returned.pop()
        line = self._stream.readline(MAX_LINE_BYTES + 1)
        if not line:
            return None
        self.number += 1
        if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            while (rest := self._stream.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
        return line

    def give_back(self, lines: list[bytes]) -> None:
        self._returned.extend(reversed(lines))
        self.number -= len(lines)


def _bare(line: bytes) -> bytes:
    """A line without its line end."""
    line = line.removesuffix(b"\n")
    return line.removesuffix(b"\r")


def shown(raw: bytes) -> str:
    """Raw bytes as text to show, cut to `SHOWN_BYTES`."""
    return raw[:SHOWN_BYTES].decode("utf-8", "replace").replace("\x00", "\ufffd")


def text_records(
    path: Path, form: Format, width: int, header_lines: int, blank_lines: list[int] | None = None
) -> Iterator[Record]:
    """The records of a delimited UTF-8 text file after its header; `width` is the header's number of columns.

    Blank lines are no records; their numbers are appended to `blank_lines`. A record whose quotes don't close, or close
    in the wrong place, is one rejected line: the next line is read for itself.
    """
    delimiter, quote = form.delimiter.encode(), form.quote.encode()
    to_clean = bytes.maketrans(delimiter, CLEAN.delimiter.encode())
    marks = b"\x00\r" + quote + CLEAN.quote.encode() + CLEAN.delimiter.encode()
    # A line without a delimiter may be blank: where there is one column only, each line is looked at.
    others = width - 1 or -1
    with path.open("rb") as stream:
        lines = Lines(stream)
        for _ in range(header_lines):
            lines.next()
        for line in lines:
            bare = _bare(line)
            is_usual = bare.count(delimiter) == others and len(line) <= MAX_LINE_BYTES
            if is_usual and bare.translate(None, marks) == bare:
                # Nothing in it has to be looked at field by field.
                try:
                    yield Record(lines.number, bare, bare.translate(to_clean).decode())
                except UnicodeDecodeError:
                    yield Record(lines.number, bare, None, "text that does not keep to the file's encoding")
            elif bare.strip(b" "):
                yield _unusual_record(lines, line, delimiter, quote, width)
            elif blank_lines is not None:
                blank_lines.append(lines.number)


def _unusual_record(lines: Lines, line: bytes, delimiter: bytes, quote: bytes, width: int) -> Record:
    """The record that begins with `line`, which may take more lines, field by field."""
    bare, number = _bare(line), lines.number
    if len(line) > MAX_LINE_BYTES:
        return Record(number, bare, None, f"longer than {MAX_LINE_BYTES:,} bytes")
    if not quote or quote not in bare:
        return _record(number, bare, bare.split(delimiter), width)
    taken, length = [line], len(line)
    fields = split(bare, delimiter, quote)
    while fields is None and len(taken) < MAX_RECORD_LINES and length < MAX_LINE_BYTES:
        following = lines.next()
        if following is None:
            break
        taken.append(following)
        length += len(following)
        if quote in following:
            fields = split(_bare(b"".join(taken)), delimiter, quote)
    if isinstance(fields, list) and (len(taken) == 1 or len(fields) == width):
        return _record(number, _bare(b"".join(taken)), fields, width)
    # A stray quote joined lines that don't belong together: only the first of them is at fault.
    lines.give_back(taken[1:])
    if isinstance(fields, list):
        return Record(number, bare, None, "a quote is opened and not closed on this line")
    return Record(number, bare, None, fields or "a quote is opened and never closed")


def _record(number: int, raw: bytes, fields: list[bytes], width: int) -> Record:
    if b"\x00" in raw:
        return Record(number, raw, None, "holds a NUL byte")
    if len(fields) > width and not any(fields[width:]):
        fields = fields[:width]  # delimiters at the end of the line, as some exports write them
    try:
        texts = [field.decode() for field in fields]
    except UnicodeDecodeError:
        return Record(number, raw, None, "text that does not keep to the file's encoding")
    if len(fields) != width:
        which = "few" if len(fields) < width else "many"
        return Record(number, raw, None, f"too {which} columns: {len(fields)} where the header has {width}")
    return Record(number, raw, clean(texts))


@functools.lru_cache(maxsize=8)
def _field_patterns(delimiter: bytes, quote: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes], re.Pattern[bytes]]:
    mark, edge = re.escape(quote), re.escape(delimiter)
    inside = b"((?:[^" + mark + b"]|" + mark + mark + b")*+)"
    return (
        re.compile(b" *" + mark + inside + mark + b" *(?=" + edge + b"|\\Z)", re.DOTALL),
        re.compile(b" *" + mark + inside + b"\\Z", re.DOTALL),
        re.compile(b"[^" + edge + b"]*", re.DOTALL),
    )


def split(raw: bytes, delimiter: bytes, quote: bytes) -> list[bytes] | str | None:
    """The fields of a record, as DuckDB's strict reader sees them.

    Returns None when a quote is still open at the end, and the reason when quotes stand where they may not.
    """
    quoted, opened, unquoted = _field_patterns(delimiter, quote)
    fields, position = [], 0
    while True:
        if raw[position:].lstrip(b" ").startswith(quote):
            match = quoted.match(raw, position)
            if not match:
                return None if opened.match(raw, position) else "text stands beside a quoted value"
            fields.append(match[1].replace(quote + quote, quote))
        else:
            match = unquoted.match(raw, position)
            fields.append(match[0])
        position = match.end()
        if position >= len(raw):
            return fields
        position += len(delimiter)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"the name {next(name for name in names if names.count(name) > 1)!r} stands twice")
    return dict(pairs)


def _as_text(value: object) -> str | None:
    """A JSON value as the text that a CSV file would have; decimals as they were written, so 1.10 is not 1.1."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, default=float) if isinstance(value, dict | list) else str(value)


def _json_object(line: bytes) -> dict[str, object]:
    text = line.decode("utf-8")
    found = json.loads(text, object_pairs_hook=_unique, parse_float=Decimal, parse_constant=str)
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def json_names(path: Path, sample: int = 1000) -> list[str]:
    """Names in the first objects of a JSON-lines file, in order of appearance."""
    names: dict[str, None] = {}
    readable = False
    with path.open("rb") as stream:
        lines = Lines(stream)
        while lines.number < sample and (line := lines.next()) is not None:
            try:
                found = _json_object(line.removeprefix(codecs.BOM_UTF8))
                names.update(dict.fromkeys(name for name in found if not _HALF_CHARACTER.search(name)))
                readable = True
            except (ValueError, RecursionError):
                continue
    if not readable:
        raise Unreadable("no line of it is a JSON object")
    return list(names)


def json_records(path: Path, names: tuple[str, ...]) -> Iterator[Record]:
    """The records of a JSON-lines file, fields in the order of `names`; an absent name is empty."""
    with path.open("rb") as stream:
        lines = Lines(stream)
        for line in lines:
            bare = _bare(line.removeprefix(codecs.BOM_UTF8) if lines.number == 1 else line)
            if not bare.strip():
                continue
            if len(line) > MAX_LINE_BYTES:
                yield Record(lines.number, bare, None, f"longer than {MAX_LINE_BYTES:,} bytes")
                continue
            try:
                found = _json_object(bare)
            except (ValueError, RecursionError) as error:
                yield Record(lines.number, bare, None, f"not a JSON object ({error})")
                continue
            yield fields_record(lines.number, bare, [_as_text(found.get(name)) for name in names])


def fields_record(number: int, raw: bytes, fields: Sequence[str | None]) -> Record:
    """A record of fields that were read one by one; rejected where one of them is no text."""
    if any(field and "\x00" in field for field in fields):
        return Record(number, raw, None, "holds a NUL character")
    if any(field and _HALF_CHARACTER.search(field) for field in fields):
        return Record(number, raw, None, "holds one half of a character")
    return Record(number, raw, clean(fields))


def parquet_names(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Column names of a Parquet file.

    Raises `Unreadable` when it is not complete.
    """
    try:
        rows = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(str(path))})").fetchall()
    except duckdb.Error as error:
        raise Unreadable(f"not a complete Parquet file ({first_line(error)})") from error
    return [row[0] for row in rows]


def parquet_records(connection: duckdb.DuckDBPyConnection, path: Path, names: tuple[str, ...]) -> Iterator[Record]:
    """The rows of a Parquet file as text."""
    columns = ", ".join(f"CAST({identifier(name)} AS VARCHAR)" for name in names)
    cursor = connection.cursor()
    try:
        cursor.execute("SET TimeZone = 'UTC'")
        result = cursor.execute(f"SELECT {columns} FROM read_parquet({literal(str(path))})")
        number = 0
        while rows := result.fetchmany(2048):
            for row in rows:
                number += 1
                raw = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False)
                yield fields_record(number, raw.encode(), row)
    except duckdb.Error as error:
        raise Unreadable(f"not a complete Parquet file ({first_line(error)})") from error
    finally:
        cursor.close()


def first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:300]


def clean(fields: Sequence[str | None]) -> str:
    """Fields as one record of `CLEAN`, quoted only where they must be."""
    return CLEAN.delimiter.join(map(_clean_field, fields))


def _clean_field(field: str | None) -> str:
    if field is None:
        return ""
    mark = CLEAN.quote
    return mark + field.replace(mark, mark + mark) + mark if _SPECIAL.search(field) else field
