"""Last-mile tours of a lane: which facilities are visited on one trip, and in what order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.memo import Memo, recall
from sim.network import Facilities, Network
from sim.plan.specs import FleetSpec, TourPlan
from sim.policies.routing import TOUR_METHODS, Tours, TourTime, order_tours
from sim.scenario.flow import Lane

Floats = NDArray[np.float64]


def plan_lane_tours(
    lane: Lane,
    lane_index: int,
    network: Network,
    fleet: FleetSpec,
    load_per_unit: Floats,
    circuity: float,
    memo: Memo | None = None,
) -> TourPlan:
    """Put the facilities at the end of a lane into tours and the tours of each site in order.

    A tour holds as many facilities as the rule for its stops and every limit of the vehicle allow,
    each with what it is to get itself. ``load_per_unit`` (products × 3) is units, m³ and kg.

    Raises:
        UsageError: what one facility is to get does not fit into one vehicle.
    """
    assert lane.tours is not None
    echelon = network.echelons.index(lane.to)
    facilities = network.facilities[echelon]
    loads, capacity = _loads(facilities, lane.tours.stops.value, fleet, load_per_unit)
    depots, depot = np.unique(facilities.site, return_inverse=True)
    longest = None
    if lane.tours.longest is not None:
        longest = TourTime(
            hours=lane.tours.longest.value,
            kmh=fleet.speed,
            stop_hours=lane.tours.stop_time.make().mean,
            circuity=circuity,
        )
    found = recall(
        memo,
        _tours_of,
        lane.tours.method,
        network.sites.lat[depots],
        network.sites.lon[depots],
        facilities.lat,
        facilities.lon,
        depot,
        loads,
        capacity,
        longest,
    )
    tours = order_tours(found, lane.tours.order)
    start_of_depot = np.searchsorted(depot, np.arange(len(depots)))
    return TourPlan(
        lane=lane_index,
        echelon=echelon,
        site=depots[tours.depot],
        first=tours.first,
        facility=tours.stop,
        rank=(tours.stop - start_of_depot[depot[tours.stop]]).astype(np.int32),
        leg_km=tours.leg_km * circuity,
        back_km=tours.back_km * circuity,
        units=(
            facilities.entitlement if facilities.is_even else facilities.entitlement[tours.stop]
        ),
        stop_time=lane.tours.stop_time.make(),
    )


def _tours_of(
    method: str,
    depot_lat: Floats,
    depot_lon: Floats,
    stop_lat: Floats,
    stop_lon: Floats,
    stop_depot: NDArray[np.int64],
    loads: Floats,
    capacity: Floats,
    longest: TourTime | None,
) -> Tours:
    """As the method says, with stops in 32 bits: it is what takes long, and what is kept."""
    tours = TOUR_METHODS[method](
        depot_lat, depot_lon, stop_lat, stop_lon, stop_depot, loads, capacity, longest=longest
    )
    return replace(tours, stop=tours.stop.astype(np.int32))


def _loads(
    facilities: Facilities, stops: int, fleet: FleetSpec, load_per_unit: Floats
) -> tuple[Floats, Floats]:
    """Return what facilities take of a vehicle (facilities × dimensions) and what it holds.

    Where all get the same, the limits say how many of them a tour has, and that is the one
    dimension; else it is the stops, and every limit that there is.
    """
    each = facilities.entitlement[:1] if facilities.is_even else facilities.entitlement
    load = each @ load_per_unit
    limits = np.array(fleet.limits)
    for limit, one, what in zip(limits, load.max(axis=0), ("units", "m³", "kg"), strict=True):
        if one > limit * (1 + 1e-9):
            raise UsageError(
                f"one facility is to get {one:g} {what}, but a vehicle of the fleet "
                f'"{fleet.name}" carries {limit:g}'
            )
        if facilities.is_even and one > 0 and limit < np.inf:
            stops = min(stops, int(limit / one + 1e-9))
    ones = np.broadcast_to(1.0, (len(facilities), 1))
    if facilities.is_even:
        return ones, np.array([float(stops)])
    some = np.isfinite(limits)
    return np.hstack([ones, load[:, some]]), np.concatenate([[float(stops)], limits[some]])
