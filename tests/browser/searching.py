"""Finds people's names and pay in whatever Superset keeps: plain, in SQLite, pickled, compressed."""

from __future__ import annotations

import contextlib
import csv
import gzip
import json
import pickletools
import re
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

EXPIRY = 4
"""Bytes with which a file of the cache begins; a pickle follows."""

NUMBER = re.compile(rb"(?<![\d.])\d+\.\d+(?![\d.])")


@dataclass(frozen=True)
class Search:
    """What is looked for: names, and exact pay a month."""

    names: frozenset[str]
    pays: frozenset[str]

    @classmethod
    def of_landed(cls, landing: Path) -> Search:
        records = [
            row
            for file in sorted((landing / "people").glob("employees_*.csv"))
            for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())
        ]
        names, pays = (frozenset(row[column] for row in records if row[column]) for column in ("name", "monthly_pay"))
        return cls(names, pays)

    def in_folder(self, folder: Path) -> dict[str, set[str]]:
        """File -> what it holds of them."""
        found = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file() and (held := self.in_file(path)):
                found[str(path.relative_to(folder))] = held
        return found

    def in_file(self, path: Path) -> set[str]:
        content = path.read_bytes()
        found = self._in_bytes(content)
        if content.startswith(b"SQLite format 3"):
            # Row by row beside the bytes: a long value lies in several places of the file.
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
                tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
                for (table,) in tables:
                    for row in connection.execute(f'select * from "{table}"'):
                        for value in row:
                            if isinstance(value, (str, bytes)):
                                found |= self._in_bytes(value if isinstance(value, bytes) else value.encode())
                            elif isinstance(value, float):
                                found |= self._in_number(value)
        return found

    def _in_bytes(self, content: bytes) -> set[str]:
        found = {name for form, name in self._written.items() if form in content}
        found |= {pay for number in NUMBER.findall(content) for pay in self._in_number(float(number))}
        for packed in _decompressed(content):
            found |= self._in_bytes(packed)
        for value in _pickled(content):
            if isinstance(value, float):
                found |= self._in_number(value)
            elif isinstance(value, (bytes, bytearray)) and len(value) < len(content):
                found |= self._in_bytes(bytes(value))
                if len(value) % 8 == 0:  # a column of numbers
                    found |= {pay for number in np.frombuffer(bytes(value)) for pay in self._in_number(number)}
        return found

    def _in_number(self, value: float) -> set[str]:
        return {self._paid[value]} if value in self._paid else set()

    @cached_property
    def _written(self) -> dict[bytes, str]:
        """How a name stands in a file -> the name."""
        return {form.encode(): name for name in self.names for form in (name, json.dumps(name)[1:-1])}

    @cached_property
    def _paid(self) -> dict[float, str]:
        return {float(pay): pay for pay in self.pays}


def _decompressed(content: bytes) -> Iterator[bytes]:
    for unpack in (zlib.decompress, gzip.decompress):
        with contextlib.suppress(zlib.error, OSError, EOFError):
            if unpacked := unpack(content):
                yield unpacked


def _pickled(content: bytes) -> Iterator[object]:
    """Numbers and byte strings in a pickle, read without running it."""
    for start in (0, EXPIRY):
        if content[start : start + 1] == b"\x80":
            with contextlib.suppress(ValueError, IndexError):
                yield from (argument for _, argument, _ in pickletools.genops(content[start:]))
