"""Driving time and the rests it asks for.

Chinese road law asks a driver to stop for at least 20 minutes after 4 hours of driving without a
break (Regulation on the Implementation of the Road Traffic Safety Law, article 62 (7)); the EU
asks for 45 minutes after 4.5 hours (Regulation (EC) 561/2006, article 7). Both are a pair of
numbers here.
"""

from __future__ import annotations

from math import ceil, inf

import numpy as np
from numpy.typing import NDArray

#: A drive that reaches a rest's limit by less than this (hours) has reached the end instead.
SLACK = 1e-9


def rest_hours_at(driven: float, after: float, rest: float) -> float:
    """Return the hours of rest within ``driven`` hours of driving.

    A rest of ``rest`` hours is taken each time ``after`` hours have been driven and the way goes
    on: driving exactly ``after`` hours needs none. ``after`` may be inf (two drivers take turns).
    """
    if after == inf or driven <= after:
        return 0.0
    return rest * (ceil((driven - SLACK) / after) - 1)


def rest_hours(driven: NDArray[np.float64], after: float, rest: float) -> NDArray[np.float64]:
    """Return the hours of rest within each of ``driven`` hours; see :func:`rest_hours_at`."""
    if after == inf:
        return np.zeros_like(driven)
    stops = np.maximum(np.ceil((driven - SLACK) / after) - 1.0, 0.0)
    return np.asarray(rest * stops)
