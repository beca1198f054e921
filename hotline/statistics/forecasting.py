"""How many calls will come: one queue, by half hour, for some days ahead.

A quasi-Poisson regression (statsmodels) gives the calls of a day from its weekday, from events and from heat, recent
days counting more; a profile of the weekday spreads them over half hours. The interval is that of a negative binomial
whose spread was measured on days that the forecast had not seen. Everything takes arrays of whole local days, 48 half
hours each.

Errors are judged against the *seasonal naive* forecast: what came at the same half hour of the last known same weekday.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

HALF_HOURS = 48
WEEK = 7
LEAST_TRAINING_DAYS = 21
"""Three of each weekday: with fewer no weekday is known from another."""

HALF_LIFE_DAYS = 42.0
"""A day so long ago counts half."""

PROFILE_DAYS = 2.0
"""The profile of a weekday is drawn towards that of all days as if by so many days."""

LEAST_DAYS_SEEN = 3
"""On fewer days an effect cannot be told from chance."""

MOST_STEPS = 30
SEASON_DAYS = 42
"""The smooth course of the season bends once in so many days."""

COVERAGE = 0.9

LARGEST_OVERDISPERSION = 4.0
"""At this α a count is off by twice its mean: wider intervals say nothing."""


class TooShort(ValueError):
    """The history is too short to forecast from; the message says how long it is and how long it would have to be."""


@dataclass(frozen=True)
class History:
    """What is known on the day of the forecast, and what is known of the days ahead.

    `calls`    days × 48, NaN for days that were never delivered; one row per calendar day, the last is the last known
    `weekdays` 0..6 for the days of `calls` and for those ahead
    `heat`     degrees above the threshold for the days of `calls`, and ahead as far as known
    `events`   name → 0/1 for the days of `calls` and for those ahead
    `factors`  name → factor expected of the event, used while it has been seen on fewer than two days
    `recorded` names of events that nobody knows before the day, such as failures: put on record afterwards
    """

    calls: Matrix
    weekdays: NDArray[np.int64]
    heat: Matrix
    events: Mapping[str, Matrix] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    recorded: frozenset[str] = frozenset()

    def until(self, days: int, horizon: int) -> History:
        """What was known after so many days: no calls and no weather after them, the calendar `horizon` days ahead.

        Of the calendar only what can be known ahead: an event of `recorded` is not yet there after the last known day.
        """
        number = np.arange(len(self.weekdays))[: days + horizon]
        return History(
            self.calls[:days],
            self.weekdays[: days + horizon],
            self.heat[:days],
            {
                name: happens[: days + horizon] * ((number < days) | (name not in self.recorded))
                for name, happens in self.events.items()
            },
            self.factors,
            self.recorded,
        )


@dataclass(frozen=True)
class Forecast:
    """Calls expected by half hour and the bounds between which `COVERAGE` of them fall; days × 48, and by day."""

    expected: Matrix
    low: Matrix
    high: Matrix
    day_low: Matrix
    day_high: Matrix


@dataclass(frozen=True)
class BackTest:
    """Forecasts of days that were known by then, made from what had been known `horizon` days before.

    `first_day` is the position of the first of these days in the history; `actual` is NaN for days never delivered.
    """

    first_day: int
    forecast: Forecast
    naive: Matrix
    actual: Matrix


def expected_calls(history: History, horizon: int) -> Matrix:
    """Calls expected by half hour, horizon × 48.

    Raises TooShort with fewer than `LEAST_TRAINING_DAYS` delivered days.
    """
    # Not statsmodels.api, which imports all of it.
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    days = len(history.calls)
    totals = np.nansum(history.calls, axis=1)
    known = _known(history)
    if known.sum() < LEAST_TRAINING_DAYS:
        raise TooShort(f"{known.sum()} days of history, at least {LEAST_TRAINING_DAYS} are needed")
    weights = 0.5 ** (np.arange(days)[::-1] / HALF_LIFE_DAYS)

    # What has not come yet of the weather goes on as in the last week.
    ahead = np.full(days + horizon, history.heat[-WEEK:].mean() if len(history.heat) else 0.0)
    ahead[: len(history.heat)] = history.heat[: days + horizon]
    columns = [(history.weekdays == weekday).astype(float) for weekday in range(WEEK)]
    open_ = _open_weekdays(history)
    columns = [column for column, is_open in zip(columns, open_, strict=True) if is_open]
    if (ahead[:days][known] > 0).sum() >= 2:
        columns.append(ahead)
    offset = np.zeros(days + horizon)
    for name, happens in sorted(history.events.items()):
        seen = happens[:days][known].sum()
        if seen >= 2:
            columns.append(happens)
        elif name in history.factors:
            offset += happens * np.log(history.factors[name])
    design = np.column_stack(columns) if columns else np.empty((days + horizon, 0))
    fitted = known & open_[history.weekdays[:days]]
    daily = np.zeros(horizon)
    if fitted.any():
        model = GLM(
            totals[fitted], design[:days][fitted], Poisson(), offset=offset[:days][fitted],
            var_weights=weights[fitted],
        )  # fmt: skip
        daily = model.fit(scale="X2").predict(design[days:], offset=offset[days:])
        daily = np.where(open_[history.weekdays[days:]], daily, 0.0)
    return (
        daily[:, None]
        * _profiles(history.calls[known], history.weekdays[:days][known], weights[known])[history.weekdays[days:]]
    )


def _profiles(calls: Matrix, weekdays: NDArray[np.int64], weights: Matrix) -> Matrix:
    """Share of a day's calls per half hour, weekday × 48, each row adding up to 1."""
    weighted = calls * weights[:, None]
    overall = weighted.sum(axis=0) / max(weighted.sum(), 1e-300)
    profiles = np.empty((WEEK, HALF_HOURS))
    for weekday in range(WEEK):
        own = weighted[weekdays == weekday]
        seen = weights[weekdays == weekday].sum()
        mean = own.sum() / seen if seen else 1.0
        # Never a call at a half hour of which all days of this weekday are empty: closed.
        shape = own.sum(axis=0) + PROFILE_DAYS * mean * overall * (own.sum(axis=0) > 0)
        profiles[weekday] = shape / shape.sum() if shape.sum() > 0 else overall
    return profiles


def seasonal_naive(history: History, horizon: int) -> Matrix:
    """For each half hour ahead what came on the last delivered same weekday, horizon × 48; NaN where there is none."""
    days = len(history.calls)
    naive = np.full((horizon, HALF_HOURS), np.nan)
    for ahead in range(horizon):
        same = [
            day
            for day in range(days)
            if history.weekdays[day] == history.weekdays[days + ahead] and not np.isnan(history.calls[day]).all()
        ]
        if same:
            naive[ahead] = history.calls[same[-1]]
    return naive


def overdispersion(actual: Matrix, expected: Matrix) -> float:
    """The least α of a variance µ + αµ² whose intervals hold `COVERAGE` of what came; 0 where a Poisson count's do.

    Not by moments: one day of storm would widen the intervals of all days to come.
    """
    known = ~np.isnan(actual) & (expected > 0)
    if not known.any():
        return 0.0

    def holds(alpha: float) -> bool:
        low, high = _bounds(expected[known], alpha)
        return bool(((actual[known] >= low) & (actual[known] <= high)).mean() >= COVERAGE)

    if holds(0.0):
        return 0.0
    low, high = np.log(1e-6), np.log(LARGEST_OVERDISPERSION)
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(float(np.exp(middle))) else (middle, high)
    return float(np.exp(high))


def with_interval(expected: Matrix, alpha: float, alpha_of_day: float) -> Forecast:
    """The forecast with the central `COVERAGE` of counts of that mean and overdispersion, by half hour and by day."""
    return Forecast(expected, *_bounds(expected, alpha), *_bounds(expected.sum(axis=1), alpha_of_day))


def _bounds(expected: Matrix, alpha: float) -> tuple[Matrix, Matrix]:
    from scipy import stats

    tail = (1 - COVERAGE) / 2
    some = np.maximum(expected, 1e-12)
    count = stats.nbinom(1 / alpha, 1 / (1 + alpha * some)) if alpha > 0 else stats.poisson(some)
    low, high = (np.where(expected > 0, count.ppf(quantile), 0.0) for quantile in (tail, 1 - tail))
    return low, high


def forecast(history: History, horizon: int, blocks: int = 2) -> tuple[Forecast, list[BackTest]]:
    """Calls of the next `horizon` days, and back-tests on the last held-out blocks of as many days, oldest first.

    The interval of each forecast has the spread that was found on the blocks before it; that of the oldest block the
    spread found in its own history. Raises TooShort where not even one block can be held out.
    """
    known = _known(history)
    least = LEAST_TRAINING_DAYS + horizon
    if known.sum() < least:
        raise TooShort(f"{known.sum()} days of history, at least {least} are needed, {horizon} of them to test on")
    tests: list[BackTest] = []
    for back in range(blocks, 0, -1):
        origin = len(history.calls) - back * horizon
        if origin <= 0 or known[:origin].sum() < LEAST_TRAINING_DAYS:
            continue
        earlier = history.until(origin, horizon)
        expected = expected_calls(earlier, horizon)
        spread = _spread(tests) if tests else _spread_within(earlier, horizon)
        actual = history.calls[origin : origin + horizon]
        tests.append(BackTest(origin, with_interval(expected, *spread), seasonal_naive(earlier, horizon), actual))
    if not tests:
        raise TooShort(f"no {LEAST_TRAINING_DAYS} days of history before the last {horizon}")
    return with_interval(expected_calls(history, horizon), *_spread(tests)), tests


def together(
    history: History, queues: Sequence[tuple[Forecast, list[BackTest]]], horizon: int
) -> tuple[Forecast, list[BackTest]]:
    """What `forecast` gives, of several queues together: the sum of their forecasts with an interval of its own.

    Bounds of the queues do not add up to bounds of the sum: they do not all have their worst day on the same day, nor
    does each fall out for itself. So the spread is found as that of a queue is, on the sums of the held-out days.
    `history` is that of the queues' calls added up.
    """
    tests: list[BackTest] = []
    for block in zip(*(of_queue for _, of_queue in queues), strict=True):
        origin = block[0].first_day
        expected, naive, actual = (
            np.sum(parts, axis=0)
            for parts in zip(*((test.forecast.expected, test.naive, test.actual) for test in block), strict=True)
        )
        spread = _spread(tests) if tests else _spread_within(history.until(origin, horizon), horizon)
        tests.append(BackTest(origin, with_interval(expected, *spread), naive, actual))
    return with_interval(np.sum([ahead.expected for ahead, _ in queues], axis=0), *_spread(tests)), tests


@dataclass(frozen=True)
class Effect:
    """Calls on such a day, or with each degree more, as a multiple of those without; a 95 % interval.

    Not a number where there are too few days to tell.
    """

    days_seen: int
    factor: float = np.nan
    low: float = np.nan
    high: float = np.nan


def effects(history: History) -> dict[str, Effect]:
    """What heat (per degree) and each event do to the calls of a day; not told of those seen on fewer than three days.

    Association, with weekday and a smooth course of the season held: a quasi-Poisson regression with a cubic spline of
    one bend in six weeks, and standard errors that allow for days like the days before them (HAC with a week's lags),
    never smaller than those of a regression whose days are all alike. Each degree adds the same share of the calls of a
    day without heat.
    """
    from patsy import cr
    from scipy import stats
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    days = len(history.calls)
    totals = np.nansum(history.calls, axis=1)
    heat = np.zeros(days)
    heat[: len(history.heat)] = history.heat[:days]
    told = {"heat": heat} | {name: happens[:days] for name, happens in sorted(history.events.items())}
    open_ = _open_weekdays(history)
    fitted = _known(history) & open_[history.weekdays[:days]]
    seen = {name: int((values[fitted] > 0).sum()) for name, values in told.items()}
    told = {name: values for name, values in told.items() if seen[name] >= LEAST_DAYS_SEEN}
    untold = {name: Effect(number) for name, number in seen.items()}
    bends = max(days // SEASON_DAYS, 1)
    if not told or fitted.sum() < LEAST_TRAINING_DAYS + bends + len(told):
        return untold
    weekdays = [(history.weekdays[:days] == weekday).astype(float) for weekday in np.flatnonzero(open_)]
    season = np.asarray(cr(np.arange(days), df=bends + 2, constraints="center"))
    design = np.column_stack([*told.values(), *weekdays, season])[fitted]
    offset = np.zeros(len(design))
    if "heat" in told:
        # Each degree adds the same share, 1 + slope × degrees; a coefficient as it is would multiply. By Gauss and
        # Newton: the logarithm of it is linear near the slope found last.
        place, degrees, slope = list(told).index("heat"), heat[fitted], 0.0
        for _ in range(MOST_STEPS):
            factor = 1 + slope * degrees
            design[:, place] = degrees / factor
            offset = np.log(factor) - slope * degrees / factor
            before, slope = slope, float(GLM(totals[fitted], design, Poisson(), offset=offset).fit().params[place])
            slope = max(slope, -0.9 / degrees.max())
            if abs(slope - before) < 1e-7:
                break
    by_days = GLM(totals[fitted], design, Poisson(), offset=offset)
    alike = by_days.fit(scale="X2")
    robust = by_days.fit(scale="X2", cov_type="HAC", cov_kwds={"maxlags": WEEK, "use_correction": True})
    # Of an effect seen on three days the residuals of these three tell too little: the spread of all days counts then.
    reach = stats.t.ppf(0.975, len(design) - design.shape[1]) * np.maximum(alike.bse, robust.bse)
    effects_of = {}
    for place, name in enumerate(told):
        bounds = alike.params[place] + reach[place] * np.array([0, -1, 1])
        effects_of[name] = Effect(seen[name], *map(float, 1 + bounds if name == "heat" else np.exp(bounds)))
    return untold | effects_of


def _open_weekdays(history: History) -> NDArray[np.bool_]:
    """A weekday on which nobody ever calls has no effect that could be estimated, and no calls; 7 of them."""
    totals = np.nansum(history.calls, axis=1)
    return np.array([totals[history.weekdays[: len(totals)] == weekday].sum() > 0 for weekday in range(WEEK)])


def _known(history: History) -> NDArray[np.bool_]:
    return ~np.isnan(history.calls).all(axis=1)


def _spread(tests: list[BackTest]) -> tuple[float, float]:
    """Overdispersion of half hours and of days."""
    return _spread_of(
        np.concatenate([test.actual for test in tests]), np.concatenate([test.forecast.expected for test in tests])
    )


def _spread_of(actual: Matrix, expected: Matrix) -> tuple[float, float]:
    return overdispersion(actual, expected), overdispersion(actual.sum(axis=1), expected.sum(axis=1))


def _spread_within(history: History, horizon: int) -> tuple[float, float]:
    """The spread on the last days of a history too short to hold out a whole block: as many as can be spared."""
    spare = min(horizon, int(_known(history).sum()) - LEAST_TRAINING_DAYS)
    origin = len(history.calls) - spare
    if spare >= 1 and _known(history)[:origin].sum() >= LEAST_TRAINING_DAYS:
        return _spread_of(history.calls[origin:], expected_calls(history.until(origin, spare), spare))
    # All of it is needed to learn from: how well it fits itself, which is a little too well.
    days = len(history.calls)
    twice = History(
        history.calls,
        np.tile(history.weekdays[:days], 2),
        np.tile(history.heat[:days], 2),
        {name: np.tile(happens[:days], 2) for name, happens in history.events.items()},
        history.factors,
    )
    return _spread_of(history.calls, expected_calls(twice, days))
