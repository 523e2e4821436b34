"""The summary over replications: the right interval for each kind, and nothing dropped."""

from __future__ import annotations

from math import inf, isnan, nan, sqrt

import numpy as np
import pytest
from scipy import stats

from sim.catalogue import CATALOGUE
from sim.measures.summary import Key, SummaryRow, summarise
from sim.statistics.intervals import mean_interval, probability_interval, quantile_interval


def rows_of(measure: str, runs: list[float]) -> dict[str, SummaryRow]:
    rows = summarise([((measure, "oximeter", "clinic", "national", "van"), runs)])
    return {row.statistic: row for row in rows}


def test_a_mean_has_students_interval() -> None:
    runs = [3.0, 5.0, 4.0, 8.0]
    (row,) = summarise([(("kilometres", "", "county", "national", "van"), runs)])
    half = stats.t.ppf(0.975, 3) * np.std(runs, ddof=1) / sqrt(4)
    assert (row.mean, row.low, row.high) == pytest.approx((5, 5 - half, 5 + half))
    assert (row.statistic, row.unit, row.runs) == ("mean", "km", 4)
    assert row.method == "mean of 4 runs, Student t"
    assert (row.measure, row.product, row.echelon) == ("kilometres", "", "county")
    assert (row.region, row.entity) == ("national", "van")


def test_a_probability_has_wilsons_interval() -> None:
    (row,) = rows_of("complete", [1.0] * 7 + [0.0] * 3).values()
    low, high = stats.binomtest(7, 10).proportion_ci(method="wilson")
    assert (row.mean, row.low, row.high) == pytest.approx((0.7, low, high))
    assert (row.statistic, row.unit) == ("probability", "probability")
    assert row.method == "Wilson, 7 of 10 runs"
    never = rows_of("complete", [0.0] * 5)["probability"]
    assert (never.mean, never.low) == (0, 0)
    assert 0 < never.high < 1


@pytest.mark.parametrize("name", ["T50", "T90", "T100"])
def test_times_also_have_a_late_quantile(name: str) -> None:
    runs = [float(hour) for hour in range(1, 61)]
    rows = rows_of(name, runs)
    assert list(rows) == ["mean", "quantile-90"]
    late = rows["quantile-90"]
    assert late.mean == pytest.approx(np.quantile(runs, 0.9))
    # With 60 runs the ranks are those of a binomial (60, 0.9): at most 2.5 % on either side.
    below = stats.binom.cdf(np.arange(60), 60, 0.9)
    low = max(rank for rank in range(1, 61) if below[rank - 1] <= 0.025)
    high = min(rank for rank in range(1, 61) if 1 - below[rank - 1] <= 0.025)
    assert (late.low, late.high) == (low, high)
    assert late.method == f"order statistics {low} and {high} of 60"


def test_only_times_of_coverage_have_it() -> None:
    with_quantile = {name for name in CATALOGUE if "quantile-90" in rows_of(name, [1.0, 0.0])}
    assert with_quantile == {"T50", "T90", "T100"}


def test_a_run_that_did_not_finish_is_never_left_out() -> None:
    """One run in ten is late: there is no mean, and the method says why; the quantile is late."""
    runs = [*map(float, range(100, 109)), nan]
    rows = rows_of("T100", runs)
    mean = rows["mean"]
    assert all(isnan(x) for x in (mean.mean, mean.low, mean.high))
    assert mean.method == "no mean: 1 of 10 runs had no value"
    assert mean.runs == 10
    late = rows["quantile-90"]
    assert isnan(late.mean)  # between the 9th, at hour 108, and the 10th, beyond the horizon
    assert isnan(late.high)
    median_like = quantile_interval(runs, 0.9, missing="late")
    assert late.low == median_like.low
    assert late.method == median_like.method


def test_a_quantile_that_most_runs_reach() -> None:
    """One late run of 60 hides the mean and leaves the ninth decile."""
    runs = [*map(float, range(1, 60)), nan]
    late = rows_of("T90", runs)["quantile-90"]
    assert late.mean == pytest.approx(54.1)  # type 7 of 1 to 59 and a late one: 1 + 0.9 * 59
    assert late.low < late.mean


def test_a_quantile_without_runs_enough_has_no_upper_bound() -> None:
    late = rows_of("T50", [1.0, 2.0, 3.0])["quantile-90"]
    assert late.mean == pytest.approx(2.8)
    assert isnan(late.high)
    assert "none of 3" in late.method


def test_runs_without_a_value_are_counted_in_words() -> None:
    row = rows_of("lead-time-mean", [nan, 4.0, nan])["mean"]
    assert row.method == "no mean: 2 of 3 runs had no value"
    assert isnan(row.mean)


def test_one_run_has_no_interval() -> None:
    row = rows_of("trips", [12.0])["mean"]
    assert row.mean == 12
    assert isnan(row.low)
    assert row.method == "mean of 1 run, no interval"


def test_every_measure_by_its_kind() -> None:
    runs = [0.0, 1.0, 1.0, 0.0, 1.0]
    keys: list[tuple[Key, list[float]]] = [((name, "", "", "", ""), runs) for name in CATALOGUE]
    rows = [row for row in summarise(keys) if row.statistic != "quantile-90"]
    assert [row.measure for row in rows] == list(CATALOGUE)
    for row in rows:
        measure = CATALOGUE[row.measure]
        interval = (
            probability_interval(3, 5) if measure.kind == "probability" else mean_interval(runs)
        )
        assert (row.statistic, row.unit) == (measure.kind, measure.unit)
        assert (row.mean, row.low, row.high) == (interval.estimate, interval.low, interval.high)
    assert [name for name, measure in CATALOGUE.items() if measure.kind == "probability"] == [
        "complete"
    ]


def test_no_bound_is_infinite() -> None:
    """Tables hold no infinity: what lies beyond the horizon is NaN in a summary."""
    for runs in ([nan] * 5, [1.0, nan, nan], [inf, 1.0, 2.0]):
        for row in rows_of("T50", runs).values():
            assert inf not in (row.mean, row.low, row.high)
