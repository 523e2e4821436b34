"""Designs: at which points of a space of factors to run a model.

A design is an array of shape (points, factors). Those that fill a space hold shares of each
factor's range, from 0 (its lower end) to below 1; a grid and one at a time hold numbers of levels.
The same seed gives the same design; a design's stream is named, and none is shared with another.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from sim.streams import entity_id

Shares = NDArray[np.float64]
Levels = NDArray[np.int64]

#: Level of a factor that stays as the scenario has it.
BASE = -1


def grid(levels: Sequence[int]) -> Levels:
    """Return every combination of levels; the last factor changes fastest.

    Shape (product of ``levels``, factors); one empty row without factors.
    """
    rows = list(product(*(range(count) for count in levels)))
    return np.array(rows, np.int64).reshape(len(rows), len(levels))


def one_at_a_time(levels: Sequence[int]) -> Levels:
    """Return each level of each factor in turn, while all others stay as they are (``BASE``).

    Shape (sum of ``levels``, factors).
    """
    rows = np.full((sum(levels), len(levels)), BASE, np.int64)
    row = 0
    for factor, count in enumerate(levels):
        rows[row : row + count, factor] = range(count)
        row += count
    return rows


def latin_hypercube(factors: int, points: int, seed: int) -> Shares:
    """Return points of which each factor has one in every n-th part of its range.

    M. D. McKay, R. J. Beckman & W. J. Conover (1979), Technometrics 21, 239-245; shape (points,
    factors). Raises ValueError for fewer than one point or factor.
    """
    if points < 1 or factors < 1:
        raise ValueError(f"a design needs points and factors, found {points} and {factors}")
    sampler = qmc.LatinHypercube(factors, rng=generator(seed, "latin-hypercube"))
    return np.asarray(sampler.random(points), np.float64)


def saltelli(factors: int, rows: int, seed: int) -> Shares:
    """Return the blocks A, B and, for each factor, A with that factor's column from B.

    For Sobol's first-order and total indices: A. Saltelli et al. (2010), Computer Physics
    Communications 181, 259-270, section 3. A and B are the halves of one scrambled Sobol sequence
    of twice as many dimensions (section 5 there). Shape ((factors + 2) x rows, factors), block
    after block. Raises ValueError unless ``rows`` is a power of two, without which the sequence
    loses its balance, and there is a factor.
    """
    if rows < 1 or rows & (rows - 1) or factors < 1:
        raise ValueError(f"the rows must be a power of two, found {rows} for {factors} factors")
    sampler = qmc.Sobol(2 * factors, bits=63, rng=generator(seed, "saltelli"))
    both = np.asarray(sampler.random(rows), np.float64)
    first, second = both[:, :factors], both[:, factors:]
    blocks = [first, second]
    for factor in range(factors):
        mixed = first.copy()
        mixed[:, factor] = second[:, factor]
        blocks.append(mixed)
    return np.concatenate(blocks)


def generator(seed: int, name: str) -> np.random.Generator:
    """Return the random generator of this seed and name, apart from every stream of the model."""
    return np.random.default_rng(
        np.random.SeedSequence(seed, spawn_key=(entity_id(f"design/{name}"),))
    )


def level_of(share: float, levels: int) -> int:
    """Return which of so many levels a share of the range falls to; all have the same width."""
    return min(int(share * levels), levels - 1)


def spread_out(share: float, low: float, high: float, *, log: bool = False) -> float:
    """Return the number at a share of a range, evenly by difference, or by ratio if ``log``.

    Raises:
        ValueError: a range by ratio begins at 0 or below.
    """
    if log and low <= 0:
        raise ValueError(f"a range by ratio begins above 0, found {low:g}")
    if share <= 0 or share >= 1:
        return low if share <= 0 else high  # to the last digit
    return float(low * (high / low) ** share) if log else low + share * (high - low)


def whole_number(share: float, low: int, high: int, *, log: bool = False) -> int:
    """Return the whole number at a share of a range, both ends included.

    Each number from ``low`` to ``high`` takes the same part of the shares; by ratio, a part as wide
    as its step in the logarithm, from half a unit below to half a unit above.
    """
    if not log:
        return low + level_of(share, high - low + 1)
    if low <= 0:
        raise ValueError(f"a range by ratio begins above 0, found {low:g}")
    number = spread_out(share, low - 0.5, high + 0.5, log=True)
    return min(max(int(number + 0.5), low), high)
