"""A run starts when landing has changed and has stopped changing."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import dagster as dg

from hotline.home import Home
from orchestration.defs.landing.schedules import run_job

LOOK_EVERY_SECONDS = 5
SETTLE_SECONDS = 5.0
"""How long landing must stay as it is: whoever drops files drops several, and writes each for a while."""


@dataclass(frozen=True)
class Seen:
    """The sensor's cursor: how landing looked last, since when (epoch seconds), and what the last run was asked for."""

    state: str = ""
    since: float = 0.0
    requested: str = ""


def state_of(home: Home) -> str:
    """A hash of all that a run would look at: path, size and modification time of every landed file and source
    description, so that new, corrected and removed ones change it; and what people have accepted and withdrawn."""
    files = [*_files(home.landing), *_files(home.sources), *home.root.glob("accepted_checks.jsonl")]
    files += home.raw.glob("*/*/*.withdrawn")
    digest = hashlib.sha256()
    for file in sorted(files):
        try:
            facts = file.lstat()
        except FileNotFoundError:
            continue  # gone since it was listed: the next look sees the folder without it
        digest.update(f"{file}\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()


def decide(seen: Seen, state: str, now: float, settle_seconds: float = SETTLE_SECONDS) -> tuple[Seen, bool]:
    """The next cursor, and whether to ask for a run now."""
    if state != seen.state:
        return Seen(state, now, seen.requested), False
    if state == seen.requested or now - seen.since < settle_seconds:
        return seen, False
    return Seen(state, seen.since, state), True


@dg.sensor(
    job=run_job,
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Starts a run when a file in landing is new, changed or gone, or a person has decided something.",
)
def landing_folder(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    home = Home.default()
    before = Seen(**json.loads(context.cursor)) if context.cursor else Seen()
    seen, is_wanted = decide(before, state_of(home), time.time())
    cursor = json.dumps(asdict(seen))
    if is_wanted:
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=f"{seen.state}-{seen.since}")], cursor=cursor)
    reason = "landing is as it was" if seen.state == seen.requested else "landing is still changing"
    return dg.SensorResult(skip_reason=reason, cursor=cursor)


def _files(folder: Path) -> Iterator[Path]:
    for path, _, names in os.walk(folder):
        yield from (Path(path, name) for name in names)
