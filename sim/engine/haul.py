"""A haul: one trip of one vehicle with one shipment from a site to another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isinf, nan

import simpy

from sim.calendars import CLOSING_RULES
from sim.driving import SLACK
from sim.engine.clock import DISPATCH, RECEIPT, REVIEW, Clock, Steps
from sim.engine.fleet import Fleet
from sim.engine.journey import Journey
from sim.engine.recorder import (
    ARRIVED,
    DISPATCHED,
    DRIVING,
    FLEET,
    RECEIVED,
    RETURNED,
    TAKEN,
    Recorder,
)
from sim.engine.route import Route
from sim.engine.transit import Transit
from sim.ledger import Cause
from sim.plan.specs import FleetSpec
from sim.streams import Stream

Load = dict[int, int]


@dataclass(slots=True)
class Haul:
    """What a trip needs to know: its lane's vehicles, road and stations, and its luck.

    ``fleets`` are asked in turn for a vehicle that holds the load (``load_of`` is what a load takes
    of a vehicle); ``stream`` gives each trip of its origin and destination four draws: way out,
    way back, loading and unloading. ``transit`` takes away what is lost on the way, None for
    nothing.
    """

    clock: Clock
    recorder: Recorder
    lane: int
    fleets: tuple[Fleet, ...]
    origin: int
    destination: int
    journey: Journey
    stream: Stream
    route: Route
    transit: Transit | None
    load_of: Callable[[Load], tuple[float, ...]]
    receive: Callable[[int, Load], None]

    def send(self, load: Load) -> int:
        """Set a trip going, and return its number; draws are made now, so that they do not depend
        on any queue."""
        km = self.journey.km
        trip = self.recorder.trip(
            self.lane,
            self.origin,
            self.destination,
            km,
            self.clock.now,
            load,
            self.fleets[0].index,
        )
        draws = [self.stream.uniform() for _ in range(4)]
        self.clock.carry_out(self._steps(trip, load, draws))
        return trip

    def _steps(self, trip: int, load: Load, draws: list[float]) -> Steps:
        clock, row, journey = self.clock, self.recorder.trips[trip], self.journey
        loading, sorting, unloading, inspection, sign_off = self.route.stages(load)

        fleet = self._take(load)
        if fleet is None:
            if self.fleets[0].spec.loses:
                self._lose(trip, load, self.origin, Cause.NO_VEHICLE)
                return
            fleet = yield self._wait(load)  # type: ignore[assignment]
        assert fleet is not None
        spec = fleet.spec
        row[TAKEN], row[FLEET] = clock.now, fleet.index

        if spec.loading is not None:
            hours = spec.loading.quantile_at(draws[2])
            if isinf(_begin(spec, clock.now, hours)):
                self._give_up(row, fleet)
                return
            yield self._work(spec, hours)
        for station, then in loading:
            if (yield station.serve(trip, load, then)) is False:
                self._turn_away(trip, load, self.origin, station.index)
                self._come_home(row, fleet, clock.now)
                return
        out = journey.driving(spec, draws[0])
        resting = journey.rest(spec, out)
        if not spec.shift.always or journey.can_close:
            leave = journey.leave(spec, clock.now, 0.0 if sorting else out + resting)
            if isinf(leave):
                self._give_up(row, fleet)
                return
            yield clock.at(leave, DISPATCH, self.destination)
        row[DISPATCHED] = clock.now

        for station, then in sorting:
            if (yield station.serve(trip, load, then)) is False:
                self._turn_away(trip, load, self.origin, station.index)
                self._come_home(row, fleet, clock.now)
                return
        if journey.road is not None:
            out *= journey.road.pace(clock.now)
            resting = journey.rest(spec, out)
        row[DRIVING] = out
        yield self._work(spec, out + resting)
        row[ARRIVED] = arrived = clock.now
        lost = False
        if self.transit is not None and load:
            load = self._deliver_what_is_left(trip, load)
            lost = not load
        if journey.gate is not None:
            yield clock.at(journey.gate.open_at(clock.now), RECEIPT, self.destination)

        if spec.unloading is not None:
            yield self._work(spec, spec.unloading.quantile_at(draws[3]))
        there = True
        for station, then in unloading:
            if (yield station.serve(trip, load, then)) is False:
                self._turn_away(trip, load, self.destination, station.index)
                there = False
                break
        back = journey.driving_home(spec, draws[1])
        if journey.road is not None:
            back *= journey.road.pace(clock.now)
        if clock.now - arrived >= spec.rest.hours - SLACK:
            going = back + journey.rest(spec, back)
        else:  # a stop shorter than a rest is none: driving goes on counting from the way out
            going = back + journey.rest(spec, out + back) - resting
        home = _end(spec, clock.now, going)
        self._come_home(row, fleet, home)
        if not there:
            return
        for station, then in (*inspection, *sign_off):
            if (yield station.serve(trip, load, then)) is False:
                self._turn_away(trip, load, self.destination, station.index)
                return
        if lost:
            return
        row[RECEIVED] = clock.now
        self.receive(self.destination, load)

    def _take(self, load: Load) -> Fleet | None:
        """Take a vehicle of the first fleet that has one and whose vehicles hold the load."""
        if len(self.fleets) == 1:
            return self.fleets[0] if self.fleets[0].take() else None
        takes = self.load_of(load)
        return next((fleet for fleet in self.fleets if _holds(fleet, takes) and fleet.take()), None)

    def _wait(self, load: Load) -> simpy.Event:
        """Return an event that happens, with the fleet, when a vehicle is free and taken."""
        free = simpy.Event(self.clock)
        if len(self.fleets) == 1:
            self.fleets[0].wait(free)
            return free
        takes = self.load_of(load)
        for fleet in self.fleets:
            if _holds(fleet, takes):
                fleet.wait(free)
        return free

    def _come_home(self, row: list[float], fleet: Fleet, home: float) -> None:
        def return_home(_: simpy.Event) -> None:
            row[RETURNED] = self.clock.now
            fleet.release()

        self.clock.call_at(home, REVIEW, self.origin, return_home)

    def _give_up(self, row: list[float], fleet: Fleet) -> None:
        """The trip fits into no shift: the goods stay, the vehicle does not."""
        row[TAKEN] = nan
        fleet.release()

    def _turn_away(self, trip: int, load: Load, site: int, station: int) -> None:
        self._lose(trip, load, site, Cause.TURNED_AWAY, station)

    def _lose(self, trip: int, load: Load, site: int, cause: Cause, station: int = -1) -> None:
        self.recorder.loss(self.clock.now, trip, site, load, cause, station)

    def _deliver_what_is_left(self, trip: int, load: Load) -> Load:
        assert self.transit is not None
        lost = self.transit.lost(load)
        if not lost:
            return load
        self._lose(trip, lost, self.destination, Cause.DAMAGED)
        kept = {product: units - lost.get(product, 0) for product, units in load.items()}
        return {product: units for product, units in kept.items() if units}

    def _work(self, spec: FleetSpec, hours: float) -> simpy.Event:
        return self.clock.at(_end(spec, self.clock.now, hours), RECEIPT, self.destination)


def _holds(fleet: Fleet, takes: tuple[float, ...]) -> bool:
    return all(
        used <= limit * (1 + 1e-9) for used, limit in zip(takes, fleet.spec.limits, strict=True)
    )


def _begin(spec: FleetSpec, now: float, hours: float) -> float:
    """Return when work of so many hours by the crew can begin; inf is never."""
    shift = spec.shift
    return (
        now if shift.always else CLOSING_RULES[shift.closing].span_at(shift.calendar, now, hours)[0]
    )


def _end(spec: FleetSpec, now: float, hours: float) -> float:
    """Return when work of so many hours by the crew ends.

    What fits into no shift is finished all the same: who has set out comes home.
    """
    shift = spec.shift
    if shift.always:
        return now + hours
    end = CLOSING_RULES[shift.closing].span_at(shift.calendar, now, hours)[1]
    return end if not isinf(end) else shift.calendar.span_finish_at(now, hours)[1]
