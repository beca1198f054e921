"""Survey statistics: reliability, suitability for factors, group differences, drivers.

Arrays of answers are people × items in floats, NaN where an item was not answered, reversed items already turned
(`turned`). Where answers are missing, covariances are those of the people who answered both items (pairwise), as in
psych (R) and pingouin; what needs a proper correlation matrix (KMO, Bartlett, omega, regression) looks at those who
answered everything. What can't be computed (one item, no variance, too few people) is NaN, never an error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Array = np.ndarray

ENTER, REMOVE = 0.05, 0.10
"""A term enters a stepwise regression below the first p, and leaves it above the second: SPSS's defaults."""


def turned(answers: Array, is_reversed: Sequence[bool], lowest: Sequence[float], highest: Sequence[float]) -> Array:
    """Answers with reversed items mirrored within their scale: 2 of 1 to 5 becomes 4."""
    sums = np.asarray(lowest, dtype=float) + np.asarray(highest, dtype=float)
    return np.where(np.asarray(is_reversed, dtype=bool), sums - answers, answers)


def covariances(answers: Array) -> tuple[Array, Array]:
    """Pairwise covariances (n − 1) of the items, items × items, and the number of people behind each."""
    known = ~np.isnan(answers)
    # Centred first: sums of squares of large numbers would lose digits.
    centred = np.where(known, answers - _mean_of_columns(answers, known), 0.0)
    weights = known.astype(float)
    counts = weights.T @ weights
    sums = centred.T @ weights
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (centred.T @ centred - sums * sums.T / counts) / (counts - 1)
    return np.where(counts > 1, found, np.nan), counts.astype(int)


def _mean_of_columns(answers: Array, known: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.where(known, answers, 0.0).sum(axis=0) / known.sum(axis=0)


@dataclass(frozen=True)
class Reliability:
    """Internal consistency of one scale; the arrays are one value per item."""

    items: int
    people: int
    """Who answered at least one item."""
    alpha: float
    alpha_low: float
    alpha_high: float
    omega: float
    alpha_if_deleted: Array
    item_total: Array
    """Correlation of each item with the sum of the others."""


def reliability(answers: Array, confidence: float = 0.95) -> Reliability:
    """Cronbach's alpha with Feldt's interval, alpha if an item is deleted, item–total correlations, McDonald's omega.

    Alpha: k/(k − 1) · (1 − Σ variances / variance of the sum). Its interval rests on (1 − α)/(1 − a) being F with n − 1
    and (n − 1)(k − 1) degrees (Feldt, Woodruff & Salih 1987).
    """
    from scipy.stats import f

    people, items = int((~np.isnan(answers)).any(axis=1).sum()), answers.shape[1]
    covariance, _ = covariances(answers)
    alpha = _alpha(covariance)
    low = high = math.nan
    if not math.isnan(alpha) and people > 1:
        degrees = people - 1
        tail = (1 - confidence) / 2
        low = 1 - (1 - alpha) * f.isf(tail, degrees, degrees * (items - 1))
        high = 1 - (1 - alpha) * f.isf(1 - tail, degrees, degrees * (items - 1))
    others = [np.delete(np.arange(items), item) for item in range(items)]
    if_deleted = np.array([_alpha(covariance[np.ix_(kept, kept)]) for kept in others])
    variances = np.diag(covariance)
    with_rest = covariance.sum(axis=1) - variances
    rest = covariance.sum() - 2 * covariance.sum(axis=1) + variances
    with np.errstate(invalid="ignore", divide="ignore"):
        item_total = with_rest / np.sqrt(variances * rest)
    return Reliability(
        items, people, alpha, low, high, omega(answers), if_deleted, item_total if items > 1 else np.full(items, np.nan)
    )


def _alpha(covariance: Array) -> float:
    items, total = len(covariance), covariance.sum()
    if items < 2 or not total > 0:
        return math.nan
    return float(items / (items - 1) * (1 - np.trace(covariance) / total))


def complete(answers: Array) -> Array:
    """The people who answered every item."""
    return answers[~np.isnan(answers).any(axis=1)]


def omega(answers: Array) -> float:
    """McDonald's omega of the sum of the items: share of its variance due to one common factor, by maximum likelihood.

    (Σ loadings)² / ((Σ loadings)² + Σ unique variances), in the metric of the answers. NaN for fewer than three items,
    which don't determine a factor, or where a unique variance is driven to zero.
    """
    answers = complete(answers)
    people, items = answers.shape
    if items < 3 or people <= items or not (answers.std(axis=0) > 0).all():
        return math.nan
    loadings, unique = one_factor(np.corrcoef(answers, rowvar=False))
    deviations = answers.std(axis=0, ddof=1)
    common = float((loadings * deviations).sum()) ** 2
    if not (unique > 1e-4).all():
        return math.nan
    return common / (common + float((unique * deviations**2).sum()))


def one_factor(correlation: Array) -> tuple[Array, Array]:
    """Loadings and unique variances of one factor, by maximum likelihood (Jöreskog 1967, as in factanal).

    For given unique variances the best loadings are known, so the search is over those alone.
    """
    from scipy.optimize import minimize

    items = len(correlation)
    start = np.log(np.clip((1 - 0.5 / items) / np.diag(np.linalg.inv(correlation)), 0.005, 0.995))

    def split(logs: Array) -> tuple[Array, Array, Array, Array]:
        unique = np.exp(logs)
        scale = np.sqrt(unique)
        values, vectors = np.linalg.eigh(correlation / np.outer(scale, scale))
        return unique, scale, values, vectors

    def objective(logs: Array) -> tuple[float, Array]:
        unique, scale, values, vectors = split(logs)
        rest = np.maximum(values[:-1], 1e-12)
        loadings = scale * vectors[:, -1] * math.sqrt(max(values[-1] - 1, 0))
        # Lawley & Maxwell: Σ (e − log e − 1) over the eigenvalues left, with its derivative.
        weighted = loadings / unique
        # Of a diagonal and one outer product the inverse is known (Sherman & Morrison 1950).
        inverse = np.diag(1 / unique) - np.outer(weighted, weighted) / (1 + weighted @ loadings)
        slope = (np.diag(inverse) - ((inverse @ correlation) * inverse).sum(axis=1)) * unique
        return float((rest - np.log(rest) - 1).sum()), slope

    bounds = [(math.log(5e-5), 0.0)] * items
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-10}
    )
    unique, scale, values, vectors = split(found.x)
    loadings = scale * vectors[:, -1] * math.sqrt(max(values[-1] - 1, 0))
    return loadings * (1 if loadings.sum() >= 0 else -1), unique


@dataclass(frozen=True)
class Suitability:
    """Whether items share enough for a factor analysis."""

    people: int
    """Who answered every item."""
    kmo: float
    kmo_of_items: Array
    chi_square: float
    degrees: int
    p: float


def suitability(answers: Array) -> Suitability:
    """Kaiser–Meyer–Olkin measure, overall and per item, and Bartlett's test that the items are uncorrelated.

    KMO: Σ r² / (Σ r² + Σ partial r²) off the diagonal (Kaiser & Rice 1974). Bartlett: −(n − 1 − (2k + 5)/6) ln |R|.
    """
    from scipy.stats import chi2

    answers = complete(answers)
    people, items = answers.shape
    degrees = items * (items - 1) // 2
    nothing = Suitability(people, math.nan, np.full(items, np.nan), math.nan, degrees, math.nan)
    if items < 2 or people <= items or not (answers.std(axis=0) > 0).all():
        return nothing
    correlation = np.corrcoef(answers, rowvar=False)
    sign, log_determinant = np.linalg.slogdet(correlation)
    if sign <= 0 or np.linalg.cond(correlation) > 1e12:
        return nothing
    inverse = np.linalg.inv(correlation)
    scale = np.sqrt(np.diag(inverse))
    partial = -inverse / np.outer(scale, scale)
    off = ~np.eye(items, dtype=bool)
    shared, separate = np.where(off, correlation**2, 0).sum(axis=1), np.where(off, partial**2, 0).sum(axis=1)
    # An item that goes with no other has none of either.
    with np.errstate(invalid="ignore", divide="ignore"):
        overall, of_items = shared.sum() / (shared.sum() + separate.sum()), shared / (shared + separate)
    chi_square = -(people - 1 - (2 * items + 5) / 6) * log_determinant
    return Suitability(
        people=people,
        kmo=float(overall),
        kmo_of_items=of_items,
        chi_square=float(chi_square),
        degrees=degrees,
        p=float(chi2.sf(chi_square, degrees)),
    )


@dataclass(frozen=True)
class Difference:
    """Whether groups differ: the classic test, which takes their variances for equal, and Welch's beside it.

    Of two groups t, the difference of the first from the second with Welch's interval, and Hedges' g; of more F and ω².
    """

    kind: str
    """t or F."""
    classic: float
    classic_p: float
    welch: float
    welch_p: float
    degrees_1: float
    degrees_2: float
    """Welch's degrees of freedom; of t the first is 1."""
    effect: float
    """Hedges' g or ω²."""
    difference: float = math.nan
    difference_low: float = math.nan
    difference_high: float = math.nan


def difference(groups: Sequence[Array]) -> Difference | None:
    """The tests over two or more groups of scores (NaN left out); None where a group has no variance or one person."""
    from scipy.stats import f_oneway, ttest_ind

    groups = [group[~np.isnan(group)] for group in groups]
    if len(groups) < 2 or any(len(group) < 2 or not group.var() > 0 for group in groups):
        return None
    if len(groups) == 2:
        classic, welch = ttest_ind(*groups), ttest_ind(*groups, equal_var=False)
        low, high = welch.confidence_interval(0.95)
        return Difference(
            kind="t",
            classic=float(classic.statistic),
            classic_p=float(classic.pvalue),
            welch=float(welch.statistic),
            welch_p=float(welch.pvalue),
            degrees_1=1.0,
            degrees_2=float(welch.df),
            effect=hedges_g(*groups),
            difference=float(groups[0].mean() - groups[1].mean()),
            difference_low=float(low),
            difference_high=float(high),
        )
    from statsmodels.stats.oneway import anova_oneway

    classic = f_oneway(*groups)
    welch = anova_oneway(groups, use_var="unequal", welch_correction=True)
    return Difference(
        kind="F",
        classic=float(classic.statistic),
        classic_p=float(classic.pvalue),
        welch=float(welch.statistic),
        welch_p=float(welch.pvalue),
        degrees_1=float(welch.df_num),
        degrees_2=float(welch.df_denom),
        effect=omega_squared(groups),
    )


def hedges_g(first: Array, second: Array) -> float:
    """Standardised mean difference, corrected for small groups by 1 − 3 / (4 (n₁ + n₂) − 9) (Hedges 1981)."""
    degrees = len(first) + len(second) - 2
    pooled = ((len(first) - 1) * first.var(ddof=1) + (len(second) - 1) * second.var(ddof=1)) / degrees
    correction = 1 - 3 / (4 * (len(first) + len(second)) - 9)
    return float((first.mean() - second.mean()) / math.sqrt(pooled) * correction)


def omega_squared(groups: Sequence[Array]) -> float:
    """Share of variance that the groups explain, with less bias than η²: (SSb − dfb MSw) / (SSt + MSw) (Hays 1963)."""
    every = np.concatenate(groups)
    within = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    total = float(((every - every.mean()) ** 2).sum())
    mean_within = within / (len(every) - len(groups))
    return (total - within - (len(groups) - 1) * mean_within) / (total + mean_within)


def holm(p_values: Sequence[float]) -> Array:
    """p values corrected for their number (Holm 1979); NaN stays NaN and does not count."""
    values = np.asarray(p_values, dtype=float)
    corrected = np.full(len(values), np.nan)
    known = np.flatnonzero(~np.isnan(values))
    if len(known):
        order = known[np.argsort(values[known], kind="stable")]
        factors = np.arange(len(order), 0, -1)
        corrected[order] = np.minimum(1.0, np.maximum.accumulate(values[order] * factors))
    return corrected


@dataclass(frozen=True)
class Correlation:
    """Pearson's r with Fisher's 95 % interval."""

    people: int
    r: float
    low: float
    high: float
    p: float


def correlation(first: Array, second: Array) -> Correlation:
    """Of the people who have both values."""
    from scipy.stats import pearsonr

    both = ~(np.isnan(first) | np.isnan(second))
    first, second = first[both], second[both]
    if len(first) < 4 or not first.std() > 0 or not second.std() > 0:
        return Correlation(len(first), math.nan, math.nan, math.nan, math.nan)
    found = pearsonr(first, second)
    interval = found.confidence_interval(0.95)
    return Correlation(
        len(first), float(found.statistic), float(interval.low), float(interval.high), float(found.pvalue)
    )


@dataclass(frozen=True)
class Regression:
    """Least squares of an outcome on several terms; arrays are one value per term."""

    people: int
    r_squared: float
    adjusted: float
    p: float
    intercept: float
    coefficient: Array
    low: Array
    high: Array
    p_values: Array
    beta: Array
    """Coefficient between standardised values."""
    beta_low: Array
    beta_high: Array
    vif: Array
    """Variance inflation: 1 / (1 − R² of the term on the others)."""
    step: Array
    """When the term entered the stepwise regression, from 1; 0 for terms that are not in it at the end."""
    step_r_squared: Array
    """R² after that step."""


LEAST_PER_TERM = 5
"""People needed per term besides as many as there are terms: on fewer a regression fits noise."""


def regression(terms: Array, outcome: Array) -> Regression | None:
    """Forced entry of all terms (people × terms), stepwise beside it for comparison; None on too few people."""
    from statsmodels.regression.linear_model import OLS

    rows = complete(np.column_stack([terms, outcome]))
    values, target = rows[:, :-1], rows[:, -1]
    people, count = values.shape
    if count < 1 or people < LEAST_PER_TERM * count or not (rows.std(axis=0) > 0).all():
        return None
    correlations = np.corrcoef(values, rowvar=False).reshape(count, count)
    if np.linalg.cond(correlations) > 1e10:
        return None
    fitted = OLS(target, np.column_stack([np.ones(people), values])).fit()
    interval = fitted.conf_int(0.05)
    scale = values.std(axis=0, ddof=1) / target.std(ddof=1)
    step, step_r_squared = _stepwise(values, target)
    return Regression(
        people=people,
        r_squared=float(fitted.rsquared),
        adjusted=float(fitted.rsquared_adj),
        p=float(fitted.f_pvalue),
        intercept=float(fitted.params[0]),
        coefficient=fitted.params[1:],
        low=interval[1:, 0],
        high=interval[1:, 1],
        p_values=fitted.pvalues[1:],
        beta=fitted.params[1:] * scale,
        beta_low=interval[1:, 0] * scale,
        beta_high=interval[1:, 1] * scale,
        vif=np.diag(np.linalg.inv(correlations)),
        step=step,
        step_r_squared=step_r_squared,
    )


def _stepwise(values: Array, target: Array) -> tuple[Array, Array]:
    """Forward by the smallest p below `ENTER`; after each step what rose above `REMOVE` leaves."""
    from statsmodels.regression.linear_model import OLS

    def fit(chosen: list[int]):
        return OLS(target, np.column_stack([np.ones(len(target)), values[:, chosen]])).fit()

    count = values.shape[1]
    chosen: list[int] = []
    step, reached = np.zeros(count, dtype=int), np.full(count, np.nan)
    for number in range(1, 2 * count + 1):
        rest = [term for term in range(count) if term not in chosen]
        p_values = {term: float(fit([*chosen, term]).pvalues[-1]) for term in rest}
        best = min(p_values, key=p_values.get, default=None)
        if best is None or p_values[best] >= ENTER:
            break
        chosen.append(best)
        fitted = fit(chosen)
        step[best], reached[best] = number, fitted.rsquared
        while len(chosen) > 1 and max(fitted.pvalues[1:]) > REMOVE:
            gone = chosen.pop(int(np.argmax(fitted.pvalues[1:])))
            step[gone], reached[gone] = 0, np.nan
            fitted = fit(chosen)
    return step, reached
