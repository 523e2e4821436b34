"""Facilities of towns: how many there are of each kind, which are the largest, and where they lie.

Nobody publishes a table of any of them by county or town. Numbers of village clinics and township
health centres are estimates (see ``sim.geography.clinics``); of nursing homes and households a
scenario says how many there are in all, and they are shared out here. Which of them lies in which
town, which is larger than another, and where it stands are synthetic: drawn once, by the code of
the town and the number of the facility there, whatever the seed. Label them so.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sim.geography.apportion import share_out, share_out_between, share_out_groups
from sim.geography.clinics import clinics_by_town, health_centres_by_town, sum_by
from sim.geography.nation import Nation
from sim.geography.villages import ids_of_towns, points_in_towns
from sim.memo import Memo
from sim.streams import Streams, entity_ids

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Kinds of facilities, and what the random streams of their points are called by.
POINT_STREAMS = {
    "village-clinics": "village",
    "township-health-centres": "village",
    "nursing-homes": "nursing-home",
    "households": "household",
}


def weights_by_town(nation: Nation, kind: str, estimate: str = "A") -> Int64s:
    """What facilities of a kind are shared out by, int64 of shape (towns,).

    Clinics and health centres: the estimate of how many there are; nursing homes: one for each town
    and township (镇, 乡); households: village committees. ``estimate`` is that of village clinics.
    Raises ValueError for another kind or estimate.
    """
    if kind == "village-clinics":
        return clinics_by_town(nation, estimate)
    if kind == "township-health-centres":
        return health_centres_by_town(nation)
    if kind == "nursing-homes":
        return np.isin(nation.towns.kind, ("zhen", "xiang")).astype(np.int64)
    if kind == "households":
        return nation.towns.village_committees.astype(np.int64)
    raise ValueError(f"the kind must be one of {', '.join(POINT_STREAMS)}, not {kind!r}")


def shared_by_town(
    nation: Nation,
    kind: str,
    weights: Int64s,
    count: int,
    per_county: tuple[int, int] | None = None,
) -> Int64s:
    """``count`` facilities shared out to towns in proportion to ``weights`` (towns,); same shape.

    First to counties, with ``per_county`` no fewer and no more than so many to each that has a
    weight (see ``apportion.share_out_between``), then each county's to its towns; both by largest
    remainder. Ties, of which there are many where towns weigh the same, go by a draw of the place's
    own: else all nursing homes would lie in the towns with the lowest codes, about the seat. Raises
    ValueError if there is no weight, or if the limits cannot be kept.
    """
    if count and not weights.any():
        raise ValueError("no town of these regions can have any")
    counties, parent = nation.counties, nation.towns.parent
    of_county = sum_by(weights, parent, len(counties))
    order = _by_luck(f"{kind}/{code}/share" for code in counties.code.tolist())
    by_county = np.zeros(len(counties), dtype=np.int64)
    by_county[order] = (
        share_out(count, of_county[order])
        if per_county is None
        else share_out_between(count, of_county[order], *per_county)
    )
    order = _by_luck(f"{kind}/{code}/share" for code in nation.towns.code.tolist())
    by_town = np.zeros(weights.size, dtype=np.int64)
    by_town[order] = share_out_groups(by_county, weights[order], parent[order])
    return by_town


def largest_first(
    nation: Nation, kind: str, town: NDArray[np.int32], number: NDArray[np.int32]
) -> NDArray[np.int64]:
    """The rows of facilities from the largest to the smallest; ``town`` and ``number`` say which
    they are.

    A synthetic rank: no table says who is large. It is drawn by kind, town code and number, so that
    of two facilities the same is larger whoever else there is; ties go to the lower row.
    """
    ids = ids_of_towns(nation.towns.code, town, kind, "/size")
    size = Streams(0, 0).uniforms(ids[town], number)
    return np.asarray(np.argsort(-size, kind="stable"))


def facility_points(
    nation: Nation,
    kind: str,
    town: NDArray[np.int32],
    number: NDArray[np.int32],
    memo: Memo | None = None,
) -> tuple[Floats, Floats]:
    """Latitudes and longitudes of facilities in degrees, synthetic; arrays of one row each."""
    return points_in_towns(nation, town, number, POINT_STREAMS[kind], memo)


def _by_luck(names: Iterable[str]) -> NDArray[np.int64]:
    """Positions of the names in the order of a draw of each."""
    return np.argsort(Streams(0, 0).uniforms(entity_ids(names), 0), kind="stable")
