"""What is known of every landed file: one JSON value in the Parquet file that its rows became.

There is nothing beside raw that could get out of step with it: the ledger is read from the raw files' own footers, and
the cache beside them is rebuilt when it is missing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any

import duckdb

from hotline.home import Home
from hotline.landing.quoting import literals
from hotline.landing.sources import Entity, Window

KEY = "hotline"
"""Name of the entry in the Parquet file's key-value metadata."""
RAW_NAME = re.compile(r"(?P<arrival>[0-9]{8,})-(?P<hash>[0-9a-f]{12})\.parquet(?P<withdrawn>\.withdrawn)?\Z")
CACHE = ".ledger.json"

LOADED, UNCHANGED, QUARANTINED, REFUSED = "loaded", "unchanged", "quarantined", "refused"
"""What became of an arrival. Only a loaded one has rows; every one of these stands in the ledger."""
GROWING, UNCLAIMED = "growing", "unclaimed"
"""What a run may say besides, without an entry: left for the next run, and claimed by no source."""


@dataclass(frozen=True)
class Entry:
    """One arrival of a file."""

    source: str
    entity: str
    path: str
    arrival: int
    content_hash: str
    bytes: int
    mtime_ns: int
    status: str
    reason: str = ""
    rows_read: int = 0
    rows_kept: int = 0
    rows_rejected: int = 0
    rows_duplicate: int = 0
    first_day: str = ""
    """First local day of the window that the file covers, ISO; empty when it covers none."""
    day_rows: tuple[int, ...] = ()
    """Rows kept per day, from `first_day` on without a gap."""
    named_window: str = ""
    """The days that the file's name says it covers, as text; empty when it says none."""
    line_of_first_row: int = 2
    """Line of row 0 when row n stands n lines further; 0 when the raw file has a `_line` column instead."""
    loaded_at: str = ""
    load_seconds: float = 0.0
    fingerprint: str = ""
    header: tuple[str, ...] = ()
    """Column names as they stood in the file."""
    withdrawn: bool = field(default=False, compare=False)

    @cached_property
    def stem(self) -> str:
        return f"{self.arrival:08d}-{self.content_hash[:12]}"

    @cached_property
    def file_id(self) -> str:
        return f"{self.source}/{self.entity}/{self.stem}"

    @cached_property
    def window(self) -> Window | None:
        if not self.first_day:
            return None
        first = date.fromisoformat(self.first_day)
        return Window(first, first + timedelta(days=len(self.day_rows) - 1))

    def rows_by_day(self) -> dict[date, int]:
        if not self.first_day:
            return {}
        first = date.fromisoformat(self.first_day)
        return {first + timedelta(days=number): rows for number, rows in enumerate(self.day_rows)}

    def raw_path(self, home: Home) -> Path:
        return Path(home.raw, self.source, self.entity, f"{self.stem}.parquet")

    def tombstone_path(self, home: Home) -> Path:
        return self.raw_path(home).with_suffix(".parquet.withdrawn")

    def present_path(self, home: Home) -> Path:
        """Where its rows are, withdrawn or not."""
        return self.tombstone_path(home) if self.withdrawn else self.raw_path(home)

    def rejects_path(self, home: Home) -> Path:
        return self.raw_path(home).with_suffix(".rejects.parquet")

    def private_rejects_path(self, home: Home) -> Path:
        """Raw text of rejected rows of a personal entity: read by nobody but the owner of the quarantine folder."""
        return home.quarantine / self.source / self.entity / f"{self.stem}.rejects.parquet"

    @cached_property
    def text(self) -> str:
        """The facts as they stand in the raw file."""
        facts = {name: getattr(self, name) for name in FACTS}
        return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str, withdrawn: bool) -> Entry:
        facts = json.loads(text)
        facts["day_rows"], facts["header"] = tuple(facts["day_rows"]), tuple(facts["header"])
        return cls(**facts, withdrawn=withdrawn)

    @classmethod
    def from_facts(cls, file_id: str, facts: Iterable[Any], header: tuple[str, ...], withdrawn: bool) -> Entry:
        """An entry of the values of `FACTS` as JSON holds them, its header apart.

        Made without the constructor: a history of years has thousands, each run reads them, and it would set one field
        after the other.
        """
        entry = object.__new__(cls)
        entry.__dict__.update(zip(FACTS, facts, strict=True), header=header, withdrawn=withdrawn, file_id=file_id)
        entry.__dict__["day_rows"] = tuple(entry.day_rows)
        return entry


FACTS = tuple(fact.name for fact in fields(Entry) if fact.name != "withdrawn")
"""What of an entry stands in the raw file; that it is withdrawn is said by the file's name."""
_facts_of = attrgetter(*FACTS)
HEADER = FACTS.index("header")
Sight = tuple[int, int, str]
"""Size, time of change in nanoseconds and the source's fingerprint at the last look at a file."""


class Ledger:
    """All entries of an installation, in order of arrival."""

    def __init__(self, home: Home, entries: Iterable[Entry], seen: dict[tuple[str, str], Sight] | None = None) -> None:
        self.home = home
        self.entries = sorted(entries, key=lambda entry: entry.arrival)
        self.seen = seen or {}
        """Later looks at files that turned out to hold nothing new. Losing it costs reading them through once more."""
        self._by_content: dict[tuple[str, str, str], list[Entry]] = {}
        self._by_entity: dict[tuple[str, str], list[Entry]] = {}
        self._active: dict[tuple[str, str], list[Entry]] = {}
        for entry in self.entries:
            self._index(entry)

    def _index(self, entry: Entry) -> None:
        self._by_entity.setdefault((entry.source, entry.entity), []).append(entry)
        self._active.pop((entry.source, entry.entity), None)
        if entry.status == LOADED:
            self._by_content.setdefault((entry.source, entry.entity, entry.content_hash), []).append(entry)

    @property
    def next_arrival(self) -> int:
        return self.entries[-1].arrival + 1 if self.entries else 1

    def add(self, entry: Entry) -> None:
        """Append an arrival that has just been put in its place."""
        self.entries.append(entry)
        self.seen.pop((entry.source, entry.path), None)
        self._index(entry)

    def see(self, key: tuple[str, str], sight: Sight) -> None:
        self.seen[key] = sight

    def sights(self, key: tuple[str, str], previous: Entry | None) -> tuple[Sight, ...]:
        """How a path looked when it was last dealt with."""
        last = ((previous.bytes, previous.mtime_ns, previous.fingerprint),) if previous else ()
        return (*last, *((self.seen[key],) if key in self.seen else ()))

    def with_content(self, entity: Entity, content_hash: str) -> list[Entry]:
        """Loaded arrivals of an entity that had this content, withdrawn or not."""
        return self._by_content.get((entity.source, entity.name, content_hash), [])

    def latest_by_path(self) -> dict[tuple[str, str], Entry]:
        """(source, path) to the path's last arrival, whatever became of it."""
        return {(entry.source, entry.path): entry for entry in self.entries}

    def active(self, source: str, entity: str) -> list[Entry]:
        """Loaded entries that are neither withdrawn nor replaced by a later version of the same path."""
        known = self._active.get((source, entity))
        if known is not None:
            return known
        by_path: dict[str, Entry] = {}
        for entry in self._by_entity.get((source, entity), []):
            if entry.status == LOADED and not entry.withdrawn:
                by_path[entry.path] = entry
            elif entry.status == UNCHANGED:
                # The path came to hold what another one has: what it held before is replaced all the same.
                by_path.pop(entry.path, None)
        active = self._active[source, entity] = sorted(by_path.values(), key=lambda entry: entry.arrival)
        return active

    def current_of(self, entity: Entity, path: str) -> Entry | None:
        """The arrival that counts for a path."""
        return next((entry for entry in self.active(entity.source, entity.name) if entry.path == path), None)

    def owners(self, source: str, entity: str) -> dict[date, Entry]:
        """Local day to the file that speaks for it, where files replace days: the newest arrival that covers it."""
        covering = ((entry, entry.window) for entry in self.active(source, entity))
        return {day: entry for entry, window in covering if window for day in window.days()}

    def last_loaded(self, entity: Entity) -> Entry | None:
        """The entity's newest loaded arrival."""
        entries = self._by_entity.get((entity.source, entity.name), [])
        return next((entry for entry in reversed(entries) if entry.status == LOADED), None)

    def find(self, file_id: str) -> Entry:
        """The entry of a `_file_id`; raises `KeyError`."""
        for entry in self.entries:
            if entry.file_id == file_id:
                return entry
        raise KeyError(f"no file {file_id!r} was ever loaded here")


def read_ledger(home: Home) -> Ledger:
    """The ledger, read from the raw files; of those known before, from the cache, as raw files never change."""
    found: dict[str, bool] = {}
    for folder in entity_folders(home):
        above = f"{folder.parent.name}/{folder.name}/"
        for item in os.scandir(folder):
            match = RAW_NAME.fullmatch(item.name)
            if match:
                found[above + item.name.removesuffix(".withdrawn")] = bool(match["withdrawn"])
    entries, seen = _read_cache(home, found)
    unknown = {
        name: home.raw / (name + (".withdrawn" if withdrawn else ""))
        for name, withdrawn in found.items()
        if name not in entries
    }
    for name, text in _read_footers(unknown).items():
        entries[name] = Entry.from_json(text, found[name])
    ledger = Ledger(home, entries.values(), seen)
    if unknown:
        write_cache(home, ledger)
    return ledger


def entity_folders(home: Home) -> list[Path]:
    """The folders of raw, one per source and entity."""
    return sorted(
        entity
        for source in (home.raw.iterdir() if home.raw.is_dir() else ())
        if source.is_dir() and not source.name.startswith(".")
        for entity in source.iterdir()
        if entity.is_dir()
    )


def clear_leftovers(home: Home, work: str) -> None:
    """Remove what a killed load left behind: scratch files, and sidecars whose raw file was never put in its place."""
    shutil.rmtree(home.raw / work, ignore_errors=True)
    (home.raw / (CACHE + ".tmp")).unlink(missing_ok=True)
    for folder in [*entity_folders(home), *home.quarantine.glob("*/*")]:
        names = {item.name for item in os.scandir(folder)}
        for name in names:
            stem = name.removesuffix(".rejects.parquet")
            if stem == name:
                continue
            raw = home.raw / folder.parent.name / folder.name / f"{stem}.parquet"
            if not raw.exists() and not raw.with_suffix(".parquet.withdrawn").exists():
                (folder / name).unlink()


def _read_footers(paths: dict[str, Path]) -> dict[str, str]:
    if not paths:
        return {}
    names = {str(path): name for name, path in paths.items()}
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT file_name, decode(value) FROM parquet_kv_metadata([{literals(names)}]) WHERE decode(key) = '{KEY}'"
        ).fetchall()
    texts = {names[path]: text.rstrip() for path, text in rows}
    for path, name in names.items():
        if name not in texts:
            raise RuntimeError(f"{path} holds no ledger entry: it was not written by a load. Move it out of {path}")
    return texts


def _read_cache(home: Home, found: dict[str, bool]) -> tuple[dict[str, Entry], dict[tuple[str, str], Sight]]:
    """Entries by the name of their raw file, of those that are `found` there; and what was seen besides."""
    try:
        content = json.loads((home.raw / CACHE).read_text(encoding="utf-8"))
        if content["facts"] != list(FACTS):
            return {}, {}
        headers = [tuple(header) for header in content["headers"]]
        entries = {
            name: Entry.from_facts(name.removesuffix(".parquet"), facts, headers[facts[HEADER]], found[name])
            for name, facts in content["entries"].items()
            if name in found
        }
        return entries, {(source, path): (size, at, mark) for source, path, size, at, mark in content["seen"]}
    except (FileNotFoundError, ValueError, KeyError, TypeError, IndexError):
        return {}, {}  # it only saves reading the footers again


def write_cache(home: Home, ledger: Ledger) -> None:
    """Write down what is known, so that the next run reads no footer of these files.

    A header stands there once, and not with each of the thousand files that have it: it is most of what is to be said.
    """
    headers: dict[tuple[str, ...], int] = {}
    entries: dict[str, list[Any]] = {}
    for entry in ledger.entries:
        entries[f"{entry.file_id}.parquet"] = facts = list(_facts_of(entry))
        facts[HEADER] = headers.setdefault(entry.header, len(headers))
    content = {
        "facts": FACTS,
        "headers": list(headers),
        "entries": entries,
        "seen": [[*key, *sight] for key, sight in ledger.seen.items()],
    }
    temporary = home.raw / (CACHE + ".tmp")
    try:
        temporary.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        temporary.replace(home.raw / CACHE)
    except OSError:
        temporary.unlink(missing_ok=True)  # a full disk costs the next run some time, and this one nothing


def placeholder(length: int) -> str:
    """What `seal` overwrites; it begins with text that the bytes before it, which hold its length, can't imitate."""
    return "to be sealed ".ljust(length, ".")


def seal(path: Path, reserved: str, text: str) -> bool:
    """Overwrite the placeholder in a Parquet file's footer with `text`, padded to the same length, and sync it to disk.

    Returns whether it fitted. The placeholder's length stands in the footer, so only bytes of the same number may take
    its place; a footer carries no checksum.
    """
    encoded = text.encode()
    if len(encoded) > len(reserved):
        return False
    with path.open("r+b") as file:
        file.seek(-8, os.SEEK_END)
        length = int.from_bytes(file.read(4), "little")
        file.seek(-8 - length, os.SEEK_END)
        start = file.tell()
        footer = file.read(length)
        position = footer.find(reserved.encode())
        if position < 0:
            raise RuntimeError(f"{path}: the place for the ledger entry is missing from the footer")
        file.seek(start + position)
        file.write(encoded.ljust(len(reserved)))
        file.flush()
        os.fsync(file.fileno())
    return True


def sync(path: Path) -> None:
    """Make a file's content outlive a power cut."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
