"""Plans made by hand, for examples whose outcome can be worked out on paper.

The chain has the echelons factory, city, county and clinic. Everything runs around the clock, is
unlimited and takes no time, unless a test says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

from sim.calendars import WorkingCalendar, always_open
from sim.laws import Constant, Law
from sim.plan.specs import (
    STAGES,
    FleetSpec,
    LaneSpec,
    Links,
    Plan,
    Rest,
    Shift,
    StationSpec,
    Supply,
    TourPlan,
    TravelSpec,
    WaveSpec,
)
from sim.policies.allocation import AllocationRule, in_turn
from sim.policies.dispatch import DispatchRule, OnArrival

FACTORY, CITY, COUNTY, CLINIC = range(4)
ECHELONS = ("factory", "city", "county", "clinic")
ALWAYS = Shift(always_open(), "finish", always=True)
NO_REST = Rest(inf, 0.0)
CHINA = Rest(4.0, 1 / 3)  # 20 minutes after 4 hours


def daily(opening: float, closing: float, rule: str, days: int = 60) -> Shift:
    """Return working time from ``opening`` to ``closing`` o'clock, every day."""
    starts = tuple(24.0 * day + opening for day in range(days))
    ends = tuple(24.0 * day + closing for day in range(days))
    return Shift(WorkingCalendar(starts, ends), rule, always=False)


def fleet(
    echelon: int,
    *,
    vehicles: float = inf,
    limits: tuple[float, float, float] = (inf, inf, inf),
    speed: float = 50.0,
    loading: Law | None = None,
    unloading: Law | None = None,
    rest: Rest = NO_REST,
    shift: Shift = ALWAYS,
) -> FleetSpec:
    name = f"{ECHELONS[echelon]}-van"
    return FleetSpec(name, name, echelon, vehicles, limits, speed, loading, unloading, rest, shift)


def station(
    echelon: int,
    stage: str,
    *,
    servers: float = 1.0,
    per_lot: Law | None = None,
    per_unit: float = 0.0,
    shift: Shift = ALWAYS,
) -> StationSpec:
    name = f"{ECHELONS[echelon]}-{stage}"
    unit = Constant(per_unit) if per_unit else None
    return StationSpec(name, name, echelon, stage, servers, per_lot, unit, shift)


def lane(
    origin: int,
    *,
    own: Law | None = None,
    shared: Law | None = None,
    dispatch: DispatchRule | None = None,
    allocation: AllocationRule = in_turn,
    stations: Sequence[StationSpec] = (),
) -> LaneSpec:
    """Return the lane to the next echelon. ``stations`` are all of the plan, in their order."""

    def at(stage: str) -> tuple[int, ...]:
        echelon = origin if stage in ("loading", "sorting") else origin + 1
        places = [(station.stage, station.echelon) for station in stations]
        return tuple(i for i, place in enumerate(places) if place == (stage, echelon))

    name = f"to-{ECHELONS[origin + 1]}"
    return LaneSpec(
        name=name,
        title=name,
        origin=origin,
        destination=origin + 1,
        fleet=origin,
        circuity=1.0,
        travel=TravelSpec(own, shared),
        dispatch=dispatch or OnArrival(),
        allocation=allocation,
        stations=tuple(at(stage) for stage in STAGES),
        is_last_mile=origin == COUNTY,
    )


def tour_plan(
    tours: Sequence[tuple[int, Sequence[float], float]],
    units: tuple[int, ...] | Sequence[Sequence[int]],
    stop_time: Law,
) -> TourPlan:
    """Return tours, each a site, the km of the legs into its stops, and the km home.

    ``units`` are of each product for all stops alike, or a row for each stop.
    """
    sites = np.array([site for site, _, _ in tours], np.int64)
    assert (np.diff(sites) >= 0).all(), "tours come site by site"
    stops = np.array([len(legs) for _, legs, _ in tours], np.int64)
    first = np.concatenate([[0], np.cumsum(stops)]).astype(np.int64)
    site_of_stop = np.repeat(sites, stops)
    facility = np.arange(first[-1])
    return TourPlan(
        lane=2,
        echelon=CLINIC,
        site=sites,
        first=first,
        facility=facility,
        rank=facility - np.searchsorted(site_of_stop, site_of_stop),
        leg_km=np.array([km for _, legs, _ in tours for km in legs], np.float64),
        back_km=np.array([km for _, _, km in tours], np.float64),
        units=units_of_stops(units, int(first[-1])),
        stop_time=stop_time,
    )


def units_of_stops(
    units: tuple[int, ...] | Sequence[Sequence[int]], stops: int
) -> NDArray[np.int64]:
    """Return what each stop gets (stops × products): one row for all, or a row each."""
    table = np.array(units, np.int64)
    if table.ndim == 1:
        return np.broadcast_to(table, (stops, len(table)))
    assert len(table) == stops
    return table


def chain(
    *,
    sites: Sequence[tuple[str, int]] = (("factory", FACTORY), ("city", CITY), ("county", COUNTY)),
    supplies: Sequence[tuple[int, int, Sequence[tuple[float, int]]]] = (),
    links: Sequence[tuple[int, int, int, int, float, int]] = (),
    tours: Sequence[tuple[int, Sequence[float], float]] = (),
    units: tuple[int, ...] | Sequence[Sequence[int]] = (2,),
    stop_time: Law | None = None,
    fleets: Sequence[FleetSpec] = (fleet(FACTORY), fleet(CITY), fleet(COUNTY)),
    lanes: Sequence[LaneSpec] = (lane(FACTORY), lane(CITY), lane(COUNTY)),
    stations: Sequence[StationSpec] = (),
    waves: Sequence[WaveSpec] = (),
    load_per_unit: Sequence[tuple[float, float, float]] | None = None,
    horizon: float = 720.0,
    seed: int = 0,
) -> Plan:
    """Return a plan.

    ``sites`` are names and echelons, echelon by echelon; ``supplies`` are site, product and (hour,
    units); ``links`` are origin, destination, product, units, km and wave, in order of priority.
    """
    products = len(units[0]) if isinstance(units[0], Sequence) else len(units)
    assert all(stage in STAGES for stage in (station.stage for station in stations))
    echelon = np.array([place for _, place in sites], np.int64)
    columns = list(zip(*links, strict=True)) if links else [()] * 6
    origin, destination, product, much, km, wave = columns
    return Plan(
        seed=seed,
        horizon=horizon,
        echelons=ECHELONS,
        products=tuple(f"product-{i}" for i in range(products)),
        site_keys=tuple(name for name, _ in sites),
        site_echelon=echelon,
        load_per_unit=np.array(load_per_unit or [(1.0, 0.0, 0.0)] * products, np.float64),
        stations=tuple(stations),
        fleets=tuple(fleets),
        lanes=tuple(lanes),
        waves=tuple(waves),
        supplies=tuple(
            Supply(
                site,
                what,
                np.array([time for time, _ in lots], np.float64),
                np.array([amount for _, amount in lots], np.int64),
            )
            for site, what, lots in supplies
        ),
        links=Links(
            lane=echelon[np.array(origin, np.int64)],
            origin=np.array(origin, np.int64),
            destination=np.array(destination, np.int64),
            product=np.array(product, np.int64),
            units=np.array(much, np.int64),
            km=np.array(km, np.float64),
            wave=np.array(wave, np.int64),
            hours=np.full(len(km), np.nan),
            share=np.ones(len(km)),
        ),
        tours=(tour_plan(tours, units, stop_time or Constant(0.0)),) if tours else (),
        notes=(),
    )
