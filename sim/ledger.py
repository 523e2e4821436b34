"""The ledger: what happened in one replication. The one contract between engine and measures.

Times are hours since the scenario's start; NaN is something that had not happened when the run
stopped. Nothing in a ledger is a statistic, and nothing is written into it afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Kind(IntEnum):
    """Kinds of events, in the order in which simultaneous ones count."""

    SUPPLIED = 0
    RECEIVED = 1
    DISPATCHED = 2
    DELIVERED = 3


@dataclass(frozen=True, slots=True, eq=False)
class Supplies:
    """Goods that appeared at a site: opening stock at time 0, then output."""

    time: Floats
    site: Ints
    product: Ints
    units: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Trips:
    """One vehicle's journey with one shipment between two sites; one row a trip.

    ``ready`` is when the shipment was put together; ``dispatched`` when it left; ``arrived`` when
    the vehicle was at the destination; ``received`` when it was signed for; ``returned`` when the
    vehicle was home again. ``taken`` is when the vehicle was taken from its fleet. ``km`` is one
    way, ``driving`` hours of driving one way.
    """

    lane: Ints
    origin: Ints
    destination: Ints
    km: Floats
    ready: Floats
    taken: Floats
    dispatched: Floats
    arrived: Floats
    received: Floats
    returned: Floats
    driving: Floats

    def __len__(self) -> int:
        return len(self.lane)


@dataclass(frozen=True, slots=True, eq=False)
class Loads:
    """What each trip carried: one row for each trip and product."""

    trip: Ints
    product: Ints
    units: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Services:
    """Services at stations: ``joined`` the queue, ``began`` and ``ended`` service."""

    station: Ints
    site: Ints
    trip: Ints
    joined: Floats
    began: Floats
    ended: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Tours:
    """Tours of one last-mile lane, row by row as in its :class:`~sim.plan.specs.TourPlan`.

    A tour is ``ready`` when its goods are at its site, ``began`` when it leaves and ``ended`` when
    the vehicle is home again; ``driving`` is its hours of driving in all. ``arrived`` and
    ``delivered`` are by stop.
    """

    ready: Floats
    began: Floats
    ended: Floats
    driving: Floats
    arrived: Floats
    delivered: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Everything that happened in one replication until the horizon."""

    replication: int
    horizon: float
    released: Floats
    supplies: Supplies
    trips: Trips
    loads: Loads
    services: Services
    tours: tuple[Tours, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """The moves of goods between sites as one list, sorted by time, then kind, then site.

    ``site`` is where the event happens: the site supplied, the receiver, or the sender; ``other``
    is the site at the other end, -1 where there is none. Deliveries to facilities are not listed:
    they are the stops of the tours.
    """

    time: Floats
    kind: Ints
    site: Ints
    other: Ints
    product: Ints
    units: Ints
    trip: Ints


def events_of(ledger: Ledger) -> Events:
    """Return what was supplied, received and dispatched between sites, in order of time."""
    supplies, trips, loads = ledger.supplies, ledger.trips, ledger.loads
    none = np.full(len(supplies.time), -1)
    sent = np.flatnonzero(~np.isnan(trips.dispatched[loads.trip]))
    got = np.flatnonzero(~np.isnan(trips.received[loads.trip]))
    sent_trip, got_trip = loads.trip[sent], loads.trip[got]
    columns = (
        (supplies.time, trips.received[got_trip], trips.dispatched[sent_trip]),
        (
            np.full(len(supplies.time), int(Kind.SUPPLIED)),
            np.full(len(got), int(Kind.RECEIVED)),
            np.full(len(sent), int(Kind.DISPATCHED)),
        ),
        (supplies.site, trips.destination[got_trip], trips.origin[sent_trip]),
        (none, trips.origin[got_trip], trips.destination[sent_trip]),
        (supplies.product, loads.product[got], loads.product[sent]),
        (supplies.units, loads.units[got], loads.units[sent]),
        (none, got_trip, sent_trip),
    )
    time, kind, site, other, product, units, trip = (np.concatenate(column) for column in columns)
    order = np.lexsort((trip, product, site, kind, time))
    return Events(
        time[order],
        kind[order],
        site[order],
        other[order],
        product[order],
        units[order],
        trip[order],
    )
