"""Plans, ledgers and scopes made by hand, small enough to measure on paper.

The chain is factory, city, county, clinic, with one lane between each two and a fleet for each
lane. Trips and tours are given by their times; whatever is left out did not happen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, nan

import numpy as np

from sim.calendars import WorkingCalendar, always_open
from sim.laws import Constant
from sim.ledger import Ledger, Loads, Services, Supplies, Tours, Trips
from sim.measures.scope import Probe, Scope
from sim.plan.specs import (
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
)
from sim.policies.allocation import in_turn
from sim.policies.dispatch import OnArrival

FACTORY, CITY, COUNTY, CLINIC = range(4)
ECHELONS = ("factory", "city", "county", "clinic")
FLEETS = ("carrier", "city-van", "county-van")
ALWAYS = Shift(always_open(), "finish", always=True)


def daily(opening: float, closing: float, rule: str, days: int = 30) -> Shift:
    """Return working time from ``opening`` to ``closing`` o'clock on every day."""
    opens = tuple(24.0 * day + opening for day in range(days))
    closes = tuple(24.0 * day + closing for day in range(days))
    return Shift(WorkingCalendar(opens, closes), rule, always=False)


@dataclass(frozen=True)
class Trip:
    """One trip; ``load`` is units by product."""

    origin: int
    destination: int
    load: Mapping[int, int]
    ready: float = 0.0
    taken: float = nan
    dispatched: float = nan
    arrived: float = nan
    received: float = nan
    returned: float = nan
    km: float = 10.0


@dataclass(frozen=True)
class Tour:
    """One tour of a county; ``delivered`` has one time a stop."""

    site: int
    delivered: Sequence[float]
    ready: float = nan
    began: float = nan
    ended: float = nan
    legs: Sequence[float] = ()
    back: float = 0.0


@dataclass(frozen=True)
class Case:
    """A campaign on paper. ``region`` is the province of each site, ``services`` are rows of
    station, site, trip, joined, began, ended."""

    echelon: Sequence[int]
    trips: Sequence[Trip] = ()
    tours: Sequence[Tour] = ()
    supplies: Sequence[tuple[float, int, int, int]] = ()
    links: Sequence[tuple[int, int, int, int]] = ()
    services: Sequence[tuple[int, int, int, float, float, float]] = ()
    stations: Sequence[StationSpec] = ()
    region: Sequence[int] = ()
    regions: tuple[str, ...] = ("Aland", "Bland", "Cland")
    units: tuple[int, ...] = (2,)
    horizon: float = 20.0
    vehicles: tuple[float, float, float] = (inf, inf, inf)
    shifts: tuple[Shift, Shift, Shift] = (ALWAYS, ALWAYS, ALWAYS)
    probes: tuple[Probe, ...] = field(default=())

    @property
    def plan(self) -> Plan:
        echelon = np.array(self.echelon, np.int64)
        origin, destination, product, units = columns(self.links, 4)
        sites = np.array([tour.site for tour in self.tours], np.int64)
        stops = np.array([len(tour.delivered) for tour in self.tours], np.int64)
        first = np.concatenate([[0], np.cumsum(stops)]).astype(np.int64)
        legs = [tour.legs or [1.0] * len(tour.delivered) for tour in self.tours]
        return Plan(
            seed=0,
            horizon=self.horizon,
            echelons=ECHELONS,
            products=tuple(f"product-{i}" for i in range(len(self.units))),
            site_keys=tuple(f"site/{i}" for i in range(len(echelon))),
            site_echelon=echelon,
            load_per_unit=np.array([(1.0, 0.0, 0.0)] * len(self.units)),
            stations=tuple(self.stations),
            fleets=tuple(
                FleetSpec(
                    name, name, index, number, (inf, inf, inf), 50.0, None, None, Rest(inf, 0.0),
                    shift,
                )
                for index, (name, number, shift) in enumerate(
                    zip(FLEETS, self.vehicles, self.shifts, strict=True)
                )
            ),
            lanes=tuple(
                LaneSpec(
                    f"to-{ECHELONS[i + 1]}", "", i, i + 1, i, 1.0, TravelSpec(None, None),
                    OnArrival(), in_turn, (-1, -1, -1, -1), i == COUNTY,
                )
                for i in range(3)
            ),
            waves=(),
            supplies=tuple(
                Supply(site, product, np.array([time]), np.array([units]))
                for time, site, product, units in self.supplies
            ),
            links=Links(
                lane=echelon[origin], origin=origin, destination=destination, product=product,
                units=units, km=np.full(len(units), 10.0), wave=np.full(len(units), -1),
            ),
            tours=(
                TourPlan(
                    lane=2, echelon=CLINIC, site=sites, first=first,
                    facility=np.arange(first[-1]), rank=np.arange(first[-1]),
                    leg_km=np.array([km for tour in legs for km in tour], np.float64),
                    back_km=np.array([tour.back for tour in self.tours], np.float64),
                    units=self.units, stop_time=Constant(0.0),
                ),
            ),
            notes=(),
        )  # fmt: skip

    @property
    def ledger(self) -> Ledger:
        trips, tours = self.trips, self.tours
        echelon = np.array(self.echelon, np.int64)
        loads = [
            (number, product, units)
            for number, trip in enumerate(trips)
            for product, units in trip.load.items()
        ]
        time, site, product, units = zip(*self.supplies, strict=True) if self.supplies else [()] * 4
        station, place, number, *when = (
            zip(*self.services, strict=True) if self.services else [()] * 6
        )
        origin = ints(trip.origin for trip in trips)
        delivered = floats(t for tour in tours for t in tour.delivered)
        return Ledger(
            replication=0,
            horizon=self.horizon,
            released=np.zeros(0),
            supplies=Supplies(floats(time), ints(site), ints(product), ints(units)),
            trips=Trips(
                echelon[origin],
                origin,
                ints(trip.destination for trip in trips),
                floats(trip.km for trip in trips),
                *(
                    floats(getattr(trip, name) for trip in trips)
                    for name in ("ready", "taken", "dispatched", "arrived", "received", "returned")
                ),
                floats(0.0 for _ in trips),
            ),
            loads=Loads(*columns(loads, 3)),
            services=Services(
                ints(station), ints(place), ints(number), *(floats(column) for column in when)
            ),
            tours=(
                Tours(
                    floats(tour.ready for tour in tours),
                    floats(tour.began for tour in tours),
                    floats(tour.ended for tour in tours),
                    np.zeros(len(tours)),
                    delivered - 0.25,
                    delivered,
                ),
            ),
        )

    @property
    def scope(self) -> Scope:
        region = np.array(self.region or [0] * len(self.echelon), np.int64)
        stops = ints(len(tour.delivered) for tour in self.tours)
        sites = ints(tour.site for tour in self.tours)
        served = np.bincount(sites, stops, minlength=len(region)).astype(np.int64)
        return Scope(self.regions, region, {CLINIC: served}, self.probes)


def ints(values) -> np.ndarray:
    return np.array(list(values), np.int64)


def floats(values) -> np.ndarray:
    return np.array(list(values), np.float64)


def columns(rows: Sequence[tuple[int, ...]], width: int) -> tuple[np.ndarray, ...]:
    """Return rows of integers as columns."""
    return tuple(np.array(rows, np.int64).reshape(-1, width).T.copy())


def station(echelon: int, *, servers: float = 1, shift: Shift = ALWAYS) -> StationSpec:
    """Return a station where shipments are signed for."""
    name = f"{ECHELONS[echelon]}-sign-off"
    return StationSpec(name, name, echelon, "sign-off", servers, Constant(1.0), 0.0, shift)


def paper_campaign(**changes: object) -> Case:
    """A campaign worked out on paper in ``test_run_measures``: see the comments there.

    One factory (site 0), two cities (1 in Aland, 2 in Bland), a county below each (3 and 4). Each
    clinic is to get 2 units. By hour 20 the goods for the second city are still on the road.
    """
    given: dict[str, object] = {
        "echelon": (FACTORY, CITY, CITY, COUNTY, COUNTY),
        "region": (0, 0, 1, 0, 1),
        "supplies": ((0.0, 0, 0, 10), (6.0, 0, 0, 5)),
        "links": ((0, 1, 0, 8), (0, 2, 0, 4), (1, 3, 0, 8), (2, 4, 0, 4)),
        "trips": (
            Trip(0, 1, {0: 5}, 0.0, 0.0, 1.0, 4.0, 5.0, 8.0, km=90.0),
            Trip(0, 1, {0: 3}, 2.0, 3.0, 4.0, 9.0, 11.0, km=90.0),
            Trip(0, 2, {0: 2}, 6.0, 6.5, 7.0, km=60.0),
            Trip(0, 2, {0: 2}, 9.0, km=60.0),
            Trip(1, 3, {0: 5}, 5.0, 5.5, 6.0, 7.0, 8.0, 8.5, km=20.0),
            Trip(1, 3, {0: 3}, 11.0, 11.0, 12.0, 13.0, 13.5, 14.0, km=20.0),
        ),
        "tours": (
            Tour(3, (15.0, 16.0, 17.0), 13.5, 14.0, 18.0, legs=(5.0, 2.0, 2.0), back=6.0),
            Tour(3, (nan,), 13.5, 15.0, legs=(30.0,), back=30.0),
            Tour(4, (nan, nan), legs=(4.0, 4.0), back=4.0),
        ),
        "stations": (station(CITY),),
        "services": ((0, 1, 0, 4.0, 4.0, 5.0), (0, 1, 1, 9.0, 10.0, 11.0)),
        "vehicles": (4, 1, 2),
    }
    return Case(**(given | changes))  # type: ignore[arg-type]
