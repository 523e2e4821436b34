"""The line of tours at one site whose vehicles do other work as well, or are not always there.

Where vehicles on tour touch nothing else, their queue is worked out after the run (see
``sim.engine.lastmile``). Where the fleet also serves another lane, where vehicles are away, or
where the site or its roads may be closed or slow, each tour asks the fleet for a vehicle as a haul
does: one event when it has one, one when it is home.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isinf, nan

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.engine.clock import REVIEW, Clock
from sim.engine.fleet import Fleet
from sim.engine.journey import Gate, Road
from sim.engine.lastmile import TourTimes
from sim.engine.shifts import span_of
from sim.plan.specs import TourPlan

Floats = NDArray[np.float64]


class TourLine:
    """Tours of one lane at one site, sent out as they become ready and vehicles are free.

    ``durations`` gives the working hours of each of the site's tours at a pace.
    """

    __slots__ = (
        "_clock", "_door", "_durations", "_fleet", "_road", "_site", "_span",
        "began", "ended", "paces",
    )  # fmt: skip

    def __init__(
        self,
        clock: Clock,
        fleet: Fleet,
        site: int,
        tours: int,
        durations: Callable[[float, int], float],
        door: Gate | None,
        road: Road | None,
    ) -> None:
        self._clock = clock
        self._fleet = fleet
        self._site = site
        self._durations = durations
        self._door = door
        self._road = road
        self._span = span_of(fleet.spec.shift)
        self.began = [nan] * tours
        self.ended = [nan] * tours
        self.paces = [1.0] * tours

    def call(self, tour: int) -> None:
        """A tour is ready: it takes a vehicle, or waits for one in the fleet's line."""
        if self._fleet.take():
            self._set_out(tour)
            return
        free = simpy.Event(self._clock)
        assert free.callbacks is not None
        free.callbacks.append(lambda _: self._set_out(tour))
        self._fleet.wait(free)

    def _set_out(self, tour: int) -> None:
        clock = self._clock
        begin, end, pace = self._when(tour)
        if isinf(begin):  # it fits into no shift: the goods stay, the vehicle does not
            self._fleet.release()
            return
        if begin <= clock.horizon:
            self.began[tour], self.paces[tour] = begin, pace

        def return_home(_: simpy.Event) -> None:
            self.ended[tour] = clock.now
            self._fleet.release()

        clock.call_at(end, REVIEW, self._site, return_home)

    def _when(self, tour: int) -> tuple[float, float, float]:
        """Return when a tour with a vehicle begins and ends, and the pace of its roads."""
        time = self._clock.now
        while True:
            pace = 1.0 if self._road is None else self._road.pace(time)
            hours = self._durations(pace, tour)
            begin, end = self._span(time, hours)
            later = begin
            for way in (self._door, self._road):
                if way is not None and not isinf(later):
                    later = way.open_at(later)
            if isinf(later) or later == time:
                return later, end, pace
            time = later


def times_at_paces(
    tours: TourPlan, paces: Floats, times_at: Callable[[float], TourTimes]
) -> TourTimes:
    """Return how long the parts of all tours of a lane take, each at its own pace.

    ``paces`` (tours) multiply driving times, and ``times_at`` gives the times at one pace.
    """
    usual = times_at(1.0)
    others = np.unique(paces[paces != 1.0]).tolist()
    if not others:
        return usual
    arrive, deliver, driving = usual.arrive.copy(), usual.deliver.copy(), usual.driving.copy()
    duration = usual.duration.copy()
    for pace in others:
        slow, other = paces == pace, times_at(pace)
        rows = np.repeat(slow, np.diff(tours.first))
        arrive[rows], deliver[rows] = other.arrive[rows], other.deliver[rows]
        duration[slow], driving[slow] = other.duration[slow], other.driving[slow]
    return TourTimes(arrive, deliver, duration, driving)
