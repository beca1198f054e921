"""dbt's models, built in this process."""

from collections.abc import Iterator

import dagster as dg
from dagster_dbt import dbt_assets

from hotline import line as steps
from hotline.line import Line
from orchestration import dbt
from orchestration.events import events


class BuildConfig(dg.Config):
    """`full` makes every day again; `all_days_checked` runs the data tests on every day."""

    full: bool = False
    all_days_checked: bool = False


@dbt_assets(manifest=dbt.manifest(), dagster_dbt_translator=dbt.Translator(), name="marts", pool="writer")
def marts(
    context: dg.AssetExecutionContext, config: BuildConfig, line: dg.ResourceParam[Line]
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Build the days that changed, and test them."""
    specs = list(context.assets_def.specs)
    result = steps.build(
        line,
        full=config.full,
        all_days_checked=config.all_days_checked,
        select=dbt.selection(specs, set(context.selected_asset_keys)),
    )
    yield from events(result, specs, context.assets_def.check_specs, context.selected_asset_check_keys)
    if not result.success:
        raise dg.Failure(description=result.report(), allow_retries=False)
