"""What Dagster loads: all of `defs/`, and the policy that holds for all of it."""

import dagster as dg

from orchestration import defs
from orchestration.defs.landing.resources import line
from orchestration.defs.landing.schedules import daily, run_job, weekly
from orchestration.defs.landing.sensors import landing_folder

definitions = dg.Definitions(
    assets=dg.load_assets_from_package_module(defs),
    asset_checks=dg.load_asset_checks_from_package_module(defs),
    jobs=[run_job],
    schedules=[daily, weekly],
    sensors=[landing_folder],
    resources={"line": line},
    # Every step writes the same DuckDB files: one process, one step after the other. More processes would each pay
    # seconds of imports and then wait for each other.
    executor=dg.in_process_executor,
)
