"""Great Expectations on the days that are not yet published."""

from collections.abc import Iterator

import dagster as dg

from hotline.line import Line
from orchestration import dbt
from orchestration.judging import NAME, judge

TABLES = [
    dbt.asset_key(node)
    for node in dbt.sources(dbt.manifest())
    if node["schema"] == "raw" and node["source_name"] != "landing"
]


@dg.multi_asset_check(
    name="new_days_as_expected",
    specs=[dg.AssetCheckSpec(NAME, asset=key, blocking=True) for key in TABLES],
    pool="writer",
)
def new_days_as_expected(line: dg.ResourceParam[Line]) -> Iterator[dg.AssetCheckResult]:
    """Volume, nulls, outcomes, ranges and freshness of the new days."""
    from expectations import run_batch  # pandas: a second that a run without news should not pay

    yield from judge(line, "Check new data", run_batch, TABLES)
