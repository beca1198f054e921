"""From what dbt built to Dagster's events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import dagster as dg

from hotline.building import BuildResult
from orchestration.dbt import UNIQUE_ID


def events(
    result: BuildResult,
    specs: Iterable[dg.AssetSpec],
    checks: Iterable[dg.AssetCheckSpec],
    selected_checks: Iterable[dg.AssetCheckKey],
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """A materialization per built model or seed, a check result per data test that ran, in dbt's order."""
    keys = {spec.metadata[UNIQUE_ID]: spec.key for spec in specs}
    tests = {check.metadata[UNIQUE_ID]: check for check in checks}
    wanted = set(selected_checks)
    for node in result.nodes:
        if node.unique_id in keys and node.status == "success":
            yield dg.MaterializeResult(asset_key=keys[node.unique_id], metadata={"seconds": round(node.seconds, 3)})
        elif (check := tests.get(node.unique_id)) and check.key in wanted and not node.skipped:
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=node.status == "pass",
                severity=dg.AssetCheckSeverity.WARN if node.status == "warn" else dg.AssetCheckSeverity.ERROR,
                description=node.message or None,
            )
