"""Landed files become raw tables."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from pydantic import Field

from hotline import line as steps
from hotline.line import Line
from orchestration import dbt

MADE_BY_CHECKS = dg.AssetKey(["raw", "check_results"])


class LandingConfig(dg.Config):
    """`roots` reads a source from a folder outside landing; `full` makes every day again."""

    roots: dict[str, str] = Field(default_factory=dict)
    folder: str | None = None
    full: bool = False


@dg.multi_asset(
    name="landing",
    specs=[
        # Skippable: when nothing is new, nothing is yielded and all that follows is skipped.
        dg.AssetSpec(dbt.asset_key(node), group_name=dbt.group(node), description=node["description"], skippable=True)
        for node in dbt.sources(dbt.manifest())
        if dbt.asset_key(node) != MADE_BY_CHECKS
    ],
    pool="writer",
)
def landing(
    context: dg.AssetExecutionContext, config: LandingConfig, line: dg.ResourceParam[Line]
) -> Iterator[dg.MaterializeResult]:
    """Load new and changed files, and prepare what the models read."""
    roots = {name: Path(folder) for name, folder in config.roots.items()}
    landed = steps.land(line, roots, Path(config.folder) if config.folder else None, config.full)
    if landed.has_news:
        for key in sorted(context.selected_asset_keys):
            yield dg.MaterializeResult(asset_key=key)
