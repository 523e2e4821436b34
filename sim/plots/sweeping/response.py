"""Responses: a measure against what a sweep varies, with its intervals over the replications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.measures.summary import Key
from sim.plots.drawn import Row
from sim.plots.style import (
    BLUE,
    INK,
    RESULT_COLOURS,
    SOFT,
    axes_or_new,
    new_figure,
    panels,
    styled,
)
from sim.plots.sweeping.axes import axis_label, head, measure_title, set_settings
from sim.statistics.intervals import mean_interval
from sim.store.sweeps import Number, Sweep, Varied
from sim.sweeping.scales import Scale, scale_of, setting_text

#: Panels of one figure; lines in one panel; steps of either axis from which a heat map is drawn.
MOST_PANELS, MOST_LINES, _HEAT = 12, 8, 4
RESPONSE_COLUMNS = ("panel", "point", "setting", "second", "value", "low", "high", "unit", "late")
_PARTS = 8  # of an axis, over which a running mean is drawn through a cloud of points


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """A measure at every point of a sweep: mean over the replications with its interval, NaN where
    some run has no value; ``late`` counts these runs."""

    key: Key
    unit: str
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    late: NDArray[np.int64]
    scale: Scale


def read_response(sweep: Sweep, key: Key, unit: str) -> Response:
    """Read a measure of all points."""
    values = sweep.values(key)
    found = [mean_interval(column) for column in values.T]
    mean, low, high = (
        np.array([getattr(each, name) for each in found]) for name in ("estimate", "low", "high")
    )
    late = np.isnan(values).sum(axis=0)
    return Response(key, unit, mean, low, high, late, scale_of(unit, mean))


def plot_response(
    sweep: Sweep, response: Response, axis: str | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw a measure against one axis of a sweep (the first unless named).

    One at a time: through the settings of that axis alone. A grid of one axis: through all; of two:
    a line for each setting of the other one. Else a dot for each point, and their mean along the
    axis. The scenario as it is is a ring. Raises KeyError for an axis that there is not.
    """
    varied = _axis_of(sweep, axis)
    with styled():
        ax = axes_or_new(ax)
        _draw(ax, sweep, response, varied)
        ax.set_title(measure_title(sweep, response.key))
    return ax


def plot_heat(sweep: Sweep, response: Response, *, ax: Axes | None = None) -> Axes:
    """Draw a measure over the two axes of a grid as a heat map, its values written in.

    Raises ValueError for another design, or another number of axes.
    """
    if sweep.kind != "grid" or len(sweep.axes) != 2:
        raise ValueError("a heat map is drawn of a grid of two axes")
    with styled():
        ax = axes_or_new(ax, height=5.2)
        _heat(ax, sweep, response)
    return ax


def response_figure(sweep: Sweep, response: Response, order: Sequence[str]) -> Figure:
    """Return a figure with a panel for each axis, in this order, or a heat map of two."""
    with styled():
        if _is_heat(sweep):
            figure = new_figure(9.5, 5.4)
            _heat(panels(figure, top=0.5, bottom=0.85, left=1.0, right=1.4)[0], sweep, response)
            return figure
        names = list(order)[:MOST_PANELS]
        if sweep.kind == "grid" and len(sweep.axes) <= 2:
            names = [sweep.axes[0].name]
        columns = min(3, len(names))
        rows = -(-len(names) // columns)
        wide = columns == 1
        figure = new_figure(9.5, 1.3 + (3.6 if wide else 2.35) * rows + 0.75 * (rows - 1))
        cells = panels(
            figure, (1.0,) * rows, columns, top=0.6, bottom=0.85, gap=0.75, column_gap=0.55
        )
        for index, ax in enumerate(cells):
            if index < len(names):
                _draw(ax, sweep, response, _axis_of(sweep, names[index]))
                if index % columns:
                    ax.set_ylabel("")
            else:
                ax.set_visible(False)
        lows, highs = zip(*(ax.get_ylim() for ax in cells[: len(names)]), strict=True)
        for ax in cells[: len(names)]:
            ax.set_ylim(min(lows), max(highs))  # one measure: what is steep shows
        left_out = len(order) - len(names) if sweep.kind != "grid" or len(order) > 2 else 0
        which = f": the {len(names)} that decide it most of {len(order)}" if left_out else ""
        head(figure, measure_title(sweep, response.key) + which, [])
    return figure


def response_note(sweep: Sweep) -> str:
    """Return how to read the figure of a response: its lines, and the ring."""
    ring = "ring: as it is"
    if _is_heat(sweep):
        return f"means over the replications; {ring}"
    if sweep.kind == "one-at-a-time" or (sweep.kind == "grid" and len(sweep.axes) <= 2):
        return f"bars: 95 % intervals of the means; {ring}" if sweep.replications > 1 else ring
    return f"line: mean over an eighth of the axis; {ring}"


def _axis_of(sweep: Sweep, name: str | None) -> Varied:
    return {axis.name: axis for axis in sweep.axes}[sweep.axes[0].name if name is None else name]


def _is_heat(sweep: Sweep) -> bool:
    if sweep.kind != "grid" or len(sweep.axes) != 2:
        return False
    return all(len(_steps(sweep, axis)) >= _HEAT for axis in sweep.axes)


def _steps(sweep: Sweep, axis: Varied) -> list[Number]:
    """Return the settings of an axis in the rows of the design, in order."""
    settings = sweep.settings(axis)
    found = list(dict.fromkeys(settings[point] for point in sweep.rows))
    return sorted(found, key=_size) if axis.numeric else found


def _size(setting: Number) -> float:
    return float(setting) if isinstance(setting, int | float) else nan


def _places(axis: Varied, settings: Sequence[Number], steps: Sequence[Number]) -> list[float]:
    """Return where settings stand: at their numbers, or one after the other."""
    if axis.numeric:
        return [_size(setting) for setting in settings]
    return [float(list(steps).index(setting)) if setting in steps else nan for setting in settings]


def _draw(ax: Axes, sweep: Sweep, response: Response, axis: Varied) -> None:
    steps = _steps(sweep, axis)
    places = _places(axis, sweep.settings(axis), steps)
    set_settings(ax, axis)
    if not axis.numeric:
        ax.set_xticks(range(len(steps)), [setting_text(step) for step in steps])
    second = next((other for other in sweep.axes if other.name != axis.name), None)
    if sweep.kind == "one-at-a-time":
        _line(ax, response, places, [0, *_alone(sweep, axis)], BLUE, "")
    elif sweep.kind == "grid" and second is None:
        _line(ax, response, places, sweep.rows, BLUE, "")
    elif sweep.kind == "grid" and len(sweep.axes) == 2 and second is not None:
        _lines(ax, sweep, response, places, second)
    else:
        _cloud(ax, response, places, sweep.rows, axis)
    here = places[0]
    if np.isfinite([here, response.mean[0]]).all():
        ax.plot(
            [here], [response.mean[0] / response.scale.size], "o", markersize=8, zorder=6,
            markerfacecolor="none", markeredgecolor=INK, markeredgewidth=1.2,
        )  # fmt: skip
    ax.set_ylabel(response.scale.unit)
    shown = response.mean[np.isfinite(response.mean)] / response.scale.size
    if len(shown) and np.ptp(shown) <= 1e-9 * max(1.0, float(np.abs(shown).max())):
        middle = float(shown[0])
        ax.set_ylim(middle - max(0.05 * abs(middle), 0.5), middle + max(0.05 * abs(middle), 0.5))


def _alone(sweep: Sweep, axis: Varied) -> list[int]:
    settings = sweep.settings(axis)
    return [point for point in sweep.rows if settings[point] != settings[0]]


def _line(
    ax: Axes,
    response: Response,
    places: Sequence[float],
    points: Sequence[int],
    colour: str,
    label: str,
) -> None:
    order = sorted(
        {point for point in points if np.isfinite(places[point])}, key=places.__getitem__
    )
    x = [places[point] for point in order]
    mean, low, high = (
        array[order] / response.scale.size for array in (response.mean, response.low, response.high)
    )
    ax.plot(x, mean, "-o", color=colour, markersize=4, label=label or None, zorder=3)
    ax.vlines(x, low, high, color=colour, linewidth=1.2, zorder=3)
    for place, value, late in zip(x, mean, response.late[order], strict=True):
        if late and not np.isfinite(value):
            ax.annotate(
                "beyond the horizon", (place, 0.97), xycoords=("data", "axes fraction"),
                rotation=90, ha="center", va="top", fontsize=7.5, color=SOFT,
            )  # fmt: skip


def _lines(
    ax: Axes, sweep: Sweep, response: Response, places: Sequence[float], second: Varied
) -> None:
    settings = sweep.settings(second)
    steps = _steps(sweep, second)
    for index, step in enumerate(steps[:MOST_LINES]):
        points = [point for point in sweep.rows if settings[point] == step]
        colour = RESULT_COLOURS[index % len(RESULT_COLOURS)]
        _line(ax, response, places, points, colour, setting_text(step, second.unit))
    more = len(steps) - MOST_LINES
    title = second.name + (f" ({more} more not drawn)" if more > 0 else "")
    ax.legend(title=title, title_fontsize=8.5, alignment="left", loc="best")


def _cloud(
    ax: Axes, response: Response, places: Sequence[float], rows: Sequence[int], axis: Varied
) -> None:
    points = sorted(set(rows))
    x = np.array([places[point] for point in points])
    y = response.mean[points] / response.scale.size
    good = np.isfinite(x) & np.isfinite(y)
    x, y = x[good], y[good]
    ax.plot(x, y, "o", color=BLUE, markersize=3, alpha=0.45, markeredgewidth=0.0, zorder=2)
    along = np.log(x) if axis.log else x
    if len(x) < 2 * _PARTS or np.ptp(along) == 0:
        return
    parts = np.minimum(((along - along.min()) / np.ptp(along) * _PARTS).astype(int), _PARTS - 1)
    held = [part for part in range(_PARTS) if (parts == part).sum() >= 2]
    ax.plot(
        [x[parts == part].mean() for part in held],
        [y[parts == part].mean() for part in held],
        color=INK,
        linewidth=1.6,
        zorder=4,
    )


def _heat(ax: Axes, sweep: Sweep, response: Response) -> None:
    across, up = sweep.axes
    columns, rows = _steps(sweep, across), _steps(sweep, up)
    table = np.full((len(rows), len(columns)), np.nan)
    x, y = sweep.settings(across), sweep.settings(up)
    for point in sweep.rows:
        table[rows.index(y[point]), columns.index(x[point])] = response.mean[point]
    table /= response.scale.size
    image = ax.imshow(table, origin="lower", aspect="auto", cmap="cividis")
    ax.set_xticks(range(len(columns)), [setting_text(step) for step in columns])
    ax.set_yticks(range(len(rows)), [setting_text(step) for step in rows])
    ax.set_xlabel(axis_label(across))
    ax.set_ylabel(axis_label(up))
    ax.grid(visible=False)
    middle = (np.nanmax(table) + np.nanmin(table)) / 2 if np.isfinite(table).any() else 0.0
    if table.size <= 150:
        digits = 0 if np.nanmax(np.abs(table), initial=0.0) >= 100 else 1
        for row, column in np.ndindex(table.shape):
            value = table[row, column]
            known = np.isfinite(value)
            ax.text(
                column, row, f"{value:,.{digits}f}" if known else "late",
                ha="center", va="center", fontsize=8.0,
                color="white" if known and value < middle else INK,
            )  # fmt: skip
    if x[0] in columns and y[0] in rows:
        ax.plot(
            [columns.index(x[0])], [rows.index(y[0])], "o", markersize=26,
            markerfacecolor="none", markeredgecolor=INK, markeredgewidth=1.4,
        )  # fmt: skip
    figure = ax.get_figure(root=True)
    assert figure is not None
    bar = figure.colorbar(image, ax=ax, fraction=0.05, pad=0.02)
    bar.set_label(response.scale.unit)
    bar.outline.set_visible(False)
    ax.set_title(measure_title(sweep, response.key))


def response_rows(sweep: Sweep, response: Response) -> list[Row]:
    """Return the measure at every point for each axis, for the CSV."""
    one = sweep.kind == "one-at-a-time"
    rows: list[Row] = []
    for index, axis in enumerate(sweep.axes):
        others = [other for other in sweep.axes if other.name != axis.name]
        settings = sweep.settings(axis)
        points = [0, *_alone(sweep, axis)] if one else sorted({0, *sweep.rows})
        rows += [
            {
                "panel": axis.name,
                "point": point,
                "setting": settings[point],
                "second": sweep.settings(others[0])[point]
                if len(others) == 1 and index == 0
                else "",
                "value": response.mean[point].item(),
                "low": response.low[point].item(),
                "high": response.high[point].item(),
                "unit": response.unit,
                "late": response.late[point].item(),
            }
            for point in points
        ]
    return rows
