"""By how many points of its scale a rating goes with a circumstance: normal regression of ratings known to a step.

A customer's opinion is taken as a number on the scale, of which the rating is the nearest step: a 4 is something
between 3.5 and 4.5, a 5 anything above 4.5, a 1 anything below 1.5. Fitted by maximum likelihood, the effects are those
on the opinion, in points. Least squares of the ratings themselves would give less: of two customers who would have said
6 and 5 both say 5. It takes the steps for equally wide; where they are not, points mean nothing.

Source: Stewart (1983), *On least squares estimation when the dependent variable is grouped*, in the parameters of
Burridge (1981), effects ÷ noise and 1 ÷ noise, in which the likelihood has a single hill. statsmodels' `OrderedModel`
estimates the steps too, in units of the noise, and has no clusters; tests compare with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hotline.statistics.clusters import reach, variances_of

MOST_STEPS = 50


class NoEstimate(ValueError):
    """The ratings do not tell: circumstances that can't be told apart, or an effect without end."""


@dataclass(frozen=True)
class Effects:
    """Points with one unit more of each column of the design; `low` and `high` bound them with 95 %."""

    points: np.ndarray
    errors: np.ndarray
    low: np.ndarray
    high: np.ndarray
    noise: float
    """Standard deviation of the opinions of customers in the same circumstances, points."""


def effects_on_rating(
    ratings: np.ndarray, design: np.ndarray, scale: tuple[int, int], groups: Sequence[np.ndarray]
) -> Effects:
    """Fit whole numbers on a scale from `scale[0]` to `scale[1]`; `groups` as for `variances_of`: by day, and by agent.

    `design` has a row per rating and a column per circumstance, the last of them a constant 1. Raises NoEstimate, and
    ValueError for a rating outside of the scale.
    """
    lowest, highest = scale
    if ratings.min() < lowest or ratings.max() > highest:
        raise ValueError(f"ratings from {ratings.min():g} to {ratings.max():g} on a scale of {lowest} to {highest}")
    if ratings.min() == ratings.max():
        raise NoEstimate("all ratings are the same")
    from_ = np.where(ratings == lowest, -np.inf, ratings - 0.5)
    to = np.where(ratings == highest, np.inf, ratings + 0.5)
    return effects_between(from_, to, design, groups)


def effects_between(from_: np.ndarray, to: np.ndarray, design: np.ndarray, groups: Sequence[np.ndarray]) -> Effects:
    """The same for values of which each is known to lie between two numbers, which may be infinite."""
    parameters, (by_effect, by_noise), curvature = _fitted(from_, to, design)
    noise = 1 / parameters[-1]
    points = parameters[:-1] * noise

    def information(rows: np.ndarray) -> np.ndarray:
        return _second(design[rows], tuple(part[rows] for part in curvature))

    scores = np.column_stack([design * by_effect[:, None], by_noise])
    slopes = np.column_stack([np.eye(len(points)) * noise, -points * noise])
    errors = np.sqrt(variances_of(scores, information, len(points) - 1, groups, slopes=slopes))
    far = reach(groups) * errors
    return Effects(points, errors, points - far, points + far, noise)


def _fitted(
    from_: np.ndarray, to: np.ndarray, design: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Newton's method: effects ÷ noise and 1 ÷ noise, with each case's gradient and curvature there."""
    middle = np.where(np.isinf(from_), to, np.where(np.isinf(to), from_, (from_ + to) / 2))
    start, _, rank, _ = np.linalg.lstsq(design, middle, rcond=None)
    if rank < design.shape[1]:
        raise NoEstimate("some circumstances always come together")
    spread = max(float((middle - design @ start).std()), 0.1)
    parameters = np.append(start, 1) / spread
    value, score, curvature = _likelihood(parameters, from_, to, design)
    for _ in range(MOST_STEPS):
        gradient = np.append(design.T @ score[0], score[1].sum())
        try:
            step = np.linalg.solve(_second(design, curvature), gradient)
        except np.linalg.LinAlgError:
            break
        if float(gradient @ step) < 1e-8:
            return parameters, score, curvature
        for _ in range(30):
            new = parameters + step
            if new[-1] > 0:
                found = _likelihood(new, from_, to, design)
                if found[0] > value:
                    break
            step = step / 2
        else:
            break
        parameters, (value, score, curvature) = new, found
    raise NoEstimate("the likelihood has no top")


def _second(design: np.ndarray, curvature: tuple[np.ndarray, ...]) -> np.ndarray:
    """Minus the second derivatives of the likelihood, summed over the rows of the design."""
    of_effects, mixed, of_noise = curvature
    columns = design.shape[1]
    whole = np.empty((columns + 1, columns + 1))
    whole[:-1, :-1] = design.T @ (design * of_effects[:, None])
    whole[:-1, -1] = whole[-1, :-1] = design.T @ mixed
    whole[-1, -1] = of_noise.sum()
    return whole


def _likelihood(
    parameters: np.ndarray, from_: np.ndarray, to: np.ndarray, design: np.ndarray
) -> tuple[float, tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Logarithm of the likelihood, and per case its derivatives by middle and 1 ÷ noise, and minus the second ones."""
    from scipy.special import ndtr

    middle = design @ parameters[:-1]
    upper, lower = parameters[-1] * to - middle, parameters[-1] * from_ - middle
    # The difference of two numbers near 1 would lose its digits: both are turned to the other side.
    sign = np.where(lower > 0, -1.0, 1.0)
    chance = np.maximum(np.abs(ndtr(sign * upper) - ndtr(sign * lower)), 1e-300)
    at_upper, at_lower = (np.exp(-0.5 * bound**2) / np.sqrt(2 * np.pi) / chance for bound in (upper, lower))
    # Where a side is open nothing is there: 0 × ∞ is to be 0.
    upper, lower, to, from_ = (np.where(np.isinf(bound), 0.0, bound) for bound in (upper, lower, to, from_))
    first = at_upper - at_lower
    second = to * at_upper - from_ * at_lower
    curvature = (
        upper * at_upper - lower * at_lower + first**2,
        lower * from_ * at_lower - upper * to * at_upper - first * second,
        upper * to**2 * at_upper - lower * from_**2 * at_lower + second**2,
    )
    return float(np.log(chance).sum()), (-first, second), curvature
