"""The Gini coefficient: known answers, and what must not change it."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measures.equity import gini, worst_share_mean

VALUES = st.lists(st.tuples(st.floats(0.1, 1000.0), st.integers(1, 50)), min_size=1, max_size=12)


def of(rows: list[tuple[float, int]]) -> float:
    return gini(np.array([value for value, _ in rows]), np.array([float(w) for _, w in rows]))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5.0], 0.0),
        ([7.0, 7.0, 7.0], 0.0),
        ([0.0, 1.0], 1 / 2),
        ([0.0, 0.0, 0.0, 1.0], 3 / 4),  # one has all: 1 - 1/n
        ([1.0, 2.0, 3.0, 4.0, 5.0], 4 / 15),
        ([1.0, 3.0], 1 / 4),
    ],
)
def test_known_answers(values: list[float], expected: float) -> None:
    assert gini(np.array(values), np.ones(len(values))) == pytest.approx(expected, abs=1e-15)


@given(VALUES)
def test_as_the_sum_over_pairs(rows: list[tuple[float, int]]) -> None:
    weight = sum(w for _, w in rows)
    mean = sum(w * x for x, w in rows) / weight
    pairs = sum(w * v * abs(x - y) for x, w in rows for y, v in rows)
    assert of(rows) == pytest.approx(pairs / (2 * weight**2 * mean), abs=1e-12)


@given(VALUES)
def test_it_lies_between_0_and_1(rows: list[tuple[float, int]]) -> None:
    assert -1e-12 <= of(rows) < 1
    smallest = min(w for _, w in rows) / sum(w for _, w in rows)
    assert of(rows) <= 1 - smallest + 1e-12  # as if the smallest group had all there is


@given(VALUES, st.floats(0.01, 100.0))
def test_scaling_times_or_weights_changes_nothing(
    rows: list[tuple[float, int]], factor: float
) -> None:
    values, weights = np.array([x for x, _ in rows]), np.array([float(w) for _, w in rows])
    assert gini(values * factor, weights) == pytest.approx(of(rows), abs=1e-12)
    assert gini(values, weights * factor) == pytest.approx(of(rows), abs=1e-12)


@given(VALUES)
def test_a_weight_is_that_many_members(rows: list[tuple[float, int]]) -> None:
    single = [(value, 1) for value, weight in rows for _ in range(weight)]
    assert of(single) == pytest.approx(of(rows), abs=1e-9)


@given(VALUES, st.integers(2, 4))
def test_duplication_changes_nothing(rows: list[tuple[float, int]], times: int) -> None:
    assert of(rows * times) == pytest.approx(of(rows), abs=1e-12)


@given(VALUES, st.floats(1.0, 1000.0))
def test_the_same_added_to_all_makes_it_more_equal(
    rows: list[tuple[float, int]], more: float
) -> None:
    assert of([(value + more, weight) for value, weight in rows]) <= of(rows) + 1e-12


def test_nothing_to_compare() -> None:
    assert isnan(gini(np.empty(0), np.empty(0)))
    assert isnan(gini(np.array([1.0]), np.array([0.0])))
    assert isnan(gini(np.zeros(3), np.ones(3)))


def test_the_worst_tenth() -> None:
    assert isnan(worst_share_mean(np.empty(0)))
    assert worst_share_mean(np.array([4.0])) == 4
    assert worst_share_mean(np.arange(1.0, 11.0)) == 10
    assert worst_share_mean(np.arange(1.0, 12.0)) == 10.5  # a tenth of 11 is two
    assert worst_share_mean(np.arange(1.0, 31.0)) == 29
