"""The queue of tours for the vehicles of each site, worked out once all is known.

Tours take vehicles in their order, each the vehicle that is free first (a FIFO queue with several
servers; J. Kiefer & J. Wolfowitz 1955). What vehicles on tour do touches nothing else in the model,
so the queue needs no events. Sites are alike but for their tours, so many go through the same steps
at once: the first tour of each, then the second, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heapreplace
from math import inf, isnan, nan

import numpy as np
from numpy.typing import NDArray

from sim.calendars import CLOSING_RULES
from sim.engine.shifts import span_of
from sim.plan.specs import Shift

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Sites that go through their tours together, at least: a round takes as long as some 20 tours by
#: themselves, and some 2 more for each vehicle.
_MANY, _MORE = 12, 2


@dataclass(frozen=True, slots=True, eq=False)
class TourQueue:
    """The tours of all sites of a lane, and when they began and ended.

    ``ready`` (tours; NaN: never) and ``durations`` (working hours) are of all sites, one after the
    other, and ``first`` (sites + 1) their offsets. Goods come in order: of a site's tours the first
    so many are ready. Every site has so many ``vehicles``, whose crews work in ``shift``. ``began``
    and ``ended`` are hours, NaN for what has not happened by the horizon.
    """

    ready: Floats
    durations: Floats
    first: Ints
    vehicles: float
    shift: Shift
    horizon: float
    began: Floats = field(init=False)
    ended: Floats = field(init=False)

    def __post_init__(self) -> None:
        for name in ("began", "ended"):
            object.__setattr__(self, name, np.full(len(self.ready), nan))

    def send_out(self, sites: Ints) -> None:
        """Send out the tours of some sites.

        A tour that fits into no shift stays, and its vehicle goes to the next.
        """
        tours = self.first[sites + 1] - self.first[sites]
        waits = tours > self.vehicles
        self._at_once(sites[~waits])
        sites, tours = sites[waits], tours[waits]
        if not len(sites):
            return
        # the sites with most tours would go on with few others: each goes by itself
        many = int(_MANY + _MORE * self.vehicles)
        most = np.sort(tours)[-many] if len(sites) >= many else 0
        if most:
            self._in_rounds(sites[tours <= most])
        for site in sites[tours > most].tolist():
            self._one_by_one(slice(self.first[site], self.first[site + 1]))

    def _at_once(self, sites: Ints) -> None:
        """There is a vehicle for every tour: no tour waits for another."""
        here = np.zeros(len(self.first) - 1, np.bool_)
        here[sites] = True
        tours = np.flatnonzero(np.repeat(here, np.diff(self.first)) & (self.ready <= self.horizon))
        self._note(tours, *self._span(self.ready[tours], self.durations[tours]))

    def _in_rounds(self, sites: Ints) -> None:
        """The first tour of every site goes, then the second of every site that has one, ..."""
        tours = self.first[sites + 1] - self.first[sites]
        order = np.argsort(-tours, kind="stable")
        first, left = self.first[sites[order]], -tours[order]
        free = np.zeros((int(self.vehicles), len(sites)))  # of each site, ascending
        for number in range(-int(left[0])):
            going = int(np.searchsorted(left, -number))  # so many sites have a tour of this number
            tour = first[:going] + number
            since = np.maximum(self.ready[tour], free[0, :going])  # NaN stays NaN
            due = np.flatnonzero(since <= self.horizon)
            if not len(due):
                return
            tour = tour[due]
            begin, end = self._span(since[due], self.durations[tour])
            self._note(tour, begin, end)
            goes = begin < inf
            if not goes.all():
                due, end = due[goes], end[goes]
            for vehicle in range(1, len(free)):  # its vehicle takes its place among the others
                other = free[vehicle, due]
                free[vehicle - 1, due] = np.minimum(other, end)
                end = np.maximum(other, end)
            free[-1, due] = end

    def _one_by_one(self, tours: slice) -> None:
        """The tours of one site go; when its vehicles are free is kept in a heap."""
        span, horizon = span_of(self.shift), self.horizon
        ready, durations = self.ready[tours].tolist(), self.durations[tours].tolist()
        began, ended = [nan] * len(ready), [nan] * len(ready)
        free = [0.0] * int(self.vehicles)
        for tour, (since, hours) in enumerate(zip(ready, durations, strict=True)):
            start = max(since, free[0])
            if isnan(since) or start > horizon:
                break
            begin, end = span(start, hours)
            if begin == inf:
                continue
            heapreplace(free, end)
            if begin <= horizon:
                began[tour] = begin
            if end <= horizon:
                ended[tour] = end
        self.began[tours], self.ended[tours] = began, ended

    def _span(self, since: Floats, hours: Floats) -> tuple[Floats, Floats]:
        if self.shift.always:
            return since, since + hours
        return CLOSING_RULES[self.shift.closing].span(self.shift.calendar, since, hours)

    def _note(self, tours: Ints, begin: Floats, end: Floats) -> None:
        self.began[tours] = np.where(begin <= self.horizon, begin, nan)
        self.ended[tours] = np.where(end <= self.horizon, end, nan)
