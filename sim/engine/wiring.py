"""Wiring: what of the running model is the same in every replication of a plan, worked out once.

Names of random streams, links by origin, tours by site. It only saves time: a model wired anew
would do the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.plan.specs import Plan, TourPlan
from sim.streams import entity_ids

Ints = NDArray[np.int64]
Ids = NDArray[np.uint64]
#: A link as the model wires it: lane, origin, destination, product, units, km, wave.
LinkRow = tuple[int, int, int, int, int, float, int]


@dataclass(frozen=True, slots=True, eq=False)
class TourWiring:
    """The tours of one lane by site; ``sites`` are ascending.

    ``group`` (tours) is each tour's position in ``sites`` and ``rank`` its place among its site's;
    ``stops`` (tours) counts its stops. ``due`` (sites, products, its tours) are the units needed
    for each tour and those before it. ``stop_ids``, ``tour_ids`` and ``road_ids`` (sites) name the
    random streams.
    """

    sites: list[int]
    group: Ints
    rank: Ints
    stops: Ints
    due: list[list[list[int]]]
    stop_ids: Ids
    tour_ids: Ids
    road_ids: Ids


@dataclass(frozen=True, slots=True, eq=False)
class Wiring:
    """What every replication of a plan shares.

    ``stations`` are (station, site) with the ids of their streams; ``links`` the plan's rows, and
    ``pairs`` each (lane, origin, destination) of them once, with ids; ``roads`` (lane, site) whose
    journeys share a factor, with ids; ``tours`` one for each last-mile lane.
    """

    stations: list[tuple[int, int]]
    station_ids: Ids
    links: list[LinkRow]
    pairs: list[tuple[int, int, int]]
    pair_ids: Ids
    roads: dict[int, tuple[list[int], Ids]]
    tours: tuple[TourWiring, ...]


@lru_cache(maxsize=2)
def wire(plan: Plan) -> Wiring:
    """Work out the wiring of a plan; the same object for the same plan."""
    keys, links = plan.site_keys, plan.links
    _check_fleets(plan)
    stations = [
        (index, site)
        for index, spec in enumerate(plan.stations)
        for site in np.flatnonzero(plan.site_echelon == spec.echelon).tolist()
    ]
    columns = (
        links.lane, links.origin, links.destination, links.product, links.units, links.km,
        links.wave,
    )  # fmt: skip
    rows: list[LinkRow] = list(zip(*(column.tolist() for column in columns), strict=True))
    pairs = list(dict.fromkeys(row[:3] for row in rows))
    roads = {}
    for index, lane in enumerate(plan.lanes):
        if lane.travel.shared is not None and not lane.is_last_mile:
            sites = np.flatnonzero(plan.site_echelon == lane.origin).tolist()
            names = (f"{keys[site]}/{lane.name}/roads" for site in sites)
            roads[index] = (sites, entity_ids(names))
    return Wiring(
        stations=stations,
        station_ids=entity_ids(
            f"{keys[site]}/{plan.stations[index].name}" for index, site in stations
        ),
        links=rows,
        pairs=pairs,
        pair_ids=entity_ids(
            f"{keys[origin]}/{plan.lanes[lane].name}/{keys[destination]}"
            for lane, origin, destination in pairs
        ),
        roads=roads,
        tours=tuple(_wire_tours(plan, tours) for tours in plan.tours),
    )


def _check_fleets(plan: Plan) -> None:
    """The queue of tours is worked out lane by lane, so its vehicles must serve nothing else.

    Scenario files cannot ask for it: an echelon has one lane out, and a fleet one home.
    """
    fleets = [lane.fleet for lane in plan.lanes]
    for tours in plan.tours:
        if fleets.count(plan.lanes[tours.lane].fleet) > 1:
            name = plan.fleets[plan.lanes[tours.lane].fleet].name
            raise ValueError(f'the fleet "{name}" makes tours and serves another lane as well')


def _wire_tours(plan: Plan, tours: TourPlan) -> TourWiring:
    name = plan.lanes[tours.lane].name
    sites, low, group = np.unique(tours.site, return_index=True, return_inverse=True)
    high = np.append(low[1:], len(tours))
    stops = np.diff(tours.first)
    due = []
    for begin, end in zip(low.tolist(), high.tolist(), strict=True):
        reached = np.cumsum(stops[begin:end])
        due.append([(reached * units).tolist() for units in tours.units])
    keys = [plan.site_keys[site] for site in sites]
    return TourWiring(
        sites=sites.tolist(),
        group=group,
        rank=np.arange(len(tours)) - low[group],
        stops=stops,
        due=due,
        stop_ids=entity_ids(f"{key}/{name}/stops" for key in keys),
        tour_ids=entity_ids(f"{key}/{name}/tours" for key in keys),
        road_ids=entity_ids(f"{key}/{name}/roads" for key in keys),
    )
