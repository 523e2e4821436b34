"""Neighbours: whom a site may ask, nearest first, worked out once a plan and site."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.geography.distance import great_circle_km
from sim.plan.shared import SharedWays
from sim.plan.specs import Plan
from sim.policies.sharing import nearest_first
from sim.streams import entity_ids

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Ids = NDArray[np.uint64]


class Way(NamedTuple):
    """From whom something may come along which lane: km by road, mean hours (NaN: by speed)."""

    lane: int
    origin: int
    km: float
    hours: float


class Neighbours(NamedTuple):
    """All that a site may ask, in the order in which it asks them: the ways, the chance of each to
    be willing, and the ids of the random streams that decide it."""

    ways: tuple[Way, ...]
    willing: Floats
    ids: Ids


class Neighbourhood:
    """Whom each site may ask, by site and requests. It only saves time."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._known: dict[tuple[int, int], Neighbours] = {}

    def of(self, site: int, request: int) -> Neighbours:
        """Return whom a site may ask with a request of that table: lane by lane where they are
        equally far, then in the order of the sites."""
        key = (site, request)
        if key not in self._known:
            self._known[key] = self._find(site, request)
        return self._known[key]

    def _find(self, site: int, request: int) -> Neighbours:
        plan, spec = self._plan, self._plan.requests[request]
        columns: list[tuple[Ints, Ints, Floats, Floats]] = []
        for shared in plan.shared:
            lane = plan.lanes[shared.lane]
            assert lane.sharing is not None
            if lane.destination != spec.echelon or spec.product not in lane.sharing.products:
                continue
            origin, km, hours = _into(shared, site, lane.circuity)
            near = nearest_first(km, lane.sharing.reach)
            near = near[origin[near] != site]
            which = np.full(len(near), shared.lane)
            columns.append((which, origin[near], km[near], hours[near]))
        which, origin, km, hours = (np.concatenate(column) for column in zip(*columns, strict=True))
        order = np.argsort(km, kind="stable")
        rows = zip(*(column[order].tolist() for column in (which, origin, km, hours)), strict=True)
        ways = tuple(Way(*row) for row in rows)
        keys, here = plan.site_keys, f"{plan.site_keys[site]}/willing/{spec.name}"
        return Neighbours(
            ways,
            np.array([_willing(plan, way.lane) for way in ways]),
            entity_ids(f"{keys[way.origin]}/{plan.lanes[way.lane].name}/{here}" for way in ways),
        )


def _willing(plan: Plan, lane: int) -> float:
    sharing = plan.lanes[lane].sharing
    assert sharing is not None
    return sharing.willing


def _into(shared: SharedWays, site: int, circuity: float) -> tuple[Ints, Floats, Floats]:
    """Return who may give to a site along a lane, how far by road, and in how many hours."""
    if not shared.listed:
        origin = shared.origins
        km, hours = np.full(len(origin), np.nan), np.full(len(origin), np.nan)
    else:
        rows = np.flatnonzero((shared.destination == site) & np.isin(shared.origin, shared.origins))
        rows = rows[np.argsort(shared.origin[rows], kind="stable")]
        origin, km, hours = shared.origin[rows], shared.km[rows], shared.hours[rows]
    lat, lon = shared.lat, shared.lon
    straight = great_circle_km(lat[origin], lon[origin], lat[site], lon[site])
    return origin, np.where(np.isnan(km), circuity * straight, km), hours


@lru_cache(maxsize=2)
def neighbourhood(plan: Plan) -> Neighbourhood:
    """Return the neighbourhood of a plan; the same object for the same plan."""
    return Neighbourhood(plan)
