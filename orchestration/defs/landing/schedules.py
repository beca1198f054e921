"""The job, the day's run and the week's."""

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

# The data tests of a day's run look at the days that it replaced. Once a week they look at all of them.
weekly = dg.ScheduleDefinition(
    name="weekly",
    job=run_job,
    cron_schedule="30 5 * * 0",
    execution_timezone="UTC",
    run_config={"ops": {"landing": {"config": {"full": True}}, "marts": {"config": {"all_days_checked": True}}}},
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
