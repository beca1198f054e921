"""Garbage collection of processes that are mostly start."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (100_000, 50, 100)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for garbage seldom meanwhile.

    Dagster, dbt and Superset make millions of objects that stay: to look through them again and again takes a quarter
    of Superset's set-up, and a twentieth of a run. Not for a server, whose garbage has to go.
    """
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
