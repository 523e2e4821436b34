"""Schema of dispatch rules: when goods that wait for a destination leave."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from sim.scenario.values import (
    Base,
    Duration,
    DurationOrZero,
    Positive,
    Stated,
    parse_clock,
)


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


class WhenFull(Base):
    """Goods leave when they fill a load, and not before: the last may wait for ever."""

    rule: Literal["when-full"]
    """Name of the rule."""
    full: Stated[Positive] | None = None
    """Units that count as a full load; left out, the vehicle's capacity decides."""


class Departures(Base):
    """Goods leave at fixed departures, to each destination."""

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
    loads: Stated[Positive] | None = None
    """Most vehicle loads that leave with one departure to one destination; what is left waits
    for the next. Left out, as many as the goods fill."""
    empty: Literal["skip", "run"] = "skip"
    """What happens to a departure with nothing to carry: it is skipped, or a vehicle goes out
    empty."""
    cut_off: Stated[DurationOrZero] | None = None
    """Goods that came less than this before a departure wait for the next."""


Dispatch = Annotated[OnArrival | WhenFull | FullOrAfter | Departures, Field(discriminator="rule")]
