"""Sharing: who is asked first, and what an offer does for a request."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def nearest_first(km: Floats, reach: float) -> Ints:
    """Return the positions of those within ``reach`` (km), nearest first; of those equally far, who
    comes first is asked first. A distance that is not known (NaN) is out of reach."""
    order = np.argsort(km, kind="stable")
    near: Ints = order[km[order] <= reach].astype(np.int64)
    return near


def granted(wanted: int, spare: int, *, whole: bool) -> int:
    """Return the units that a site with so many to ``spare`` gives to a request for so many more.

    With ``whole`` it gives all that is ``wanted``, or nothing.
    """
    units = min(wanted, max(spare, 0))
    return 0 if whole and units < wanted else units
