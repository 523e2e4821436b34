"""The random walk that cannot fall below zero: X' = max(X + step, 0) with whole steps."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc
from scipy.stats import poisson

Floats = NDArray[np.float64]

_TAIL = 1e-12  # chance that may be cut off; a solution has rounding noise of that order
_LARGEST = 4096  # states; a dense system of that size takes seconds


def poisson_tail(mean: float) -> int:
    """Return a number that a Poisson variable exceeds with a chance below 1e-17."""
    return int(mean + 10.0 * math.sqrt(mean) + 30.0)


def stationary(chances: Floats, lowest: int) -> Floats:
    """Return the chances of X = 0, 1, ... in the long run, for a mean step below 0.

    ``chances[k]`` is the chance of the step ``lowest + k``. Solved as a linear system (D. V.
    Lindley, Proc. Camb. Phil. Soc. 48, 1952, gives the equation), cut off where less than
    1e-12 remains. Raises ValueError if the walk has no stationary law or needs too many states.
    """
    steps = lowest + np.arange(len(chances))
    if float(steps @ chances) >= 0.0:
        raise ValueError("a walk whose mean step is not below 0 has no stationary law")
    size = max(64, 2 * len(chances))
    while size <= _LARGEST:
        found = _solved(chances, steps, size)
        if float(found[-size // 8 :].sum()) < _TAIL:
            return found
        size *= 2
    raise ValueError("the walk is too close to its limit of stability")


def _solved(chances: Floats, steps: NDArray[np.int64], size: int) -> Floats:
    moves = np.zeros((size, size))
    here = np.arange(size)
    for step, chance in zip(steps.tolist(), chances.tolist(), strict=True):
        np.add.at(moves, (here, np.clip(here + step, 0, size - 1)), chance)
    balance = moves.T - np.eye(size)
    balance[-1] = 1.0  # one balance equation follows from the others; the chances sum to 1
    right = np.zeros(size)
    right[-1] = 1.0
    found = np.maximum(np.linalg.solve(balance, right), 0.0)
    return np.asarray(found / found.sum(), dtype=np.float64)


def poisson_walk(mean: float, drain: int) -> Floats:
    """Return ``stationary`` for the step A - drain, A Poisson with this mean (mean < drain)."""
    counts = np.arange(poisson_tail(mean) + 1)
    return stationary(np.asarray(poisson.pmf(counts, mean), dtype=np.float64), -drain)


def poisson_walk_mean(mean: float, drain: int) -> float:
    """Return E X for the step A - drain, A Poisson: the sum over n of E max(S_n, 0) / n.

    F. Spitzer (Trans. AMS 82, 1956), S_n the sum of n steps. With S_n + n drain
    Poisson of mean n mean, each term is mean P(N >= n drain) - drain P(N >= n drain + 1).
    Raises ValueError unless mean < drain.
    """
    if mean >= drain:
        raise ValueError("a walk whose mean step is not below 0 has no stationary law")
    total, first, block = 0.0, 1, 4096
    while True:
        n = np.arange(first, first + block, dtype=np.float64)
        reached = gammainc(n * drain, n * mean)  # P(N >= k) for N Poisson of mean m, k >= 1
        terms = mean * reached - drain * gammainc(n * drain + 1.0, n * mean)
        total += float(np.maximum(terms, 0.0).sum())
        if float(reached[-1]) < 1e-15:
            return total
        first += block
