"""Pictures against their baselines in ``tests/baselines``."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.comparing.compare import Comparison, compare_results
from sim.plots.comparing.forest import differences_figure
from sim.plots.comparing.gaincurves import plot_gain_curves
from sim.plots.comparing.gainmap import plot_gain_map
from sim.plots.comparing.verdicttable import plot_verdict_table
from sim.plots.countymap import plot_map
from sim.plots.coverage import plot_coverage
from sim.plots.curves import plot_flow
from sim.plots.style import new_figure, panels, styled
from sim.plots.verdicts import verdicts_figure
from sim.store.result import Result

Build = Callable[..., Result]
image = pytest.mark.mpl_image_compare(style="default", savefig_kwargs={"dpi": 70})


def _axes(width: float, height: float, **margins: float) -> Axes:
    with styled():
        return panels(new_figure(width, height), **margins)[0]


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


@image
def test_flow(kits: Result) -> Figure:
    return _figure(plot_flow(kits, ax=_axes(8.0, 4.5)))


@image
def test_coverage(kits: Result) -> Figure:
    return _figure(plot_coverage(kits, ax=_axes(8.0, 4.5)))


@image
def test_map(kits: Result) -> Figure:
    return _figure(plot_map(kits, ax=_axes(7.0, 6.0, left=0.1, right=0.1, bottom=0.2)))


@image
def test_verdicts(kits: Result) -> Figure:
    return verdicts_figure(kits)


@pytest.fixture
def compared(kits: Result, make: Build) -> Comparison:
    """The kits against a variant of which three counties are later and one sooner, and a copy."""
    slow = make(lag=9.0, stretch=1.2, name="slow", never=(460105,))
    return compare_results([kits, slow, make(name="copy")])


@image
def test_gain_curves(compared: Comparison) -> Figure:
    return _figure(plot_gain_curves(compared, ax=_axes(8.0, 4.0)))


@image
def test_gain_map(compared: Comparison) -> Figure:
    return _figure(plot_gain_map(compared, ax=_axes(7.0, 6.0, top=0.6, left=0.1, right=0.1)))


@image
def test_differences(compared: Comparison) -> Figure:
    figure = differences_figure(compared)
    assert figure is not None
    return figure


@image
def test_verdict_table(compared: Comparison) -> Figure:
    return _figure(plot_verdict_table(compared.results))
