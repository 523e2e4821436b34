"""Wiring: what of the running model is the same in every replication of a plan, worked out once.

Names of random streams, links by origin, tours by site. It only saves time: a model wired anew
would do the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from math import ceil, inf, isinf
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.journey import Journey
from sim.plan.specs import OPEN, STAGES, Plan, TourPlan
from sim.streams import entity_ids

Ints = NDArray[np.int64]
Ids = NDArray[np.uint64]
#: Trips that one may expect where nothing says how many, and at most.
_SOME, _MANY = 2, 128
#: A link as the model wires it: its pair of sites, wave, product, units, share.
LinkRow = tuple[int, int, int, int, float]


class Pair(NamedTuple):
    """Two sites that a lane connects."""

    lane: int
    origin: int
    destination: int
    journey: Journey


@dataclass(frozen=True, slots=True, eq=False)
class TourWiring:
    """The tours of one lane by site; ``sites`` are ascending, and ``first`` (sites + 1) the offsets
    of their tours.

    ``group`` (tours) is each tour's position in ``sites`` and ``rank`` its place among its site's;
    ``stops`` (tours) counts its stops. ``due`` (sites, products, its tours) are the units needed
    for each tour and those before it. ``stop_ids``, ``tour_ids`` and ``road_ids`` (sites) name the
    random streams.
    """

    sites: list[int]
    first: Ints
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

    ``stations`` are (station, site) with the ids of their streams; ``pairs`` what the plan's links
    connect, each once, with ids, and ``links`` the links by them; ``roads`` (lane, site) whose
    journeys share a factor, with ids; ``tours`` one for each last-mile lane. ``lines`` are, by
    last-mile lane, the sites whose tours ask the fleet one by one: its vehicles there do other work
    as well or are not always there, or the way may be closed (see ``sim.engine.tourline``).
    ``pools`` (by fleet) say to which site the vehicles of each site belong.
    """

    stations: list[tuple[int, int]]
    station_ids: Ids
    station_draws: Ints
    links: list[LinkRow]
    pairs: list[Pair]
    pair_ids: Ids
    pair_draws: Ints
    roads: dict[int, tuple[list[int], Ids]]
    tours: tuple[TourWiring, ...]
    lines: dict[int, list[int]]
    pools: tuple[list[int], ...]


@lru_cache(maxsize=2)
def wire(plan: Plan) -> Wiring:
    """Work out the wiring of a plan; the same object for the same plan."""
    keys, links = plan.site_keys, plan.links
    stations = [
        (index, site)
        for index, spec in enumerate(plan.stations)
        for site in spec.sites or np.flatnonzero(plan.site_echelon == spec.echelon).tolist()
    ]
    number: dict[tuple[int, int, int], int] = {}
    pairs: list[Pair] = []
    rows: list[LinkRow] = []
    ways = (links.lane, links.origin, links.destination, links.km, links.hours)
    goods = (links.wave, links.product, links.units, links.share)
    for (lane, origin, destination, km, hours), row in zip(_rows(ways), _rows(goods), strict=True):
        pair = number.setdefault((lane, origin, destination), len(pairs))
        if pair == len(pairs):
            journey = Journey(km, hours, plan.lanes[lane].travel)
            pairs.append(Pair(lane, origin, destination, journey))
        rows.append((pair, *row))
    trips = _trips(plan, pairs, rows)
    roads = {}
    for index, spec in enumerate(plan.lanes):
        if spec.travel.shared is not None and not spec.is_last_mile:
            sites = np.flatnonzero(plan.site_echelon == spec.origin).tolist()
            names = (f"{keys[site]}/{spec.name}/roads" for site in sites)
            roads[index] = (sites, entity_ids(names))
    return Wiring(
        stations=stations,
        station_ids=entity_ids(
            f"{keys[site]}/{plan.stations[index].name}" for index, site in stations
        ),
        station_draws=_services(plan, pairs, trips, stations),
        links=rows,
        pairs=pairs,
        pair_ids=entity_ids(
            f"{keys[origin]}/{plan.lanes[lane].name}/{keys[destination]}"
            for lane, origin, destination, _ in pairs
        ),
        pair_draws=np.array([4 * count for count in trips], np.int64),
        roads=roads,
        tours=tuple(_wire_tours(plan, tours) for tours in plan.tours),
        lines=_lines(plan),
        pools=tuple(fleet.pools(len(keys)).tolist() for fleet in plan.fleets),
    )


def _trips(plan: Plan, pairs: list[Pair], rows: list[LinkRow]) -> list[int]:
    """Return how many trips each pair of sites may take, generously: twice those of full vehicles,
    for timers send out others."""
    trips = [0] * len(pairs)
    full_load = cache(partial(_full_load, plan))
    for number, _, product, units, _ in rows:
        full = full_load(pairs[number].lane, product)
        trips[number] += _SOME if units >= OPEN else 2 * max(1, ceil(units / full))
    return [min(count, _MANY) for count in trips]


def _full_load(plan: Plan, lane: int, product: int) -> float:
    """Return the units of a product in a full load of a lane, inf where there is none."""
    spec = plan.lanes[lane]
    room = np.minimum(plan.fleets[spec.fleet].limits, (spec.dispatch.full, inf, inf))
    used = plan.load_per_unit[product]
    return float((room[used > 0.0] / used[used > 0.0]).min(initial=inf))


def _services(
    plan: Plan, pairs: list[Pair], trips: list[int], stations: list[tuple[int, int]]
) -> Ints:
    """Return how many shipments may pass each station, as generously, one draw each."""
    passing = dict.fromkeys(stations, 0)
    for pair, count in zip(pairs, trips, strict=True):
        stages = plan.lanes[pair.lane].stations
        for stage, stops in zip(STAGES, stages, strict=True):
            site = pair.origin if stage in ("loading", "sorting") else pair.destination
            for index in stops:
                if (index, site) in passing:
                    passing[index, site] += count
    return np.minimum(np.array(list(passing.values()), np.int64), _MANY)


def _rows(columns: Iterable[NDArray[Any]]) -> Iterator[tuple[Any, ...]]:
    """Return the rows of a table, in plain numbers."""
    return zip(*(column.tolist() for column in columns), strict=True)


def _lines(plan: Plan) -> dict[int, list[int]]:
    """Return, by last-mile lane, the sites whose tours need events of their own.

    Vehicles without number are nobody's rival: who shares them need not ask.
    """
    found = {}
    for tours in plan.tours:
        lane = plan.lanes[tours.lane]
        touched = any(
            (strike.kind == "fewer-vehicles" and strike.fleet == lane.fleet)
            or (strike.kind == "closed-site" and strike.echelon == lane.origin)
            or (strike.kind in ("closed-road", "slow-road") and strike.lane == tours.lane)
            for strike in plan.disruptions
        )
        sites = np.unique(tours.site)
        if not touched:
            spec = plan.fleets[lane.fleet]
            pools = spec.pools(len(plan.site_keys))
            rivals = [] if isinf(spec.vehicles) else _others_at(plan, tours.lane)
            sites = sites[np.isin(pools[sites], pools[rivals])]
        if len(sites):
            found[tours.lane] = sites.tolist()
    return found


def _others_at(plan: Plan, mine: int) -> list[int]:
    """Return the sites from which other lanes send what the fleet of a lane may carry."""
    fleet, sites = plan.lanes[mine].fleet, set[int]()
    for index, lane in enumerate(plan.lanes):
        if index != mine and fleet in (lane.fleet, *lane.other_fleets):
            sites.update(np.unique(plan.links.origin[plan.links.lane == index]).tolist())
    for tours in plan.tours:
        if tours.lane != mine and plan.lanes[tours.lane].fleet == fleet:
            sites.update(np.unique(tours.site).tolist())
    for shared in plan.shared:
        lane = plan.lanes[shared.lane]
        if fleet in (lane.fleet, *lane.other_fleets):
            sites.update(shared.origins.tolist())
    return sorted(sites)


def _wire_tours(plan: Plan, tours: TourPlan) -> TourWiring:
    name = plan.lanes[tours.lane].name
    sites, low, group = np.unique(tours.site, return_index=True, return_inverse=True)
    high = np.append(low[1:], len(tours))
    stops = np.diff(tours.first)
    taken = tours.units_of_tours()
    due = [
        np.cumsum(taken[begin:end], axis=0).T.tolist()
        for begin, end in zip(low.tolist(), high.tolist(), strict=True)
    ]
    keys = [plan.site_keys[site] for site in sites]
    return TourWiring(
        sites=sites.tolist(),
        first=np.append(low, len(tours)),
        group=group,
        rank=np.arange(len(tours)) - low[group],
        stops=stops,
        due=due,
        stop_ids=entity_ids(f"{key}/{name}/stops" for key in keys),
        tour_ids=entity_ids(f"{key}/{name}/tours" for key in keys),
        road_ids=entity_ids(f"{key}/{name}/roads" for key in keys),
    )
