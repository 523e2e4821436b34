"""The map: when nine tenths of each county's facilities were served, over the nation's outline."""

from __future__ import annotations

from math import ceil

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sim.counted import singular
from sim.geography.outline import albers_xy_km
from sim.plots.dates import dates_of, tick_text
from sim.plots.land import draw_dots, draw_ground, draw_legend, size_handles
from sim.plots.places import MapData, read_maps, read_origins
from sim.plots.style import INK, VERMILLION, axes_or_new, styled
from sim.plots.words import day_text, echelon_title
from sim.scenario.chains import sources_of
from sim.scenario.schema import Scenario
from sim.store.result import Result

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: RGBA by row.
Colours = NDArray[np.float64]

_SHARE = "nine tenths"
_LATE = VERMILLION


def plot_map(result: Result, *, end: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw a dot for each county (or city, where cities serve the facilities), its area in
    proportion to the facilities and its colour the day by which nine tenths of them were served.

    Where goods end at the counties, dots are alike and the day is that of their own last receipt.
    Counties in which the median over replications lies after the horizon have a colour of their
    own. The key is a histogram of counties by day. ``end`` is the echelon at which goods end, the
    first that has a map unless given. Raises ValueError if :func:`read_maps` finds no place.
    """
    maps = read_maps(result)
    data = next((each for each in maps if end in (None, each.end)), None)
    if data is None:
        raise ValueError(f"{result.path} has no places that a map could show")
    with styled():
        ax = axes_or_new(ax, 9.0, 7.4)
        national = draw_ground(ax, data)
        colours = _colours(data)
        draw_dots(ax, data, colours[data.colour_index], data.colour_index < 0)
        handles = [*size_handles(ax, data), *_draw_origins(ax, result.scenario, data)]
        draw_legend(ax, handles, national=national)
        _draw_key(ax, result, data, colours)
        ax.set_title(_title(data))
    return ax


def _title(data: MapData) -> str:
    if not data.facility:
        return f"When the {data.places} were served"
    return f"When {_SHARE} of each {singular(data.places)}'s {data.facility} were served"


def _colours(data: MapData) -> Colours:
    """Return a colour for each span of days, and that of places not served in the last row.

    Colours follow the calendar, but spans in which many places were served get more of the scale,
    so that neighbours differ where most dots are. The key shows which is which.
    """
    index = data.colour_index
    count = np.bincount(index[index >= 0], minlength=len(data.edges) - 1)
    weight = 0.35 / len(count) + 0.65 * count / max(int(count.sum()), 1)
    position = (np.cumsum(weight) - weight / 2) / weight.sum()
    return np.vstack([mpl.colormaps["viridis"](0.96 * position), mpl.colors.to_rgba(_LATE)])


def _draw_origins(ax: Axes, scenario: Scenario, data: MapData) -> list[Line2D]:
    """Mark where goods start; the key says how many of these places are only assumed."""
    origins = read_origins(scenario, data.end)
    if not origins:
        return []
    x, y = albers_xy_km([origin.lat for origin in origins], [origin.lon for origin in origins])
    assumed = sum(origin.status == "assumed" for origin in origins)
    sources = sources_of(scenario, data.end)
    title = " and ".join(echelon_title(scenario, name) for name in sources)
    label = f"{len(origins)} {title}" + (f", places of {assumed} assumed" if assumed else "")
    if len(origins) == 1:
        label = f"1 {singular(title)}" + (", place assumed" if assumed else "")
    return ax.plot(
        x,
        y,
        "^",
        markersize=6.5,
        markeredgewidth=1.1,
        markerfacecolor="white",
        markeredgecolor=INK,
        zorder=4,
        label=label,
    )


def _draw_key(ax: Axes, result: Result, data: MapData, colours: Colours) -> None:
    """Draw how many places were served on each day: the key to the colours."""
    key = ax.inset_axes((0.015, 0.05, 0.4, 0.165))
    *spans, late_colour = colours
    start = result.start
    edges = dates_of(start, data.edges)
    index = data.colour_index
    counts = np.bincount(index[index >= 0], minlength=len(spans))
    late = int((index < 0).sum())
    step = float(edges[1] - edges[0])
    top = max(int(counts.max(initial=0)), late, 1)
    key.bar(edges[:-1], counts, width=np.diff(edges), align="edge", color=spans, zorder=2)
    strip = 0.07 * top
    key.bar(edges[:-1], np.full(len(spans), -strip), np.diff(edges), align="edge", color=spans)
    key.axhline(0.0, color="white", linewidth=1.5, zorder=3)
    right = float(edges[-1])
    if late:
        key.bar([right + step], [late], width=step, align="edge", color=late_colour)
        key.bar([right + step], [-strip], width=step, align="edge", color=late_colour)
        horizon = day_text(result.time(result.scenario.horizon.value))
        beside = counts[-max(len(spans) // 8, 1) :].max()  # bars that the text may reach
        key.text(
            right + 1.5 * step,
            max(late, int(beside)) + 0.03 * top,
            f"{late:,} not\nby {horizon}",
            ha="center",
            va="bottom",
            color=late_colour,
            fontsize=8,
        )
        right += 2 * step
    key.set_xlim(float(edges[0]), right)
    key.set_ylim(-strip, 1.12 * top)
    every = max(ceil((len(edges) - 1) / 6), 1)
    ticks = edges[:-1][::every] + step / 2
    key.set_xticks(ticks, [tick_text(float(x) - step / 2, start.tzinfo) for x in ticks])
    key.set_yticks([])
    key.grid(visible=False)
    key.patch.set_alpha(0.0)
    for side in ("left", "right", "top"):
        key.spines[side].set_visible(False)
    key.tick_params(labelsize=8, length=2)
    peak = int(counts.argmax())
    if counts[peak]:
        key.text(
            float(edges[peak]) + step / 2,
            counts[peak] + 0.02 * top,
            f"{counts[peak]:,}",
            ha="center",
            va="bottom",
            fontsize=8,
        )
    key.set_title(
        f"{_middle(data.runs)}\nheight of bars: {data.places}",
        fontsize=8.0,
        fontweight="normal",
        pad=10.0,
    )


def _middle(runs: int) -> str:
    words = "colour: day of service"
    return f"{words}, median of {runs} runs" if runs > 1 else f"{words}, one run"
