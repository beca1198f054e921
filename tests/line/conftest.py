"""One home with a first release, built once; every test works on a copy of it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from hotline.cli import main
from hotline.home import Home
from hotline.simulation import simulate

AGENTS, DAYS = 5, 5

TELLS_OF_RUNS = "check_results"
"""A table about runs, not about calls: a run that was repeated stands in it differently."""

CHANGES_WITH_EVERY_RUN = {"build_id", "built_at", "loaded_at", "load_seconds", "checked_at", "arrival"}
"""Columns that tell when something ran: two runs over the same files differ in them and in nothing else."""


def comparable(column: str, kind: str) -> str:
    """SQL of what a column says, however it came to be there."""
    if column in ("file_id", "raw_file_id"):
        return f"right({column}, 12)"  # the hash of the file's content, without the number of its arrival
    # The last digit of a sum of fractions depends on the order of its rows.
    return f'round("{column}", 6)' if kind == "DOUBLE" else f'"{column}"'


@dataclass(frozen=True)
class Line:
    """A home, and the command line on it."""

    home: Home

    def run(self, *arguments: str) -> Result:
        """`hotline ARGUMENTS` in this process; an error that is not ours is raised."""
        result = CliRunner().invoke(main, list(arguments), env={"HOTLINE_DATA": str(self.home.root)})
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def ok(self, *arguments: str) -> str:
        """The same, and it has to go well; gives what it printed."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def calls(self) -> list[Path]:
        return sorted((self.home.landing / "calls").glob("*.csv"))

    def ask(self, query: str, file: Path | None = None) -> list[tuple]:
        """Rows from the current release's operations file."""
        file = file or self.home.current / "operations" / "operations.duckdb"
        with duckdb.connect(str(file), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def contents(self) -> dict[str, tuple]:
        """Every published table to (rows, hash of all rows), without the columns that tell when something ran."""
        found = {}
        for area in ("operations", "people"):
            with duckdb.connect(str(self.home.current / area / f"{area}.duckdb"), read_only=True) as connection:
                tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'")
                for (table,) in tables.fetchall():
                    if table == TELLS_OF_RUNS:
                        continue
                    columns = connection.execute(f"describe marts.{table}").fetchall()
                    names = [comparable(name, kind) for name, kind, *_ in columns if name not in CHANGES_WITH_EVERY_RUN]
                    row = f"hash({', '.join(names)})" if names else "0"
                    found[f"{area}.{table}"] = connection.execute(
                        f"select count(*), sum({row}::hugeint) from marts.{table}"
                    ).fetchone()
        return found


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Line:
    """Five simulated days and their release. Not to be written in: `line` is a copy for that."""
    home = Home(tmp_path_factory.mktemp("line") / "data").create()
    simulate(home.landing, agents=AGENTS, days=DAYS, seed=3)
    line = Line(home)
    line.ok("run")
    return line


@pytest.fixture
def line(published: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """A copy of the published home, modification times included."""
    root = tmp_path / "data"
    shutil.copytree(published.home.root, root, symlinks=True, copy_function=shutil.copy2)
    monkeypatch.setenv("HOTLINE_DATA", str(root))
    return Line(Home(root))


@pytest.fixture
def empty_line(tmp_path: Path) -> Line:
    return Line(Home(tmp_path / "empty").create())


def touch_later(file: Path, text: str) -> None:
    """Write a file so that its modification time surely differs from before."""
    before = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(text)
    os.utime(file, ns=(max(before, file.stat().st_mtime_ns) + 1_000_000_000,) * 2)


def differing_contents(before: dict[str, tuple], after: dict[str, tuple]) -> set[str]:
    """Names of the published tables that differ; both have the same tables."""
    assert before.keys() == after.keys()
    return {table for table in before if before[table] != after[table]}
