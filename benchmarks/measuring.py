"""Measuring work in processes of its own: wall clock, processor seconds, peak memory.

A contender is a function `module:name` that takes and returns what JSON can hold. It runs alone in a fresh process, is
timed from the inside (imports of the harness apart, its own imports included), and its children count as its own.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_MARK = "benchmark result: "


@dataclass(frozen=True)
class Measure:
    """One run: seconds of wall clock and of processor time, MB at the peak of its largest process, what it returned."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    value: Any = None

    @classmethod
    def median(cls, runs: Sequence[Measure]) -> Measure:
        """The medians, each for itself; the value of the last run."""
        return cls(
            statistics.median(run.seconds for run in runs),
            statistics.median(run.cpu_seconds for run in runs),
            max(run.peak_mb for run in runs),
            runs[-1].value,
        )


def measured(function: str, *arguments: Any, environment: dict[str, str] | None = None) -> Measure:
    """Run `module:function` in a process of its own. Raises RuntimeError with its output when it fails."""
    command = [sys.executable, "-m", "benchmarks.measuring", function, json.dumps(arguments, default=str)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | (environment or {}), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{function} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    line = next(line for line in reversed(done.stdout.splitlines()) if line.startswith(_MARK))
    return Measure(**json.loads(line.removeprefix(_MARK)))


def in_turns(contenders: dict[str, Callable[[], Measure]], runs: int) -> dict[str, Measure]:
    """The medians of `runs` rounds in which every contender has its turn, so that a slow minute hits all of them."""
    rounds = [{name: contender() for name, contender in contenders.items()} for _ in range(runs)]
    return {name: Measure.median([measures[name] for measures in rounds]) for name in contenders}


@contextmanager
def timed(took: dict[str, float], name: str) -> Iterator[None]:
    """Note the seconds of a block under `name`."""
    began = time.perf_counter()
    yield
    took[name] = time.perf_counter() - began


def settle() -> None:
    """Let the disk take what was written before, so that the next does not wait for it."""
    os.sync()


def machine() -> dict[str, str]:
    """What the numbers were measured on and with."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    names = ("duckdb", "polars", "dbt-core", "dbt-duckdb", "dagster", "great-expectations", "apache-superset", "numba")
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in names),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _cpu() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _peak_mb() -> float:
    """Linux counts in KB."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def _main(function: str, arguments: str) -> None:
    module, _, name = function.partition(":")
    contender = getattr(importlib.import_module(module), name)
    cpu, began = _cpu(), time.perf_counter()
    value = contender(*json.loads(arguments))
    seconds, cpu = time.perf_counter() - began, _cpu() - cpu
    print(_MARK + json.dumps({"seconds": seconds, "cpu_seconds": cpu, "peak_mb": _peak_mb(), "value": value}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
