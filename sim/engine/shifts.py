"""Working time as the running model asks for it, again and again, of one shift."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType

from sim.calendars import CLOSING_RULES
from sim.plan.specs import Shift

#: When work begins and ends that is asked for at a time and takes so many hours.
Span = Callable[[float, float], tuple[float, float]]


def span_of(shift: Shift) -> Span:
    """Return what tells, of a time and hours of work, when the work begins and ends in a shift.

    It answers inf for what never begins, or does not end in the time that the calendar knows.
    """
    if shift.always:
        return _around_the_clock
    return MethodType(CLOSING_RULES[shift.closing].span_at, shift.calendar)


def _around_the_clock(now: float, hours: float) -> tuple[float, float]:
    return now, now + hours
