"""Expected values: what agrees, what differs, and how often a true case is said to differ."""

from __future__ import annotations

from math import inf, isnan, nan, sqrt

import numpy as np
import pytest
from scipy import stats

from sim.expectation import (
    AGREES,
    DIFFERS,
    FALSE_ALARM,
    NOT_JUDGED,
    critical_z,
    judge_expected,
    values_of,
)
from sim.measures.summary import Key
from sim.scenario.expected import Expected


def case(value: float = 10.0, **keys: object) -> Expected:
    given = {"measure": "wait-mean", "source": "paper", "value": value}
    return Expected.model_validate({**given, **keys})


def verdict(value: float, *runs: float, **keys: object) -> str:
    return judge_expected("x", case(value, **keys), runs).verdict


def test_an_exact_case_holds_in_every_run() -> None:
    assert verdict(10.0, 10.0, 10.0 + 9e-9, exact=True) == AGREES
    assert verdict(10.0, 10.0, 10.0 + 1.1e-8, exact=True) == DIFFERS
    assert verdict(0.0, 9e-10, -9e-10, exact=True) == AGREES
    assert verdict(0.0, 1.1e-9, exact=True) == DIFFERS
    assert verdict(10.0, 9.0, 11.0, exact=True) == DIFFERS, "right on average only"
    found = judge_expected("x", case(10.0, exact=True), [10.0, 12.0])
    assert (found.mean, found.low, found.high, found.shows_2_percent) == (11, 10, 12, True)
    assert isnan(found.z)


def test_a_random_case_is_judged_by_students_t() -> None:
    runs = [9.0, 10.0, 10.5, 12.0]
    found = judge_expected("x", case(9.5), runs)
    t = (np.mean(runs) - 9.5) / (np.std(runs, ddof=1) / sqrt(4))
    assert found.z == pytest.approx(stats.norm.isf(stats.t.sf(t, 3)))
    half = stats.t.ppf(0.975, 3) * np.std(runs, ddof=1) / sqrt(4)
    assert (found.mean, found.high - found.mean) == pytest.approx((10.375, half))
    assert found.verdict == AGREES
    below = judge_expected("x", case(11.25), runs)
    assert below.z == pytest.approx(-found.z)


def test_where_a_random_case_begins_to_differ() -> None:
    """Just inside and just outside the quantile of Student's t at half the false alarm."""
    runs = np.array([9.0, 10.0, 10.5, 12.0, 8.0, 9.5])
    error = np.std(runs, ddof=1) / sqrt(6)
    limit = stats.t.isf(FALSE_ALARM / 2, 5) * error
    assert verdict(runs.mean() - 0.999 * limit, *runs) == AGREES
    assert verdict(runs.mean() + 0.999 * limit, *runs) == AGREES
    assert verdict(runs.mean() - 1.001 * limit, *runs) == DIFFERS
    assert verdict(runs.mean() + 1.001 * limit, *runs) == DIFFERS
    assert critical_z() == pytest.approx(3.8906, abs=1e-4)


def test_how_often_a_true_case_differs() -> None:
    """Over 200,000 true cases of 5 runs each: 1 in 10,000 of them, within chance."""
    rng = np.random.default_rng(5)
    runs = rng.normal(10.0, 1.0, (200_000, 5))
    t = (runs.mean(axis=1) - 10) / (runs.std(axis=1, ddof=1) / sqrt(5))
    suspect = np.flatnonzero(abs(t) > 8)  # t of 5 runs has to be 13 to differ
    alarms = sum(verdict(10.0, *runs[row]) == DIFFERS for row in suspect)
    low, high = stats.binom.interval(0.9999, 200_000, FALSE_ALARM)
    assert low <= alarms <= high


def test_without_any_spread_the_value_must_be_exact() -> None:
    assert verdict(10.0, 10.0, 10.0) == AGREES
    found = judge_expected("x", case(10.0), [10.1, 10.1])
    assert (found.verdict, found.z) == (DIFFERS, inf)


def test_what_cannot_be_judged() -> None:
    assert verdict(10.0, 10.0) == NOT_JUDGED
    assert verdict(10.0, 10.0, exact=True) == AGREES
    lost = judge_expected("x", case(10.0), [10.0, nan, 10.0])
    assert (lost.verdict, lost.why) == (DIFFERS, "1 of 3 runs had no value")
    none = judge_expected("x", case(10.0), [])
    assert none.verdict == DIFFERS
    assert "no such measure" in none.why
    assert isnan(none.mean)


@pytest.mark.parametrize("runs", [5, 20, 60])
def test_whether_an_error_of_2_percent_would_show(runs: int) -> None:
    """The power of the t test, found by trying: 80 % or not, a little to either side."""
    base = np.random.default_rng(runs).normal(0.0, 1.0, runs)
    base = (base - base.mean()) / base.std(ddof=1) * sqrt(runs)  # a standard error of 1

    limit = stats.t.isf(FALSE_ALARM / 2, runs - 1)
    shift = next(
        size for size in np.arange(3.0, 40.0, 0.01)
        if stats.nct.sf(limit, runs - 1, size) >= 0.8
    )  # fmt: skip
    for factor, shows in ((0.99, False), (1.01, True)):
        value = factor * shift / 0.02
        found = judge_expected("x", case(value), list(base + value))
        assert found.shows_2_percent is shows
    assert judge_expected("x", case(1e9), list(base + 1e9)).shows_2_percent


ROWS: list[tuple[Key, list[float]]] = [
    (("wait-mean", "", "city", "national", "desk"), [1.0]),
    (("wait-mean", "mask", "city", "national", "desk"), [2.0]),
    (("wait-mean", "kit", "city", "national", "desk"), [3.0]),
    (("wait-mean", "", "city", "national", "desk@a"), [4.0]),
    (("wait-mean", "", "county", "national", "gate"), [5.0]),
    (("wait-mean", "", "city", "Henan", "desk"), [6.0]),
    (("transit-time-mean", "mask", "city", "national", "road"), [7.0]),
    (("makespan", "", "", "national", ""), [8.0]),
]


@pytest.mark.parametrize(
    ("keys", "values"),
    [
        ({"entity": "desk"}, [1.0]),
        ({"entity": "desk", "product": "kit"}, [3.0]),
        ({"entity": "desk@a"}, [4.0]),
        ({"echelon": "county"}, [5.0]),
        ({}, []),  # of which desk?
        ({"entity": "desk", "echelon": "county"}, []),
        ({"measure": "transit-time-mean"}, [7.0]),  # there is but one
        ({"measure": "makespan"}, [8.0]),
        ({"measure": "backlog"}, []),
    ],
)
def test_which_value_a_case_is_about(keys: dict[str, str], values: list[float]) -> None:
    assert values_of(case(**keys), ROWS) == values
