"""Schema of those who work: calendars, stations and fleets."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from sim.scenario.chance import DurationLaw
from sim.scenario.lists import EchelonNames
from sim.scenario.values import (
    Base,
    CalendarName,
    Duration,
    DurationOrZero,
    EchelonName,
    Positive,
    ProductName,
    Room,
    Servers,
    SiteName,
    Speed,
    Stated,
    Status,
    Volume,
    Weight,
    parse_clock,
    refuse,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = tuple[tuple[float, float], ...]


def _parse_hours(raw: object) -> Hours:
    expected = 'opening hours such as "08:00-18:00", or a list of them, or "closed"'
    if raw == "closed":
        return ()
    spans = []
    for text in raw if isinstance(raw, list) else [raw]:
        if not isinstance(text, str) or text.count("-") != 1:
            raise refuse(expected, raw)
        begin, end = (parse_clock(part.strip()) for part in text.split("-"))
        spans.append((begin, end if end > begin else end + 24))
    spans.sort()
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise refuse(expected, raw, "the spans overlap")
    return tuple(spans)


def _write_hours(spans: Hours) -> list[str]:
    def clock(hour: float) -> str:
        minutes = round((hour % 24 if hour > 24 else hour) * 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"

    return [f"{clock(begin)}-{clock(end)}" for begin, end in spans]


OpeningHours = Annotated[
    Hours,
    BeforeValidator(_parse_hours),
    PlainSerializer(_write_hours),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


def _parse_days(raw: object) -> str | tuple[int, ...]:
    if raw in ("working days", "every day"):
        return str(raw)
    if isinstance(raw, list) and raw and all(day in WEEKDAYS for day in raw):
        return tuple(sorted({WEEKDAYS.index(day) for day in raw}))
    names = ", ".join(f'"{day}"' for day in WEEKDAYS)
    raise refuse(f'"working days", "every day" or a list of {names}', raw)


Days = Annotated[
    str | tuple[int, ...],
    BeforeValidator(_parse_days),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["working days", "every day"]},
                {"type": "array", "items": {"enum": list(WEEKDAYS)}},
            ]
        }
    ),
]


class Calendar(Base):
    """Working time: opening hours, the days they hold on, holidays and exceptions."""

    hours: OpeningHours = Field(default="00:00-24:00", validate_default=True)
    """Opening hours of a day; an end before the beginning runs past midnight."""
    days: Days = "every day"
    """"working days" (Monday to Friday, with the country's holidays and make-up workdays),
    "every day", or a list of weekdays."""
    country: str | None = None
    """The country (ISO 3166 alpha-2) whose public holidays are observed."""
    holidays: bool = True
    """False works through the country's holidays; make-up workdays then fall away as well."""
    exceptions: dict[date, OpeningHours] = {}
    """Dates with other hours, or "closed"."""
    at_closing: Literal["finish", "pause", "fits"] = "finish"
    """What happens to work at closing time: it is finished, it pauses until the next opening,
    or it is not started unless it fits."""
    status: Status | None = None
    """Whether these hours are reported, derived or assumed."""
    source: str | None = None
    """Where these hours come from."""


class Breakdowns(Base):
    """How servers break down: work that is interrupted goes on where it stopped."""

    after: DurationLaw
    """Time from one repair to the next breakdown of a server."""
    repair: DurationLaw
    """How long a repair takes."""
    clock: Literal["working", "calendar"] = "working"
    """working counts the time between breakdowns while the server works; calendar counts all
    time, and a server can break down while it is idle."""


class Station(Base):
    """Where shipments wait for service: a dock, a sorting line, a desk that signs for goods.

    Stations of one stage are passed one after the other, in the order of the file."""

    echelon: EchelonName
    """There is one at each site of this echelon."""
    sites: list[SiteName] = []
    """Only at these listed sites; left out, at all of them."""
    stage: Literal["loading", "sorting", "unloading", "inspection", "sign-off"]
    """loading (at the origin, before dispatch), sorting (by the carrier, after dispatch),
    unloading (at the destination, holds the vehicle), inspection (at the destination, the
    vehicle is free), sign-off (at the destination, ends in the receipt)."""
    products: list[ProductName] = []
    """Only shipments with some of these products stop here; left out, all do."""
    servers: Stated[Servers] = Field(default=1, validate_default=True)
    """How many shipments are served at once, or "unlimited"."""
    time_per_vehicle: DurationLaw | None = None
    """Service time of a shipment, whatever it carries."""
    time_per_lot: DurationLaw | None = None
    """Service time of each product's lot in the shipment."""
    time_per_unit: DurationLaw | None = None
    """Service time of each unit in the shipment; units take times of their own."""
    times: dict[ProductName, DurationLaw] = {}
    """Service time of a lot of these products, instead of time-per-lot."""
    order: Literal["first-come", "priority"] = "first-come"
    """Who is served next: who came first, or the shipment whose product has the best priority."""
    preempts: bool = False
    """True lets a shipment of better priority interrupt one in service, which goes on later
    where it stopped."""
    yard: Stated[Room] | None = None
    """Most shipments that may wait; left out, any number."""
    when_full: Literal["turn-away", "wait"] = "turn-away"
    """What happens to a shipment that finds the yard full: it is turned away and lost, or it
    waits where it is, and holds the server of the station before."""
    breakdowns: Breakdowns | None = None
    """How servers break down; left out, they never do."""
    calendar: CalendarName | None = None
    """When it works; left out, around the clock."""
    title: str | None = None
    """What to call it in figures and in words."""


class Capacity(Base):
    """What one vehicle carries at once; every limit that is given binds."""

    units: Stated[Positive] | None = None
    """Units of all products together."""
    volume: Stated[Volume] | None = None
    """Packed volume."""
    weight: Stated[Weight] | None = None
    """Packed weight."""


class DrivingRest(Base):
    """Rest on the road, for one driver; two drivers take turns and need no stop."""

    after: Stated[Duration] = Field(default="4 h", validate_default=True)
    """Longest driving without a rest."""
    for_: Stated[DurationOrZero] = Field(default="20 min", validate_default=True, alias="for")
    """How long the rest is."""


class Fleet(Base):
    """Vehicles of one kind that share a home and a rule."""

    home: EchelonNames
    """Every site of this echelon has such a fleet. Of several echelons, sites at the same place
    share one: equal latitude and longitude."""
    vehicles: Stated[Servers]
    """How many vehicles each place has, or "unlimited" where they are hired as needed."""
    capacity: Capacity = Capacity()
    """What one vehicle carries at once."""
    speed: Stated[Speed] | None = None
    """Mean speed on the road while driving; needed unless its lanes say their time."""
    when_none_free: Literal["wait", "lost"] = "wait"
    """What happens to a shipment when no vehicle is free: it waits, or another carrier takes it
    and it is lost to this network."""
    loading: DurationLaw | None = None
    """Time the crew takes to load before each trip (beside any loading station)."""
    unloading: DurationLaw | None = None
    """Time the crew takes to unload at the destination (not for stops of a tour)."""
    drivers: Literal[1, 2] = 1
    """Drivers in a vehicle."""
    rest: DrivingRest = DrivingRest()
    """The rest that one driver must take."""
    calendar: CalendarName | None = None
    """When its crews work; left out, around the clock."""
    title: str | None = None
    """What to call it in figures and in words."""
