"""A facility that receives goods by the clock and uses them up; need without stock is lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from theory.walks import poisson_tail, stationary

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stock:
    """``met``: expected use over expected need. ``without``: share of the time without stock.

    ``mean``: stock over time, in units. ``empty``: share of intervals that end without stock.
    """

    met: float
    without: float
    mean: float
    empty: float


def constant_use(quantity: float, interval: float, use_rate: float, intervals: int = 1) -> Stock:
    """Return what ``intervals`` deliveries do, the first at 0 to an empty shelf, at constant use.

    Plain arithmetic: a delivery lasts quantity / use_rate hours; what is left is kept. Stock falls
    in a line from its height after each delivery, so its integral is made of triangles.
    """
    left = area = used = without = 0.0
    empty = 0
    for _ in range(intervals):
        held = left + quantity
        lasts = min(interval, held / use_rate)
        left = max(0.0, held - use_rate * interval)
        area += (held + left) / 2.0 * lasts
        used += held - left
        without += interval - lasts
        empty += left == 0.0
    hours = intervals * interval
    return Stock(used / (use_rate * hours), without / hours, area / hours, empty / intervals)


def poisson_use(
    quantity: int, interval: float, need_rate: float, intervals: int, opening: int = 0
) -> Stock:
    """Return the same for Poisson need of one unit each, exactly, over ``intervals`` deliveries.

    The law of the stock left over is carried from delivery to delivery with Poisson chances. Held
    H units, E use = E min(N, H) = sum over j of P(N >= j), and by Wald's equation the mean time
    with stock is E use / need_rate, so ``without`` = 1 - ``met`` (G. Hadley & T. M. Whitin,
    Analysis of Inventory Systems, 1963, for one period).
    """
    left = np.zeros(opening + 1)
    left[opening] = 1.0
    parts = []
    for _ in range(intervals):
        found, left = _interval(left, quantity, interval, need_rate)
        parts.append(found)
    return _mean(parts)


def poisson_use_steady(quantity: int, interval: float, need_rate: float) -> Stock:
    """Return the long run of ``poisson_use``; needs quantity < need_rate * interval.

    The stock left over is the walk X' = max(X + quantity - N, 0); see ``theory.walks``. Nothing
    is left for good, so met = quantity / (need_rate * interval). Raises ValueError if stock grows.
    """
    mean = need_rate * interval
    most = poisson_tail(mean)
    chances = np.asarray(poisson.pmf(np.arange(most + 1), mean), dtype=np.float64)[::-1]
    left = stationary(chances, quantity - most)
    return _interval(left, quantity, interval, need_rate)[0]


def _interval(
    left: Floats, quantity: int, interval: float, need_rate: float
) -> tuple[Stock, Floats]:
    """One interval from the law of what is left before its delivery, and the law after it."""
    mean = need_rate * interval
    held = np.concatenate([np.zeros(quantity), left])  # chances of 0, 1, ... units on the shelf
    size = len(held)
    reached = np.asarray(poisson.sf(np.arange(size - 1), mean), dtype=np.float64)  # P(N >= 1), ...
    use = np.concatenate([[0.0], np.cumsum(reached)])
    # unit-hours of h units: sum over i < h of (h - i) P(N > i) / rate, a sum of the uses up to h
    unit_hours = np.cumsum(use) / need_rate
    used = float(held @ use)
    needed = np.asarray(poisson.pmf(np.arange(size), mean), dtype=np.float64)
    after = np.correlate(held, needed, "full")[size - 1 :]  # chance of H - N = 0, 1, ...
    after[0] = max(0.0, 1.0 - float(after[1:].sum()))
    after = after[: int(np.flatnonzero(after > 1e-18)[-1]) + 1]
    met = used / mean
    return Stock(met, 1.0 - met, float(held @ unit_hours) / interval, float(after[0])), after


def _mean(parts: list[Stock]) -> Stock:
    count = len(parts)
    return Stock(
        sum(part.met for part in parts) / count,
        sum(part.without for part in parts) / count,
        sum(part.mean for part in parts) / count,
        sum(part.empty for part in parts) / count,
    )
