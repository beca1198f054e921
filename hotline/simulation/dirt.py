"""What goes wrong in real landing folders: every second file of an entity has one fault, in turn, listed with what
a loader must find.

Faults that can be undone (a correction, a copy, a late file, another column order) leave the same rows as a clean run;
the others lose exactly the rows that the manifest counts as rejected. Agents' events have faults of their own, which
no loader can see: what is made of them is the models' affair.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from hotline.landing.sources import HERE, Entity, read_source
from hotline.simulation.tables import lines, put

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
class _File:
    """A file without a fault, as lines, and the draws of what goes wrong in it."""

    entity: Entity
    name: str
    day: date
    header: str
    rows: list[str]
    draw: np.random.Generator

    def some(self) -> np.ndarray:
        """Places of a few rows."""
        count = max(1, int(len(self.rows) * _SHARE))
        return np.sort(self.draw.choice(len(self.rows), count, replace=False))

    def with_suffix(self, suffix: str) -> str:
        path = Path(self.name)
        return f"{path.stem}_{suffix}{path.suffix}"


@dataclass(frozen=True)
class _Arrival:
    name: str
    content: bytes
    fault: Fault | None = None


class Dirt:
    """Writes each file with its fault, if it has one, and at the end the manifest."""

    def __init__(self, out: Path, zone: ZoneInfo, seed: int) -> None:
        self._out, self._zone, self._seed = out, zone, seed
        entities = read_source(HERE / "sources" / "hotline.yml").entities
        self._entities = {entity.name: (number, entity) for number, entity in enumerate(entities)}
        self.manifest = out.parent / f"{out.name}.dirt.json"
        self.faults: list[Fault] = []
        self._files: Counter[str] = Counter()

    def write(self, entity: str, path: Path, day: date, content: bytes) -> int:
        """Write a file that is handed in after `day`, and what comes with it; returns the number of files."""
        number, described = self._entities[entity]
        before = self._files[entity]
        self._files[entity] += 1
        arrivals = [_Arrival(path.name, content)]
        if before % 2:
            possible = _faults_of(described)
            draw = np.random.default_rng([self._seed, 4, day.toordinal(), number])
            header, *rows = content.decode().splitlines()
            if len(rows) > 1:
                # Files that come by the month are few: not all of them begin with the same fault.
                fault = possible[(before // 2 + number // 2) % len(possible)]
                arrivals = fault(_File(described, path.name, day, header, rows, draw))
        for arrival in arrivals:
            late = arrival.fault.days_late if arrival.fault else 0
            moment = datetime.combine(day + timedelta(days=1 + late), _ARRIVES, self._zone).timestamp()
            put(path.with_name(arrival.name), [arrival.content], self._out, moment)
            if arrival.fault:
                self.faults.append(arrival.fault)
        return len(arrivals)

    def write_manifest(self) -> None:
        faults = [{**asdict(fault), "day": fault.day.isoformat()} for fault in self.faults]
        self.manifest.write_text(json.dumps(faults, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _text(header: str, rows: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in (header, *rows)).encode()


def _fields(row: str) -> list[str]:
    return next(csv.reader([row]))


def _row(fields: list[str]) -> str:
    return lines(fields, [])[0].decode().rstrip("\n")


def _late(file: _File) -> list[_Arrival]:
    return [_Arrival(file.name, _text(file.header, file.rows), Fault("late", file.day, file.name, days_late=3))]


def _copied(file: _File) -> list[_Arrival]:
    copy = file.with_suffix("copy")
    content = _text(file.header, file.rows)
    return [_Arrival(file.name, content), _Arrival(copy, content, Fault("copied", file.day, copy, days_late=1))]


def _corrected(file: _File) -> list[_Arrival]:
    """The first file lacks rows; the correction has them."""
    missing = set(file.some().tolist())
    first = [row for place, row in enumerate(file.rows) if place not in missing]
    correction = file.with_suffix("corrected")
    incomplete = Fault("incomplete", file.day, file.name, note=f"{len(missing)} rows missing")
    return [
        _Arrival(file.name, _text(file.header, first), incomplete),
        _Arrival(correction, _text(file.header, file.rows), Fault("corrected", file.day, correction, days_late=2)),
    ]


def _repeated(file: _File) -> list[_Arrival]:
    again = [file.rows[place] for place in file.some()]
    fault = Fault("repeated rows", file.day, file.name, duplicate=len(again))
    return [_Arrival(file.name, _text(file.header, file.rows + again), fault)]


def _ragged(file: _File) -> list[_Arrival]:
    """Lines cut in the middle, and lines with a field too many."""
    rows, chosen = file.rows.copy(), file.some()
    for place in chosen:
        fields = _fields(rows[place])
        rows[place] = _row(fields[: len(fields) // 2] if place % 2 else [*fields, "?"])
    return [_Arrival(file.name, _text(file.header, rows), Fault("ragged rows", file.day, file.name, len(chosen)))]


def _mistyped(file: _File) -> list[_Arrival]:
    """A value that its column cannot hold, column by column."""
    wrong = [
        (place, value)
        for place, column in enumerate(file.entity.column(name) for name in _fields(file.header))
        for value, is_wrong in (("n/a", column.allowed or column.type != "VARCHAR"), ("", column.required))
        if is_wrong
    ]
    rows, chosen = file.rows.copy(), file.some()
    begins = int(file.draw.integers(len(wrong)))
    for number, row in enumerate(chosen):
        place, value = wrong[(begins + number) % len(wrong)]
        fields = _fields(rows[row])
        fields[place] = value
        rows[row] = _row(fields)
    return [_Arrival(file.name, _text(file.header, rows), Fault("mistyped values", file.day, file.name, len(chosen)))]


def _reordered(file: _File) -> list[_Arrival]:
    """The same columns in another order, as after an update of the exporting system."""
    order = file.draw.permutation(len(_fields(file.header)))
    header, *rows = (_row([fields[place] for place in order]) for fields in csv.reader([file.header, *file.rows]))
    return [_Arrival(file.name, _text(header, rows), Fault("columns in another order", file.day, file.name))]


def _from_windows(file: _File) -> list[_Arrival]:
    content = "\ufeff".encode() + _text(file.header, file.rows).replace(b"\n", b"\r\n")
    return [_Arrival(file.name, content, Fault("byte order mark and CRLF", file.day, file.name))]


def _without_sign_outs(file: _File) -> list[_Arrival]:
    """A third of the agents' last words of the day are lost."""
    last = {row.split(",", 1)[0]: place for place, row in enumerate(file.rows)}
    lost = {place for place in last.values() if ",signed_out," in file.rows[place] and file.draw.random() < 1 / 3}
    rows = [row for place, row in enumerate(file.rows) if place not in lost]
    fault = Fault("missing sign-outs", file.day, file.name, note=f"{len(lost)} rows")
    return [_Arrival(file.name, _text(file.header, rows), fault)]


def _twice(file: _File) -> list[_Arrival]:
    """Events that are there twice, one after the other, as after a broken connection."""
    chosen = set(file.some().tolist())
    doubled = [row for place, row in enumerate(file.rows) for row in [row] * (1 + (place in chosen))]
    fault = Fault("double events", file.day, file.name, note=f"{len(chosen)} rows")
    return [_Arrival(file.name, _text(file.header, doubled), fault)]


def _skewed(file: _File) -> list[_Arrival]:
    """The clocks of some agents are wrong by up to two minutes; events stay on their day."""
    draw, rows = file.draw, file.rows.copy()
    agents = sorted({row.split(",", 1)[0] for row in rows})
    wrong = draw.choice(agents, max(1, len(agents) // 20), replace=False)
    skews = dict(
        zip(wrong.tolist(), draw.integers(20, 120, len(wrong)) * draw.choice([-1, 1], len(wrong)), strict=True)
    )
    at = file.header.split(",").index("occurred_at")
    for place, row in enumerate(rows):
        fields = row.split(",")
        if fields[0] in skews:
            shown = datetime.fromisoformat(fields[at]) + timedelta(seconds=int(skews[fields[0]]))
            if shown.date() == file.day:
                fields[at] = shown.isoformat()
                rows[place] = ",".join(fields)
    note = ", ".join(f"{agent} {skews[agent]:+d} s" for agent in sorted(skews))
    return [_Arrival(file.name, _text(file.header, rows), Fault("clock skew", file.day, file.name, note=note))]


def _faults_of(entity: Entity) -> list[Callable[[_File], list[_Arrival]]]:
    """Which faults a loader can find, or put right, by what the entity's source says of it."""
    if entity.name == "agent_events":
        return [_without_sign_outs, _twice, _skewed, _late]
    # A correction needs something to replace, rows that come again need a key; a copy is known by its content.
    corrected = [_corrected] if entity.replaces != "nothing" else []
    repeated = [_repeated] if entity.key else []
    return [_late, *corrected, *repeated, _ragged, _copied, _mistyped, _reordered, _from_windows]
