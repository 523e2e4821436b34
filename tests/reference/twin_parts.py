"""What the reference twin is made of: its clock, its records, and how crews drive and work."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from heapq import heappush
from math import inf, nan

import simpy

from sim.calendars import CLOSING_RULES
from sim.plan.specs import Rest, Shift, TourPlan

Load = dict[int, int]
Steps = Generator[simpy.Event, None, None]
RELEASE, RECEIPT, DISPATCH, REVIEW = range(4)
#: Those who set off come after all goods that leave, whose links are numbered from 0.
CREWS = 1_000_000_000
LOADING, SORTING, UNLOADING, INSPECTION, SIGN_OFF = range(5)


@dataclass(slots=True)
class Trip:
    """One vehicle's journey with one shipment, with the times as in a ledger."""

    number: int
    lane: int
    origin: int
    destination: int
    load: Load
    ready: float
    taken: float = nan
    dispatched: float = nan
    arrived: float = nan
    received: float = nan
    returned: float = nan
    driving: float = nan


@dataclass(slots=True)
class Tour:
    """One tour, with the times as in a ledger; the last two have one time a stop."""

    ready: float = nan
    began: float = nan
    ended: float = nan
    driving: float = nan
    arrived: list[float] = field(default_factory=list)
    delivered: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Service:
    """A shipment at a station: when it joined, and when it began and ended to be served."""

    station: int
    site: int
    trip: int
    joined: float
    began: float = nan
    ended: float = nan


@dataclass(slots=True)
class TwinRun:
    """What happened: trips in the order in which their shipments were put together, the tours of
    each last-mile lane as in its plan, and services in the order in which shipments joined.
    """

    released: list[float]
    trips: list[Trip]
    tours: list[list[Tour]]
    services: list[Service]


class World(simpy.Environment):
    """SimPy's environment with events at absolute times, in the documented order."""

    def __init__(self, horizon: float) -> None:
        super().__init__()
        self.horizon = horizon

    def until(self, time: float, phase: int, entity: int) -> simpy.Event:
        """Return an event at ``time``. ``timeout`` would not do: now + (time - now) is not time."""
        event = simpy.Event(self)
        if time <= self.horizon:
            event._ok, event._value = True, None
            priority = 2 + phase * 10**12 + entity  # SimPy's own priorities are 0 and 1
            heappush(self._queue, (time, priority, next(self._eid), event))  # type: ignore[misc]
        return event


class Driver:
    """Drives, and rests each time the limit is reached and the way goes on."""

    def __init__(self, rest: Rest) -> None:
        self.rest = rest
        self.since_rest = 0.0

    def drive(self, hours: float) -> float:
        """Return how long a way of so many hours of driving takes, rests included."""
        taken = 0.0
        while self.since_rest + hours > self.rest.after + 1e-9:
            until_rest = self.rest.after - self.since_rest
            taken += until_rest + self.rest.hours
            hours -= until_rest
            self.since_rest = 0.0
        self.since_rest += hours
        return taken + hours

    def stop(self, hours: float) -> None:
        """Stand still for so long, which is as good as a rest if it is as long as one."""
        if hours >= self.rest.hours - 1e-9:
            self.since_rest = 0.0


def span(shift: Shift, now: float, hours: float) -> tuple[float, float]:
    """Return when a job of so many hours begins and ends if it is asked for now."""
    if shift.always:
        return now, now + hours
    return CLOSING_RULES[shift.closing].span_at(shift.calendar, now, hours)


def done(shift: Shift, now: float, hours: float) -> float:
    """Return when a job of so many hours ends if it must be done: what fits into no shift is begun
    at the next opening and finished."""
    end = span(shift, now, hours)[1]
    return end if end < inf else CLOSING_RULES["finish"].span_at(shift.calendar, now, hours)[1]


def carry_on(shift: Shift, now: float, hours: float) -> float:
    """Return when ``hours`` more of a job that has begun are done."""
    if hours > 0 and shift.closing == "pause" and not shift.always:
        return shift.calendar.span_pause_at(now, hours)[1]
    return now + hours


@dataclass(slots=True)
class Pile:
    """Goods at a site that are assigned to one destination and wait to leave. ``rank`` is the
    place of its first claim among all links: who comes first leaves first."""

    origin: int
    destination: int
    km: float
    rank: int
    goods: Load = field(default_factory=dict)
    since: float = inf


@dataclass(slots=True)
class Claim:
    """What a destination is owed of a product, in a wave."""

    wave: int
    product: int
    pile: Pile
    owed: int


@dataclass(slots=True)
class TourDesk:
    """The tours of one site, in the order in which they are to leave, and the goods for them."""

    plan: TourPlan
    tours: list[Tour] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    sent: int = 0
    goods: Load = field(default_factory=dict)
    stop_luck: list[tuple[float, float]] = field(default_factory=list)
    tour_luck: list[tuple[float, float]] = field(default_factory=list)
