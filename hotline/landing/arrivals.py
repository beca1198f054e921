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
    claimed: set[str] = set()
    strangers: dict[str, tuple[str, str]] = {}
    roots = set(folders.values())
    for name, source in sources.items():
        folder = folders.get(name)
        if folder is None or not folder.is_dir():
            continue
        others = {str(root) for root in roots - {folder}}
        for item, relative, refusal in _walk(str(folder), str(folder), "", others):
            entity, window = _claimant(source, relative)
            if entity is None:
                shown = relative.encode("utf-8", "backslashreplace").decode()
                strangers.setdefault(item.path, (shown, refusal or "no source description claims this file"))
                continue
            claimed.add(item.path)
            try:
                status = item.stat(follow_symlinks=not refusal)
            except FileNotFoundError:
                continue  # taken away between the listing and now
            shown = relative.encode("utf-8", "backslashreplace").decode()
            previous = latest.get((name, shown))
            sight = (status.st_size, status.st_mtime_ns, entity.fingerprint)
            if sight not in known.sights((name, shown), previous):
                arrivals.append(Arrival(entity, Path(item.path), shown, window, status, refusal, previous))
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


def _walk(root: str, folder: str, above: str, others: set[str]) -> Iterator[tuple[os.DirEntry[str], str, str]]:
    """Every file in a folder below `root` outside of other sources: itself, path below the root, why not to open it.

    No `Path` of each: of years of daily files a run walks over thousands, and has a use for a few.
    """
    with os.scandir(folder) as items:
        entries = sorted(items, key=lambda item: item.name)
    for item in entries:
        is_hidden = item.name.startswith(".") and not item.name.startswith("..")
        if is_hidden or item.name.endswith(UNFINISHED):
            continue
        relative = above + item.name
        if item.is_dir(follow_symlinks=False):
            if item.path not in others:
                yield from _walk(root, item.path, relative + "/", others)
            continue
        yield item, relative, _refusal(item, relative, root)


def _refusal(item: os.DirEntry, relative: str, root: str) -> str:
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
