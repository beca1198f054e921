"""Build the marts: dbt in this process, all of it when the project changed, else only the days that did.

dbt costs some seconds per process to import and parse; in one process a kept manifest makes the second call cheap.
What dbt writes (parsed project, compiled SQL, logs) stands in the home's `build/`, never in the checkout.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from hotline.home import PROJECT, Home
from hotline.landing import prepare

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

PROJECT_FILES = ("dbt_project.yml", "profiles.yml")
PROJECT_FOLDERS = ("models", "seeds", "macros", "tests/dbt")
SHAPE_OF_RAW = PROJECT / "hotline" / "landing"
"""Holds the contract and the shipped sources: they decide which columns raw has."""

STATISTICS = PROJECT / "hotline" / "statistics"
"""Formulas that models call."""

PRIVACY = PROJECT / "hotline" / "privacy.py"
"""Decides which of them may be published."""

ALL_DAYS = ("--full-refresh",)
CHANGED_DAYS = (
    # Views and seeds are as the last full build left them, since the project is; unit tests prove formulas, not data.
    *("--select", "fqn:*"),
    *("--exclude", "resource_type:model,config.materialized:view", "resource_type:seed", "resource_type:unit_test"),
    # Data tests are selected themselves, not with what they look at: those on views still run.
    *("--indirect-selection", "empty"),
)

COMPACT_FROM_BYTES = 256 << 20
"""A file of at least this size is written anew when more than half of it is free blocks that replaced days left."""

SAMPLE_ROWS = 5
"""Rows of a failed test that a report shows."""

PERSONAL_FOLDERS = {"people", "surveys", "turnover"}
"""Folders of models about persons: of a test that fails on them no row is shown, since reports end in logs."""

_kept: dict[tuple[Path, str], Manifest] = {}


class BuildError(RuntimeError):
    """dbt could not start: the project does not parse, or a file is not to be opened. Nothing was built."""


@dataclass(frozen=True)
class Node:
    """What became of one model, seed or test. `sample` holds failing rows as column → value, at most `SAMPLE_ROWS`."""

    unique_id: str
    name: str
    kind: str
    status: str
    seconds: float
    message: str
    file: str
    sample: tuple[dict[str, Any], ...] = ()

    @property
    def failed(self) -> bool:
        return self.status in ("error", "fail", "runtime error")

    @property
    def skipped(self) -> bool:
        return self.status == "skipped"


@dataclass(frozen=True)
class BuildResult:
    """All nodes in the order in which they ended. `full` tells whether every day was made again."""

    nodes: tuple[Node, ...]
    full: bool
    seconds: float

    @property
    def success(self) -> bool:
        return not any(node.failed for node in self.nodes)

    @cached_property
    def failed(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.failed)

    def report(self) -> str:
        """What failed, in words: the file, dbt's message, and rows that show it."""
        return "\n".join(describe(node) for node in self.failed)


def fingerprint(home: Home, project: Path = PROJECT) -> str:
    """SHA-256 over all that decides what a build makes of the same rows: dbt project, statistics, shape of raw."""
    digest = hashlib.sha256(duckdb.__version__.encode())
    files = [*(project / name for name in PROJECT_FILES), SHAPE_OF_RAW / "contract.yml"]
    for folder in (*(project / name for name in PROJECT_FOLDERS), SHAPE_OF_RAW / "sources", home.sources):
        files += sorted(path for path in folder.rglob("*") if path.is_file())
    files += [*sorted(STATISTICS.glob("*.py")), PRIVACY]
    for file in files:
        digest.update(f"\0{file.name}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def needs_full_build(home: Home, project: Path = PROJECT) -> bool:
    """True before the first build, after a change of project or sources, and after a full build that did not end."""
    marks = (home.warehouse, home.operations, home.people)
    return not all(file.is_file() for file in marks) or _built_fingerprint(home) != fingerprint(home, project)


def build(
    home: Home,
    full: bool = False,
    select: Sequence[str] | None = None,
    on_node: Callable[[Node | None, str, int, int], None] | None = None,
    project: Path = PROJECT,
) -> BuildResult:
    """Run seeds, models and their tests on the days that `hotline.landing.prepare` finds changed.

    `full` makes all days again, and so does a changed project. `select` limits the build to dbt's selection (for
    tests; such a build never counts as a full one). `on_node` hears of each node: None and its name at its start, the
    node at its end, and how many of how many have ended. A failed model or test is in the result; `BuildError` is
    raised when dbt could not run at all.
    """
    start = time.monotonic()
    full = full or needs_full_build(home, project)
    if full and not select:
        # A fresh file holds no table of a model that is gone, and no free blocks of a year of replaced days.
        _mark_unfinished(home)
        for file in (home.operations, home.people):
            file.unlink(missing_ok=True)
            file.with_name(file.name + ".wal").unlink(missing_ok=True)
    prepare(home, full=full)
    extent = ALL_DAYS if full else CHANGED_DAYS
    if select:
        extent = (*(ALL_DAYS if full else ()), "--select", *select)
    nodes = _run(home, project, ["build", *extent], on_node)
    result = BuildResult(nodes, full, time.monotonic() - start)
    if result.success and not select:
        if full:
            _mark_finished(home, fingerprint(home, project))
        else:
            compact(home)
    return result


def compact(home: Home, from_bytes: int = COMPACT_FROM_BYTES) -> list[Path]:
    """Write build files that are mostly free blocks anew, since every release copies the whole file; gives them."""
    done = []
    for name, file in (("operations", home.operations), ("people", home.people)):
        if file.stat().st_size < from_bytes:
            continue
        with duckdb.connect(str(file)) as connection:
            connection.execute("checkpoint")
            total, free = connection.execute("select total_blocks, free_blocks from pragma_database_size()").fetchone()
        if free * 2 <= total:
            continue
        smaller = file.with_suffix(".compact")
        smaller.unlink(missing_ok=True)
        with duckdb.connect() as connection:
            connection.execute(f"attach {_quoted(file)} as old (read_only)")
            connection.execute(f"attach {_quoted(smaller)} as {name} (storage_version 'v1.5.0')")
            connection.execute(f"copy from database old to {name}")
        smaller.replace(file)
        done.append(file)
    return done


def check_all_days(
    home: Home, on_node: Callable[[Node | None, str, int, int], None] | None = None, project: Path = PROJECT
) -> BuildResult:
    """Run every data test on all days, where a build looks at the days that it made."""
    start = time.monotonic()
    prepare(home, full=True)
    nodes = _run(home, project, ["test", "--exclude-resource-type", "unit_test"], on_node)
    return BuildResult(nodes, True, time.monotonic() - start)


def manifest(home: Home, project: Path = PROJECT) -> dict[str, Any]:
    """dbt's manifest of the project as it stands now, parsed again only when a file of it changed."""
    path = home.build / "dbt" / "manifest.json"
    now = fingerprint(home, project)
    if not path.is_file() or _parsed_fingerprint(home) != now:
        # Written here, not left to dbt: the project may have been parsed in this process for another home.
        path.parent.mkdir(parents=True, exist_ok=True)
        _parsed(home, project).write(str(path))
        _parsed_mark(home).write_text(now)
    return json.loads(path.read_text())


def document(home: Home, project: Path = PROJECT) -> None:
    """Write dbt's documentation as one page, `build/dbt/static_index.html`, with the types of the built tables."""
    result = _dbt(home, project, ["docs", "generate", "--static"], _parsed(home, project), None)
    if not result.success:
        raise BuildError(f"dbt could not document the project: {result.exception}") from result.exception


def _run(
    home: Home,
    project: Path,
    arguments: list[str],
    on_node: Callable[[Node | None, str, int, int], None] | None,
) -> tuple[Node, ...]:
    heard = _Listener(on_node)
    kept = _parsed(home, project)
    result = _dbt(home, project, arguments, kept, heard)
    if result.exception is not None or result.result is None:
        raise BuildError(f"dbt could not run: {result.exception or 'no result'}") from result.exception
    return tuple(_node(home, outcome) for outcome in result.result.results)


def _parsed(home: Home, project: Path) -> Manifest:
    """The parsed project, kept in this process while no file of it changes."""
    key = (project, fingerprint(home, project))
    if key not in _kept:
        # What dbt kept of an earlier parse is trusted for the same files only: it can hold on to what was changed back.
        is_same = _parsed_fingerprint(home) == key[1]
        result = _dbt(home, project, ["parse", *([] if is_same else ["--no-partial-parse"])], None, None)
        if not result.success:
            raise BuildError(f"the dbt project in {project} cannot be parsed: {result.exception}") from result.exception
        _kept.clear()
        _kept[key] = result.result
    return _kept[key]


def _dbt(
    home: Home, project: Path, arguments: list[str], kept: Manifest | None, heard: Callable[[Any], None] | None
) -> dbtRunnerResult:
    # Three seconds of imports that only a build should pay.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    home.create()
    places = [
        *("--project-dir", str(project)),
        *("--profiles-dir", str(project)),
        *("--target-path", str(home.build / "dbt")),
        *("--log-path", str(home.build / "logs")),
    ]
    quiet = ["--log-level", "none", "--log-level-file", "info", "--no-use-colors", "--no-use-colors-file"]
    with _environment(HOTLINE_DATA=str(home.root)):
        runner = dbtRunner(manifest=kept, callbacks=[heard] if heard else [])
        try:
            return runner.invoke([*arguments, *places, *quiet])
        finally:
            # dbt keeps the build files open for the life of the process; whoever comes next has to open them.
            DuckDBConnectionManager.close_all_connections()


class _Listener:
    """Turns dbt's events into `on_node` calls."""

    def __init__(self, on_node: Callable[[Node | None, str, int, int], None] | None) -> None:
        self.on_node = on_node or (lambda node, name, done, total: None)
        self.done = 0
        self.total = 0

    def __call__(self, event: Any) -> None:
        name = event.info.name
        if name == "LogStartLine":
            self.total = max(self.total, event.data.total)
        elif name == "NodeStart":
            self.on_node(None, event.data.node_info.node_name, self.done, self.total)
        elif name == "NodeFinished":
            self.done += 1
            info, outcome = event.data.node_info, event.data.run_result
            node = Node(
                unique_id=info.unique_id,
                name=info.node_name,
                kind=info.resource_type,
                status=outcome.status,
                seconds=outcome.execution_time,
                message=outcome.message,
                file=info.node_path,
            )
            self.on_node(node, node.name, self.done, max(self.total, self.done))


def _node(home: Home, outcome: Any) -> Node:
    kind = str(outcome.node.resource_type)
    failed_on_rows = kind == "test" and outcome.status == "fail"
    is_shown = failed_on_rows and not PERSONAL_FOLDERS & set(Path(outcome.node.original_file_path).parts)
    return Node(
        unique_id=outcome.node.unique_id,
        name=outcome.node.name,
        kind=kind,
        status=str(outcome.status),
        seconds=outcome.execution_time,
        message=(outcome.message or "").strip(),
        file=outcome.node.original_file_path,
        sample=_failing_rows(home, outcome.node.compiled_code) if is_shown else (),
    )


def _failing_rows(home: Home, query: str) -> tuple[dict[str, Any], ...]:
    """The first rows that a failed test found."""
    with read_build(home) as connection:
        cursor = connection.execute(f"select * from ({query}) limit {SAMPLE_ROWS}")
        names = [column[0] for column in cursor.description]
        return tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())


@contextmanager
def read_build(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build files as dbt names them, read-only: `warehouse`, `operations`, `people`."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        for name, file in (("operations", home.operations), ("people", home.people)):
            if file.is_file():
                connection.execute(f"attach {_quoted(file)} as {name} (read_only)")
        yield connection


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def describe(node: Node) -> str:
    """A failed node in words: its file, dbt's message, and rows that show it."""
    lines = [f"{node.kind} {node.name} ({node.file}): {node.message or node.status}"]
    lines += ["  " + ", ".join(f"{column}={value}" for column, value in row.items()) for row in node.sample]
    return "\n".join(lines)


def _parsed_mark(home: Home) -> Path:
    return home.build / "dbt" / "manifest.fingerprint"


def _parsed_fingerprint(home: Home) -> str | None:
    try:
        return _parsed_mark(home).read_text()
    except FileNotFoundError:
        return None


def _mark(home: Home) -> Path:
    return home.build / "built_project"


def _built_fingerprint(home: Home) -> str | None:
    try:
        return _mark(home).read_text()
    except FileNotFoundError:
        return None


def _mark_unfinished(home: Home) -> None:
    _mark(home).unlink(missing_ok=True)


def _mark_finished(home: Home, project_fingerprint: str) -> None:
    half_made = _mark(home).with_suffix(".tmp")
    half_made.write_text(project_fingerprint)
    half_made.replace(_mark(home))


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
