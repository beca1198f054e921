"""Simulating: calls a second with the files written, and memory, at several sizes."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks import data
from benchmarks.measuring import Measure, in_turns, measured, settle
from benchmarks.results import Goal, Section, Table, count, seconds

LEAST = 100_000
SIZES = {"small": [(80, 10), (80, 40)], "full": [(80, 90), (80, 720), (300, 365), (2700, 30)]}


def run(work: Path, size: str, runs: int) -> Section:
    rows, slowest, peaks = [], float("inf"), []
    measured("benchmarks.data:simulated", work / "warm_up", 5, 1, data.START)  # compiled code is kept on disk
    shutil.rmtree(work / "warm_up")
    for agents, days in SIZES[size]:
        found = in_turns({"": lambda agents=agents, days=days: _one(work, agents, days)}, runs)[""]
        pace = found.value["rows"] / found.seconds
        slowest = min(slowest, pace)
        peaks.append(found.peak_mb)
        rows.append(
            [
                f"{agents:,} × {days}",
                count(found.value["rows"]),
                count(found.value["records"]),
                f"{found.value['bytes'] / 1e9:.2f}",
                seconds(found.seconds),
                count(pace),
                seconds(found.cpu_seconds),
                count(found.peak_mb),
            ]
        )
    heads = ["agents × days", "calls", "rows of all entities", "GB", "wall s", "calls/s", "CPU s", "peak MB"]
    return Section(
        "Simulation",
        size,
        [Table("`hotline simulate`, files of all entities written, code compiled before", heads, rows)],
        [
            Goal("seconds for 100,000 calls", 1.0, LEAST / slowest, " s"),
            Goal(f"peak memory of {SIZES[size][1][1]} days against {SIZES[size][0][1]}", 1.1, peaks[1] / peaks[0]),
        ],
        ["Importing numba is in the times. The first simulation on a machine also compiles: see First run."],
    )


def _one(work: Path, agents: int, days: int) -> Measure:
    with tempfile.TemporaryDirectory(dir=work) as folder:
        settle()
        return measured("benchmarks.data:simulated", folder, agents, days, data.START)
