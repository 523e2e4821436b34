"""A journey: how long the road between two sites takes, and when it may be taken."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf
from typing import Protocol

from sim.calendars import CLOSING_RULES
from sim.driving import rest_hours_at
from sim.plan.specs import FleetSpec, TravelSpec


class Gate(Protocol):
    """Something that may be closed for a while: a site, or a road."""

    def open_at(self, t: float) -> float:
        """Return the first moment (hours) from ``t`` on at which it is open."""
        ...


class Road(Gate, Protocol):
    """A road that may be closed or slow for a while."""

    def pace(self, t: float) -> float:
        """Return the factor of driving times for journeys that begin at ``t``."""
        ...


@dataclass(slots=True)  # thousands a replication: frozen ones take longer to make
class Journey:
    """The way from a site to another and back.

    ``hours`` is the mean time one way where it is given, NaN where it follows from ``km`` and the
    vehicle's speed; ``shared`` is the factor that all journeys from the origin share. ``door``,
    ``gate`` and ``road`` are those of the origin, the destination and the way between, where
    anything ever closes them.
    """

    km: float
    hours: float
    travel: TravelSpec
    shared: float
    door: Gate | None = None
    gate: Gate | None = None
    road: Road | None = None

    @property
    def can_close(self) -> bool:
        """Whether the origin or the road is ever closed."""
        return self.door is not None or self.road is not None

    def driving(self, spec: FleetSpec, draw: float) -> float:
        """Return the hours of the way out, before anything slows the road."""
        travel = self.travel
        if travel.time is not None:
            return travel.time.quantile_at(draw) * self.shared
        hours = (self.km / spec.speed if self.hours != self.hours else self.hours) * self.shared
        return hours if travel.own is None else hours * travel.own.quantile_at(draw)

    def driving_home(self, spec: FleetSpec, draw: float) -> float:
        """Return the hours of the way home."""
        back = self.travel.back
        return self.driving(spec, draw) if back is None else back.quantile_at(draw) * self.shared

    def rest(self, spec: FleetSpec, driving: float) -> float:
        """Return the hours of rest within so many hours of driving; a given time holds them."""
        return 0.0 if self.travel.time is not None else rest_hours_at(driving, *spec.rest)

    def leave(self, spec: FleetSpec, now: float, hours: float) -> float:
        """Return when a journey of so many hours can begin; inf is never.

        The crew works, the site is open and so is the road, all at that moment.
        """
        shift, time = spec.shift, now
        while True:
            begin = time
            if not shift.always:
                begin = CLOSING_RULES[shift.closing].span_at(shift.calendar, begin, hours)[0]
            for way in (self.door, self.road):
                if way is not None and not isinf(begin):
                    begin = way.open_at(begin)
            if begin == time or isinf(begin):
                return begin
            time = begin
