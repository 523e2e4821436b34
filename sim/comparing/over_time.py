"""A difference over time: the curve of a variant less that of the base, hour by hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.store.curves import read_curve
from sim.store.result import Result

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DifferenceCurve:
    """Variant less base at ``hours`` since the start, in the unit of the curve.

    ``low`` and ``high`` bound the mean at each hour by itself (Student's t over the paired
    differences), NaN for one run.
    """

    variant: str
    hours: Floats
    mean: Floats
    low: Floats
    high: Floats
    runs: int


def difference_curve(
    base: Result,
    variant: Result,
    replications: Sequence[int],
    measure: str,
    *,
    product: str = "",
    echelon: str = "",
    level: float = 0.95,
) -> DifferenceCurve | None:
    """Return how a curve of the variant differs from that of the base in these replications, up to
    the last hour that both have; None if one of them has no such curve in all of them."""
    both = [read_curve(r, measure, product=product, echelon=echelon) for r in (base, variant)]
    values = []
    hours: Floats | None = None
    for curve in both:
        if curve is None or not np.isin(replications, curve.replications).all():
            return None
        hours = curve.hours if hours is None else np.intersect1d(hours, curve.hours)
        values.append(curve.values[np.searchsorted(curve.replications, replications)])
    assert hours is not None
    first, second = (
        rows[:, np.searchsorted(curve.hours, hours)]
        for rows, curve in zip(values, both, strict=True)
        if curve is not None
    )
    mean, low, high = mean_bounds(second - first, level)
    return DifferenceCurve(variant.name, hours, mean, low, high, len(replications))


def mean_bounds(differences: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    """Return the mean over rows (runs) and Student's t bounds, column by column; the bounds of one
    run are NaN."""
    n = len(differences)
    mean = differences.mean(axis=0)
    if n == 1:
        return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    error = differences.std(axis=0, ddof=1) / np.sqrt(n)
    half = float(stdtrit(n - 1, (1.0 + level) / 2.0)) * error
    return mean, mean - half, mean + half
