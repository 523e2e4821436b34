"""What Postroad does not use: an interval that was tried against the one it has."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.statistics.intervals import Interval


def willink_interval(values: NDArray[np.float64], level: float = 0.95) -> Interval:
    """Return the interval of a mean by Student's t corrected for skewness.

    R. Willink (2005), A confidence interval and test for the mean of an asymmetric distribution,
    Communications in Statistics - Theory and Methods 34, 753-766; the transformation is that of P.
    Hall (1992, JRSS B 54, 221-228).
    """
    n, mean = len(values), float(values.mean())
    rest = values - mean
    error = float(values.std(ddof=1)) / math.sqrt(n)
    skewness = float((rest**3).mean() / (rest**2).mean() ** 1.5) * math.sqrt(n * (n - 1)) / (n - 2)
    a = skewness / (6 * math.sqrt(n))

    def bent(t: float) -> float:
        return (math.cbrt(1 + 6 * a * (t - a)) - 1) / (2 * a) if a else t

    t = float(stdtrit(n - 1, (1 + level) / 2))
    low, high = mean - bent(t) * error, mean - bent(-t) * error
    return Interval(mean, low, high, level, f"mean of {n} runs, Willink")
