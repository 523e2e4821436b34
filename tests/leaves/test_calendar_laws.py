"""Working time over random weeks: brute force by the minute, and what the closing rules promise."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sim.calendars import CLOSING_RULES, SLACK, WorkingCalendar
from sim.workdays import CalendarSpec, Hours, compile_calendar

BEIJING = timezone(timedelta(hours=8))
INF = math.inf


@st.composite
def day_hours(draw: st.DrawFn) -> Hours:
    """Up to three pairs on the minute grid, perhaps with a night shift."""
    cuts = sorted(draw(st.lists(st.integers(0, 24 * 60 - 1), max_size=6, unique=True)))
    pairs = [(a / 60, b / 60) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    if pairs and draw(st.booleans()):
        pairs[-1] = (pairs[-1][0], pairs[-1][1] + draw(st.integers(1, 20)))
    return tuple(pairs)


WEEKS = st.tuples(*[day_hours()] * 7)
STARTS = st.integers(0, 7 * 24 * 60 - 1).map(
    lambda minute: datetime(2023, 1, 2, tzinfo=BEIJING) + timedelta(minutes=minute)
)


def minutes_open(spec: CalendarSpec, start: datetime, hours: int) -> np.ndarray:
    """Whether each minute after ``start`` is worked, painted day by day on a strip of minutes."""
    monday = datetime(2022, 12, 26, tzinfo=BEIJING)
    strip = np.zeros(30 * 24 * 60, dtype=bool)
    for day in range(25):
        for a, b in spec.week[day % 7]:
            strip[day * 1440 + round(a * 60) : day * 1440 + round(b * 60)] = True
    first = (start - monday) // timedelta(minutes=1)
    return strip[first : first + hours * 60]


@given(WEEKS, STARTS)
def test_against_brute_force_by_the_minute(week: tuple[Hours, ...], start: datetime) -> None:
    spec = CalendarSpec(week, BEIJING)
    hours = 60
    calendar = compile_calendar(spec, start, hours)
    mask = minutes_open(spec, start, hours)
    minutes = np.arange(mask.size)
    assert calendar.is_open(minutes / 60).tolist() == mask.tolist()
    worked = np.concatenate([[0], np.cumsum(mask)]) / 60
    grid = np.arange(mask.size + 1) / 60
    assert np.allclose(calendar.elapsed(grid), worked, rtol=0, atol=1e-9)
    later = np.where(mask, minutes, mask.size * 2)
    expected = np.minimum.accumulate(later[::-1])[::-1] / 60
    expected[expected > hours] = INF
    assert np.allclose(calendar.next_open(minutes / 60), expected, rtol=0, atol=1e-9)
    # a job of n minutes, as a walk along the minutes
    for minute, length in ((0, 1), (17, 45), (600, 200), (1500, 700)):
        span = length / 60
        free = np.flatnonzero(mask[minute:]) + minute
        begin, end = calendar.span_pause_at(minute / 60, span)
        if free.size >= length:
            assert begin == pytest.approx(free[0] / 60, abs=1e-9)
            assert end == pytest.approx((free[length - 1] + 1) / 60, abs=1e-9)
        else:
            assert end == INF
        runs = np.convolve(mask, np.ones(length, dtype=int))[length - 1 :] == length
        starts = np.flatnonzero(runs[minute:]) + minute
        begin, end = calendar.span_fits_at(minute / 60, span)
        assert begin == (pytest.approx(starts[0] / 60, abs=1e-9) if starts.size else INF)
        assert end == pytest.approx(begin + span, abs=1e-9)


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Intervals with arbitrary float edges."""
    gaps = st.floats(1e-6, 50)
    edge, opens, closes = draw(st.sampled_from([0.0, 0.3, 8.0])), [], []
    for _ in range(draw(st.integers(0, 5))):
        opens.append(edge)
        closes.append(edge + draw(gaps))
        edge = closes[-1] + draw(gaps)
    if opens and draw(st.booleans()):
        closes[-1] = INF
    return WorkingCalendar(tuple(opens), tuple(closes))


MOMENTS = st.one_of(st.floats(-5, 400), st.just(INF))


@given(calendars(), st.lists(MOMENTS, min_size=1, max_size=8), st.floats(0, 60))
def test_scalar_equals_vector(calendar: WorkingCalendar, times: list[float], span: float) -> None:
    edges = [*calendar.opens, *calendar.closes, *np.nextafter(calendar.closes, 0).tolist()]
    moments = np.array(times + edges)
    for name in ("elapsed", "clock", "next_open", "is_open", "closing_after"):
        many = getattr(calendar, name)(moments)
        alone = getattr(calendar, f"{name}_at")
        assert many.tolist() == [alone(t) for t in moments.tolist()], name
    reached = calendar.elapsed(moments)
    assert calendar.clock(reached).tolist() == [calendar.clock_at(w) for w in reached.tolist()]
    lengths = np.resize([span, 0.0, span / 7], moments.shape)
    for name, rule in CLOSING_RULES.items():
        spans = np.stack(rule.span(calendar, moments, lengths), axis=1)
        pairs = zip(moments.tolist(), lengths.tolist(), strict=True)
        assert spans.tolist() == [list(rule.span_at(calendar, *pair)) for pair in pairs], name


@given(
    calendars(),
    st.lists(
        st.tuples(st.floats(-1, 90), st.lists(st.floats(0, 90), max_size=4)), min_size=1, max_size=6
    ),
)
def test_stepping_on_equals_searching(
    calendar: WorkingCalendar, groups: list[tuple[float, list[float]]]
) -> None:
    begun = np.array([begin for begin, _ in groups])
    counts = np.array([len(later) for _, later in groups])
    hours = np.array([begin + more for begin, later in groups for more in later])
    assert calendar.clock_on(begun, counts, hours).tolist() == calendar.clock(hours).tolist()


@given(calendars(), st.lists(MOMENTS, min_size=2, max_size=20))
def test_elapsed_and_clock_rise_and_undo_each_other(
    calendar: WorkingCalendar, times: list[float]
) -> None:
    moments = np.sort(times)
    worked = calendar.elapsed(moments)
    assert (worked[1:] >= worked[:-1]).all()
    back = calendar.clock(worked)
    assert (back[1:] >= back[:-1]).all()
    assert (back <= np.maximum(moments, 0.0) + 2 * SLACK).all()
    inside = calendar.is_open(moments) & (worked > SLACK)
    # just after an opening, clock may answer with the closing before: the same working time
    inside &= calendar.is_open(moments - 2 * SLACK)
    assert np.allclose(back[inside], moments[inside], rtol=0, atol=1e-9)
    finite = np.isfinite(back)
    assert np.allclose(calendar.elapsed(back[finite]), worked[finite], rtol=0, atol=2 * SLACK)


@given(calendars(), st.floats(0, 400), st.floats(0, 60))
@example(  # a job so short that its end would round to before its beginning
    calendar=WorkingCalendar(
        (0.0, 2.506511145953212, 4.506511145953212, 6.506511145953212),
        (1.0, 3.506511145953212, 5.506511145953212, INF),
    ),
    t=131.74866155716117,
    hours=1e-45,
)
def test_what_the_closing_rules_promise(calendar: WorkingCalendar, t: float, hours: float) -> None:
    assume(calendar.next_open_at(t) < INF)
    opening = calendar.next_open_at(t)
    assert opening >= t
    assert calendar.is_open_at(opening)
    begin, end = calendar.span_finish_at(t, hours)
    assert (begin, end) == (opening, opening + hours)
    begin, end = calendar.span_pause_at(t, hours)
    assert begin == opening
    assert end >= begin
    if end < INF:
        done = calendar.elapsed_at(end) - calendar.elapsed_at(begin)
        assert done == pytest.approx(hours, abs=2 * SLACK)
        if hours > 3 * SLACK:  # the earliest such end
            assert calendar.elapsed_at(end - 2 * SLACK) < calendar.elapsed_at(begin) + hours
    begin, end = calendar.span_fits_at(t, hours)
    if begin < INF:
        assert begin >= opening
        assert end <= calendar.closing_after_at(begin)
        assert end - begin == pytest.approx(hours, abs=2 * SLACK)
    else:
        left = [b - max(a, opening) for a, b in zip(calendar.opens, calendar.closes, strict=True)]
        assert all(length < hours for length in left)
