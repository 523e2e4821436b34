"""Flows: the ledger seen as goods that leave, travel and arrive, by lane and product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger
from sim.plan.specs import Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """What moved on one lane of one product, one row for each shipment or stop.

    ``sent`` and ``got`` are hours (inf: not until the horizon), ``units`` what moved, ``sender``
    the site that sent it. ``place`` is the receiving site; on a last mile, the site that serves the
    facility. ``together`` are the offsets (shipments + 1) of rows that left on one tour, None where
    every row left by itself.
    """

    lane: int
    origin: int
    destination: int
    product: int
    sender: Ints
    place: Ints
    sent: Floats
    got: Floats
    units: Ints
    together: Ints | None = None


def flows_of(ledger: Ledger, plan: Plan) -> tuple[Flow, ...]:
    """Return the flows of all lanes and products, lanes in order, stops as planned."""
    flows = []
    trips, loads = ledger.trips, ledger.loads
    tours_of_lane = {tours.lane: index for index, tours in enumerate(plan.tours)}
    for index, lane in enumerate(plan.lanes):
        for product in range(len(plan.products)):
            if lane.is_last_mile:
                planned = plan.tours[tours_of_lane[index]]
                done = ledger.tours[tours_of_lane[index]]
                if not planned.units[product]:
                    continue
                stops = np.diff(planned.first)
                site = np.repeat(planned.site, stops)
                flows.append(
                    Flow(
                        index,
                        lane.origin,
                        lane.destination,
                        product,
                        site,
                        site,
                        np.repeat(_late(done.began), stops),
                        _late(done.delivered),
                        np.broadcast_to(np.int64(planned.units[product]), len(site)),
                        planned.first,
                    )
                )
                continue
            rows = np.flatnonzero((loads.product == product) & (trips.lane[loads.trip] == index))
            trip = loads.trip[rows]
            flows.append(
                Flow(
                    index,
                    lane.origin,
                    lane.destination,
                    product,
                    trips.origin[trip],
                    trips.destination[trip],
                    _late(trips.dispatched[trip]),
                    _late(trips.received[trip]),
                    loads.units[rows],
                )
            )
    return tuple(flows)


def _late(times: Floats) -> Floats:
    return np.where(np.isnan(times), np.inf, times)


def units_by(times: Floats, units: Ints, moment: float) -> int:
    """Return the units whose time has come at ``moment`` (hours), that moment included."""
    return int(units[times <= moment].sum())


def time_of_share(times: Floats, units: Ints, share: float, whole: float) -> float:
    """Return when ``share`` of ``whole`` units had come; inf if they have not.

    A share of 0 asks for the first unit.
    """
    wanted = max(share * whole, 1.0)
    if not len(times):
        return np.inf
    if units.min() == units.max():
        rank = int(np.ceil(wanted / units[0] - 1e-9)) - 1
        return float(np.partition(times, rank)[rank]) if rank < len(times) else np.inf
    order = np.argsort(times, kind="stable")
    reached = np.cumsum(units[order])
    index = int(np.searchsorted(reached, wanted - 1e-9))
    return float(times[order[index]]) if index < len(order) else np.inf
