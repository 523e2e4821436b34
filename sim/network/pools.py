"""Pools of vehicles: sites of several echelons at one point share the vehicles of a fleet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.network.model import Ints, Sites


def pools_of(sites: Sites, homes: Sequence[int]) -> Ints:
    """Return for each site the site to which its vehicles belong, -1 where a fleet has none.

    ``homes`` are the fleet's echelons, in their order. The vehicles at a point belong to the site
    of the first of them that has one there, and serve one site of each of the others there. A site
    without a place has vehicles of its own. Where an echelon has several sites at a point, drawn
    ones go by their code.
    """
    result = np.full(len(sites), -1)
    at: dict[tuple[float, float], list[int]] = {}
    for home in homes:
        mine = np.flatnonzero(sites.echelon == home).tolist()
        taken = set[int]()
        for same_code in (True, False):
            for site in mine:
                if result[site] >= 0:
                    continue
                for pool in at.get(_point(sites, site), []):
                    if pool not in taken and _fits(sites, site, pool, same_code=same_code):
                        result[site] = pool
                        taken.add(pool)
                        break
        for site in mine:
            if result[site] < 0:
                result[site] = site
                if not np.isnan(sites.lat[site]):
                    at.setdefault(_point(sites, site), []).append(site)
    return result


def _point(sites: Sites, site: int) -> tuple[float, float]:
    return float(sites.lat[site]), float(sites.lon[site])


def _fits(sites: Sites, site: int, pool: int, *, same_code: bool) -> bool:
    """Return whether a site may share the vehicles of another at the same point: two counties, or
    two prefectures, with different codes are different places."""
    codes = int(sites.code[site]), int(sites.code[pool])
    if same_code:
        return codes[0] == codes[1] != 0
    both_drawn = all(codes)
    return not both_drawn or (sites.county[site] < 0) != (sites.county[pool] < 0)
