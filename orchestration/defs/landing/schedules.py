"""The job, and the day's run."""

import dagster as dg

run_job = dg.define_asset_job(
    "run",
    selection=dg.AssetSelection.all(),
    description="Load, check, build, check, publish.",
)

# Also on a day without files: only so is it noticed that a source has fallen silent.
daily = dg.ScheduleDefinition(
    name="daily",
    job=run_job,
    cron_schedule="30 4 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
