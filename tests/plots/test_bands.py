"""Bands: medians and spreads read from the curves of replications."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.plots.bands import Band, read_band
from sim.statistics.intervals import spread
from sim.store.result import Result, open_result
from sim.store.tables import SCHEMAS

Build = Callable[..., Result]


def _band(result: Result, measure: str, echelon: str, product: str = "") -> Band:
    band = read_band(result, measure, product=product, echelon=echelon)
    assert band is not None
    return band


def test_a_band_is_the_median_and_central_95_percent_of_the_runs(kits: Result) -> None:
    band = _band(kits, "received", "county", "kit")
    assert band.runs == 3
    assert band.hours.tolist() == list(range(24 * 8 + 1))
    hours = band.hours
    runs = [10_000 * np.clip((hours - 24 - 4 * run) / 48, 0, 1) for run in range(3)]
    assert band.median == pytest.approx(runs[1])
    assert band.high == pytest.approx(runs[1] + 0.95 * (runs[0] - runs[1]))
    assert band.low == pytest.approx(runs[1] + 0.95 * (runs[2] - runs[1]))
    assert (band.low < band.high).sum() > 40


def test_bounds_are_those_of_the_verdicts(kits: Result) -> None:
    band = _band(kits, "coverage", "clinic")
    at = 60
    runs = [np.clip((at - 40 - 4 * run) / 48, 0, 1) for run in range(3)]
    interval = spread(runs)
    assert (band.low[at], band.median[at], band.high[at]) == pytest.approx(
        (interval.low, interval.estimate, interval.high)
    )


def test_of_one_run_the_band_is_the_curve(make: Build) -> None:
    band = _band(make(replications=1), "received", "clinic", "kit")
    assert np.array_equal(band.low, band.median)
    assert np.array_equal(band.high, band.median)


def test_a_curve_that_is_not_there_has_no_band(kits: Result) -> None:
    assert read_band(kits, "received", product="kit", echelon="factory") is None
    assert read_band(kits, "received", product="mask", echelon="county") is None


def _twice(result: Result) -> Result:
    """Give every curve of a result a second time, as two lanes of one echelon would."""
    path = result.path / "curves.parquet"
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, table]).cast(SCHEMAS["curves"]), path)
    return open_result(result.path)


def test_flows_of_two_lanes_add_up_and_shares_do_not(make: Build) -> None:
    result = make(days=4)
    flow = _band(result, "dispatched", "county", "kit")
    share = _band(result, "coverage", "clinic")
    result = _twice(result)
    flows = _band(result, "dispatched", "county", "kit")
    shares = _band(result, "coverage", "clinic")
    assert flows.median == pytest.approx(2 * flow.median)
    assert shares.median == pytest.approx(share.median)


def test_a_band_settles_when_its_last_bound_does() -> None:
    hours = np.arange(6.0)
    band = Band(
        hours,
        median=np.array([0, 50, 100, 100, 100, 100.0]),
        low=np.array([0, 20, 50, 90, 99.5, 100.0]),
        high=np.array([0, 90, 100, 100, 100, 100.0]),
        runs=3,
    )
    assert band.settled(0.01) == 3.0
    assert band.settled(0.001) == 4.0
    assert band.until(2.0).hours.tolist() == [0.0, 1.0, 2.0]
    still = Band(hours, np.zeros(6), np.zeros(6), np.zeros(6), 3)
    assert still.settled(0.01) == 0.0


def test_rows_in_another_order_give_the_same_band(make: Build) -> None:
    result = make(days=4)
    before = _band(result, "received", "clinic", "kit")
    path = result.path / "curves.parquet"
    table = pq.read_table(path)
    shuffled = table.take(np.random.default_rng(1).permutation(table.num_rows))
    pq.write_table(shuffled, path)
    after = _band(open_result(result.path), "received", "clinic", "kit")
    assert np.array_equal(before.median, after.median)
    assert np.array_equal(before.high, after.high)
