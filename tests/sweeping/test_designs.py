"""Designs: every part of every range is visited, as often as its kind promises."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.sweeping.designs import (
    BASE,
    grid,
    latin_hypercube,
    level_of,
    one_at_a_time,
    saltelli,
    spread_out,
    whole_number,
)

counts = st.lists(st.integers(1, 4), min_size=1, max_size=4)


@given(counts)
def test_a_grid_has_every_combination_once(levels: list[int]) -> None:
    rows = grid(levels).tolist()
    assert len(rows) == np.prod(levels)
    assert len({tuple(row) for row in rows}) == len(rows)
    assert rows == sorted(rows), "the last factor changes fastest"
    assert all(0 <= level < count for row in rows for level, count in zip(row, levels, strict=True))


@given(counts)
def test_one_at_a_time_moves_one_factor_and_leaves_the_others(levels: list[int]) -> None:
    rows = one_at_a_time(levels).tolist()
    assert len(rows) == sum(levels)
    moved = [[(f, level) for f, level in enumerate(row) if level != BASE] for row in rows]
    assert all(len(each) == 1 for each in moved)
    assert [each[0] for each in moved] == [(f, i) for f, n in enumerate(levels) for i in range(n)]


@given(st.integers(1, 5), st.integers(1, 40), st.integers(0, 10))
def test_a_latin_hypercube_visits_every_part_of_every_range_once(
    factors: int, points: int, seed: int
) -> None:
    design = latin_hypercube(factors, points, seed)
    assert design.shape == (points, factors)
    for column in design.T:
        assert sorted((column * points).astype(int)) == list(range(points))


@settings(max_examples=25)
@given(st.integers(1, 5), st.integers(0, 6), st.integers(0, 10))
def test_a_saltelli_design_is_two_samples_and_their_mixtures(
    factors: int, power: int, seed: int
) -> None:
    rows = 2**power
    design = saltelli(factors, rows, seed)
    assert design.shape == ((factors + 2) * rows, factors)
    first, second, *mixed = np.split(design, factors + 2)
    for factor, block in enumerate(mixed):
        assert (block[:, factor] == second[:, factor]).all()
        others = [other for other in range(factors) if other != factor]
        assert (block[:, others] == first[:, others]).all()
    for sample in (first, second):  # a Sobol sequence: one in every part, as in a hypercube
        for column in sample.T:
            assert sorted((column * rows).astype(int)) == list(range(rows))


def test_the_seed_decides_and_nothing_else() -> None:
    for make in (latin_hypercube, saltelli):
        again = make(3, 16, 7)
        assert (make(3, 16, 7) == again).all()
        assert (make(3, 16, 8) != again).any()
    assert (saltelli(2, 16, 7)[:16] != latin_hypercube(2, 16, 7)).any()


@pytest.mark.parametrize("rows", [0, 3, 12])
def test_rows_that_are_no_power_of_two_are_refused(rows: int) -> None:
    with pytest.raises(ValueError, match="a power of two"):
        saltelli(2, rows, 0)


@given(st.integers(-5, 20), st.integers(0, 12), st.integers(1, 8))
def test_whole_numbers_are_met_equally_often(low: int, width: int, times: int) -> None:
    shares = (np.arange((width + 1) * times) + 0.5) / ((width + 1) * times)
    found = [whole_number(share, low, low + width) for share in shares]
    assert sorted(set(found)) == list(range(low, low + width + 1))
    assert {found.count(number) for number in set(found)} == {times}


@settings(max_examples=25)
@given(st.integers(1, 20), st.integers(0, 12))
def test_whole_numbers_by_ratio_reach_both_ends_and_favour_the_small(low: int, width: int) -> None:
    shares = (np.arange(4000) + 0.5) / 4000
    found = [whole_number(share, low, low + width, log=True) for share in shares]
    assert set(found) == set(range(low, low + width + 1))
    met = [found.count(number) for number in range(low, low + width + 1)]
    assert all(more >= fewer - 1 for more, fewer in pairwise(met))


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 9))
def test_levels_take_equal_parts_of_the_range(share: float, levels: int) -> None:
    level = level_of(share, levels)
    assert 0 <= level < levels
    assert level <= share * levels + 1e-9
    assert share * levels < level + 1 + 1e-9


def test_by_ratio_the_middle_is_the_geometric_mean() -> None:
    assert spread_out(0.5, 1.0, 100.0) == 50.5
    assert spread_out(0.5, 1.0, 100.0, log=True) == pytest.approx(10.0)
    assert spread_out(0.0, 2.0, 8.0, log=True) == 2.0
    with pytest.raises(ValueError, match="begins above 0"):
        spread_out(0.5, 0.0, 1.0, log=True)
