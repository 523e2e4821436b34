"""Families of comparisons: known answers, agreement of levels and p-values, and false alarms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from sim.statistics.paired import holm, paired_difference, simultaneous_level
from sim.statistics.simultaneous import FEWEST, Together, hold_together

Floats = NDArray[np.float64]
NAN = float("nan")
RUNS, VARIANTS = 20, 10


def draw(rng: np.random.Generator, shared: float, runs: int = RUNS) -> Floats:
    """Differences of ten variants from one base, whose noise is ``shared`` times theirs."""
    return rng.normal(size=(runs, VARIANTS)) - shared * rng.normal(size=(runs, 1))


def judge(table: Floats, level: float = 0.95) -> Together:
    return hold_together(list(table.T), [alone(column) for column in table.T], level)


def alone(column: Floats) -> float:
    return paired_difference(np.zeros(len(column)), column).p


def test_one_variant_is_left_as_it_is() -> None:
    column = np.random.default_rng(1).normal(size=RUNS)
    found = hold_together([column], [0.03])
    assert (found.each, found.p, found.method) == ((0.95,), (0.03,), "by itself")


def test_few_runs_are_taken_by_bonferroni() -> None:
    table = draw(np.random.default_rng(1), 1.0, FEWEST - 1)
    found = judge(table)
    assert found.each == (simultaneous_level(0.95, VARIANTS),) * VARIANTS
    assert found.p == tuple(holm([alone(column) for column in table.T]))


def test_variants_that_are_copies_of_one_another_are_one_comparison() -> None:
    """The largest |t| of ten equal columns is the |t| of one, whose chance Student's t knows."""
    column = np.random.default_rng(3).normal(0.35, 1.0, size=RUNS)
    found = hold_together([column] * VARIANTS, [alone(column)] * VARIANTS)
    assert found.each == pytest.approx([0.95] * VARIANTS, abs=0.01)
    assert found.p == pytest.approx([alone(column)] * VARIANTS, abs=0.03)


def test_variants_that_have_nothing_in_common_are_as_by_sidak() -> None:
    """Averaged over tables: 1 - 0.95^(1/10) is left to each (Z. Sidak 1967)."""
    rng = np.random.default_rng(4)
    each = [judge(rng.normal(size=(40, VARIANTS))).each[0] for _ in range(20)]
    assert 1 - np.mean(each) == pytest.approx(1 - 0.95**0.1, rel=0.1)


@pytest.mark.parametrize("runs", [FEWEST, 13, 14, 20])
def test_an_interval_leaves_out_zero_where_the_p_value_says_so(runs: int) -> None:
    rng = np.random.default_rng(runs)
    for _ in range(20):
        table = draw(rng, 1.0, runs) + rng.normal(0, 0.4, VARIANTS)
        found = judge(table)
        assert len(set(found.each)) == 1
        out = [excludes(column, found.each[0]) for column in table.T]
        assert any(out) == (min(found.p) <= 0.05)
        assert all(p <= 0.05 for p, is_out in zip(found.p, out, strict=True) if is_out)


def excludes(column: Floats, level: float) -> bool:
    interval = paired_difference(np.zeros(len(column)), column, level=level).difference
    return not interval.low <= 0 <= interval.high


@pytest.mark.parametrize("unit", [1.0, 0.1, 1 / 3, 7e5])
def test_patterns_as_extreme_as_what_was_seen_count_whatever_the_unit(unit: float) -> None:
    """Five differences lie one unit above the mean of 3/4 and five below, so that t is as large as
    where ten signs add up to 6 or -6: by chance they add up to so much or more 112 times in 1,024.
    """
    column = unit * (0.75 + np.array([1.0, -1.0] * 5))
    found = hold_together([column] * 2, [alone(column)] * 2)
    assert found.p == pytest.approx([(56 + 1) / (512 + 1)] * 2)


def test_identical_variants_and_constant_differences() -> None:
    rng = np.random.default_rng(6)
    table = np.column_stack([np.zeros(RUNS), np.full(RUNS, -0.1), rng.normal(size=RUNS)])
    found = judge(table)
    assert found.p[0] == 1.0
    assert found.p[1] <= 0.001
    assert found.each[2] >= 0.95


def test_what_is_no_comparison_takes_no_share() -> None:
    table = draw(np.random.default_rng(7), 1.0)
    columns = [*table.T, np.full(RUNS, np.nan)]
    found = hold_together(columns, [*(alone(column) for column in table.T), NAN])
    assert found.p[:-1] == judge(table).p
    assert math.isnan(found.p[-1])
    assert found.each[-1] == 0.95


def test_differences_without_end_take_their_share_and_no_more() -> None:
    table = draw(np.random.default_rng(8), 1.0)
    endless = table[:, 0].copy()
    endless[:3] = np.inf
    columns = [endless, *table.T[1:]]
    found = hold_together(columns, [0.004, *(alone(column) for column in table.T[1:])])
    assert found.each[0] == simultaneous_level(0.95, VARIANTS)
    assert found.p[0] == pytest.approx(0.04)
    others = hold_together(list(table.T[1:]), [alone(column) for column in table.T[1:]], 0.955)
    assert found.each[1:] == others.each
    assert found.p[1:] == pytest.approx([min(1.0, p * 10 / 9) for p in others.p])


def test_columns_must_be_of_one_length() -> None:
    with pytest.raises(ValueError, match="2 p-values for 2 variants of 3, 4 runs"):
        hold_together([np.zeros(3), np.zeros(4)], [1.0, 1.0])
    with pytest.raises(ValueError, match="level"):
        hold_together([np.zeros(3)], [1.0], 1.0)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 1.0, 3.0]), st.floats(0.5, 0.99))
def test_no_p_value_gets_smaller_and_no_level_lower(seed: int, shared: float, level: float) -> None:
    table = draw(np.random.default_rng(seed), shared, 16)
    found = judge(table, level)
    assert all(p >= alone(column) for p, column in zip(found.p, table.T, strict=True))
    assert all(each >= level for each in found.each)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.permutations(range(5)))
def test_the_order_of_variants_and_their_units_do_not_matter(seed: int, order: list[int]) -> None:
    table = draw(np.random.default_rng(seed), 1.0)[:, :5]
    found, other = judge(table), judge(60.0 * table[:, order])
    assert other.p == pytest.approx([found.p[index] for index in order])
    assert other.each == pytest.approx([found.each[index] for index in order], abs=1e-9)


@pytest.mark.parametrize(
    ("shared", "count"),
    [
        (0.0, 100),
        (3.0, 100),
        *(pytest.param(shared, 250, marks=pytest.mark.slow) for shared in (0.0, 1.0, 3.0)),
    ],
)
def test_any_false_alarm_among_ten_has_the_chance_that_is_stated(shared: float, count: int) -> None:
    """And with a base that varies much, Holm's is far lower: what this is for."""
    rng = np.random.default_rng(9)
    tables = [draw(rng, shared) for _ in range(count)]
    alarms = sum(min(judge(table).p) <= 0.05 for table in tables)
    assert stats.binomtest(alarms, len(tables), 0.05).pvalue > 1e-3
    if shared == 3.0:
        careful = sum(min(holm([alone(column) for column in table.T])) <= 0.05 for table in tables)
        assert careful < alarms


def test_a_variant_that_differs_is_found_and_hides_no_other() -> None:
    """Stepping down: once the large difference is found, the next has fewer to stand out from."""
    rng = np.random.default_rng(10)
    table = draw(rng, 0.0)
    table[:, 0] += 100.0
    found = judge(table)
    rest = judge(table[:, 1:])
    assert found.p[0] <= 0.001
    assert found.p[1:] == pytest.approx(rest.p, abs=1e-12)
