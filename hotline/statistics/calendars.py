"""Public holidays and worked weekends, from the libraries that are kept for them.

China moves working days around its holidays (调休) by a notice every autumn: `chinesecalendar` follows the notices, and
where it does not reach yet, or for any other country, `holidays` speaks.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pandas as pd

_TYPES = {"country": str, "day": "datetime64[s]", "is_worked": bool, "name": str}
_EMPTY = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _TYPES.items()})


def days_out_of_the_ordinary(country: str, first: date, last: date) -> pd.DataFrame:
    """One row per day of `first` to `last` on which the week alone would mislead: country, day, is_worked, name.

    `is_worked` is false for a public holiday and true for a weekend day that is worked in exchange. `country` is the
    code of ISO 3166, such as CN. Raises `ValueError` for a country that no library knows.
    """
    import holidays

    try:
        known = holidays.country_holidays(country, years=range(first.year, last.year + 1))
    except NotImplementedError as error:
        place = "seeds/business_calendars.csv: holiday_country"
        raise ValueError(f"{place}: no holidays are known of {country!r}") from error
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    rows = [(country, day, *found) for day in days if (found := _out_of_the_ordinary(country, day, known)) is not None]
    return pd.DataFrame(rows, columns=list(_TYPES)).astype(_TYPES)


def _out_of_the_ordinary(country: str, day: date, known: object) -> tuple[bool, str] | None:
    """Whether the day is worked, and why, where its weekday says otherwise."""
    is_weekend = known.is_weekend(day)
    is_working, name = known.is_working_day(day), known.get(day) or ""
    if country == "CN":
        import chinese_calendar

        try:
            is_working = chinese_calendar.is_workday(day)
            name = chinese_calendar.get_holiday_detail(day)[1] or name
        except NotImplementedError:
            pass  # the notice for that year has not come, or the library was not kept up: the other one speaks
    if is_working and is_weekend:
        return True, name or "worked weekend"
    if not is_working and (name or not is_weekend):
        return False, name or "holiday"
    return None


def holidays_of(calendars: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """The days out of the ordinary of every `holiday_country` of `calendars`, in these years."""
    span = sorted(set(years))
    countries = sorted({country for country in calendars["holiday_country"].dropna() if country}) if span else []
    found = [_EMPTY]
    for country in countries:
        found.append(days_out_of_the_ordinary(country, date(span[0], 1, 1), date(span[-1], 12, 31)))
    return pd.concat(found, ignore_index=True)
