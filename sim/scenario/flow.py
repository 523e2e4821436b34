"""Schema of what moves and by which rules: products, lanes, sourcing, orders and waves."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, Tag, model_validator

from sim.scenario.chance import DurationLaw, check_law
from sim.scenario.leaving import Dispatch, OnArrival
from sim.scenario.lists import FleetNames
from sim.scenario.sharing import Sharing
from sim.scenario.values import (
    Base,
    Circuity,
    Duration,
    DurationOrZero,
    EchelonName,
    LaneName,
    Length,
    Positive,
    Priority,
    ProductName,
    RegionList,
    Share,
    SiteName,
    Spread,
    Stated,
    Status,
    Volume,
    Weight,
    Weighting,
    Window,
    word_or_list,
)


class Carton(Base):
    """How a product is packed."""

    units: Stated[Positive]
    """Units in one carton."""
    volume: Stated[Volume] | None = None
    """Volume of one carton."""
    weight: Stated[Weight] | None = None
    """Weight of one carton."""


class Product(Base):
    """What is shipped."""

    title: str | None = None
    """What to call it in figures and in words, in the plural."""
    carton: Carton | None = None
    """How it is packed; needed where a vehicle's volume or weight is limited."""
    priority: Priority = 0
    """Its rank in queues ordered by priority: the smallest number is served first."""


class Travel(Base):
    """How travel times vary around distance over speed."""

    law: Literal["constant", "lognormal", "gamma", "uniform", "triangular"] = "lognormal"
    """The law of the factor that multiplies each journey's mean driving time."""
    cv: Spread = 0.0
    """Coefficient of variation of each journey's own factor."""
    shared_cv: Spread = 0.0
    """Coefficient of variation of a factor that all journeys from one site share in a
    replication: the state of the roads and the weather there."""
    status: Status | None = None
    """Whether these are reported, derived or assumed."""
    source: str | None = None
    """Where they come from."""

    @model_validator(mode="after")
    def _law_exists(self) -> Self:
        if self.cv:
            check_law(self.law, 1.0, self.cv)
        return self


class Allocation(Base):
    """How goods are shared among the destinations of a site while they are scarce."""

    rule: Literal["in-turn", "proportional", "equal-rounds", "neediest-first"] = "in-turn"
    """in-turn fills one destination after the other; proportional shares every lot by what is
    still owed; equal-rounds gives each the same until it has its due; neediest-first fills,
    lot by lot, whoever is still owed most."""
    order: Literal[
        "nearest-first",
        "farthest-first",
        "largest-first",
        "smallest-first",
        "highest-first",
        "lowest-first",
    ] = "nearest-first"
    """Who comes first within a wave: by distance, by what it is due in all, or by an attribute."""
    attribute: str | None = None
    """The attribute of the listed sites that highest-first and lowest-first go by."""
    status: Status | None = None
    """Whether the rule is reported, derived or assumed."""
    source: str | None = None
    """Where it comes from."""


class LastMile(Base):
    """How facilities are visited: by tours of several stops."""

    stops: Stated[Positive]
    """Most stops on one tour."""
    stop_time: DurationLaw
    """Time at each stop, from arrival to receipt."""
    longest: Stated[Duration] | None = None
    """Longest mean time of a tour; a facility too far for it gets a tour of its own."""
    method: Literal["savings", "sweep"] = "savings"
    """How stops are put into tours: savings (Clarke & Wright 1964) or sweep (Gillett & Miller
    1974)."""
    order: Literal["nearest-first", "farthest-first", "most-stops-first"] = "nearest-first"
    """Which tours go first."""


class Link(Base):
    """Two sites of a lane's echelons that are connected."""

    from_: SiteName = Field(alias="from")
    """The site that goods leave."""
    to: SiteName
    """The site that they go to."""
    km: Stated[Length] | None = None
    """Road distance; left out, great-circle distance times circuity."""
    time: Stated[DurationOrZero] | None = None
    """Mean time on the road one way; left out, distance over the fleet's speed."""
    share: Weighting = 1.0
    """Weight of this link in the draw, where a site's lots go to one of several sites by chance."""


class Loss(Base):
    """What is lost or damaged on the way."""

    units: Stated[Share] | None = None
    """Chance of each unit to be lost, whatever happens to the others."""
    shipments: Stated[Share] | None = None
    """Chance of each shipment to be lost as a whole."""


class Lane(Base):
    """A connection from every site of one echelon to the sites of the next that it serves. With
    sharing, it may lead to any echelon, also to its own."""

    from_: EchelonName = Field(alias="from")
    """The echelon that goods leave."""
    to: EchelonName
    """The echelon that they go to."""
    fleet: FleetNames
    """The fleet that carries them, or a list of fleets with one home: goods are put together for
    the first, and go with the first of the list that is free and holds them."""
    links: list[Link] = []
    """Which listed sites are connected; left out, every site of the one echelon with every site
    of the other that it may supply."""
    travel: Travel = Travel()
    """How travel times vary."""
    time: DurationLaw | None = None
    """Time of each journey one way, rests included, instead of distance over speed."""
    time_back: DurationLaw | None = None
    """Time of each journey home; left out, drawn as the way out is."""
    share: Weighting = 1.0
    """Weight of this lane in the draw, where a site's lots go along one of several lanes by
    chance: to sites that take all that comes."""
    loss: Loss = Loss()
    """What is lost on the way."""
    dispatch: Dispatch = OnArrival(rule="on-arrival")
    """When goods leave."""
    allocation: Allocation = Allocation()
    """How scarce goods are shared."""
    tours: LastMile | None = None
    """Last-mile routing; for the lane that ends at the facilities."""
    sharing: Sharing | None = None
    """What sites spare is given to who asks for it, instead of what the plan assigns."""
    circuity: Stated[Circuity] | None = None
    """Road over great-circle distance on this lane, instead of the geography's."""
    title: str | None = None
    """What to call it in words."""

    @property
    def is_planned(self) -> bool:
        """Whether it carries what the plan assigns, not what is asked for."""
        return self.sharing is None


class Sourcing(Base):
    """Which factory supplies which destination, where no order says so."""

    rule: Literal["least-cost", "nearest"] = "least-cost"
    """least-cost moves all goods over the fewest unit-kilometres within what the factories can
    make in the window; nearest takes the nearest factory, whatever it can make."""
    window: Stated[Duration] = Field(default="7 d", validate_default=True)
    """The time, from the start, whose output counts as a factory's capacity for least-cost."""


class Order(Base):
    """A contract: this site supplies these regions, before any sourcing rule."""

    from_: SiteName = Field(alias="from")
    """The site that supplies."""
    product: ProductName
    """The product."""
    regions: RegionList
    """The regions supplied."""
    units: Stated[Positive] | None = None
    """Most units it supplies; left out, all that the regions need."""
    status: Status | None = None
    """Whether the order is reported, derived or assumed."""
    source: str | None = None
    """Where it comes from."""


class Wave(Base):
    """A set of regions released together; earlier waves in the file come first."""

    regions: Stated[
        Annotated[
            Annotated[Literal["rest"], Tag("word")] | Annotated[RegionList, Tag("list")],
            *word_or_list("rest"),
        ]
    ]
    """The regions, or "rest" for all that no other wave names."""
    release: Window
    """When goods may be assigned to them: a time, or the earliest and latest of an uncertain
    one, drawn evenly between them in each replication."""
    lane: LaneName
    """The lane that the wave holds back."""
    for_: list[EchelonName] = Field(default=[], alias="for")
    """Only what is for these echelons, at which goods end; left out, all that goes there. Other
    waves hold what is for the others."""
    status: Status | None = None
    """Whether the release is reported, derived or assumed."""
    source: str | None = None
    """Where it comes from."""
