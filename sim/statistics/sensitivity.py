"""Sensitivity: how much of what varies between the points of a design each factor explains.

Values have the shape (replications, points): replication r of every point met the same luck, so
the mean over replications is a function of the factors alone. What luck and factors do together
remains in it as noise, which falls with the number of replications; :func:`noise_share` says how
large it is, and the intervals count it in where there are two replications or more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit
from scipy.stats import rankdata, sobol_indices

from sim.statistics.intervals import Interval

Floats = NDArray[np.float64]

#: Resamples of a bootstrap interval.
RESAMPLES = 1000
_BLOCK = 2_000_000  # numbers that a block of resamples holds


@dataclass(frozen=True, slots=True)
class Index:
    """What one factor explains of the variance, as shares of it.

    ``first`` is what would go if the factor alone were known (Sobol 1993); ``total`` is what would
    remain if all others were known (Homma & Saltelli 1996), so it counts what the factor does
    together with others. NaN where nothing varies.
    """

    first: Interval
    total: Interval


def indices(
    values: Floats, factors: int, rng: np.random.Generator, *, level: float = 0.95
) -> list[Index]:
    """Return each factor's indices from the values at the points of :func:`saltelli`'s design.

    Estimators: first order by A. Saltelli et al. (2010), total by M. J. W. Jansen (1999): (b) and
    (f) in table 2 of Saltelli et al. 2010, Computer Physics Communications 181, 259-270, as
    ``scipy.stats.sobol_indices`` has them. Intervals: percentiles of a bootstrap that draws rows of
    the design and, apart from them, replications (A. B. Owen 2007, Annals of Applied Statistics 1,
    386-411). As a Sobol sequence is more even than chance, they are wide rather than narrow.

    Raises ValueError for a number of points other than factors + 2 times a power of two, or a value
    that is not finite.
    """
    runs, points = values.shape
    rows, rest = divmod(points, factors + 2)
    if rest or not rows:
        raise ValueError(f"{points} points are no blocks for {factors} factors")
    if not np.isfinite(values).all():
        raise ValueError("a value is missing")
    blocks = values.reshape(runs, factors + 2, rows)
    whole = blocks.mean(axis=0)
    if np.ptp(whole) <= 1e-12 * max(1.0, float(np.abs(whole).max())):
        nothing = Interval(math.nan, math.nan, math.nan, level, "no index: nothing varies")
        return [Index(nothing, nothing)] * factors
    estimates = _estimate(whole[:, None, :])
    each = max(1, _BLOCK // blocks[0].size)
    drawn = [
        _estimate(_resampled(blocks, rng, min(each, RESAMPLES - begin)))
        for begin in range(0, RESAMPLES, each)
    ]
    first, total = (np.concatenate([part[kind] for part in drawn]) for kind in (0, 1))
    luck = f" and {runs} replications" if runs > 1 else ", luck of 1 replication not counted"
    method = f"bootstrap of {rows} rows{luck}"
    return [
        Index(
            _percentiles(float(estimates[0][0, factor]), first[:, factor], level, method),
            _percentiles(float(estimates[1][0, factor]), total[:, factor], level, method),
        )
        for factor in range(factors)
    ]


def _resampled(blocks: Floats, rng: np.random.Generator, times: int) -> Floats:
    """Return the means of resamples, shape (factors + 2, times, rows)."""
    runs, _, rows = blocks.shape
    chosen = rng.integers(rows, size=(times, rows))
    if runs == 1:
        return np.asarray(blocks[0][:, chosen])
    weights = rng.multinomial(runs, np.full(runs, 1.0 / runs), size=times) / runs
    means = np.einsum("tr,rbn->btn", weights, blocks)
    return np.asarray(np.take_along_axis(means, chosen[None], axis=2))


def _estimate(blocks: Floats) -> tuple[Floats, Floats]:
    """Return first-order and total indices, shape (samples, factors), from (blocks, samples, rows).

    A sample in which nothing varies, as a bootstrap may draw one, has indices of 0.
    """
    samples, rows = blocks.shape[1:]
    if blocks.shape[0] == 3 and samples == 1:  # scipy takes one factor of one output for none
        twice = np.repeat(blocks, 2, axis=1)
        first, total = _estimate(twice)
        return first[:1], total[:1]
    found = sobol_indices(func={"f_A": blocks[0], "f_B": blocks[1], "f_AB": blocks[2:]}, n=rows)
    shape = (samples, blocks.shape[0] - 2)
    return np.reshape(found.first_order, shape), np.reshape(found.total_order, shape)


def _percentiles(estimate: float, drawn: Floats, level: float, method: str) -> Interval:
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail])
    return Interval(estimate, float(low), float(high), level, method)


def grid_indices(values: Floats, levels: Sequence[int]) -> list[tuple[float, float]]:
    """Return each factor's first-order and total index on a full grid, all levels alike in weight.

    ``values`` has the shape (points,) in the order of the grid, last factor fastest. Without any
    estimate: the means over all other factors are there. NaN where nothing varies.
    """
    table = values.reshape(tuple(levels))
    variance = float(table.var())
    if variance <= (1e-12 * max(1.0, float(np.abs(table).max()))) ** 2:
        return [(math.nan, math.nan)] * len(levels)
    found = []
    for factor in range(len(levels)):
        others = tuple(axis for axis in range(len(levels)) if axis != factor)
        first = float(table.mean(axis=others).var()) / variance
        total = float(table.var(axis=factor).mean()) / variance
        found.append((first, total))
    return found


def noise_share(values: Floats) -> float:
    """Return the share of the variance between points' means that luck and factors make together.

    The mean square of what is left of the values after the means of points and of replications,
    over the number of replications, as a share of the variance of the points' means: luck that all
    points have in common does not count. NaN for one replication, one point, or no variance.
    """
    runs, points = values.shape
    if runs < 2 or points < 2:
        return math.nan
    means = values.mean(axis=0)
    variance = float(means.var(ddof=1))
    if variance == 0:
        return math.nan
    rest = values - means - values.mean(axis=1, keepdims=True) + values.mean()
    square = float(np.sum(rest**2)) / ((runs - 1) * (points - 1))
    return float(square / runs / variance)


@dataclass(frozen=True, slots=True)
class Slopes:
    """What one factor does to a measure over a design that fills the space, all else equal.

    ``slope`` is its standardised regression coefficient: by how many standard deviations the
    measure moves with one of the factor. ``rank`` is the same of their ranks, which sees any
    relation that only rises or only falls.
    """

    slope: Interval
    rank: Interval


@dataclass(frozen=True, slots=True)
class Screening:
    """All factors' slopes, and the shares of the variance, of values and of ranks, that straight
    lines explain."""

    factors: tuple[Slopes, ...]
    explained: float
    rank_explained: float


def screen(factors: Floats, values: Floats, *, level: float = 0.95) -> Screening:
    """Return what each factor does to the means of ``values``, from any design.

    ``factors`` has the shape (points, factors). Coefficients by least squares with Student's t
    intervals (A. Saltelli et al., Global Sensitivity Analysis: The Primer, 2008, section 1.2.5), of
    ranks as R. L. Iman & W. J. Conover (1979), Technometrics 21, 499-509. A factor that does not
    vary, or too few points, give NaN. Raises ValueError for a value that is not finite.
    """
    y = values.mean(axis=0)
    if not np.isfinite(y).all():
        raise ValueError("a value is missing")
    slopes, explained = _slopes(factors, y, level)
    ranks, rank_explained = _slopes(rankdata(factors, axis=0), rankdata(y), level)
    pairs = tuple(Slopes(slope, rank) for slope, rank in zip(slopes, ranks, strict=True))
    return Screening(pairs, explained, rank_explained)


def _slopes(factors: Floats, y: Floats, level: float) -> tuple[list[Interval], float]:
    points, count = factors.shape
    scale, wide = factors.std(axis=0, ddof=1), float(y.std(ddof=1)) if points > 1 else 0.0
    moves = scale > 0
    free = points - 1 - int(moves.sum())
    nothing = Interval(math.nan, math.nan, math.nan, level, "no slope: nothing varies")
    if free < 1 or wide == 0:
        why = "no slope: nothing varies" if free >= 1 else f"no slope: {points} points are too few"
        return [Interval(math.nan, math.nan, math.nan, level, why)] * count, math.nan
    x = (factors[:, moves] - factors[:, moves].mean(axis=0)) / scale[moves]
    z = (y - y.mean()) / wide
    found, _, rank, _ = np.linalg.lstsq(x, z, rcond=None)
    if rank < x.shape[1]:
        why = "no slope: factors move together in this design"
        return [Interval(math.nan, math.nan, math.nan, level, why)] * count, math.nan
    left = float(((z - x @ found) ** 2).sum())
    errors = np.sqrt(left / free * np.diag(np.linalg.inv(x.T @ x)))
    half = float(stdtrit(free, (1.0 + level) / 2.0)) * errors
    method = f"least squares over {points} points, Student t"
    slopes = iter(
        Interval(float(b), float(b - h), float(b + h), level, method)
        for b, h in zip(found, half, strict=True)
    )
    return [next(slopes) if m else nothing for m in moves], 1.0 - left / (points - 1)
