"""Last-mile tours of a lane: which facilities are visited on one trip, and in what order."""

from __future__ import annotations

import numpy as np

from sim.errors import UsageError
from sim.network import Network
from sim.plan.specs import FleetSpec, TourPlan
from sim.policies.routing import TOUR_METHODS, TourTime, order_tours
from sim.scenario.flow import Lane


def plan_lane_tours(
    lane: Lane,
    lane_index: int,
    network: Network,
    fleet: FleetSpec,
    load_per_unit: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    circuity: float,
) -> TourPlan:
    """Put the facilities at the end of a lane into tours and the tours of each site in order.

    Raises:
        UsageError: what one facility is to get does not fit into one vehicle.
    """
    assert lane.tours is not None
    echelon = network.echelons.index(lane.to)
    facilities = network.facilities[echelon]
    load = np.asarray(facilities.entitlement) @ load_per_unit
    stops = lane.tours.stops.value
    for limit, one, what in zip(fleet.limits, load, ("units", "m³", "kg"), strict=True):
        if one > limit * (1 + 1e-9):
            raise UsageError(
                f"one facility is to get {one:g} {what}, but a vehicle of the fleet "
                f'"{fleet.name}" carries {limit:g}'
            )
        if one > 0 and limit < np.inf:
            stops = min(stops, int(limit / one + 1e-9))
    depots, depot = np.unique(facilities.site, return_inverse=True)
    longest = None
    if lane.tours.longest is not None:
        longest = TourTime(
            hours=lane.tours.longest.value,
            kmh=fleet.speed,
            stop_hours=lane.tours.stop_time.make().mean,
            circuity=circuity,
        )
    tours = order_tours(
        TOUR_METHODS[lane.tours.method](
            network.sites.lat[depots],
            network.sites.lon[depots],
            facilities.lat,
            facilities.lon,
            depot,
            np.ones((len(facilities), 1)),
            np.array([float(stops)]),
            longest=longest,
        ),
        lane.tours.order,
    )
    start_of_depot = np.searchsorted(depot, np.arange(len(depots)))
    return TourPlan(
        lane=lane_index,
        echelon=echelon,
        site=depots[tours.depot],
        first=tours.first,
        facility=tours.stop.astype(np.int32),
        rank=(tours.stop - start_of_depot[depot[tours.stop]]).astype(np.int32),
        leg_km=tours.leg_km * circuity,
        back_km=tours.back_km * circuity,
        units=facilities.entitlement,
        stop_time=lane.tours.stop_time.make(),
    )
