"""Schema of lots that appear at a site: by a timetable, at an interval, or by chance."""

from __future__ import annotations

from pydantic import Field

from sim.scenario.chance import DurationLaw, SizeLaw
from sim.scenario.values import (
    Base,
    CalendarName,
    DurationOrZero,
    Instant,
    Positive,
    ProductName,
    SiteName,
    Stated,
    Status,
)


class Supply(Base):
    """Lots of a product that appear at a listed site.

    Its gaps and its lot sizes have streams of their own, named by the table."""

    site: SiteName
    """The site at which the lots appear."""
    product: ProductName
    """The product."""
    lot: SizeLaw = Field(default=1, validate_default=True)
    """Units of a lot."""
    gap: DurationLaw | None = None
    """Time from one lot to the next."""
    at: list[Instant] | None = None
    """The times of the lots, instead of a gap."""
    first: Stated[DurationOrZero] | None = None
    """When the first lot comes after the beginning; left out, one gap after it."""
    begins: Instant | None = None
    """From when on gaps count; left out, from the start."""
    ends: Instant | None = None
    """No lot comes after this; left out, they come until the horizon."""
    most: Stated[Positive] | None = None
    """Most lots; left out, any number."""
    calendar: CalendarName | None = None
    """Gaps count only its working time; left out, all time."""
    status: Status | None = None
    """Whether the lots are reported, derived or assumed."""
    source: str | None = None
    """Where they come from."""
