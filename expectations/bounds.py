"""Robust bounds: how far a value lies from the values before it. Pure functions on arrays."""

from __future__ import annotations

import warnings

import numpy as np

MAD_TO_SD = 1.4826
"""Makes the median absolute deviation of a normal distribution its standard deviation."""


def earlier(values: np.ndarray, count: int, step: int = 1) -> np.ndarray:
    """For each position the `count` values at distances step, 2*step, … before it; NaN where there are none.

    values (n,) -> (n, count).
    """
    padded = np.concatenate([np.full(count * step, np.nan), values.astype(float)])
    n = len(values)
    return np.stack(
        [padded[count * step - k * step : count * step - k * step + n] for k in range(1, count + 1)], axis=1
    )


def centre_and_spread(window: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median, robust standard deviation and number of values per row; NaN counts as absent.

    window (n, k) -> three arrays (n,); NaN where a row has no value at all.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a row of NaN only: the answer is NaN, as wanted
        centre = np.nanmedian(window, axis=1)
        spread = MAD_TO_SD * np.nanmedian(np.abs(window - centre[:, None]), axis=1)
    return centre, spread, np.count_nonzero(~np.isnan(window), axis=1)
