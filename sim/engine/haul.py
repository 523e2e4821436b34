"""A haul: one trip of one vehicle with one shipment from a site to another."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from math import isinf, nan

import simpy

from sim.calendars import CLOSING_RULES
from sim.driving import SLACK, rest_hours_at
from sim.engine.clock import Clock, Phase
from sim.engine.fleet import Fleet
from sim.engine.recorder import (
    ARRIVED,
    DISPATCHED,
    DRIVING,
    RECEIVED,
    RETURNED,
    TAKEN,
    Recorder,
)
from sim.engine.station import Station
from sim.plan.specs import FleetSpec, LaneSpec
from sim.streams import Stream

Steps = Generator[simpy.Event, None, None]


@dataclass(slots=True)
class Haul:
    """What a trip needs to know: its lane and fleet, the stations on the way, and its luck.

    ``roads`` is the factor that all journeys from the origin share; ``stream`` gives each trip of
    its origin and destination four draws: way out, way back, loading and unloading.
    """

    clock: Clock
    recorder: Recorder
    lane: LaneSpec
    spec: FleetSpec
    fleet: Fleet
    origin: int
    destination: int
    roads: float
    stream: Stream
    stations: tuple[Station | None, Station | None, Station | None, Station | None]
    receive: Callable[[int, dict[int, int]], None]

    def start(self, trip: int, km: float, load: dict[int, int]) -> None:
        """Set the trip going; draws are made now, so that they do not depend on any queue."""
        draws = [self.stream.uniform() for _ in range(4)]
        self.clock.process(self._steps(trip, km, load, draws))

    def _steps(self, trip: int, km: float, load: dict[int, int], draws: list[float]) -> Steps:
        clock, row = self.clock, self.recorder.trips[trip]
        units = sum(load.values())
        loading, sorting, unloading, sign_off = self.stations

        if not self.fleet.take():
            yield self.fleet.wait(clock)
        row[TAKEN] = clock.now

        if self.spec.loading is not None:
            hours = self.spec.loading.quantile_at(draws[2])
            if isinf(self._begin(hours)):
                self._give_up(row)
                return
            yield self._work(hours)
        if loading is not None:
            yield loading.serve(trip, units)
        out = self._driving(km, draws[0])
        if not self.spec.shift.always:
            leave = self._begin(out + self._rest(out) if sorting is None else 0.0)
            if isinf(leave):
                self._give_up(row)
                return
            yield clock.at(leave, Phase.DISPATCH, self.destination)
        row[DISPATCHED] = clock.now

        if sorting is not None:
            yield sorting.serve(trip, units)
        row[DRIVING] = out
        yield self._work(out + self._rest(out))
        row[ARRIVED] = arrived = clock.now

        if self.spec.unloading is not None:
            yield self._work(self.spec.unloading.quantile_at(draws[3]))
        if unloading is not None:
            yield unloading.serve(trip, units)
        back = self._driving(km, draws[1])
        # A stop shorter than a rest is none: the way home goes on counting from the way out.
        before = 0.0 if clock.now - arrived >= self.spec.rest.hours - SLACK else out
        home = self._span(back + self._rest(before + back) - self._rest(before))

        def return_home(_: simpy.Event) -> None:
            row[RETURNED] = clock.now
            self.fleet.release()

        clock.call_at(home, Phase.REVIEW, self.origin, return_home)
        if sign_off is not None:
            yield sign_off.serve(trip, units)
        row[RECEIVED] = clock.now
        self.receive(self.destination, load)

    def _give_up(self, row: list[float]) -> None:
        """The trip fits into no shift: the goods stay, the vehicle does not."""
        row[TAKEN] = nan
        self.fleet.release()

    def _driving(self, km: float, draw: float) -> float:
        """Return the hours of one journey on the lane."""
        hours = km / self.spec.speed * self.roads
        own = self.lane.travel.own
        return hours if own is None else hours * own.quantile_at(draw)

    def _rest(self, driving: float) -> float:
        return rest_hours_at(driving, *self.spec.rest)

    def _begin(self, hours: float) -> float:
        """Return when work of so many hours by the crew can begin; inf is never."""
        shift = self.spec.shift
        if shift.always:
            return self.clock.now
        return CLOSING_RULES[shift.closing].span_at(shift.calendar, self.clock.now, hours)[0]

    def _span(self, hours: float) -> float:
        """Return when work of so many hours by the crew ends.

        What fits into no shift is finished all the same: who has set out comes home.
        """
        shift, now = self.spec.shift, self.clock.now
        if shift.always:
            return now + hours
        end = CLOSING_RULES[shift.closing].span_at(shift.calendar, now, hours)[1]
        return end if not isinf(end) else shift.calendar.span_finish_at(now, hours)[1]

    def _work(self, hours: float) -> simpy.Event:
        return self.clock.at(self._span(hours), Phase.RECEIPT, self.destination)
