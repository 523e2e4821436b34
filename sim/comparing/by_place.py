"""Time gained or lost by place: when its facilities were served, variant less base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.comparing.over_time import mean_bounds
from sim.store.curves import read_place_times
from sim.store.result import Result

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class PlaceGains:
    """Hours until nine tenths of each place's facilities were served, variant less base; arrays
    have one row a place, ordered by ``code``.

    ``difference`` is the mean over the paired runs, ``low`` and ``high`` bound each place's by
    itself (Student's t). It is NaN where in some run it did not come by the horizon in one of the
    two: then ``base_served`` or ``variant_served``, the shares of runs in which it came, is below
    one.
    """

    variant: str
    code: Ints
    facilities: Ints
    difference: Floats
    low: Floats
    high: Floats
    base_served: Floats
    variant_served: Floats
    runs: int


def place_gains(
    base: Result,
    variant: Result,
    replications: Sequence[int],
    echelon: str,
    codes: NDArray[np.integer],
    *,
    horizon: float = np.inf,
    level: float = 0.95,
) -> PlaceGains | None:
    """Return the time gained by the places, of these codes, that serve an echelon in both results.

    Times after ``horizon`` (hours) count as not served. None if there is no such place.
    """
    both = [read_place_times(result, echelon, codes) for result in (base, variant)]
    mine, theirs = both
    if mine is None or theirs is None:
        return None
    code, at, other = np.intersect1d(mine.code, theirs.code, return_indices=True)
    if not len(code):
        return None
    times = []
    for found, columns in ((mine, at), (theirs, other)):
        if not np.isin(replications, found.replications).all():
            return None
        rows = found.ninety[np.searchsorted(found.replications, replications)][:, columns]
        times.append(np.where(rows <= horizon, rows, np.inf))
    served = [np.isfinite(rows).mean(axis=0) for rows in times]
    always = np.isfinite(times[0]).all(axis=0) & np.isfinite(times[1]).all(axis=0)
    bounds = np.full((3, len(code)), np.nan)  # mean, low and high
    bounds[:, always] = mean_bounds(times[1][:, always] - times[0][:, always], level)
    facilities, runs = mine.facilities[at], len(replications)
    mean, low, high = bounds
    return PlaceGains(variant.name, code, facilities, mean, low, high, served[0], served[1], runs)
