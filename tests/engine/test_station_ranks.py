"""Order by rank, and interruption: cases worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest
from engine.station_bench import (
    INTERRUPTED,
    URGENT_FIRST,
    Bench,
    assert_spans,
    daily,
    parts,
)

from sim.engine.clock import Phase
from sim.engine.workplace import Workplace
from sim.laws import Constant


def test_the_best_rank_is_served_next_and_ties_in_the_order_of_coming() -> None:
    bench = Bench(URGENT_FIRST).run(
        [(0.0, {2: 3}), (1.0, {2: 1}), (1.5, {1: 1}), (2.0, {0: 1}), (2.5, {1: 1}), (3.0, {0: 1})]
    )
    assert isinstance(bench.stations[0], Workplace)
    assert_spans(
        bench,
        [(0, 0, 3), (3, 3, 4), (5, 4, 5), (2, 5, 6), (4, 6, 7), (1, 7, 8)],
    )


def test_a_shipment_has_the_best_rank_of_its_products() -> None:
    bench = Bench(URGENT_FIRST).run([(0.0, {1: 2}), (1.0, {1: 1}), (1.0, {2: 1, 0: 1})])
    assert_spans(bench, [(0, 0, 2), (2, 2, 4), (1, 4, 5)])


def test_an_empty_vehicle_comes_last_whatever_products_there_are() -> None:
    bench = Bench(replace(URGENT_FIRST, ranks=(4, -2, 9)))
    bench.run([(0.0, {0: 2}), (0.5, {}), (1.0, {2: 1}), (1.0, {0: 1}), (1.0, {1: 1})])
    assert [trip for trip, _, _ in bench.spans()] == [0, 4, 3, 2, 1]


def test_of_those_who_come_at_one_moment_the_most_urgent_begins() -> None:
    bench = Bench(URGENT_FIRST).run([(1.0, {2: 1}), (1.0, {0: 1}), (1.0, {1: 1})])
    assert_spans(bench, [(1, 1, 2), (2, 2, 3), (0, 3, 4)])


def test_at_the_opening_the_most_urgent_of_the_night_begins() -> None:
    bench = Bench(replace(URGENT_FIRST, shift=daily(8.0, 18.0, "pause")))
    bench.run([(1.0, {2: 1}), (2.0, {1: 2}), (8.0, {0: 1})])
    assert_spans(bench, [(2, 8, 9), (1, 9, 11), (0, 11, 12)])


# --- interruption


def test_who_is_interrupted_goes_on_where_it_stopped() -> None:
    bench = Bench(INTERRUPTED).run([(0.0, {2: 5}), (1.0, {1: 3}), (2.0, {0: 1}), (2.5, {2: 1})])
    assert_spans(
        bench,
        [(0, 0, 1), (1, 1, 2), (2, 2, 3), (1, 3, 5), (0, 5, 9), (3, 9, 10)],
    )
    assert parts(bench) == [
        (0, 0, False), (1, 0, False), (2, 0, True), (3, 0, True), (1, 1, True), (0, 1, True),
    ]  # fmt: skip
    assert [row[3] for row in bench.rows] == [0.0, 1.0, 2.0, 2.5, 1.0, 0.0]  # joined
    assert bench.left == {0: 9.0, 1: 5.0, 2: 3.0, 3: 10.0}


def test_an_equal_rank_does_not_interrupt() -> None:
    bench = Bench(INTERRUPTED).run([(0.0, {1: 3}), (1.0, {1: 1})])
    assert_spans(bench, [(0, 0, 3), (1, 3, 4)])


def test_without_the_word_nobody_is_interrupted() -> None:
    bench = Bench(URGENT_FIRST).run([(0.0, {2: 3}), (1.0, {0: 1})])
    assert_spans(bench, [(0, 0, 3), (1, 3, 4)])


def test_the_worst_rank_is_interrupted_and_in_it_who_came_last() -> None:
    station = replace(INTERRUPTED, servers=3.0)
    bench = Bench(station).run(
        [(0.0, {1: 9}), (0.5, {2: 4}), (1.0, {2: 4}), (2.0, {0: 1}), (2.5, {0: 2}), (2.6, {2: 1})]
    )
    assert_spans(
        bench,
        [
            (0, 0, 9), (1, 0.5, 2.5), (2, 1, 2), (3, 2, 3), (4, 2.5, 4.5),
            (1, 3, 5), (2, 4.5, 7.5), (5, 5, 6),
        ],
    )  # fmt: skip


def test_an_interruption_at_the_very_end_is_none() -> None:
    """0.1 + 0.2 is a little more than 0.3, when the urgent one comes."""
    station = replace(INTERRUPTED, per_unit=Constant(0.1))
    bench = Bench(station).run([(0.1, {2: 2}), (0.3, {0: 1})])
    assert_spans(bench, [(0, 0.1, 0.3), (1, 0.3, 0.4)])


@pytest.mark.parametrize(
    ("rule", "spans"),
    [
        # Work until 18:00 stops; the urgent one of the evening goes first in the morning.
        ("pause", [(0, 16, 18), (1, 32, 33), (0, 33, 35)]),
        # Work goes on past closing time, and nobody begins before the morning.
        ("finish", [(0, 16, 20), (1, 32, 33)]),
        # Four hours would not fit: nothing has begun.
        ("fits", [(1, 32, 33), (0, 33, 37)]),
    ],
)
def test_an_urgent_one_after_closing_time(rule: str, spans: list[tuple[int, float, float]]) -> None:
    bench = Bench(replace(INTERRUPTED, shift=daily(8.0, 18.0, rule)))
    assert_spans(bench.run([(16.0, {2: 4}), (19.0, {0: 1})]), spans)


@pytest.mark.parametrize(
    ("rule", "spans"),
    [
        ("pause", [(0, 10, 16), (1, 16, 33), (0, 33, 35)]),  # 2 hours in the evening, 1 next day
        ("finish", [(0, 10, 16), (1, 16, 19), (0, 32, 34)]),  # taken up again when it is open
        ("fits", [(0, 10, 18), (1, 32, 35)]),  # the urgent one would not fit: no interruption
    ],
)
def test_interruption_across_closing_time(rule: str, spans: list[tuple[int, float, float]]) -> None:
    bench = Bench(replace(INTERRUPTED, shift=daily(8.0, 18.0, rule)))
    assert_spans(bench.run([(10.0, {2: 8}), (16.0, {0: 3})]), spans)


def test_what_is_left_must_fit_as_well() -> None:
    bench = Bench(replace(INTERRUPTED, shift=daily(8.0, 18.0, "fits")))
    bench.run([(10.0, {2: 8}), (12.0, {0: 1})])  # 6 h left at 13:00: they do not fit
    assert_spans(bench, [(0, 10, 12), (1, 12, 13), (0, 32, 38)])


def test_who_never_goes_on_has_no_row_for_it() -> None:
    bench = Bench(INTERRUPTED, horizon=3.0).run([(0.0, {2: 5}), (1.0, {0: 9})])
    assert_spans(bench, [(0, 0, 1), (1, 1, nan)])
    assert parts(bench) == [(0, 0, False), (1, 0, False)]


def test_stations_decide_after_whatever_else_happens_at_a_moment() -> None:
    """A vehicle that comes home to some site, whatever its number, may bring what is urgent."""
    bench = Bench(URGENT_FIRST)
    bench.come(1.0, {2: 1})
    bench.clock.call_at(1.0, Phase.REVIEW, 10**6, lambda _: bench.come(1.0, {0: 1}))
    assert_spans(bench.run(), [(1, 1, 2), (0, 2, 3)])
