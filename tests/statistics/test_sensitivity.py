"""Sensitivity: indices that are known in closed form come out of the estimators."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.statistics.sensitivity import Floats, grid_indices, indices, noise_share, screen
from sim.sweeping.designs import generator, grid, latin_hypercube, saltelli

NAN = float("nan")
# T. Ishigami & T. Homma (1990) with a = 7, b = 0.1; indices as in Saltelli et al., Primer, 2008.
_V = [0.5 * (1 + 0.1 * math.pi**4 / 5) ** 2, 49 / 8, 0.0]
_V13 = 0.1**2 * math.pi**8 * (1 / 18 - 1 / 50)
_ALL = sum(_V) + _V13
FIRST = [v / _ALL for v in _V]
TOTAL = [(_V[0] + _V13) / _ALL, _V[1] / _ALL, _V13 / _ALL]


def ishigami(shares: Floats) -> Floats:
    x = math.pi * (2 * shares - 1)
    waves = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2
    return np.asarray(waves + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))


def test_the_indices_of_the_ishigami_function_are_the_known_ones() -> None:
    found = indices(ishigami(saltelli(3, 2048, 0))[None], 3, generator(0, "test"))
    for index, first, total in zip(found, FIRST, TOTAL, strict=True):
        assert index.first.estimate == pytest.approx(first, abs=0.02)
        assert index.total.estimate == pytest.approx(total, abs=0.02)
        assert index.first.low <= first <= index.first.high
        assert index.total.low <= total <= index.total.high


def test_a_sum_has_indices_by_the_squares_of_its_weights_and_no_interactions() -> None:
    weights = np.array([3.0, 2.0, 1.0, 0.0])
    found = indices((saltelli(4, 1024, 1) @ weights)[None], 4, generator(1, "test"))
    known = weights**2 / (weights**2).sum()
    assert [i.first.estimate for i in found] == pytest.approx(known, abs=0.02)
    assert [i.total.estimate for i in found] == pytest.approx(known, abs=0.02)
    assert found[3].total.estimate == 0.0


def test_a_product_has_interactions_only() -> None:
    centred = saltelli(2, 4096, 2) - 0.5
    found = indices(centred.prod(axis=1)[None], 2, generator(2, "test"))
    assert [i.first.estimate for i in found] == pytest.approx([0.0, 0.0], abs=0.05)
    assert [i.total.estimate for i in found] == pytest.approx([1.0, 1.0], abs=0.05)


def test_luck_that_all_points_share_changes_nothing_and_other_luck_widens_the_intervals() -> None:
    y = ishigami(saltelli(3, 256, 0))
    luck = np.random.default_rng(5).normal(scale=10.0, size=(6, 1))
    plain = indices(y[None], 3, generator(0, "test"))
    shared = indices(y + luck, 3, generator(0, "test"))
    own = np.random.default_rng(6).normal(scale=3.0, size=(6, 3))  # a slope of each run's own
    mixed = indices(y + own @ saltelli(3, 256, 0).T, 3, generator(0, "test"))
    for one, two, three in zip(plain, shared, mixed, strict=True):
        assert one.first.estimate == pytest.approx(two.first.estimate, abs=1e-9)
        assert one.total.estimate == pytest.approx(two.total.estimate, abs=1e-9)
        wide = three.total.high - three.total.low
        assert wide > 0.9 * (two.total.high - two.total.low)
    assert noise_share(y + luck) == pytest.approx(0.0, abs=1e-12)
    assert 0.001 < noise_share(y + own @ saltelli(3, 256, 0).T) < 0.5
    assert math.isnan(noise_share(y[None]))


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    weights = np.array([2.0, 1.0])
    covered = 0
    for seed in range(60):
        found = indices((saltelli(2, 64, seed) @ weights)[None], 2, generator(seed, "test"))
        covered += found[0].total.low <= 0.8 <= found[0].total.high
    assert covered >= 54, "a Sobol sequence is more even than chance: they are wide, not narrow"


def test_one_factor_explains_all_and_a_constant_nothing() -> None:
    design = saltelli(1, 64, 0)
    (only,) = indices(design.T * 3, 1, generator(0, "test"))
    assert only.first.estimate == pytest.approx(1.0, abs=0.05)
    assert only.total.estimate == pytest.approx(1.0, abs=0.05)
    for index in indices(np.full((2, 4 * 8), 7.0), 2, generator(0, "test")):
        assert math.isnan(index.first.estimate)
        assert math.isnan(index.total.high)


def test_what_is_no_design_or_has_holes_is_refused() -> None:
    with pytest.raises(ValueError, match="no blocks"):
        indices(np.zeros((1, 7)), 2, generator(0, "test"))
    holes = np.arange(32.0)[None].copy()
    holes[0, 3] = np.nan
    with pytest.raises(ValueError, match="missing"):
        indices(holes, 2, generator(0, "test"))


def test_indices_on_a_grid_are_exact() -> None:
    levels = (5, 3, 2)
    points = grid(levels).astype(float)
    y = 2 * points[:, 0] + points[:, 1] * points[:, 2]
    parts = [4 * np.arange(5).var(), 0.25 * np.arange(3).var(), (0.5**2) * 1.0]
    whole = y.var()
    both = whole - sum(parts)
    found = grid_indices(y, levels)
    for factor, (first, total) in enumerate(found):
        assert first == pytest.approx(parts[factor] / whole)
        assert total == pytest.approx((parts[factor] + (both if factor else 0.0)) / whole)
    assert all(math.isnan(x) for pair in grid_indices(np.ones(30), levels) for x in pair)


def test_screening_finds_the_slopes_of_a_plane_and_their_signs() -> None:
    x = latin_hypercube(3, 40, 0)
    noise = np.random.default_rng(0).normal(scale=1e-3, size=(2, 40))
    found = screen(x, 10 + 3 * x[:, 0] - 4 * x[:, 1] + noise)
    slopes = [effect.slope.estimate for effect in found.factors]
    assert slopes[:2] == pytest.approx([0.6, -0.8], abs=0.1)
    assert slopes[2] == pytest.approx(0.0, abs=0.01)
    assert found.explained > 0.999
    assert all(e.slope.low <= e.slope.estimate <= e.slope.high for e in found.factors)
    monotonous = screen(x, np.exp(9 * x[:, :1]).T)
    assert monotonous.factors[0].rank.estimate == pytest.approx(1.0)
    assert monotonous.factors[1].rank.estimate == pytest.approx(0.0, abs=1e-9)
    assert monotonous.explained < 0.9
    assert monotonous.rank_explained == pytest.approx(1.0)


def test_screening_without_enough_to_go_by_says_so() -> None:
    few = screen(latin_hypercube(3, 4, 0), np.arange(4.0)[None])
    assert "too few" in few.factors[0].slope.method
    still = screen(np.column_stack([np.arange(9.0), np.ones(9)]), np.arange(9.0)[None])
    assert still.factors[0].slope.estimate == pytest.approx(1.0)
    assert "nothing varies" in still.factors[1].slope.method
    twins = screen(np.column_stack([np.arange(9.0), np.arange(9.0)]), np.arange(9.0)[None])
    assert "move together" in twins.factors[0].slope.method


@pytest.mark.parametrize("points", [2, 3, 9])
def test_what_varies_while_no_factor_does_is_explained_by_none(points: int) -> None:
    found = screen(np.ones((points, 1)), np.arange(float(points))[None])
    assert "nothing varies" in found.factors[0].slope.method
    assert found.explained == pytest.approx(0.0)


def test_the_share_of_luck_by_hand() -> None:
    """Means 1 and 5, of variance 8; what rows and columns leave is 1 everywhere: 4 / 2 of 8."""
    table = np.array([[0.0, 2.0], [2.0, 8.0]])
    assert noise_share(table) == pytest.approx(0.25)
    assert noise_share(3 * table - 7) == pytest.approx(0.25)
    assert math.isnan(noise_share(table[:, :1]))
    assert math.isnan(noise_share(np.array([[1.0, 3.0], [3.0, 1.0]])))


def test_the_slope_of_one_factor_is_that_of_scipy() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(4, 3, 12), rng.normal(2, 5, 12)
    found = screen(x[:, None], y[None], level=0.9)
    expected = stats.linregress(x, y)
    unit = x.std() / y.std()
    half = stats.t.ppf(0.95, 10) * expected.stderr * unit
    slope = found.factors[0].slope
    assert slope.estimate == pytest.approx(expected.slope * unit)
    assert (slope.low, slope.high) == pytest.approx((slope.estimate - half, slope.estimate + half))
    assert found.explained == pytest.approx(expected.rvalue**2)
    ranked = stats.spearmanr(x, y).statistic
    assert found.factors[0].rank.estimate == pytest.approx(ranked)
    assert found.rank_explained == pytest.approx(ranked**2)


def test_screening_refuses_values_that_are_missing() -> None:
    with pytest.raises(ValueError, match="missing"):
        screen(np.arange(4.0)[:, None], np.array([[1.0, NAN, 2.0, 3.0]]))
