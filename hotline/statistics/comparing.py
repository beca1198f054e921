"""Is it different? Two groups or two periods: difference, interval, test, effect size, and the same in words.

Which test for what:

| what is compared | function | test and 95 % interval | effect size |
|---|---|---|---|
| shares of cases, each case by itself | `compare_shares` | score test, Fisher's where few; Newcombe | Cohen's h |
| means of cases | `compare_means` | Welch's t | Hedges' g |
| events per time or per case | `compare_rates` | score test of two Poisson rates | ratio of the rates |
| ratios of sums, day by day | `compare_ratios` | Welch's t over days, linearised | ratio of the values |
| the same of two groups on the same days | `compare_ratios` | paired t over days | ratio of the values |
| ratios of sums, agent by agent | `compare_clusters` | cluster-robust t over agents, linearised | ratio of the values |

Calls of one day are alike: they wait for the same agents on the same busy morning. Where cases of a day hang together,
days and not calls are to be compared (`compare_ratios`), else every day would seem to be different from every other.
So do the cases of an agent, who may be in both groups (`compare_clusters`).

Sources: Newcombe (1998), *Interval estimation for the difference between independent proportions*; Gu et al. (2008),
*Testing the ratio of two Poisson rates*; Cochran, *Sampling Techniques*, ch. 6, for ratios; Hedges (1981); Cameron,
Miller, *A Practitioner's Guide to Cluster-Robust Inference* (2015).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

LEVEL = 0.95
LEAST_DAYS = 5
"""Days (or weeks, months, agents) per group below which nothing is said about days."""


class TooFew(ValueError):
    """There are too few cases to compare; the message says how many, and how many there would have to be."""


@dataclass(frozen=True)
class Comparison:
    """The second group less the first. `low` and `high` bound the difference with 95 %; `cases` are those counted."""

    value_1: float
    value_2: float
    cases_1: int
    cases_2: int
    difference: float
    low: float
    high: float
    p_value: float
    test: str
    effect: float
    effect_name: str

    @property
    def is_clear(self) -> bool:
        """Whether the interval of the difference leaves out 0."""
        return self.low > 0 or self.high < 0


def compare_shares(hits_1: int, cases_1: int, hits_2: int, cases_2: int) -> Comparison:
    """Shares of independent cases. Raises TooFew for a group without cases, ValueError for more hits than cases."""
    from scipy import stats
    from statsmodels.stats import proportion

    if not (0 <= hits_1 <= cases_1 and 0 <= hits_2 <= cases_2):
        raise ValueError(f"{hits_1} of {cases_1} and {hits_2} of {cases_2}: more hits than cases, or fewer than none")
    if not (cases_1 and cases_2):
        raise TooFew(f"{cases_1} and {cases_2} cases, at least 1 each is needed")
    share_1, share_2 = hits_1 / cases_1, hits_2 / cases_2
    low, high = proportion.confint_proportions_2indep(
        hits_2, cases_2, hits_1, cases_1, method="newcomb", compare="diff", alpha=1 - LEVEL
    )
    hits = hits_1 + hits_2
    least_expected = min(cases_1, cases_2) * min(hits, cases_1 + cases_2 - hits) / (cases_1 + cases_2)
    if least_expected < 5:
        test = "Fisher's exact test"
        p_value = stats.fisher_exact([[hits_1, cases_1 - hits_1], [hits_2, cases_2 - hits_2]])[1]
    else:
        test = "score test"
        p_value = proportion.test_proportions_2indep(
            hits_2, cases_2, hits_1, cases_1, method="score", compare="diff", correction=False
        ).pvalue
    return Comparison(
        share_1, share_2, cases_1, cases_2, share_2 - share_1, float(low), float(high), float(p_value), test,
        float(proportion.proportion_effectsize(share_2, share_1)), "Cohen's h",
    )  # fmt: skip


def compare_means(values_1: ArrayLike, values_2: ArrayLike) -> Comparison:
    """Means of independent cases, by Welch's t. Raises TooFew with fewer than 2 values in a group."""
    first, second = (np.asarray(values, dtype=float) for values in (values_1, values_2))
    return compare_means_of(
        *(
            (group.mean(), group.std(ddof=1), len(group)) if len(group) > 1 else (0, 0, len(group))
            for group in (first, second)
        )
    )


def compare_means_of(group_1: tuple[float, float, int], group_2: tuple[float, float, int]) -> Comparison:
    """The same from (mean, standard deviation with n − 1, number of cases) of each group, as reports print them."""
    (mean_1, sd_1, cases_1), (mean_2, sd_2, cases_2) = group_1, group_2
    if min(cases_1, cases_2) < 2:
        raise TooFew(f"{cases_1} and {cases_2} cases, at least 2 each are needed")
    variances = sd_1**2 / cases_1, sd_2**2 / cases_2
    freedom = _freedom(variances, (cases_1, cases_2))
    low, high, p_value = _welch(mean_2 - mean_1, sum(variances), freedom)
    pooled = math.sqrt(((cases_1 - 1) * sd_1**2 + (cases_2 - 1) * sd_2**2) / (cases_1 + cases_2 - 2))
    correction = 1 - 3 / (4 * (cases_1 + cases_2) - 9)
    effect = (mean_2 - mean_1) / pooled * correction if pooled else (0.0 if mean_1 == mean_2 else math.inf)
    return Comparison(
        mean_1, mean_2, cases_1, cases_2, mean_2 - mean_1, low, high, p_value, "Welch's t test", effect, "Hedges' g"
    )


def compare_rates(events_1: int, exposure_1: float, events_2: int, exposure_2: float) -> Comparison:
    """Events per unit of exposure (days, calls), each event by itself. Raises TooFew without exposure or events."""
    from statsmodels.stats import rates

    if min(exposure_1, exposure_2) <= 0 or events_1 + events_2 == 0:
        raise TooFew(f"{events_1} and {events_2} events in {exposure_1:g} and {exposure_2:g}")
    low, high = rates.confint_poisson_2indep(
        events_2, exposure_2, events_1, exposure_1, method="score", compare="diff", alpha=1 - LEVEL
    )
    p_value = rates.test_poisson_2indep(
        events_2, exposure_2, events_1, exposure_1, method="score", compare="diff"
    ).pvalue
    rate_1, rate_2 = events_1 / exposure_1, events_2 / exposure_2
    return Comparison(
        rate_1, rate_2, events_1, events_2, rate_2 - rate_1, float(low), float(high), float(p_value),
        "score test of Poisson rates", rate_2 / rate_1 if rate_1 else math.inf, "ratio",
    )  # fmt: skip


def compare_ratios(
    numerators_1: ArrayLike,
    denominators_1: ArrayLike,
    numerators_2: ArrayLike,
    denominators_2: ArrayLike,
    days: tuple[ArrayLike, ArrayLike] | None = None,
    over: str = "days",
) -> Comparison:
    """Sums divided by sums, with days (or what `over` says) as cases: service level, handle time, calls per hour.

    A ratio varies as its days lie around it: r = Σa / Σb has the variance Σ(a − r b)² · n / (n − 1) / (Σb)². Days
    without denominator are left out. `days` names those of either group: on a day that is in both, a bad morning is bad
    for both, and what they differ by varies less than each. Raises TooFew with fewer than `LEAST_DAYS` days in a group.
    """
    groups, names = [], []
    for number, values in enumerate(((numerators_1, denominators_1), (numerators_2, denominators_2))):
        above, below = (np.asarray(column, dtype=float) for column in values)
        groups.append((above[below > 0], below[below > 0]))
        if days is not None:
            names.append(np.asarray(days[number])[below > 0])
    cases = tuple(len(below) for _, below in groups)
    if min(cases) < LEAST_DAYS:
        raise TooFew(f"{cases[0]} and {cases[1]} {over}, at least {LEAST_DAYS} each are needed")
    ratios = [float(above.sum() / below.sum()) for above, below in groups]
    # By how much each day moves its ratio.
    moves = [(above - ratio * below) / below.sum() for ratio, (above, below) in zip(ratios, groups, strict=True)]
    if names and len(np.intersect1d(*names)):
        every = np.union1d(*names)
        together = np.zeros(len(every))
        for name, move, sign in zip(names, moves, (-1, 1), strict=True):
            together[np.searchsorted(every, name)] += sign * move
        variance, freedom = float((together**2).sum()) * len(every) / (len(every) - 1), len(every) - 1
        test = f"paired t test over {over}"
    else:
        variances = tuple(float((move**2).sum()) * len(move) / (len(move) - 1) for move in moves)
        variance, freedom, test = sum(variances), _freedom(variances, cases), f"Welch's t test over {over}"
    low, high, p_value = _welch(ratios[1] - ratios[0], variance, freedom)
    return Comparison(
        ratios[0], ratios[1], cases[0], cases[1], ratios[1] - ratios[0], low, high, p_value, test,
        ratios[1] / ratios[0] if ratios[0] else math.inf, "ratio",
    )  # fmt: skip


def compare_clusters(
    numerators_1: ArrayLike,
    denominators_1: ArrayLike,
    numerators_2: ArrayLike,
    denominators_2: ArrayLike,
    over: str = "agents",
) -> Comparison:
    """Sums divided by sums whose cases hang together within clusters, agents say; one entry per cluster and group.

    The same position is the same cluster in both groups, with denominator 0 where it has no case: who is in both
    periods is compared with himself. The difference of the ratios varies as the clusters' shares in it do:
    e = (a₂ − r₂ b₂) / Σb₂ − (a₁ − r₁ b₁) / Σb₁ has the variance Σe² · m / (m − 1), with m clusters in the smaller
    group. Raises TooFew with fewer than `LEAST_DAYS` clusters in a group.
    """
    above, below = (
        np.array([numbers_1, numbers_2], dtype=float)
        for numbers_1, numbers_2 in ((numerators_1, numerators_2), (denominators_1, denominators_2))
    )
    above = np.where(below > 0, above, 0.0)
    first, second = (int(number) for number in (below > 0).sum(axis=1))
    smaller = min(first, second)
    if smaller < LEAST_DAYS:
        raise TooFew(f"{first} and {second} {over}, at least {LEAST_DAYS} each are needed")
    sums = below.sum(axis=1)
    ratios = above.sum(axis=1) / sums
    parts = (above - ratios[:, None] * below) / sums[:, None]
    variance = float(((parts[1] - parts[0]) ** 2).sum() * smaller / (smaller - 1))
    difference = float(ratios[1] - ratios[0])
    low, high, p_value = _welch(difference, variance, smaller - 1)
    return Comparison(
        float(ratios[0]), float(ratios[1]), first, second, difference, low, high, p_value,
        f"cluster-robust t test over {over}", float(ratios[1] / ratios[0]) if ratios[0] else math.inf, "ratio",
    )  # fmt: skip


def _freedom(variances: tuple[float, float], cases: tuple[int, int]) -> float:
    below = sum(variance**2 / (number - 1) for variance, number in zip(variances, cases, strict=True))
    return sum(variances) ** 2 / below if below else float(sum(cases) - 2)


def _welch(difference: float, variance: float, freedom: float) -> tuple[float, float, float]:
    from scipy import stats

    if variance == 0:
        # All cases alike: the difference is certain, or none at all.
        return difference, difference, 1.0 if difference == 0 else 0.0
    error = math.sqrt(variance)
    reach = stats.t.ppf(0.5 + LEVEL / 2, freedom) * error
    return difference - reach, difference + reach, float(2 * stats.t.sf(abs(difference) / error, freedom))


# ---- in words

_UNITS = {
    # unit: (factor, digits, of a value in English and Chinese, of a difference in English and Chinese)
    "share": (100, 1, " %", "%", " points", "个百分点"),
    "seconds": (1, 1, " s", "秒", " s", "秒"),
    "hours": (1, 1, " h", "小时", " h", "小时"),
    "count": (1, 1, " a day", "/天", " a day", "/天"),
    "ratio": (1, 2, "", "", "", ""),
    "per_hour": (1, 1, " an hour", "/小时", " an hour", "/小时"),
    "points": (1, 1, " points", "分", " points", "分"),
    "amount": (1, 0, " yuan", "元", " yuan", "元"),
}


@dataclass(frozen=True)
class Shown:
    """A comparison as a table shows it, each figure with its unit."""

    value_1: str
    value_2: str
    difference: str
    interval: str
    p_value: str
    effect: str


def shown(found: Comparison, unit: str) -> Shown:
    """The figures of a comparison as texts. `unit` is that of a KPI."""
    _, _, value_en, _, change_en, _ = _UNITS[unit]
    change_unit = " pp" if unit == "share" else change_en
    low, high = (_number(value, found, unit, sign=True) for value in (found.low, found.high))
    return Shown(
        f"{_number(found.value_1, found, unit)}{value_en}",
        f"{_number(found.value_2, found, unit)}{value_en}",
        f"{_number(found.difference, found, unit, sign=True)}{change_unit}",
        f"{low} … {high}{change_unit}",
        "p < 0.001" if found.p_value < 0.001 else f"p = {found.p_value:.3f}",
        f"{found.effect_name} {found.effect:.2f}".replace("-", "−") if math.isfinite(found.effect) else "",
    )


def _number(value: float, found: Comparison, unit: str, sign: bool = False) -> str:
    factor, digits = _UNITS[unit][:2]
    # A few a month are none a day, with one digit.
    if unit == "count" and max(found.value_1, found.value_2) < 10:
        digits = 2
    text = f"{value * factor:+,.{digits}f}" if sign else f"{value * factor:,.{digits}f}"
    return text.replace("-", "−")


def in_words(found: Comparison, unit: str) -> tuple[str, str]:
    """The comparison as a sentence in English and one in Chinese. `unit` is that of a KPI."""
    _, _, value_en, value_zh, change_en, change_zh = _UNITS[unit]
    texts = shown(found, unit)
    before, after, size = (
        _number(value, found, unit) for value in (found.value_1, found.value_2, abs(found.difference))
    )
    change, low, high = (_number(value, found, unit, sign=True) for value in (found.difference, found.low, found.high))
    if found.is_clear:
        english = f"{'Higher' if found.difference > 0 else 'Lower'} by {size}{change_en}: "
        chinese = f"{'上升' if found.difference > 0 else '下降'}{size}{change_zh}："
    else:
        english, chinese = "No clear difference: ", "无明显差异："
    effect_en, effect_zh = (f"; {texts.effect}", f"；效应量 {texts.effect}") if texts.effect else ("", "")
    cases = f"n = {found.cases_1:,} · {found.cases_2:,}"
    return (
        f"{english}{before} → {after}{value_en}, difference {change} "
        f"(95 % interval {low} to {high}, {texts.p_value}{effect_en}; {cases}).",
        f"{chinese}{before} → {after}{value_zh}，差 {change}"
        f"（95% 区间 {low} 至 {high}，{texts.p_value}{effect_zh}；{cases}）。",
    )
