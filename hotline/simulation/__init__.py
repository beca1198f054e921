"""Demonstration data: a call centre that does not exist, written as the landing files that a real one would drop.

>>> from hotline.simulation import simulate
>>> simulate(Path("data/landing"), agents=30, days=90, seed=1)  # doctest: +SKIP

Every entity of the landing contract is written. Calls, agents, customers, tickets, campaigns and people hang together;
every call says `is_simulated`. What is put in stands in `scenario.yml`, and nowhere in the files.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from hotline.simulation.scenario import Scenario, ScenarioError

__all__ = ["Scenario", "ScenarioError", "SimulationSummary", "simulate", "site_zone"]

AGENTS, DAYS, SEED = 30, 90, 1
"""What `make run` shows when landing is empty: as much as loads, builds and is checked within a minute."""

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
    appear whole, in the order of their days; memory holds two days, and those that are being written. `dirt` adds what
    goes wrong in real landing folders, to files of every entity, and lists it in `<out>.dirt.json` beside the folder.
    `on_progress(done, days)` is called after each day.

    Raises ValueError for a size that cannot be simulated, ScenarioError for a scenario that cannot.
    """
    # Numba takes its time to import: not before there is something to simulate.
    from hotline.simulation.centre import Centre, Day
    from hotline.simulation.writing import Landing

    if agents < 1 or days < 1:
        raise ValueError(f"agents and days must be at least 1, not {agents} and {days}")
    began = time.perf_counter()
    zone = zone or site_zone()
    if start is None:
        start = datetime.now(UTC).astimezone(zone).date() - timedelta(days=days)
    scenario = scenario or Scenario.read()
    centre = Centre(scenario, agents, days, start, seed, zone)
    dirty = None
    if dirt:
        from hotline.simulation.dirt import Dirt

        dirty = Dirt(out, zone, seed)
    landing = Landing(out, centre, dirty, start)
    landing.begin()
    done = 0
    # One day is written while the next is simulated.
    with ThreadPoolExecutor(1) as beside:
        written = None
        for made in centre.days():
            writing = beside.submit(landing.write, made)
            if written:
                written.result()
            written = writing
            if on_progress and isinstance(made, Day):
                done += 1
                on_progress(done, days)
        written.result()
    landing.end()
    return SimulationSummary(
        out=out,
        files=landing.files,
        rows=dict(landing.rows),
        contacts=landing.contacts,
        bytes=landing.bytes,
        first_day=start,
        last_day=start + timedelta(days=days - 1),
        seconds=time.perf_counter() - began,
        manifest=dirty.manifest if dirty else None,
    )
