"""Last-mile lanes: who makes tours ready, who sends them out, and the times of their stops."""

from __future__ import annotations

from functools import cache

import numpy as np

from sim.engine.clock import Clock
from sim.engine.fleet import Fleet
from sim.engine.lastmile import LastMile, TourTimes, draw_tour_times, expand_stops, send_out
from sim.engine.strikes import Struck
from sim.engine.tourline import SentOut, TourLine, expand_lines
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
        ready = [time for last_mile in self.last_miles for time in last_mile.ready]
        fleet, times = self._fleet, self._times_at(1.0)
        began, ended = list[float](), list[float]()
        durations = times.duration.tolist()
        lines = list[TourLine | SentOut]()
        for place, last_mile in enumerate(self.last_miles):
            if place in self._lines:
                out, home = self._lines[place].began, self._lines[place].ended
                lines.append(self._lines[place])
            else:
                here = durations[len(began) : len(began) + len(last_mile.ready)]
                out, home = send_out(
                    last_mile.ready, here, fleet.vehicles, fleet.shift, self._horizon
                )
                lines.append(SentOut(out, home))
            began += out
            ended += home
        if self._lines:
            return expand_lines(
                self.tours, lines, fleet.shift, self._times_at, np.array(ready), self._horizon
            )
        return expand_stops(
            self.tours,
            times,
            np.array(ready),
            np.array(began),
            np.array(ended),
            fleet.shift,
            self._horizon,
        )


def make_tour_lanes(plan: Plan, wiring: Wiring, streams: Streams) -> list[TourLane]:
    """Return the last-mile lanes of a plan, with the luck of one replication."""
    return [
        TourLane(plan, tours, mine, streams)
        for tours, mine in zip(plan.tours, wiring.tours, strict=True)
    ]
