"""Village clinics and township health centres, shared out from provincial estimates to towns.

Nobody publishes either by county or town. These are estimates: the provincial number is an
estimate to start with (but for three provinces), and the shares follow village committees.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.geography.apportion import share_out_groups
from sim.geography.nation import Nation

Int64s = NDArray[np.int64]


def clinics_by_town(nation: Nation, estimate: str = "A") -> Int64s:
    """Village clinics per town, int64 of shape (towns,), under estimate "A", "B" or "C".

    The province's number is shared out to its counties in proportion to village committees, and
    each county's to its towns likewise, by largest remainder, ties to the lower code. Sums are
    exact at every level. Raises ValueError for another estimate.
    """
    counties, towns = nation.counties, nation.towns
    province = nation.prefectures.parent[counties.parent]
    by_county = share_out_groups(
        nation.clinics.estimate(estimate), counties.village_committees, province
    )
    return share_out_groups(by_county, towns.village_committees, towns.parent)


def health_centres_by_town(nation: Nation) -> Int64s:
    """Township health centres per town, int64 of shape (towns,).

    Only towns and townships (镇, 乡) get any. Where the province has at least as many as those,
    each gets one, and the rest is shared out among them in proportion to village committees, by
    largest remainder, ties to the lower code. Where it has fewer, the towns and townships with
    most village committees get one each, ties to the lower code.
    """
    towns = nation.towns
    province = nation.prefectures.parent[nation.counties.parent[towns.parent]]
    eligible = np.isin(towns.kind, ("zhen", "xiang"))
    wanted = nation.clinics.health_centres
    places = np.bincount(province[eligible], minlength=wanted.size)

    weight = np.where(eligible, towns.village_committees, 0)
    rank = _rank_within(province, np.where(eligible, weight, -1))
    one_each = eligible & (rank < wanted[province])
    return one_each + share_out_groups(np.maximum(wanted - places, 0), weight, province)


def sum_by(values: Int64s, group: NDArray[np.int32], groups: int) -> Int64s:
    """Sums of ``values`` (n,) over the ``group`` (n,) that each belongs to; shape (groups,)."""
    sums = np.zeros(groups, dtype=np.int64)
    np.add.at(sums, group, values)
    return sums


def _rank_within(group: NDArray[np.int32], weight: Int64s) -> Int64s:
    """Each member's place in its group by falling weight, ties by position; 0 is first."""
    order = np.lexsort((-weight, group))
    counts = np.bincount(group)
    first = np.cumsum(counts) - counts
    rank = np.empty(group.size, dtype=np.int64)
    rank[order] = np.arange(group.size) - first[group[order]]
    return rank
