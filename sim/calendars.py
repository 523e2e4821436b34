"""Working time as sorted open intervals, and what happens to work at closing time.

A :class:`WorkingCalendar` holds intervals in hours since the scenario's start, half-open at their
closing time; ``sim.workdays`` makes one from weekly hours and holidays. Every question has a form
for arrays and a form for one number (``..._at``), and both give the same bits.

**Closing times and rounding.** Sums of durations carry rounding errors of about 1e-13 h, and a job
that ends one such error after closing would jump to the next morning. So everything here treats a
moment less than ``SLACK`` (1e-9 h, four microseconds) before a closing time as that closing time,
and work that reaches less than ``SLACK`` past it as ending there.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SLACK = 1e-9
_CHUNK = 1 << 16  # hours worked on at once
_NAN = "a time or a number of hours is not a number"
_NEGATIVE = "a job cannot take {:g} hours"


class _Arrays(NamedTuple):
    """The same numbers for whole arrays of questions; all but the last end with an inf."""

    opens: Floats
    closes: Floats
    worked: Floats
    reached: Floats
    usable: Floats


#: An open interval: opening, closing, hours worked before it, the same and SLACK, hours by its end.
_Interval = tuple[float, float, float, float, float]


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
    _intervals: tuple[_Interval, ...] = field(init=False, repr=False, compare=False)
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
            reached=np.array((*reached, math.inf)),
            usable=np.array(usable),
        )
        intervals = zip(
            self.opens,
            self.closes,
            worked[:-1],
            [before + SLACK for before in worked[:-1]],
            worked[1:],
            strict=True,
        )
        object.__setattr__(self, "_intervals", tuple(intervals))
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
        hours = _floats(w)
        return self._clock(hours, np.searchsorted(self._arrays.reached[:-1], hours, side="left"))

    def clock_on(self, begun: Floats, counts: Ints, w: Floats) -> Floats:
        """The same for many hours ``w``, of which the first ``counts[0]`` are no less than
        ``begun[0]`` and not many intervals later, the next ``counts[1]`` so after ``begun[1]``:
        steps from interval to interval instead of searching among all of them."""
        hours, table = _floats(w), self._arrays
        found = np.empty(hours.shape)
        first = np.searchsorted(table.reached[:-1], begun, side="left")
        ends = np.concatenate([[0], np.cumsum(counts)])
        # Some tens of thousands at a time: their scratch stays small, and in cache.
        parts = np.searchsorted(ends, np.arange(0, ends[-1], _CHUNK)).tolist()
        for low, high in pairwise(sorted({*parts, len(first)})):
            rows = slice(int(ends[low]), int(ends[high]))
            here, i = hours[rows], np.repeat(first[low:high], counts[low:high])
            later = np.flatnonzero(table.reached[i] < here)
            while later.size:
                i[later] += 1
                later = later[table.reached[i[later]] < here[later]]
            found[rows] = self._clock(here, i)
        return found

    def _clock(self, hours: Floats, i: Ints) -> Floats:
        """The same where the intervals are known in which the last of those hours is worked."""
        table = self._arrays
        closing = table.closes[i]
        found = np.asarray(np.minimum(table.opens[i] + (hours - table.worked[i]), closing))
        np.copyto(found, closing, where=hours >= table.worked[i + 1])
        found[hours <= 0.0] = 0.0
        return found

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
        i = bisect_right(self._usable, t)
        if i == len(self._intervals):  # as for NaN
            if t != t:
                raise ValueError(_NAN)
            return math.inf, math.inf
        opening, closing, before, begun, by_then = self._intervals[i]
        begin = t if t > opening else opening
        if hours == 0.0:
            return begin, begin
        done = before + ((begin if begin < closing else closing) - opening) + hours
        if begun < done < by_then:  # what clock_at says, for the same day
            end = opening + (done - before)
            if end > closing:
                end = closing
        else:
            end = self.clock_at(done)
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
