"""Schema of consumption: facilities that use up what they get."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.scenario.values import (
    Base,
    Count,
    EchelonName,
    Instant,
    Positive,
    ProductName,
    RateOfOutput,
    Stated,
    Status,
)


class Consumption(Base):
    """How every facility of an echelon uses up a product. What it lacks is not made up later."""

    echelon: EchelonName
    """The echelon, at which goods end."""
    product: ProductName
    """The product."""
    pattern: Literal["constant", "poisson", "timetable"] = "constant"
    """constant asks for one unit after each equal interval; poisson asks for one unit at random
    moments; timetable asks for so many units at listed times."""
    rate: Stated[RateOfOutput] | None = None
    """Units that each facility asks for in a time; for constant and poisson."""
    begins: Instant | None = None
    """From when on units are asked for at a rate; left out, from the start."""
    at: list[Instant] | None = None
    """When units are asked for; for timetable."""
    units: Stated[Positive] = Field(default=1, validate_default=True)
    """Units asked for at each of these times; for timetable."""
    stock: Stated[Count] = Field(default=0, validate_default=True)
    """Units that each facility has at the start."""
    status: Status | None = None
    """Whether the consumption is reported, derived or assumed."""
    source: str | None = None
    """Where it comes from."""
