"""Cumulative curves and goods in transit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.dates import num2date
from matplotlib.lines import Line2D

from sim.plots.curves import flow_rows, owed_units, plot_flow, plot_in_transit, read_flow
from sim.plots.dates import date_number
from sim.store.result import Result

Build = Callable[..., Result]


def lines(ax: Axes) -> dict[str, Line2D]:
    """Return the curves of axes by what they are called."""
    return {str(line.get_label()): line for line in ax.lines if str(line.get_label())[0] != "_"}


def reported(ax: Axes) -> dict[str, Line2D]:
    """Return the points of reported figures by name."""
    prefix = "reported-"
    marks = {str(line.get_gid()): line for line in ax.lines if line.get_gid()}
    return {gid.removeprefix(prefix): line for gid, line in marks.items() if gid.startswith(prefix)}


def test_one_line_for_the_makers_and_one_for_each_echelon(kits: Result) -> None:
    ax = plot_flow(kits)
    assert list(lines(ax)) == [
        "dispatched by the makers",
        "received by the cities",
        "received by the counties",
        "received by the village clinics",
    ]
    assert ax.get_ylabel() == "kits"
    assert ax.get_title(loc="left") == "Kits dispatched and received, in all so far"


def test_the_csv_is_what_is_drawn(kits: Result) -> None:
    data = read_flow(kits)
    rows = flow_rows(kits, data)
    for panel, ax in (("cumulative", plot_flow(kits)), ("in transit", plot_in_transit(kits))):
        for name, line in lines(ax).items():
            mine = [
                row for row in rows if (row.panel, row.kind, row.series) == (panel, "band", name)
            ]
            x = [date_number(datetime.fromisoformat(row.time)) for row in mine]
            assert line.get_xdata() == pytest.approx(np.array(x))
            assert line.get_ydata() == pytest.approx(np.array([row.value for row in mine]))
            corners = _corners(ax, line)
            for px, row in zip(x, mine, strict=True):
                assert (round(px, 6), round(row.low or 0.0, 3)) in corners
                assert (round(px, 6), round(row.high or 0.0, 3)) in corners
        points = [row for row in rows if (row.panel, row.kind) == (panel, "reported")]
        drawn = {
            (num2date(mark.get_xdata()[0]).timestamp(), mark.get_ydata()[0])
            for mark in reported(ax).values()
        }
        assert drawn == {
            (datetime.fromisoformat(row.time).timestamp(), row.value) for row in points
        }


def _corners(ax: Axes, line: Line2D) -> set[tuple[float, float]]:
    """Return the corners of the shade that has the colour of a line."""
    colour = pytest.approx(to_rgb(line.get_color()))
    shades = (c for c in ax.collections if c.get_facecolor().tolist()[0][:3] == colour)  # type: ignore[union-attr]
    return {
        (round(x, 6), round(y, 3))
        for shade in shades
        for path in shade.get_paths()
        for x, y in np.asarray(path.vertices).tolist()
    }


def test_reported_figures_carry_verdict_use_and_scope(kits: Result) -> None:
    ax = plot_flow(kits)
    marks = reported(ax)
    assert set(marks) == {"sent", "signed-in-a-part"}  # not those of one site, nor of trips
    sent, part = marks["sent"], marks["signed-in-a-part"]
    assert sent.get_marker() == "o"
    assert sent.get_markerfacecolor() == "white"
    assert part.get_marker() == "X"
    assert part.get_markerfacecolor() == part.get_markeredgecolor() == "#D55E00"
    texts = {text.get_text() for text in ax.texts}
    assert {"R1", "R2, 3 prefectures only"} <= texts
    bars = [
        line for line in ax.lines if line.get_color() == "#D55E00" and len(line.get_xdata()) == 2
    ]
    assert sorted(y for bar in bars for y in bar.get_ydata()) == [1_600, 2_000, 2_000, 2_400]
    assert all(bar.get_linestyle() != "-" for bar in bars)


def test_a_figure_of_one_day_alone_is_not_a_point_of_a_sum(make: Build) -> None:
    result = make()
    path = result.path / "scenario.toml"
    text = path.read_text(encoding="utf-8").replace('\nsite = "maker"', "")
    path.write_text(text, encoding="utf-8")
    assert "sent-by-one" in result.scenario.reported
    assert set(reported(plot_flow(result))) == {"sent", "signed-in-a-part"}


def test_what_is_owed_is_counted_once(kits: Result) -> None:
    assert owed_units(kits, "kit") == 10_000
    assert owed_units(kits, "mask") == 0


def test_the_axis_ends_when_all_is_at_rest(kits: Result) -> None:
    data = read_flow(kits)
    assert data.end == 24.0 * 5  # at rest after 96 h, and a little more
    assert data.cumulative[-1].band.hours[-1] == data.end


def test_one_replication_and_nothing_reported(make: Build) -> None:
    result = make(replications=1, reported="")
    ax = plot_flow(result)
    assert len(lines(ax)) == 4
    assert not reported(ax)
    assert np.isfinite(ax.get_ylim()).all()


def test_a_figure_that_was_not_recorded_is_drawn_as_such(make: Build) -> None:
    result = make(evidence=False)
    marks = reported(plot_flow(result))
    assert {mark.get_marker() for mark in marks.values()} == {"s"}


def test_titles_that_the_font_cannot_draw_give_way_to_names(make: Build) -> None:
    result = make(title="指氧仪")
    text = (result.path / "scenario.toml").read_text(encoding="utf-8")
    text = text.replace('title = "kits"', 'title = "指氧仪"').replace('"cities"', '"城市"')
    (result.path / "scenario.toml").write_text(text, encoding="utf-8")
    ax = plot_flow(result)
    ax.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    assert "received by the prefecture" in lines(ax)
    assert ax.get_ylabel() == "kit"
