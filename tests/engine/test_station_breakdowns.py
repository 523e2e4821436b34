"""Breakdowns by both clocks: cases worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest
from engine.station_bench import (
    DOCK,
    INTERRUPTED,
    Bench,
    assert_spans,
    breaks,
    daily,
    parts,
)

from sim.calendars import WorkingCalendar
from sim.engine.workplace import Workplace
from sim.laws import Constant, Exponential
from sim.plan.specs import BreakdownSpec, Shift
from sim.streams import Streams


def test_the_working_clock_stands_while_the_server_is_idle() -> None:
    bench = Bench(replace(DOCK, breakdown=breaks(3.0, 1.0, "working")))
    bench.run([(0.0, 2), (10.0, 5), (10.5, 1)])
    # broken after 2 + 1 hours of work, and again after 3 more
    assert_spans(bench, [(0, 0, 2), (1, 10, 11), (1, 12, 15), (1, 16, 17), (2, 17, 18)])
    assert parts(bench) == [(0, 0, True), (1, 0, False), (2, 0, True), (1, 1, False), (1, 2, True)]
    assert bench.left == {0: 2.0, 1: 17.0, 2: 18.0}


def test_a_breakdown_as_work_ends_lets_the_shipment_go() -> None:
    bench = Bench(replace(DOCK, breakdown=breaks(2.0, 1.5, "working")))
    bench.run([(0.0, 2), (1.0, 1), (10.0, 1)])
    assert_spans(bench, [(0, 0, 2), (1, 3.5, 4.5), (2, 10, 11)])
    assert bench.left[0] == 2.0


def test_a_breakdown_as_work_ends_but_for_rounding() -> None:
    station = replace(DOCK, per_unit=Constant(0.1), breakdown=breaks(0.3, 1.0, "working"))
    bench = Bench(station).run([(0.0, 1), (0.1, 1), (0.2, 1), (0.3, 1)])
    assert_spans(bench, [(0, 0, 0.1), (1, 0.1, 0.2), (2, 0.2, 0.3), (3, 1.3, 1.4)])
    assert all(done for _, _, done in parts(bench))
    dock = bench.stations[0]
    assert isinstance(dock, Workplace)
    stream = dock._servers.made[0].stream
    assert stream is not None
    assert stream.drawn == 3  # one breakdown, its repair, the next one


def test_by_the_calendar_an_idle_server_breaks_down_too() -> None:
    bench = Bench(replace(DOCK, breakdown=breaks(5.0, 2.0, "calendar")))
    bench.run([(0.0, 1), (6.0, 1), (11.0, 4)])
    # down from 5 to 7, from 12 to 14, from 19 to 21
    assert_spans(bench, [(0, 0, 1), (1, 7, 8), (2, 11, 12), (2, 14, 17)])


def test_by_the_calendar_work_that_just_ends_is_done() -> None:
    station = replace(DOCK, per_unit=Constant(0.1), breakdown=breaks(0.3, 1.0, "calendar"))
    bench = Bench(station).run([(0.1, 2), (0.2, 1)])
    assert_spans(bench, [(0, 0.1, 0.3), (1, 1.3, 1.4)])
    assert all(done for _, _, done in parts(bench))


def test_another_server_goes_on() -> None:
    """The first breaks down every 4 hours of its own work, and then the second is asked."""
    bench = Bench(replace(DOCK, servers=2.0, breakdown=breaks(4.0, 3.0, "working")))
    bench.run([(0.0, 3), (3.0, 2), (5.0, 1), (5.5, 1)])
    # server 0: 0-3, 3-4, broken 4-7 with shipment 1 on it, 7-8; server 1: 5-6, 6-7
    assert_spans(bench, [(0, 0, 3), (1, 3, 4), (2, 5, 6), (3, 6, 7), (1, 7, 8)])


def test_each_server_has_draws_of_its_own() -> None:
    breakdown = BreakdownSpec(Exponential(2.0), Constant(100.0), "calendar")
    bench = Bench(replace(DOCK, servers=2.0, breakdown=breakdown), horizon=50.0)
    firsts = [
        Exponential(2.0).quantile_at(Streams(0, 0).stream(f"dock-0/server-{k}").uniform())
        for k in range(2)
    ]
    bench.run([(0.0, 60), (0.0, 60)])
    assert_spans(bench, [(k, 0.0, firsts[k]) for k in range(2)])


@pytest.mark.parametrize(
    ("rule", "spans"),
    [
        # Work at 16-18 and 8-9, then broken from 9 to 11, then the last hour.
        ("pause", [(0, 16, 33), (0, 35, 36)]),
        # Work at 16-19, broken until 21:00, and what has begun is finished in the night.
        ("finish", [(0, 16, 19), (0, 21, 22)]),
        ("fits", [(0, 32, 35), (0, 37, 38)]),
    ],
)
def test_the_working_clock_counts_working_hours(
    rule: str, spans: list[tuple[int, float, float]]
) -> None:
    station = replace(DOCK, shift=daily(8.0, 18.0, rule), breakdown=breaks(3.0, 2.0, "working"))
    assert_spans(Bench(station).run([(16.0, 4)]), spans)


@pytest.mark.parametrize(
    ("rule", "spans"),
    [
        # Broken from 20 to 34 with two hours left; the morning begins with two hours of repair.
        ("pause", [(0, 16, 18), (0, 34, 36)]),
        # Finished at 20:00, as the breakdown comes.
        ("finish", [(0, 16, 20)]),
        ("fits", [(0, 34, 38)]),
    ],
)
def test_a_breakdown_in_the_night(rule: str, spans: list[tuple[int, float, float]]) -> None:
    station = replace(DOCK, shift=daily(8.0, 18.0, rule), breakdown=breaks(20.0, 14.0, "calendar"))
    assert_spans(Bench(station, horizon=53.0).run([(16.0, 4)]), spans)


def test_a_repair_within_the_night_costs_no_work() -> None:
    station = replace(
        DOCK, shift=daily(8.0, 18.0, "pause"), breakdown=breaks(20.0, 5.0, "calendar")
    )
    bench = Bench(station, horizon=44.0).run([(16.0, 4)])
    assert_spans(bench, [(0, 16, 18), (0, 32, 34)])
    assert parts(bench) == [(0, 0, False), (0, 1, True)]


def test_what_is_left_after_a_repair_must_fit() -> None:
    station = replace(DOCK, shift=daily(8.0, 18.0, "fits"), breakdown=breaks(14.0, 3.0, "calendar"))
    bench = Bench(station, horizon=47.0).run([(10.0, 8), (11.0, 1)])
    # broken 14-17 and 31-34; from 17:00 on, four hours do not fit, and the server is kept
    assert_spans(bench, [(0, 10, 14), (0, 34, 38), (1, 38, 39)])


def test_an_urgent_one_does_not_go_to_a_broken_server_but_first_after_its_repair() -> None:
    bench = Bench(replace(INTERRUPTED, breakdown=breaks(2.0, 3.0, "working")), horizon=9.5)
    bench.run([(0.0, {2: 3}), (3.0, {0: 1})])
    assert_spans(bench, [(0, 0, 2), (1, 5, 6), (0, 6, 7)])
    assert [row[6] for row in bench.rows] == [0, 0, 1]


def test_interrupted_work_counts_for_the_working_clock() -> None:
    bench = Bench(replace(INTERRUPTED, breakdown=breaks(4.0, 1.0, "working")))
    bench.run([(0.0, {2: 5}), (1.0, {0: 2})])
    assert_spans(bench, [(0, 0, 1), (1, 1, 3), (0, 3, 4), (0, 5, 8)])


def test_a_server_that_broke_down_idle_is_kept_for_one_only() -> None:
    """At 12:00 two come; the first does not fit before closing time, and keeps the server."""
    station = replace(DOCK, shift=daily(8.0, 18.0, "fits"), breakdown=breaks(9.0, 1.0, "calendar"))
    bench = Bench(station, horizon=18.5).run([(12.0, 7), (12.0, 1)])
    assert_spans(bench, [(0, nan, nan), (1, nan, nan)])


def test_what_is_left_and_never_fits_leaves_the_server() -> None:
    """Ten hours on the first day, two on each after it."""
    calendar = WorkingCalendar((8.0, 32.0, 56.0), (18.0, 34.0, 58.0))
    shift = Shift(calendar, "fits", always=False)
    station = replace(DOCK, shift=shift, breakdown=breaks(4.0, 10.0, "working"))
    bench = Bench(station).run([(8.0, 8), (9.0, 1)])
    assert_spans(bench, [(0, 8, 12), (1, 32, 33)])
    assert list(bench.left) == [1]


def test_a_server_that_is_held_may_be_broken_when_it_is_let_go() -> None:
    dock = replace(DOCK, breakdown=breaks(2.0, 4.0, "calendar"))
    bench = Bench(dock, replace(DOCK, per_unit=Constant(2.5), yard=0.0, turns_away=False))
    for _ in range(3):
        bench.come(0.0, 1, (0, 1))
    bench.clock.horizon = 7.5
    bench.run()
    # the dock breaks down at 2, as its second service ends; it is let go at 3.5, repaired at 6
    assert_spans(bench, [(0, 0, 1), (1, 1, 2), (2, 6, 7)])
    assert_spans(bench, [(0, 1, 3.5), (1, 3.5, 6), (2, 7, nan)], station=1)


def test_endless_servers_cannot_break_down() -> None:
    with pytest.raises(ValueError, match="only so many servers"):
        Bench(replace(DOCK, servers=inf, breakdown=breaks(1.0, 1.0, "working")))


def test_a_server_repaired_as_the_station_opens_begins_what_fits_into_the_next_day_in_time() -> (
    None
):
    """Six hours fit into no day before that from 44. At 24 the second server is repaired, and the
    first begins what breaks it down at 25, until 45: nothing else happens before."""
    days = WorkingCalendar((0.0, 24.0, 44.0, 70.0), (10.0, 28.0, 60.0, 80.0))
    station = replace(
        DOCK,
        servers=2.0,
        shift=Shift(days, "fits", always=False),
        breakdown=breaks(4.0, 20.0, "working"),
    )
    bench = Bench(station).run([(0.0, 3), (0.0, 4), (8.0, 3), (9.0, 6)])
    assert_spans(bench, [(0, 0, 3), (1, 0, 4), (2, 24, 25), (3, 44, 48), (2, 45, 47), (3, 70, 72)])
