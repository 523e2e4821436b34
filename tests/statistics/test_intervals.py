"""Closed forms against scipy, exact coverage by enumeration, and coverage by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.statistics.intervals import (
    Interval,
    decimals,
    mean_interval,
    probability_interval,
    quantile_interval,
    spread,
)

NAN, INF = math.nan, math.inf
VALUES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40)
LEVELS = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


def is_nothing(interval: Interval) -> bool:
    return all(math.isnan(x) for x in (interval.estimate, interval.low, interval.high))


def near(share: float, expected: float, trials: int) -> bool:
    """Within 4 standard errors of a binomial share: a fixed seed either passes or never does."""
    return abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / trials)


@given(VALUES, LEVELS)
def test_mean_against_scipy(values: list[float], level: float) -> None:
    found = mean_interval(values, level)
    size = 1e-9 * (1 + max(map(abs, values)))
    assert found.estimate == pytest.approx(np.mean(values), abs=size)
    if np.ptp(values) > 1e-6:
        error = stats.sem(values)
        low, high = stats.t.interval(level, len(values) - 1, np.mean(values), error)
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-7, abs=size)
    assert found.low <= found.estimate <= found.high


def test_mean_by_hand() -> None:
    found = mean_interval([1.0, 2.0, 3.0, 4.0])
    assert (found.estimate, found.level, found.method) == (2.5, 0.95, "mean of 4 runs, Student t")
    assert found.high - 2.5 == pytest.approx(3.182446305284263 * math.sqrt(5 / 3) / 2, rel=1e-12)
    alike = mean_interval([0.1] * 7)
    assert (alike.estimate, alike.low, alike.high) == (0.1, 0.1, 0.1)
    one = mean_interval([7.0])
    assert one.estimate == 7.0
    assert math.isnan(one.low)
    assert math.isnan(one.high)
    assert one.method == "mean of 1 run, no interval"


@given(st.permutations(range(12)))
def test_order_of_runs_does_not_matter(order: list[int]) -> None:
    values = [0.1, 1e9, -3.7, 1e-9, 5.5, 0.1, 2.2, 1e3, -1e9, 8.0, 0.3, 4.4]
    shuffled = [values[i] for i in order]
    assert mean_interval(shuffled) == mean_interval(values)
    assert quantile_interval(shuffled, 0.3, 0.8) == quantile_interval(values, 0.3, 0.8)
    assert spread(np.array(shuffled)) == spread(values)


def test_mean_covers_as_often_as_it_says() -> None:
    draws = np.random.default_rng(1).normal(3.0, 2.0, (3000, 8))
    for level in (0.8, 0.95):
        found = [mean_interval(row, level) for row in draws]
        share = np.mean([i.low <= 3.0 <= i.high for i in found])
        assert near(float(share), level, len(draws))


def test_missing_values_are_never_dropped() -> None:
    values = [1.0, NAN, 3.0, NAN, 5.0]
    found = mean_interval(values)
    assert is_nothing(found)
    assert found.method == "no mean: 2 of 5 runs had no value"
    for by_default in (quantile_interval(values, 0.5), spread(values)):
        assert is_nothing(by_default)
        assert "2 of 5 runs had no value" in by_default.method
    assert quantile_interval(values, 0.5).method.startswith("no 0.5-quantile")
    infinite = mean_interval([1.0, INF])
    assert is_nothing(infinite)
    assert infinite.method == "no mean: a value is infinite"


def test_late_runs_count_as_later_than_all() -> None:
    values = [NAN, *range(1, 19), NAN]
    found = quantile_interval(values, 0.5, missing="late")
    assert found.estimate == 10.5
    assert (found.low, found.high) == (6.0, 15.0)
    late = quantile_interval(values, 0.9, 0.5, missing="late")
    assert late.low == 17.0
    assert late.high == INF
    assert quantile_interval(values, 0.95, missing="late").estimate == INF
    runs = spread(values, missing="late")
    assert (runs.estimate, runs.low, runs.high) == (10.5, pytest.approx(1.475), INF)
    never = spread([NAN, NAN], missing="late")
    assert (never.estimate, never.low, never.high) == (INF, INF, INF)


def test_no_runs() -> None:
    for found in (
        mean_interval([]),
        quantile_interval([], 0.5),
        spread([]),
        probability_interval(0, 0),
    ):
        assert is_nothing(found)
        assert found.method.endswith(": no runs")


def test_median_by_hand() -> None:
    """n = 10: ranks 2 and 9 cover the median with 1 - 22 / 1024."""
    found = quantile_interval(list(range(10)), 0.5)
    assert (found.low, found.high, found.estimate) == (1.0, 8.0, 4.5)
    assert found.coverage == pytest.approx(1 - 22 / 1024, rel=1e-12)
    assert found.method == "order statistics 2 and 9 of 10"


def test_too_few_runs_for_a_quantile() -> None:
    found = quantile_interval([1.0, 2.0, 3.0, 4.0, 5.0], 0.5)  # 1 / 32 a side is above 2.5 %
    assert (found.estimate, found.coverage) == (3.0, 1.0)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert found.method == "order statistics none and none of 5"
    enough = quantile_interval([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 0.5)  # 1 / 64 is not
    assert (enough.low, enough.high) == (1.0, 6.0)
    assert enough.method == "order statistics 1 and 6 of 6"
    assert enough.coverage == pytest.approx(1 - 2 / 64)
    one_sided = quantile_interval(list(range(20)), 0.9)
    assert one_sided.low == 14.0
    assert math.isnan(one_sided.high)
    assert one_sided.coverage == pytest.approx(1 - stats.binom.cdf(14, 20, 0.9))
    assert quantile_interval([4.0], 0.5).estimate == 4.0


@given(st.integers(1, 120), st.floats(0.02, 0.98), LEVELS)
def test_ranks_are_the_tightest_that_keep_the_level(n: int, p: float, level: float) -> None:
    found = quantile_interval(np.arange(1.0, n + 1), p, level)
    r = 0 if math.isnan(found.low) else int(found.low)
    s = n + 1 if math.isnan(found.high) else int(found.high)
    law, tail = stats.binom(n, p), (1 - level) / 2
    assert found.coverage is not None
    assert found.coverage >= level - 1e-9
    assert found.coverage == pytest.approx(sum(law.pmf(range(r, s))), abs=1e-9)
    assert law.cdf(r - 1) <= tail + 1e-9
    assert law.cdf(r) > tail - 1e-9
    assert law.sf(s - 1) <= tail + 1e-9
    assert law.sf(s - 2) > tail - 1e-9
    assert found.estimate == pytest.approx(np.quantile(np.arange(1.0, n + 1), p), rel=1e-12)


def test_quantile_covers_as_often_as_it_says() -> None:
    draws = np.random.default_rng(2).exponential(size=(3000, 25))
    for p in (0.5, 0.8):
        found = [quantile_interval(row, p, 0.9) for row in draws]
        inside = [i.low <= -math.log(1 - p) <= i.high for i in found]
        assert found[0].coverage is not None
        assert near(float(np.mean(inside)), found[0].coverage, len(draws))


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("n", [1, 7, 20, 200])
def test_probability_against_scipy(n: int, level: float) -> None:
    for successes in range(n + 1):
        oracle = stats.binomtest(successes, n)
        for method, name in (("wilson", "wilson"), ("clopper-pearson", "exact")):
            found = probability_interval(successes, n, level, method=method)  # type: ignore[arg-type]
            expected = oracle.proportion_ci(level, method=name)
            assert (found.low, found.high) == pytest.approx(tuple(expected), rel=1e-9, abs=1e-12)
            assert found.estimate == successes / n
            assert 0 <= found.low <= found.estimate <= found.high <= 1


def test_probability_ends_are_exact() -> None:
    for method in ("wilson", "clopper-pearson"):
        for n in range(1, 60):
            assert probability_interval(0, n, method=method).low == 0.0  # type: ignore[arg-type]
            assert probability_interval(n, n, method=method).high == 1.0  # type: ignore[arg-type]


def test_probability_coverage_by_enumeration() -> None:
    """Over all outcomes of 20 runs: Clopper-Pearson never below, Wilson right on average."""
    n, chances = 20, np.linspace(0.01, 0.99, 197)
    weights = stats.binom.pmf(np.arange(n + 1)[:, None], n, chances)
    covers = {}
    for method in ("wilson", "clopper-pearson"):
        bounds = [probability_interval(k, n, method=method) for k in range(n + 1)]  # type: ignore[arg-type]
        inside = np.array([(i.low <= chances) & (chances <= i.high) for i in bounds])
        covers[method] = (weights * inside).sum(axis=0)
    assert covers["clopper-pearson"].min() >= 0.95
    assert covers["wilson"].mean() == pytest.approx(0.95, abs=0.01)
    assert covers["wilson"].min() > 0.83
    assert covers["wilson"].mean() < covers["clopper-pearson"].mean()


@given(VALUES, LEVELS)
def test_spread_against_numpy(values: list[float], level: float) -> None:
    found = spread(values, level)
    expected = np.quantile(values, [0.5, (1 - level) / 2, 1 - (1 - level) / 2])
    size = 1e-9 * (1 + max(map(abs, values)))
    assert [found.estimate, found.low, found.high] == pytest.approx(expected.tolist(), abs=size)
    assert found.low <= found.estimate <= found.high


def test_spread_of_one_run_is_that_run() -> None:
    found = spread([3.0], 0.9)
    assert (found.estimate, found.low, found.high) == (3.0, 3.0, 3.0)
    assert found.method == "central 90 % of 1 run"


def test_refusals() -> None:
    for level in (0.0, 1.0, -1.0, 95.0, NAN):
        for ask in (
            lambda x: mean_interval([1.0, 2.0], x),
            lambda x: quantile_interval([1.0, 2.0], 0.5, x),
            lambda x: probability_interval(1, 2, x),
            lambda x: spread([1.0, 2.0], x),
        ):
            with pytest.raises(ValueError, match="level must lie between 0 and 1"):
                ask(level)
    for p in (0.0, 1.0, NAN):
        with pytest.raises(ValueError, match="0 < p < 1"):
            quantile_interval([1.0], p)
    for successes, n in ((3, 2), (-1, 2), (0, -1)):
        with pytest.raises(ValueError, match="successes must lie between 0 and n"):
            probability_interval(successes, n)
    with pytest.raises(ValueError, match='"wilson" or "clopper-pearson", found "wald"'):
        probability_interval(1, 2, method="wald")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match='"undefined" or "late", found "drop"'):
        spread([1.0], missing="drop")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cannot be -inf"):
        mean_interval([-INF, 1.0])


@pytest.mark.parametrize(
    ("values", "digits"),
    [
        ((23.08, 22.9, 23.26), 1),
        ((167.0, 158.2, 175.8), 0),
        ((0.0152, 0.0144, 0.0160), 4),
        ((2e-9, 1e-9, 3e-9), 6),  # no more, unless asked for
        ((4.0, 4.0, 4.0), 2),
        ((0.0, 0.0, 0.0), 0),
        ((5.0, float("nan"), float("inf")), 2),
        ((float("inf"), 3.0, float("inf")), 2),
    ],
)
def test_decimals_tell_the_bounds_apart(values: tuple[float, float, float], digits: int) -> None:
    assert decimals(*values) == digits
