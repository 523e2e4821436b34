"""Verdicts: the median decides "agrees", the central 95 % of runs decides "within spread"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import inf, isnan, nan, nextafter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.evidence import Verdict, judge, probe_key
from sim.scenario.figures import Reported

START = datetime.fromisoformat("2023-01-07T00:00:00+08:00")
HOUR = timedelta(hours=1)
#: 41 runs with the median 20 and the central 95 % from 1 to 39: from the second to the 40th.
RUNS = [1.0] * 3 + [float(value) for value in range(3, 38)] + [39.0] * 3


def figure(**keys: Any) -> Reported:
    plain = {
        "measure": "dispatched",
        "product": "oximeter",
        "echelon": "factory",
        "at": START + 66 * HOUR,
        "value": 20,
        "use": "fit",
        "source": "a newspaper",
        "wording": "about twenty",
    }
    return Reported.model_validate(plain | keys)


def time_figure(**keys: Any) -> Reported:
    times = {"measure": "receipt-time", "share": 0.5, "at": None, "value": START + 20 * HOUR}
    return figure(**(times | keys))


def verdict(values: Sequence[float], **keys: Any) -> str:
    return judge("x", figure(**keys), values, START).verdict


@pytest.mark.parametrize(
    ("band", "expected"),
    [
        ([10, 30], "agrees"),
        ([20, 30], "agrees"),
        ([10, 20], "agrees"),
        ([20, 20], "agrees"),
        ([nextafter(20, inf), 30], "within spread"),
        ([10, nextafter(20, -inf)], "within spread"),
        ([39, 50], "within spread"),
        ([-9, 1], "within spread"),
        ([nextafter(39, inf), 50], "contradicted"),
        ([-9, nextafter(1, -inf)], "contradicted"),
        ([30, 30.5], "within spread"),
    ],
)
def test_edges_of_the_band_belong_to_it(band: list[float], expected: str) -> None:
    assert verdict(RUNS, band=band) == expected


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"at_least": 20}, "agrees"),
        ({"at_least": 21}, "within spread"),
        ({"at_least": 39}, "within spread"),
        ({"at_least": 40}, "contradicted"),
        ({"at_most": 20}, "agrees"),
        ({"at_most": 19}, "within spread"),
        ({"at_most": 1}, "within spread"),
        ({"at_most": 0}, "contradicted"),
        ({"at_least": 15, "at_most": 25}, "agrees"),
        ({"band": "0 %"}, "agrees"),
        ({"band": "10 %", "value": 25}, "within spread"),
        ({"band": "10 %", "value": 400}, "contradicted"),
    ],
)
def test_one_sided_limits_and_shares(limits: dict[str, Any], expected: str) -> None:
    keys = {name.replace("_", "-"): value for name, value in limits.items()}
    assert verdict(RUNS, **keys) == expected


def test_what_a_verdict_says() -> None:
    keys = {"band": "10 %", "row": "C01", "note": "a note", "use": "predict"}
    assert judge("d", figure(**keys), RUNS, START) == Verdict(
        id="d",
        use="predict",
        verdict="agrees",
        measure="dispatched",
        unit="units",
        reported=20,
        low=18.0,
        high=22.0,
        model_median=20.0,
        model_low=1.0,
        model_high=39.0,
        runs=41,
        source="a newspaper",
        wording="about twenty",
        row="C01",
        note="a note",
    )
    one_sided = judge("d", figure(**{"at-most": 30}), RUNS, START)
    assert (one_sided.low, one_sided.high) == (-inf, 30.0)
    assert (one_sided.row, one_sided.note) == ("", "")


def test_times_are_hours_since_the_start() -> None:
    band = [START + 19 * HOUR, (START + 20 * HOUR).astimezone(tz=None)]
    said = judge("t", time_figure(band=band), RUNS, START)
    assert (said.reported, said.low, said.high, said.unit) == (20.0, 19.0, 20.0, "time")
    assert said.verdict == "agrees"


@pytest.mark.parametrize("late", [inf, nan])
@pytest.mark.parametrize(
    ("on_time", "at_most", "expected"),
    [
        (41, 25, "agrees"),
        (40, 25, "agrees"),  # one late run of 41 does not move the median past the limit
        (21, 25, "agrees"),  # 20 late: the median is the latest that came, 20 h
        (20, 25, "within spread"),  # 21 late: the median is late
        (3, 25, "within spread"),
        (1, 25, "contradicted"),  # 40 late: the central 95 % are late too
        (0, 25, "contradicted"),
    ],
)
def test_runs_in_which_it_never_came_are_late(
    late: float, on_time: int, at_most: float, expected: str
) -> None:
    runs = RUNS[:on_time] + [late] * (41 - on_time)
    said = judge("t", time_figure(**{"at-most": START + at_most * HOUR}), runs, START)
    assert said.verdict == expected
    assert said.runs == 41
    assert (said.model_median == inf) == (on_time <= 20)


def test_what_must_not_come_before_agrees_with_never() -> None:
    at_least = {"at-least": START + 100 * HOUR}
    assert judge("t", time_figure(**at_least), [inf, inf, 90.0], START).verdict == "agrees"
    assert judge("t", time_figure(**at_least), [90.0, 91.0], START).verdict == "contradicted"


@pytest.mark.parametrize(
    ("value", "expected"), [(20.0, "agrees"), (18.0, "agrees"), (17.9, "contradicted")]
)
def test_a_single_run_has_no_spread(value: float, expected: str) -> None:
    said = judge("x", figure(band=[18, 22]), [value], START)
    assert said.verdict == expected
    assert said.model_low == said.model_median == said.model_high == value
    assert said.runs == 1


def test_without_runs_nothing_is_recorded() -> None:
    said = judge("x", figure(band="10 %"), [], START)
    assert said.verdict == "not recorded"
    assert said.runs == 0
    assert all(isnan(value) for value in (said.model_median, said.model_low, said.model_high))
    assert said.reported == 20


runs = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


@given(runs, st.floats(-1e6, 1e6), st.floats(0, 1e6), st.randoms())
def test_verdicts_follow_their_definition(
    values: list[float], low: float, width: float, random: Any
) -> None:
    high = low + width
    said = judge("x", figure(band=[low, high]), values, START)
    median, least, most = np.quantile(values, [0.5, 0.025, 0.975])
    assert said.model_median == pytest.approx(median, abs=1e-6)
    if low <= said.model_median <= high:
        assert said.verdict == "agrees"
    elif said.model_low <= high and said.model_high >= low:
        assert said.verdict == "within spread"
    else:
        assert said.verdict == "contradicted"
    assert (said.model_low, said.model_high) == pytest.approx((least, most), abs=1e-6)
    random.shuffle(values)
    assert judge("x", figure(band=[low, high]), values, START) == said


def test_figures_share_a_reading_exactly_if_they_ask_for_the_same() -> None:
    one = figure(band="10 %", regions=["Henan", "Hebei"])
    same = figure(value=7, band=[1, 2], regions=["Hebei", "Henan"], use="predict", source="y")
    assert probe_key(one) == probe_key(same)
    share = {"share": 0.9}  # means nothing for a number of units
    assert probe_key(figure(band="10 %", **share)) == probe_key(figure(band="10 %"))
    for other in (
        figure(band="10 %"),
        figure(band="10 %", regions=["Henan"]),
        figure(band="10 %", regions=["Henan", "Hebei"], site="maker"),
        figure(band="10 %", regions=["Henan", "Hebei"], since=START),
        figure(band="10 %", regions=["Henan", "Hebei"], at=START + HOUR),
        figure(band="10 %", regions=["Henan", "Hebei"], measure="received"),
    ):
        assert probe_key(other) != probe_key(one)
    half = time_figure(**{"at-most": START + HOUR})
    assert probe_key(half) != probe_key(time_figure(share=0.9, **{"at-most": START + HOUR}))
