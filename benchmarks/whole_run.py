"""The whole run — landing, checks, models, tests, publishing — against the same SQL by hand.

By hand is one process with one DuckDB connection: the bare COPY of every file, then the SQL that dbt compiled for the
models and their tests, in dbt's order, then a copy of the two files. It knows nothing of Dagster, dbt, Great
Expectations, rejected rows, hashes, contracts or a half-made release.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import data
from benchmarks.measuring import ROOT, Measure, measured, settle, timed
from benchmarks.results import Goal, Section, Table, count, seconds

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pandas import DataFrame

GOAL = 1.3
# agents, days, files of which are landed; the first is so small that only what is fixed remains
SIZES = {"small": [(3, 3, 3), (40, 30, 30)], "full": [(3, 3, 3), (465, 366, 92), (465, 366, 366)]}
BY_HAND = ("load", "models", "tests", "copy")


def run(work: Path, size: str, runs: int) -> Section:
    totals, steps, notes, fixed, last = [], [], [], 0.0, (0.0, 0.0)
    for agents, days, taken in SIZES[size]:
        files = data.calls(work, agents, days)[:taken]
        data.read(files)
        rounds = [_round(work, files) for _ in range(runs)]
        ours, hand = (Measure.median([pair[index] for pair in rounds]) for index in range(2))
        calls = hand.value["rows"]
        fixed = fixed or ours.seconds - hand.seconds
        last = (calls, ours.seconds / hand.seconds)
        totals += [_total(calls, "Hotline, `hotline run`", ours, hand), _total(calls, "by hand", hand, hand)]
        steps += [
            [count(calls), "Hotline", ", ".join(f"{name} {took:.1f}" for name, took in ours.value["steps"].items())],
            [count(calls), "by hand", ", ".join(f"{name} {hand.value[name]:.1f}" for name in BY_HAND)],
        ]
        notes.append(f"Largest nodes at {count(calls)} calls: {', '.join(ours.value['nodes'])}.")
    heads = ["calls", "contender", "wall s", "× by hand", "CPU s", "× by hand", "peak MB"]
    return Section(
        "The whole run",
        size,
        [
            Table("First run on an empty data folder, all days, against the same SQL by hand", heads, totals),
            Table("Where the time goes, seconds", ["calls", "contender", "steps"], steps),
        ],
        [Goal(f"whole run against the same SQL by hand at {last[0] / 1e6:.1f} M calls, wall clock", GOAL, last[1])],
        [
            f"Fixed, as the smallest size shows: {fixed:.0f} s more than by hand, for importing Dagster, dbt and Great "
            "Expectations, parsing the project, unit tests and one transaction per node.",
            *notes,
        ],
    )


def _round(work: Path, files: list[Path]) -> tuple[Measure, Measure]:
    with tempfile.TemporaryDirectory(dir=work) as folder:
        landing, home, hand = (Path(folder) / name for name in ("landing", "home", "hand"))
        data.landed(files, landing)
        hand.mkdir()
        settle()
        ours = measured("benchmarks.whole_run:by_hotline", landing, home)
        settle()
        by_hand = measured("benchmarks.whole_run:by_hand", landing, home, hand)
    if ours.value["visits"] != by_hand.value["visits"]:
        raise RuntimeError(f"the marts differ: {ours.value['visits']} visits and {by_hand.value['visits']} by hand")
    return ours, by_hand


def _total(calls: int, name: str, each: Measure, hand: Measure) -> list[str]:
    return [
        count(calls),
        name,
        seconds(each.seconds),
        f"{each.seconds / hand.seconds:.2f}",
        seconds(each.cpu_seconds),
        f"{each.cpu_seconds / hand.cpu_seconds:.2f}",
        count(each.peak_mb),
    ]


# ---- contenders, each in a process of its own


def by_hotline(landing: str, home: str) -> dict:
    """`hotline run` as a user calls it; returns its steps and its slowest nodes."""
    hotline(Path(home), "run", "--landing", landing)
    return {
        "visits": _visits(Path(home, "build/operations.duckdb")),
        "steps": steps_of(Path(home)),
        "nodes": slowest(Path(home)),
    }


def hotline(home: Path, *arguments: str) -> None:
    """Call the command. Raises CalledProcessError when it does not end well."""
    import os

    command = [str(Path(sys.executable).with_name("hotline")), *arguments]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"HOTLINE_DATA": str(home)}, check=True, stdout=sys.stderr)


def steps_of(home: Path) -> dict[str, float]:
    """Seconds by step of the last run."""
    record = json.loads((home / "build/last_run.json").read_text(encoding="utf-8"))
    return {step["name"]: step["seconds"] for step in record["steps"]}


def slowest(home: Path) -> list[str]:
    """The nodes of dbt that took longest, with their seconds."""
    nodes = sorted(_results(home), key=lambda node: -node["execution_time"])
    return [f"{node['unique_id'].split('.')[2]} {node['execution_time']:.1f} s" for node in nodes[:5]]


def by_hand(landing: str, home: str, out: str) -> dict[str, float]:
    """The same without Hotline; what `home` has of it is the compiled SQL and the views over its raw files."""
    import duckdb

    from benchmarks.landing import by_duckdb
    from hotline.statistics.in_duckdb import add_functions

    raw, release = Path(out, "raw"), Path(out, "release")
    raw.mkdir()
    release.mkdir()
    took: dict[str, float] = {}
    with timed(took, "load"):
        took["rows"] = by_duckdb(landing, str(raw))
    # Control tables, look-up tables and views over raw: the models' SQL names them.
    shutil.copy(Path(home, "build/warehouse.duckdb"), Path(out, "warehouse.duckdb"))
    connection = duckdb.connect(f"{out}/warehouse.duckdb")
    connection.execute("SET TimeZone = 'UTC'")
    add_functions(connection)
    for name in ("operations", "people"):
        connection.execute(f"ATTACH '{out}/{name}.duckdb' AS {name} (STORAGE_VERSION 'v1.5.0')")
        connection.execute(f"CREATE SCHEMA {name}.marts")
    manifest = json.loads(Path(home, "build/dbt/manifest.json").read_text(encoding="utf-8"))
    nodes = _results(Path(home))
    with timed(took, "models"):
        for node in (node for node in nodes if node["unique_id"].startswith("model.")):
            facts = manifest["nodes"][node["unique_id"]]
            made = "VIEW" if facts["config"]["materialized"] == "view" else "TABLE"
            query = node["compiled_code"]
            if facts["language"] == "python":
                connection.register("computed", _computed(query, connection))
                query = "SELECT * FROM computed"
            connection.execute(f"CREATE OR REPLACE {made} {node['relation_name']} AS {query}")
    with timed(took, "tests"):
        for node in (node for node in nodes if node["unique_id"].startswith("test.")):
            connection.execute(f"SELECT count(*) FROM ({node['compiled_code']})").fetchall()
    with timed(took, "copy"):
        connection.close()
        for name in ("operations", "people"):
            shutil.copy(Path(out, f"{name}.duckdb"), release)
    took["visits"] = _visits(release / "operations.duckdb")
    return took


def _computed(code: str, connection: DuckDBPyConnection) -> DataFrame:
    """What a model in Python gives; `code` is as dbt compiled it, with the object that dbt hands over."""
    names: dict[str, Any] = {}
    exec(code, names)
    return names["model"](names["dbtObj"](lambda table: connection.query(f"SELECT * FROM {table}")), connection)


def _visits(file: Path) -> int:
    import duckdb

    with duckdb.connect(str(file), read_only=True) as connection:
        (found,) = connection.execute("SELECT count(*) FROM marts.fct_queue_visit").fetchone()
    return found


def _results(home: Path) -> list[dict]:
    """dbt's nodes in the order in which they ended."""
    return json.loads((home / "build/dbt/run_results.json").read_text(encoding="utf-8"))["results"]
