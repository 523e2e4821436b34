"""Schema of places: the geography, the echelons and the sites."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from sim.scenario.flow import Sourcing
from sim.scenario.values import (
    Base,
    CalendarName,
    Circuity,
    Count,
    Degrees,
    Duration,
    EchelonName,
    Instant,
    Need,
    Number,
    PlaceName,
    Positive,
    ProductName,
    RateOfOutput,
    RegionList,
    SiteName,
    Stated,
    refuse,
    word_or_list,
)

DrawnSites = Literal[
    "prefectures",
    "counties",
    "village-clinics",
    "township-health-centres",
    "nursing-homes",
    "households",
]
Regions = Annotated[
    Annotated[Literal["all"], Tag("word")] | Annotated[RegionList, Tag("list")],
    *word_or_list("all"),
]


def _check_place(raw: object) -> object:
    if isinstance(raw, str | int | list) and not isinstance(raw, bool):
        return raw
    raise refuse("a place of the geography, or [latitude, longitude]", raw)


Place = Annotated[
    Annotated[PlaceName, Tag("name")]
    | Annotated[list[Degrees], Field(min_length=2, max_length=2), Tag("list")],
    Discriminator(lambda raw: "list" if isinstance(raw, list) else "name"),
    BeforeValidator(_check_place),
]


def _check_county(raw: object) -> str:
    """A county's name, or its code as a text or a number; whether there is one is a check's."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    if not isinstance(raw, str):
        raise refuse("the name or code of a county", raw)
    return raw


CountyName = Annotated[
    str, BeforeValidator(_check_county), WithJsonSchema({"type": ["string", "integer"]})
]


class Geography(Base):
    """Which nation the sites are drawn from."""

    nation: Literal["china", "none"] = "china"
    """The bundled tables to use; with "none", all sites are listed, and regions are what the
    sites themselves say."""
    regions: Stated[Regions] = Field(default="all", validate_default=True)
    """"all", or the provinces, prefectures or counties that take part."""
    circuity: Stated[Circuity] = Field(default=1.3, validate_default=True)
    """Road distance as a multiple of the great-circle distance."""
    clinic_estimate: Literal["A", "B", "C"] = "A"
    """Which estimate of village clinics by province to use (see the data notes)."""


class Echelon(Base):
    """A tier of sites, in the order in which goods pass through them."""

    sites: DrawnSites | None = None
    """Which places of the geography are its sites; left out, they are listed under [sites]."""
    regions: Stated[Regions] = Field(default="all", validate_default=True)
    """"all", or only the sites in these provinces, prefectures or counties."""
    count: Stated[Positive] | None = None
    """How many facilities there are in all in the regions that take part, shared out among the
    towns; needed for nursing homes and households, else the estimate stands. Who restricts the
    regions restates it."""
    per_county: Stated[list[Count]] | None = None
    """[fewest, most] of these facilities in each county that can have any; with "count"."""
    largest: Stated[Positive] | None = None
    """Only so many of these facilities, the largest. Which they are is drawn: no table says."""
    smallest: Stated[Positive] | None = None
    """Only so many of these facilities, the smallest: those that "largest" leaves out."""
    entitlement: dict[ProductName, Stated[Positive]] = {}
    """How many units of each product one facility is to get; this makes it the last echelon.
    Facilities are drawn from the geography, or listed under [sites]; prefectures and counties may
    be where goods end, too."""
    total: dict[ProductName, Stated[Positive]] = {}
    """Units that all of its facilities or places are to get together, shared out as evenly as whole
    units allow; beside the entitlement, if there is one."""
    sourcing: Sourcing | None = None
    """How listed sites supply the sites of this echelon, instead of [sourcing]."""
    title: str | None = None
    """What to call the echelon in figures and in words, in the plural."""

    @property
    def due(self) -> tuple[str, ...]:
        """The products of which its facilities are to get some, each or together."""
        return (*self.entitlement, *self.total)


class Site(Base):
    """One explicit site: a factory or a warehouse."""

    echelon: EchelonName
    """The echelon it belongs to."""
    at: Place | None = None
    """A place of the geography, or [latitude, longitude] in degrees (WGS84). It may be left out
    where the links or the lane of the site say how far or how long it is."""
    county: CountyName | None = None
    """The county that it lies in, by name or code: it serves the facilities on tours from drawn
    counties. Left out, the place "at" says it, or else the nearest county seat."""
    title: str | None = None
    """What to call it in figures and in words."""
    region: str | None = None
    """The region it belongs to, for waves, orders, figures and measures by region, where there
    is no geography."""
    attributes: dict[str, Number] = {}
    """Numbers about the site that rules may go by, such as population."""
    supplied_by: SiteName | None = None
    """The site that supplies it; left out, the sourcing rule decides."""
    need: dict[ProductName, Stated[Need]] = {}
    """Units that the site is to get for itself, instead of its echelon's entitlement or its part
    of a total, or "all": it takes whatever comes."""
    stock: dict[ProductName, Stated[Count]] = {}
    """Units on hand when the site begins."""
    output: dict[ProductName, Stated[RateOfOutput]] = {}
    """Units made; a rate per day is spread over the hours in which its shifts work."""
    shifts: CalendarName | None = None
    """The calendar of its shifts; left out, it works around the clock."""
    begins: Instant | None = None
    """When its stock is there, and it begins to make goods for the campaign; left out, at the
    start."""
    lot: Stated[Duration] = Field(default="1 h", validate_default=True)
    """How often finished goods are handed over for dispatch, in working time."""
    only_orders: bool = False
    """True keeps it to what its [orders] say: no sourcing rule may ask it for more."""
    closed: bool = False
    """True takes the site out of the campaign: it holds and makes nothing."""
    place_status: Literal["reported", "derived", "assumed"] | None = None
    """Whether the site's place is reported, derived or assumed."""
    source: str | None = None
    """Where the site and its place come from."""
