"""Verdicts: the model's runs against a figure's tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import inf, isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from national.two_provinces import scenario_of

from sim.evidence import (
    AGREES,
    CONTRADICTED,
    NOT_RECORDED,
    WITHIN_SPREAD,
    Verdict,
    judge,
    probe_key,
)
from sim.report.words import as_reported
from sim.scenario.figures import Reported

START = datetime.fromisoformat("2023-01-12T00:00:00+08:00")
RUNS = [float(value) for value in range(100, 141)]  # median 120; the central 95 % is 101 to 139


def figure(**changes: object) -> Reported:
    given: dict[str, object] = {
        "measure": "dispatched",
        "product": "oximeter",
        "echelon": "factory",
        "at": "2023-01-13T00:00:00+08:00",
        "value": 120,
        "band": "10 %",
        "use": "fit",
        "source": "a document",
        "wording": "some 120",
    }
    given |= {key.replace("_", "-"): value for key, value in changes.items()}
    return Reported.model_validate(
        {key: value for key, value in given.items() if value is not None}
    )


def verdict(values: Sequence[float], **changes: object) -> Verdict:
    return judge("a", figure(**changes), values, START)


@pytest.mark.parametrize(
    ("band", "expected"),
    [
        ([120, 120], AGREES),  # the median itself
        ([90, 120], AGREES),  # bounds belong to the band
        ([120, 200], AGREES),
        ([121, 200], WITHIN_SPREAD),
        ([0, 119], WITHIN_SPREAD),
        ([139, 200], WITHIN_SPREAD),  # touches the end of the spread
        ([0, 101], WITHIN_SPREAD),
        ([139.1, 200], CONTRADICTED),
        ([0, 100.9], CONTRADICTED),
        ([200, 300], CONTRADICTED),
    ],
)
def test_the_three_verdicts(band: list[float], expected: str) -> None:
    found = verdict(RUNS, value=band[0], band=band)
    assert found.verdict == expected
    assert (found.model_low, found.model_median, found.model_high) == (101, 120, 139)
    assert (found.low, found.high, found.runs) == (band[0], band[1], 41)


def test_a_narrow_band_inside_the_spread() -> None:
    assert verdict(RUNS, value=110, band=[109, 111]).verdict == WITHIN_SPREAD


def test_a_band_as_a_share_of_the_value() -> None:
    found = verdict(RUNS, value=200, band="10 %")
    assert (found.low, found.high) == pytest.approx((180, 220))
    assert found.verdict == CONTRADICTED


def test_one_sided_figures() -> None:
    assert verdict(RUNS, band=None, at_least=120).verdict == AGREES
    assert verdict(RUNS, band=None, at_least=130).verdict == WITHIN_SPREAD
    assert verdict(RUNS, band=None, at_least=140).verdict == CONTRADICTED
    found = verdict(RUNS, band=None, at_most=100)
    assert (found.low, found.high, found.verdict) == (-inf, 100, CONTRADICTED)


def test_a_figure_of_bounds_alone_reports_no_value() -> None:
    found = verdict(RUNS, value=None, band=[100, 125])
    assert (found.low, found.high, found.verdict) == (100, 125, AGREES)
    assert isnan(found.reported)
    assert as_reported(START, found.reported, found.unit) == "-"
    assert verdict(RUNS, value=None, band=None, at_most=90).verdict == CONTRADICTED


def at(hour: int) -> str:
    return f"2023-01-{12 + hour // 24:02d}T{hour % 24:02d}:00:00+08:00"


def test_times_are_hours_since_the_start() -> None:
    found = verdict(
        [20.0, 30.0, 40.0], measure="receipt-time", at=None, value=at(30), band=[at(24), at(36)]
    )
    assert (found.unit, found.reported, found.low, found.high) == ("time", 30, 24, 36)
    assert found.verdict == AGREES


def test_late_runs_are_late_and_not_left_out() -> None:
    """In a run that never came so far the time lies beyond any date."""
    by = {"measure": "receipt-time", "at": None, "value": at(36), "band": None, "at_most": at(36)}
    assert verdict([10.0, 20.0, nan], **by).verdict == AGREES
    mostly_late = verdict([10.0, 12.0, nan, nan, nan], **by)
    assert mostly_late.verdict == WITHIN_SPREAD
    assert mostly_late.model_median == inf
    assert mostly_late.model_low == pytest.approx(10.2)
    assert verdict([inf, inf, inf], **by).verdict == CONTRADICTED


def test_a_figure_that_no_run_recorded() -> None:
    found = verdict([])
    assert found.verdict == NOT_RECORDED
    assert isnan(found.model_median)
    assert found.runs == 0


def test_what_a_verdict_says_of_its_figure() -> None:
    found = verdict(RUNS, row="C01", note="as read", use="predict")
    assert (found.id, found.use, found.measure, found.unit) == (
        "a",
        "predict",
        "dispatched",
        "units",
    )
    assert (found.source, found.wording, found.row) == ("a document", "some 120", "C01")
    assert found.note == "as read"
    assert (verdict(RUNS).row, verdict(RUNS).note) == ("", "")


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=30),
    st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)).map(sorted),
)
def test_verdicts_are_exhaustive_and_consistent(values: list[float], band: list[float]) -> None:
    found = verdict(values, value=band[0], band=band)
    low, median, high = np.quantile(values, [0.025, 0.5, 0.975])
    assert found.model_median == pytest.approx(median, abs=1e-6)
    inside = band[0] <= found.model_median <= band[1]
    overlaps = found.model_low <= band[1] and found.model_high >= band[0]
    expected = AGREES if inside else WITHIN_SPREAD if overlaps else CONTRADICTED
    assert found.verdict == expected
    assert (found.model_low, found.model_high) == pytest.approx((low, high), abs=1e-6)


@given(st.permutations(RUNS[:12]))
def test_the_order_of_runs_does_not_matter(values: list[float]) -> None:
    assert verdict(values) == verdict(RUNS[:12])


def test_two_figures_read_the_same_value_if_only_their_judgement_differs() -> None:
    base = figure()
    alike = figure(value=3, band="1 %", source="another", use="predict", row="X", share=0.5)
    assert probe_key(base) == probe_key(alike)
    regions = probe_key(figure(regions=["Hainan", "Ningxia"]))
    assert regions == probe_key(figure(regions=["Ningxia", "Hainan"]))
    others = [
        figure(measure="received", echelon="prefecture"),
        figure(product="thermometer"),
        figure(echelon="prefecture"),
        figure(site="guangzhou"),
        figure(regions=["Hainan"]),
        figure(at="2023-01-13T00:00:01+08:00"),
        figure(since="2023-01-12T08:00:00+08:00"),
    ]
    keys = {probe_key(other) for other in others} | {probe_key(base)}
    assert len(keys) == len(others) + 1
    half, whole = (
        figure(measure="dispatch-time", at=None, share=share, value=at(9), band=[at(8), at(9)])
        for share in (0.5, 1.0)
    )
    assert probe_key(half) != probe_key(whole)


def test_one_moment_in_two_zones_is_one_figure() -> None:
    same = figure(at="2023-01-12T16:00:00+00:00")
    assert same.at == figure().at
    assert probe_key(same) == probe_key(figure())


def test_figures_of_the_small_scenario_can_be_judged() -> None:
    more = """
[reported.here]
measure = "coverage"
product = "oximeter"
echelon = "clinic"
at = 2023-01-20T00:00:00+08:00
value = 0.5
at-least = 0.4
use = "predict"
source = "invented"
wording = "invented"
"""
    asked = scenario_of(more=more).reported["here"]
    assert judge("here", asked, [0.5, 0.3, 0.6], START).verdict == AGREES
    assert judge("here", asked, [0.5, 0.3, 0.2], START).verdict == WITHIN_SPREAD
