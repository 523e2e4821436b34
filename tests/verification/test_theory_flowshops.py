"""Flow shops against the literature."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from theory import flowshops as shop

JOHNSON = [[4, 5], [4, 1], [30, 4], [6, 30], [2, 3]]  # S. M. Johnson 1954, his example


def test_johnsons_own_example() -> None:
    order = shop.johnson_order(JOHNSON)
    assert [job + 1 for job in order] == [5, 1, 4, 3, 2]
    assert shop.makespan(JOHNSON, order) == 47.0
    assert shop.best_order(JOHNSON)[1] == 47.0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6))
def test_johnsons_rule_is_best(times: list[tuple[int, int]]) -> None:
    assert shop.makespan(times, shop.johnson_order(times)) == shop.best_order(times)[1]


def _insertion(times: shop.Floats) -> float:
    """M. Nawaz, E. E. Enscore & I. Ham 1983, all positions, first best."""
    order: list[int] = []
    for job in np.argsort(-times.sum(axis=1), kind="stable").tolist():
        tries = [[*order[:k], job, *order[k:]] for k in range(len(order) + 1)]
        order = min(tries, key=lambda each: shop.makespan(times, each))
    return shop.makespan(times, order)


def test_taillards_first_instance() -> None:
    """20 jobs, 5 machines: the published first times, and 1286 by insertion (optimum 1278)."""
    times = shop.taillard_times(20, 5, 873654221)
    assert times[:8, 0].tolist() == [54, 83, 15, 71, 77, 36, 53, 38]
    assert _insertion(times) == 1286.0


def test_small_instance() -> None:
    """Best of all 5,040 orders, each the longest of its 84 paths through jobs and machines."""
    times = shop.taillard_times(7, 4, 873654221)
    order, best = shop.best_order(times)
    assert sorted(order) == list(range(7))
    steps = [[m in turn for m in range(9)] for turn in combinations(range(9), 3)]
    machine = np.array([[0, *np.cumsum(each)] for each in steps])
    job = np.arange(10) - machine
    longest = [
        times[np.array(each)[job], machine].sum(axis=1).max() for each in permutations(range(7))
    ]
    assert best == min(longest) == 542.0


def test_recursion_by_hand() -> None:
    ends = shop.ends([[1, 2, 3], [2, 1, 1]], [1, 0])
    assert ends.tolist() == [[2, 3, 4], [3, 5, 8]]


def test_refusals() -> None:
    with pytest.raises(ValueError, match="two machines"):
        shop.johnson_order([[1, 2, 3]])
    with pytest.raises(ValueError, match="9 jobs"):
        shop.best_order(np.ones((10, 2)))
