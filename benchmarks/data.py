"""The files that are measured with: simulated once, kept in the work folder, linked into landing folders."""

from __future__ import annotations

import os
import re
from datetime import date, timedelta
from pathlib import Path

from benchmarks.measuring import measured, settle

START = date(2022, 1, 1)


def centre(work: Path, agents: int, days: int) -> list[Path]:
    """The landing files of a centre's days, without the roster of days after them, ordered by the day from which they
    tell. Made when they are not there.
    """
    folder = work / f"centre_{agents}_agents_{days}_days"
    if not folder.is_dir():
        half_made = folder.with_name(f".{folder.name}")
        # In another process: a child's peak memory begins with what its parent held.
        measured("benchmarks.data:simulated", half_made, agents, days, START.isoformat())
        half_made.rename(folder)
        settle()
    until = START + timedelta(days=days)
    files = (file for file in folder.rglob("*") if file.is_file() and day_of(file) < until)
    return sorted(files, key=lambda file: (day_of(file), file))


def calls(work: Path, agents: int, days: int) -> list[Path]:
    """The daily files of a centre's calls, in order."""
    return [file for file in centre(work, agents, days) if file.parent.name == "calls"]


def day_of(file: Path) -> date:
    """The day in a file's name; of a month its first; of a file for all days the first there is."""
    named = re.search(r"\d{4}-\d{2}(-\d{2})?", file.name)
    return date.fromisoformat((named[0] + "-01")[:10]) if named else date.min


def simulated(out: str, agents: int, days: int, start: str) -> dict[str, int]:
    """Simulate `days` from `start`; returns calls, rows of all entities and bytes."""
    from hotline.simulation import simulate

    made = simulate(Path(out), agents=agents, days=days, start=date.fromisoformat(start), seed=1)
    return {"rows": made.rows["calls"], "records": sum(made.rows.values()), "bytes": made.bytes}


def size_of(files: list[Path]) -> int:
    return sum(file.stat().st_size for file in files)


def rows_of(file: Path) -> int:
    return file.read_bytes().count(b"\n") - 1


def landed(files: list[Path], landing: Path) -> Path:
    """A landing folder with these files: links, so that it costs no room."""
    for file in files:
        folder = landing / file.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        os.link(file, folder / file.name)
    return landing


def read(files: list[Path]) -> None:
    """Read the files once, so that every contender finds them in memory."""
    for file in files:
        with file.open("rb") as lines:
            while lines.read(1 << 24):
                pass
