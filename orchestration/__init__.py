"""Dagster on Hotline's line: assets, checks, a sensor, a schedule. The work itself is done in `hotline`."""
