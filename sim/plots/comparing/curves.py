"""Several results on the same axes: curves with their bands, and the figures reported of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.bands import anchors, avoid_band, draw_band
from sim.plots.closures import draw_closures, name_closures
from sim.plots.comparing.overlays import (
    Overlaid,
    read_comparison,
    result_names,
    shared_closures,
)
from sim.plots.comparing.panelled import panelled
from sim.plots.curves import default_product
from sim.plots.dates import count_axis, date_axis, share_axis
from sim.plots.labels import LineLabel, Placer
from sim.plots.marks import avoid_points, draw_point, label_points, neutral_handles
from sim.plots.style import INK, axes_or_new, styled
from sim.store.result import Result

_KEY_COLUMNS = 3


def plot_flow_comparison(
    results: Sequence[Result],
    *,
    measure: str = "received",
    echelon: str | None = None,
    product: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw units dispatched by or received at one echelon so far, a curve for each result.

    ``echelon`` is the last one of the first result unless given, ``product`` its first. Lines are
    medians over replications, shades the central 95 % of them. Raises ValueError if no result has
    such a curve.
    """
    echelon = list(results[0].scenario.echelons)[-1] if echelon is None else echelon
    data = read_comparison(results, measure, echelon, default_product(results[0], product))
    return _plot_one(data, f"{measure} at {echelon}", ax)


def plot_coverage_comparison(
    results: Sequence[Result], *, echelon: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the coverage of one echelon (the last one unless given), a curve for each result; in the
    manner of :func:`plot_flow_comparison`."""
    echelon = list(results[0].scenario.echelons)[-1] if echelon is None else echelon
    return _plot_one(read_comparison(results, "coverage", echelon), f"coverage of {echelon}", ax)


def _plot_one(data: Overlaid | None, what: str, ax: Axes | None) -> Axes:
    if data is None:
        raise ValueError(f"none of the results has a curve of {what}")
    with styled():
        ax = axes_or_new(ax)
        _draw(ax, data, key=True)
    return ax


def comparison_figure(data: Sequence[Overlaid], results: Sequence[Result]) -> Figure:
    """Return a figure with a panel for each comparison and one key for all of them."""
    columns = 1 if len(data) == 1 else 2
    with styled():
        return panelled(
            [partial(_draw, data=item, key=False) for item in data],
            dict(enumerate(result_names(results))),
            columns=columns,
            height=4.0 if columns == 1 else 2.6,
            key_columns=_KEY_COLUMNS,
            more=neutral_handles([point for item in data for point in item.points]),
        )


def _draw(ax: Axes, data: Overlaid, *, key: bool) -> None:
    tops = [1e-9]
    for item in data.overlays:
        start = item.result.start
        band = data.shown(item)
        draw_band(ax, start, band, item.colour, linestyle=item.linestyle, label=item.name)
        tops.append(float(band.high.max(initial=0.0)))
    tops += [
        point.value if point.along_time or point.high is None else point.high
        for point in data.points
    ]
    ax.set_ylim(0.0, 1.07 * max(tops))
    begin = min(item.result.start for item in data.overlays)
    date_axis(ax, begin.astimezone(data.start.tzinfo), data.end)
    if data.unit == "share":
        share_axis(ax, "share that holds its whole entitlement")
    else:
        count_axis(ax, data.unit)
    shared = shared_closures(data)
    if shared:
        draw_closures(ax, *shared)
    placer = Placer(ax)
    for item in data.overlays:
        avoid_band(placer, item.result.start, data.shown(item), item.name)
    for point in data.points:
        draw_point(ax, data.start, point, colour=INK, marker="o")
    avoid_points(placer, data.start, data.points)
    if key:
        lines = [
            LineLabel(
                item.name,
                item.colour,
                item.linestyle,
                anchors(item.result.start, data.shown(item)),
            )
            for item in data.overlays
        ]
        placer.key([*placer.line_labels(lines), *neutral_handles(data.points)])
    label_points(placer, data.start, data.points, colour=INK)
    if shared:
        name_closures(ax, placer, *shared)
    ax.set_title(data.title)
