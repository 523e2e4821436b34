"""Stock against sums over all outcomes, and plain arithmetic."""

from __future__ import annotations

import math

import pytest
from theory.chains import mean, steady
from theory.inventory import constant_use, poisson_use, poisson_use_steady


def test_constant_use_by_hand() -> None:
    short = constant_use(30.0, 10.0, 5.0, 4)  # lasts 6 of 10 hours
    assert (short.met, short.without, short.empty) == pytest.approx((0.6, 0.4, 1.0))
    assert short.mean == pytest.approx(30 / 2 * 6 / 10)
    ample = constant_use(60.0, 10.0, 5.0, 3)  # 10 more left over each time
    assert (ample.met, ample.without, ample.empty) == (1.0, 0.0, 0.0)
    assert ample.mean == pytest.approx(35 + 10)


def test_one_interval_by_its_sum() -> None:
    need, quantity = 4.0, 3
    chances = [math.exp(-need) * need**k / math.factorial(k) for k in range(80)]
    used = sum(min(k, quantity) * chance for k, chance in enumerate(chances))
    found = poisson_use(quantity, 2.0, 2.0, 1)
    assert found.met == pytest.approx(used / need)
    assert found.without == pytest.approx(1 - used / need)
    assert found.empty == pytest.approx(sum(chances[quantity:]))


def test_opening_stock_is_the_same_as_delivered_stock() -> None:
    assert poisson_use(0, 2.0, 2.0, 1, opening=3) == poisson_use(3, 2.0, 2.0, 1)


def test_two_intervals_by_all_outcomes() -> None:
    quantity, need = 2, 1.5
    chances = [math.exp(-need) * need**k / math.factorial(k) for k in range(40)]
    used = emptied = 0.0
    for first, p in enumerate(chances):
        left = max(0, quantity - first)
        for second, r in enumerate(chances):
            used += p * r * (min(first, quantity) + min(second, left + quantity))
            emptied += p * r * ((first >= quantity) + (second >= left + quantity)) / 2
    found = poisson_use(quantity, 3.0, 0.5, 2)
    assert found.met == pytest.approx(used / (2 * need))
    assert found.empty == pytest.approx(emptied)


def test_long_run_by_many_stages() -> None:
    """Deliveries after n exponential stages become regular; the gap falls as 1 / n."""
    quantity, interval, need = 3, 2.0, 2.0

    def solved(stages: int) -> tuple[float, float]:
        def moves(state: tuple[int, int]) -> list[tuple[tuple[int, int], float]]:
            stock, stage = state
            later = (stock, stage + 1) if stage + 1 < stages else (min(stock + quantity, 60), 0)
            found = [(later, stages / interval)]
            return [*found, ((stock - 1, stage), need)] if stock else found

        chances = steady(moves, (0, 0))
        return mean(chances, lambda state: state[0] == 0), mean(chances, lambda state: state[0])

    few, many = solved(100), solved(200)
    found = poisson_use_steady(quantity, interval, need)
    assert found.without == pytest.approx(2 * many[0] - few[0], rel=2e-4)
    assert found.mean == pytest.approx(2 * many[1] - few[1], rel=2e-4)


def test_in_the_long_run_nothing_is_left_for_good() -> None:
    steady_stock = poisson_use_steady(12, 24.0, 0.7)
    assert steady_stock.met == pytest.approx(12 / 16.8)
    long = poisson_use(12, 24.0, 0.7, 3000)
    assert long.met == pytest.approx(steady_stock.met, rel=2e-4)
    assert long.mean == pytest.approx(steady_stock.mean, rel=2e-3)
    with pytest.raises(ValueError, match="stationary"):
        poisson_use_steady(12, 12.0, 1.0)


def test_large_deliveries_meet_all_need() -> None:
    found = poisson_use(500, 10.0, 2.0, 3)
    assert found.met == pytest.approx(1.0)
    assert found.without == pytest.approx(0.0, abs=1e-12)
    assert found.mean == pytest.approx(500 - 10 + 480)  # each time 480 are left over in the mean
