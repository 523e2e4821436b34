"""Synthetic points for village clinics.

Villages have no coordinates in any source. Each clinic gets a point that is uniform in a disc of
its town's area around the town's point. It depends on the town's code and the
clinic's number in the town alone: clinics of other towns, or more clinics in the same town, do
not move it. Label what is drawn from these points as synthetic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.geography.distance import disc_points
from sim.geography.nation import Nation
from sim.streams import Streams, entity_ids

_CHUNK = 1 << 16  # clinics placed at once, to keep temporary arrays small


@dataclass(frozen=True, slots=True, eq=False)
class VillagePoints:
    """One point per clinic, in the order of towns; arrays of shape (clinics,).

    ``lat`` and ``lon`` are degrees (synthetic), ``town`` is the index of the clinic's town.
    """

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    town: NDArray[np.int32]

    def __len__(self) -> int:
        return self.town.size


def village_points(nation: Nation, clinics_by_town: ArrayLike) -> VillagePoints:
    """Points of the clinics, ``clinics_by_town`` (integers, shape (towns,)) of them in each town.

    A town's points are the same whatever the other towns have, so zeros elsewhere give the points
    of one county alone. Raises ValueError if the shape or a sign is wrong.
    """
    towns = nation.towns
    clinics = np.asarray(clinics_by_town, dtype=np.int64)
    if clinics.shape != (len(towns),):
        raise ValueError(f"expected one number of clinics per town, {len(towns)}")
    if clinics.min() < 0:
        raise ValueError("numbers of clinics must be 0 or more")

    radius = np.sqrt(towns.area_km2 / np.pi)
    some = np.flatnonzero(clinics)
    ids = np.zeros(len(towns), dtype=np.uint64)
    ids[some] = entity_ids(f"village/{code}" for code in towns.code[some].tolist())

    town = np.repeat(np.arange(len(towns), dtype=np.int32), clinics)
    first = np.cumsum(clinics) - clinics
    lat, lon = np.empty(town.size), np.empty(town.size)
    streams = Streams(0, 0)
    for start in range(0, town.size, _CHUNK):
        rows = slice(start, min(start + _CHUNK, town.size))
        at = town[rows]
        number = np.arange(rows.start, rows.stop) - first[at]
        u = streams.uniforms(ids[at], 2 * number)
        v = streams.uniforms(ids[at], 2 * number + 1)
        lat[rows], lon[rows] = disc_points(u, v, towns.lat[at], towns.lon[at], radius[at])
    return VillagePoints(lat, lon, town)
