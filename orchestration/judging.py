"""From what the expectations found to Dagster's check results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from hotline.home import Home
from hotline.line import Line
from hotline.progress import FAILED

if TYPE_CHECKING:
    from expectations import CheckOutcome

NAME = "expectations"


def judge(
    line: Line, step_name: str, run: Callable[[Home], list[CheckOutcome]], tables: Sequence[dg.AssetKey]
) -> Iterator[dg.AssetCheckResult]:
    """Run the expectations as one step; yields one result per table, failed when an outcome of it blocks."""
    with line.progress.step(step_name) as step:
        outcomes = run(line.home)
        blocking = [outcome for outcome in outcomes if outcome.blocks]
        step.summary = summary(outcomes)
        if blocking:
            step.state = FAILED
    for outcome in blocking:
        line.progress.problem(outcome.message)
    yield from results(outcomes, tables)


def summary(outcomes: Sequence[CheckOutcome]) -> str:
    """`412 checks`, and how many of them did not simply pass."""
    counts = [
        (status.replace("_", " "), sum(outcome.status == status for outcome in outcomes))
        for status in ("failed", "accepted", "warming_up")
    ]
    return ", ".join([f"{len(outcomes):,} checks", *(f"{count:,} {status}" for status, count in counts if count)])


def results(outcomes: Sequence[CheckOutcome], tables: Sequence[dg.AssetKey]) -> Iterator[dg.AssetCheckResult]:
    """One result per table. An outcome about a table that is not among them goes to the first, so that none is lost."""
    names = {key.path[-1]: key for key in tables}
    grouped: dict[dg.AssetKey, list[CheckOutcome]] = {key: [] for key in tables}
    for outcome in outcomes:
        grouped[names.get(outcome.entity, tables[0])].append(outcome)
    for key, found in grouped.items():
        failed = [outcome.message for outcome in found if outcome.blocks]
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=NAME,
            passed=not failed,
            description="\n".join(failed) or None,
            metadata={"checks": len(found), "accepted": sum(outcome.status == "accepted" for outcome in found)},
        )
