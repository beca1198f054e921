"""Demonstration data: a call centre that does not exist, written as the landing files that a real one would drop.

>>> from hotline.simulation import simulate
>>> simulate(Path("data/landing"), agents=80, days=90, seed=1)  # doctest: +SKIP

Every row says `is_simulated`. What is put in stands in `scenario.yml`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import yaml

from hotline.simulation.scenario import Scenario, ScenarioError

__all__ = ["Scenario", "ScenarioError", "SimulationSummary", "simulate", "site_zone"]

AGENTS, DAYS, SEED = 80, 90, 1
"""What `make run` shows when landing is empty."""

_SOURCE = Path(__file__).resolve().parent.parent / "landing" / "sources" / "hotline.yml"


@dataclass(frozen=True)
class SimulationSummary:
    """What was written, dirt apart: `rows` by entity, `contacts` callers' attempts, `seconds` of wall clock."""

    out: Path
    files: int
    rows: dict[str, int]
    contacts: int
    bytes: int
    first_day: date
    last_day: date
    seconds: float
    manifest: Path | None = None


def site_zone() -> ZoneInfo:
    """The time zone that the source `hotline` declares."""
    return ZoneInfo(yaml.safe_load(_SOURCE.read_text(encoding="utf-8"))["time_zone"])


def simulate(
    out: Path,
    agents: int = AGENTS,
    days: int = DAYS,
    start: date | None = None,
    seed: int = SEED,
    *,
    dirt: bool = False,
    scenario: Scenario | None = None,
    zone: ZoneInfo | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> SimulationSummary:
    """Write the landing files of `days` days from `start`, such as `out/calls/calls_2025-01-31.csv`.

    Without `start` the last day is yesterday, in the zone of the site. The same arguments give the same bytes. Files
    appear whole, in the order of their days; memory holds two days. `dirt` adds what goes wrong in real landing
    folders, and lists it in `<out>.dirt.json` beside the folder. `on_progress(done, days)` is called after each day.

    Raises ValueError for a size that cannot be simulated, ScenarioError for a scenario that cannot.
    """
    # Numba takes its time to import: not before there is something to simulate.
    from hotline.simulation import landing_files
    from hotline.simulation.centre import Centre, Month
    from hotline.simulation.dirt import Dirt
    from hotline.simulation.tables import Writer, lines, put

    if agents < 1 or days < 1:
        raise ValueError(f"agents and days must be at least 1, not {agents} and {days}")
    began = time.perf_counter()
    zone = zone or site_zone()
    if start is None:
        start = datetime.now(UTC).astimezone(zone).date() - timedelta(days=days)
    scenario = scenario or Scenario.read()
    centre = Centre(scenario, agents, days, start, seed, zone)
    writers = {
        entity: Writer(columns, centre.clock)
        for entity, columns in {
            "calls": landing_files.calls(scenario, agents, centre.customers.number),
            "agent_events": landing_files.agent_events(agents),
            "agent_schedules": landing_files.agent_schedules(scenario, agents),
            "tickets": landing_files.tickets(scenario, agents, centre.customers.number),
            "ticket_events": landing_files.ticket_events(scenario),
            "quality_reviews": landing_files.quality_reviews(scenario, agents),
            "attendance": landing_files.attendance(),
            "customers": landing_files.customers(scenario, centre.customers.number),
        }.items()
    }
    dirty = Dirt(out, zone, seed) if dirt else None
    rows: Counter[str] = Counter()
    files = contacts = size = done = 0

    def write(entity: str, name: str, pieces: Iterable[bytes]) -> None:
        nonlocal files, size
        path = out / landing_files.FOLDERS.get(entity, entity) / f"{entity}_{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        size += put(path, pieces, waiting_room=out)
        files += 1

    def write_texts(name: str, texts: dict[str, list[tuple[str, ...]]]) -> None:
        for entity, of_entity in texts.items():
            if of_entity:
                write(entity, name, lines(landing_files.TEXTS[entity], of_entity))
                rows[entity] += len(of_entity)

    def counted(entity: str, parts: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        for part in parts:
            rows[entity] += len(part)
            yield part

    write_texts("all", {"survey_items": centre.office.items()})
    # The personnel office hands these in by the month.
    kept: dict[str, list] = {"attendance": [], "training": []}

    def hand_in(month: str) -> None:
        if any(map(len, kept["attendance"])):
            write("attendance", month, writers["attendance"].pieces(counted("attendance", kept["attendance"])))
        write_texts(month, {"training": [row for of_day in kept["training"] for row in of_day]})
        for parts in kept.values():
            parts.clear()

    for made in centre.days():
        if isinstance(made, Month):
            month = f"{made.first:%Y-%m}"
            write("customers", month, writers["customers"].pieces(counted("customers", made.customers)))
            write_texts(made.day.isoformat(), {"employees": made.employees})
            write_texts(month, {"weather": made.weather, "calendar_events": made.calendar_events})
            continue
        for entity in kept:
            kept[entity].append(made.tables.pop(entity) if entity in made.tables else made.texts.pop(entity))
        for entity, records in made.tables.items():
            if entity == "quality_reviews" and not len(records):
                continue  # reviews come the day after: there are none on the first
            pieces = writers[entity].pieces(counted(entity, [records]))
            if dirty:
                (out / entity).mkdir(parents=True, exist_ok=True)
                content = b"".join(pieces)
                files += dirty.write(entity, f"{entity}_{made.day}.csv", made.day, content)
                size += len(content)
            else:
                write(entity, made.day.isoformat(), pieces)
        write_texts(made.day.isoformat(), made.texts)
        if (made.day + timedelta(days=1)).day == 1:
            hand_in(f"{made.day:%Y-%m}")
        contacts += int((made.tables["calls"]["visit"] == 1).sum())
        done += 1
        if on_progress:
            on_progress(done, days)
    hand_in(f"{centre.last:%Y-%m}")
    if dirty:
        dirty.write_manifest()
    return SimulationSummary(
        out=out,
        files=files,
        rows=dict(rows),
        contacts=contacts,
        bytes=size,
        first_day=start,
        last_day=start + timedelta(days=days - 1),
        seconds=time.perf_counter() - began,
        manifest=dirty.manifest if dirty else None,
    )
