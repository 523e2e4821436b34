"""How long a station works on a shipment, and how such work lies in its working time."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from sim.calendars import CLOSING_RULES
from sim.laws import Constant
from sim.plan.specs import Shift, StationSpec
from sim.streams import Stream


def service_hours(spec: StationSpec, load: dict[int, int], stream: Stream) -> float:
    """Return the hours of service of a load (product, units), 0 for what has no time stated.

    Draws come in one order: the vehicle, each product's lot by ascending product, each unit.
    Every law of a vehicle or a lot takes one draw, even a constant; units of a constant law none.
    """
    hours = 0.0
    if spec.per_vehicle is not None:
        hours += spec.per_vehicle.quantile_at(stream.uniform())
    times, per_lot, per_unit = spec.times, spec.per_lot, spec.per_unit
    if per_lot is not None or times:
        for product in load if len(load) == 1 else sorted(load):
            law = times[product] if times else None
            if law is None:
                law = per_lot
            if law is not None:
                hours += law.quantile_at(stream.uniform())
    if per_unit is not None:
        units = sum(load.values())
        if isinstance(per_unit, Constant):
            hours += per_unit.mean * units
        elif units:
            draws = np.array([stream.uniform() for _ in range(units)])
            hours += float(per_unit.quantile(draws).sum())
    return hours


class WorkingTime:
    """A shift as work sees it that may be interrupted: hours in, moments out, and back.

    Under "pause" all hours are working hours. Under the other rules work runs on without a stop
    from where it begins.
    """

    __slots__ = ("_calendar", "_finishes", "_pauses", "_span", "fits")

    def __init__(self, shift: Shift) -> None:
        self._calendar = shift.calendar
        self._pauses = shift.closing == "pause"
        self._finishes = shift.closing == "finish"
        self._span = CLOSING_RULES[shift.closing].span_at
        self.fits = shift.closing == "fits"

    def begin(self, now: float, hours: float) -> float:
        """Return when work of so many hours is taken up, ``now`` or later; inf is never."""
        return self._span(self._calendar, now, hours)[0]

    def resume(self, now: float, hours: float) -> float:
        """Return when work goes on that has begun and never left its server."""
        return now if self._finishes else self.begin(now, hours)

    def end(self, begin: float, hours: float) -> float:
        """Return when work ends that is taken up, or goes on, at ``begin``."""
        return begin + hours if self._finishes else self._span(self._calendar, begin, hours)[1]

    def worked(self, begin: float, now: float) -> float:
        """Return the hours worked from ``begin`` until ``now``."""
        if self._pauses:
            return self._calendar.elapsed_at(now) - self._calendar.elapsed_at(begin)
        return now - begin

    def stopped(self, begin: float, now: float) -> float:
        """Return until when work that began at ``begin`` has gone on by ``now``."""
        if not self._pauses:
            return now
        i = bisect_left(self._calendar.opens, now) - 1  # the last opening before now
        return max(begin, min(now, self._calendar.closes[i])) if i >= 0 else begin
