"""The whole line in this process, for the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from hotline.home import Home
from hotline.line import Line
from hotline.progress import Progress, is_ours
from orchestration.definitions import definitions

JOB = definitions.resolve_job_def("run")


def run(
    home: Home,
    progress: Progress,
    roots: Mapping[str, Path] | None = None,
    folder: Path | None = None,
    full: bool = False,
    all_days_checked: bool = False,
    verbose: bool = False,
) -> bool:
    """Run the job `run`; returns whether every step and check went well.

    What a person has to know is in `progress`. A check or model that failed is shown there by its step; anything else
    that stopped a step is shown here, in the words of its error. `verbose` lets Dagster's log through, with traces.
    """
    landing = {"roots": {name: str(path) for name, path in (roots or {}).items()}, "full": full or all_days_checked}
    if folder:
        landing["folder"] = str(folder)
    # Recorded nowhere but in last_run.json: writing an event per table and test into the home's Dagster costs more than
    # three seconds, and a run that is killed would keep its place in the writers' pool.
    with dg.DagsterInstance.ephemeral() as instance:
        result = JOB.execute_in_process(
            instance=instance,
            resources={"line": Line(home, progress)},
            raise_on_error=False,
            run_config={
                "ops": {
                    "landing": {"config": landing},
                    "marts": {"config": {"full": full, "all_days_checked": all_days_checked}},
                },
                "loggers": {"console": {"config": {"log_level": "DEBUG" if verbose else "CRITICAL"}}},
            },
        )
    if not result.success:
        _tell_unexpected(home, result, progress)
    return result.success


def _tell_unexpected(home: Home, result: dg.ExecuteInProcessResult, progress: Progress) -> None:
    """Show what stopped a step; a failed check or model has been shown by its step already."""
    for event in result.all_events:
        if not event.is_step_failure:
            continue
        error = event.step_failure_data.error
        while error and error.cause:
            error = error.cause
        if error and error.cls_name not in ("Failure", "DagsterAssetCheckFailedError"):
            kind, _, text = error.message.strip().partition(": ")
            if is_ours(kind):
                progress.problem(text)
                continue
            trace = home.build / "logs" / "last_error.txt"
            trace.parent.mkdir(exist_ok=True)
            trace.write_text(error.to_string())
            progress.problem(f"{event.step_key}: {kind}: {text}\n  The whole trace: {trace}")
