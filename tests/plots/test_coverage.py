"""Coverage over time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
import pytest

from sim.plots.coverage import coverage_rows, plot_coverage, read_coverage
from sim.plots.dates import dates_of
from sim.store.result import Result

Build = Callable[..., Result]


def test_the_times_of_half_and_nine_tenths_are_those_of_the_runs(kits: Result) -> None:
    clinics = read_coverage(kits).series[-1]
    half, ninety = clinics.reached
    assert (half.when.low, half.when.estimate, half.when.high) == pytest.approx((64.2, 68.0, 71.8))
    assert ninety.when.estimate == pytest.approx(4.0 + 40.0 + 0.9 * 48.0)
    ax = plot_coverage(kits)
    marks = {line.get_gid(): line for line in ax.lines if line.get_gid()}
    at = marks["reached-clinic-T90"]
    assert at.get_xdata() == pytest.approx(dates_of(kits.start, [ninety.when.estimate]))
    assert at.get_ydata() == [0.9]
    texts = [text.get_text() for text in ax.texts]
    assert "half: 19 Jan 20:00 [16:12, 23:48]" in texts


def test_a_time_after_the_horizon_is_not_marked(make: Build) -> None:
    result = make(days=4, lag=10.0)  # nine tenths after 93.2 h or more; the horizon is at 96 h
    clinics = read_coverage(result).series[-1]
    ninety = clinics.reached[1].when
    assert ninety.estimate == np.inf
    ax = plot_coverage(result)
    marks = [line.get_gid() for line in ax.lines if line.get_gid()]
    assert "reached-clinic-T50" in marks
    assert "reached-clinic-T90" not in marks
    rows = coverage_rows(result, read_coverage(result))
    assert [row.series for row in rows if row.kind == "time"] == ["T50 of village clinics"]


def test_the_csv_is_what_is_drawn(kits: Result) -> None:
    ax = plot_coverage(kits)
    data = read_coverage(kits)
    rows = coverage_rows(kits, data)
    for item in data.series:
        line = next(line for line in ax.lines if line.get_label() == item.title)
        mine = [row for row in rows if row.kind == "band" and row.series == item.title]
        assert line.get_ydata() == pytest.approx(np.array([row.value for row in mine]))
        hours = [
            (datetime.fromisoformat(row.time) - kits.start).total_seconds() / 3600 for row in mine
        ]
        assert line.get_xdata() == pytest.approx(dates_of(kits.start, hours))


def test_reported_coverage_and_receipt_times(kits: Result) -> None:
    points = {point.name: point for point in read_coverage(kits).series[-1].points}
    assert set(points) == {"covered", "served"}
    covered, served = points["covered"], points["served"]
    assert (covered.value, covered.low, covered.high) == (1.0, 0.95, 1.0)
    assert served.along_time
    assert (served.hour, served.value, served.low, served.high) == (120.0, 0.9, None, 120.0)
    rows = {row.series: row for row in coverage_rows(kits, read_coverage(kits))}
    assert rows["R5"].until == "2023-01-22T00:00:00+08:00"
    assert rows["R5"].earliest == ""
    assert rows["crews"].kind == "closed"
    assert rows["crews"].time == "2023-01-21T00:00:00+08:00"


def test_holidays_are_shaded(kits: Result) -> None:
    ax = plot_coverage(kits)
    begin, end = dates_of(kits.start, [96.0, read_coverage(kits).end])
    spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches]  # type: ignore[attr-defined]
    assert spans == [pytest.approx((begin, end))]
    assert "closed 21–27 Jan" in [text.get_text() for text in ax.texts]
