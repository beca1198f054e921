"""What goes wrong in real landing folders: every second day one fault, in turn, listed with what a loader must find.

Faults that can be undone (a correction, a copy, a late file, another column order) leave the same rows as a clean run;
the others lose exactly the rows that the manifest counts as rejected. Agents' events have faults of their own, which
no loader can see: what is made of them is the models' affair.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from hotline.simulation.tables import put

_SHARE = 0.01  # of the rows of a file, at least one
_ARRIVES = time(2, 0)


@dataclass(frozen=True)
class Fault:
    """`rejected` and `duplicate` rows are those of `file`; `days_late` is how long after its time the file arrives."""

    fault: str
    day: date
    file: str
    rejected: int = 0
    duplicate: int = 0
    days_late: int = 0
    note: str = ""


@dataclass(frozen=True)
class _Arrival:
    name: str
    content: bytes
    fault: Fault | None = None


class Dirt:
    """Writes each day's files with their faults, and at the end the manifest."""

    def __init__(self, out: Path, zone: ZoneInfo, seed: int) -> None:
        self._out, self._zone, self._seed = out, zone, seed
        self.manifest = out.parent / f"{out.name}.dirt.json"
        self.faults: list[Fault] = []
        self._days: Counter[str] = Counter()

    def write(self, entity: str, name: str, day: date, content: bytes) -> int:
        """Write the file of an entity and day, and what comes with it; returns the number of files."""
        possible = _FAULTS.get(entity, [])
        draw = np.random.default_rng([self._seed, 4, day.toordinal(), list(_FAULTS).index(entity) if possible else 0])
        arrivals = [_Arrival(name, content)]
        days = self._days[entity]
        self._days[entity] += 1
        if possible and days % 2:
            header, *rows = content.decode().splitlines()
            fault = possible[days // 2 % len(possible)]
            if len(rows) > 1:
                arrivals = fault(name, day, header, rows, draw)
        for arrival in arrivals:
            late = arrival.fault.days_late if arrival.fault else 0
            moment = datetime.combine(day + timedelta(days=1 + late), _ARRIVES, self._zone).timestamp()
            put(self._out / entity / arrival.name, [arrival.content], self._out, moment)
            if arrival.fault:
                self.faults.append(arrival.fault)
        return len(arrivals)

    def write_manifest(self) -> None:
        faults = [{**asdict(fault), "day": fault.day.isoformat()} for fault in self.faults]
        self.manifest.write_text(json.dumps(faults, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _text(header: str, rows: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in (header, *rows)).encode()


def _some(rows: list[str], draw: np.random.Generator) -> np.ndarray:
    return np.sort(draw.choice(len(rows), max(1, int(len(rows) * _SHARE)), replace=False))


def _with_suffix(name: str, suffix: str) -> str:
    path = Path(name)
    return f"{path.stem}_{suffix}{path.suffix}"


def _late(name: str, day: date, header: str, rows: list[str], draw: np.random.Generator) -> list[_Arrival]:
    return [_Arrival(name, _text(header, rows), Fault("late", day, name, days_late=3))]


def _copied(name: str, day: date, header: str, rows: list[str], draw: np.random.Generator) -> list[_Arrival]:
    copy = _with_suffix(name, "copy")
    content = _text(header, rows)
    return [_Arrival(name, content), _Arrival(copy, content, Fault("copied", day, copy, days_late=1))]


def _corrected(name: str, day: date, header: str, rows: list[str], draw: np.random.Generator) -> list[_Arrival]:
    """The first file lacks calls; the correction has them."""
    missing = set(_some(rows, draw).tolist())
    first = [row for place, row in enumerate(rows) if place not in missing]
    correction = _with_suffix(name, "corrected")
    return [
        _Arrival(name, _text(header, first), Fault("incomplete", day, name, note=f"{len(missing)} rows missing")),
        _Arrival(correction, _text(header, rows), Fault("corrected", day, correction, days_late=2)),
    ]


def _repeated(name: str, day: date, header: str, rows: list[str], draw: np.random.Generator) -> list[_Arrival]:
    again = [rows[place] for place in _some(rows, draw)]
    return [_Arrival(name, _text(header, rows + again), Fault("repeated rows", day, name, duplicate=len(again)))]


def _ragged(name: str, day: date, header: str, rows: list[str], draw: np.random.Generator) -> list[_Arrival]:
    """Lines cut in the middle, and lines with a field too many."""
    chosen = _some(rows, draw)
    for place in chosen:
        fields = rows[place].split(",")
        rows[place] = ",".join(fields[: len(fields) // 2] if place % 2 else [*fields, "?"])
    return [_Arrival(name, _text(header, rows), Fault("ragged rows", day, name, rejected=len(chosen)))]


def _mistyped(name: str, day: date, header: str, rows: list[str], draw: np.random.Generator) -> list[_Arrival]:
    """A value that its column cannot hold."""
    columns = header.split(",")
    wrong = {"left_at": "yesterday", "wait_seconds": "n/a", "outcome": "lost", "entered_at": ""}
    chosen = _some(rows, draw)
    for number, place in enumerate(chosen):
        column = list(wrong)[number % len(wrong)]
        fields = rows[place].split(",")
        fields[columns.index(column)] = wrong[column]
        rows[place] = ",".join(fields)
    return [_Arrival(name, _text(header, rows), Fault("mistyped values", day, name, rejected=len(chosen)))]


def _reordered(name: str, day: date, header: str, rows: list[str], draw: np.random.Generator) -> list[_Arrival]:
    """The same columns in another order, as after an update of the exporting system."""
    order = draw.permutation(len(header.split(",")))
    header, *rows = [",".join(line.split(",")[place] for place in order) for line in (header, *rows)]
    return [_Arrival(name, _text(header, rows), Fault("columns in another order", day, name))]


def _from_windows(name: str, day: date, header: str, rows: list[str], draw: np.random.Generator) -> list[_Arrival]:
    content = "\ufeff".encode() + _text(header, rows).replace(b"\n", b"\r\n")
    return [_Arrival(name, content, Fault("byte order mark and CRLF", day, name))]


def _without_sign_outs(name: str, day: date, header: str, rows: list[str], draw: np.random.Generator) -> list[_Arrival]:
    """A third of the agents' last words of the day are lost."""
    last = {row.split(",", 1)[0]: place for place, row in enumerate(rows)}
    lost = {place for place in last.values() if ",signed_out," in rows[place] and draw.random() < 1 / 3}
    rows = [row for place, row in enumerate(rows) if place not in lost]
    return [_Arrival(name, _text(header, rows), Fault("missing sign-outs", day, name, note=f"{len(lost)} rows"))]


def _twice(name: str, day: date, header: str, rows: list[str], draw: np.random.Generator) -> list[_Arrival]:
    """Events that are there twice, one after the other, as after a broken connection."""
    chosen = set(_some(rows, draw).tolist())
    doubled = [row for place, row in enumerate(rows) for row in [row] * (1 + (place in chosen))]
    return [_Arrival(name, _text(header, doubled), Fault("double events", day, name, note=f"{len(chosen)} rows"))]


def _skewed(name: str, day: date, header: str, rows: list[str], draw: np.random.Generator) -> list[_Arrival]:
    """The clocks of some agents are wrong by up to two minutes; events stay on their day."""
    agents = sorted({row.split(",", 1)[0] for row in rows})
    wrong = draw.choice(agents, max(1, len(agents) // 20), replace=False)
    skews = dict(
        zip(wrong.tolist(), draw.integers(20, 120, len(wrong)) * draw.choice([-1, 1], len(wrong)), strict=True)
    )
    at = header.split(",").index("occurred_at")
    for place, row in enumerate(rows):
        fields = row.split(",")
        if fields[0] in skews:
            shown = datetime.fromisoformat(fields[at]) + timedelta(seconds=int(skews[fields[0]]))
            if shown.date() == day:
                fields[at] = shown.isoformat()
                rows[place] = ",".join(fields)
    note = ", ".join(f"{agent} {skews[agent]:+d} s" for agent in sorted(skews))
    return [_Arrival(name, _text(header, rows), Fault("clock skew", day, name, note=note))]


_FAULTS: dict[str, list[Callable[[str, date, str, list[str], np.random.Generator], list[_Arrival]]]] = {
    "calls": [_late, _corrected, _repeated, _ragged, _copied, _mistyped, _reordered, _from_windows],
    "agent_events": [_without_sign_outs, _twice, _skewed, _late],
}
