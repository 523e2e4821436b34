"""The last mile: tours become ready while the model runs; what follows is worked out afterwards.

Goods that reach a site make its tours ready, and that is all the running model needs to know: what
vehicles on tour do touches nothing else in it. So their queue is worked out after the run, and the
times of all stops follow from one blocked cumulative sum, mapped through the fleet's working time:
exact, not approximate.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.driving import SLACK, rest_hours
from sim.engine.wiring import TourWiring
from sim.ledger import Tours
from sim.plan.specs import FleetSpec, LaneSpec, Rest, Shift, TourPlan
from sim.streams import Streams

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TourTimes:
    """How long the parts of every tour take in one replication, in the fleet's working hours.

    ``arrive`` and ``deliver`` (stops) count from the beginning of the tour, its loading included;
    ``duration`` and ``driving`` (tours) are of the whole tour.
    """

    arrive: Floats
    deliver: Floats
    duration: Floats
    driving: Floats


def draw_tour_times(
    tours: TourPlan,
    wiring: TourWiring,
    lane: LaneSpec,
    fleet: FleetSpec,
    streams: Streams,
    pace: float = 1.0,
) -> TourTimes:
    """Draw the luck of all tours of a lane and add it up; ``pace`` multiplies driving times.

    Streams are named by site and lane. A facility has draws of its own for the leg into it and for
    the stop, by its rank at its site, so they stay the same whatever tour it is on; the way home
    and the loading are drawn by the tour's place in its site's list.
    """
    first, stops, group = tours.first, wiring.stops, wiring.group
    start = first[:-1]
    leg_luck, stop_luck = streams.pairs(np.repeat(wiring.stop_ids[group], stops), tours.rank)
    back_luck, loading_luck = streams.pairs(wiring.tour_ids[group], wiring.rank)
    speed = fleet.speed / pace
    leg, stop = tours.leg_km / speed, tours.stop_time.quantile(stop_luck)
    back = tours.back_km / speed
    loading = np.zeros(len(tours))
    if lane.travel.own is not None:
        leg *= lane.travel.own.quantile(leg_luck)
        back *= lane.travel.own.quantile(back_luck)
    if lane.travel.shared is not None:
        factor = lane.travel.shared.quantile(streams.uniforms(wiring.road_ids, 0))[group]
        leg *= np.repeat(factor, stops)
        back *= factor
    if fleet.loading is not None:
        loading = fleet.loading.quantile(loading_luck)

    deliver = _within(leg, start, stops)
    last = first[1:] - 1
    driving = deliver[last] + back
    deliver += _within(stop, start, stops)
    duration = loading + deliver[last] + back
    _add_rests(deliver, duration, leg, stop, back, driving, tours, fleet.rest)
    deliver += np.repeat(loading, stops)
    arrive = np.maximum(deliver - stop, 0.0)  # sums are rounded, and a tour begins before its stops
    return TourTimes(arrive, np.maximum(deliver, arrive), duration, driving)


def _add_rests(
    deliver: Floats,
    duration: Floats,
    leg: Floats,
    stop: Floats,
    back: Floats,
    driving: Floats,
    tours: TourPlan,
    rest: Rest,
) -> None:
    """Add the drivers' rests to the times of the tours that are long enough to need any.

    Driving counts from the start of the tour or the last stop that was as long as a rest.
    """
    long = np.flatnonzero(driving > rest.after)
    if not len(long):
        return
    count = tours.first[long + 1] - tours.first[long]
    last = np.cumsum(count) - 1
    start = last - count + 1
    rows = np.repeat(tours.first[long] - start, count) + np.arange(count.sum())

    rested_here = stop[rows] >= rest.hours - SLACK
    begins = np.zeros(len(rows), bool)  # a stretch of driving that counts from zero
    begins[start] = True
    begins[1:] |= rested_here[:-1]
    stretch = np.flatnonzero(begins)
    driven = _within(leg[rows], stretch, np.diff(np.append(stretch, len(rows))))
    resting = rest_hours(driven, *rest)
    done = np.where(rested_here, resting, 0.0)  # what earlier stretches of the tour have taken
    before = _within(done, start, count) - done

    deliver[rows] += before + resting
    going = np.where(rested_here[last], 0.0, driven[last]) + back[long]
    duration[long] += before[last] + done[last] + rest_hours(going, *rest)


def _within(values: Floats, start: NDArray[np.int64], stops: NDArray[np.int64]) -> Floats:
    """Return the cumulative sum that starts anew at every tour.

    One sum over all stops loses nothing that matters: its total is some 1e6 hours, so a float64
    still resolves 1e-10 hours.
    """
    total = np.cumsum(values)
    before = total[start] - values[start]
    total -= np.repeat(before, stops)
    return np.maximum(total, 0.0, out=total)


class LastMile:
    """The tours of one site: each becomes ready, in order, when the goods for it are there.

    ``ready`` notes since when, and of which tours: the first of them, and the one after the last.
    """

    __slots__ = ("_call", "_due", "_next", "_received", "ready")

    def __init__(self, due: list[list[int]], call: Callable[[int], None] | None = None) -> None:
        """``due`` (products × tours) are the units needed for each tour and those before it;
        ``call`` is told each tour that becomes ready."""
        self._due = due
        self._call = call
        self._received = [0] * len(due)
        self._next = 0
        self.ready: list[tuple[float, int, int]] = []

    def receive(self, now: float, product: int, units: int) -> None:
        """Take goods in at ``now`` (hours): tours that have all they need become ready."""
        received = self._received
        received[product] += units
        ready = min(map(bisect_right, self._due, received))
        first = self._next
        if ready <= first:
            return
        self._next = ready
        self.ready.append((now, first, ready))
        if self._call is not None:
            for tour in range(first, ready):
                self._call(tour)


def expand_stops(
    tours: TourPlan,
    times: TourTimes,
    ready: Floats,
    began: Floats,
    ended: Floats,
    shift: Shift,
    horizon: float,
) -> Tours:
    """Work out when every stop was reached and served, from when its tour began."""
    arrived, delivered = stop_times(
        began, np.diff(tours.first), times.arrive, times.deliver, shift, horizon
    )
    return Tours(ready, began, ended, times.driving, arrived, delivered)


def stop_times(
    began: Floats,
    stops: NDArray[np.int64],
    arrive: Floats,
    deliver: Floats,
    shift: Shift,
    horizon: float,
) -> tuple[Floats, Floats]:
    """Return when stops were reached and served, given when tours of so many ``stops`` began.

    ``arrive`` and ``deliver`` (stops of all tours) are working hours from there; NaN is not by the
    horizon.
    """
    begin = np.repeat(began, stops)
    if shift.always or shift.closing != "pause":
        arrived, delivered = begin + arrive, begin + deliver
    else:
        worked = shift.calendar.elapsed(np.nan_to_num(began))
        before = np.repeat(worked, stops)
        arrived, delivered = (
            np.maximum(begin, shift.calendar.clock_on(worked, stops, before + hours))
            for hours in (arrive, deliver)
        )
    arrived[arrived > horizon] = np.nan
    delivered[delivered > horizon] = np.nan
    return arrived, delivered
