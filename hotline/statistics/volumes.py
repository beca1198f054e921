"""Forecasts of every queue from tables: what the model of the warehouse calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from hotline.statistics.forecasting import (
    HALF_HOURS,
    BackTest,
    Forecast,
    History,
    TooShort,
    effects,
    forecast,
    together,
)

COLUMNS = {
    "source": "str", "queue_id": "str", "is_simulated": "bool", "history_days": "Int64", "problem": "str",
    "known_through_on": "date", "is_backtest": "bool", "day_local": "date", "half_hour": "Int64",
    "calls_expected": "float", "calls_low": "float", "calls_high": "float", "calls_naive": "float",
    "calls_actual": "float",
}  # fmt: skip

EFFECT_COLUMNS = {
    "source": "str", "queue_id": "str", "is_simulated": "bool", "history_days": "Int64", "effect": "str",
    "days_seen": "Int64", "change": "float", "change_low": "float", "change_high": "float",
}  # fmt: skip


def forecast_queues(
    calls: pd.DataFrame, days: pd.DataFrame, heat: pd.DataFrame, events: pd.DataFrame, rules: pd.DataFrame
) -> pd.DataFrame:
    """Forecast each queue of each source; a table of `COLUMNS`, one row per queue, day and half hour ahead or tested.

    `calls`   source, queue_id, is_simulated, day_local, half_hour (0..47), calls: what came in the window of history
    `days`    source, day_local: the days of that window that were delivered
    `heat`    source, day_local, heat_degrees
    `events`  source, day_local, event, expected_factor (may be null), is_known_ahead: else no back-test knows of it
    `rules`   source, horizon_days, holiday_country (may be null)

    Rows without `queue_id` are of all queues of the source together: the sum of their forecasts, with bounds of its
    own. Rows without half hour are whole days. A queue whose history is too short has a single row without a day, and
    the `problem` in words.
    """
    found: list[dict[str, Any]] = []
    whole: dict[str, tuple[dict[str, Any], History]] = {}
    made: dict[str, list[tuple[Forecast, list[BackTest]]]] = {}
    # Queues of a source share its days: where one has too few all have.
    problems: dict[str, str] = {}
    calendars: dict[str, list[date]] = {}
    for shared, calendar, horizon, history in _histories(calls, days, heat, events, rules):
        source = shared["source"]
        calendars[source] = calendar
        _add(whole, shared, history)
        try:
            made.setdefault(source, []).append(forecast(history, horizon))
        except TooShort as problem:
            problems[source] = str(problem)
            found.append(shared | {"problem": str(problem), "is_backtest": False})
            continue
        found += _forecast_rows(shared, calendar, made[source][-1])
    for source, (shared, history) in whole.items():
        if source in problems:
            found.append(shared | {"problem": problems[source], "is_backtest": False})
        else:
            horizon = len(calendars[source]) - len(history.calls)
            found += _forecast_rows(shared, calendars[source], together(history, made[source], horizon))
    return _typed(pd.DataFrame(found, columns=list(COLUMNS)), COLUMNS)


def _forecast_rows(
    shared: dict[str, Any], calendar: list[date], made: tuple[Forecast, list[BackTest]]
) -> list[dict[str, Any]]:
    ahead, tests = made
    nothing = np.full(ahead.expected.shape, np.nan)
    known = len(calendar) - len(ahead.expected)
    found = []
    for test in tests:
        shown = shared | {"known_through_on": calendar[test.first_day - 1], "is_backtest": True}
        found += _rows(shown, calendar[test.first_day :], test.forecast, test.naive, test.actual)
    shown = shared | {"known_through_on": calendar[known - 1], "is_backtest": False}
    return [*found, *_rows(shown, calendar[known:], ahead, nothing, nothing)]


def _add(whole: dict[str, tuple[dict[str, Any], History]], shared: dict[str, Any], history: History) -> None:
    """Add a queue's calls to those of all queues of its source."""
    source = shared["source"]
    if source in whole:
        earlier, summed = whole[source]
        shared = earlier | {"is_simulated": earlier["is_simulated"] or shared["is_simulated"]}
        history = replace(history, calls=history.calls + summed.calls)
    whole[source] = (shared | {"queue_id": None}, history)


def volume_effects(
    calls: pd.DataFrame, days: pd.DataFrame, heat: pd.DataFrame, events: pd.DataFrame, rules: pd.DataFrame
) -> pd.DataFrame:
    """By how much heat and events move the calls of each queue; a table of `EFFECT_COLUMNS`, arguments as above.

    One row per queue and effect, and per source and effect over all of its queues, without `queue_id`. `change` is the
    share more or less: for each degree above the threshold, or on the day of an event. Empty for an effect
    seen on fewer than three days, and for all while the history is too short.
    """
    found: list[dict[str, Any]] = []
    whole: dict[str, tuple[dict[str, Any], History]] = {}
    for shared, _, _, history in _histories(calls, days, heat, events, rules):
        found += _effect_rows(shared, history)
        _add(whole, shared, history)
    for shared, history in whole.values():
        found += _effect_rows(shared, history)
    return _typed(pd.DataFrame(found, columns=list(EFFECT_COLUMNS)), EFFECT_COLUMNS)


def _effect_rows(shared: dict[str, Any], history: History) -> list[dict[str, Any]]:
    return [
        shared
        | {
            "effect": name,
            "days_seen": effect.days_seen,
            "change": effect.factor - 1,
            "change_low": effect.low - 1,
            "change_high": effect.high - 1,
        }
        for name, effect in effects(history).items()
    ]


def _histories(
    calls: pd.DataFrame, days: pd.DataFrame, heat: pd.DataFrame, events: pd.DataFrame, rules: pd.DataFrame
) -> Iterator[tuple[dict[str, Any], list[date], int, History]]:
    """Of each queue: the columns that its rows share, its calendar with the days ahead, their number, its history."""
    for source, of_source in sorted(calls.groupby("source")):
        rule = rules[rules["source"] == source].iloc[0]
        horizon = int(rule["horizon_days"])
        delivered = _dates(days[days["source"] == source]["day_local"])
        first, last = min(delivered), max(delivered)
        calendar = [first + timedelta(days=number) for number in range((last - first).days + 1 + horizon)]
        position = {day: number for number, day in enumerate(calendar) if day <= last}
        weekdays = np.array([day.weekday() for day in calendar])
        degrees = _by_day(heat[heat["source"] == source], "heat_degrees")
        # As far as the weather has come, without a gap from the first day on; days without it are taken as not hot.
        until = max([day for day in degrees if day <= calendar[-1]], default=last)
        weather = np.array([degrees.get(day, 0.0) for day in calendar if day <= max(until, first)])
        of_calendar = _events(events[events["source"] == source], calendar, rule["holiday_country"])
        for queue, of_queue in sorted(of_source.groupby("queue_id")):
            counts = np.full((len(position), HALF_HOURS), np.nan)
            counts[[position[day] for day in delivered]] = 0.0
            rows = [position[day] for day in _dates(of_queue["day_local"])]
            np.add.at(counts, (rows, of_queue["half_hour"].to_numpy(int)), of_queue["calls"].to_numpy(float))
            shared = {
                "source": source,
                "queue_id": queue,
                "is_simulated": bool(of_queue["is_simulated"].any()),
                "history_days": len(delivered),
            }
            yield shared, calendar, horizon, History(counts, weekdays, weather, *of_calendar)


def _rows(
    shown: dict[str, Any], days: list[date], made: Forecast, naive: np.ndarray, actual: np.ndarray
) -> list[dict[str, Any]]:
    rows = []
    for number in range(len(made.expected)):
        of_day = shown | {"day_local": days[number]}
        rows.append(
            of_day
            | {
                "calls_expected": made.expected[number].sum(),
                "calls_low": made.day_low[number],
                "calls_high": made.day_high[number],
                "calls_naive": naive[number].sum(),
                "calls_actual": actual[number].sum(),
            }
        )
        rows += [
            of_day
            | {
                "half_hour": half_hour,
                "calls_expected": made.expected[number, half_hour],
                "calls_low": made.low[number, half_hour],
                "calls_high": made.high[number, half_hour],
                "calls_naive": naive[number, half_hour],
                "calls_actual": actual[number, half_hour],
            }
            for half_hour in range(HALF_HOURS)
        ]
    return rows


def _events(
    landed: pd.DataFrame, calendar: list[date], country: str | None
) -> tuple[dict[str, np.ndarray], dict[str, float], frozenset[str]]:
    """Name → 0/1 per day of the calendar, the factors that the source expects, and what nobody knows ahead.

    Public holidays are one event, which is known.
    """
    position = {day: number for number, day in enumerate(calendar)}
    happens: dict[str, np.ndarray] = {}
    factors: dict[str, float] = {}
    for day, event, factor in zip(_dates(landed["day_local"]), landed["event"], landed["expected_factor"], strict=True):
        if day in position:
            happens.setdefault(event, np.zeros(len(calendar)))[position[day]] = 1.0
        if pd.notna(factor) and factor > 0:
            factors[event] = float(factor)
    if isinstance(country, str) and country:
        import holidays

        for day in holidays.country_holidays(country, years=sorted({day.year for day in calendar})):
            if day in position:
                happens.setdefault("holiday", np.zeros(len(calendar)))[position[day]] = 1.0
    return happens, factors, frozenset(landed["event"][~landed["is_known_ahead"].astype(bool)]) - {"holiday"}


def _by_day(table: pd.DataFrame, column: str) -> dict[date, float]:
    return dict(zip(_dates(table["day_local"]), table[column].astype(float), strict=True))


def _dates(values: pd.Series) -> list[date]:
    return [pd.Timestamp(value).date() for value in values]


def _typed(table: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """An empty column has its type too: the warehouse reads types from the table."""
    for name, kind in columns.items():
        if kind == "date":
            table[name] = pd.to_datetime(table[name])
        elif kind == "str":
            table[name] = table[name].astype("string")
        else:
            table[name] = table[name].astype(kind)
    return table
