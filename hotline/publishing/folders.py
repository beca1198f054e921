"""Releases: make one, switch to it, go back, throw old ones away."""

from __future__ import annotations

import errno
import fcntl
import getpass
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from hotline.home import PRIVATE, SHARED_WITH_GROUP, Home

KEEP = 5
"""Releases that stay, the newest first; the one that `current` names stays in any case."""

KEEP_AT_LEAST = 3
"""A reader pins the release of its request: with fewer, a slow request could lose its file under its feet."""

_BUILD_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}")
_STAMPS = {"operations": "operations_build", "people": "people_build"}
"""The table in each file that tells its build. Two names, since no table name stands in both files."""


class PublishingError(RuntimeError):
    """A release could not be made or switched to. The release that was current still is."""


@dataclass(frozen=True)
class Release:
    """One published state. `inputs` says what it was made of: hashes by name, as `publish` was given them."""

    id: str
    folder: Path
    published_at: datetime
    bytes: int
    is_current: bool
    inputs: dict[str, str] = field(default_factory=dict)

    @property
    def operations(self) -> Path:
        return self.folder / "operations" / "operations.duckdb"

    @property
    def people(self) -> Path:
        return self.folder / "people" / "people.duckdb"


def new_build_id() -> str:
    """A name for a build: sorts by time, and two builds of one second differ (`20250301T093000Z-3f9a1c`)."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def publish(home: Home, build_id: str, *, inputs: dict[str, str] | None = None, keep: int = KEEP) -> Release:
    """Copy both build files into a release and make it the current one.

    Steps, each of which may be the last one before a power cut: build id into both files, checkpoint, copy to
    `<id>.tmp`, sync, rename, switch the link, delete old releases. Until the switch readers have the release before.
    Raises `PublishingError` when a file is missing, open elsewhere, not of this build, or the disk is full.
    """
    if not _BUILD_ID.fullmatch(build_id):
        raise PublishingError(f"'{build_id}' is no build id; new_build_id() makes one")
    if keep < KEEP_AT_LEAST:
        raise PublishingError(f"keep at least {KEEP_AT_LEAST} releases, not {keep}: readers may still be on them")
    files = {"operations": home.operations, "people": home.people}
    for area, file in files.items():
        _stamp(area, file, build_id)
    with _switching(home):
        _clean_half_made(home)
        half_made = home.releases / f"{build_id}.tmp"
        target = home.releases / build_id
        if target.exists():
            raise PublishingError(f"release {build_id} exists already")
        try:
            _fill(half_made, files, build_id, inputs or {})
        except PublishingError:
            shutil.rmtree(half_made, ignore_errors=True)
            raise
        except OSError as error:
            shutil.rmtree(half_made, ignore_errors=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise PublishingError(f"the disk of {home.releases} is full; {_needed(files)} are needed") from error
            raise PublishingError(f"cannot write {half_made}: {error}") from error
        half_made.rename(target)
        _sync(home.releases)
        _point_current_at(home, build_id)
        _rollback_note(home).unlink(missing_ok=True)
        _delete_old(home, keep)
    return _read(home, target)


def releases(home: Home) -> list[Release]:
    """All complete releases, the newest first."""
    if not home.releases.is_dir():
        return []
    folders = (folder for folder in home.releases.iterdir() if _BUILD_ID.fullmatch(folder.name) and folder.is_dir())
    return [_read(home, folder) for folder in sorted(folders, key=lambda folder: folder.name, reverse=True)]


def current_release(home: Home) -> Release | None:
    """The release that readers see, or None before the first one."""
    name = _current_name(home)
    return _read(home, home.releases / name) if name else None


def rollback(home: Home, release_id: str | None = None) -> Release:
    """Make an earlier release current: `release_id`, or the one before the current one.

    It lasts until the next publish, which happens when there is something new to publish: a wrong file has to be
    withdrawn or corrected, else it comes back with the next good one. Raises `PublishingError` when there is none.
    """
    with _switching(home):
        known = releases(home)
        before = _current_name(home)
        if release_id is None:
            older = [release.id for release in known if before and release.id < before]
            if not older:
                raise PublishingError("there is no release before the current one to go back to")
            release_id = older[0]
        if release_id not in {release.id for release in known}:
            kept = ", ".join(release.id for release in known) or "none"
            raise PublishingError(f"there is no release {release_id}; kept are: {kept}")
        note = {
            "from": before,
            "to": release_id,
            "newest": known[0].id,
            "by": getpass.getuser(),
            "on": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        _write_synced(_rollback_note(home), json.dumps(note))
        _point_current_at(home, release_id)
        if release_id == known[0].id:
            _rollback_note(home).unlink()
        return _read(home, home.releases / release_id)


def rolled_back_from(home: Home) -> dict[str, str] | None:
    """Who went back from which release to which, when, and which was the newest then, while that holds.

    Keys: from, to, newest, by, on.
    """
    try:
        note = json.loads(_rollback_note(home).read_text())
    except FileNotFoundError:
        return None
    return note if note["to"] == _current_name(home) else None


def clean(home: Home, keep: int = KEEP) -> list[str]:
    """Delete half-made releases and those beyond `keep`; gives the names that are gone."""
    with _switching(home):
        return [*_clean_half_made(home), *_delete_old(home, max(keep, KEEP_AT_LEAST))]


def _stamp(area: str, file: Path, build_id: str) -> None:
    """Write the build id into the file and leave no write-ahead log beside it."""
    if not file.is_file():
        raise PublishingError(f"{file} is missing: build first (`hotline run`)")
    table = f"marts.{_STAMPS[area]}"
    try:
        with duckdb.connect(str(file)) as connection:
            connection.execute("create schema if not exists marts")
            connection.execute(
                f"create or replace table {table} as select ?::varchar as build_id, ?::timestamptz as built_at",
                [build_id, datetime.now(UTC)],
            )
            connection.execute("checkpoint")
    except duckdb.Error as error:
        raise PublishingError(f"cannot finish {file}: {error}") from error
    log = file.with_name(file.name + ".wal")
    if log.exists():
        raise PublishingError(f"{log} is left after the checkpoint: another process has {file.name} open")


def _fill(folder: Path, files: dict[str, Path], build_id: str, inputs: dict[str, str]) -> None:
    folder.mkdir(mode=SHARED_WITH_GROUP)
    folder.chmod(SHARED_WITH_GROUP)
    modes = {"operations": SHARED_WITH_GROUP, "people": PRIVATE}
    for area, file in files.items():
        place = folder / area
        place.mkdir(mode=modes[area])
        place.chmod(modes[area])
        copy = place / f"{area}.duckdb"
        shutil.copyfile(file, copy)
        copy.chmod(modes[area] & 0o666)
        _give_to_group(area, folder, place, copy)
        _sync(copy)
        _sync(place)
        _prove(area, copy, build_id)
    facts = {
        "id": build_id,
        "published_at": datetime.now(UTC).isoformat(),
        "bytes": sum(file.stat().st_size for file in folder.glob("*/*.duckdb")),
        "inputs": inputs,
    }
    _write_synced(folder / "release.json", json.dumps(facts, indent=2))
    _sync(folder)


def _give_to_group(area: str, folder: Path, *paths: Path) -> None:
    """`HOTLINE_OPERATIONS_GROUP` and `HOTLINE_PEOPLE_GROUP` name the groups that may read the two files, if any."""
    group = os.environ.get(f"HOTLINE_{area.upper()}_GROUP")
    if not group:
        return
    try:
        for path in paths:
            shutil.chown(path, group=group)
            path.chmod(SHARED_WITH_GROUP if path.is_dir() else 0o640)
        # Both groups have to pass through these two; they may not list what stands in them.
        for passage in (folder, folder.parent):
            passage.chmod(0o711)
    except LookupError as error:
        raise PublishingError(f"HOTLINE_{area.upper()}_GROUP names a group that this machine lacks: {group}") from error
    except PermissionError as error:
        raise PublishingError(f"this user may not give files to group {group}: join it or run as its owner") from error


def _prove(area: str, file: Path, build_id: str) -> None:
    """Open the copy as a reader does. Both copies name this build, or the release never comes into being."""
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            found = connection.execute(f"select build_id from marts.{_STAMPS[area]}").fetchall()
    except duckdb.Error as error:
        raise PublishingError(f"the copy {file} cannot be read: {error}") from error
    if found != [(build_id,)]:
        raise PublishingError(f"{file} is of build {found}, not {build_id}: two runs wrote at once")


def _point_current_at(home: Home, name: str) -> None:
    """Replace the link in one step. The link is relative, so that the whole home can be moved."""
    link = home.releases / "current.tmp"
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.replace(home.current)
    _sync(home.releases)


def _current_name(home: Home) -> str | None:
    try:
        name = home.current.readlink().name
    except FileNotFoundError:
        return None
    return name if (home.releases / name).is_dir() else None


def _clean_half_made(home: Home) -> list[str]:
    gone = []
    for path in home.releases.glob("*.tmp"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
        gone.append(path.name)
    return gone


def _delete_old(home: Home, keep: int) -> list[str]:
    gone = []
    for release in releases(home)[keep:]:
        if release.is_current:
            continue
        # Renamed first: a kill in the middle leaves a half release, and a half release must not look like a whole one.
        doomed = release.folder.with_name(f"{release.id}.tmp")
        release.folder.rename(doomed)
        shutil.rmtree(doomed)
        gone.append(release.id)
    return gone


def _read(home: Home, folder: Path) -> Release:
    facts = json.loads((folder / "release.json").read_text())
    return Release(
        id=facts["id"],
        folder=folder,
        published_at=datetime.fromisoformat(facts["published_at"]),
        bytes=facts["bytes"],
        is_current=folder.name == _current_name(home),
        inputs=facts["inputs"],
    )


def _rollback_note(home: Home) -> Path:
    return home.releases / "rollback.json"


@contextmanager
def _switching(home: Home) -> Iterator[None]:
    """One switch at a time: a person's rollback and a run's publish wait for each other, for seconds at most."""
    home.create()
    with (home.releases / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write_synced(path: Path, text: str) -> None:
    half_made = path.with_name(path.name + ".tmp")
    half_made.write_text(text)
    _sync(half_made)
    half_made.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    """Force a file or a folder's names to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _needed(files: dict[str, Path]) -> str:
    return f"{sum(file.stat().st_size for file in files.values()) / 1e6:,.0f} MB"
