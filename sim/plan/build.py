"""Build the plan of a scenario: resolve its rules and lay out who does what, but nothing random."""

from __future__ import annotations

import numpy as np

from sim.errors import UsageError
from sim.memo import Memo
from sim.network import Network
from sim.plan.areas import area_notes
from sim.plan.assign import assign_links
from sim.plan.consumption import compile_consumption
from sim.plan.disruptions import compile_disruptions
from sim.plan.lanes import lane_spec
from sim.plan.processes import compile_processes, compile_requests
from sim.plan.sharing import compile_sharing
from sim.plan.shifts import compile_shifts
from sim.plan.size import check_size
from sim.plan.specs import OPEN, FleetSpec, LaneSpec, Plan, WaveSpec
from sim.plan.supply import limit_to_assigned, plan_supplies
from sim.plan.tours import plan_lane_tours
from sim.plan.work import fleet_spec, station_spec
from sim.scenario import flow
from sim.scenario.schema import Scenario


def build_plan(scenario: Scenario, network: Network, memo: Memo | None = None) -> Plan:
    """Return the plan of a scenario over its network.

    With a ``memo``, tours that were planned before are taken from there.

    Raises:
        UsageError: a facility's entitlement does not fit into one vehicle, or a run would take too
            long.
        ValueError: a need that nobody can supply.
    """
    shifts = compile_shifts(scenario)
    echelons = network.echelons
    load_per_unit = np.array([_load(product) for product in scenario.products.values()])
    fleets = tuple(
        fleet_spec(name, fleet, network, shifts) for name, fleet in scenario.fleets.items()
    )
    stations = tuple(
        station_spec(name, station, scenario, network, shifts)
        for name, station in scenario.stations.items()
    )
    lanes = tuple(
        lane_spec(name, lane, scenario, echelons, stations) for name, lane in scenario.lanes.items()
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
    disruptions = compile_disruptions(scenario, network, fleets)
    _check_loads(lanes, fleets, network.products, load_per_unit)
    tours = tuple(
        plan_lane_tours(
            lane,
            index,
            network,
            fleets[lanes[index].fleet],
            load_per_unit,
            lanes[index].circuity,
            memo,
        )
        for index, lane in enumerate(scenario.lanes.values())
        if lane.tours is not None
    )
    if not any(disruption.kind == "output-cut" for disruption in disruptions):
        # else the engine does so, once it is known what was cut
        supplies = limit_to_assigned(supplies, links, tours, lanes, network.sites.echelon)
    plan = Plan(
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
        notes=(*network.notes, *area_notes(scenario, network), *notes),
        processes=compile_processes(scenario, network, shifts),
        consumption=compile_consumption(scenario, network),
        disruptions=disruptions,
        requests=compile_requests(scenario, network, shifts),
        shared=compile_sharing(scenario, network),
        warm_up=scenario.warm_up.value,
        stop=scenario.stop,
        percentiles=tuple(scenario.percentiles),
    )
    _check_shares(plan)
    check_size(plan)
    return plan


def _check_shares(plan: Plan) -> None:
    """Refuse a site that is to choose at random among destinations which all have the weight 0."""
    links = plan.links
    free = links.units >= OPEN
    for site, product in sorted(set(zip(links.origin[free], links.product[free], strict=True))):
        mine = free & (links.origin == site) & (links.product == product)
        if mine.sum() > 1 and not links.share[mine].any():
            raise UsageError(
                f'"{plan.site_keys[site].removeprefix("site/")}" may send '
                f'"{plan.products[product]}" to {mine.sum()} sites, and the share of each is 0: '
                "give one of the lanes or links a share above 0"
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
        for index, (product, load) in enumerate(zip(products, load_per_unit, strict=True)):
            if lane.sharing is not None and index not in lane.sharing.products:
                continue
            if (load > fleet.limits).any():
                raise UsageError(
                    f'one unit of "{product}" does not fit into a vehicle of the fleet '
                    f'"{fleet.name}" on the lane "{lane.name}"'
                )
