"""What is known of every landed file: one JSON value in the Parquet file that its rows became.

There is nothing beside raw that could get out of step with it: the ledger is read from the raw files' own footers, and
the cache beside them is rebuilt when it is missing.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from hotline.home import Home
from hotline.landing.quoting import literals
from hotline.landing.sources import Window

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
    window_from_name: bool = False
    line_of_first_row: int = 2
    """Line of row 0 when row n stands n lines further; 0 when the raw file has a `_line` column instead."""
    loaded_at: str = ""
    load_seconds: float = 0.0
    fingerprint: str = ""
    withdrawn: bool = field(default=False, compare=False)

    @property
    def stem(self) -> str:
        return f"{self.arrival:08d}-{self.content_hash[:12]}"

    @property
    def file_id(self) -> str:
        return f"{self.source}/{self.entity}/{self.stem}"

    @property
    def window(self) -> Window | None:
        if not self.first_day:
            return None
        first = date.fromisoformat(self.first_day)
        return Window(first, first + timedelta(days=len(self.day_rows) - 1))

    def rows_by_day(self) -> dict[date, int]:
        window = self.window
        return dict(zip(window.days(), self.day_rows, strict=True)) if window else {}

    def raw_path(self, home: Home) -> Path:
        return home.raw / self.source / self.entity / f"{self.stem}.parquet"

    def tombstone_path(self, home: Home) -> Path:
        return self.raw_path(home).with_suffix(".parquet.withdrawn")

    def rejects_path(self, home: Home) -> Path:
        return self.raw_path(home).with_suffix(".rejects.parquet")

    def private_rejects_path(self, home: Home) -> Path:
        """Raw text of rejected rows of a personal entity: read by nobody but the owner of the quarantine folder."""
        return home.quarantine / self.source / self.entity / f"{self.stem}.rejects.parquet"

    def to_json(self) -> str:
        facts = {name: value for name, value in asdict(self).items() if name != "withdrawn"}
        return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str, withdrawn: bool) -> Entry:
        facts = json.loads(text)
        facts["day_rows"] = tuple(facts["day_rows"])
        return cls(**facts, withdrawn=withdrawn)


class Ledger:
    """All entries of an installation, in order of arrival."""

    def __init__(self, home: Home, entries: Iterable[Entry]) -> None:
        self.home = home
        self.entries = sorted(entries, key=lambda entry: entry.arrival)

    @property
    def next_arrival(self) -> int:
        return self.entries[-1].arrival + 1 if self.entries else 1

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)

    def latest_by_path(self) -> dict[tuple[str, str], Entry]:
        """(source, path) to the path's last arrival, withdrawn or not."""
        return {(entry.source, entry.path): entry for entry in self.entries}

    def active(self, source: str, entity: str) -> list[Entry]:
        """Loaded entries that are neither withdrawn nor replaced by a later version of the same path."""
        by_path: dict[str, Entry] = {}
        for entry in self.entries:
            if (entry.source, entry.entity) == (source, entity) and entry.status == LOADED and not entry.withdrawn:
                by_path[entry.path] = entry
        return sorted(by_path.values(), key=lambda entry: entry.arrival)

    def owners(self, source: str, entity: str) -> dict[date, Entry]:
        """Local day to the file that speaks for it, where a file replaces days: the newest arrival that covers it."""
        return {
            day: entry for entry in self.active(source, entity) for day in (entry.window.days() if entry.window else ())
        }


def read_ledger(home: Home) -> Ledger:
    """The ledger, from the raw files; what an earlier reading found is taken from the cache, as raw files never change."""
    cached: dict[str, str] = {}
    cache = home.raw / CACHE
    try:
        cached = json.loads(cache.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        pass  # rebuilt below: the cache only saves reading footers again
    found: dict[str, bool] = {}
    for folder in _entity_folders(home):
        for item in os.scandir(folder):
            match = RAW_NAME.fullmatch(item.name)
            if match:
                name = item.path.removesuffix(".withdrawn")
                found[os.path.relpath(name, home.raw)] = bool(match["withdrawn"])
    unknown = {name: home.raw / (name + (".withdrawn" if found[name] else "")) for name in found if name not in cached}
    texts = {name: cached[name] for name in found if name in cached} | _read_footers(unknown)
    if unknown or len(texts) != len(cached):
        _write_cache(home, texts)
    return Ledger(home, (Entry.from_json(text, found[name]) for name, text in texts.items()))


def remember(home: Home, ledger: Ledger) -> None:
    """Write the cache from a ledger in hand, so that the next run reads no footer."""
    _write_cache(home, {os.path.relpath(entry.raw_path(home), home.raw): entry.to_json() for entry in ledger.entries})


def _entity_folders(home: Home) -> list[Path]:
    return sorted(
        entity
        for source in (home.raw.iterdir() if home.raw.is_dir() else ())
        if source.is_dir() and not source.name.startswith(".")
        for entity in source.iterdir()
        if entity.is_dir()
    )


def _read_footers(paths: dict[str, Path]) -> dict[str, str]:
    if not paths:
        return {}
    names = {str(path): name for name, path in paths.items()}
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT file_name, decode(value) FROM parquet_kv_metadata([{literals(names)}]) WHERE decode(key) = '{KEY}'"
        ).fetchall()
    return {names[path]: text.rstrip() for path, text in rows}


def _write_cache(home: Home, texts: dict[str, str]) -> None:
    temporary = home.raw / (CACHE + ".tmp")
    temporary.write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    temporary.replace(home.raw / CACHE)


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


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def withdrawn(entry: Entry, is_withdrawn: bool) -> Entry:
    return replace(entry, withdrawn=is_withdrawn)
