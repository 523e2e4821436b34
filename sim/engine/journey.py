"""A journey: how long the road between two sites takes, and when it may be taken."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf
from typing import Protocol

from sim.driving import rest_hours_at
from sim.engine.fleet import Fleet
from sim.plan.specs import Rest, TravelSpec


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


def never_alike(travel: TravelSpec) -> bool:
    """Return whether no two journeys take the same time, unless that is none at all."""
    law = travel.own if travel.time is None else travel.time
    return law is not None and law.is_continuous


@dataclass(frozen=True, slots=True)
class Journey:
    """The way from a site to another and back, the same in all replications.

    ``hours`` is the mean time one way where it is given, NaN where it follows from ``km`` and the
    vehicle's speed.
    """

    km: float
    hours: float
    travel: TravelSpec

    def driving(
        self, speed: float, shared: float, luck: float, luck_home: float
    ) -> tuple[float, float]:
        """Return the hours of the way out and of the way home, before anything slows the road.

        ``shared`` is the factor that all journeys from the origin share; ``luck`` and ``luck_home``
        are draws.
        """
        travel = self.travel
        own, back = travel.own, travel.back
        if travel.time is not None:
            out = travel.time.quantile_at(luck) * shared
            home = (travel.time if back is None else back).quantile_at(luck_home) * shared
            return out, home
        mean = (self.km / speed if self.hours != self.hours else self.hours) * shared
        out = mean if own is None else mean * own.quantile_at(luck)
        if back is not None:
            return out, back.quantile_at(luck_home) * shared
        return out, mean if own is None else mean * own.quantile_at(luck_home)

    def rest(self, rest: Rest, driving: float) -> float:
        """Return the hours of rest within so many hours of driving; a given time holds them."""
        return 0.0 if self.travel.time is not None else rest_hours_at(driving, *rest)


@dataclass(frozen=True, slots=True)
class Passage:
    """What may close a journey: ``door``, ``gate`` and ``road`` are those of the origin, the
    destination and the way between, where anything ever closes them."""

    door: Gate | None = None
    gate: Gate | None = None
    road: Road | None = None

    @property
    def can_close(self) -> bool:
        """Whether the origin or the road is ever closed."""
        return self.door is not None or self.road is not None

    def leave(self, fleet: Fleet, now: float, hours: float) -> tuple[float, float]:
        """Return when a journey of so many hours can begin (inf is never), and when it then ends.

        The crew works, the site is open and so is the road, all at that moment.
        """
        while True:
            begin, end = fleet.work(now, hours)
            later = begin
            for way in (self.door, self.road):
                if way is not None and not isinf(later):
                    later = way.open_at(later)
            if later == begin or isinf(later):
                return later, end
            now = later


#: A journey that nothing ever closes.
OPEN_ALWAYS = Passage()
