"""A haul: one trip of one vehicle with one shipment from a site to another."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import simpy

from sim.calendars import CLOSING_RULES
from sim.driving import rest_hours_at
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
    km: float
    roads: float
    stream: Stream
    stations: tuple[Station | None, Station | None, Station | None, Station | None]
    receive: Callable[[int, dict[int, int]], None]

    def start(self, trip: int, load: dict[int, int]) -> None:
        """Set the trip going; draws are made now, so that they do not depend on any queue."""
        draws = [self.stream.uniform() for _ in range(4)]
        self.clock.process(self._steps(trip, load, draws))

    def _steps(self, trip: int, load: dict[int, int], draws: list[float]) -> Steps:
        clock, row = self.clock, self.recorder.trips[trip]
        units = sum(load.values())
        loading, sorting, unloading, sign_off = self.stations

        vehicle = simpy.Event(clock)
        self.fleet.request(lambda _: vehicle.succeed() and None, trip)
        yield vehicle
        row[TAKEN] = clock.now

        if self.spec.loading is not None:
            yield self._work(self.spec.loading.quantile_at(draws[2]))
        if loading is not None:
            yield loading.serve(trip, units)
        if not self.spec.shift.always:
            yield self._work(0.0)
        row[DISPATCHED] = clock.now

        if sorting is not None:
            yield sorting.serve(trip, units)
        out = self._driving(draws[0])
        row[DRIVING] = out
        yield self._work(out + self._rest(out))
        row[ARRIVED] = clock.now

        if self.spec.unloading is not None:
            yield self._work(self.spec.unloading.quantile_at(draws[3]))
        if unloading is not None:
            yield unloading.serve(trip, units)
        back = self._driving(draws[1])
        home = self._span(back + self._rest(back))

        def return_home(_: simpy.Event) -> None:
            row[RETURNED] = clock.now
            self.fleet.release()

        clock.call_at(home, Phase.REVIEW, self.origin, return_home)
        if sign_off is not None:
            yield sign_off.serve(trip, units)
        row[RECEIVED] = clock.now
        self.receive(self.destination, load)

    def _driving(self, draw: float) -> float:
        """Return the hours of one journey on the lane."""
        hours = self.km / self.spec.speed * self.roads
        own = self.lane.travel.own
        return hours if own is None else hours * own.quantile_at(draw)

    def _rest(self, driving: float) -> float:
        return rest_hours_at(driving, *self.spec.rest)

    def _span(self, hours: float) -> float:
        """Return when work of so many hours by the crew ends."""
        shift = self.spec.shift
        if shift.always:
            return self.clock.now + hours
        return CLOSING_RULES[shift.closing].span_at(shift.calendar, self.clock.now, hours)[1]

    def _work(self, hours: float) -> simpy.Event:
        return self.clock.at(self._span(hours), Phase.RECEIPT, self.destination)
