"""Stocks that are used up: what is met of what is asked, and how long there is nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Of each place: units wanted and met, hours empty, unit-hours of stock, units left.
Outcome = tuple[Ints, Ints, Floats, Floats, Ints]


@dataclass(frozen=True, slots=True, eq=False)
class Asks:
    """What a facility asks for: ``units`` at ``times`` (hours), ascending, all before the end."""

    times: Floats
    units: Ints


def many(
    asks: Asks, stock: int, times: Floats, units: Ints, since: float, ended: float
) -> tuple[int, int, float, float, int]:
    """Return one place's outcome: wanted, met, hours empty, unit-hours of stock, units left.

    It gets ``units`` at ``times``. Without end to its stock, it would stand at ``free``; what was
    lost so far is how far that has ever been below zero (the reflection of a path at zero:
    A. V. Skorokhod, Theory Probab. Appl. 6, 1961).
    """
    comes = times <= ended
    moment = np.concatenate([times[comes], asks.times])
    change = np.concatenate([units[comes], -asks.units])
    is_ask = np.arange(len(moment)) >= comes.sum()
    order = np.lexsort((is_ask, moment))
    moment, change, is_ask = moment[order], change[order], is_ask[order]
    free = stock + np.cumsum(change)
    lost = np.maximum(np.maximum.accumulate(-free), 0) if len(free) else free
    held = np.concatenate([[stock], free + lost])
    spans = np.diff(np.concatenate([[since], np.clip(moment, since, ended), [ended]]))
    counted = is_ask & (moment >= since)
    wanted = -int(change[counted].sum())
    unmet = int(np.diff(lost, prepend=0)[counted].sum())
    empty = float(spans[held == 0].sum())
    return wanted, wanted - unmet, empty, float((held * spans).sum()), int(held[-1])


def once(
    asks: Asks, stock: int, times: Floats, units: Ints | int, since: float, ended: float
) -> Outcome:
    """Return the outcome of many places that all ask alike and get ``units`` once, at ``times``.

    Before and after the delivery a place meets all that is asked, as far as its stock then goes.
    """
    when, count = asks.times, len(asks.times)
    asked = np.concatenate([[0], np.cumsum(asks.units)])
    moments = np.concatenate([[0.0], np.cumsum(asks.units * when)])  # unit-hours
    comes = times <= ended  # False for NaN
    change = np.where(comes, times, ended)
    before = np.where(comes, np.searchsorted(when, change, side="left"), count)
    restocked = stock - np.minimum(stock, asked[before]) + np.where(comes, units, 0)

    def met(n: int) -> Ints:
        early = np.minimum(stock, asked[np.minimum(n, before)])
        late = np.minimum(restocked, np.maximum(asked[n] - asked[before], 0))
        return np.asarray(early + late)

    def area(time: Floats) -> Floats:
        n = np.searchsorted(when, time, side="left")
        return np.asarray(asked[n] * time - moments[n])

    def phase(begin: Floats, end: Floats, first: Ints, held: Ints) -> tuple[Floats, Floats]:
        """Hours empty and unit-hours of stock from ``begin`` to ``end``, with ``held`` units and
        ``first`` asks made at the beginning."""
        goal = asked[first] + held
        n = np.searchsorted(asked, goal, side="left")
        dry = np.concatenate([[0.0], when, [np.inf]])[n]  # the ask that takes the last unit
        x, y = np.maximum(begin, since), np.maximum(end, since)
        z = np.clip(dry, x, y)
        return y - z, goal * (z - x) - (area(z) - area(x))

    none, end = np.zeros(len(times)), np.full(len(times), ended)
    zeros = np.zeros(len(times), np.int64)
    empty_1, stock_1 = phase(none, change, zeros, np.full(len(times), stock))
    empty_2, stock_2 = phase(change, end, before, restocked)
    at_first = int(np.searchsorted(when, since, side="left"))
    wanted = np.full(len(times), asked[count] - asked[at_first])
    met_all = met(count)
    left = stock + np.where(comes, units, 0) - met_all
    return wanted, met_all - met(at_first), empty_1 + empty_2, stock_1 + stock_2, left
