"""A small landing folder, and a way to see what became of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from hotline.home import Home
from hotline.landing import FileOutcome, load, prepare

HEADER = "contact_id,channel,direction,queue,entered_at,left_at,outcome"


def call(contact_id: str, day: str = "2025-03-01", clock: str = "10:00:00", **changed: str) -> str:
    """One good line of a calls file under `HEADER`; `changed` replaces values."""
    values = {
        "contact_id": contact_id,
        "channel": "phone",
        "direction": "inbound",
        "queue": "sales",
        "entered_at": f"{day}T{clock}+08:00",
        "left_at": f"{day}T{clock}+08:00",
        "outcome": "answered",
    } | changed
    return ",".join(values.values())


def calls(*contact_ids: str, day: str = "2025-03-01", header: str = HEADER) -> str:
    """A calls file with these contacts."""
    return "\n".join([header, *(call(contact_id, day) for contact_id in contact_ids)]) + "\n"


@dataclass(frozen=True)
class Landing:
    """A home with a landing folder; times of change are given in steps, so that the order of arrival is known."""

    home: Home
    clock: list[int]

    def put(self, path: str, content: bytes | str) -> Path:
        """Write a landed file, later than all before it."""
        target = self.home.landing / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        self.touch(target)
        return target

    def touch(self, target: Path) -> None:
        self.clock[0] += 1_000_000_000
        os.utime(target, ns=(self.clock[0], self.clock[0]))

    def load(self, **settings) -> list[FileOutcome]:
        return load(self.home, **settings)

    def land(self, path: str, content: bytes | str) -> FileOutcome:
        """Write one file, load, and return its outcome."""
        self.put(path, content)
        return next(outcome for outcome in self.load() if outcome.path == path)

    def query(self, sql: str) -> list[tuple]:
        """Rows of the prepared warehouse."""
        prepare(self.home)
        with duckdb.connect(str(self.home.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def contacts(self) -> list[str]:
        """The contact ids that count, in order."""
        return [row[0] for row in self.query("SELECT contact_id FROM raw.calls ORDER BY contact_id")]


@pytest.fixture
def landing(home: Home) -> Landing:
    return Landing(home, [1_700_000_000_000_000_000])


@pytest.fixture
def write_source(home: Home) -> Callable[[str, str], Path]:
    """Add a source description to the installation."""

    def write(name: str, text: str) -> Path:
        path = home.sources / f"{name}.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
