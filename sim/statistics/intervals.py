"""Intervals over replications: for a mean, a quantile, a probability, and the spread of runs.

One value per replication goes in, NaN where the event never happened in that run. A NaN is
never dropped: it makes a mean undefined, and a quantile too unless the caller says that such runs
are late, that is, that the event lies beyond the horizon and sorts above every value seen.

In a result, a bound of NaN is one that so few runs cannot give; a bound of inf lies beyond the
horizon. Sums are exact before they are rounded, so the order of the runs does not matter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, betaincinv, ndtri, stdtrit

Values = Sequence[float] | NDArray[np.float64]
Missing = Literal["undefined", "late"]

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with bounds, in the unit of the values.

    ``level`` is the confidence asked for; for :func:`spread` it is the share of runs inside.
    ``coverage`` is the exact probability of covering the true value where the method knows it.
    ``method`` says in words how the bounds were found, or why there are none.
    """

    estimate: float
    low: float
    high: float
    level: float
    method: str
    coverage: float | None = None


def mean_interval(values: Values, level: float = 0.95) -> Interval:
    """The mean with Student's t interval (Student 1908): mean +- t s / sqrt(n).

    One run gives an estimate without bounds; a NaN or an infinite value gives neither.
    Raises ValueError for a level outside (0, 1) or a value of -inf.
    """
    runs = _runs(values, level)
    if not runs or any(math.isnan(value) for value in runs):
        return _nothing(runs, "mean", level)
    if math.inf in runs:
        return Interval(math.nan, math.nan, math.nan, level, "no mean: a value is infinite")
    n = len(runs)
    mean = math.fsum(runs) / n
    if n == 1:
        return Interval(mean, math.nan, math.nan, level, "mean of 1 run, no interval")
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in runs) / (n - 1))
    half = float(stdtrit(n - 1, (1.0 + level) / 2.0)) * deviation / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, level, f"mean of {n} runs, Student t")


def quantile_interval(
    values: Values, p: float, level: float = 0.95, *, missing: Missing = "undefined"
) -> Interval:
    """The p-quantile between two order statistics, whatever the distribution.

    The interval from the r-th to the s-th smallest of n values covers the p-quantile with
    probability P(r <= B < s), B binomial (n, p) (H. A. David & H. N. Nagaraja, Order Statistics,
    3rd ed., 2003, section 7.1): exactly for a continuous distribution, at least so for any other.
    r is the largest and s the smallest rank that leave at most (1 - level) / 2 outside on their
    side, so ``coverage`` is at least ``level``. Where n is too small for such a rank the bound is
    NaN, and ``coverage`` counts it as unbounded. The estimate interpolates linearly between order
    statistics (type 7 of R. J. Hyndman & Y. Fan, 1996).

    ``missing="late"`` counts a NaN as an event beyond the horizon, +inf. Raises ValueError for p or
    a level outside (0, 1) or a value of -inf.
    """
    if not 0.0 < p < 1.0:
        raise ValueError(f"a quantile needs 0 < p < 1, found {p:g}")
    runs = _ordered(_runs(values, level), missing)
    if not runs or math.isnan(runs[-1]):
        return _nothing(runs, f"{p:g}-quantile", level)
    n = len(runs)
    below = np.array([0.0, *bdtr(np.arange(n), n, p), 1.0])  # below[j] = P(B <= j - 1)
    tail = (1.0 - level) / 2.0 + _ROUNDING
    r = int(np.flatnonzero(below[: n + 1] <= tail)[-1])
    s = int(np.flatnonzero(1.0 - below <= tail)[0])
    low = runs[r - 1] if r >= 1 else math.nan
    high = runs[s - 1] if s <= n else math.nan
    ranks = f"order statistics {r if r >= 1 else 'none'} and {s if s <= n else 'none'} of {n}"
    return Interval(_type7(runs, p), low, high, level, ranks, float(below[s] - below[r]))


def probability_interval(
    successes: int,
    n: int,
    level: float = 0.95,
    *,
    method: Literal["wilson", "clopper-pearson"] = "wilson",
) -> Interval:
    """The probability of an event that happened in ``successes`` of ``n`` runs.

    "wilson": the score interval (E. B. Wilson, 1927), whose coverage is near the level on average.
    "clopper-pearson": (C. J. Clopper & E. S. Pearson, 1934), whose coverage is never below it.
    No runs give NaN. Raises ValueError for a level outside (0, 1), or unless
    0 <= successes <= n.
    """
    _check_level(level)
    if not 0 <= successes <= n:
        raise ValueError(f"successes must lie between 0 and n, found {successes} of {n}")
    if n == 0:
        return _nothing([], "probability", level)
    tail, share, failures = (1.0 - level) / 2.0, successes / n, n - successes
    if method == "wilson":
        z = float(-ndtri(tail))
        middle = (successes + z * z / 2.0) / (n + z * z)
        half = z * math.sqrt(successes * failures / n + z * z / 4.0) / (n + z * z)
        low, high, name = middle - half, middle + half, "Wilson"
    elif method == "clopper-pearson":
        low = float(betaincinv(successes, failures + 1, tail)) if successes else 0.0
        high = float(betaincinv(successes + 1, failures, 1.0 - tail)) if failures else 1.0
        name = "Clopper-Pearson"
    else:
        raise ValueError(f'the method must be "wilson" or "clopper-pearson", found "{method}"')
    low, high = low if successes else 0.0, high if failures else 1.0  # exact, without rounding
    return Interval(share, low, high, level, f"{name}, {successes} of {n} runs")


def spread(values: Values, level: float = 0.95, *, missing: Missing = "undefined") -> Interval:
    """The median and the central ``level`` of the runs: where runs fall, not how sure a mean is.

    Quantiles interpolate linearly (type 7 of R. J. Hyndman & Y. Fan, 1996), as numpy's do.
    ``missing`` as in :func:`quantile_interval`. Raises ValueError for a level outside (0, 1) or a
    value of -inf.
    """
    runs = _ordered(_runs(values, level), missing)
    if not runs or math.isnan(runs[-1]):
        return _nothing(runs, "spread", level)
    tail = (1.0 - level) / 2.0
    return Interval(
        _type7(runs, 0.5),
        _type7(runs, tail),
        _type7(runs, 1.0 - tail),
        level,
        f"central {100 * level:g} % of {len(runs)} run{'s' * (len(runs) > 1)}",
    )


def decimals(middle: float, low: float, high: float, *, most: int = 6) -> int:
    """Return with how many decimals to write a value and its bounds: so many that the bounds are
    told apart, and no more than a value of that size asks. Bounds may be NaN or infinite."""
    known = [value for value in (middle, low, high) if math.isfinite(value)]
    width = high - low if math.isfinite(high) and math.isfinite(low) else 0.0
    size = max(map(abs, known[:1]), default=0.0)
    target = max(width / 3 if width > 0 else size / 100, size / 1000)
    return min(max(math.ceil(-math.log10(target)), 0), most) if target > 0 else 0


def _runs(values: Values, level: float) -> list[float]:
    _check_level(level)
    runs = [float(value) for value in values]
    if -math.inf in runs:
        raise ValueError("a run's value cannot be -inf")
    return runs


def _check_level(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise ValueError(f"a level must lie between 0 and 1, found {level:g}")


def _ordered(runs: list[float], missing: Missing) -> list[float]:
    """Ascending; NaN as +inf if it means late, else last."""
    if missing not in ("undefined", "late"):
        raise ValueError(f'missing must be "undefined" or "late", found "{missing}"')
    if missing == "late":
        runs = [math.inf if math.isnan(value) else value for value in runs]
    return sorted(runs, key=lambda value: (math.isnan(value), value))


def _type7(ordered: list[float], p: float) -> float:
    position = (len(ordered) - 1) * p
    i = math.floor(position)
    share = position - i
    if share == 0.0 or ordered[i] == ordered[i + 1]:
        return ordered[i]
    return ordered[i] + share * (ordered[i + 1] - ordered[i])


def _nothing(runs: list[float], what: str, level: float) -> Interval:
    """No estimate, and why: there are no runs, or some had no value."""
    without = sum(math.isnan(value) for value in runs)
    why = f"{without} of {len(runs)} runs had no value" if runs else "no runs"
    return Interval(math.nan, math.nan, math.nan, level, f"no {what}: {why}")
