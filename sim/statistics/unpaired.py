"""The difference between two sets of runs as if they had nothing to do with each other.

What one would have to say without common random numbers; beside the paired interval it shows what
pairing gains.
"""

from __future__ import annotations

import math

from scipy.special import stdtrit

from sim.statistics.intervals import Interval, Values


def unpaired_difference(base: Values, variant: Values, level: float = 0.95) -> Interval:
    """Return the difference of the means, variant less base, in the unit of the values.

    The interval is that of B. L. Welch (1947, Biometrika 34, 28-35): Student's t with the degrees
    of freedom of F. E. Satterthwaite (1946), for variances that may differ. NaN where a value is
    missing or infinite, or where either has fewer than two runs. Raises ValueError for a level
    outside (0, 1).
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"a level must lie between 0 and 1, found {level:g}")
    sizes, means, squares = [], [], []
    for values in (base, variant):
        runs = [float(value) for value in values]
        if len(runs) < 2 or not all(map(math.isfinite, runs)):
            why = "fewer than 2 runs" if len(runs) < 2 else "a value is missing"
            return Interval(math.nan, math.nan, math.nan, level, f"no difference: {why}")
        mean = math.fsum(runs) / len(runs)
        spread = math.fsum((value - mean) ** 2 for value in runs) / (len(runs) - 1)
        sizes.append(len(runs))
        means.append(mean)
        squares.append(spread / len(runs))
    found, square = means[1] - means[0], sum(squares)
    if square == 0:
        return Interval(found, found, found, level, "unpaired, no spread")
    freedom = square**2 / sum(s**2 / (n - 1) for s, n in zip(squares, sizes, strict=True))
    half = float(stdtrit(freedom, (1.0 + level) / 2.0)) * math.sqrt(square)
    return Interval(found, found - half, found + half, level, f"unpaired, Welch t({freedom:.1f})")
