"""The steps of a run, each for itself: land, build, publish. Who calls them in which order, and what is checked in
between, is orchestration's business."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from hotline import building, landing, publishing
from hotline.building import BuildResult, Node
from hotline.home import Home
from hotline.landing import FileOutcome
from hotline.progress import FAILED, Progress
from hotline.publishing import Release

REJECTED_SHOWN = 3
"""Rejected rows shown per file; all of them stand in `marts.rejected_rows`."""

UNREADABLE = ("quarantined", "refused")


@dataclass(frozen=True)
class Line:
    """What every step needs: where, and whom to tell."""

    home: Home
    progress: Progress


@dataclass(frozen=True)
class Landed:
    """What a load found. Without `has_news` the newest release already shows all of it."""

    outcomes: tuple[FileOutcome, ...]
    has_news: bool

    @property
    def unreadable(self) -> tuple[FileOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.status in UNREADABLE)


def land(line: Line, roots: Mapping[str, Path] | None = None, folder: Path | None = None, full: bool = False) -> Landed:
    """Load what is new in landing and prepare what the models read. `full` makes every day news."""
    with line.progress.step("Load") as step:

        def show(outcome: FileOutcome, done: int, total: int) -> None:
            step.advance(done, total, outcome.path)

        outcomes = landing.load(line.home, roots=dict(roots or {}), landing=folder, on_progress=show)
        landing.prepare(line.home, full=full or building.needs_full_build(line.home))
        step.summary = _summary(outcomes)
    _tell(line, outcomes)
    if not _has_ever_landed(line.home):
        where = folder or line.home.landing
        line.progress.note(f"Nothing has landed in {where} yet: put files there, or try `hotline simulate`.")
        return Landed(tuple(outcomes), has_news=False)
    has_news = full or not _is_published(line.home)
    if not has_news:
        landing.mark_published(line.home)
        newest = publishing.releases(line.home)[0]
        line.progress.note(f"Nothing new since release {newest.id}.")
    return Landed(tuple(outcomes), has_news)


def build(
    line: Line, full: bool = False, all_days_checked: bool = False, select: Sequence[str] | None = None
) -> BuildResult:
    """Build the marts and run their tests; a failure is shown and in the result, and leaves the days unbuilt.

    `select` names the models to build; as it leaves others as they are, the days stay unbuilt too.
    """
    with line.progress.step("Build") as step:

        def show(node: Node | None, name: str, done: int, total: int) -> None:
            step.advance(done, total, name)

        result = building.build(line.home, full=full, select=select, on_node=show)
        tested_all = result.full or all_days_checked
        if result.success and all_days_checked:
            checked = building.check_all_days(line.home, on_node=show)
            nodes = (*(node for node in result.nodes if node.kind != "test"), *checked.nodes)
            result = BuildResult(nodes, result.full, result.seconds + checked.seconds)
        models = sum(node.kind in ("model", "seed") for node in result.nodes)
        tests = sum(node.kind in ("test", "unit_test") for node in result.nodes)
        step.summary = f"{models} tables and views of {_days(result.full)}, {tests} tests on {_days(tested_all)}"
        if result.success and not select:
            landing.mark_built(line.home)
        if not result.success:
            step.state = FAILED
            step.summary += f"; {len(result.failed)} failed"
    for node in result.failed:
        line.progress.problem(building.describe(node))
    return result


def publish(line: Line) -> Release:
    """Make the build the release that readers see."""
    with line.progress.step("Publish") as step:
        # Before the release: what a reader has seen of a survey must never change after it.
        publishing.keep_waves(line.home)
        release = publishing.publish(line.home, publishing.new_build_id(), inputs=inputs(line.home))
        landing.mark_published(line.home)
        step.summary = f"release {release.id}, {release.bytes / 1e6:,.1f} MB"
    return release


def inputs(home: Home) -> dict[str, str]:
    """What a release is made of: the project, the files that count, and the day, since freshness ages with it."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        files = connection.execute(
            "select file_id, status, is_current from raw.load_ledger order by file_id, status"
        ).fetchall()
        sources = connection.execute("select * from raw.sources order by all").fetchall()
    return {
        "project": building.fingerprint(home),
        "files": hashlib.sha256(repr((files, sources)).encode()).hexdigest(),
        "day": datetime.now(UTC).date().isoformat(),
    }


def _has_ever_landed(home: Home) -> bool:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute("select count(*) from raw.load_ledger").fetchone() != (0,)


def _is_published(home: Home) -> bool:
    """Whether the newest release holds all that is there now, also when a person has gone back from it."""
    newest = next(iter(publishing.releases(home)), None)
    if newest is None or newest.inputs != inputs(home):
        return False
    note = publishing.rolled_back_from(home)
    return newest.is_current or (note is not None and note["newest"] == newest.id)


def _days(are_all: bool) -> str:
    return "all days" if are_all else "the days that changed"


def _summary(outcomes: list[FileOutcome]) -> str:
    loaded = [outcome for outcome in outcomes if outcome.status == "loaded"]
    kept = sum(outcome.rows_kept for outcome in loaded)
    parts = [f"{len(loaded):,} {'file' if len(loaded) == 1 else 'files'}, {kept:,} rows kept"]
    for name, count in (
        ("rejected", sum(outcome.rows_rejected for outcome in loaded)),
        ("duplicate", sum(outcome.rows_duplicate for outcome in loaded)),
    ):
        if count:
            parts.append(f"{count:,} {name}")
    for status in (*UNREADABLE, "unchanged", "growing"):
        count = sum(outcome.status == status for outcome in outcomes)
        if count:
            parts.append(f"{count:,} {'files' if count > 1 else 'file'} {status}")
    return ", ".join(parts)


def _tell(line: Line, outcomes: list[FileOutcome]) -> None:
    """Say of each file what a person has to know: why it was not read, which rows were not kept."""
    for outcome in outcomes:
        if outcome.status in UNREADABLE:
            line.progress.problem(f"{outcome.path}: {outcome.status}: {outcome.reason}")
        elif outcome.status in ("growing", "unclaimed"):
            line.progress.note(f"{outcome.path}: {outcome.status}: {outcome.reason}")
        elif outcome.rows_rejected:
            line.progress.note(_rejections(line.home, outcome))


def _rejections(home: Home, outcome: FileOutcome) -> str:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select line, column_name, reason from raw.rejected_rows where file_id = ? order by line limit ?",
            [outcome.file_id, REJECTED_SHOWN],
        ).fetchall()
    lines = [f"{outcome.path}: {outcome.rows_rejected:,} of {outcome.rows_read:,} rows rejected"]
    for number, column, reason in rows:
        lines.append(f"  line {number}" + (f", column {column}" if column else "") + f": {reason}")
    return "\n".join(lines)
