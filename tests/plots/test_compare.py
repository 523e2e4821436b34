"""Several results over each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from matplotlib.dates import num2date

from sim.plots.comparing.curves import plot_coverage_comparison, plot_flow_comparison
from sim.plots.comparing.overlays import aligned, comparison_rows, read_comparison, result_names
from sim.store.result import Result

Build = Callable[..., Result]


@pytest.fixture
def slow(make: Build) -> Result:
    return make(lag=10.0, name="slow", replications=2)


def test_a_curve_for_each_result(kits: Result, slow: Result) -> None:
    ax = plot_flow_comparison([kits, slow])
    drawn = {str(line.get_label()): line for line in ax.lines}
    first, second = drawn["kits"], drawn["slow"]
    assert first.get_color() != second.get_color()
    assert first.get_linestyle() != second.get_linestyle()
    at = 70  # hours; medians of runs 0 to 2 and of runs 0 and 1, 10 h later
    assert first.get_ydata()[at] == pytest.approx(10_000 * (70 - 44) / 48)
    assert second.get_ydata()[at] == pytest.approx(10_000 * (70 - 52) / 48)
    assert ax.get_title(loc="left") == "Kits received by the village clinics"


def test_times_are_real_whatever_the_start(kits: Result, make: Build) -> None:
    later = make(start="2023-01-18T00:00:00+08:00", name="later")
    data = read_comparison([kits, later], "coverage", "clinic")
    assert data is not None
    ax = plot_coverage_comparison([kits, later])
    drawn = {str(line.get_label()): line for line in ax.lines}
    begins = [num2date(drawn[name].get_xdata()[0]) for name in ("kits", "later")]
    assert begins[1] - begins[0] == timedelta(days=1)
    assert begins[0] == kits.start


def test_a_figure_that_both_report_is_drawn_once(kits: Result, slow: Result, make: Build) -> None:
    def names(*results: Result) -> list[str]:
        data = read_comparison(results, "dispatched", "factory", "kit")
        assert data is not None
        return [point.text for point in data.points]

    assert names(kits, slow) == ["R1"]
    assert names(make(reported=""), slow) == ["R1"]
    text = (slow.path / "scenario.toml").read_text(encoding="utf-8")
    (slow.path / "scenario.toml").write_text(text.replace("7_000", "6_500"), encoding="utf-8")
    assert names(kits, replace(slow)) == ["R1", "R1"]


def test_points_of_a_later_result_stand_at_their_own_time(make: Build) -> None:
    plain = make(reported="", start="2023-01-15T00:00:00+08:00")
    data = read_comparison([plain, make()], "coverage", "clinic")
    assert data is not None
    served = next(point for point in data.points if point.name == "served")
    assert (served.hour, served.high) == (7 * 24.0, 7 * 24.0)


def test_part_figures_are_left_out(kits: Result, slow: Result) -> None:
    data = read_comparison([kits, slow], "received", "prefecture", "kit")
    assert data is not None
    assert data.points == ()


def test_results_without_the_curve_are_left_out(kits: Result) -> None:
    assert read_comparison([kits], "received", "township", "kit") is None
    with pytest.raises(ValueError, match="none of the results"):
        plot_flow_comparison([kits], echelon="township")


def test_names_are_made_different(kits: Result) -> None:
    assert result_names([kits, kits, replace(kits, name="other")]) == ["kits", "kits (2)", "other"]


def test_panels_end_together_and_rows_with_them(kits: Result, slow: Result) -> None:
    data = [
        read_comparison([kits, slow], "dispatched", "factory", "kit"),
        read_comparison([kits, slow], "received", "clinic", "kit"),
    ]
    joined = aligned([item for item in data if item is not None])
    assert joined[0].end == joined[1].end
    rows = [row for row in comparison_rows(joined) if row.kind == "band"]
    lasts = {(row.panel, row.series): row.time for row in rows}
    assert len(lasts) == 4
    assert set(lasts.values()) == {joined[0].end.isoformat()}
