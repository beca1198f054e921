"""A whole centre — calls, agents, all that is simulated — through the whole line: time, memory, size."""

from __future__ import annotations

import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks import data
from benchmarks.measuring import Measure, measured, settle
from benchmarks.results import Section, Table, count, seconds
from benchmarks.whole_run import hotline, slowest, steps_of

# agents, days
SIZES = {"small": [(20, 10)], "full": [(300, 365), (2700, 90)]}


def run(work: Path, size: str, runs: int) -> Section:
    totals, steps, notes = [], [], []
    for agents, days in SIZES[size]:
        files = data.centre(work, agents, days)
        name = f"{agents:,} × {days}"
        try:
            found = Measure.median([_one(work, files) for _ in range(runs)])
        except RuntimeError as error:
            # A smaller size took an hour: it is not lost with a larger one.
            notes.append(f"{name} did not end well: {str(error).splitlines()[-1]}")
            continue
        rows, sizes = found.value["rows"], found.value["sizes"]
        totals.append(
            [
                name,
                *(count(rows[table]) for table in TABLES),
                f"{data.size_of(files) / 1e9:.2f}",
                f"{sizes['raw']:.2f}",
                f"{sizes['operations']:.2f}",
                seconds(found.seconds),
                seconds(found.cpu_seconds),
                count(found.peak_mb),
            ]
        )
        steps.append([name, ", ".join(f"{step} {took:.1f}" for step, took in found.value["steps"].items())])
        notes.append(f"Largest nodes of {name}: {', '.join(found.value['nodes'])}.")
        if found.value["accepted"]:
            held = ", ".join(found.value["accepted"])
            notes.append(f"The checks held {name} back: {held}. Accepted, and run again: both runs are in its figures.")
    heads = ["agents × days", "visits", "agent states", "landed GB", "raw GB", "operations GB", "wall s", "CPU s"]
    return Section(
        "A whole centre",
        size,
        [
            Table("First run on an empty data folder, all entities, all days", [*heads, "peak MB"], totals),
            Table("Where the time goes, seconds", ["agents × days", "steps"], steps),
        ],
        [],
        notes,
    )


TABLES = ("fct_queue_visit", "fct_agent_state")


def _one(work: Path, files: list[Path]) -> Measure:
    with tempfile.TemporaryDirectory(dir=work) as folder:
        landing = data.landed(files, Path(folder, "landing"))
        settle()
        return measured("benchmarks.whole_centre:through_the_line", landing, Path(folder, "home"))


def through_the_line(landing: str, home: str) -> dict:
    """`hotline run` as a user calls it; returns its steps, slowest nodes, rows of the large tables and sizes in GB.

    A very large centre has storm days with twice its calls, at which the checks stop a run. They are accepted, as a
    person does who knows of the storm, and the run is called again.
    """
    import duckdb

    steps: Counter[str] = Counter()
    accepted: list[str] = []
    while True:
        try:
            hotline(Path(home), "run", "--landing", landing)
        except subprocess.CalledProcessError:
            held = _held_back(Path(home))
            if not held:
                raise
            steps.update(steps_of(Path(home)))
            for check in held:
                hotline(Path(home), "accept", check, "--reason", "A storm, as it was simulated")
            accepted += held
        else:
            steps.update(steps_of(Path(home)))
            break
    operations = Path(home, "build/operations.duckdb")
    with duckdb.connect(str(operations), read_only=True) as connection:
        rows = {table: connection.execute(f"SELECT count(*) FROM marts.{table}").fetchone()[0] for table in TABLES}
    raw = sum(file.stat().st_size for file in Path(home, "raw").rglob("*") if file.is_file())
    return {
        "steps": dict(steps),
        "nodes": slowest(Path(home)),
        "accepted": accepted,
        "rows": rows,
        "sizes": {"raw": raw / 1e9, "operations": operations.stat().st_size / 1e9},
    }


def _held_back(home: Path) -> list[str]:
    """What waits to be accepted. Nothing when a run failed of something else."""
    import expectations
    from hotline.home import Home

    return sorted(outcome.check_id for outcome in expectations.pending(Home(home)))
