"""Build the plan of a scenario: resolve its rules and lay out who does what, but nothing random."""

from __future__ import annotations

from math import inf

import numpy as np

from sim.errors import UsageError
from sim.lawkinds import make_law
from sim.laws import Law
from sim.network import Network
from sim.plan.assign import assign_links
from sim.plan.shifts import compile_shifts
from sim.plan.specs import (
    STAGES,
    FleetSpec,
    LaneSpec,
    Plan,
    Rest,
    Shift,
    StationSpec,
    TravelSpec,
    WaveSpec,
)
from sim.plan.supply import limit_to_assigned, plan_supplies
from sim.plan.tours import plan_lane_tours
from sim.policies.allocation import ALLOCATION_RULES
from sim.policies.dispatch import Departures, DispatchRule, FullOrAfter, OnArrival, Timetable
from sim.scenario import flow
from sim.scenario.schema import Scenario
from sim.scenario.work import DurationLaw, Fleet, Station


def build_plan(scenario: Scenario, network: Network) -> Plan:
    """Return the plan of a scenario over its network.

    Raises:
        UsageError: a facility's entitlement does not fit into one vehicle.
        ValueError: a need that nobody can supply.
    """
    shifts = compile_shifts(scenario)
    echelons = network.echelons
    load_per_unit = np.array([_load(product) for product in scenario.products.values()])
    fleets = tuple(_fleet(name, fleet, echelons, shifts) for name, fleet in scenario.fleets.items())
    stations = tuple(
        _station(name, station, echelons, shifts) for name, station in scenario.stations.items()
    )
    lanes = tuple(
        _lane(name, lane, scenario, echelons, stations) for name, lane in scenario.lanes.items()
    )
    waves = tuple(
        WaveSpec(
            name,
            list(scenario.lanes).index(wave.lane),
            *((time - scenario.start).total_seconds() / 3600 for time in wave.release),
        )
        for name, wave in scenario.waves.items()
    )
    supplies = plan_supplies(scenario, network, shifts)
    links, notes = assign_links(
        scenario, network, supplies, waves, [lane.circuity for lane in lanes]
    )
    supplies = limit_to_assigned(supplies, links)
    _check_loads(lanes, fleets, network.products, load_per_unit)
    tours = tuple(
        plan_lane_tours(
            lane, index, network, fleets[lanes[index].fleet], load_per_unit, lanes[index].circuity
        )
        for index, lane in enumerate(scenario.lanes.values())
        if lane.tours is not None
    )
    return Plan(
        seed=scenario.seed,
        horizon=scenario.horizon.value,
        echelons=echelons,
        products=network.products,
        site_keys=network.sites.key,
        site_echelon=network.sites.echelon,
        load_per_unit=load_per_unit,
        stations=stations,
        fleets=fleets,
        lanes=lanes,
        waves=waves,
        supplies=supplies,
        links=links,
        tours=tours,
        notes=tuple(notes),
    )


def _load(product: flow.Product) -> tuple[float, float, float]:
    """Return what one unit takes of a vehicle: units, m³ and kg."""
    carton = product.carton
    if carton is None:
        return 1.0, 0.0, 0.0
    volume = carton.volume.value if carton.volume else 0.0
    weight = carton.weight.value if carton.weight else 0.0
    return 1.0, volume / carton.units.value, weight / carton.units.value


def _check_loads(
    lanes: tuple[LaneSpec, ...],
    fleets: tuple[FleetSpec, ...],
    products: tuple[str, ...],
    load_per_unit: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    for lane in lanes:
        fleet = fleets[lane.fleet]
        for product, load in zip(products, load_per_unit, strict=True):
            if (load > fleet.limits).any():
                raise UsageError(
                    f'one unit of "{product}" does not fit into a vehicle of the fleet '
                    f'"{fleet.name}" on the lane "{lane.name}"'
                )


def _law(law: DurationLaw | None) -> Law | None:
    return None if law is None else make_law(law.kind, law.mean, law.cv)


def _fleet(
    name: str, fleet: Fleet, echelons: tuple[str, ...], shifts: dict[str | None, Shift]
) -> FleetSpec:
    capacity = fleet.capacity
    limits = tuple(
        inf if limit is None else float(limit.value)
        for limit in (capacity.units, capacity.volume, capacity.weight)
    )
    return FleetSpec(
        name=name,
        title=fleet.title or name,
        echelon=echelons.index(fleet.home),
        vehicles=fleet.vehicles.value,
        limits=limits,  # type: ignore[arg-type]
        speed=fleet.speed.value,
        loading=_law(fleet.loading),
        unloading=_law(fleet.unloading),
        rest=Rest(fleet.rest.after.value if fleet.drivers == 1 else inf, fleet.rest.for_.value),
        shift=shifts[fleet.calendar],
    )


def _station(
    name: str, station: Station, echelons: tuple[str, ...], shifts: dict[str | None, Shift]
) -> StationSpec:
    return StationSpec(
        name=name,
        title=station.title or name,
        echelon=echelons.index(station.echelon),
        stage=station.stage,
        servers=station.servers.value,
        per_lot=_law(station.time_per_lot),
        per_unit=station.time_per_unit.value if station.time_per_unit else 0.0,
        shift=shifts[station.calendar],
    )


def _lane(
    name: str,
    lane: flow.Lane,
    scenario: Scenario,
    echelons: tuple[str, ...],
    stations: tuple[StationSpec, ...],
) -> LaneSpec:
    origin, destination = echelons.index(lane.from_), echelons.index(lane.to)
    circuity = lane.circuity or scenario.geography.circuity
    travel = lane.travel

    def at(stage: str) -> int:
        echelon = origin if stage in ("loading", "sorting") else destination
        for index, station in enumerate(stations):
            if station.stage == stage and station.echelon == echelon:
                return index
        return -1

    kind = "constant" if travel.cv == 0 else travel.law
    return LaneSpec(
        name=name,
        title=lane.title or name,
        origin=origin,
        destination=destination,
        fleet=list(scenario.fleets).index(lane.fleet),
        circuity=circuity.value,
        travel=TravelSpec(
            own=make_law(kind, 1.0, travel.cv) if travel.cv else None,
            shared=make_law("lognormal", 1.0, travel.shared_cv) if travel.shared_cv else None,
        ),
        dispatch=_dispatch(lane, scenario),
        allocation=ALLOCATION_RULES[lane.allocation.rule],
        stations=tuple(at(stage) for stage in STAGES),  # type: ignore[arg-type]
        is_last_mile=lane.tours is not None,
    )


def _dispatch(lane: flow.Lane, scenario: Scenario) -> DispatchRule:
    rule = lane.dispatch
    if isinstance(rule, flow.OnArrival):
        return OnArrival()
    if isinstance(rule, flow.FullOrAfter):
        return FullOrAfter(rule.after.value, float(rule.full.value) if rule.full else inf)
    offset = rule.offset.value if rule.offset is not None else 0.0
    if rule.every is not None:
        return Departures(rule.every.value, offset)
    assert rule.at is not None
    midnight = scenario.start.hour + scenario.start.minute / 60 + scenario.start.second / 3600
    days = int(scenario.horizon.value / 24) + 2
    times = sorted({24.0 * day + hour - midnight for day in range(days) for hour in rule.at})
    return Timetable(tuple(time for time in times if time >= 0))
