"""Landed files become raw Parquet: typed in one pass, checked against the contract, nothing dropped in silence."""

from __future__ import annotations

import errno
import re
import shutil
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from hotline.home import PRIVATE, Home
from hotline.landing import ledger as ledgers
from hotline.landing.arrivals import Arrival, discover
from hotline.landing.converting import Converter, Reading, parquet_options
from hotline.landing.ledger import GROWING, LOADED, QUARANTINED, REFUSED, UNCHANGED, UNCLAIMED, Entry, Ledger
from hotline.landing.quoting import identifier, literal
from hotline.landing.reading import noticed
from hotline.landing.selecting import empty_select
from hotline.landing.sources import Source, load_sources
from hotline.locking import writer_lock

WORK = ".work"
"""Scratch folder inside raw, so that a finished file is renamed within one file system. Gone after a load."""
WORKERS = 2
MEMORY = "1GB"
"""Of the loader's DuckDB, which goes to its scratch folder for more. A load of daily files takes a quarter of it."""
READ_AHEAD_BYTES = 64 << 20
"""Files are read two at a time only while they are small together: one large file keeps every core busy by itself."""
FULL = re.compile(
    r'"errno":"(?:27|28|122)"|No space left|File too large|Disk quota exceeded|disk is full', re.IGNORECASE
)
LONGEST_REASON = 2000


@dataclass(frozen=True)
class FileOutcome:
    """What a load did with one file."""

    source: str
    entity: str
    path: str
    status: str
    """loaded, unchanged, quarantined, refused; growing (left for the next run), unclaimed (no source's file)."""
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


def load(
    home: Home,
    roots: dict[str, Path] | None = None,
    landing: Path | None = None,
    on_progress: OnProgress | None = None,
) -> list[FileOutcome]:
    """Load every landed file that is new or changed; returns one outcome per file looked at, in order of arrival.

    `roots` reads a source from a folder outside landing, `landing` takes the place of the home's landing folder.
    Raises `SourceError` for a source description that can't be used, `LandingError` when the disk is full or a folder
    is missing, `Busy` when somebody else writes.
    """
    check_home(home)
    sources = load_sources(home)
    folders = _folders(home, sources, roots or {}, landing)
    with writer_lock(home, "load"):
        try:
            ledgers.clear_leftovers(home, WORK)
            known = ledgers.read_ledger(home)
            arrivals, unclaimed = discover(sources, folders, known)
            outcomes = [FileOutcome("", "", path, UNCLAIMED, reason) for path, reason in unclaimed.items()]
            if arrivals:
                with Loader(home, known) as loader:
                    loader.run(arrivals, outcomes, on_progress)
                ledgers.write_cache(home, known)
        except (OSError, duckdb.Error) as error:
            raise _stopped(home, error) from error
        finally:
            ledgers.clear_leftovers(home, WORK)
    return outcomes


def check_home(home: Home) -> None:
    """Make the folders of the home.

    Raises `LandingError` when its path holds a character that DuckDB takes for a pattern in a file's name.
    """
    if any(mark in str(home.root) for mark in "*?["):
        raise LandingError(
            f"the data folder {home.root} must not have *, ? or [ in its path: DuckDB reads them as a pattern"
        )
    home.create()


def _folders(home: Home, sources: dict[str, Source], roots: dict[str, Path], landing: Path | None) -> dict[str, Path]:
    unknown = sorted(set(roots) - set(sources))
    if unknown:
        raise LandingError(f"no source is called {', '.join(unknown)}; there are {', '.join(sorted(sources))}")
    base = (landing or home.landing).resolve()
    if not base.is_dir():
        raise LandingError(f"the landing folder {base} does not exist")
    folders = {name: (base / source.root).resolve() for name, source in sources.items()}
    # A link in the place of a source's folder would lead out of landing: it is nobody's, and reported as such.
    folders = {name: folder for name, folder in folders.items() if folder.is_relative_to(base)}
    for name, folder in roots.items():
        if not Path(folder).is_dir():
            raise LandingError(f"the folder {folder} for source {name} does not exist")
        folders[name] = Path(folder).resolve()
    return folders


def _is_full(error: Exception) -> bool:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return True
    return bool(FULL.search(str(error)))


def _stopped(home: Home, error: Exception) -> LandingError:
    if _is_full(error):
        return LandingError(
            f"no room to write in {home.raw} ({str(error).splitlines()[0][:200]}). Files loaded before stay, nothing "
            "half-written does: make room and run again"
        )
    return LandingError(f"loading stopped: {error}")


class Loader:
    """Reads arrivals, a few at a time, and lets them count one after the other in their order.

    The renaming of its raw file is the moment at which an arrival counts, so a kill leaves a beginning of the sequence.
    """

    def __init__(self, home: Home, known: Ledger) -> None:
        self.home = home
        self.known = known
        self.work = home.raw / WORK
        self.work.mkdir(mode=PRIVATE, exist_ok=True)
        self.database = duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "memory_limit": MEMORY,
                "temp_directory": str(self.work / "spill"),
            }
        )
        self.connection = self.database.cursor()
        self.readers = ThreadPoolExecutor(WORKERS, thread_name_prefix="read")
        self.hashers = ThreadPoolExecutor(WORKERS, thread_name_prefix="hash")
        self.local = threading.local()
        self.seen_sizes = {(entry.source, entry.entity, entry.bytes) for entry in known.entries}

    def __enter__(self) -> Loader:
        return self

    def __exit__(self, *_: object) -> None:
        self.readers.shutdown(cancel_futures=True)
        self.hashers.shutdown()
        self.database.close()

    def run(self, arrivals: list[Arrival], outcomes: list[FileOutcome], on_progress: OnProgress | None) -> None:
        """Take every arrival; the outcome of each is appended to `outcomes`."""
        total = sum(arrival.stat.st_size for arrival in arrivals)
        done, ahead = 0, 0
        waiting = deque(enumerate(arrivals))
        running: deque[tuple[int, Arrival, Future[Reading]]] = deque()
        while waiting or running:
            while waiting and len(running) <= WORKERS:
                size = waiting[0][1].stat.st_size
                if running and ahead + size > READ_AHEAD_BYTES:
                    break
                number, arrival = waiting.popleft()
                ahead += size
                running.append((number, arrival, self.readers.submit(self._read, arrival, number)))
            number, arrival, future = running.popleft()
            outcome = self._settle(arrival, future.result(), number)
            ahead -= arrival.stat.st_size
            done += arrival.stat.st_size
            outcomes.append(outcome)
            if on_progress:
                on_progress(outcome, done, total)

    def _read(self, arrival: Arrival, number: int, knows_hash: bool = True) -> Reading:
        """Convert one arrival to scratch files; runs beside others and decides nothing."""
        if not hasattr(self.local, "connection"):
            self.local.connection = self.database.cursor()
        converter = Converter(self.local.connection, self.hashers, self.work, arrival, number)
        is_known_size = (arrival.entity.source, arrival.entity.name, arrival.stat.st_size) in self.seen_sizes
        if knows_hash and is_known_size and not arrival.refusal:
            # Likely the same content again: reading it through for its hash alone is much cheaper than loading it.
            unread = converter.hash_only()
            if unread.is_growing or self.known.with_content(arrival.entity, unread.entry.content_hash):
                return unread
        return converter.convert()

    def _settle(self, arrival: Arrival, reading: Reading, number: int) -> FileOutcome:
        """Decide what an arrival counts for, now that everything before it is settled, and make it count."""
        if reading.is_growing:
            reading.discard()
            return _outcome(reading.entry, GROWING, "written to while it was read: left for the next run")
        entry = reading.entry
        if entry.status == LOADED:
            same = self._same_content(arrival, entry)
            if same:
                reading.discard()
                return self._pass_over(arrival, entry, same)
            if reading.raw is None:
                return self._settle(arrival, self._read(arrival, number, knows_hash=False), number)
            last = self.known.last_loaded(arrival.entity)
            notice = noticed(entry.header, arrival.entity, last.header if last else None)
            entry = replace(entry, reason="; ".join(filter(None, (notice, entry.reason))))
        elif reading.raw is None and arrival.previous and _same_failure(arrival.previous, entry):
            self.known.see(arrival.key, arrival.sight)
            return _outcome(entry, UNCHANGED, f"still {entry.status}: {entry.reason}")
        self._commit(reading, replace(entry, arrival=self.known.next_arrival))
        return _outcome(self.known.entries[-1])

    def _same_content(self, arrival: Arrival, entry: Entry) -> Entry | None:
        """The arrival whose content this one repeats, if that still is what counts, or was withdrawn."""
        for earlier in reversed(self.known.with_content(arrival.entity, entry.content_hash)):
            if earlier.named_window != (str(arrival.named_window) if arrival.named_window else ""):
                continue
            if earlier.withdrawn or (earlier.fingerprint == entry.fingerprint and self._still_counts(arrival, earlier)):
                return earlier
        return None

    def _still_counts(self, arrival: Arrival, earlier: Entry) -> bool:
        """Whether nothing that came later has taken anything of what `earlier` covers."""
        entity = arrival.entity
        active = self.known.active(entity.source, entity.name)
        if earlier not in active:
            return False
        later = [entry for entry in active if entry.arrival > earlier.arrival]
        if entity.replaces == "nothing" or not later:
            return True
        if entity.replaces == "days":
            owners = self.known.owners(entity.source, entity.name)
            days = list(earlier.window.days()) if earlier.window else []
            return bool(days) and all(owners[day] == earlier for day in days)
        keys = ", ".join(identifier(name) for name in entity.key)
        files = ", ".join(literal(str(entry.raw_path(self.home))) for entry in later)
        return not self.connection.execute(
            f"SELECT 1 FROM (SELECT {keys} FROM read_parquet({literal(str(earlier.raw_path(self.home)))})"
            f" INTERSECT SELECT {keys} FROM read_parquet([{files}])) LIMIT 1"
        ).fetchone()

    def _pass_over(self, arrival: Arrival, entry: Entry, same: Entry) -> FileOutcome:
        what = "which was withdrawn" if same.withdrawn else "which still counts"
        reason = f"the same content as {same.path} (arrival {same.arrival}), {what}"
        replaced = self.known.current_of(arrival.entity, arrival.path)
        if arrival.previous and (same.withdrawn or replaced in (None, same)):
            # The path has its row in the ledger; only its time stamp is new.
            self.known.see(arrival.key, arrival.sight)
            return _outcome(replace(entry, arrival=same.arrival), UNCHANGED, reason)
        entry = replace(
            entry, status=UNCHANGED, reason=reason, rows_read=0, rows_kept=0, rows_rejected=0, rows_duplicate=0,
            first_day="", day_rows=(), arrival=self.known.next_arrival,
        )  # fmt: skip
        self._commit(Reading(arrival, entry), entry)
        return _outcome(entry)

    def _commit(self, reading: Reading, entry: Entry) -> None:
        """Put the files of one arrival in their places; the raw file last."""
        entry = replace(entry, reason=entry.reason[:LONGEST_REASON])
        final = entry.raw_path(self.home)
        final.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        if entry.status in (QUARANTINED, REFUSED):
            self._quarantine(reading.arrival, entry)
        if reading.rejects:
            private = reading.arrival.entity.personal
            place = entry.private_rejects_path(self.home) if private else entry.rejects_path(self.home)
            place.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            ledgers.sync(reading.rejects)
            reading.rejects.rename(place)
        raw = reading.raw
        text = entry.text
        if raw is None:
            raw = self.work / "entry.parquet"
            self._write(empty_select(reading.arrival.entity), raw, ledgers.placeholder(len(text.encode())))
            reserved = ledgers.placeholder(len(text.encode()))
        else:
            reserved = reading.reserved
        if not ledgers.seal(raw, reserved, text):
            larger, reserved = raw.with_suffix(".larger.parquet"), ledgers.placeholder(len(text.encode()))
            self._write(f"SELECT * FROM read_parquet({literal(str(raw))})", larger, reserved)
            ledgers.seal(larger, reserved, text)
            raw.unlink()
            raw = larger
        raw.rename(final)
        ledgers.sync_folder(final.parent)
        self.known.add(entry)
        self.seen_sizes.add((entry.source, entry.entity, entry.bytes))

    def _write(self, select: str, path: Path, reserved: str) -> None:
        self.connection.execute(f"COPY ({select}) TO {literal(str(path))} ({parquet_options(reserved)})")

    def _quarantine(self, arrival: Arrival, entry: Entry) -> None:
        """Keep a copy of a file that can't be read, and the reason beside it; landing itself is left alone."""
        folder = self.home.quarantine / entry.source / entry.entity / entry.stem
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        (folder / "reason.txt").write_text(
            f"{entry.path}\n{entry.reason}\n", encoding="utf-8", errors="surrogateescape"
        )
        if entry.status == QUARANTINED:
            try:
                shutil.copyfile(arrival.file, folder / arrival.file.name)
            except OSError:
                shutil.rmtree(folder)
                raise


def _same_failure(previous: Entry, entry: Entry) -> bool:
    return (previous.status, previous.content_hash, previous.reason, previous.fingerprint) == (
        entry.status, entry.content_hash, entry.reason[:LONGEST_REASON], entry.fingerprint,
    )  # fmt: skip


def _outcome(entry: Entry, status: str = "", reason: str = "") -> FileOutcome:
    return FileOutcome(
        source=entry.source,
        entity=entry.entity,
        path=entry.path,
        status=status or entry.status,
        reason=reason or entry.reason,
        rows_read=entry.rows_read,
        rows_kept=entry.rows_kept,
        rows_rejected=entry.rows_rejected,
        rows_duplicate=entry.rows_duplicate,
        load_seconds=entry.load_seconds,
        file_id=entry.file_id if entry.arrival else "",
    )
