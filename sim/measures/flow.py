"""Flows: the ledger seen as goods that leave, travel and arrive, by lane and product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger
from sim.measures.window import Window
from sim.plan.specs import Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Number = TypeVar("Number", np.bool_, np.int64, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """What moved on one lane of one product: rows of it, in shipments.

    A row is a shipment between two sites, or a stop of a tour, which is one shipment as a whole.
    ``together`` are the offsets (shipments + 1) of the rows of tours, None where every row is a
    shipment by itself. Of each shipment: the site that sends it, ``sender``; the ``place`` that it
    goes to, on a last mile the site that serves the facilities; when it was ``ready`` (put
    together), ``sent``, and, if some of it was lost, ``lost_at``. Of each row: when it was ``got``,
    the ``units`` that were put together, and what ``came`` of them with ``got``; the rest was lost.
    Times are hours, inf for not until the horizon.

    A stop that gets nothing of the product has no row. ``stop`` says which of the lane's stops the
    rows are, in the order of its tours, None where they are all of them.
    """

    lane: int
    origin: int
    destination: int
    product: int
    sender: Ints
    place: Ints
    ready: Floats
    sent: Floats
    got: Floats
    units: Ints
    came: Ints
    lost_at: Floats
    together: Ints | None = None
    stop: Ints | None = None

    @property
    def left(self) -> Floats:
        """When each shipment left the sender's stock: sent on, or lost where it was (hours)."""
        return np.where(np.isfinite(self.sent), self.sent, self.lost_at)

    def of_rows(self, of_shipments: NDArray[Number]) -> NDArray[Number]:
        """Return for each row what is given for each shipment."""
        if self.together is None:
            return of_shipments
        return np.repeat(of_shipments, np.diff(self.together))

    def units_of_shipments(self) -> Ints:
        """Return the units of each shipment."""
        if self.together is None:
            return self.units
        if self.units.strides == (0,):  # one number for all
            return np.asarray(np.diff(self.together) * self.units[:1].sum())
        return np.asarray(np.add.reduceat(self.units, self.together[:-1]))

    def units_sent(self) -> int:
        """Return the units that left the sender on the road."""
        return int(self.units_of_shipments()[np.isfinite(self.sent)].sum())

    def units_got(self) -> int:
        """Return the units that were received."""
        return units_where(self.came, np.isfinite(self.got))

    def units_lost(self, *, on_the_way: bool) -> int:
        """Return the units lost on the way, or those lost at the sender."""
        if np.isinf(self.lost_at).all():
            return 0
        there = np.isfinite(self.sent) == on_the_way
        return int((self.units - self.came)[there & np.isfinite(self.lost_at)].sum())


@dataclass(frozen=True, slots=True, eq=False)
class Arrived:
    """The rows of a flow that were received: which they are, when they came (hours), and the units
    that did."""

    rows: Ints
    got: Floats
    units: Ints

    def those(self, which: NDArray[np.bool_]) -> Arrived:
        """Return some of them."""
        if which.all():
            return self
        some = np.flatnonzero(which)
        return Arrived(self.rows.take(some), self.got.take(some), _take(self.units, some))

    def within(self, window: Window) -> Arrived:
        """Return those received in the time that is measured."""
        return self.those(window.inside(self.got)) if window.begin > 0 else self


def arrived(flow: Flow) -> Arrived:
    """Return what of a flow was received."""
    rows = np.flatnonzero(np.isfinite(flow.got))
    return Arrived(rows, flow.got.take(rows), _take(flow.came, rows))


def units_where(units: Ints, which: NDArray[np.bool_]) -> int:
    """Return the sum of the units of some rows."""
    if units.strides == (0,):  # one number for all
        return int(np.count_nonzero(which)) * int(units[:1].sum())
    return int(units[which].sum())


def _take(units: Ints, rows: Ints) -> Ints:
    """Return some of the units; one number for all stays one."""
    if units.strides != (0,):
        return units.take(rows)
    return np.broadcast_to(units[:1].sum(), len(rows))


def flows_of(ledger: Ledger, plan: Plan) -> tuple[Flow, ...]:
    """Return the flows of all lanes and products, lanes in order, stops as planned."""
    flows = []
    trips, loads = ledger.trips, ledger.loads
    products = len(plan.products)
    tours_of_lane = {tours.lane: index for index, tours in enumerate(plan.tours)}
    key = trips.lane[loads.trip] * products + loads.product
    order = np.argsort(key, kind="stable")
    first = np.searchsorted(key[order], np.arange(len(plan.lanes) * products + 1))
    came, lost_at = _what_came(ledger, products)
    for index, lane in enumerate(plan.lanes):
        for product in range(products):
            if lane.is_last_mile:
                planned = tours_of_lane[index]
                if plan.tours[planned].units[:, product].any():
                    flows.append(_last_mile(ledger, plan, planned, product))
                continue
            if lane.sharing is not None and product not in lane.sharing.products:
                continue
            rows = order[slice(*first[index * products + product :][:2])]
            trip = loads.trip[rows]
            flows.append(
                Flow(
                    index,
                    lane.origin,
                    lane.destination,
                    product,
                    trips.origin[trip],
                    trips.destination[trip],
                    _late(trips.ready[trip]),
                    _late(trips.dispatched[trip]),
                    _late(trips.received[trip]),
                    loads.units[rows],
                    came[rows],
                    lost_at[rows],
                )
            )
    return tuple(flows)


def _last_mile(ledger: Ledger, plan: Plan, index: int, product: int) -> Flow:
    planned, done = plan.tours[index], ledger.tours[index]
    lane = plan.lanes[planned.lane]
    units = planned.units[:, product]
    if not planned.is_even and not units.all():
        return _some_stops(ledger, plan, index, product)
    return Flow(
        planned.lane,
        lane.origin,
        lane.destination,
        product,
        planned.site,
        planned.site,
        _late(done.ready),
        _late(done.began),
        _late(done.delivered),
        units,
        units,
        np.full(len(planned), np.inf),
        planned.first,
    )


def _some_stops(ledger: Ledger, plan: Plan, index: int, product: int) -> Flow:
    """Return the flow of a product that only some of the stops of a lane get."""
    planned, done = plan.tours[index], ledger.tours[index]
    lane = plan.lanes[planned.lane]
    stop = np.flatnonzero(planned.units[:, product])
    tour = np.repeat(np.arange(len(planned)), np.diff(planned.first))[stop]
    units = planned.units[stop, product]
    together = np.append(np.flatnonzero(np.diff(tour, prepend=-1)), len(tour))
    some = tour[together[:-1]]
    site = planned.site[some]
    return Flow(
        planned.lane,
        lane.origin,
        lane.destination,
        product,
        site,
        site,
        _late(done.ready)[some],
        _late(done.began)[some],
        _late(done.delivered[stop]),
        units,
        units,
        np.full(len(some), np.inf),
        together,
        stop,
    )


def _what_came(ledger: Ledger, products: int) -> tuple[Ints, Floats]:
    """Return for each load what is left of it after losses, and when the last of them was."""
    loads, losses = ledger.loads, ledger.losses
    lost_at = np.full(len(loads.units), np.inf)
    if not len(losses.units):
        return loads.units, lost_at
    key = loads.trip * products + loads.product
    order = np.argsort(key)
    row = order[np.searchsorted(key[order], losses.trip * products + losses.product)]
    lost = np.bincount(row, losses.units, minlength=len(key)).astype(np.int64)
    latest = np.zeros(len(key))
    np.maximum.at(latest, row, losses.time)
    lost_at[row] = latest[row]
    return loads.units - lost, lost_at


def _late(times: Floats) -> Floats:
    return np.where(np.isnan(times), np.inf, times)


def last_mile_to(echelon: int, flows: Sequence[Flow], plan: Plan) -> bool:
    """Return whether goods come to an echelon by tours."""
    return any(plan.lanes[flow.lane].is_last_mile for flow in flows if flow.destination == echelon)


def units_by(times: Floats, units: Ints, moment: float) -> int:
    """Return the units whose time has come at ``moment`` (hours), that moment included."""
    return units_where(units, times <= moment)


def time_of_share(times: Floats, units: Ints, share: float, whole: float) -> float:
    """Return when ``share`` of ``whole`` units had come; inf if they have not.

    A share of 0 asks for the first unit.
    """
    wanted = max(share * whole, 1.0)
    if not len(times):
        return np.inf
    each = units[:1] if units.strides == (0,) else units  # one number for all
    if each.min() == each.max() > 0:
        rank = int(np.ceil(wanted / each[0] - 1e-9)) - 1
        return float(np.partition(times, rank)[rank]) if rank < len(times) else np.inf
    order = np.argsort(times, kind="stable")
    reached = np.cumsum(units[order])
    index = int(np.searchsorted(reached, wanted - 1e-9))
    return float(times[order[index]]) if index < len(order) else np.inf
