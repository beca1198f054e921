"""From a landed file to plain UTF-8 text that DuckDB can read, with the header understood.

What a file is, is seen from its first bytes rather than from its name: gzip, Parquet and byte order marks announce
themselves. Everything but plain UTF-8 text is decoded into a scratch file first.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy

from hotline.landing.sources import Column, Entity, Format

CHUNK = 1 << 20
NEWLINE, RETURN_NEWLINE = "\n", "\r\n"
MAX_LINE_BYTES = 1 << 20
"""Longest record that is read; DuckDB's own limit is 2 MB."""
BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def _mark_invalid(error: UnicodeError) -> tuple[str, int]:
    """Put a byte that UTF-8 never has in the place of what can't be decoded, so that its row is found and rejected."""
    return "\udcff", error.end


codecs.register_error("hotline_mark_invalid", _mark_invalid)


class Unreadable(Exception):
    """The whole file goes to quarantine; the message says why."""


@dataclass(frozen=True)
class Facts:
    """What one pass over the bytes shows, found in a thread beside the load."""

    content_hash: str
    bytes: int
    newlines: int = 0
    returns: int = 0
    """Carriage returns."""
    has_nul: bool = False
    ends_with_newline: bool = True

    @property
    def lines(self) -> int:
        """Physical lines, counting a last one that has no line end."""
        return self.newlines + (0 if self.ends_with_newline else 1)


def examine(file: Path, count: bool = True) -> Facts:
    """SHA-256, and unless told otherwise the counts that tell whether a row's line follows from its number."""
    digest, size, newlines, returns, has_nul, last = hashlib.sha256(), 0, 0, 0, False, b"\n"
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            last = chunk[-1:]
            if count:
                # numpy counts five times as fast as bytes.count and, like hashing, lets the load run on meanwhile.
                newlines += int(numpy.count_nonzero(numpy.frombuffer(chunk, numpy.uint8) == 10))
                returns += chunk.count(b"\r") if b"\r" in chunk else 0
                has_nul = has_nul or b"\x00" in chunk
    return Facts(digest.hexdigest(), size, newlines, returns, has_nul, last == b"\n")


def examine_text(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Text:
    """A landed file as UTF-8 text."""

    path: Path
    """The file itself, or its decoded copy."""
    is_copy: bool
    encoding: str
    compressed: bool


def first_bytes(path: Path) -> bytes:
    """Enough of a file to see what it is."""
    with path.open("rb") as stream:
        return stream.read(4096)


def kind_of(head: bytes, form: Format, is_personal: bool = False) -> str:
    """`parquet`, `excel`, `jsonl` or `csv`; raises `Unreadable` for what is plainly something else.

    A workbook is taken of sources that say so, and of `is_personal` entities: HR keeps Excel.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    if form.type == "parquet":
        raise Unreadable("the source says Parquet, and the file does not begin as one")
    if head.startswith(b"PK\x03\x04") and (is_personal or form.type == "excel"):
        return "excel"
    if form.type == "excel":
        if head.startswith(b"\xd0\xcf\x11\xe0"):
            raise Unreadable("an old workbook (.xls), or one with a password: save it as .xlsx without one")
        raise Unreadable("the source says Excel (.xlsx), and the file does not begin as one")
    if head.startswith(b"PK\x03\x04"):
        raise Unreadable("a ZIP archive or Excel workbook, not a text file")
    if head.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x7fELF", b"SQLite format 3")):
        raise Unreadable("a binary file (Excel, PDF, image, program or database), not a text file")
    return form.type


def decompressed(stream: BinaryIO) -> Iterator[bytes]:
    """The content of a gzip file of one or more members.

    Raises `Unreadable` when it is cut off or damaged: what could be read of it may end in the middle of anything.
    """
    stream.seek(0)
    try:
        with gzip.open(stream) as content:
            while chunk := content.read(CHUNK):
                yield chunk
    except EOFError as error:
        raise Unreadable("the gzip file ends in the middle: half written, or cut off on its way") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Unreadable(f"the gzip file is damaged ({error})") from error


def as_text(path: Path, form: Format, scratch: Path) -> Text:
    """The file as UTF-8 text, decoded into `scratch` when it is anything else.

    Bytes that the encoding doesn't know become broken UTF-8, so that they are found in their row.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
        compressed = head.startswith(b"\x1f\x8b")
        if compressed:
            chunks = decompressed(stream)
            head = next(chunks, b"")
            if kind_of(head, form) == "parquet":
                raise Unreadable("a Parquet file within gzip: Parquet is compressed already, and read as it is")
        else:
            chunks = iter(lambda: stream.read(CHUNK), b"")
        marked = next((name for mark, name in BOMS.items() if head.startswith(mark)), "")
        encoding = marked or ("utf-16-le" if form.encoding == "utf-16" else form.encoding)
        if encoding == "utf-8" and not compressed:
            return Text(path, False, encoding, False)
        decoder = codecs.getincrementaldecoder("gb18030" if encoding == "gbk" else encoding)(
            errors="hotline_mark_invalid"
        )
        with scratch.open("wb") as target:
            first = True
            for chunk in _chain(head, chunks):
                if encoding == "utf-8":
                    target.write(chunk)
                    continue
                text = decoder.decode(chunk)
                if first and text:
                    text, first = text.removeprefix("\ufeff"), False
                target.write(text.encode("utf-8", "surrogateescape"))
            if encoding != "utf-8":
                target.write(decoder.decode(b"", final=True).encode("utf-8", "surrogateescape"))
    return Text(scratch, True, encoding, compressed)


def _chain(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from rest


@dataclass(frozen=True)
class Header:
    """The columns of a file in their physical order, and where the entity's columns are among them."""

    names: tuple[str, ...]
    positions: dict[str, int]
    """Entity column name to position in the file; a column that the file lacks is not in it."""
    line_end: str
    lines: int = 1
    """Physical lines that the header takes."""


def read_header(text: Path, form: Format, entity: Entity) -> Header:
    """Map the header line by name.

    Raises `Unreadable` when the file is empty, is not text, lacks a required column or names a needed one twice.
    """
    with text.open("rb") as stream:
        head = stream.read(MAX_LINE_BYTES).removeprefix(codecs.BOM_UTF8)
    if not head:
        raise Unreadable("the file is empty: not even a header")
    line, line_end = _first_record(head, form)
    if b"\x00" in line:
        raise Unreadable(f"not a text file: its header has a NUL byte (position {line.index(0)})")
    try:
        decoded = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"the header is not {form.encoding}: byte 0x{line[error.start]:02x} at position {error.start}"
        ) from error
    names = _split(decoded, form)
    if not any(name.strip() for name in names):
        raise Unreadable("the first line, where the header belongs, is blank")
    return map_header(names, entity, form, line_end, decoded.count("\n") + 1)


def _first_record(head: bytes, form: Format) -> tuple[bytes, str]:
    """The first line, and what ends it: a line end within quotes belongs to the header."""
    start = 0
    quote = form.quote.encode()
    while True:
        end = head.find(b"\n", start)
        if end < 0:
            if len(head) == MAX_LINE_BYTES:
                raise Unreadable(f"the first line is longer than {MAX_LINE_BYTES:,} bytes: not a header")
            if b"\r" in head:
                raise Unreadable("lines end in a bare carriage return, which no line of the file's format does")
            return head, NEWLINE
        if not quote or head.count(quote, 0, end) % 2 == 0:
            break
        start = end + 1
    line = head[:end]
    return (line[:-1], RETURN_NEWLINE) if line.endswith(b"\r") else (line, NEWLINE)


def _split(line: str, form: Format) -> list[str]:
    settings = {"quotechar": form.quote} if form.quote else {"quoting": csv.QUOTE_NONE}
    try:
        rows = list(csv.reader([line], delimiter=form.delimiter, strict=True, **settings))
    except csv.Error as error:
        raise Unreadable(f"the header can't be split into columns ({error})") from error
    return [name.strip() for name in rows[0]] if rows else []


def map_header(names: list[str], entity: Entity, form: Format, line_end: str = NEWLINE, lines: int = 1) -> Header:
    """Find each column of the entity among `names` by its name, whatever their order."""
    positions: dict[str, int] = {}
    missing: list[Column] = []
    for column in entity.columns:
        if not column.header:
            continue
        found = [position for position, name in enumerate(names) if name == column.header]
        if len(found) > 1:
            places = " and ".join(str(position + 1) for position in found)
            raise Unreadable(f"the header names column {column.header!r} twice (columns {places})")
        if found:
            positions[column.name] = found[0]
        else:
            missing.append(column)
    required = [column.header for column in missing if column.required]
    if required:
        shown = ", ".join(repr(name) for name in names[:40])
        reason = f"the header lacks {', '.join(map(repr, required))}; it has {shown}"
        if len(names) == 1:
            others = [mark for mark in ",;\t|" if mark in names[0] and mark != form.delimiter]
            reason += f": one single column, so the delimiter may not be {form.delimiter!r}"
            reason += f" but {others[0]!r}" if others else ""
        raise Unreadable(reason)
    return Header(tuple(names), positions, line_end, lines)


def noticed(names: tuple[str, ...], entity: Entity, earlier: tuple[str, ...] | None) -> str:
    """What is worth saying about a header: the changes since the `earlier` file, or in a first file the unexpected."""
    if earlier == names:
        return ""
    wanted = [column.header for column in entity.columns if column.header]
    if earlier is None:
        gone = [name for name in wanted if name not in names]
        new = [name for name in names if name not in wanted and not _is_item(name, entity)]
        return _listed(("optional columns absent", gone), ("columns that the source doesn't mention, ignored", new))
    gone = [name for name in earlier if name not in names]
    new = [name for name in names if name not in earlier]
    said = _listed(("columns gone since the last file", gone), ("columns new since the last file", new))
    if [name for name in earlier if name in names] != [name for name in names if name in earlier]:
        said = "; ".join(filter(None, (said, "columns in another order than in the last file")))
    return said


def is_called(name: str, pattern: str) -> bool:
    """Whether a header fits a pattern in which only `*` is special: survey tools write brackets into their headers."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None


def _is_item(name: str, entity: Entity) -> bool:
    return any(is_called(name, pattern) for _, pattern in entity.items)


def _listed(*found: tuple[str, list[str]]) -> str:
    return "; ".join(f"{what}: {', '.join(names[:40])}" for what, names in found if names)


def same_file(before: os.stat_result, after: os.stat_result) -> bool:
    """Whether nothing was written to a file between two looks at it."""
    return (before.st_size, before.st_mtime_ns, before.st_ino) == (after.st_size, after.st_mtime_ns, after.st_ino)
