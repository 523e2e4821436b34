"""Schema of what moves and by which rules: products, lanes, sourcing, orders and waves."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, Tag, WithJsonSchema, model_validator

from sim.scenario.values import (
    Base,
    Circuity,
    Duration,
    DurationOrZero,
    EchelonName,
    FleetName,
    Instant,
    LaneName,
    Positive,
    ProductName,
    RegionList,
    SiteName,
    Spread,
    Stated,
    Status,
    Volume,
    Weight,
    parse_clock,
    word_or_list,
)
from sim.scenario.work import DurationLaw, check_law


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


class OnArrival(Base):
    """Goods leave as soon as they are assigned to a destination."""

    rule: Literal["on-arrival"]
    """Name of the rule."""


class FullOrAfter(Base):
    """Goods leave when they fill a load, or when the first of them has waited so long."""

    rule: Literal["full-or-after"]
    """Name of the rule."""
    after: Stated[Duration]
    """Longest wait, counted from the first waiting goods."""
    full: Stated[Positive] | None = None
    """Units that count as a full load; left out, the vehicle's capacity decides."""


class Departures(Base):
    """Goods leave at fixed departures; one with nothing to carry is skipped."""

    rule: Literal["departures"]
    """Name of the rule."""
    every: Stated[Duration] | None = None
    """Time between departures; the first is at the start plus the offset."""
    offset: Stated[DurationOrZero] | None = None
    """Delay of the first departure after the scenario's start."""
    at: (
        list[
            Annotated[
                float,
                BeforeValidator(parse_clock),
                WithJsonSchema({"type": "string", "examples": ["08:00"]}),
            ]
        ]
        | None
    ) = None
    """Times of day at which vehicles leave, instead of an interval."""


Dispatch = Annotated[OnArrival | FullOrAfter | Departures, Field(discriminator="rule")]


class Allocation(Base):
    """How goods are shared among the destinations of a site while they are scarce."""

    rule: Literal["in-turn", "proportional", "equal-rounds"] = "in-turn"
    """in-turn fills one destination after the other; proportional shares every lot by what is
    still owed; equal-rounds gives each the same until it has its due."""
    order: Literal["nearest-first", "farthest-first", "largest-first", "smallest-first"] = (
        "nearest-first"
    )
    """Who comes first within a wave."""
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


class Lane(Base):
    """A connection from every site of one echelon to the sites of the next that it serves."""

    from_: EchelonName = Field(alias="from")
    """The echelon that goods leave."""
    to: EchelonName
    """The echelon that they go to."""
    fleet: FleetName
    """The fleet that carries them."""
    travel: Travel = Travel()
    """How travel times vary."""
    dispatch: Dispatch = OnArrival(rule="on-arrival")
    """When goods leave."""
    allocation: Allocation = Allocation()
    """How scarce goods are shared."""
    tours: LastMile | None = None
    """Last-mile routing; for the lane that ends at the facilities."""
    circuity: Stated[Circuity] | None = None
    """Road over great-circle distance on this lane, instead of the geography's."""
    title: str | None = None
    """What to call it in words."""


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


def _window(raw: Any) -> Any:
    return raw if isinstance(raw, list) else [raw, raw]


class Wave(Base):
    """A set of regions released together; earlier waves in the file come first."""

    regions: Stated[
        Annotated[
            Annotated[Literal["rest"], Tag("word")] | Annotated[RegionList, Tag("list")],
            *word_or_list("rest"),
        ]
    ]
    """The regions, or "rest" for all that no other wave names."""
    release: Annotated[
        tuple[Instant, Instant],
        BeforeValidator(_window),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string", "format": "date-time"},
                    {
                        "type": "array",
                        "items": {"type": "string", "format": "date-time"},
                        "minItems": 2,
                        "maxItems": 2,
                    },
                ]
            }
        ),
    ]
    """When goods may be assigned to them: a time, or the earliest and latest of an uncertain
    one, drawn evenly between them in each replication."""
    lane: LaneName
    """The lane that the wave holds back."""
    status: Status | None = None
    """Whether the release is reported, derived or assumed."""
    source: str | None = None
    """Where it comes from."""
