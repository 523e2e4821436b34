"""The ledger: what happened in one replication. The one contract between engine and measures.

Times are hours since the scenario's start; NaN is something that had not happened when the run
stopped. Nothing in a ledger is a statistic, and nothing is written into it afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
    way, ``driving`` hours of driving one way. ``fleet`` is whose vehicle it is; until one is taken,
    the fleet that the goods were put together for.
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
    fleet: Ints

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
    """Spans of service at stations; rows in the order in which they began to wait or to work.

    A shipment that joined a queue has a row ``part`` 0 from then on, with NaN for ``began`` and
    ``ended`` until they happen. One that is interrupted has a further row for each time that work
    on it goes on, ``part`` 1, 2, ..., with the same ``joined``; ``done`` marks the row with whose
    end the shipment was served.
    """

    station: Ints
    site: Ints
    trip: Ints
    joined: Floats
    began: Floats
    ended: Floats
    part: Ints
    done: NDArray[np.bool_]


class Cause(IntEnum):
    """Why goods were lost to the network."""

    DAMAGED = 0  # lost or damaged on the way
    TURNED_AWAY = 1  # a station's yard was full
    NO_VEHICLE = 2  # no vehicle was free, and another carrier took them


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """Goods that left the network without a receipt. ``station`` is -1 unless it turned them away;
    they left ``site``: where they were, or the destination for what was lost on the way."""

    time: Floats
    trip: Ints
    site: Ints
    station: Ints
    product: Ints
    units: Ints
    cause: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Uses:
    """What facilities asked for and used up by the end, one row for each facility and consumption.

    ``spec`` is the consumption's index in the plan. ``place`` is the facility's row in its tour
    plan's order of stops, or the site where facilities are sites; ``site`` the site it belongs to.
    ``wanted`` and ``met`` are units; ``empty`` hours without stock, ``stock`` unit-hours of stock,
    both after the warm-up, as are ``wanted`` and ``met``; ``left`` units at the end.
    """

    spec: Ints
    place: Ints
    site: Ints
    wanted: Ints
    met: Ints
    empty: Floats
    stock: Floats
    left: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Strikes:
    """Disruptions that happened: ``disruption`` is its index in the plan; ``site`` the site struck
    by itself, -1 where all are struck together; hours from ``begin`` to ``end``."""

    disruption: Ints
    site: Ints
    begin: Floats
    end: Floats


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
class Requests:
    """What sites asked others for, one row for each request, in the order in which they came.

    ``spec`` is the requests' index in the plan, ``number`` the request's own among those of its
    site (from 0). It was ``asked`` for ``units``, ``answered`` when the last of them was promised,
    ``received`` when the last of them was there; what was not promised by then was withdrawn when
    it was ``given_up``. Hours, NaN for what did not happen.
    """

    spec: Ints
    site: Ints
    number: Ints
    product: Ints
    units: Ints
    asked: Floats
    answered: Floats
    received: Floats
    given_up: Floats

    def __len__(self) -> int:
        return len(self.spec)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What was given to requests: one row for each of their trips. ``giver`` is the site that gave
    ``units`` at ``time``; ``trip`` is -1 for what the site that asked had itself."""

    request: Ints
    giver: Ints
    trip: Ints
    units: Ints
    time: Floats


def _no_requests() -> Requests:
    none, never = np.zeros(0, np.int64), np.zeros(0)
    return Requests(none, none, none, none, none, never, never, never, never)


def _no_answers() -> Answers:
    none = np.zeros(0, np.int64)
    return Answers(none, none, none, none, np.zeros(0))


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Everything that happened in one replication until the horizon.

    ``ended`` is when the run counts as over: the horizon, or the last receipt that was due where
    the plan stops with it.
    """

    replication: int
    horizon: float
    released: Floats
    supplies: Supplies
    trips: Trips
    loads: Loads
    services: Services
    tours: tuple[Tours, ...]
    losses: Losses
    uses: Uses
    strikes: Strikes
    ended: float
    requests: Requests = field(default_factory=_no_requests)
    answers: Answers = field(default_factory=_no_answers)


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
    """Return what was supplied, received and dispatched between sites, in order of time.

    A receipt is of what was not lost on the trip.
    """
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
    units = units - _lost_before(ledger, kind, product, trip)
    order = np.lexsort((trip, product, site, kind, time))
    order = order[units[order] > 0]
    return Events(
        time[order],
        kind[order],
        site[order],
        other[order],
        product[order],
        units[order],
        trip[order],
    )


def _lost_before(ledger: Ledger, kind: Ints, product: Ints, trip: Ints) -> Ints:
    """Return what of each event's units was lost on its trip before it: of receipts alone."""
    lost = np.zeros(len(kind), np.int64)
    losses = ledger.losses
    if not len(losses.units):
        return lost
    products = int(max(losses.product.max(), product.max(initial=0))) + 1
    of_trips = np.bincount(
        losses.trip * products + losses.product,
        losses.units,
        minlength=len(ledger.trips) * products,
    )
    got = kind == int(Kind.RECEIVED)
    lost[got] = of_trips[trip[got] * products + product[got]]
    return lost


def units_of_answers(answers: Answers, trips: Trips, losses: Losses) -> tuple[Ints, Floats]:
    """Return, for each answer, the units of it that were received, and when (hours; inf: never)."""
    by_trip = answers.trip >= 0
    lost = np.bincount(losses.trip, losses.units, minlength=len(trips)).astype(np.int64)
    units, time = answers.units.copy(), answers.time.copy()
    trip = answers.trip[by_trip]
    got = trips.received[trip]
    there = ~np.isnan(got)
    units[by_trip] = np.where(there, units[by_trip] - lost[trip], 0)
    time[by_trip] = np.where(there, got, np.inf)
    return units, time
