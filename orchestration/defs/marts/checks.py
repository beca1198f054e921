"""Great Expectations on the tables about to be published."""

from collections.abc import Iterator

import dagster as dg

from hotline.home import PROJECT
from hotline.line import Line
from orchestration import dbt
from orchestration.judging import NAME, judge

SUITES = PROJECT / "expectations" / "suites"


def is_judged(name: str) -> bool:
    """Whether the expectations have a suite for this table; all dimensions share one."""
    return name.startswith("dim_") or (SUITES / f"{name}.py").is_file()


TABLES = [
    dbt.asset_key(node)
    for node in dbt.marts(dbt.manifest())
    if node["database"] == "operations" and is_judged(node["name"])
]


@dg.multi_asset_check(
    name="tables_as_expected",
    specs=[dg.AssetCheckSpec(NAME, asset=key, blocking=True) for key in TABLES],
    pool="writer",
)
def tables_as_expected(line: dg.ResourceParam[Line]) -> Iterator[dg.AssetCheckResult]:
    """Totals, shares and dimensions of this build."""
    from expectations import run_published

    yield from judge(line, "Check tables", run_published, TABLES)
