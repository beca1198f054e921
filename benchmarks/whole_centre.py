"""A whole centre — calls, agents, all that is simulated — through the whole line: time, memory, size."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import data
from benchmarks.measuring import Measure, measured, settle
from benchmarks.results import Section, Table, count, seconds
from benchmarks.whole_run import by_hotline

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
    """`hotline run` as a user calls it; returns its steps, slowest nodes, rows of the large tables and sizes in GB."""
    import duckdb

    found = by_hotline(landing, home)
    operations = Path(home, "build/operations.duckdb")
    with duckdb.connect(str(operations), read_only=True) as connection:
        found["rows"] = {
            table: connection.execute(f"SELECT count(*) FROM marts.{table}").fetchone()[0] for table in TABLES
        }
    raw = sum(file.stat().st_size for file in Path(home, "raw").rglob("*") if file.is_file())
    found["sizes"] = {"raw": raw / 1e9, "operations": operations.stat().st_size / 1e9}
    return found
