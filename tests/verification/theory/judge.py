"""Whether replications agree with an expected value, and how small an error they would show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, t


@dataclass(frozen=True, slots=True)
class Judgement:
    """``half_width``: of the interval at ``level``. ``error``: standard error of the mean.

    ``p``: two-sided. ``z``: the normal value with the same p, signed like mean - expected.
    """

    mean: float
    expected: float
    half_width: float
    error: float
    z: float
    p: float
    level: float

    def agrees(self, critical: float) -> bool:
        """Return whether z is between -critical and critical."""
        return abs(self.z) <= critical


def judge(means: Sequence[float], expected: float, level: float = 0.95) -> Judgement:
    """Return what independent replications' means say about ``expected``.

    Student 1908 (Biometrika 6): (mean - expected) / error has a t law with n - 1 degrees of
    freedom, if the means are normal. Without any spread, z is 0 if the mean is equal to 1e-9 of
    the expected value and infinite if not. Raises ValueError for fewer than two, or no numbers.
    """
    values = np.asarray(means, dtype=np.float64)
    if len(values) < 2 or not np.isfinite(values).all():
        raise ValueError("a judgement needs two replications or more, and only finite means")
    mean, freedom = float(values.mean()), len(values) - 1
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    gap = mean - expected
    if error <= 1e-12 * abs(mean):
        same = math.isclose(mean, expected, rel_tol=1e-9, abs_tol=1e-9)
        z, p = (0.0, 1.0) if same else (math.copysign(math.inf, gap), 0.0)
    else:
        tail = float(t.sf(abs(gap) / error, freedom))
        z, p = math.copysign(float(norm.isf(tail)), gap), 2.0 * tail
    half_width = float(t.isf((1.0 - level) / 2.0, freedom)) * error
    return Judgement(mean, expected, half_width, error, z, p, level)


def critical_z(cases: int, false_alarm: float = 0.01) -> float:
    """Return the size of z that some of ``cases`` true cases exceeds with chance ``false_alarm``.

    C. E. Bonferroni 1936: each case is judged two-sided at false_alarm / cases.
    """
    if cases < 1:
        raise ValueError("there must be a case to judge")
    return float(norm.isf(false_alarm / cases / 2.0))


def smallest_seen(error: float, z_crit: float, power: float = 0.8) -> float:
    """Return the smallest error that is found with chance ``power``: (z_crit + z_power) * error.

    J. Cohen, Statistical Power Analysis, 1988, chapter 2 (the other tail is negligible).
    """
    return (z_crit + float(norm.ppf(power))) * error


def detects(
    error: float, expected: float, z_crit: float, share: float = 0.02, power: float = 0.8
) -> bool:
    """Return whether an error of ``share`` of ``expected`` would be found with chance ``power``."""
    return share * abs(expected) >= smallest_seen(error, z_crit, power)
