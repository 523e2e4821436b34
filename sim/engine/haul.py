"""A haul: one trip of one vehicle with one shipment from a site to another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isnan, nan

import simpy

from sim.driving import SLACK
from sim.engine.clock import CREWS, DISPATCH, RECEIPT, REVIEW, Clock, Steps
from sim.engine.fleet import Fleet
from sim.engine.journey import Journey, Passage
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
from sim.engine.route import Stretch, stages_of
from sim.engine.transit import Transit
from sim.ledger import Cause
from sim.streams import Stream

Load = dict[int, int]
#: What is told of a site and of the load that came there.
Receive = Callable[[int, Load], None]


@dataclass(slots=True)
class Start:
    """What all hauls of a lane from one site share.

    ``fleets`` are asked in turn for a vehicle that holds the load (``load_of`` is what a load takes
    of a vehicle); ``shared`` is the factor of all journeys from here, and ``stations`` are those at
    this end. ``receive`` is told what a trip brought to a site. ``goes_straight`` says that no trip
    stops at a station on its way from here, and no two take the same time.
    """

    clock: Clock
    recorder: Recorder
    lane: int
    site: int
    fleets: tuple[Fleet, ...]
    shared: float
    stations: Stretch
    load_of: Callable[[Load], tuple[float, ...]]
    receive: Receive
    goes_straight: bool


@dataclass(slots=True)  # thousands a replication: frozen ones take longer to make
class Haul:
    """What a trip to one destination needs to know: its road and stations, and its luck.

    ``stream`` gives each trip of its origin and destination four draws: way out, way back, loading
    and unloading. ``transit`` takes away what is lost on the way, None for nothing.
    """

    start: Start
    destination: int
    journey: Journey
    passage: Passage
    stream: Stream
    stations: Stretch
    transit: Transit | None

    def send(self, load: Load) -> int:
        """Set a trip going, and return its number; draws are made now, so that they do not depend
        on any queue."""
        start = self.start
        trip = start.recorder.trip(
            start.lane,
            start.site,
            self.destination,
            self.journey.km,
            start.clock.now,
            load,
            start.fleets[0].index,
        )
        start.clock.carry_out(self._steps(trip, load, self.stream.take(4)))
        return trip

    def _steps(self, trip: int, load: Load, draws: list[float]) -> Steps:
        start, destination, journey = self.start, self.destination, self.journey
        clock, row, passage = start.clock, start.recorder.trips[trip], self.passage
        loading, sorting, unloading, inspection, sign_off = stages_of(
            start.stations, self.stations, load
        )

        fleet = self._take(load)
        if fleet is None:
            if start.fleets[0].spec.loses:
                self._lose(trip, load, start.site, Cause.NO_VEHICLE)
                return
            fleet = (yield self._wait(load)).value
        assert fleet is not None
        spec, rest = fleet.spec, fleet.spec.rest
        row[TAKEN], row[FLEET] = clock.now, fleet.index

        out, back = journey.driving(spec.speed, start.shared, draws[0], draws[1])
        resting = journey.rest(rest, out) if out > rest.after else 0.0
        # Until it arrives, such a trip is nobody else's business, and needs no events: only where
        # two may arrive at one moment does the order of their events before decide who is first.
        alone = start.goes_straight and out > 0.0 and not passage.can_close
        when = clock.now  # until when the trip is worked out
        if spec.loading is not None:
            begin, when = fleet.work(when, spec.loading.quantile_at(draws[2]))
            if begin == inf:
                self._give_up(row, fleet)
                return
            if not alone:
                yield clock.at(when, RECEIPT, destination)
        for station, then in loading:
            if (yield station.serve(trip, load, then)).value is False:
                self._turn_away(trip, load, start.site, station.index)
                self._come_home(row, fleet, clock.now)
                return
            when = clock.now
        there = nan  # when the journey ends, as soon as that is known
        if not spec.shift.always or passage.can_close:
            hours = 0.0 if sorting else out + resting
            leave, there = passage.leave(fleet, when, hours)
            if leave == inf:
                if alone:
                    yield clock.at(when, RECEIPT, destination)
                self._give_up(row, fleet)
                return
            waits, when = leave > when, leave
            if not alone and (waits or not spec.shift.always):
                yield clock.at(leave, DISPATCH, CREWS + destination)
        if when <= clock.horizon:
            row[DISPATCHED] = when

        for station, then in sorting:
            there = nan
            if (yield station.serve(trip, load, then)).value is False:
                self._turn_away(trip, load, start.site, station.index)
                self._come_home(row, fleet, clock.now)
                return
            when = clock.now
        if passage.road is not None:
            there = nan
            out *= passage.road.pace(when)
            resting = journey.rest(rest, out)
        if when <= clock.horizon:
            row[DRIVING] = out
        if isnan(there):
            there = fleet.work(when, out + resting)[1]
        yield clock.at(there, RECEIPT, destination)
        row[ARRIVED] = arrived = clock.now
        lost = False
        if self.transit is not None and load:
            load = self._deliver_what_is_left(trip, load)
            lost = not load
        if passage.gate is not None:
            yield clock.at(passage.gate.open_at(clock.now), RECEIPT, destination)

        if spec.unloading is not None:
            unloaded = fleet.work(clock.now, spec.unloading.quantile_at(draws[3]))[1]
            yield clock.at(unloaded, RECEIPT, destination)
        accepted = True
        for station, then in unloading:
            if (yield station.serve(trip, load, then)).value is False:
                self._turn_away(trip, load, destination, station.index)
                accepted = False
                break
        if passage.road is not None:
            back *= passage.road.pace(clock.now)
        if clock.now - arrived >= rest.hours - SLACK:
            driven, rested = back, 0.0
        else:  # a stop shorter than a rest is none: driving goes on counting from the way out
            driven, rested = out + back, resting
        going = back + (journey.rest(rest, driven) if driven > rest.after else 0.0) - rested
        home = fleet.work(clock.now, going)[1]
        self._come_home(row, fleet, home)
        if not accepted:
            return
        for stage in (inspection, sign_off):
            for station, then in stage:
                if (yield station.serve(trip, load, then)).value is False:
                    self._turn_away(trip, load, destination, station.index)
                    return
        if lost:
            return
        row[RECEIVED] = clock.now
        start.receive(destination, load)

    def _take(self, load: Load) -> Fleet | None:
        """Take a vehicle of the first fleet that has one and whose vehicles hold the load."""
        if len(self.start.fleets) == 1:
            return self.start.fleets[0] if self.start.fleets[0].take() else None
        takes = self.start.load_of(load)
        return next(
            (fleet for fleet in self.start.fleets if _holds(fleet, takes) and fleet.take()), None
        )

    def _wait(self, load: Load) -> simpy.Event:
        """Return an event that happens, with the fleet, when a vehicle is free and taken."""
        free = simpy.Event(self.start.clock)
        fleets = self.start.fleets
        if len(fleets) == 1:
            fleets[0].wait(free)
            return free
        takes = self.start.load_of(load)
        for fleet in fleets:
            if _holds(fleet, takes):
                fleet.wait(free)
        return free

    def _come_home(self, row: list[float], fleet: Fleet, home: float) -> None:
        clock = self.start.clock
        if fleet.is_unlimited:  # nobody waits for this vehicle
            if home <= clock.horizon:
                row[RETURNED] = home
            return

        def return_home(_: simpy.Event) -> None:
            row[RETURNED] = home
            fleet.release()

        clock.call_at(home, REVIEW, self.start.site, return_home)

    def _give_up(self, row: list[float], fleet: Fleet) -> None:
        """The trip fits into no shift: the goods stay, the vehicle does not."""
        row[TAKEN] = nan
        fleet.release()

    def _turn_away(self, trip: int, load: Load, site: int, station: int) -> None:
        self._lose(trip, load, site, Cause.TURNED_AWAY, station)

    def _lose(self, trip: int, load: Load, site: int, cause: Cause, station: int = -1) -> None:
        self.start.recorder.loss(self.start.clock.now, trip, site, load, cause, station)

    def _deliver_what_is_left(self, trip: int, load: Load) -> Load:
        assert self.transit is not None
        lost = self.transit.lost(load)
        if not lost:
            return load
        self._lose(trip, lost, self.destination, Cause.DAMAGED)
        kept = {product: units - lost.get(product, 0) for product, units in load.items()}
        return {product: units for product, units in kept.items() if units}


def _holds(fleet: Fleet, takes: tuple[float, ...]) -> bool:
    return all(
        used <= limit * (1 + 1e-9) for used, limit in zip(takes, fleet.spec.limits, strict=True)
    )
