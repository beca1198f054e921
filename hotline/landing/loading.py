"""Landed files become raw Parquet: typed in one pass, checked against the contract, nothing dropped in silence."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from hotline.home import PRIVATE, Home
from hotline.landing import ledger as ledgers
from hotline.landing.ledger import GROWING, LOADED, QUARANTINED, REFUSED, UNCHANGED, UNCLAIMED, Entry, Ledger
from hotline.landing.quoting import identifier, literal
from hotline.landing.reading import Facts, Header, Unreadable, as_text, examine, kind_of, read_header, same_file, sniff
from hotline.landing.selecting import columns_of, day_of, problems, reader
from hotline.landing.sources import Entity, Source, Window, claim, load_sources
from hotline.locking import writer_lock

WORK = ".work"
"""Scratch folder inside raw, so that finished files are renamed within one file system. Emptied at the start of a load."""
COMPRESSION = "SNAPPY"


@dataclass(frozen=True)
class FileOutcome:
    """What a load did with one file."""

    source: str
    entity: str
    path: str
    status: str
    reason: str = ""
    rows_read: int = 0
    rows_kept: int = 0
    rows_rejected: int = 0
    rows_duplicate: int = 0
    load_seconds: float = 0.0
    file_id: str = ""


OnProgress = Callable[[FileOutcome, int, int], None]
"""Called after each file with its outcome, the bytes done and the bytes to do."""


class LandingError(RuntimeError):
    """Loading had to stop. What was loaded before stays; nothing half-written does."""


@dataclass(frozen=True)
class Arrival:
    """A file that has to be looked at."""

    entity: Entity
    root: Path
    path: str
    """Relative to the source's root, with forward slashes."""
    named_window: Window | None
    stat: os.stat_result
    refusal: str = ""
    previous: Entry | None = None

    @property
    def file(self) -> Path:
        return self.root / self.path


def load(
    home: Home,
    roots: dict[str, Path] | None = None,
    landing: Path | None = None,
    on_progress: OnProgress | None = None,
) -> list[FileOutcome]:
    """Load every file of landing that is new or changed; returns one outcome per file looked at, in order of arrival.

    `roots` reads a source from a folder outside landing, `landing` takes the place of the home's landing folder.
    Raises `SourceError` for a source description that can't be used, `LandingError` when the disk is full, `Busy` when
    somebody else writes.
    """
    home.create()
    sources = load_sources(home)
    folders = _roots(home, sources, roots or {}, landing)
    with writer_lock(home, "load"):
        _clear_work(home)
        known = ledgers.read_ledger(home)
        arrivals, outcomes = _discover(sources, folders, known)
        total = sum(arrival.stat.st_size for arrival in arrivals)
        done = 0
        try:
            with Loader(home, known) as loader:
                for arrival in arrivals:
                    outcome = loader.take(arrival)
                    outcomes.append(outcome)
                    done += arrival.stat.st_size
                    if on_progress:
                        on_progress(outcome, done, total)
        finally:
            _clear_work(home)
        if arrivals:
            ledgers.remember(home, known)
    return outcomes


def _roots(home: Home, sources: dict[str, Source], roots: dict[str, Path], landing: Path | None) -> dict[str, Path]:
    unknown = sorted(set(roots) - set(sources))
    if unknown:
        raise LandingError(f"no source is called {', '.join(unknown)}; there are {', '.join(sorted(sources))}")
    base = (landing or home.landing).resolve()
    if not base.is_dir():
        raise LandingError(f"the landing folder {base} does not exist")
    folders = {name: (base / source.root).resolve() for name, source in sources.items()}
    for name, folder in roots.items():
        if not Path(folder).is_dir():
            raise LandingError(f"the folder {folder} for source {name} does not exist")
        folders[name] = Path(folder).resolve()
    return folders


def _clear_work(home: Home) -> None:
    """Remove what a killed load left: scratch files, and sidecars whose raw file was never finished."""
    shutil.rmtree(home.raw / WORK, ignore_errors=True)
    (home.raw / WORK).mkdir(mode=PRIVATE)


def _discover(
    sources: dict[str, Source], folders: dict[str, Path], known: Ledger
) -> tuple[list[Arrival], list[FileOutcome]]:
    """Files that are new or changed, in order of arrival, and outcomes for those that are not read at all."""
    latest = known.latest_by_path()
    arrivals: list[Arrival] = []
    claimed: dict[Path, str] = {}
    unclaimed: dict[Path, str] = {}
    outcomes: list[FileOutcome] = []
    nested = set(folders.values())
    for name, source in sources.items():
        folder = folders[name]
        if not folder.is_dir():
            continue
        for path, refusal in _walk(folder, nested - {folder}):
            relative = path.relative_to(folder).as_posix()
            for entity in source.entities:
                is_claimed, window = claim(entity, relative)
                if is_claimed:
                    break
            else:
                unclaimed.setdefault(path, relative)
                continue
            claimed[path] = name
            status = path.lstat()
            previous = latest.get((name, relative))
            if previous and (previous.bytes, previous.mtime_ns) == (status.st_size, status.st_mtime_ns):
                continue
            arrivals.append(Arrival(entity, folder, relative, window, status, refusal, previous))
    for path, relative in unclaimed.items():
        if path not in claimed:
            outcomes.append(FileOutcome("", "", relative, UNCLAIMED, "no source description claims this file"))
    arrivals.sort(key=lambda arrival: (arrival.stat.st_mtime_ns, arrival.path))
    return arrivals, outcomes


def _walk(folder: Path, others: set[Path]) -> Iterator[tuple[Path, str]]:
    """Every file below `folder` outside the roots of other sources, with the reason if it must not be opened."""
    with os.scandir(folder) as items:
        entries = sorted(items, key=lambda item: item.name)
    for item in entries:
        path = Path(item.path)
        if item.name.startswith(".") or item.name.endswith((".tmp", ".part", ".partial", ".filepart", "~")):
            continue  # by custom a file that is still being written
        if item.is_dir(follow_symlinks=False):
            if path not in others:
                yield from _walk(path, others)
            continue
        yield path, _refusal(path, folder)


def _refusal(path: Path, folder: Path) -> str:
    try:
        path.name.encode("utf-8")
        if path.is_symlink() and not path.resolve().is_relative_to(folder):
            return f"a link that leads out of the landing folder (to {path.resolve()})"
        if not stat.S_ISREG(path.stat().st_mode):
            return "not a regular file"
    except UnicodeEncodeError:
        return "the file's name is not valid UTF-8"
    except OSError as error:
        return f"can't be opened: {error.strerror}"
    return ""


class Loader:
    """Takes arrivals one after the other; each becomes one raw file, whose renaming is the moment that it counts."""

    def __init__(self, home: Home, known: Ledger) -> None:
        self.home = home
        self.known = known
        self.work = home.raw / WORK
        self.beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hash")
        self.connection = connect(self.work)

    def __enter__(self) -> Loader:
        return self

    def __exit__(self, *_: object) -> None:
        self.beside.shutdown()
        self.connection.close()

    def take(self, arrival: Arrival) -> FileOutcome:
        started = time.monotonic()
        entity = arrival.entity
        arrived = self.known.next_arrival
        target = self.work / f"{arrived}.parquet"
        base = Entry(
            source=entity.source,
            entity=entity.name,
            path=arrival.path,
            arrival=arrived,
            content_hash="0" * 64,
            bytes=arrival.stat.st_size,
            mtime_ns=arrival.stat.st_mtime_ns,
            status=LOADED,
            loaded_at=datetime.now(UTC).isoformat(timespec="seconds"),
            fingerprint=entity.fingerprint,
        )
        entry = self._read(arrival, base, target)
        if not same_file(arrival.stat, arrival.file.lstat()):
            return FileOutcome(
                entity.source, entity.name, arrival.path, GROWING, "written to while it was read: left for the next run"
            )
        entry = replace(entry, load_seconds=round(time.monotonic() - started, 3))
        self._commit(entry, target)
        return FileOutcome(
            entry.source,
            entry.entity,
            entry.path,
            entry.status,
            entry.reason,
            entry.rows_read,
            entry.rows_kept,
            entry.rows_rejected,
            entry.rows_duplicate,
            entry.load_seconds,
            entry.file_id,
        )

    def _read(self, arrival: Arrival, base: Entry, target: Path) -> Entry:
        entity, form = arrival.entity, arrival.entity.format
        hashing = self.beside.submit(examine, arrival.file, form.quote)
        try:
            text = as_text(arrival.file, form, self.work / "decoded.txt")
            header = read_header(text.path, form, entity)
            self.connection.execute(f"SET TimeZone = {literal(entity.time_zone)}")
            checks = (
                " AND ".join(condition for _, condition, _ in problems(entity, header, arrival.named_window)) or "true"
            )
            rows = self.connection.execute(
                f"COPY (SELECT {columns_of(entity, header)}, {day_of(entity, arrival.named_window)} AS _day"
                f" FROM {reader(text.path, header, form, entity)}"
                f" WHERE CASE WHEN {checks} THEN true ELSE error('contract') END)"
                f" TO {literal(str(target))} (FORMAT parquet, COMPRESSION {COMPRESSION}, KV_METADATA {{{ledgers.KEY}: {literal(PLACEHOLDER)}}})"
            ).fetchone()[0]
        except Unreadable as error:
            facts = hashing.result()
            return replace(base, status=QUARANTINED, reason=str(error), content_hash=facts.content_hash)
        facts = hashing.result()
        first_day, day_rows = self._days(entity, arrival.named_window, target, rows)
        return replace(
            base,
            content_hash=facts.content_hash,
            rows_read=rows,
            rows_kept=rows,
            first_day=first_day,
            day_rows=day_rows,
            window_from_name=arrival.named_window is not None,
        )

    def _days(self, entity: Entity, window: Window | None, target: Path, rows: int) -> tuple[str, tuple[int, ...]]:
        """First day and rows per day of a raw file."""
        if not entity.window:
            return "", ()
        if window and window.first == window.last:
            return window.first.isoformat(), (rows,)
        counted = dict(
            self.connection.execute(
                f"SELECT _day, count(*) FROM read_parquet({literal(str(target))}) WHERE _day IS NOT NULL GROUP BY _day"
            ).fetchall()
        )
        if not window:
            if not counted:
                return "", ()
            window = Window(min(counted), max(counted))
        return window.first.isoformat(), tuple(counted.get(day, 0) for day in window.days())

    def _commit(self, entry: Entry, target: Path) -> None:
        if not target.exists():
            from hotline.landing.selecting import empty_select

            self.connection.execute(
                f"COPY ({empty_select(self._entity)}) TO {literal(str(target))} (FORMAT parquet, KV_METADATA {{{ledgers.KEY}: {literal(PLACEHOLDER)}}})"
            )
        final = entry.raw_path(self.home)
        final.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        ledgers.seal(target, PLACEHOLDER, entry.to_json())
        target.rename(final)
        ledgers.sync_folder(final.parent)
        self.known.add(entry)


PLACEHOLDER = ledgers.placeholder(8192)


def connect(work: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    connection.execute(f"SET temp_directory = {literal(str(work / 'spill'))}")
    return connection
