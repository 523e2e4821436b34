"""Sorting that knows what it sorts gives what sorting everything gives."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.sorting import by_place_and_time, put_ranks_in_place

TIMES = st.sampled_from([0.0, 1.0, 1.5, 2.0, 7.0, 8.0, inf])


@given(st.lists(st.tuples(st.integers(0, 4), TIMES), max_size=200))
def test_rows_are_as_lexsort_has_them(rows: list[tuple[int, float]]) -> None:
    place, time = np.array([row[0] for row in rows], np.int64), np.array([row[1] for row in rows])
    assert by_place_and_time(place, time).tolist() == np.lexsort((time, place)).tolist()


@pytest.mark.parametrize("places", [3, 40, 40_000])
@pytest.mark.parametrize("late", [0, 1, 20, 2_000])
def test_nearly_in_order(places: int, late: int) -> None:
    """Many rows in the order of time, some of them too late or too early; places in any order."""
    generator = np.random.default_rng(places + late)
    time = np.sort(generator.integers(0, 2_000, 5_000)).astype(float)
    time[generator.choice(len(time), late, replace=False)] = 1_000.0
    place = generator.integers(0, places, len(time))
    for where in (place, np.sort(place)):
        found = by_place_and_time(where, time)
        assert found.tolist() == np.lexsort((time, where)).tolist()


@pytest.mark.parametrize("count", [1, 2, 1_024, 1_025, 30_000])
def test_ranks_stand_where_sorting_puts_them(count: int) -> None:
    generator = np.random.default_rng(count)
    values = generator.integers(0, 1_000, count).astype(float)
    values[generator.random(count) < 0.1] = inf
    values[generator.random(count) < 0.05] = nan
    ranks = sorted({0, count // 2, int(0.9 * count), count - 1, min(1, count - 1)})
    expected = np.sort(values)
    for asked in (ranks, ranks[::-1], ranks[1:2], ranks * 2):
        found = values.copy()
        put_ranks_in_place(found, asked)
        np.testing.assert_array_equal(found[asked], expected[asked])
        np.testing.assert_array_equal(np.sort(found), expected)
