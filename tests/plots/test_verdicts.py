"""The verdicts as a picture."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.plots.verdicts import (
    axis_position,
    plot_verdicts,
    read_verdicts,
    verdict_rows,
    verdicts_figure,
)
from sim.plots.words import figure_text
from sim.store.result import Result

Build = Callable[..., Result]
NUMBERS = st.floats(-1e9, 1e9)


@given(NUMBERS, NUMBERS)
def test_the_axis_keeps_order_and_signs(a: float, b: float) -> None:
    if a <= b:
        assert axis_position(a) <= axis_position(b)
    assert axis_position(-a) == -axis_position(a)


def test_the_axis_is_linear_inside_and_logarithmic_outside() -> None:
    assert [axis_position(x) for x in (-1.0, 0.0, 0.25, 1.0)] == [-1.0, 0.0, 0.25, 1.0]
    assert axis_position(10.0) == pytest.approx(2.0)
    assert axis_position(-100.0) == pytest.approx(-3.0)
    assert axis_position(float("inf")) == axis_position(1e30) < 3.3


def test_fits_come_before_predictions(kits: Result) -> None:
    rows = read_verdicts(kits)
    assert [row.verdict["use"] for row in rows] == ["fit"] * 3 + ["predict"] * 4
    assert [row.verdict["row"] for row in rows] == ["R1", "", "R6", "R2", "R3", "R4", "R5"]


def test_where_markers_stand_is_what_the_verdicts_say(kits: Result) -> None:
    for row in read_verdicts(kits):
        assert row.median is not None
        assert row.least is not None
        assert row.most is not None
        inside = row.low <= row.median <= row.high
        overlap = row.least <= row.high and row.most >= row.low
        expected = "agrees" if inside else "within spread" if overlap else "contradicted"
        assert row.verdict["verdict"] == expected


def test_tolerances_reach_from_minus_one_to_one(kits: Result) -> None:
    rows = {row.verdict["id"]: row for row in read_verdicts(kits)}
    assert (rows["sent"].low, rows["sent"].high, rows["sent"].reported) == (-1.0, 1.0, 0.0)
    assert rows["sent"].median == pytest.approx(0.1)
    covered, served = rows["covered"], rows["served"]
    assert (covered.low, covered.high, covered.reported) == (pytest.approx(-1.0), float("inf"), 0.0)
    assert covered.median == pytest.approx(-1.0 - 0.30103)  # 10 % below, twice the half tolerance
    assert (served.low, served.high, served.reported) == (-float("inf"), 1.0, 1.0)


def test_values_are_written_out_with_units_and_dates(kits: Result) -> None:
    rows = {row.verdict["id"]: row for row in read_verdicts(kits)}
    assert rows["sent"].text == "Dispatched by makers, 19 Jan 12:00"
    assert rows["sent"].said == "6,000 kits; tolerance 5,000 to 7,000"
    assert rows["sent"].model == "6,100 [5,435, 6,765]"
    assert rows["sent-by-one"].text == "Dispatched by the maker, 18 Jan"
    assert rows["signed-in-a-part"].text == "Received by cities in 3 prefectures, 19 Jan 18:00"
    assert rows["covered"].said == "100 %; tolerance at least 95 %"
    assert rows["served"].text == "90 % received by village clinics"
    assert rows["served"].said == "by 22 Jan 00:00"
    assert rows["served"].model == "after the horizon"
    assert rows["rides"].said == "40 trips; tolerance 30 to 50"


def test_markers_and_texts_are_drawn(kits: Result) -> None:
    ax = plot_verdicts(kits)
    marks = {line.get_gid(): line for line in ax.lines if line.get_gid()}
    rows = read_verdicts(kits)
    assert set(marks) == {f"verdict-{row.verdict['id']}" for row in rows}
    for row in rows:
        mark = marks[f"verdict-{row.verdict['id']}"]
        assert mark.get_xdata() == [row.median]
        hollow = mark.get_markerfacecolor() == "white"
        assert hollow == (row.verdict["use"] == "fit")
    texts = [text.get_text() for text in ax.texts]
    assert texts.count("agrees") == 3
    assert texts.count("contradicted") == 3
    assert "Predictions: used to fit nothing" in texts


def test_the_rows_of_the_csv(kits: Result) -> None:
    rows = {row["id"]: row for row in verdict_rows(kits, read_verdicts(kits))}
    assert rows["sent"]["wording"] == "六千"
    assert rows["served"]["reported"] == "2023-01-22T00:00:00+08:00"
    assert rows["served"]["model_median"] == ""
    assert rows["covered"]["model_median"] == 0.9


def test_what_was_not_recorded_has_words_and_no_marker(make: Build) -> None:
    result = make(evidence=False)
    assert {row.model for row in read_verdicts(result)} == {"not recorded"}
    ax = verdicts_figure(result).axes[0]
    assert not [line for line in ax.lines if line.get_gid()]
    assert [text.get_text() for text in ax.texts].count("not recorded") == 14


def test_without_reported_figures_there_is_nothing_to_draw(make: Build) -> None:
    with pytest.raises(ValueError, match="no reported figures"):
        plot_verdicts(make(reported=""))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"share": 0.0, "measure": "dispatch-time"}, "first kits dispatched by makers"),
        ({"share": 1.0, "measure": "dispatch-time"}, "all dispatched by makers"),
        ({"regions": ["Haikou"]}, "dispatched by makers to Haikou, 19 Jan 12:00"),
        (
            {"site": "maker", "regions": ["Haikou"]},
            "dispatched by the maker to Haikou, 19 Jan 12:00",
        ),
        (
            {"since": "2023-01-18T06:00:00+08:00"},
            "dispatched by makers, 18 Jan 06:00 to 19 Jan 12:00",
        ),
    ],
)
def test_figures_in_words(kits: Result, change: dict[str, object], text: str) -> None:
    figure = kits.scenario.reported["sent"]
    if "since" in change:
        change = {"since": kits.start.fromisoformat(str(change["since"]))}
    assert figure_text(kits.scenario, figure.model_copy(update=change)) == text
