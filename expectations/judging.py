"""Great Expectations, kept to what it is needed for: a suite, a small frame, and which rows broke what."""

from __future__ import annotations

import functools
import logging
import os
from typing import TYPE_CHECKING

import pandas as pd

from expectations.measures import Measurement

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def judge(suite: ExpectationSuite, measurements: list[Measurement]) -> list[tuple[Measurement, str, bool | None]]:
    """Each measurement with its expectation in words and whether it holds; None while it warms up.

    The frame has a row per measurement and a column per kind of check: Great Expectations takes its time per
    expectation, hardly any per row. Raises RuntimeError when an expectation could not be evaluated, or when a
    measurement has none: nothing passes because nobody looked.
    """
    described = {expectation.column: expectation.description for expectation in suite.expectations}
    unjudged = sorted({measurement.kind for measurement in measurements} - described.keys())
    if unjudged:
        raise RuntimeError(f"suite {suite.name} has no expectation for {', '.join(unjudged)}")
    frame = pd.DataFrame(index=range(len(measurements)), columns=list(described), dtype=float)
    for kind in described:
        frame[kind] = [measurement.judged if measurement.kind == kind else None for measurement in measurements]
    broken = _broken(suite, frame.astype(float))
    found = []
    for number, measurement in enumerate(measurements):
        words = described[measurement.kind]
        if subject := measurement.check.removeprefix(measurement.kind).removeprefix("."):
            words = f"{subject}: {words}"
        holds = None if measurement.judged is None else number not in broken[measurement.kind]
        found.append((measurement, words, holds))
    return found


def _broken(suite: ExpectationSuite, frame: pd.DataFrame) -> dict[str, set[int]]:
    """Positions of the rows that break the expectation of each column; empty cells are not judged."""
    source = _context().data_sources.pandas_default
    batch = _definition(source).get_batch({"dataframe": frame})
    result = batch.validate(suite, result_format={"result_format": "COMPLETE", "include_unexpected_rows": False})
    broken: dict[str, set[int]] = {}
    for evaluated in result.results:
        column = evaluated.expectation_config.kwargs["column"]
        positions = evaluated.result.get("unexpected_index_list")
        if positions is None or evaluated.success == bool(positions):
            raise RuntimeError(f"suite {suite.name}: {column} could not be evaluated: {evaluated.exception_info}")
        broken[column] = set(positions)
    return broken


@functools.cache
def _context():
    """An ephemeral context: no files, no progress bars, no word to anybody."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    import great_expectations

    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context


def _definition(source):
    name = "judged"
    try:
        return source.get_asset(name).get_batch_definition(name)
    except LookupError:
        return source.add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
