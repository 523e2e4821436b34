"""Differences between regions in when their facilities are served."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def gini(values: Floats, weights: Floats) -> float:
    """Return the Gini coefficient of non-negative values with weights.

    Half the relative mean absolute difference: Σ w_i w_j |x_i − x_j| / (2 W² μ) (Gini 1914; Sen
    1973, On Economic Inequality, ch. 2). 0 is all alike. NaN without weight or with a mean of 0.
    """
    total = weights.sum()
    if total <= 0:
        return np.nan
    mean = float((weights * values).sum() / total)
    if mean == 0:
        return np.nan
    differences = np.abs(values[:, None] - values[None, :])
    return float(weights @ differences @ weights / (2 * total**2 * mean))


def worst_share_mean(times: Floats, share: float = 0.1) -> float:
    """Return the mean of the latest ``share`` of the times (at least one of them)."""
    if not len(times):
        return np.nan
    count = max(int(np.ceil(share * len(times) - 1e-9)), 1)
    return float(np.partition(times, len(times) - count)[len(times) - count :].mean())
