"""Days on which a centre may be unusually quiet or busy."""

from __future__ import annotations

import functools
from datetime import date, timedelta
from importlib.resources import files
from typing import Any


def unusual_day(source: str, time_zone: str | None, day: date, settings: dict[str, dict[str, Any]]) -> str | None:
    """Name of the public holiday that `day` is or follows, or of a worked weekend; None on an ordinary day.

    The country stands in the settings, else the source's time zone tells it; where neither does, no day is unusual.
    """
    country = settings["holiday_country"].get(source) or country_of(time_zone)
    calendar = _calendar(country, day.year) if country else None
    if calendar is None:
        return None
    if day in calendar:
        return calendar.get(day)
    if (day - timedelta(days=1)) in calendar:
        return f"the day after {calendar.get(day - timedelta(days=1))}"
    # China works on some weekends in exchange for a longer holiday (调休).
    if day in getattr(calendar, "weekend_workdays", ()):
        return "a worked weekend"
    return None


@functools.cache
def _calendar(country: str, year: int):
    # Imported here: it takes a quarter of a second and is asked only when a volume is out of bounds.
    import holidays

    try:
        return holidays.country_holidays(country, years=[year - 1, year], language="en_US")
    except NotImplementedError:
        return None


@functools.cache
def country_of(time_zone: str | None) -> str | None:
    """ISO code of the country of a time zone, from the time-zone database; None where it names several or none."""
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines()
    zones = {fields[2]: fields[0] for line in lines if not line.startswith("#") and (fields := line.split("\t"))}
    return zones.get(time_zone or "")
