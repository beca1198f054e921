"""Excel workbooks as people keep them: titles above the header, headings over several rows, merged cells, any dates.

A cell becomes the text that the landing contract expects of its column; all that follows, types, rules and rejects, is
the same as for a text file. The line of a row is its row in the sheet.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree

from hotline.landing.reading import Unreadable
from hotline.landing.records import Record, fields_record
from hotline.landing.sources import Entity, Format

DATE_OF_NAME = "{date}"
"""What a source maps a column to that is the day in the file's name; of a month its last day."""
MOST_BYTES = 1 << 30
"""Unpacked: a larger workbook is a fault, or a trap."""
LAST_SERIAL = 2_958_465
"""31 December 9999."""

_WRITTEN_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]+(\d{1,2}:\d{2}(?::\d{2})?))?"
)
_WRITTEN_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


class Workbook:
    """One sheet of a workbook: its header, and its rows below it. `name_date` is the day that the file's name tells.

    Raises `Unreadable` for what is not a workbook, or has no such sheet or header.
    """

    def __init__(self, path: Path, entity: Entity, form: Format, name_date: date | None) -> None:
        self._path, self._entity, self._form = path, entity, form
        self._date = name_date
        try:
            with zipfile.ZipFile(path) as archive:
                if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
                    raise Unreadable(f"the workbook unpacks to more than {MOST_BYTES:,} bytes")
                self.sheet, part = self._sheet(archive)
                self._merged = _merged_cells(archive.read(part))
        except (zipfile.BadZipFile, KeyError, ParseError) as error:
            raise Unreadable(f"not a whole Excel workbook (.xlsx): {error}") from error
        self.names = self._names()

    def _sheet(self, archive: zipfile.ZipFile) -> tuple[str, str]:
        """Name of the sheet that is read, and its part of the archive."""
        targets = {
            relation.get("Id"): relation.get("Target", "")
            for relation in defusedxml.ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        }
        book = defusedxml.ElementTree.fromstring(archive.read("xl/workbook.xml"))
        sheets = {
            sheet.get("name", ""): targets.get(sheet.get(f"{_RELATIONS}id"), "")
            for sheet in book.iter()
            if sheet.tag.endswith("}sheet") and sheet.get("state", "visible") == "visible"
        }
        wanted = self._form.sheet or next(iter(sheets), "")
        if wanted not in sheets:
            raise Unreadable(f"the workbook has no visible sheet {wanted!r}; it has {', '.join(map(repr, sheets))}")
        target = sheets[wanted]
        return wanted, target.removeprefix("/") if target.startswith("/") else f"xl/{target}"

    def _rows(self) -> Iterator[tuple[int, list[object], bool]]:
        """Every row with its number, merged cells filled with what stands in their first; and whether it has a cell."""
        import openpyxl

        try:
            with self._path.open("rb") as stream:  # by its name, openpyxl would refuse it
                book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
                self._epoch = book.epoch
                sheet = book[self.sheet]
                sheet.reset_dimensions()  # what a program wrote of its size may be wrong
                filled: dict[tuple[int, int], object] = {}
                for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
                    cells: list[object] = list(row)
                    for column, (top, left) in self._merged.get(number, {}).items():
                        if (number, column) == (top, left):
                            filled[top, left] = cells[column - 1] if column <= len(cells) else None
                        else:
                            cells += [None] * (column - len(cells))
                            cells[column - 1] = filled.get((top, left))
                    yield number, cells, any(cell not in (None, "") for cell in row)
        except (KeyError, ValueError, TypeError, OSError, zipfile.BadZipFile, ParseError) as error:
            raise Unreadable(f"the sheet {self.sheet!r} can't be read ({type(error).__name__}: {error})") from error

    def _names(self) -> list[str]:
        """The columns by their lowest headings, or by all from top to bottom, joined by /, where the source says so."""
        first, count = self._form.header_row, self._form.header_rows
        headings: list[list[str]] = []
        for number, cells, _ in self._rows():
            if number >= first + count:
                break
            if number >= first:
                headings.append(["".join(str(cell).split()) if cell is not None else "" for cell in cells])
        width = max((len(row) for row in headings), default=0)
        paths = []
        for column in range(width):
            parts = [row[column] for row in headings if column < len(row) and row[column]]
            paths.append([part for place, part in enumerate(parts) if place == 0 or part != parts[place - 1]])
        lowest = [path[-1] if path else "" for path in paths]
        if not any(lowest):
            raise Unreadable(f"the sheet {self.sheet!r} has no headings in row {first}: say header_row in the format")
        wanted = {column.header for column in self._entity.columns}
        names = []
        for path in paths:
            whole = "/".join(path)
            is_unique = bool(path) and lowest.count(path[-1]) == 1
            names.append(path[-1] if is_unique and whole not in wanted else whole)
        return [*names, *([DATE_OF_NAME] if self._date else [])]

    def records(self) -> Iterator[Record]:
        """The rows below the header that have anything in them."""
        types = dict.fromkeys(range(len(self.names)), "VARCHAR")
        for column in self._entity.columns:
            if column.header in self.names:
                types[self.names.index(column.header)] = column.type
        below = self._form.header_row + self._form.header_rows
        width = len(self.names) - bool(self._date)
        for number, cells, has_any in self._rows():
            if number < below or not has_any:
                continue
            cells = [*cells[:width], *([None] * (width - len(cells)))]
            raw = json.dumps(dict(zip(self.names, map(_shown, cells), strict=False)), ensure_ascii=False).encode()
            faults = [
                f"{name or 'a column without heading'} holds {cell}"
                for name, cell in zip(self.names, cells, strict=False)
                if isinstance(cell, str) and re.fullmatch(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)", cell)
            ]
            if faults:
                yield Record(number, raw, None, "; ".join(faults))
                continue
            fields = [self._text(cell, types[place]) for place, cell in enumerate(cells)]
            yield fields_record(number, raw, [*fields, *([self._date.isoformat()] if self._date else [])])

    def _text(self, cell: object, kind: str) -> str | None:
        if cell is None:
            return None
        if kind in ("DATE", "MONTH"):
            return _as_date(cell, self._epoch)
        if isinstance(cell, bool):
            return str(cell).lower()
        if isinstance(cell, datetime | date | time):
            return cell.isoformat()
        if isinstance(cell, float) and cell.is_integer():
            return str(int(cell))
        return str(cell).strip()


def _as_date(cell: object, epoch: datetime) -> str:
    """A date as ISO text, from a date, a serial number, 20200301, 2020年3月1日, 2020/3/1 or 2020.03; else the text."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    if re.fullmatch(r"(19|20|21)\d{6}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    elif re.fullmatch(r"\d{1,7}(\.\d+)?", text) and 60 < float(text) <= LAST_SERIAL:
        # Serial numbers as text, too: that is what remains of a date that was pasted as a value.
        return (epoch + timedelta(days=int(float(text)))).date().isoformat()
    if found := _WRITTEN_DATE.fullmatch(text):
        return f"{int(found[1]):04d}-{int(found[2]):02d}-{int(found[3]):02d}"
    if found := _WRITTEN_MONTH.fullmatch(text):
        return f"{int(found[1]):04d}-{int(found[2]):02d}-01"
    return text


def _shown(cell: object) -> object:
    return cell if cell is None or isinstance(cell, bool | int | float) else str(cell)


def _merged_cells(sheet: bytes) -> dict[int, dict[int, tuple[int, int]]]:
    """Row → column → (row, column) of the first cell of the merged range that the cell is in."""
    merged: dict[int, dict[int, tuple[int, int]]] = {}
    for left, top, right, bottom in _MERGED.findall(sheet):
        first = (int(top), _number(left))
        for row in range(first[0], int(bottom) + 1):
            for column in range(first[1], _number(right) + 1):
                merged.setdefault(row, {})[column] = first
    return merged


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
