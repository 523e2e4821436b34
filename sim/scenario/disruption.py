"""Schema of disruptions: what goes wrong, where, and when: on dates or by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.chance import DurationLaw
from sim.scenario.flow import Lane
from sim.scenario.values import (
    Base,
    EchelonName,
    FleetName,
    LaneName,
    Positive,
    ProductName,
    RegionName,
    Share,
    SiteName,
    Spread,
    Stated,
    Status,
    Window,
)
from sim.scenario.work import Fleet


class _Disruption(Base):
    begins: Window | None = None
    """When it begins: a time, or the earliest and latest of an uncertain one, drawn evenly."""
    lasts: DurationLaw
    """How long it lasts."""
    chance: Stated[Share] = Field(default=1.0, validate_default=True)
    """Chance that it happens at all in a replication."""
    every: DurationLaw | None = None
    """Instead of a beginning: time from the start, or the end of the last one, to the next."""
    each: bool = False
    """True draws it for every site (or, on a road, every origin) by itself; else all that it
    touches are struck together."""
    status: Status | None = None
    """Whether it is reported, derived or assumed."""
    source: str | None = None
    """Where it comes from."""


class ClosedSite(_Disruption):
    """Sites are shut: nothing leaves them, their stations stop, and vehicles wait at the gate."""

    kind: Literal["closed-site"]
    """Name of the kind."""
    echelon: EchelonName
    """The echelon of the sites."""
    sites: list[SiteName] = []
    """Only these listed sites."""
    regions: list[RegionName] = []
    """Only the sites in these regions."""


class ClosedRoad(_Disruption):
    """Roads are shut: nobody sets out on them; who is on the way goes on."""

    kind: Literal["closed-road"]
    """Name of the kind."""
    lane: LaneName
    """The lane."""
    sites: list[SiteName] = []
    """Only to these listed sites."""
    regions: list[RegionName] = []
    """Only to sites in these regions."""


class SlowRoad(_Disruption):
    """Roads are slow, with snow or traffic: journeys that begin meanwhile take longer."""

    kind: Literal["slow-road"]
    """Name of the kind."""
    lane: LaneName
    """The lane."""
    sites: list[SiteName] = []
    """Only to these listed sites."""
    regions: list[RegionName] = []
    """Only to sites in these regions."""
    factor: Stated[Spread]
    """What driving times are multiplied by."""


class OutputCut(_Disruption):
    """Sites bring forth less: of what their output and supply would bring, a share is lost."""

    kind: Literal["output-cut"]
    """Name of the kind."""
    sites: list[SiteName] = Field(min_length=1)
    """The listed sites."""
    products: list[ProductName] = []
    """Only these products; left out, all."""
    share: Stated[Share]
    """The share of the output that is lost."""


class FewerVehicles(_Disruption):
    """Vehicles are away, as over a holiday: who is out comes home first."""

    kind: Literal["fewer-vehicles"]
    """Name of the kind."""
    fleet: FleetName
    """The fleet."""
    sites: list[SiteName] = []
    """Only at these listed sites."""
    regions: list[RegionName] = []
    """Only at sites in these regions."""
    vehicles: Stated[Positive]
    """How many vehicles of each place are away, at most all."""


class SuddenNeed(_Disruption):
    """Facilities ask for more: their consumption is multiplied."""

    kind: Literal["sudden-need"]
    """Name of the kind."""
    echelon: EchelonName
    """The echelon that uses goods up."""
    product: ProductName
    """The product."""
    sites: list[SiteName] = []
    """Only these listed sites."""
    regions: list[RegionName] = []
    """Only facilities in these regions."""
    factor: Stated[Spread]
    """What consumption is multiplied by."""


Disruption = Annotated[
    ClosedSite | ClosedRoad | SlowRoad | OutputCut | FewerVehicles | SuddenNeed,
    Field(discriminator="kind"),
]


def touched_echelons(
    disruption: Disruption, lanes: Mapping[str, Lane], fleets: Mapping[str, Fleet]
) -> list[str]:
    """Return the echelons whose sites a disruption touches; none where it names them itself.

    Facilities on tours are no sites: for them stands the echelon from which the tours start.
    """
    match disruption:
        case ClosedSite():
            return [disruption.echelon]
        case ClosedRoad() | SlowRoad():
            lane = lanes[disruption.lane]
            return [lane.from_ if lane.tours is not None else lane.to]
        case FewerVehicles():
            return fleets[disruption.fleet].home
        case SuddenNeed():
            tours = (lane for lane in lanes.values() if lane.tours is not None)
            starts = [lane.from_ for lane in tours if lane.to == disruption.echelon]
            return starts[:1] or [disruption.echelon]
        case OutputCut():
            return []
