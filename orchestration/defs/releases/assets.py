"""The release that readers see."""

import dagster as dg

from hotline import line as steps
from hotline.line import Line
from orchestration import dbt


@dg.asset(
    key=["releases", "current"],
    group_name="releases",
    deps=[dg.AssetKey(["control", "days"]), *(dbt.asset_key(node) for node in dbt.marts(dbt.manifest()))],
    pool="writer",
)
def current(line: dg.ResourceParam[Line]) -> dg.MaterializeResult:
    """Both published files of one build, under one link. Waits for every blocking check of every mart."""
    release = steps.publish(line)
    return dg.MaterializeResult(metadata={"release": release.id, "bytes": release.bytes})
