"""What every step of a run shares."""

from collections.abc import Iterator

import dagster as dg

from hotline.home import Home
from hotline.line import Line
from hotline.locking import writer_lock
from hotline.progress import Lines, remember

PATIENCE_SECONDS = 3600
"""A run that the daemon starts waits for a `hotline run` that somebody has typed, instead of being lost."""


@dg.resource(description="The home, the progress of this run, and the right to write for as long as it goes on.")
def line(context: dg.InitResourceContext) -> Iterator[Line]:
    home = Home.default()
    who = f"Dagster run {context.run_id}"
    with writer_lock(home, who, wait_seconds=PATIENCE_SECONDS):
        progress = Lines(context.log.info)
        yield Line(home, progress)
        if progress.steps:
            remember(home, progress, who)
