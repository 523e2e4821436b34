"""What the engine is told: frozen, in hours, kilometres, units, and nothing of scenario files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calendars import WorkingCalendar
from sim.laws import Law
from sim.policies.allocation import AllocationRule
from sim.policies.dispatch import DispatchRule

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Stages of a lane at which a station may stand, in the order in which a trip passes them.
STAGES = ("loading", "sorting", "unloading", "sign-off")


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
class StationSpec:
    """A station at every site of an echelon: ``servers`` may be inf; times are hours."""

    name: str
    title: str
    echelon: int
    stage: str
    servers: float
    per_lot: Law | None
    per_unit: float
    shift: Shift


@dataclass(frozen=True, slots=True)
class FleetSpec:
    """A fleet at every site of an echelon.

    ``limits`` are what one vehicle carries, one number each for units, m³ and kg (inf: no limit).
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


@dataclass(frozen=True, slots=True)
class TravelSpec:
    """How journeys vary: a factor of mean 1 for each, and one that a site's journeys share."""

    own: Law | None
    shared: Law | None


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """A lane between two echelons; ``stations`` are indexes by stage, -1 where there is none."""

    name: str
    title: str
    origin: int
    destination: int
    fleet: int
    circuity: float
    travel: TravelSpec
    dispatch: DispatchRule
    allocation: AllocationRule
    stations: tuple[int, int, int, int]
    is_last_mile: bool


@dataclass(frozen=True, slots=True)
class WaveSpec:
    """A wave of a lane: released at a time drawn evenly between ``earliest`` and ``latest``."""

    name: str
    lane: int
    earliest: float
    latest: float


@dataclass(frozen=True, slots=True)
class Supply:
    """Goods that appear at a site: ``units[i]`` at ``times[i]`` hours, ascending."""

    site: int
    product: int
    times: Floats
    units: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Who sends how much to whom: one row for each origin, destination and product of all lanes.

    Rows are sorted by lane, origin, then priority: wave by wave, and within one by the lane's
    order. ``wave`` is an index into the plan's waves, -1 for goods that nothing holds back.
    """

    lane: Ints
    origin: Ints
    destination: Ints
    product: Ints
    units: Ints
    km: Floats
    wave: Ints

    def __len__(self) -> int:
        return len(self.lane)


@dataclass(frozen=True, slots=True, eq=False)
class TourPlan:
    """The tours of one last-mile lane, in the order in which each site sends them out.

    ``first`` (tours + 1) are offsets into the arrays of stops. ``leg_km`` is the road distance
    into each stop and ``back_km`` that of each way home. ``facility`` is the row of the stop in the
    network's facilities, ``rank`` its index among its site's facilities, and ``entity`` the id of
    its site's random stream. ``units`` (products) is what each facility is to get.
    """

    lane: int
    echelon: int
    site: Ints
    first: Ints
    facility: Ints
    rank: Ints
    leg_km: Floats
    back_km: Floats
    units: tuple[int, ...]
    stop_time: Law

    def __len__(self) -> int:
        return len(self.site)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything the engine needs to run a replication.

    ``site_keys`` name the sites' random streams; ``load_per_unit`` (products × 3) are units, m³ and
    kg; ``notes`` say in words what had to be decided while planning.
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
