"""Tables of whole numbers, written as CSV at the speed of the disk.

Every entity that the simulation makes is one table of int64, one row per record, -1 = empty. How a number is
written — as a number, a time, a word, an id — is said per column.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from hotline.simulation.compiling import compiled_part, njit

EMPTY = -1
NUMBER, TIME, WORD, IDENTIFIER, DATE, CENTS = range(6)
_TIME_WIDTH = 25  # 2024-01-31T09:30:00+08:00
_NUMBER_WIDTH = 20
_ROWS_AT_ONCE = 16_384
_MARKS = re.compile(r'[,"\n\r]')


@dataclass(frozen=True)
class Column:
    """A column of a table.

    A TIME is seconds from the start of the clock, a WORD `words[number]`, an IDENTIFIER `words[0]` and the number in
    `width` digits, a DATE the ordinal number of a day (`date.toordinal`), CENTS hundredths of what is written.
    """

    name: str
    form: int = NUMBER
    words: Sequence[str] = ()
    width: int = 0

    @property
    def widest(self) -> int:
        """Bytes of the longest value."""
        if self.form == TIME:
            return _TIME_WIDTH
        longest = max((len(word.encode()) for word in self.words), default=0)
        return longest if self.form == WORD else longest + max(_NUMBER_WIDTH, self.width)


@dataclass(frozen=True)
class Clock:
    """Local time of a zone, in seconds from `start` (UTC): from `changes[i]` on, the offset is `offsets[i]`."""

    start: int
    changes: np.ndarray
    offsets: np.ndarray

    @classmethod
    def of(cls, zone: ZoneInfo, start: datetime, days: int) -> Clock:
        """The zone's changes within `days` of `start`, found to the quarter of an hour."""
        base = int(start.timestamp())
        changes, offsets = [0], [_offset(zone, base)]
        for moment in range(base, base + days * 86_400, 900):
            offset = _offset(zone, moment)
            if offset != offsets[-1]:
                changes.append(moment - base)
                offsets.append(offset)
        return cls(base, np.array(changes), np.array(offsets))

    def offset_at(self, second: int) -> int:
        return int(self.offsets[np.searchsorted(self.changes, second, side="right") - 1])


def _offset(zone: ZoneInfo, moment: int) -> int:
    offset = datetime.fromtimestamp(moment, UTC).astimezone(zone).utcoffset() or timedelta(0)
    return int(offset.total_seconds())


def table_of(records: np.ndarray) -> np.ndarray:
    """The same memory as rows of int64. NumPy moves these at once, and records field by field: 25 times slower."""
    return records.view(np.int64).reshape(len(records), len(records.dtype))


def copied(records: np.ndarray) -> np.ndarray:
    return records.view(np.int64).copy().view(records.dtype)


def joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Records of one type one after the other."""
    return np.concatenate([part.view(np.int64) for part in parts]).view(parts[0].dtype)


class Writer:
    """Writes tables of one shape."""

    def __init__(self, columns: Sequence[Column], clock: Clock) -> None:
        self._clock = clock
        self._header = (",".join(column.name for column in columns) + "\n").encode()
        self._forms = np.array([column.form for column in columns])
        self._widths = np.array([column.width for column in columns])
        self._row_width = sum(column.widest + 1 for column in columns)
        words = [_quoted(word).encode() for column in columns for word in column.words]
        self._first_word = np.cumsum([0, *(len(column.words) for column in columns)])
        self._text = np.frombuffer(b"".join(words), dtype=np.uint8)
        self._text_at = np.cumsum([0, *(len(word) for word in words)])
        self._buffer = np.empty(_ROWS_AT_ONCE * self._row_width, dtype=np.uint8)

    def pieces(self, parts: Iterable[np.ndarray]) -> Iterator[bytes]:
        """Records of int64 fields, of which the first are the columns, as CSV with its header, piece by piece."""
        yield self._header
        for table in map(table_of, parts):
            yield from self._parts(table)

    def _parts(self, table: np.ndarray) -> Iterator[bytes]:
        for start in range(0, len(table), _ROWS_AT_ONCE):
            yield self._rows(table[start : start + _ROWS_AT_ONCE])

    def _rows(self, table: np.ndarray) -> bytes:
        end = _fill(
            self._buffer, table, self._forms, self._widths, self._first_word, self._text, self._text_at,
            self._clock.start, self._clock.changes, self._clock.offsets,
        )  # fmt: skip
        return self._buffer[:end].tobytes()


def lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[bytes]:
    """CSV of rows that are text already."""
    return [(",".join(map(_quoted, row)) + "\n").encode() for row in (header, *rows)]


def put(path: Path, pieces: Iterable[bytes], waiting_room: Path, moment: float | None = None) -> int:
    """Write beside, in `waiting_room` on the same file system, and move: the file appears whole.

    `moment` is the time that it gets. Returns the bytes written.
    """
    temporary = waiting_room / f".{path.name}.tmp"
    with temporary.open("wb") as file:
        size = sum(map(file.write, pieces))
    if moment is not None:
        os.utime(temporary, (moment, moment))
    temporary.replace(path)
    return size


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"' if _MARKS.search(word) else word


@compiled_part
def _digits(out, at, value, width):
    """`value` in decimal with leading zeros to `width`; returns where it ends."""
    count = 1
    rest = value // 10
    while rest > 0:
        count += 1
        rest //= 10
    count = max(count, width)
    for place in range(at + count - 1, at - 1, -1):
        out[place] = 48 + value % 10
        value //= 10
    return at + count


@compiled_part
def _time(out, at, moment, offset):
    """ISO 8601 with offset."""
    local = moment + offset
    days = local // 86_400
    second = local - days * 86_400
    at = _date(out, at, days)
    out[at] = 84
    at = _digits(out, at + 1, second // 3600, 2)
    out[at] = 58
    at = _digits(out, at + 1, second // 60 % 60, 2)
    out[at] = 58
    at = _digits(out, at + 1, second % 60, 2)
    out[at] = 43 if offset >= 0 else 45
    minutes = abs(offset) // 60
    at = _digits(out, at + 1, minutes // 60, 2)
    out[at] = 58
    return _digits(out, at + 1, minutes % 60, 2)


@compiled_part
def _date(out, at, days):
    """ISO 8601 of a day counted from 1970-01-01. The calendar by H. Hinnant's days-from-civil, which needs no table."""
    shifted = days + 719_468
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_shifted = (5 * day_of_year + 2) // 153
    month = month_shifted + 3 if month_shifted < 10 else month_shifted - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    at = _digits(out, at, year, 4)
    out[at] = 45
    at = _digits(out, at + 1, month, 2)
    out[at] = 45
    return _digits(out, at + 1, day_of_year - (153 * month_shifted + 2) // 5 + 1, 2)


@njit(cache=True, nogil=True)
def _fill(out, table, forms, widths, first_word, text, text_at, start, changes, offsets):
    at = 0
    for row in range(table.shape[0]):
        for column in range(forms.shape[0]):
            value = table[row, column]
            if value >= 0:
                form = forms[column]
                if form == TIME:
                    change = changes.shape[0] - 1
                    while changes[change] > value:
                        change -= 1
                    at = _time(out, at, start + value, offsets[change])
                elif form == NUMBER:
                    at = _digits(out, at, value, 1)
                elif form == DATE:
                    at = _date(out, at, value - 719_163)
                elif form == CENTS:
                    at = _digits(out, at, value // 100, 1)
                    out[at] = 46
                    at = _digits(out, at + 1, value % 100, 2)
                else:
                    word = first_word[column] + (value if form == WORD else 0)
                    for place in range(text_at[word], text_at[word + 1]):
                        out[at] = text[place]
                        at += 1
                    if form == IDENTIFIER:
                        at = _digits(out, at, value, widths[column])
            out[at] = 44
            at += 1
        out[at - 1] = 10
    return at
