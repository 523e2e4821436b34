"""Working time against an independent holiday table, brute force by the minute, closed forms."""

from __future__ import annotations

import math
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import chinese_calendar
import numpy as np
import pytest

from sim.calendars import CLOSING_RULES, SLACK, WorkingCalendar, always_open
from sim.workdays import CalendarSpec, Hours, compile_calendar

BEIJING = timezone(timedelta(hours=8))
DAY: Hours = ((8, 12), (14, 18))
ALL_DAY: Hours = ((0, 24),)
OFFICE = CalendarSpec((DAY,) * 5 + ((), ()), BEIJING)
INF = math.inf


def open_days(spec: CalendarSpec, first: date, last: date) -> set[date]:
    """The dates with any working time, found through the compiled calendar."""
    start = datetime(first.year, first.month, first.day, tzinfo=BEIJING)
    hours = 24.0 * ((last - first).days + 1)
    calendar = compile_calendar(spec, start, hours)
    worked = np.diff(calendar.elapsed(np.arange(0, hours + 1, 24)))
    return {first + timedelta(days=int(i)) for i in np.flatnonzero(worked > 0)}


YEARS = range(2019, 2024)


def days_of(first: date, last: date) -> list[date]:
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


@pytest.mark.parametrize("year", YEARS)
def test_chinese_workdays_equal_chinesecalendar(year: int) -> None:
    first, last = date(year, 1, 1), date(year, 12, 31)
    spec = CalendarSpec((ALL_DAY,) * 5 + ((), ()), BEIJING, country="CN")
    expected = {day for day in days_of(first, last) if chinese_calendar.is_workday(day)}
    assert open_days(spec, first, last) == expected


@pytest.mark.parametrize("year", YEARS)
def test_holidays_take_the_weekends_that_the_notices_name(year: int) -> None:
    """Open all week but for holidays: closed are just the days that a notice gives a name."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    spec = CalendarSpec((ALL_DAY,) * 7, BEIJING, country="CN")
    named = {
        day
        for day in days_of(first, last)
        if chinese_calendar.is_holiday(day) and chinese_calendar.get_holiday_detail(day)[1]
    }
    assert set(days_of(first, last)) - open_days(spec, first, last) == named


def test_spring_festival_2023() -> None:
    week: tuple[Hours, ...] = (DAY,) * 7
    spec = CalendarSpec(week, BEIJING, country="CN", workday_hours=((9, 12),))
    closed = {date(2023, 1, day) for day in range(21, 28)}
    span = date(2023, 1, 14), date(2023, 2, 5)
    assert set(days_of(*span)) - open_days(spec, *span) == closed
    calendar = compile_calendar(spec, datetime(2023, 1, 20, 18, tzinfo=BEIJING), 24 * 12)
    assert calendar.opens[:3] == (7 * 24 + 15, 8 * 24 + 15, 9 * 24 + 14)
    assert calendar.closes[:3] == (7 * 24 + 18, 8 * 24 + 18, 9 * 24 + 18)
    loose = CalendarSpec(week, BEIJING, country="CN", holidays_take_weekends=False)
    assert date(2023, 1, 21) in open_days(loose, *span)
    assert date(2023, 1, 22) not in open_days(loose, *span)


def test_make_up_workdays_have_mondays_hours_unless_told() -> None:
    for hours, expected in ((None, 8.0), ((), 0.0), (((9, 10),), 1.0)):
        spec = CalendarSpec(OFFICE.week, BEIJING, country="CN", workday_hours=hours)
        calendar = compile_calendar(spec, datetime(2023, 1, 28, tzinfo=BEIJING), 24)
        assert calendar.elapsed_at(INF) == expected


def test_exceptions_come_first() -> None:
    spec = CalendarSpec(
        OFFICE.week,
        BEIJING,
        country="CN",
        exceptions={
            date(2023, 1, 24): ((10, 11),),  # a holiday
            date(2023, 1, 28): (),  # a make-up workday
            date(2023, 1, 31): ((0, 24),),  # a Tuesday
        },
    )
    calendar = compile_calendar(spec, datetime(2023, 1, 21, tzinfo=BEIJING), 24 * 12)
    worked = np.diff(calendar.elapsed(np.arange(0, 24 * 12 + 1, 24)))
    assert worked.tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 8, 8, 24, 8]


def test_other_countries_and_their_parts() -> None:
    week: tuple[Hours, ...] = (ALL_DAY,) * 7
    epiphany = date(2023, 1, 6), date(2023, 1, 6)
    berlin = CalendarSpec(week, BEIJING, country="DE-BE")
    bavaria = CalendarSpec(week, BEIJING, country="DE-BY")
    assert open_days(berlin, *epiphany)
    assert not open_days(bavaria, *epiphany)
    with pytest.raises(ValueError, match='no public holidays of "XX"'):
        compile_calendar(
            CalendarSpec(week, BEIJING, country="XX"), datetime(2023, 1, 1, tzinfo=UTC), 24
        )


def test_night_shifts_run_past_midnight_and_merge() -> None:
    night: Hours = ((22, 30),)
    spec = CalendarSpec((night, (), (), (), (), (), night), BEIJING)
    # from Monday 01:00: the rest of Sunday's shift, then Monday's
    calendar = compile_calendar(spec, datetime(2023, 1, 9, 1, tzinfo=BEIJING), 72)
    assert (calendar.opens, calendar.closes) == ((0.0, 21.0), (5.0, 29.0))
    touching = CalendarSpec((((6, 24),), ((0, 5), (5, 9)), (), (), (), (), ()), BEIJING)
    calendar = compile_calendar(touching, datetime(2023, 1, 9, tzinfo=BEIJING), 72)
    assert (calendar.opens, calendar.closes) == ((6.0,), (33.0,))
    overlapping = CalendarSpec((((20, 32),), ((6, 10),), (), (), (), (), ()), BEIJING)
    calendar = compile_calendar(overlapping, datetime(2023, 1, 9, tzinfo=BEIJING), 72)
    assert (calendar.opens, calendar.closes) == ((20.0,), (34.0,))


def test_always_open() -> None:
    calendar = always_open()
    times = np.array([0.0, 0.1, 1e6, INF])
    assert np.array_equal(calendar.elapsed(times), times)
    assert np.array_equal(calendar.clock(times), times)
    assert np.array_equal(calendar.next_open(times), times)
    assert calendar.is_open(times).tolist() == [True, True, True, False]
    assert calendar.closing_after_at(3.0) == INF
    for rule in CLOSING_RULES.values():
        assert rule.span_at(calendar, 2.5, 100.0) == (2.5, 102.5)
    spec = CalendarSpec((ALL_DAY,) * 7, BEIJING)
    compiled = compile_calendar(spec, datetime(2023, 1, 9, 5, tzinfo=BEIJING), 1000)
    assert (compiled.opens, compiled.closes) == ((0.0,), (1000.0,))


def test_closed_for_good() -> None:
    calendar = compile_calendar(
        CalendarSpec(((),) * 7, BEIJING), datetime(2023, 1, 9, tzinfo=BEIJING), 100
    )
    assert calendar.opens == ()
    times = np.array([0.0, 5.0, INF])
    assert calendar.elapsed(times).tolist() == [0.0, 0.0, 0.0]
    assert calendar.clock(times).tolist() == [0.0, INF, INF]
    assert calendar.next_open(times).tolist() == [INF] * 3
    assert not calendar.is_open(times).any()
    for rule in CLOSING_RULES.values():
        assert rule.span_at(calendar, 1.0, 0.0) == (INF, INF)
        assert np.array_equal(rule.span(calendar, times, 1.0), np.full((2, 3), INF))


def test_zone_of_the_start_does_not_matter() -> None:
    start = datetime(2023, 1, 9, 3, 30, tzinfo=BEIJING)
    assert compile_calendar(OFFICE, start, 200) == compile_calendar(
        OFFICE, start.astimezone(timezone(-timedelta(hours=7))), 200
    )


def test_summer_time_in_berlin() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = CalendarSpec((((22, 30),),) * 7, berlin)
    # 26 March 2023: 02:00 becomes 03:00; the start is the noon before
    calendar = compile_calendar(night, datetime(2023, 3, 25, 12, tzinfo=berlin), 72)
    assert calendar.opens == (10.0, 33.0, 57.0)
    assert calendar.closes == (17.0, 41.0, 65.0)
    # 29 October 2023: 03:00 becomes 02:00
    calendar = compile_calendar(night, datetime(2023, 10, 28, 12, tzinfo=berlin), 72)
    assert calendar.opens == (10.0, 35.0, 59.0)
    assert calendar.closes == (19.0, 43.0, 67.0)
    # whole days join without a gap or an overlap
    spec = CalendarSpec((ALL_DAY,) * 6 + ((),), berlin)
    calendar = compile_calendar(spec, datetime(2023, 3, 25, tzinfo=berlin), 100)
    assert (calendar.opens, calendar.closes) == ((0.0, 24.0 + 23.0), (24.0, 100.0))
    # hours inside the hour that is skipped vanish or shrink
    skipped = CalendarSpec(((),) * 6 + (((2, 3), (3.5, 4)),), berlin)
    calendar = compile_calendar(skipped, datetime(2023, 3, 26, tzinfo=berlin), 24)
    assert (calendar.opens, calendar.closes) == ((2.5,), (3.0,))


@pytest.mark.parametrize(
    ("week", "match"),
    [
        (((),) * 6, "a week has 7 days"),
        ((((9, 8),),) + ((),) * 6, "close after that"),
        ((((24, 25),),) + ((),) * 6, "open from 0 to 24"),
        ((((1, 49),),) + ((),) * 6, "up to 48"),
        ((((1, math.nan),),) + ((),) * 6, "close after that"),
        ((((8, 12), (11, 13)),) + ((),) * 6, "in order and apart"),
    ],
)
def test_specs_that_make_no_sense(week: tuple[Hours, ...], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        CalendarSpec(week, BEIJING)  # type: ignore[arg-type]


def test_refusals() -> None:
    start = datetime(2023, 1, 9, tzinfo=BEIJING)
    with pytest.raises(ValueError, match="needs a zone"):
        compile_calendar(OFFICE, start.replace(tzinfo=None), 24)
    for hours in (0.0, -1.0, INF, math.nan):
        with pytest.raises(ValueError, match="positive, finite"):
            compile_calendar(OFFICE, start, hours)
    for opens, closes in (
        ((1.0,), (1.0,)),
        ((-1.0,), (1.0,)),
        ((0.0, 2.0), (2.0, 3.0)),
        ((0.0, 1.0), (2.0, 3.0)),
        ((0.0, 5.0), (INF, 6.0)),
        ((math.nan,), (1.0,)),
    ):
        with pytest.raises(ValueError, match="open intervals must"):
            WorkingCalendar(opens, closes)
    calendar = compile_calendar(OFFICE, start, 48)
    for ask in (
        calendar.elapsed_at, calendar.elapsed, calendar.clock_at, calendar.clock,
        calendar.next_open_at, calendar.next_open, calendar.closing_after_at,
        calendar.closing_after, calendar.is_open_at, calendar.is_open,
    ):  # fmt: skip
        with pytest.raises(ValueError, match="not a number"):
            ask(math.nan)
    for rule in CLOSING_RULES.values():
        with pytest.raises(ValueError, match="cannot take -1 hours"):
            rule.span_at(calendar, 0.0, -1.0)
        with pytest.raises(ValueError, match="cannot take -1 hours"):
            rule.span(calendar, [0.0, 1.0], [2.0, -1.0])
        with pytest.raises(ValueError, match="not a number"):
            rule.span_at(calendar, math.nan, 1.0)


def test_closing_rules_by_hand() -> None:
    calendar = compile_calendar(OFFICE, datetime(2023, 1, 13, tzinfo=BEIJING), 24 * 8)  # a Friday
    monday = 72.0
    cases = {
        "finish": [
            ((0.0, 1.0), (8.0, 9.0)),
            ((17.0, 5.0), (17.0, 22.0)),
            ((18.0, 1.0), (monday + 8, monday + 9)),
            ((12.0, 0.0), (14.0, 14.0)),
        ],
        "pause": [
            ((11.0, 1.0), (11.0, 12.0)),
            ((11.0, 1.5), (11.0, 14.5)),
            ((17.0, 5.0), (17.0, monday + 12)),
            ((17.0, 5.5), (17.0, monday + 14.5)),
            ((12.0, 0.0), (14.0, 14.0)),
            ((8.0, 1000.0), (8.0, INF)),
        ],
        "fits": [
            ((11.0, 1.0), (11.0, 12.0)),
            ((11.0, 1.5), (14.0, 15.5)),
            ((17.0, 4.0), (monday + 8, monday + 12)),
            ((17.0, 4.5), (INF, INF)),
            ((18.0, 0.0), (monday + 8, monday + 8)),
        ],
    }
    for name, spans in cases.items():
        rule = CLOSING_RULES[name]
        for (t, hours), expected in spans:
            assert rule.span_at(calendar, t, hours) == expected, (name, t, hours)
        t, hours = np.array([span[0] for span in spans]).T
        begin, end = rule.span(calendar, t, hours)
        assert list(zip(begin.tolist(), end.tolist(), strict=True)) == [s[1] for s in spans]


def test_rounding_errors_do_not_cross_a_closing_time() -> None:
    calendar = WorkingCalendar((8.0, 32.0), (18.0, 42.0))
    tenths = np.cumsum(np.full(100, 0.1))  # 9.99999999999998 h
    assert tenths[-1] != 10.0
    for worked in (float(tenths[-1]), 10.0, math.nextafter(10.0, 11.0), 10.0 + SLACK / 2):
        end = calendar.clock_at(worked)
        assert 18.0 - SLACK < end <= 18.0
        assert calendar.next_open_at(end) == 32.0
        assert calendar.span_finish_at(end, 1.0) == (32.0, 33.0)
        assert calendar.span_fits_at(8.0, worked)[0] == 8.0
        assert calendar.span_pause_at(8.0, worked)[1] <= 18.0
        # the next job neither ends before it begins, however short
        assert calendar.span_pause_at(end, SLACK / 4) == (32.0, 32.0)
    assert calendar.clock_at(10.0) == 18.0
    assert calendar.clock_at(10.0 + 3 * SLACK) > 32.0


def test_calendars_travel_to_other_processes() -> None:
    calendar = compile_calendar(OFFICE, datetime(2023, 1, 9, tzinfo=BEIJING), 300)
    again = pickle.loads(pickle.dumps(calendar))
    assert again == calendar
    assert hash(again) == hash(calendar)
    assert again.clock_at(11.5) == calendar.clock([11.5])[0]
