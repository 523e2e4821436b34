"""Working time: weekly hours, public holidays and exceptions, compiled to open intervals.

:func:`compile_calendar` turns a :class:`CalendarSpec` into a :class:`WorkingCalendar`: sorted open
intervals in hours since the scenario's start, half-open at their closing time. Every question has
a form for arrays and a form for one number (``..._at``), and both give the same bits.

**Closing times and rounding.** Sums of durations carry rounding errors of about 1e-13 h, and a job
that ends one such error after closing would jump to the next morning. So everything here treats a
moment less than ``SLACK`` (1e-9 h, four microseconds) before a closing time as that closing time,
and work that reaches less than ``SLACK`` past it as ending there.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Hours = tuple[tuple[float, float], ...]

SLACK = 1e-9
_NAN = "a time or a number of hours is not a number"
_NEGATIVE = "a job cannot take {:g} hours"
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


class _Arrays(NamedTuple):
    """The same numbers for whole arrays of questions; the first three end with an inf."""

    opens: Floats
    closes: Floats
    worked: Floats
    reached: Floats
    usable: Floats


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Open intervals [opens[i], closes[i]) in hours since the start, sorted and apart.

    The last ``closes`` may be inf. Nothing is open before 0 or after the last closing time, so
    compile past the horizon. Times and hours may be inf (never); NaN raises ValueError.
    """

    opens: tuple[float, ...]
    closes: tuple[float, ...]
    _worked: tuple[float, ...] = field(init=False, repr=False, compare=False)
    _reached: tuple[float, ...] = field(init=False, repr=False, compare=False)
    _usable: tuple[float, ...] = field(init=False, repr=False, compare=False)
    _arrays: _Arrays = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        worked, floor = [0.0], 0.0
        for start, end in zip(self.opens, self.closes, strict=True):
            if not (start >= floor and end - start > SLACK):
                raise ValueError(
                    "open intervals must be sorted, from 0 on, not empty, and merged if they touch"
                )
            worked.append(worked[-1] + (end - start))
            floor = math.nextafter(end, math.inf)
        reached = tuple(total + SLACK for total in worked[1:])
        usable = tuple(end - SLACK for end in self.closes)
        arrays = _Arrays(
            opens=np.array((*self.opens, math.inf)),
            closes=np.array((*self.closes, math.inf)),
            worked=np.array((*worked, math.inf)),
            reached=np.array(reached),
            usable=np.array(usable),
        )
        object.__setattr__(self, "_worked", tuple(worked))
        object.__setattr__(self, "_reached", reached)
        object.__setattr__(self, "_usable", usable)
        object.__setattr__(self, "_arrays", arrays)

    def elapsed_at(self, t: float) -> float:
        """Working hours in [0, t]."""
        if t != t:
            raise ValueError(_NAN)
        i = bisect_right(self.opens, t) - 1
        if i < 0:
            return 0.0
        close = self.closes[i]
        return self._worked[i] + ((t if t < close else close) - self.opens[i])

    def elapsed(self, t: ArrayLike) -> Floats:
        """Working hours in [0, t], for an array of any shape."""
        times, table = _floats(t), self._arrays
        if not self.opens:
            return np.zeros(times.shape)
        i = np.maximum(np.searchsorted(table.opens[:-1], times, side="right") - 1, 0)
        inside = np.minimum(times, table.closes[i]) - table.opens[i]
        return np.where(times < table.opens[0], 0.0, table.worked[i] + inside)

    def clock_at(self, w: float) -> float:
        """The earliest t >= 0 by which ``w`` hours have been worked; inf if there are fewer.

        Work that ends exactly at a closing time (to within SLACK) ends at that closing time.
        """
        if w != w:
            raise ValueError(_NAN)
        if w <= 0.0:
            return 0.0
        i = bisect_left(self._reached, w)
        if i == len(self.opens):
            return math.inf
        t, close = self.opens[i] + (w - self._worked[i]), self.closes[i]
        return close if w >= self._worked[i + 1] or t > close else t

    def clock(self, w: ArrayLike) -> Floats:
        """The earliest t >= 0 by which ``w`` hours have been worked; see :meth:`clock_at`."""
        hours, table = _floats(w), self._arrays
        i = np.searchsorted(table.reached, hours, side="left")
        inside = table.opens[i] + (hours - table.worked[i])
        inside = np.minimum(inside, table.closes[i])
        found = np.where(hours >= table.worked[i + 1], table.closes[i], inside)
        return np.where(hours <= 0.0, 0.0, found)

    def next_open_at(self, t: float) -> float:
        """The earliest time from ``t`` on at which work can start; inf if there is none.

        A closing time is not open: it leads to the next opening.
        """
        if t != t:
            raise ValueError(_NAN)
        i = bisect_right(self._usable, t)
        if i == len(self.opens):
            return math.inf
        opening = self.opens[i]
        return t if t > opening else opening

    def next_open(self, t: ArrayLike) -> Floats:
        """The earliest time from ``t`` on at which work can start; see :meth:`next_open_at`."""
        times, table = _floats(t), self._arrays
        i = np.searchsorted(table.usable, times, side="right")
        return np.asarray(np.maximum(times, table.opens[i]))

    def is_open_at(self, t: float) -> bool:
        """Whether work can start at ``t``."""
        return self.next_open_at(t) == t < math.inf

    def is_open(self, t: ArrayLike) -> NDArray[np.bool_]:
        """Whether work can start at ``t``, for an array of any shape."""
        times = _floats(t)
        return np.asarray((self.next_open(times) == times) & (times < math.inf))

    def closing_after_at(self, t: float) -> float:
        """The first closing time after ``t``, whether ``t`` is open or not; inf if none."""
        if t != t:
            raise ValueError(_NAN)
        i = bisect_right(self._usable, t)
        return self.closes[i] if i < len(self.closes) else math.inf

    def closing_after(self, t: ArrayLike) -> Floats:
        """The first closing time after ``t``, whether ``t`` is open or not; inf if none."""
        i = np.searchsorted(self._arrays.usable, _floats(t), side="right")
        return np.asarray(self._arrays.closes[i])

    def span_finish_at(self, t: float, hours: float) -> tuple[float, float]:
        """Begin when open, from ``t`` on, and run through: (begin, end)."""
        if not hours >= 0.0:
            raise ValueError(_NEGATIVE.format(hours))
        begin = self.next_open_at(t)
        return begin, begin + hours

    def span_finish(self, t: ArrayLike, hours: ArrayLike) -> tuple[Floats, Floats]:
        """Begin when open, from ``t`` on, and run through: (begin, end)."""
        times, spans = _times_and_spans(t, hours)
        begin = self.next_open(times)
        return begin, begin + spans

    def span_pause_at(self, t: float, hours: float) -> tuple[float, float]:
        """Begin when open, from ``t`` on, and work in open time only: (begin, end)."""
        if not hours >= 0.0:
            raise ValueError(_NEGATIVE.format(hours))
        begin = self.next_open_at(t)
        if hours == 0.0 or begin == math.inf:
            return begin, begin
        end = self.clock_at(self.elapsed_at(begin) + hours)
        return begin, end if end > begin else begin

    def span_pause(self, t: ArrayLike, hours: ArrayLike) -> tuple[Floats, Floats]:
        """Begin when open, from ``t`` on, and work in open time only: (begin, end)."""
        times, spans = _times_and_spans(t, hours)
        begin = self.next_open(times)
        end = np.maximum(begin, self.clock(self.elapsed(begin) + spans))
        return begin, np.where((spans == 0.0) | (begin == math.inf), begin, end)

    def span_fits_at(self, t: float, hours: float) -> tuple[float, float]:
        """Begin at the first moment from which the whole job fits before closing: (begin, end).

        A job longer than every interval that is left never starts: (inf, inf).
        """
        if not hours >= 0.0:
            raise ValueError(_NEGATIVE.format(hours))
        if t != t:
            raise ValueError(_NAN)
        for i in range(bisect_right(self._usable, t), len(self.opens)):
            begin = max(t, self.opens[i])
            if self.closes[i] - begin >= hours - SLACK:
                return begin, min(begin + hours, self.closes[i])
        return math.inf, math.inf

    def span_fits(self, t: ArrayLike, hours: ArrayLike) -> tuple[Floats, Floats]:
        """Begin at the first moment from which the whole job fits; see :meth:`span_fits_at`."""
        times, spans = _times_and_spans(t, hours)
        moments, lengths = times.ravel(), spans.ravel()
        begin, end = np.full((2, times.size), math.inf)
        opens, closes = self._arrays.opens, self._arrays.closes
        index = np.searchsorted(self._arrays.usable, moments, side="right")
        waiting = np.flatnonzero(index < len(self.opens))
        while waiting.size:
            i = index[waiting]
            start = np.maximum(moments[waiting], opens[i])
            fits = closes[i] - start >= lengths[waiting] - SLACK
            done = waiting[fits]
            begin[done] = start[fits]
            end[done] = np.minimum(start[fits] + lengths[done], closes[i[fits]])
            waiting = waiting[~fits]
            index[waiting] += 1
            waiting = waiting[index[waiting] < len(self.opens)]
        return begin.reshape(times.shape), end.reshape(times.shape)


@dataclass(frozen=True, slots=True)
class ClosingRule:
    """What happens to a job at closing time. Both forms take (calendar, time, hours).

    They return (begin, end); (inf, inf) when the work can never start, and an end of inf when it
    cannot be finished in the compiled time. Negative or NaN hours raise ValueError.
    """

    meaning: str
    span: Callable[[WorkingCalendar, ArrayLike, ArrayLike], tuple[Floats, Floats]]
    span_at: Callable[[WorkingCalendar, float, float], tuple[float, float]]


CLOSING_RULES: dict[str, ClosingRule] = {
    "finish": ClosingRule(
        "a job that has begun is finished, past closing time if need be",
        WorkingCalendar.span_finish,
        WorkingCalendar.span_finish_at,
    ),
    "pause": ClosingRule(
        "a job stops at closing time and goes on at the next opening",
        WorkingCalendar.span_pause,
        WorkingCalendar.span_pause_at,
    ),
    "fits": ClosingRule(
        "a job begins only if it can end before closing time, else it waits",
        WorkingCalendar.span_fits,
        WorkingCalendar.span_fits_at,
    ),
}


def always_open() -> WorkingCalendar:
    """A calendar that never closes."""
    return WorkingCalendar((0.0,), (math.inf,))


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


def _floats(values: ArrayLike) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if np.isnan(array).any():
        raise ValueError(_NAN)
    return array


def _times_and_spans(t: ArrayLike, hours: ArrayLike) -> tuple[Floats, Floats]:
    times, spans = np.broadcast_arrays(_floats(t), _floats(hours))
    if (spans < 0.0).any():
        raise ValueError(_NEGATIVE.format(spans.min()))
    return times, spans
