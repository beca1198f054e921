"""Which landed files have to be looked at, and in which order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hotline.landing.ledger import Entry, Ledger
from hotline.landing.sources import Entity, Source, Window, claim

UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", "~")
"""Endings that copying programs give to a file which they still write."""


@dataclass(frozen=True)
class Arrival:
    """A file that has to be looked at."""

    entity: Entity
    file: Path
    path: str
    """Relative to the source's root, with forward slashes; bytes that are no UTF-8 are written as escapes."""
    named_window: Window | None
    """The local days that the file's name says it covers."""
    stat: os.stat_result
    refusal: str = ""
    """Why it must not be opened."""
    previous: Entry | None = None
    """The last arrival of the same path."""

    @property
    def key(self) -> tuple[str, str]:
        return self.entity.source, self.path

    @property
    def sight(self) -> tuple[int, int, str]:
        """What must be different for the file to be looked at again."""
        return self.stat.st_size, self.stat.st_mtime_ns, self.entity.fingerprint


def discover(
    sources: dict[str, Source], folders: dict[str, Path], known: Ledger
) -> tuple[list[Arrival], dict[str, str]]:
    """New and changed files in order of arrival, and the paths of files that no source claims with the reason.

    A file is looked at again when its size or time of change differ from the last look, or when the source says
    something else about how to read it. Files that are read again for that keep the order in which they first came.
    """
    latest = known.latest_by_path()
    arrivals: list[Arrival] = []
    claimed: set[Path] = set()
    strangers: dict[Path, tuple[str, str]] = {}
    roots = set(folders.values())
    for name, source in sources.items():
        folder = folders.get(name)
        if folder is None or not folder.is_dir():
            continue
        for path, relative, refusal in _walk(folder, "", roots - {folder}):
            entity, window = _claimant(source, relative)
            if entity is None:
                shown = relative.encode("utf-8", "backslashreplace").decode()
                strangers.setdefault(path, (shown, refusal or "no source description claims this file"))
                continue
            claimed.add(path)
            try:
                status = path.lstat() if refusal else path.stat()
            except FileNotFoundError:
                continue  # taken away between the listing and now
            shown = relative.encode("utf-8", "backslashreplace").decode()
            previous = latest.get((name, shown))
            arrival = Arrival(entity, path, shown, window, status, refusal, previous)
            if arrival.sight not in known.sights(arrival.key, previous):
                arrivals.append(arrival)
    arrivals.sort(key=_order)
    return arrivals, dict(stranger for path, stranger in sorted(strangers.items()) if path not in claimed)


def _order(arrival: Arrival) -> tuple[int, int, str]:
    """Files that are only read again keep their old order and come first; then by time of change and path."""
    previous = arrival.previous
    is_same_file = previous and (previous.bytes, previous.mtime_ns) == (arrival.stat.st_size, arrival.stat.st_mtime_ns)
    return (previous.arrival if previous and is_same_file else 1 << 62), arrival.stat.st_mtime_ns, arrival.path


def _claimant(source: Source, relative: str) -> tuple[Entity | None, Window | None]:
    for entity in source.entities:
        is_claimed, window = claim(entity, relative)
        if is_claimed:
            return entity, window
    return None, None


def _walk(folder: Path, above: str, others: set[Path]) -> Iterator[tuple[Path, str, str]]:
    """Every file below `folder` outside the roots of other sources: path, path below the root, why not to open it."""
    with os.scandir(folder) as items:
        entries = sorted(items, key=lambda item: item.name)
    for item in entries:
        is_hidden = item.name.startswith(".") and not item.name.startswith("..")
        if is_hidden or item.name.endswith(UNFINISHED):
            continue
        path, relative = Path(item.path), above + item.name
        if item.is_dir(follow_symlinks=False):
            if path not in others:
                yield from _walk(path, relative + "/", others)
            continue
        root = folder if not above else folder.parents[above.count("/") - 1]
        yield path, relative, _refusal(item, relative, root)


def _refusal(item: os.DirEntry, relative: str, root: Path) -> str:
    try:
        relative.encode("utf-8")
    except UnicodeEncodeError:
        return "the name of the file is not valid UTF-8"
    try:
        if item.is_symlink() and not (target := Path(item.path).resolve()).is_relative_to(root):
            return f"a link that leads out of {root} (to {target})"
        if not item.is_file():
            return "not a regular file"
        if not os.access(item.path, os.R_OK):
            return "no right to read it"
    except (OSError, RuntimeError) as error:
        return f"can't be opened ({error})"
    return ""
