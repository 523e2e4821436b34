"""A yard with an end, turning away, waiting at the station before, and stations in series."""

from __future__ import annotations

from dataclasses import replace

import pytest
from engine.station_bench import (
    DOCK,
    INTERRUPTED,
    URGENT_FIRST,
    Bench,
    assert_spans,
    daily,
    parts,
)
from hypothesis import given
from hypothesis import strategies as st

from sim.laws import Constant, Exponential


def test_who_finds_the_yard_full_is_turned_away_and_leaves_no_row() -> None:
    bench = Bench(replace(DOCK, yard=1.0)).run([(0.0, 3), (1.0, 2), (2.0, 1), (3.0, 1), (5.0, 1)])
    assert bench.refused == {2: 2.0}
    assert_spans(bench, [(0, 0, 3), (1, 3, 5), (3, 5, 6), (4, 6, 7)])
    assert parts(bench) == [(0, 0, True), (1, 0, True), (3, 0, True), (4, 0, True)]


def test_without_a_yard_only_a_free_server_takes_a_shipment() -> None:
    station = replace(DOCK, yard=0.0, servers=2.0)
    bench = Bench(station).run([(0.0, 3), (1.0, 1), (1.5, 1), (2.0, 1), (2.0, 1), (3.0, 1)])
    assert bench.refused == {2: 1.5, 4: 2.0}  # at 2.0 the second server is free, for one
    assert_spans(bench, [(0, 0, 3), (1, 1, 2), (3, 2, 3), (5, 3, 4)])


def test_of_those_who_come_at_one_moment_the_most_urgent_is_let_in() -> None:
    bench = Bench(replace(URGENT_FIRST, yard=1.0))
    bench.run([(0.0, {1: 2}), (1.0, {2: 1}), (1.0, {0: 1})])
    assert bench.refused == {1: 1.0}
    assert_spans(bench, [(0, 0, 2), (2, 2, 3)])


def test_who_was_interrupted_takes_the_place_of_who_interrupts() -> None:
    bench = Bench(replace(INTERRUPTED, yard=1.0))
    bench.run([(0.0, {2: 3}), (1.0, {0: 1}), (1.5, {0: 1}), (2.0, {1: 1})])
    assert bench.refused == {2: 1.5}  # the yard holds the first one, however urgent they are
    assert_spans(bench, [(0, 0, 1), (1, 1, 2), (3, 2, 3), (0, 3, 5)])


def test_at_night_only_the_yard_takes_shipments() -> None:
    bench = Bench(replace(DOCK, yard=2.0, servers=3.0, shift=daily(8.0, 18.0, "pause")))
    bench.run([(1.0, 1), (2.0, 1), (3.0, 1), (8.0, 1)])
    assert bench.refused == {2: 3.0}
    assert_spans(bench, [(0, 8, 9), (1, 8, 9), (3, 8, 9)])


comings = st.lists(st.tuples(st.integers(0, 60).map(float), st.integers(1, 5)), max_size=20)


@given(comings, st.integers(0, 3))
def test_waiting_before_a_full_yard_is_waiting_in_one_without_end(
    comings: list[tuple[float, int]], yard: int
) -> None:
    station = replace(DOCK, servers=2.0, per_lot=Exponential(0.5))
    plain = Bench(station).run(comings)
    full = Bench(replace(station, yard=float(yard), turns_away=False)).run(comings)
    assert str(plain.rows) == str(full.rows)


# --- stations in series


def test_two_stations_in_series() -> None:
    bench = Bench(DOCK, replace(DOCK, per_unit=Constant(0.5)))
    for time, units in ((0.0, 2), (1.0, 4), (1.0, 1)):
        bench.come(time, units, (0, 1))
    bench.run()
    assert_spans(bench, [(0, 0, 2), (1, 2, 6), (2, 6, 7)])
    assert_spans(bench, [(0, 2, 3), (1, 6, 8), (2, 8, 8.5)], station=1)
    assert bench.left == {0: 3.0, 1: 8.0, 2: 8.5}


SLOW = replace(DOCK, per_unit=Constant(3.0), turns_away=False)


@pytest.mark.parametrize("general", [False, True])
@pytest.mark.parametrize(
    ("yard", "first", "second", "joined"),
    [
        # The first holds its server from 2 to 4, and the next from 5 to 7.
        (0.0, [(0, 0, 1), (1, 1, 2), (2, 4, 5), (3, 7, 8)], [1, 4, 7, 10], [1, 4, 7, 10]),
        # One may wait between: held from 3 to 4, then from 5 to 7.
        (1.0, [(0, 0, 1), (1, 1, 2), (2, 2, 3), (3, 4, 5)], [1, 4, 7, 10], [1, 2, 4, 7]),
        (9.0, [(0, 0, 1), (1, 1, 2), (2, 2, 3), (3, 3, 4)], [1, 4, 7, 10], [1, 2, 3, 4]),
    ],
)
def test_a_full_yard_holds_the_server_before(
    general: bool,
    yard: float,
    first: list[tuple[int, float, float]],
    second: list[float],
    joined: list[float],
) -> None:
    bench = Bench(DOCK, replace(SLOW, yard=yard), general=general)
    for _ in range(4):
        bench.come(0.0, 1, (0, 1))
    bench.run()
    assert_spans(bench, first)
    assert_spans(bench, [(trip, t, t + 3) for trip, t in enumerate(second)], station=1)
    assert [row[3] for row in bench.rows if row[0] == 1] == joined
    assert bench.left == {trip: t + 3 for trip, t in enumerate(second)}


def test_holding_reaches_back_through_three_stations() -> None:
    """Flow shop with blocking: hours 1, 1, 4 and no yards; each departure frees all before it."""
    last = replace(DOCK, per_unit=Constant(4.0), yard=0.0, turns_away=False)
    bench = Bench(DOCK, replace(DOCK, yard=0.0, turns_away=False), last)
    for _ in range(4):
        bench.come(0.0, 1, (0, 1, 2))
    bench.run()
    assert_spans(bench, [(0, 0, 1), (1, 1, 2), (2, 2, 3), (3, 6, 7)])
    assert_spans(bench, [(0, 1, 2), (1, 2, 3), (2, 6, 7), (3, 10, 11)], station=1)
    assert_spans(bench, [(0, 2, 6), (1, 6, 10), (2, 10, 14), (3, 14, 18)], station=2)


def test_a_full_yard_that_turns_away_holds_nobody() -> None:
    bench = Bench(DOCK, replace(SLOW, yard=0.0, turns_away=True))
    for _ in range(4):
        bench.come(0.0, 1, (0, 1))
    bench.run()
    assert_spans(bench, [(0, 0, 1), (1, 1, 2), (2, 2, 3), (3, 3, 4)])
    assert bench.refused == {1: 2.0, 2: 3.0}
    assert bench.left == {0: 4.0, 3: 7.0}  # whoever comes as the server gets free is served


def test_a_place_that_is_kept_is_not_given_to_another() -> None:
    """Shipment 1 asks for the place at 2, shipment 2 comes from outside at 3."""
    bench = Bench(DOCK, replace(SLOW, yard=0.0))
    bench.come(0.0, 1, (0, 1))
    bench.come(1.0, 1, (0, 1))
    bench.come(3.0, 1, (1,))
    bench.run()
    assert_spans(bench, [(0, 1, 4), (1, 4, 7), (2, 7, 10)], station=1)


def test_the_urgent_one_gets_the_place_first() -> None:
    dock, desk = replace(DOCK, servers=2.0), replace(SLOW, yard=0.0, ranks=(0, 1, 2))
    bench = Bench(dock, desk)
    for load in ({2: 1}, {2: 2}, {0: 3}):
        bench.come(0.0, load, (0, 1))
    bench.run()
    assert_spans(bench, [(0, 0, 1), (1, 0, 2), (2, 1, 4)])
    # at 4 both docks hold a finished shipment, and the desk gets free
    assert_spans(bench, [(0, 1, 4), (2, 4, 13), (1, 13, 19)], station=1)


def test_a_held_server_is_not_interrupted() -> None:
    bench = Bench(INTERRUPTED, replace(SLOW, yard=0.0))
    bench.come(0.0, {2: 1}, (0, 1))
    bench.come(0.5, {2: 1}, (0, 1))
    bench.come(3.0, {0: 1}, (0, 1))  # the second one has been held since 2
    bench.run()
    assert_spans(bench, [(0, 0, 1), (1, 1, 2), (2, 4, 5)])
    assert_spans(bench, [(0, 1, 4), (1, 4, 7), (2, 7, 10)], station=1)
