"""Dagster's own folder: settings for the daemon and the web page, in the home."""

from __future__ import annotations

import os

import yaml

from hotline.home import Home

SETTINGS = {
    "telemetry": {"enabled": False},
    # One writer at a time: by run, and by step for whoever materializes single assets on the web page.
    "concurrency": {
        "runs": {"max_concurrent_runs": 1},
        "pools": {"granularity": "op", "default_limit": 1},
    },
    # A run whose process was killed is noticed, gives its place back, and is started again; a run that failed is not.
    "run_monitoring": {
        "enabled": True,
        "start_timeout_seconds": 300,
        "poll_interval_seconds": 20,
        "free_slots_after_run_end_seconds": 20,
    },
    "run_retries": {"enabled": True, "max_retries": 1, "retry_on_asset_or_op_failure": False},
    "retention": {
        "sensor": {"purge_after_days": {"skipped": 1, "failure": 30, "success": 90}},
        "schedule": {"purge_after_days": 365},
    },
}


def write_settings(home: Home) -> None:
    """Write `dagster.yaml`; has to be there before the daemon or the web page starts."""
    home.create()
    file = home.dagster / "dagster.yaml"
    half_made = file.with_suffix(".tmp")
    half_made.write_text("# Written by Hotline at each start.\n" + yaml.safe_dump(SETTINGS, sort_keys=False))
    half_made.replace(file)


def environment(home: Home) -> dict[str, str]:
    """The environment of Dagster's own programs, so that they find this home."""
    return os.environ | {"DAGSTER_HOME": str(home.dagster), "HOTLINE_DATA": str(home.root)}
