"""Those who work, compiled: fleets and stations of a scenario as the engine is told of them."""

from __future__ import annotations

from math import inf, nan

import numpy as np

from sim.laws import Law
from sim.network import Network, pools_of
from sim.plan.specs import BreakdownSpec, FleetSpec, Rest, Shift, StationSpec
from sim.scenario.chance import DurationLaw
from sim.scenario.schema import Scenario
from sim.scenario.work import Breakdowns, Fleet, Station


def fleet_spec(
    name: str, fleet: Fleet, network: Network, shifts: dict[str | None, Shift]
) -> FleetSpec:
    """Return a fleet of a scenario in hours, km, units, m³ and kg, and which sites share it."""
    homes = [network.echelons.index(home) for home in fleet.home]
    pooled = list[tuple[int, int]]()
    if len(homes) > 1:
        pool = pools_of(network.sites, homes)
        shared = np.flatnonzero((pool >= 0) & (pool != np.arange(len(pool))))
        pooled = list(zip(shared.tolist(), pool[shared].tolist(), strict=True))
    capacity = fleet.capacity
    limits = tuple(
        inf if limit is None else float(limit.value)
        for limit in (capacity.units, capacity.volume, capacity.weight)
    )
    return FleetSpec(
        name=name,
        title=fleet.title or name,
        echelon=homes[0],
        vehicles=fleet.vehicles.value,
        limits=limits,  # type: ignore[arg-type]
        speed=fleet.speed.value if fleet.speed is not None else nan,
        loading=law_of(fleet.loading),
        unloading=law_of(fleet.unloading),
        rest=Rest(fleet.rest.after.value if fleet.drivers == 1 else inf, fleet.rest.for_.value),
        shift=shifts[fleet.calendar],
        loses=fleet.when_none_free == "lost",
        homes=tuple(homes),
        pooled=tuple(pooled),
    )


def station_spec(
    name: str,
    station: Station,
    scenario: Scenario,
    network: Network,
    shifts: dict[str | None, Shift],
) -> StationSpec:
    """Return a station of a scenario in hours; products, sites and ranks by index."""
    products = tuple(scenario.products)
    times: tuple[Law | None, ...] = ()
    if station.times:
        times = tuple(law_of(station.times.get(product)) for product in products)
    ranks: tuple[int, ...] = ()
    if station.order == "priority":
        ranks = tuple(product.priority for product in scenario.products.values())
    return StationSpec(
        name=name,
        title=station.title or name,
        echelon=tuple(scenario.echelons).index(station.echelon),
        stage=station.stage,
        servers=station.servers.value,
        per_lot=law_of(station.time_per_lot),
        per_unit=law_of(station.time_per_unit),
        shift=shifts[station.calendar],
        per_vehicle=law_of(station.time_per_vehicle),
        times=times,
        products=tuple(products.index(product) for product in station.products),
        sites=tuple(network.sites.key.index(f"site/{site}") for site in station.sites),
        ranks=ranks,
        preempts=station.preempts,
        yard=station.yard.value if station.yard is not None else inf,
        turns_away=station.when_full == "turn-away",
        breakdown=_breakdown(station.breakdowns),
    )


def law_of(law: DurationLaw | None) -> Law | None:
    """Return the law of a duration in hours, None where there is none."""
    return None if law is None else law.make()


def _breakdown(breakdowns: Breakdowns | None) -> BreakdownSpec | None:
    if breakdowns is None:
        return None
    return BreakdownSpec(breakdowns.after.make(), breakdowns.repair.make(), breakdowns.clock)
