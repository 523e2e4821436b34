"""Last-mile lanes: who makes tours ready, who sends them out, and the times of their stops."""

from __future__ import annotations

from functools import cache

import numpy as np

from sim.engine.clock import Clock
from sim.engine.fleet import Fleet
from sim.engine.lastmile import LastMile, TourTimes, draw_tour_times, expand_stops
from sim.engine.strikes import Struck
from sim.engine.tourline import TourLine, times_at_paces
from sim.engine.tourqueue import TourQueue
from sim.engine.wiring import TourWiring, Wiring
from sim.ledger import Tours
from sim.plan.specs import Plan, TourPlan
from sim.streams import Streams


class TourLane:
    """One last-mile lane: a list of tours at each of its sites."""

    def __init__(self, plan: Plan, tours: TourPlan, wiring: TourWiring, streams: Streams) -> None:
        lane = plan.lanes[tours.lane]
        fleet = plan.fleets[lane.fleet]
        self.tours = tours
        self.wiring = wiring
        self._fleet = fleet
        self._horizon = plan.horizon
        self._lines: dict[int, TourLine] = {}

        @cache
        def times_at(pace: float) -> TourTimes:
            return draw_tour_times(tours, wiring, lane, fleet, streams, pace)

        self._times_at = times_at
        times_at(1.0)
        self.last_miles = [LastMile(due) for due in wiring.due]

    def add_lines(self, clock: Clock, fleets: dict[int, Fleet], struck: Struck) -> None:
        """Let every tour of the sites in ``fleets`` ask its site's fleet for a vehicle."""

        @cache
        def durations(pace: float) -> list[float]:
            hours: list[float] = self._times_at(pace).duration.tolist()
            return hours

        first = 0
        for place, (site, due) in enumerate(zip(self.wiring.sites, self.wiring.due, strict=True)):
            begin, first = first, first + len(due[0])
            if site not in fleets:
                continue
            line = TourLine(
                clock,
                fleets[site],
                site,
                len(due[0]),
                lambda pace, tour, begin=begin: durations(pace)[begin + tour],  # type: ignore[misc]
                struck.gate(site),
                struck.road(self.tours.lane, site, site),
            )
            self._lines[place] = line
            self.last_miles[place] = LastMile(due, line.call)

    def finish(self) -> Tours:
        """Return when all tours began and ended, and when their stops were served."""
        fleet, times, first = self._fleet, self._times_at(1.0), self.wiring.first
        ready = np.full(len(self.tours), np.nan)
        for low, last_mile in zip(first.tolist(), self.last_miles, strict=False):
            for time, begin, end in last_mile.ready:
                ready[low + begin : low + end] = time
        alone = np.array([place not in self._lines for place in range(len(self.last_miles))])
        queue = TourQueue(ready, times.duration, first, fleet.vehicles, fleet.shift, self._horizon)
        queue.send_out(np.flatnonzero(alone))
        began, ended = queue.began, queue.ended
        if self._lines:
            paces = np.ones(len(ready))
            for place, line in self._lines.items():
                mine = slice(first[place], first[place + 1])
                began[mine], ended[mine], paces[mine] = line.began, line.ended, line.paces
            times = times_at_paces(self.tours, paces, self._times_at)
        return expand_stops(self.tours, times, ready, began, ended, fleet.shift, self._horizon)


def make_tour_lanes(plan: Plan, wiring: Wiring, streams: Streams) -> list[TourLane]:
    """Return the last-mile lanes of a plan, with the luck of one replication."""
    return [
        TourLane(plan, tours, mine, streams)
        for tours, mine in zip(plan.tours, wiring.tours, strict=True)
    ]
