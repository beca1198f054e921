"""Landing calls: Hotline's loader against DuckDB's bare COPY of the same files with the same types; Polars and a native
table beside them."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache, partial
from pathlib import Path

from benchmarks import data
from benchmarks.measuring import Measure, in_turns, measured, settle
from benchmarks.results import Goal, Section, Table, count, seconds

GOAL = 1.25
# agents, days, files of which are landed
SIZES = {"small": [(40, 30, 30)], "full": [(465, 366, 92), (465, 366, 366)]}
CONTENDERS = {
    "Hotline: typed and checked Parquet, hash, rejects, ledger": "by_hotline",
    "DuckDB, bare COPY to Parquet": "by_duckdb",
    "DuckDB, native table": "by_duckdb_natively",
    "Polars to Parquet": "by_polars",
}


def run(work: Path, size: str, runs: int) -> Section:
    rows, goals = [], []
    for agents, days, taken in SIZES[size]:
        files = data.calls(work, agents, days)[:taken]
        data.read(files)
        found = in_turns({name: partial(_one, work, files, function) for name, function in CONTENDERS.items()}, runs)
        ours, bare, *_ = found.values()
        calls = ours.value["rows"]
        if {measure.value["rows"] for measure in found.values()} != {calls}:
            raise RuntimeError(f"the contenders differ in rows: { {name: each.value for name, each in found.items()} }")
        goals.append(
            Goal(f"landing {calls / 1e6:.1f} M calls against bare COPY, wall clock", GOAL, ours.seconds / bare.seconds)
        )
        rows += [_row(calls, len(files), data.size_of(files), name, each, bare) for name, each in found.items()]
    heads = [
        "calls",
        "files, MB",
        "contender",
        "wall s",
        "× bare",
        "CPU s",
        "× bare",
        "calls/s",
        "peak MB",
        "written MB",
    ]
    return Section(
        "Landing",
        size,
        [Table("Daily CSV files of 31 columns to typed storage", heads, rows)],
        goals,
        [
            f"Medians of {runs} rounds; the files are read once before, so reading from disk is in nobody's time.",
            "The bare COPY names every column's type, as Hotline does, one statement per file in one process. It makes "
            "no hash, counts no lines, keeps no rejects, checks no value, syncs nothing to disk.",
        ],
    )  # fmt: skip


def _one(work: Path, files: list[Path], function: str) -> Measure:
    with tempfile.TemporaryDirectory(dir=work) as folder:
        landing = data.landed(files, Path(folder) / "in")
        out = Path(folder) / "out"
        out.mkdir()
        settle()
        measure = measured(f"benchmarks.landing:{function}", landing, out)
        written = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        shutil.rmtree(out)
    return Measure(measure.seconds, measure.cpu_seconds, measure.peak_mb, {"rows": measure.value, "bytes": written})


def _row(calls: int, files: int, size: int, name: str, each: Measure, bare: Measure) -> list[str]:
    return [
        count(calls),
        f"{files}, {size / 1e6:,.0f}",
        name,
        seconds(each.seconds),
        f"{each.seconds / bare.seconds:.2f}",
        seconds(each.cpu_seconds),
        f"{each.cpu_seconds / bare.cpu_seconds:.2f}",
        count(calls / each.seconds),
        count(each.peak_mb),
        f"{each.value['bytes'] / 1e6:,.0f}",
    ]


# ---- contenders, each in a process of its own; they return the rows kept


def by_hotline(landing: str, out: str) -> int:
    from hotline import landing as loader
    from hotline.home import Home

    outcomes = loader.load(Home(Path(out)).create(), landing=Path(landing))
    if any(outcome.status != "loaded" for outcome in outcomes):
        raise RuntimeError(
            f"not everything was loaded: {[outcome for outcome in outcomes if outcome.status != 'loaded']}"
        )
    return sum(outcome.rows_kept for outcome in outcomes)


def by_duckdb(landing: str, out: str) -> int:
    import duckdb

    connection = duckdb.connect()
    rows = 0
    for file in sorted(Path(landing, "calls").iterdir()):
        (written,) = connection.execute(
            f"COPY (SELECT * FROM {_read_csv(file)}) TO '{out}/{file.stem}.parquet' (FORMAT parquet)"
        ).fetchone()
        rows += written
    return rows


def by_duckdb_natively(landing: str, out: str) -> int:
    import duckdb

    connection = duckdb.connect(f"{out}/calls.duckdb")
    files = sorted(Path(landing, "calls").iterdir())
    connection.execute(f"CREATE TABLE calls AS SELECT * FROM {_read_csv(files[0])} LIMIT 0")
    for file in files:
        connection.execute(f"INSERT INTO calls SELECT * FROM {_read_csv(file)}")
    (rows,) = connection.execute("SELECT count(*) FROM calls").fetchone()
    connection.close()
    return rows


def by_polars(landing: str, out: str) -> int:
    import polars

    types = {"INTEGER": polars.Int32, "BOOLEAN": polars.Boolean}
    rows = 0
    for file in sorted(Path(landing, "calls").iterdir()):
        columns = _columns(file)
        times = [name for name, kind in columns.items() if kind == "TIMESTAMPTZ"]
        frame = polars.scan_csv(file, schema={name: types.get(kind, polars.String) for name, kind in columns.items()})
        typed = frame.with_columns(
            polars.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%S%:z", time_unit="us") for name in times
        )
        typed.sink_parquet(f"{out}/{file.stem}.parquet", compression="snappy")
        rows += polars.scan_parquet(f"{out}/{file.stem}.parquet").select(polars.len()).collect().item()
    return rows


def _read_csv(file: Path) -> str:
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in _columns(file).items())
    return f"read_csv('{file}', columns = {{{columns}}}, auto_detect = false, header = true, delim = ',', quote = '\"')"


def _columns(file: Path) -> dict[str, str]:
    """The contract's types of the file's columns."""
    with file.open(encoding="utf-8") as lines:
        return {name: _contract()[name]["type"] for name in lines.readline().rstrip("\n").split(",")}


@cache
def _contract() -> dict[str, dict]:
    import yaml

    from benchmarks.measuring import ROOT

    return yaml.safe_load((ROOT / "hotline/landing/contract.yml").read_text(encoding="utf-8"))["calls"]["columns"]
