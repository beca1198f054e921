"""One writer at a time: a lock that ends with the process that holds it, however that ends."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hotline.home import Home

_held: dict[Path, int] = {}
"""Locks of this process: the path and how often it was taken, so that a step inside a run may ask again."""


class Busy(RuntimeError):
    """Somebody else is writing. The message says which process, and since when."""


@contextmanager
def writer_lock(home: Home, doing: str, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the right to write raw, build and releases of this home.

    `doing` is shown to whoever is refused. The kernel gives the lock back when the process ends, so a killed run
    blocks nobody. Raises `Busy` when it is not free within `wait_seconds`.
    """
    path = home.build / "writer.lock"
    if _held.get(path):
        _held[path] += 1
        try:
            yield
        finally:
            _held[path] -= 1
        return
    home.create()
    with path.open("a+") as file:
        _wait_for(file, path, wait_seconds)
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "doing": doing, "since": datetime.now(UTC).isoformat(timespec="seconds")}, file)
        file.flush()
        _held[path] = 1
        try:
            yield
        finally:
            del _held[path]
            file.seek(0)
            file.truncate()


def _wait_for(file, path: Path, wait_seconds: float) -> None:
    end = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= end:
                raise Busy(_refusal(path)) from None
            time.sleep(0.5)


def _refusal(path: Path) -> str:
    try:
        holder = json.loads(path.read_text())
        who = f"process {holder['pid']} ({holder['doing']}, since {holder['since']})"
    except (ValueError, KeyError):
        who = "another process"
    return f"{who} is writing in {path.parent.parent}. Wait until it has ended; nothing was changed."
