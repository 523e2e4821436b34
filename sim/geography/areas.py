"""Areas that no source has: those of functional zones, and those of towns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def complete_areas(
    area_km2: Floats, prefecture: Ints, province: Ints, villages: Ints, communities: Ints
) -> Floats:
    """County areas with the gaps filled; all arrays have shape (counties,), NaN marks a gap.

    A gap is filled by (village committees, or communities where there are none, at least 1) times
    the median area per village committee among the counties of the same prefecture; of the same
    province where the prefecture has none with both. Raises ValueError if that leaves a gap.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        per_village = np.where(villages > 0, area_km2 / villages, np.nan)
    known = np.isfinite(per_village)
    size = np.maximum(np.where(villages > 0, villages, communities), 1)
    filled = area_km2.copy()
    for county in np.flatnonzero(np.isnan(area_km2)):
        for group in (prefecture, province):
            peers = per_village[known & (group == group[county])]
            if peers.size:
                filled[county] = size[county] * np.median(peers)
                break
        else:
            raise ValueError(f"county {county} has no area, and nor has its province")
    return filled


def town_areas(county_area_km2: Floats, county: NDArray[np.int32], villages: Ints) -> Floats:
    """Each town's share of its county's area, by village committees (at least one each).

    ``county`` and ``villages`` have shape (towns,). Assumed: no source has areas of towns.
    """
    weight = np.maximum(villages, 1).astype(np.float64)
    sums = np.bincount(county, weights=weight, minlength=county_area_km2.size)
    return np.asarray(county_area_km2[county] * weight / sums[county])
