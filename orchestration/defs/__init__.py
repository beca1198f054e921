"""One folder per domain: assets, checks, resources, schedules, sensors."""
