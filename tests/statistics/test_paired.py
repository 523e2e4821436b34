"""Paired differences: against known answers, and by how often they are right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.statistics.paired import (
    advised_runs,
    holm,
    paired_difference,
    paired_probability,
    probability_better,
    simultaneous_level,
)
from sim.statistics.unpaired import unpaired_difference

NAN = float("nan")


def test_a_variant_against_its_copy_differs_by_nothing() -> None:
    found = paired_difference([3.0, 5.5, 4.0], [3.0, 5.5, 4.0])
    assert (found.difference.estimate, found.difference.low, found.difference.high) == (0, 0, 0)
    assert found.better.estimate == 0.5
    assert found.p == 1.0


def test_the_t_test_is_that_of_scipy() -> None:
    rng = np.random.default_rng(3)
    base, variant = rng.normal(10, 2, 25), rng.normal(11, 2, 25)
    found = paired_difference(base, variant)
    expected = stats.ttest_rel(variant, base)
    low, high = expected.confidence_interval(0.95)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert (found.difference.low, found.difference.high) == pytest.approx((low, high))


def test_a_run_that_never_came_counts_as_later_than_any() -> None:
    base = [10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0]
    variant = [9.0, 10.0, NAN, 12.0, 13.0, 14.0, 15.0]
    found = paired_difference(base, variant)
    assert found.difference.estimate == -1.0
    assert found.difference.high == math.inf
    assert "median" in found.difference.method
    assert found.better.estimate == pytest.approx(6 / 7)
    assert found.p == pytest.approx(stats.binomtest(1, 7).pvalue)


def test_nothing_is_said_where_neither_came() -> None:
    found = paired_difference([1.0, NAN], [2.0, NAN])
    assert math.isnan(found.difference.estimate)
    assert found.difference.method == "no difference: in 1 of 2 runs it came in neither"


def test_runs_must_be_paired() -> None:
    with pytest.raises(ValueError, match="found 2 and 3"):
        paired_difference([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="found 3 and 2"):
        paired_difference([1.0, 2.0, 3.0], [1.0, 2.0])


def test_a_variant_that_never_comes_is_later_without_end() -> None:
    found = paired_difference([1.0] * 7, [NAN] * 7)
    ends = found.difference.estimate, found.difference.low, found.difference.high
    assert ends == (math.inf, math.inf, math.inf)
    back = paired_difference([NAN] * 7, [1.0] * 7)
    assert back.difference.estimate == -math.inf
    assert back.p == found.p == pytest.approx(stats.binomtest(0, 7).pvalue)


def test_what_never_came_is_beyond_differences_however_small() -> None:
    base = [1.0] * 9
    variant = [1.1, 1.1, 1.1, 1.1, 1.1, 1.2, 1.2, NAN, NAN]
    found = paired_difference(base, variant).difference
    assert found.estimate == pytest.approx(0.1)
    assert found.high == math.inf


@pytest.mark.parametrize("size", [0.0, 0.4, 5.0, 1e6])
def test_a_median_between_a_difference_and_one_without_end_is_without_end(size: float) -> None:
    for least in (-size, size):
        variant = [size + least] * 3 + [NAN] * 3
        assert paired_difference([size] * 6, variant).difference.estimate == math.inf
        assert paired_difference(variant, [size] * 6).difference.estimate == -math.inf
    mixed = paired_difference([1.0, 1.0, NAN, NAN], [NAN, NAN, 1.0, 1.0])
    assert mixed.difference.estimate == 0.0


def test_differences_without_spread_are_certain() -> None:
    assert paired_difference([1.0, 2.0, 3.0], [3.0, 4.0, 5.0]).p == 0.0
    assert math.isnan(paired_difference([1.0], [3.0]).p)


def test_without_a_direction_or_a_run_nothing_is_better() -> None:
    neither = probability_better([1.0, -1.0], "")
    assert math.isnan(neither.estimate)
    assert "neither way" in neither.method
    none = probability_better([], "less")
    assert math.isnan(none.estimate)
    assert "no runs" in none.method


@pytest.mark.parametrize(("better", "share"), [("less", 0.625), ("more", 0.375)])
def test_ties_count_half(better: str, share: float) -> None:
    found = probability_better([-1.0, -2.0, 0.0, 3.0], better)  # type: ignore[arg-type]
    assert found.estimate == share
    assert found.low < share < found.high


def test_holm_by_hand() -> None:
    """Smallest first: 4 × 0.005, 3 × 0.01, 2 × 0.03, and no lower than the one before."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.02, NAN, 0.5])[0] == 0.04


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_keeps_the_order_and_never_lowers_a_p_value(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(a >= p for a, p in zip(adjusted, p_values, strict=True))
    ranked = sorted(range(len(p_values)), key=lambda i: p_values[i])
    assert [adjusted[i] for i in ranked] == sorted(adjusted)


def test_intervals_cover_together() -> None:
    rng = np.random.default_rng(11)
    level = simultaneous_level(0.95, 10)
    held = sum(
        all(
            interval.low <= 0 <= interval.high
            for interval in (
                paired_difference(np.zeros(12), rng.normal(size=12), level=level).difference
                for _ in range(10)
            )
        )
        for _ in range(400)
    )
    assert stats.binomtest(held, 400, 0.95, alternative="less").pvalue > 1e-4


@pytest.mark.parametrize("size", [0.3, 0.6, 1.0])
def test_the_advised_number_of_runs_finds_the_difference(size: float) -> None:
    runs = advised_runs(1.0, size)
    rng = np.random.default_rng(5)
    found = sum(
        paired_difference(np.zeros(runs), rng.normal(size, 1.0, runs)).p < 0.05 for _ in range(1000)
    )
    assert stats.binomtest(found, 1000, 0.8, alternative="less").pvalue > 1e-3
    assert found < 900, "no more runs than needed"


def test_probabilities_are_compared_by_the_runs_in_which_they_differ() -> None:
    base, variant = [0.0] * 12, [1.0] * 9 + [0.0] * 3
    found = paired_probability(base, variant)
    assert found.difference.estimate == 0.75
    assert found.p == pytest.approx(stats.binomtest(0, 9).pvalue)
    # Bonett and Price: (9 + 1) / 14 and (0 + 1) / 14 of the runs
    won, lost = 10 / 14, 1 / 14
    half = stats.norm.ppf(0.975) * math.sqrt((won + lost - (won - lost) ** 2) / 14)
    assert found.difference.low == pytest.approx(won - lost - half)
    assert found.difference.high == pytest.approx(won - lost + half)


def test_a_probability_that_falls_is_one_that_rises_the_other_way_round() -> None:
    rises, falls = (
        paired_probability(*pair).difference
        for pair in (([0.0] * 12, [1.0] * 9 + [0.0] * 3), ([1.0] * 9 + [0.0] * 3, [0.0] * 12))
    )
    assert (falls.estimate, falls.low, falls.high) == (-rises.estimate, -rises.high, -rises.low)
    assert paired_probability([1.0] * 12, [0.0] * 12).difference.low == -1.0
    assert paired_probability([0.0] * 12, [1.0] * 12).difference.high == 1.0


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_intervals_of_probabilities_cover(shift: float) -> None:
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(500):
        luck = rng.random(20)
        base, variant = (luck < 0.4).astype(float), (luck < 0.4 + shift).astype(float)
        flip = rng.random(20) < 0.2
        variant[flip] = rng.random(int(flip.sum())) < 0.4 + shift
        interval = paired_probability(base.tolist(), variant.tolist()).difference
        held += interval.low <= shift <= interval.high
    assert held / 500 >= 0.92


def test_unpaired_runs_may_differ_in_number() -> None:
    base, variant = [1.0, 2.0, 4.0, 3.0], [5.0, 9.0, 7.0]
    found = unpaired_difference(base, variant, 0.9)
    low, high = stats.ttest_ind(variant, base, equal_var=False).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.estimate == 4.5
    assert math.isnan(unpaired_difference([1.0], variant).low)
    assert math.isnan(unpaired_difference(base, [1.0, NAN]).low)


def test_advice_from_a_pilot_is_steins() -> None:
    """(t of 0.975 + t of 0.8, with 9 degrees of freedom)² × (2 / 1)² = (2.2622 + 0.8834)² × 4."""
    assert advised_runs(2.0, 1.0, pilot=10) == math.ceil(4 * (2.262157 + 0.883404) ** 2)
    assert advised_runs(2.0, 1.0, pilot=100_000) == advised_runs(2.0, 1.0) - 2
    with pytest.raises(ValueError, match="found 1"):
        advised_runs(2.0, 1.0, pilot=1)


@pytest.mark.parametrize("pilot", [5, 10, 20])
def test_advice_from_a_pilot_keeps_its_power(pilot: int) -> None:
    """Were the pilot's deviation taken as known, five runs would find seven differences in ten."""
    rng = np.random.default_rng(6)
    found = {None: 0, pilot: 0}
    for _ in range(400):
        first = rng.normal(0.4, 1.0, pilot)
        for allowed in found:
            runs = advised_runs(float(first.std(ddof=1)), 0.4, pilot=allowed)
            rest = rng.normal(0.4, 1.0, max(runs - pilot, 0))
            values = np.concatenate([first, rest])
            found[allowed] += paired_difference(np.zeros(len(values)), values).p < 0.05
    assert stats.binomtest(found[pilot], 400, 0.8, alternative="less").pvalue > 1e-3
    assert found[None] < found[pilot]


def test_runs_without_spread_differ_by_one_number() -> None:
    found = unpaired_difference([2.0, 2.0], [5.0, 5.0, 5.0])
    assert (found.estimate, found.low, found.high) == (3.0, 3.0, 3.0)
    for level in (0.0, 1.0):
        with pytest.raises(ValueError, match="between 0 and 1"):
            unpaired_difference([1.0, 2.0], [1.0, 2.0], level)


def test_advice_takes_a_pilot_of_two_and_no_more_runs_than_it_needs() -> None:
    with pytest.raises(ValueError, match="found 1"):
        advised_runs(1.0, 1.0, pilot=1)
    assert advised_runs(1.0, 1.0, pilot=2) > advised_runs(1.0, 1.0, pilot=3)
    assert advised_runs(0.0, 1.0) == 2
