"""How far an estimate may be off where cases hang together: by day, since they wait for the same agents, and by agent.

Two answers, of which the larger counts:

- Each group is left out in turn, and the estimate moves: the jackknife. It is not fitted anew without each, one step of
  Newton's method does (MacKinnon, Nielsen & Webb 2023, *Fast and reliable jackknife and bootstrap methods for
  cluster-robust inference*).
- Every group has something of its own, drawn with the same spread for all: what the whole centre tells of how agents
  differ holds for its two trainees too, who alone could not tell (Donald & Lang 2007).

The usual sandwich fails for the second: it takes few trainees for as alike as they happen to be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

LEVEL = 0.95


def variances_of(
    scores: np.ndarray,
    information: Callable[[np.ndarray], np.ndarray],
    constant: int,
    groups: Sequence[np.ndarray],
    by_themselves: np.ndarray | None = None,
    slopes: np.ndarray | None = None,
) -> np.ndarray:
    """Variance of each estimate, robust to what the cases of a group have in common.

    `scores`         cases × parameters: gradient of each case's log likelihood at the estimate
    `information`    rows (indices) → parameters × parameters: minus the second derivatives, summed over these cases
    `constant`       number of the parameter that moves all cases alike
    `groups`         one or two groupings, each an array of group numbers from 0, one per case
    `by_themselves`  parameters × parameters: variance of the summed scores if nothing hung together; from `scores`,
                     unless a case is itself a sum
    `slopes`         estimates × parameters: derivatives of the estimates, where these are not the parameters

    With two groupings: their variances added, less that of the cells that they share, and never less than either
    (Cameron, Gelbach & Miller 2011).
    """
    everybody = information(np.arange(len(scores)))
    slopes = np.eye(len(everybody)) if slopes is None else slopes
    own = scores.T @ scores if by_themselves is None else by_themselves
    single = []
    for group in groups:
        parts = [information(rows) for rows in _rows_of(group)]
        sums = _summed(scores, group)
        left_out = _left_out(sums, parts, everybody, slopes)
        single.append(np.maximum(left_out, _of_one_spread(sums, parts, everybody, own, constant, slopes)))
    if len(groups) == 1:
        return single[0]
    first, second = groups
    cells = np.unique(first.astype(np.int64) * (int(second.max()) + 1) + second, return_inverse=True)[1]
    steps = np.linalg.solve(everybody, _summed(scores, cells).T).T @ slopes.T
    shared = (steps**2).sum(axis=0) * len(steps) / max(len(steps) - 1, 1)
    return np.maximum.reduce([*single, sum(single) - shared])


def reach(groups: Sequence[np.ndarray]) -> float:
    """Standard errors on either side that make an interval of 95 %: Student's t with the fewest groups less one."""
    from scipy import stats

    return float(stats.t.ppf(0.5 + LEVEL / 2, freedom_of(groups)))


def freedom_of(groups: Sequence[np.ndarray]) -> int:
    """The fewest groups less one."""
    return min(int(group.max()) for group in groups)


def _left_out(sums: np.ndarray, parts: list[np.ndarray], everybody: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    steps = np.zeros_like(sums)
    for place, part in enumerate(parts):
        rest = everybody - part
        # Of what only this group tells nothing is known without it: that estimate stays.
        kept = np.diag(rest) > 1e-9 * np.diag(everybody)
        steps[place, kept] = np.linalg.solve(rest[np.ix_(kept, kept)], sums[place, kept])
    return ((steps @ slopes.T) ** 2).sum(axis=0) * (len(steps) - 1) / len(steps)


def _of_one_spread(
    sums: np.ndarray, parts: list[np.ndarray], everybody: np.ndarray, own: np.ndarray, constant: int, slopes: np.ndarray
) -> np.ndarray:
    # What the score of a group varies by more than its cases do is the spread between groups, by moments. A centre's
    # mean, and a trainee's, are estimated too: two groups' worth of variation is gone.
    shifts = np.stack([part[:, constant] for part in parts])
    weights = (shifts[:, constant] ** 2).sum() * (1 - 2 / len(parts))
    spread = max(0.0, float((sums[:, constant] ** 2).sum() - own[constant, constant]) / weights) if weights > 0 else 0.0
    inner = own + spread * shifts.T @ shifts
    outer = slopes @ np.linalg.inv(everybody)
    return np.einsum("ij,jk,ik->i", outer, inner, outer)


def _rows_of(group: np.ndarray) -> list[np.ndarray]:
    order = np.argsort(group, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def _summed(scores: np.ndarray, group: np.ndarray) -> np.ndarray:
    number = int(group.max()) + 1
    return np.stack([np.bincount(group, weights=column, minlength=number) for column in scores.T], axis=1)
