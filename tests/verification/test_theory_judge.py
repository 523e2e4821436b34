"""Judgement of replications: t tables, false alarms that are really so rare, and power."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import ttest_1samp
from theory.judge import critical_z, detects, judge, smallest_seen


def test_against_the_t_test_of_scipy() -> None:
    means = [4.1, 3.7, 4.4, 4.0, 4.6]
    found = judge(means, 3.5)
    known = ttest_1samp(means, 3.5)
    assert found.p == pytest.approx(known.pvalue)
    assert found.z > 0 > judge(means, 5.0).z
    assert math.erfc(abs(found.z) / math.sqrt(2)) == pytest.approx(found.p)
    assert found.mean == pytest.approx(4.16)
    low, high = known.confidence_interval(0.95)
    assert found.half_width == pytest.approx((high - low) / 2)
    assert found.half_width == pytest.approx(2.776 * found.error, rel=1e-3)  # t table, 4 degrees


def test_without_spread() -> None:
    exact = judge([2.0, 2.0, 2.0], 2.0)
    assert (exact.z, exact.p, exact.half_width) == (0.0, 1.0, 0.0)
    assert judge([2.0, 2.0], 2.1).z == -math.inf
    assert judge([0.0, 0.0], 0.0).agrees(3.0)
    assert not judge([0.0, 0.0], 1e-6).agrees(3.0)
    for refused in ([1.0], [1.0, math.nan]):
        with pytest.raises(ValueError, match="replications"):
            judge(refused, 1.0)


def test_critical_values_of_the_normal_table() -> None:
    assert critical_z(1, 0.05) == pytest.approx(1.959964)
    assert critical_z(1) == pytest.approx(2.575829)
    assert critical_z(50) == pytest.approx(3.719016)  # two-sided 0.0002
    with pytest.raises(ValueError, match="case"):
        critical_z(0)


def test_false_alarms_are_as_rare_as_stated() -> None:
    """2,000 families of 5 true cases with 8 replications; 10 % false alarms wanted."""
    critical = critical_z(5, 0.1)
    draws = np.random.default_rng(3).normal(7.0, 2.0, (2000, 5, 8))
    error = draws.std(axis=2, ddof=1) / math.sqrt(8)
    largest = np.abs((draws.mean(axis=2) - 7.0) / error).max(axis=1)
    alarms = 0
    for family, size in zip(draws, largest, strict=True):
        if size > 2.0:  # the others cannot alarm: t of 2 is well within
            alarms += any(not judge(means, 7.0).agrees(critical) for means in family)
    assert alarms / 2000 == pytest.approx(1 - (1 - 0.02) ** 5, abs=0.02)


def test_power() -> None:
    critical = critical_z(40)
    assert smallest_seen(1.0, critical) == pytest.approx(critical + 0.841621)
    assert detects(0.004, 1.0, critical)
    assert not detects(0.0045, 1.0, critical)
    assert detects(0.0045, -1.0, critical, share=0.03)
    assert not detects(0.004, 1.0, critical, power=0.99)
