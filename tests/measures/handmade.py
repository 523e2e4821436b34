"""Plans, ledgers and scopes made by hand, small enough to measure on paper.

The chain is factory, city, county, clinic, with one lane between each two and a fleet for each
lane, unless other lanes are given. Trips and tours are given by their times; whatever is left out
did not happen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isnan, nan

import numpy as np

from sim.calendars import WorkingCalendar, always_open
from sim.laws import Constant
from sim.ledger import (
    Cause,
    Ledger,
    Loads,
    Losses,
    Services,
    Strikes,
    Supplies,
    Tours,
    Trips,
    Uses,
)
from sim.measures.run import RunMeasures, measure_run
from sim.measures.scope import Probe, Scope
from sim.plan.specs import (
    ConsumptionSpec,
    FleetSpec,
    LaneSpec,
    Links,
    LossSpec,
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
#: Origin and destination of the lanes of the chain.
CHAIN = ((FACTORY, CITY), (CITY, COUNTY), (COUNTY, CLINIC))
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
    """A campaign on paper. ``region`` is the province of each site; ``services`` are rows of
    station, site, trip, joined, began, ended, and, unless they are 0 and whether it ended, part and
    done; ``losses`` of time, trip, site, station, product, units, cause; ``uses`` of spec, place,
    wanted, met, empty, stock, left. Other lanes than the chain have no tours."""

    echelon: Sequence[int]
    trips: Sequence[Trip] = ()
    tours: Sequence[Tour] = ()
    supplies: Sequence[tuple[float, int, int, int]] = ()
    links: Sequence[tuple[int, int, int, int]] = ()
    services: Sequence[tuple[float, ...]] = ()
    losses: Sequence[tuple[float, int, int, int, int, int, Cause]] = ()
    uses: Sequence[tuple[float, ...]] = ()
    consumption: Sequence[ConsumptionSpec] = ()
    lanes: Sequence[tuple[int, int]] = CHAIN
    loss: LossSpec | None = None
    loses: bool = False
    limits: tuple[float, float, float] = (inf, inf, inf)
    warm_up: float = 0.0
    ended: float = nan
    percentiles: tuple[int, ...] = (50, 90)
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
                    name, name, index, number, self.limits, 50.0, None, None, Rest(inf, 0.0),
                    shift, self.loses,
                )
                for index, (name, number, shift) in enumerate(
                    zip(FLEETS, self.vehicles, self.shifts, strict=True)
                )
            ),
            lanes=tuple(
                LaneSpec(
                    ("to" if self.lanes == CHAIN else ECHELONS[at]) + f"-{ECHELONS[to]}",
                    "", at, to, at, 1.0, TravelSpec(None, None), OnArrival(), in_turn, ((),) * 5,
                    self.has_tours and to == CLINIC, (), self.loss,
                )
                for at, to in self.lanes
            ),
            waves=(),
            supplies=tuple(
                Supply(site, product, np.array([time]), np.array([units]))
                for time, site, product, units in self.supplies
            ),
            links=Links(
                lane=self.lane(origin, destination), origin=origin, destination=destination,
                product=product, units=units, km=np.full(len(units), 10.0),
                wave=np.full(len(units), -1),
                hours=np.full(len(units), nan), share=np.ones(len(units)),
            ),
            tours=() if not self.has_tours else (
                TourPlan(
                    lane=2, echelon=CLINIC, site=sites, first=first,
                    facility=np.arange(first[-1]), rank=np.arange(first[-1]),
                    leg_km=np.array([km for tour in legs for km in tour], np.float64),
                    back_km=np.array([tour.back for tour in self.tours], np.float64),
                    units=np.broadcast_to(
                        np.array(self.units, np.int64), (int(first[-1]), len(self.units))
                    ),
                    stop_time=Constant(0.0),
                ),
            ),
            notes=(),
            consumption=tuple(self.consumption),
            warm_up=self.warm_up,
            percentiles=self.percentiles,
        )  # fmt: skip

    @property
    def has_tours(self) -> bool:
        return self.lanes == CHAIN

    def lane(self, origin: np.ndarray, destination: np.ndarray) -> np.ndarray:
        """Return the lane between each two sites."""
        echelon = np.array(self.echelon, np.int64)
        ends = zip(echelon[origin].tolist(), echelon[destination].tolist(), strict=True)
        return ints(list(self.lanes).index(pair) for pair in ends)

    @property
    def ledger(self) -> Ledger:
        trips, tours = self.trips, self.tours
        loads = [
            (number, product, units)
            for number, trip in enumerate(trips)
            for product, units in trip.load.items()
        ]
        time, site, product, units = zip(*self.supplies, strict=True) if self.supplies else [()] * 4
        rows = [(*row, 0, not isnan(row[5])) if len(row) == 6 else row for row in self.services]
        station, place, number, joined, began, ended, part, done = (
            zip(*rows, strict=True) if rows else [()] * 8
        )
        lost = list(zip(*self.losses, strict=True)) if self.losses else [()] * 7
        used = list(zip(*self.uses, strict=True)) if self.uses else [()] * 7
        origin = ints(trip.origin for trip in trips)
        delivered = floats(t for tour in tours for t in tour.delivered)
        return Ledger(
            replication=0,
            horizon=self.horizon,
            released=np.zeros(0),
            supplies=Supplies(floats(time), ints(site), ints(product), ints(units)),
            trips=Trips(
                self.lane(origin, ints(trip.destination for trip in trips)),
                origin,
                ints(trip.destination for trip in trips),
                floats(trip.km for trip in trips),
                *(
                    floats(getattr(trip, name) for trip in trips)
                    for name in ("ready", "taken", "dispatched", "arrived", "received", "returned")
                ),
                floats(0.0 for _ in trips),
                fleet=np.array(self.echelon, np.int64)[origin],
            ),
            loads=Loads(*columns(loads, 3)),
            services=Services(
                ints(station), ints(place), ints(number), floats(joined), floats(began),
                floats(ended), ints(part), np.array(done, bool),
            ),
            tours=() if not self.has_tours else (
                Tours(
                    floats(tour.ready for tour in tours),
                    floats(tour.began for tour in tours),
                    floats(tour.ended for tour in tours),
                    np.zeros(len(tours)),
                    delivered - 0.25,
                    delivered,
                ),
            ),
            losses=Losses(floats(lost[0]), *(ints(column) for column in lost[1:])),
            uses=Uses(
                ints(used[0]), ints(used[1]), ints(used[1]), ints(used[2]), ints(used[3]),
                floats(used[4]), floats(used[5]), ints(used[6]),
            ),
            strikes=Strikes(ints(()), ints(()), floats(()), floats(())),
            ended=self.horizon if isnan(self.ended) else self.ended,
        )  # fmt: skip

    @property
    def scope(self) -> Scope:
        region = np.array(self.region or [0] * len(self.echelon), np.int64)
        stops = ints(len(tour.delivered) for tour in self.tours)
        sites = ints(tour.site for tour in self.tours)
        served = np.bincount(sites, stops, minlength=len(region)).astype(np.int64)
        return Scope(self.regions, region, {CLINIC: served}, self.probes)

    def measured(self) -> RunMeasures:
        """Return its measures."""
        return measure_run(self.ledger, self.plan, self.scope)

    def value(self, measure: str, entity: str = "", product: str = "", echelon: str = "") -> float:
        """Return the one national value of a measure with these keys, where they are given."""
        wanted = {"entity": entity, "product": product, "echelon": echelon}
        found = [
            row.value
            for row in self.measured().rows
            if row.measure == measure
            and row.region == "national"
            and all(getattr(row, key) == word for key, word in wanted.items() if word)
        ]
        assert len(found) == 1, f"{len(found)} rows of {measure}"
        return found[0]


def ints(values) -> np.ndarray:
    return np.array(list(values), np.int64)


def floats(values) -> np.ndarray:
    return np.array(list(values), np.float64)


def columns(rows: Sequence[tuple[int, ...]], width: int) -> tuple[np.ndarray, ...]:
    """Return rows of integers as columns."""
    return tuple(np.array(rows, np.int64).reshape(-1, width).T.copy())


def station(
    echelon: int, *, servers: float = 1, shift: Shift = ALWAYS, **others: object
) -> StationSpec:
    """Return a station where shipments are signed for."""
    name = f"{ECHELONS[echelon]}-sign-off"
    return StationSpec(
        name, name, echelon, "sign-off", servers, Constant(1.0), None, shift, **others
    )


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
