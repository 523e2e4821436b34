"""Synthetic points for village clinics and other facilities of towns.

Villages have no coordinates in any source. Each clinic gets a point that is uniform in a disc of
its town's area around the town's point. It depends on the town's code and the
clinic's number in the town alone: clinics of other towns, or more clinics in the same town, do
not move it. Other kinds of facilities get points likewise, with draws of their own. Label what is
drawn from these points as synthetic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.geography.distance import disc_points
from sim.geography.nation import Nation
from sim.memo import Memo, recall
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

    town, number = numbered(clinics)
    return VillagePoints(*points_in_towns(nation, town, number), town)


def numbered(by_town: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The town of each facility, and its number there from 0, given how many each town has."""
    town = np.repeat(np.arange(by_town.size, dtype=np.int32), by_town)
    first = np.cumsum(by_town) - by_town
    number = np.arange(town.size, dtype=np.int32)
    number -= np.repeat(first, by_town).astype(np.int32)
    return town, number


def points_in_towns(
    nation: Nation,
    town: NDArray[np.int32],
    number: NDArray[np.int32],
    stream: str = "village",
    memo: Memo | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitudes and longitudes of facilities in degrees, synthetic; arrays of one row each.

    ``town`` is where each lies and ``number`` its number there; ``stream`` is what the random
    streams are called by, before the town's code. A facility's point depends on nothing else. With
    a ``memo``, points that were drawn before are not drawn again.
    """
    towns = nation.towns
    return recall(
        memo, _drawn, towns.code, towns.lat, towns.lon, towns.area_km2, town, number, stream
    )


def _drawn(
    code: NDArray[np.int32],
    lat0: NDArray[np.float64],
    lon0: NDArray[np.float64],
    area_km2: NDArray[np.float64],
    town: NDArray[np.int32],
    number: NDArray[np.int32],
    stream: str,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As ``points_in_towns``, from the columns of the towns that it takes."""
    radius = np.sqrt(area_km2 / np.pi)
    ids = ids_of_towns(code, town, stream)
    lat, lon = np.empty(town.size), np.empty(town.size)
    streams = Streams(0, 0)
    for start in range(0, town.size, _CHUNK):
        rows = slice(start, min(start + _CHUNK, town.size))
        at, draw = town[rows], 2 * number[rows].astype(np.int64)
        u = streams.uniforms(ids[at], draw)
        v = streams.uniforms(ids[at], draw + 1)
        lat[rows], lon[rows] = disc_points(u, v, lat0[at], lon0[at], radius[at])
    return lat, lon


def ids_of_towns(
    code: NDArray[np.int32], town: NDArray[np.int32], before: str, after: str = ""
) -> NDArray[np.uint64]:
    """Ids of the random streams ``before``/code``after`` of the towns with these codes (towns,), 0
    for those that are not among ``town``."""
    some = np.flatnonzero(np.bincount(town, minlength=code.size))
    ids = np.zeros(code.size, dtype=np.uint64)
    ids[some] = entity_ids(f"{before}/{one}{after}" for one in code[some].tolist())
    return ids
