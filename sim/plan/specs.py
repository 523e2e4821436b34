"""What the engine is told: frozen, in hours, kilometres, units, and nothing of scenario files."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import inf, isinf
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calendars import WorkingCalendar
from sim.laws import Law
from sim.plan.shared import SharedWays, SharingSpec
from sim.policies.allocation import AllocationRule
from sim.policies.dispatch import DispatchRule
from sim.units import OPEN as OPEN

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Stages of a lane at which stations may stand, in the order in which a trip passes them.
STAGES = ("loading", "sorting", "unloading", "inspection", "sign-off")


class Rest(NamedTuple):
    """The rest that drivers take: ``hours`` after each ``after`` hours of driving (inf: none)."""

    after: float
    hours: float


@dataclass(frozen=True, slots=True)
class Shift:
    """Working time and what happens to work at closing time."""

    calendar: WorkingCalendar
    closing: str
    always: bool


@dataclass(frozen=True, slots=True)
class BreakdownSpec:
    """Breakdowns of a station's servers: hours ``after`` a repair until the next breakdown, hours
    of ``repair``; ``clock`` is "working" or "calendar"."""

    after: Law
    repair: Law
    clock: str


@dataclass(frozen=True, slots=True)
class StationSpec:
    """A station at every site of an echelon, or at those of its ``sites`` alone.

    ``servers`` may be inf; times are hours: ``per_vehicle`` once a shipment, ``per_lot`` for each
    product in it, ``per_unit`` for each unit by itself; ``times`` (products, or empty) stand
    instead of ``per_lot``. Only shipments with some of ``products`` stop here (empty: all do).
    ``ranks`` (products) order the queue, lowest first; empty is first come, first served. ``yard``
    is the most that may wait.
    """

    name: str
    title: str
    echelon: int
    stage: str
    servers: float
    per_lot: Law | None
    per_unit: Law | None
    shift: Shift
    per_vehicle: Law | None = None
    times: tuple[Law | None, ...] = ()
    products: tuple[int, ...] = ()
    sites: tuple[int, ...] = ()
    ranks: tuple[int, ...] = ()
    preempts: bool = False
    yard: float = inf
    turns_away: bool = True
    breakdown: BreakdownSpec | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is first come, first served, with servers that work and room for all."""
        return not self.ranks and isinf(self.yard) and self.breakdown is None


@dataclass(frozen=True, slots=True)
class FleetSpec:
    """A fleet at every site of an echelon.

    Where several echelons are its homes, ``echelon`` is the first of them, ``homes`` are all, and
    ``pooled`` are pairs of sites: one, and another whose vehicles are also the first one's.
    ``limits`` are what one vehicle carries, one number each for units, m³ and kg (inf: no limit).
    ``speed`` is km/h, NaN where its lanes say their time. With ``loses`` a shipment that finds no
    vehicle free is lost to another carrier, else it waits.
    """

    name: str
    title: str
    echelon: int
    vehicles: float
    limits: tuple[float, float, float]
    speed: float
    loading: Law | None
    unloading: Law | None
    rest: Rest
    shift: Shift
    loses: bool = False
    homes: tuple[int, ...] = ()
    pooled: tuple[tuple[int, int], ...] = ()

    def pools(self, sites: int) -> Ints:
        """Return, for so many sites, the site to which the vehicles of each belong."""
        result = np.arange(sites)
        if self.pooled:
            here, there = np.array(self.pooled).T
            result[here] = there
        return result


@dataclass(frozen=True, slots=True)
class TravelSpec:
    """How journeys vary: a factor of mean 1 for each, and one that a site's journeys share.

    ``time`` is the law of a journey's hours one way, rests included, instead of distance over
    speed; ``back`` that of the way home (None: ``time`` again).
    """

    own: Law | None
    shared: Law | None
    time: Law | None = None
    back: Law | None = None


@dataclass(frozen=True, slots=True)
class LossSpec:
    """Chances to be lost on the way: of each unit by itself, and of each shipment as a whole."""

    units: float
    shipments: float


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """A lane between two echelons, or with ``sharing`` also within one.

    ``stations`` are the indexes of the stations of each stage, in the order in which they are
    passed. ``fleet`` is the fleet that goods are put together for; ``other_fleets`` are taken
    after it, in turn, if they are free and hold the load.
    """

    name: str
    title: str
    origin: int
    destination: int
    fleet: int
    circuity: float
    travel: TravelSpec
    dispatch: DispatchRule
    allocation: AllocationRule
    stations: tuple[tuple[int, ...], ...]
    is_last_mile: bool
    other_fleets: tuple[int, ...] = ()
    loss: LossSpec | None = None
    sharing: SharingSpec | None = None


@dataclass(frozen=True, slots=True)
class WaveSpec:
    """A wave of a lane: released at a time drawn evenly between ``earliest`` and ``latest``."""

    name: str
    lane: int
    earliest: float
    latest: float


@dataclass(frozen=True, slots=True)
class Supply:
    """Goods that appear at a site: ``units[i]`` at ``times[i]`` hours, ascending.

    What appears by the hour ``opening`` was there when the site began; the rest is its output.
    """

    site: int
    product: int
    times: Floats
    units: Ints
    opening: float = 0.0


@dataclass(frozen=True, slots=True)
class SupplyProcess:
    """Lots of a product that appear at a site, or requests for it, drawn in each replication.

    The first comes after ``first`` hours from ``begins`` (None: one gap after), the next a ``gap``
    later each, counted in the working time of ``shift``; or they come at ``times`` (hours), if
    there is no gap. None comes after ``ends``, and at most ``most`` in all. Sizes are drawn from
    ``size`` and rounded to whole units of at least 1. ``path`` is what the names of its random
    streams begin with; left out, ``supply/<name>``.
    """

    name: str
    site: int
    product: int
    size: Law
    gap: Law | None
    times: tuple[float, ...]
    first: Law | None
    begins: float
    ends: float
    most: float
    shift: Shift
    path: str = ""

    @property
    def entity(self) -> str:
        """What the names of its random streams begin with."""
        return self.path or f"supply/{self.name}"


@dataclass(frozen=True, slots=True)
class RequestSpec:
    """Requests for a product at sites of an echelon: a process for each site. What has not been
    answered after a draw of ``gives_up`` (None: ever) is withdrawn."""

    name: str
    echelon: int
    product: int
    gives_up: Law | None
    processes: tuple[SupplyProcess, ...]


@dataclass(frozen=True, slots=True)
class ConsumptionSpec:
    """How every facility (or site without an onward lane) of an echelon uses up a product.

    ``rate`` is units an hour for "constant" and "poisson", from ``begins`` (hours) on; "timetable"
    asks for ``units`` at ``times`` (hours). Each has ``stock`` at first; ``closed`` sites use none.
    """

    name: str
    echelon: int
    product: int
    pattern: str
    rate: float
    times: tuple[float, ...]
    units: int
    stock: int
    begins: float = 0.0
    closed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DisruptionSpec:
    """What goes wrong: ``kind`` as in scenario files.

    It begins between ``earliest`` and ``latest`` (hours) with probability ``chance``, or again and
    again, a draw of ``every`` after the start or the end of the last one. ``sites`` are those it
    touches: the destinations of a lane, or on tours the sites they start from; with ``each``, every
    one of them (on a road: every origin) has draws of its own. ``amount`` is the factor of slow
    roads and sudden need, the share cut from output, or the vehicles that are away. ``products``
    empty means all.
    """

    name: str
    kind: str
    earliest: float
    latest: float
    every: Law | None
    lasts: Law
    chance: float
    each: bool
    sites: tuple[int, ...]
    lane: int = -1
    fleet: int = -1
    echelon: int = -1
    products: tuple[int, ...] = ()
    amount: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Who sends how much to whom: one row for each origin, destination and product of all lanes.

    Rows are sorted by lane, origin, then priority: wave by wave, and within one by the lane's
    order. ``wave`` is an index into the plan's waves, -1 for goods that nothing holds back.
    ``units`` is ``OPEN`` for a destination that takes whatever comes; ``share`` is then its weight
    in the draw of where a lot goes. ``hours`` is the mean time one way, NaN where it follows from
    ``km`` and speed; ``km`` is NaN where nobody says how far it is.
    """

    lane: Ints
    origin: Ints
    destination: Ints
    product: Ints
    units: Ints
    km: Floats
    wave: Ints
    hours: Floats
    share: Floats

    def __len__(self) -> int:
        return len(self.lane)


@dataclass(frozen=True, slots=True, eq=False)
class TourPlan:
    """The tours of one last-mile lane, in the order in which each site sends them out.

    ``first`` (tours + 1) are offsets into the arrays of stops. ``leg_km`` is the road distance
    into each stop and ``back_km`` that of each way home. ``facility`` is the row of the stop in the
    network's facilities, and ``rank`` its index among its site's facilities. ``units`` (stops ×
    products) is what each facility is to get: one row broadcast to all where they get the same.
    """

    lane: int
    echelon: int
    site: Ints
    first: Ints
    facility: Ints
    rank: Ints
    leg_km: Floats
    back_km: Floats
    units: Ints
    stop_time: Law

    def __len__(self) -> int:
        return len(self.site)

    @property
    def is_even(self) -> bool:
        """Whether ``units`` is one row for all stops."""
        return self.units.strides[0] == 0

    @property
    def site_of_stop(self) -> Ints:
        """The site from which each stop is served (stops)."""
        return np.repeat(self.site, np.diff(self.first))

    def units_of_tours(self) -> Ints:
        """Return what each tour takes along for all of its stops (tours × products), in units."""
        if self.is_even:
            return np.asarray(np.diff(self.first)[:, None] * self.units[:1])
        return np.asarray(np.add.reduceat(self.units, self.first[:-1], axis=0))

    def units_in_all(self, product: int) -> int:
        """Return the units of a product that all stops together are to get."""
        if self.is_even:
            return int(self.first[-1]) * int(self.units[:1, product].sum())
        return int(self.units[:, product].sum())

    def __getstate__(self) -> list[Any]:
        """Let a row that holds for all stops travel to workers as one row."""
        state = [getattr(self, field.name) for field in fields(self)]
        place = [field.name for field in fields(self)].index("units")
        if self.is_even:
            state[place] = np.array(self.units[:1])
        return [self.is_even, *state]

    def __setstate__(self, state: list[Any]) -> None:
        is_even, *values = state
        for field, value in zip(fields(self), values, strict=True):
            object.__setattr__(self, field.name, value)
        if is_even:
            every = np.broadcast_to(self.units, (int(self.first[-1]), self.units.shape[1]))
            object.__setattr__(self, "units", every)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything the engine needs to run a replication.

    ``site_keys`` name the sites' random streams; ``load_per_unit`` (products × 3) are units, m³ and
    kg; ``notes`` say in words what had to be decided while planning. ``warm_up`` is hours that
    steady-state measures leave out; ``stop`` is "horizon" or "delivered".
    """

    seed: int
    horizon: float
    echelons: tuple[str, ...]
    products: tuple[str, ...]
    site_keys: tuple[str, ...]
    site_echelon: Ints
    load_per_unit: Floats
    stations: tuple[StationSpec, ...]
    fleets: tuple[FleetSpec, ...]
    lanes: tuple[LaneSpec, ...]
    waves: tuple[WaveSpec, ...]
    supplies: tuple[Supply, ...]
    links: Links
    tours: tuple[TourPlan, ...]
    notes: tuple[str, ...]
    processes: tuple[SupplyProcess, ...] = ()
    consumption: tuple[ConsumptionSpec, ...] = ()
    disruptions: tuple[DisruptionSpec, ...] = ()
    requests: tuple[RequestSpec, ...] = ()
    shared: tuple[SharedWays, ...] = ()
    warm_up: float = 0.0
    stop: str = "horizon"
    percentiles: tuple[int, ...] = (50, 90)
