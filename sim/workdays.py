"""Workdays: weekly hours, public holidays and exceptions, compiled to working time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from sim.calendars import SLACK, WorkingCalendar

Hours = tuple[tuple[float, float], ...]

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_LONGEST_BREAK = 15  # days looked at on either side for the whole of a holiday


@dataclass(frozen=True, slots=True)
class CalendarSpec:
    """The working time of a place, in its local time. The first rule that applies to a day wins:

    1. ``exceptions`` give the hours of single dates; ``()`` closes the day;
    2. a make-up workday of ``country`` (a weekend day worked in exchange for a holiday) has
       ``workday_hours``; None stands for Monday's hours;
    3. a public holiday of ``country`` closes the day. With ``holidays_take_weekends`` so do the
       weekend days that run into a holiday without a working day between, as the notices of
       the State Council of China count them (21 January 2023, a Saturday, is the first of the
       seven days of Spring Festival); without it they keep their weekly hours;
    4. ``week`` gives the hours from Monday (0) to Sunday (6).

    Hours are (open, close) pairs in hours after local midnight, in order and apart, with
    0 <= open < 24 and open < close <= 48. A close above 24 is a shift that runs past midnight; it
    belongs to the day on which it opens. ``country`` is an ISO 3166 code that python-holidays
    knows, "CN", or with a subdivision "DE-BY". The holidays of a year are those that the
    installed python-holidays knows of; they are announced year by year in China.

    Raises ValueError for hours that break these rules.
    """

    week: tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]
    tzinfo: tzinfo
    country: str | None = None
    workday_hours: Hours | None = None
    holidays_take_weekends: bool = True
    exceptions: Mapping[date, Hours] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError(f"a week has 7 days, not {len(self.week)}")
        for hours in (*self.week, self.workday_hours or (), *self.exceptions.values()):
            for start, end in hours:
                if not (0 <= start < 24 and start < end <= 48):
                    raise ValueError(
                        f"hours must open from 0 to 24 and close after that, up to 48: "
                        f"found {start:g} to {end:g}"
                    )
            for (_, end), (start, _) in pairwise(hours):
                if start < end:
                    raise ValueError(
                        f"hours of one day must be in order and apart: found one that closes "
                        f"at {end:g} before one that opens at {start:g}"
                    )


def compile_calendar(spec: CalendarSpec, start: datetime, hours: float) -> WorkingCalendar:
    """The open intervals of ``spec`` in the ``hours`` that follow ``start``.

    Each opening and closing is a local wall-clock time and uses the zone's offset at that moment,
    so a night shift over a change to summer time is an hour shorter. A wall-clock time that the
    change skips counts with the offset from before it, one that occurs twice is the first.

    Raises ValueError if ``start`` has no zone, ``hours`` is not positive and finite, or
    python-holidays does not know the country.
    """
    if start.utcoffset() is None:
        raise ValueError(f"the start needs a zone: found {start.isoformat()}")
    if not 0 < hours < math.inf:
        raise ValueError(f"a calendar needs a positive, finite number of hours, not {hours:g}")
    zero = start.astimezone(UTC)
    first = start.astimezone(spec.tzinfo).date() - 2 * _DAY  # a shift lasts two days at most
    last = (zero + hours * _HOUR).astimezone(spec.tzinfo).date()
    days = [first + i * _DAY for i in range((last - first).days + 1)]

    def moment(day: date, wall: float) -> float:
        local = datetime.combine(day, time(), tzinfo=spec.tzinfo) + wall * _HOUR
        return (local.astimezone(UTC) - zero) / _HOUR

    hours_of = {day: spec.week[day.weekday()] for day in days}
    hours_of |= _special_days(spec, days) | dict(spec.exceptions)
    pairs = (
        (max(0.0, moment(day, opening)), min(hours, moment(day, closing)))
        for day in days
        for opening, closing in hours_of[day]
    )
    merged = _merged(pair for pair in pairs if pair[1] - pair[0] > SLACK)
    return WorkingCalendar(tuple(a for a, _ in merged), tuple(b for _, b in merged))


def _special_days(spec: CalendarSpec, days: list[date]) -> dict[date, Hours]:
    """The hours of the days, among and around ``days``, that the country's holidays change."""
    if spec.country is None:
        return {}
    import holidays  # takes 0.1 s, and calendars without a country do without it

    country, _, subdivision = spec.country.partition("-")
    padded = [days[0] + i * _DAY for i in range(-_LONGEST_BREAK, len(days) + _LONGEST_BREAK)]
    years = range(padded[0].year, padded[-1].year + 1)
    try:
        known = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
    except NotImplementedError as error:
        raise ValueError(f'python-holidays knows no public holidays of "{spec.country}"') from error
    made_up = {day for day in padded if known.is_weekend(day) and known.is_working_day(day)}
    closed = {day for day in padded if day in known} - made_up
    if spec.holidays_take_weekends:
        for order in (padded, padded[::-1]):
            for before, day in pairwise(order):
                if before in closed and not known.is_working_day(day):
                    closed.add(day)
    made_up_hours = spec.week[0] if spec.workday_hours is None else spec.workday_hours
    return {day: made_up_hours if day in made_up else () for day in made_up | closed}


def _merged(pairs: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Intervals sorted and joined where they touch or overlap, or almost (SLACK)."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(pairs):
        if joined and start <= joined[-1][1] + SLACK:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
