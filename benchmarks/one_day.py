"""One more day on a month, half a year and three years of history: it has to cost the same early and late.

What looks back does so for half a year at most (forecasts), so from then on only what grows with the history is left.
"""

from __future__ import annotations

import statistics
import tempfile
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import data
from benchmarks.measuring import measured, settle, timed
from benchmarks.results import Goal, Section, Table, count, seconds

if TYPE_CHECKING:
    from hotline.building import BuildResult
    from hotline.home import Home

GOAL = 1.15
# agents, days of the histories
SIZES = {"small": (20, (10, 30, 60)), "full": (80, (30, 182, 1096))}
DAYS = 5
COUNTED = ("load", "prepare", "models", "tests")
TOGETHER = "these together"
NODE, SHOWN = "node ", 12
APART = ("whole build, with dbt's own time", "check new data", "check tables", "publish", "all data tests on all days")


def run(work: Path, size: str, runs: int) -> Section:
    """`runs` is not used: the days after the first are the repetitions."""
    agents, histories = SIZES[size]
    *earlier, long = histories
    files = data.centre(work, agents, long + DAYS + 1)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        settle()
        measure = measured("benchmarks.one_day:days_on_histories", folder, work, agents, list(histories))
    *early, late = measure.value
    nodes = [name for name in late if name.startswith(NODE)]
    grown = sorted(nodes, key=lambda name: early[-1].get(name, 0) - late[name])[:SHOWN]

    def row(name: str) -> list[str]:
        ratios = [f"{late[name] / found[name]:.2f}" for found in early]
        return [name, *(seconds(found[name]) for found in measure.value), *ratios]

    on_days = [f"s on {days} days" for days in histories]
    ratios = [f"{long} against {days}" for days in earlier]
    sizes = [
        [str(days), count(found["rows"]), f"{found['operations_mb']:.0f}"]
        for days, found in zip(histories, measure.value, strict=True)
    ]
    day = count(sum(data.rows_of(file) for file in files if data.day_of(file) == data.day_of(files[-1])))
    return Section(
        "One day",
        size,
        [
            Table(
                f"A further day, {day} rows of all entities, on the histories in turns in one process",
                [f"step, median of {DAYS} days", *on_days, *ratios],
                [row(name) for name in (*COUNTED, TOGETHER, *APART)],
            ),
            Table("The histories", ["days", "calls", "operations.duckdb, MB"], sizes),
            Table(
                f"Models and tests that grow most from {earlier[-1]} days on",
                ["model or test", *on_days],
                [
                    [name.removeprefix(NODE), *(seconds(found.get(name, 0)) for found in measure.value)]
                    for name in grown
                ],
            ),
        ],
        [
            Goal(
                f"one day on {long} days against {days}: load, incremental models, windowed tests",
                GOAL,
                late[TOGETHER] / found[TOGETHER],
            )
            for days, found in zip(earlier, early, strict=True)
        ],
        [
            "Models and tests are the seconds of dbt's nodes themselves; dbt's own start, parse and clean-up, which "
            "would flatter the ratio, are left out. Views and look-up tables are in them.",
            "After a month, tickets are open for a month at most, no customers of the months before are known and "
            "nothing can be forecast yet: a day has less to do. After half a year every model looks back as far as it "
            "ever does.",
            "Publishing copies the files, so it grows with them. All data tests on all days run weekly.",
            f"Peak memory of the process with all: {count(measure.peak_mb)} MB.",
        ],
    )


def days_on_histories(folder: str, work: str, agents: int, histories: list[int]) -> list[dict[str, float]]:
    """Build each history, then add the same days to all in turns; returns medians of seconds by step for each."""
    from hotline.collecting import seldom_collected

    # Found here and not handed over: so many paths are too long for a command.
    files = data.centre(Path(work), agents, max(histories) + DAYS + 1)
    by_day = [list(day) for _, day in groupby(files, key=data.day_of)]
    before = len(by_day) - DAYS - 1
    homes = [_history(Path(folder, str(days)), list(chain(*by_day[before - days : before]))) for days in histories]
    # The first day pays for the start of the process. Garbage is looked for as seldom as in `hotline run`.
    with seldom_collected():
        rounds = [[_one_day(home, day) for home in homes] for day in by_day[before:]][1:]
    found = []
    for home, days in zip(homes, zip(*rounds, strict=True), strict=True):
        # A model that is not due on every day, as of months, has no time on the others.
        names = {name for day in days for name in day}
        found.append(
            {name: statistics.median(day.get(name, 0.0) for day in days) for name in names} | _afterwards(home)
        )
    return found


def _history(folder: Path, files: list[Path]) -> Home:
    import expectations
    from hotline import building, landing
    from hotline.home import Home

    home = Home(folder).create()
    data.landed(files, home.landing)
    landing.load(home)
    _built(building.build(home))
    landing.mark_built(home)
    expectations.run_batch(home)
    _publish(home)
    return home


def _one_day(home: Home, files: list[Path]) -> dict[str, float]:
    """Take one more day's files through the line; returns seconds by step."""
    import expectations
    from hotline import building, landing

    took: dict[str, float] = {}
    data.landed(files, home.landing)
    with timed(took, "load"):
        landing.load(home)
    with timed(took, "prepare"):
        landing.prepare(home)
    with timed(took, "check new data"):
        expectations.run_batch(home)
    with timed(took, "whole build, with dbt's own time"):
        result = _built(building.build(home))
        landing.mark_built(home)
    for name, are_tests in (("models", False), ("tests", True)):
        took[name] = sum(node.seconds for node in result.nodes if (node.kind not in ("model", "seed")) == are_tests)
    took |= {f"{NODE}{node.name}": node.seconds for node in result.nodes}
    with timed(took, "check tables"):
        expectations.run_published(home)
    with timed(took, "publish"):
        _publish(home)
    took[TOGETHER] = sum(took[name] for name in COUNTED)
    return took


def _publish(home: Home) -> None:
    """As a run does: closed waves of surveys are kept, and not worked out again."""
    from hotline.line import Line, publish
    from hotline.progress import Progress

    publish(Line(home, Progress()))


def _afterwards(home: Home) -> dict[str, float]:
    """The weekly checks, and how large the history is."""
    import duckdb

    from hotline import building

    found: dict[str, float] = {}
    with timed(found, "all data tests on all days"):
        _built(building.check_all_days(home))
    with duckdb.connect(str(home.operations), read_only=True) as connection:
        (found["rows"],) = connection.execute("SELECT count(*) FROM marts.fct_queue_visit").fetchone()
    found["operations_mb"] = home.operations.stat().st_size / 1e6
    return found


def _built(result: BuildResult) -> BuildResult:
    if not result.success:
        raise RuntimeError(result.report())
    return result
