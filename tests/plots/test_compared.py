"""The figures of a comparison: what they draw, and what they leave out."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.comparing.by_place import place_gains
from sim.comparing.compare import Comparison, compare_results
from sim.comparing.over_time import difference_curve
from sim.plots.comparing.forest import plot_differences, read_forests
from sim.plots.comparing.gaincurves import plot_gain_curves
from sim.plots.comparing.gainmap import plot_gain_map
from sim.plots.comparing.gains import NEITHER, ONLY_BASE, ONLY_VARIANT, read_gains
from sim.plots.comparing.gallery import draw_comparison
from sim.plots.comparing.verdicttable import plot_verdict_table
from sim.store.result import Result

Build = Callable[..., Result]
CODES = np.array([460105, 460106, 460107, 460108, 460202])


@pytest.fixture
def slow(make: Build) -> Result:
    return make(lag=10.0, name="slow", never=(460105, 460202))


@pytest.fixture
def compared(kits: Result, slow: Result) -> Comparison:
    return compare_results([kits, slow])


def test_a_difference_over_time_is_paired(kits: Result, slow: Result) -> None:
    found = difference_curve(kits, slow, (0, 1, 2), "coverage", echelon="clinic")
    assert found is not None
    assert found.runs == 3
    # All runs are 10 h later on a ramp of 48 h: at 70 h each is 10 / 48 lower, without spread.
    assert found.mean[70] == pytest.approx(-10 / 48)
    assert found.low[70] == pytest.approx(found.high[70])
    # At 50 h the runs of the base are at 10, 6 and 2 of 48, those of the variant at 0.
    steps = -np.array([10.0, 6.0, 2.0]) / 48
    half = 4.302653 * steps.std(ddof=1) / np.sqrt(3)
    assert found.mean[50] == pytest.approx(steps.mean())
    assert (found.low[50], found.high[50]) == pytest.approx(
        (steps.mean() - half, steps.mean() + half)
    )


def test_curves_end_where_the_shorter_does(kits: Result, make: Build) -> None:
    found = difference_curve(kits, make(days=5), (0, 1), "coverage", echelon="clinic")
    assert found is not None
    assert (found.hours[-1], found.runs) == (120.0, 2)
    assert difference_curve(kits, kits, (0,), "coverage", echelon="township") is None
    assert difference_curve(kits, kits, (7,), "coverage", echelon="clinic") is None


def test_gains_by_place_and_those_not_served_in_all_runs(kits: Result, slow: Result) -> None:
    gains = place_gains(kits, slow, (0, 1, 2), "clinic", CODES)
    assert gains is not None
    assert gains.difference[1:4] == pytest.approx([10.0] * 3)
    assert np.isnan(gains.difference[[0, 4]]).all()
    assert gains.base_served.tolist() == [1, 1, 1, 1, 0]
    assert gains.variant_served.tolist() == [0, 1, 1, 1, 0]
    early = place_gains(kits, slow, (0, 1, 2), "clinic", CODES, horizon=50.0)
    assert early is not None
    assert early.base_served.tolist() == [1, 1 / 3, 0, 0, 0]
    assert place_gains(kits, slow, (0,), "clinic", np.array([110101])) is None


def test_a_map_of_gains_says_why_a_place_has_none(kits: Result, slow: Result) -> None:
    (data,) = read_gains(compare_results([kits, slow]), "slow")
    assert data.apart == [ONLY_BASE, "", "", "", NEITHER]
    (back,) = read_gains(compare_results([slow, kits]), "kits")
    assert back.apart == [ONLY_VARIANT, "", "", "", NEITHER]
    assert (data.span >= 0).tolist() == [False, True, True, True, False]
    assert (back.days[1:4] < 0).all()
    middle = len(data.edges) // 2
    assert data.edges[middle - 1] == -data.edges[middle]
    colours = {data.span[1], back.span[1]}
    assert len(colours) == 2
    with pytest.raises(ValueError, match='no variant "kits"'):
        read_gains(compare_results([kits, slow]), "kits")


def test_the_map_has_a_key_for_each_kind_of_place(compared: Comparison) -> None:
    ax = plot_gain_map(compared)
    legend = ax.get_legend()
    assert legend is not None
    words = [text.get_text() for text in legend.get_texts()]
    assert "1 county served in all runs of kits only" in words
    assert "1 county not served in all runs of either" in words
    assert ax.get_title(loc="left").endswith("slow against kits")


def test_difference_curves_are_in_percentage_points(compared: Comparison) -> None:
    ax = plot_gain_curves(compared)
    (line,) = [line for line in ax.lines if line.get_label() == "slow"]
    assert np.min(np.asarray(line.get_ydata())) == pytest.approx(-100 * 10 / 48)
    assert ax.get_ylabel() == "percentage points"
    with pytest.raises(ValueError, match="no curve of coverage at township"):
        plot_gain_curves(compared, echelon="township")


def test_differences_have_their_interval_and_hollow_points_are_not_clear(
    kits: Result, make: Build
) -> None:
    copy = make(name="copy")
    compared = compare_results([kits, make(lag=10.0, stretch=1.1, name="slow"), copy])
    times, others = read_forests(compared)
    assert {key[2] for key in others.families} == {"prefecture", "county"}
    assert times.lines == 4
    ax = plot_differences(compared)
    marks = {str(line.get_gid()): line for line in ax.lines if line.get_gid()}
    late, same = marks["difference-T50-slow"], marks["difference-T50-copy"]
    assert late.get_markerfacecolor() == late.get_color()
    assert same.get_markerfacecolor() == "white"
    assert np.asarray(same.get_xdata()).tolist() == [0.0]
    assert "the same" in {text.get_text() for text in ax.texts}
    with pytest.raises(ValueError, match="2 panels"):
        plot_differences(compared, panel=2)


def test_verdicts_that_changed_are_shaded(kits: Result, make: Build) -> None:
    other = make(name="other", replications=2)
    ax = plot_verdict_table([kits, other])
    words = [text.get_text() for text in ax.texts]
    assert {"kits", "other", "agrees", "contradicted"} <= set(words)
    changed = sum(
        a["verdict"] != b["verdict"] for a, b in zip(kits.verdicts, other.verdicts, strict=True)
    )
    assert len(ax.patches) == changed > 0
    with pytest.raises(ValueError, match="none of the results"):
        plot_verdict_table([make(reported="")])


@pytest.mark.usefixtures("no_pixels")
def test_the_gallery_of_a_comparison(compared: Comparison, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "figures"
    written = draw_comparison(compared, folder)
    stems = ("flow", "coverage", "gains", "map-slow", "differences", "verdicts")
    names = [f"{stem}.{kind}" for stem in stems for kind in ("png", "svg", "csv")]
    assert [path.name for path in written] == [*names, "measures.csv"]
    assert set(folder.iterdir()) == set(written)
    for path in folder.glob("*.csv"):
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        assert len(rows) > 2
        assert {len(row) for row in rows} == {len(rows[0])}, path.name


@pytest.mark.usefixtures("no_pixels")
def test_a_comparison_of_nothing_that_differs(kits: Result, make: Build, tmp_path: Path) -> None:
    (tmp_path / "differences.png").write_bytes(b"of an earlier drawing")
    written = draw_comparison(compare_results([kits, make(name="copy")]), tmp_path)
    assert "differences.png" not in {path.name for path in written}
    assert not (tmp_path / "differences.png").exists()
    plain = [make(reported="", codes=(0,), never=(), replications=1, name=n) for n in ("a", "b")]
    names = {path.name for path in draw_comparison(compare_results(plain), tmp_path / "plain")}
    assert not {name for name in names if name.startswith(("map", "verdicts", "differences"))}
