"""What `hotline run --simulate` shows when nothing has landed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from hotline.progress import Progress
from hotline.simulation import DAYS, simulate

LOOKS_EVERY_SECONDS = 0.25
"""How often the display looks how far the other process is."""


@contextmanager
def demonstration(landing: Path, progress: Progress) -> Iterator[bool]:
    """Fill `landing` with simulated calls, in a process of its own beside what is done meanwhile; the end waits for it.

    A folder that holds any file is left alone; gives whether there is anything to wait for.
    """
    if any(path.is_file() for path in landing.rglob("*")):
        yield False
        return
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside, progress.step("Simulate") as step:
        writing = beside.submit(simulate, landing)
        yield True
        while not writing.done():
            step.advance(len(list((landing / "calls").glob("calls_*"))), DAYS, "days")
            time.sleep(LOOKS_EVERY_SECONDS)
        made = writing.result()
        step.summary = f"{DAYS} days, {made.rows['calls']:,} queue visits of a call centre that does not exist"
