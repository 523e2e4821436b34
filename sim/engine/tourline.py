"""The line of tours at one site whose vehicles do other work as well, or are not always there.

Where vehicles on tour touch nothing else, their queue is worked out after the run (see
``sim.engine.lastmile``). Where the fleet also serves another lane, where vehicles are away, or
where the site or its roads may be closed or slow, each tour asks the fleet for a vehicle as a haul
does: one event when it has one, one when it is home.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isinf, nan

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.calendars import CLOSING_RULES
from sim.engine.clock import REVIEW, Clock
from sim.engine.fleet import Fleet
from sim.engine.journey import Gate, Road
from sim.engine.lastmile import TourTimes, stop_times
from sim.ledger import Tours
from sim.plan.specs import Shift, TourPlan

Floats = NDArray[np.float64]


class TourLine:
    """Tours of one lane at one site, sent out as they become ready and vehicles are free.

    ``durations`` gives the working hours of each of the site's tours at a pace.
    """

    __slots__ = (
        "_clock", "_door", "_durations", "_fleet", "_road", "_site",
        "began", "ended", "paces", "shift",
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
        self.shift = fleet.spec.shift
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
        shift, time = self.shift, self._clock.now
        while True:
            pace = 1.0 if self._road is None else self._road.pace(time)
            hours = self._durations(pace, tour)
            if shift.always:
                begin, end = time, time + hours
            else:
                begin, end = CLOSING_RULES[shift.closing].span_at(shift.calendar, time, hours)
            later = begin
            for way in (self._door, self._road):
                if way is not None and not isinf(later):
                    later = way.open_at(later)
            if isinf(later) or later == time:
                return later, end, pace
            time = later


@dataclass(frozen=True, slots=True)
class SentOut:
    """The tours of a site whose queue was worked out after the run: when they began and ended."""

    began: list[float]
    ended: list[float]

    @property
    def paces(self) -> list[float]:
        """The pace of each: nothing slows these roads."""
        return [1.0] * len(self.began)


def expand_lines(
    tours: TourPlan,
    lines: Sequence[TourLine | SentOut],
    shift: Shift,
    times_at: Callable[[float], TourTimes],
    ready: Floats,
    horizon: float,
) -> Tours:
    """Work out the stops of all tours of a lane; ``lines`` are in the order of the plan's sites.

    ``shift`` is when crews work.
    """
    began = np.array([time for line in lines for time in line.began])
    ended = np.array([time for line in lines for time in line.ended])
    paces = np.array([pace for line in lines for pace in line.paces])
    stops = np.diff(tours.first)
    usual = times_at(1.0)
    arrive, deliver, driving = usual.arrive.copy(), usual.deliver.copy(), usual.driving.copy()
    for pace in np.unique(paces[paces != 1.0]).tolist():
        slow, other = paces == pace, times_at(pace)
        rows = np.repeat(slow, stops)
        arrive[rows], deliver[rows] = other.arrive[rows], other.deliver[rows]
        driving[slow] = other.driving[slow]
    arrived, delivered = stop_times(began, stops, arrive, deliver, shift, horizon)
    return Tours(ready, began, ended, driving, arrived, delivered)
