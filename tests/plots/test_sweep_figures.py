"""Figures of a sweep: what stands in them is what the sweep says."""

from __future__ import annotations

import csv
from math import inf, isinf, nan
from pathlib import Path

import pytest
from matplotlib.patches import Rectangle

from sim.experiment.executors import ThisProcess
from sim.measures.summary import Key
from sim.plots.sweeping.gallery import draw_sweep
from sim.plots.sweeping.response import plot_heat, plot_response, read_response
from sim.plots.sweeping.sensitivity import plot_sensitivity, sensitivity_figure
from sim.plots.sweeping.tornado import plot_tornado, tornado_figure
from sim.scenario.load import load_scenario
from sim.statistics.intervals import Interval
from sim.store.sweeps import Sweep
from sim.sweeping.choose import Wanted, choose_axes, split_sets
from sim.sweeping.effects import Effect, Effects, effects_of
from sim.sweeping.layout import Kind, lay_out
from sim.sweeping.scales import difference_text, scale_of, setting_text
from sim.sweeping.sweep import check_points, run_sweep

COURIERS = Path(__file__).parents[2] / "scenarios" / "courier-packs-2022.toml"
T90: Key = ("T90", "", "hand-out", "national", "")
SPEED, LOADING = "fleets.van.speed", "fleets.van.loading"


def swept(out: Path, kind: Kind, *sets: str, points: int | None = None) -> Sweep:
    fixed, factors = split_sets(["replications=2", *sets])
    loaded = load_scenario(COURIERS, fixed)
    vary = () if factors else (SPEED, LOADING, "consumption.couriers.units")
    axes = choose_axes(loaded.document, Wanted(factors, vary))
    layout = lay_out(kind, axes, points, 0)
    return run_sweep(check_points(COURIERS, fixed, layout), out, workers=ThisProcess())


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """A sweep one at a time."""
    return swept(tmp_path_factory.mktemp("sweeps") / "ends", "one-at-a-time")


@pytest.fixture(scope="module")
def square(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """A grid of two axes, four steps each."""
    sets = (f"{SPEED}=15:30:5 km/h", f"{LOADING}=20 min,40 min,60 min,80 min")
    return swept(tmp_path_factory.mktemp("sweeps") / "square", "grid", *sets)


def test_the_bars_of_a_tornado_are_the_differences(ends: Sweep) -> None:
    effects = effects_of(ends, T90, "h")
    ax = plot_tornado(ends, effects)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == effects.ranked[:2], "what moves nothing has no bar"
    widths = sorted(patch.get_width() for patch in ax.patches if isinstance(patch, Rectangle))
    moved = [row.found.estimate for row in effects.rows if row.axis in names]
    assert widths == pytest.approx(sorted(moved))
    texts = {text.get_text() for text in ax.texts}
    assert {"15 km/h", "35 km/h", "20 min", "90 min"} <= texts
    assert "hours" in ax.get_xlabel()
    with pytest.raises(ValueError, match="one at a time"):
        plot_sensitivity(ends, effects)


def test_a_tornado_without_an_end_stops_at_the_edge_and_says_so(ends: Sweep) -> None:
    def effect(axis: str, setting: float, value: float) -> Effect:
        return Effect(axis, "difference", setting, Interval(value, nan, nan, 0.95, ""))

    rows = (effect(SPEED, 15.0, inf), effect(SPEED, 35.0, -4.0), effect(LOADING, 20.0, -2.0))
    weights = ((LOADING, 2.0), (SPEED, inf))
    effects = Effects(T90, "h", "one-at-a-time", rows, weights)
    ax = plot_tornado(ends, effects)
    assert [label.get_text() for label in ax.get_yticklabels()] == [SPEED, LOADING]
    assert any("beyond the horizon" in text.get_text() for text in ax.texts)
    assert not any(isinf(limit) for limit in ax.get_xlim())
    nothing = Effects(T90, "h", "one-at-a-time", (), ((SPEED, 0.0),))
    assert tornado_figure(ends, nothing) is None


def test_a_response_goes_through_its_points(ends: Sweep) -> None:
    response = read_response(ends, T90, "h")
    ax = plot_response(ends, response, SPEED)
    line = ax.lines[0]
    speeds = ends.settings(ends.axes[[axis.name for axis in ends.axes].index(SPEED)])
    assert list(line.get_xdata()) == [15.0, 25.0, 35.0]
    points = [speeds.index(15.0), 0, speeds.index(35.0)]
    assert list(line.get_ydata()) == pytest.approx([response.mean[point] for point in points])
    with pytest.raises(KeyError):
        plot_response(ends, response, "no.such.axis")


def test_two_axes_are_lines_or_a_heat_map(square: Sweep) -> None:
    response = read_response(square, T90, "h")
    ax = plot_response(square, response)
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        f"{minutes} min" for minutes in (20, 40, 60, 80)
    ]
    heat = plot_heat(square, response).images[0].get_array()
    assert heat is not None
    assert heat.shape == (4, 4)
    assert heat[0, 0] == pytest.approx(response.mean[square.rows[0]])
    assert heat[3, 0] > heat[0, 3], "slow vans and long loading are late"


def test_bars_of_a_grid_show_both_indices(square: Sweep) -> None:
    effects = effects_of(square, T90, "h")
    ax = plot_sensitivity(square, effects)
    found = sorted(patch.get_width() for patch in ax.patches if isinstance(patch, Rectangle))
    assert found == pytest.approx(sorted(row.found.estimate for row in effects.rows))
    alone = Effects(T90, "h", "grid", effects.rows[:2], effects.weights[:1])
    assert sensitivity_figure(square, alone) is None, "one factor explains all there is"
    with pytest.raises(ValueError, match="one at a time"):
        plot_tornado(square, effects)


@pytest.mark.usefixtures("few_pixels")
def test_all_figures_are_drawn_with_what_they_draw(tmp_path: Path) -> None:
    sweep = swept(tmp_path / "out", "latin", points=6)
    asked: list[tuple[Key, str]] = [(T90, "h"), (("complete", *T90[1:]), "probability")]
    effects = [effects_of(sweep, key, unit) for key, unit in asked]
    written = draw_sweep(sweep, effects)
    assert all(path.stat().st_size > 200 for path in written)
    names = {path.stem for path in written}
    assert {"sensitivity-T90-hand-out", "response-T90-hand-out"} <= names
    assert "response-complete-hand-out" in names, "flat, and drawn"
    assert "sensitivity-complete-hand-out" not in names
    with (sweep.path / "figures" / "response-T90-hand-out.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["panel"] for row in rows} == {axis.name for axis in sweep.axes}
    assert len(rows) == len(sweep.axes) * sweep.points.num_rows


def test_numbers_read_in_the_unit_that_suits_them() -> None:
    assert scale_of("h", [30.0, inf]).unit == "hours"
    assert scale_of("h", [80.0]).unit == "days"
    assert scale_of("h", [0.5]).unit == "minutes"
    assert scale_of("share", [0.5]).differences == "percentage points"
    assert scale_of("trips", []).unit == "trips"
    assert difference_text(-52.8, scale_of("h", [80.0])) == "-2.20"
    assert difference_text(-0.0001, scale_of("share", [1.0])) == "-0.01"
    assert difference_text(0.0, scale_of("h", [1.0])) == "0.00"
    assert difference_text(inf, scale_of("h", [1.0])) == "beyond the horizon"
    assert setting_text(10_000.0, "/day") == "10,000/day"
    assert setting_text(0.04, "m3") == "0.04 m3"
    assert setting_text(0.5, "share of range") == "50%"
    assert setting_text(None) == "as it is"
