"""Schema of what appears at sites by a timetable, at an interval, or by chance: lots of goods, and
requests for them."""

from __future__ import annotations

from pydantic import Field

from sim.scenario.chance import DurationLaw, SizeLaw
from sim.scenario.values import (
    Base,
    CalendarName,
    EchelonName,
    Instant,
    Positive,
    ProductName,
    SiteName,
    Stated,
    Status,
)


class Arrivals(Base):
    """What lots and requests share: where they appear, and when."""

    site: SiteName | None = None
    """The listed site at which they appear."""
    echelon: EchelonName | None = None
    """Instead of a site: they appear at every site of the echelon, each with draws of its own."""
    product: ProductName
    """The product."""
    gap: DurationLaw | None = None
    """Time from one to the next."""
    at: list[Instant] | None = None
    """Their times, instead of a gap."""
    first: DurationLaw | None = None
    """When the first comes after the beginning, a duration or a law; left out, one gap after it.
    Without a gap there is one and no more."""
    begins: Instant | None = None
    """From when on gaps count; left out, from the start."""
    ends: Instant | None = None
    """None comes after this; left out, they come until the horizon."""
    most: Stated[Positive] | None = None
    """Most of them, at each site; left out, any number."""
    calendar: CalendarName | None = None
    """Gaps count only its working time; left out, all time."""
    status: Status | None = None
    """Whether they are reported, derived or assumed."""
    source: str | None = None
    """Where they come from."""


class Supply(Arrivals):
    """Lots of a product that appear at a listed site, or at every site of an echelon.

    Gaps, lot sizes and the time of the first have streams of their own, named by the table, and by
    the site where the table names an echelon."""

    lot: SizeLaw = Field(default=1, validate_default=True)
    """Units of a lot."""


class Request(Arrivals):
    """Requests for a product that appear at a site, or at every site of an echelon.

    They are answered along the lanes with [sharing] that lead to the site, and have streams of
    their own, named by the table and the site."""

    units: SizeLaw = Field(default=1, validate_default=True)
    """Units that a request asks for."""
    gives_up: DurationLaw | None = None
    """Time after which what is not answered is withdrawn; left out, it waits to the end."""
