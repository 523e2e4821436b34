"""The map: when nine tenths of each county's facilities were served, over the nation's outline."""

from __future__ import annotations

from math import ceil

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.counted import counted, singular
from sim.geography.outline import albers_xy_km, load_outline
from sim.plots.dates import dates_of, tick_text
from sim.plots.places import MapData, read_maps, read_origins
from sim.plots.style import INK, LAND, SOFT, VERMILLION, axes_or_new, styled
from sim.plots.words import day_text, echelon_title
from sim.scenario.chains import sources_of
from sim.scenario.schema import Scenario
from sim.store.result import Result

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: RGBA by row.
Colours = NDArray[np.float64]
#: Left, right, bottom and top in km of the projection.
Box = tuple[float, float, float, float]

_SHARE = "nine tenths"
#: What a national map shows, in km of the projection; the islands further south are in an inset.
_NATION = (-2740.0, 2480.0, 1820.0, 6000.0)
_ASPECT = (_NATION[1] - _NATION[0]) / (_NATION[3] - _NATION[2])
_PART = 0.3  # of the nation's width or height: places that lie so far apart are shown in all of it
_SOUTH_SEA = (180.0, 1980.0, 300.0, 2560.0)
_SOUTH_SEA_BOX = (0.879, 0.004, 0.119, 0.187)  # of the axes: clear of Taiwan
_LATE = VERMILLION
_SMALLEST_LATE = 3.5  # points across, so that none is overlooked
_LARGEST = 26.0  # points across


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
        box = _view(data)
        _draw_land(ax, box)
        colours = _colours(data)
        _draw_places(ax, data, colours)
        handles = [*_size_handles(ax, data), *_draw_origins(ax, result.scenario, data)]
        legend = ax.legend(handles=handles, loc="upper left", borderaxespad=0.2, handletextpad=0.4)
        if box == _NATION:
            _draw_inset(ax)
        else:  # there may be land of others behind the keys
            legend.set_frame_on(True)
            legend.get_frame().set(edgecolor="none", alpha=0.85)
            strip = Rectangle((0.0, 0.0), 1.0, 0.29, transform=ax.transAxes, zorder=3)
            strip.set(facecolor="white", edgecolor="none")
            ax.add_patch(strip)
        _draw_key(ax, result, data, colours)
        ax.set_title(_title(data))
    return ax


def _title(data: MapData) -> str:
    if not data.facility:
        return f"When the {data.places} were served"
    return f"When {_SHARE} of each {singular(data.places)}'s {data.facility} were served"


def _view(data: MapData) -> Box:
    """Return left, right, bottom and top of the map: the nation, or where the places lie and room
    for the key below them."""
    x, y = albers_xy_km(data.lat, data.lon)
    width, height = float(np.ptp(x)), float(np.ptp(y))
    left, right, bottom, top = _NATION
    if width > _PART * (right - left) or height > _PART * (top - bottom):
        return _NATION
    half = max(0.6 * height, 0.6 * width / _ASPECT, 40.0)
    x_middle, y_middle = float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2
    wide = 1.4 * half * _ASPECT
    return x_middle - wide, x_middle + wide, y_middle - 1.8 * half, y_middle + half


def _draw_land(ax: Axes, box: Box) -> None:
    rings = [ring for ring in _projected("province") if _meets(ring, box)]
    lines = [line for line in _projected("boundary") if _meets(line, box)]
    land = PolyCollection(rings, facecolor=LAND, edgecolor="#C4C2BA", linewidth=0.5, zorder=1)
    ax.add_collection(land, autolim=False)
    border = LineCollection(lines, colors="#A09E96", linewidths=0.8, zorder=1.5)
    ax.add_collection(border, autolim=False)
    ax.set_xlim(box[0], box[1])
    ax.set_ylim(box[2], box[3])
    ax.set_aspect("equal", anchor="C")
    ax.set_axis_off()


def _projected(kind: str) -> list[Floats]:
    return [np.column_stack(albers_xy_km(part[:, 1], part[:, 0])) for part in load_outline(kind)]


def _meets(part: Floats, box: Box) -> bool:
    (left, bottom), (right, top) = part.min(axis=0), part.max(axis=0)
    return bool(left <= box[1] and right >= box[0] and bottom <= box[3] and top >= box[2])


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


def _draw_places(ax: Axes, data: MapData, colours: Colours) -> None:
    x, y = albers_xy_km(data.lat, data.lon)
    sizes = _sizes(ax, data.facilities, data)
    index = data.colour_index
    late = index < 0
    sizes[late] = np.maximum(sizes[late], _SMALLEST_LATE**2)
    for layer in (~late, late):
        for size in np.unique(sizes[layer])[::-1]:  # small dots on top, late ones above all
            at = layer & (sizes == size)
            ax.scatter(
                x[at],
                y[at],
                s=size,
                c=colours[index[at]],
                edgecolors="white",
                linewidths=0.25,
                zorder=2,
                gid="places",
            )


def _sizes(ax: Axes, facilities: Ints, data: MapData) -> Floats:
    """Return the areas of dots in square points, in proportion to the facilities.

    A usual dot is a little wider than the usual distance to the nearest neighbour. Diameters go in
    steps of a quarter point, so that an SVG needs few shapes.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    left, right = ax.get_xlim()
    inches = ax.get_position().width * float(figure.get_size_inches()[0])
    seats = np.column_stack(albers_xy_km(data.lat, data.lon))
    nearest, _ = cKDTree(seats).query(seats, k=2)  # inf where there is no other
    apart = float(np.median(np.asarray(nearest)[:, 1]))
    usual = np.clip(1.3 * apart * 72.0 * inches / (right - left), 3.0, _LARGEST / 2)
    diameter = usual * np.sqrt(facilities / data.facilities.mean())
    steps = np.clip(np.round(4.0 * diameter), 4.0, 4.0 * _LARGEST)
    return np.asarray((steps / 4.0) ** 2, np.float64)


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


def _size_handles(ax: Axes, data: MapData) -> list[Line2D]:
    """Return key entries for two areas of dots, in round numbers of facilities; none where dots
    stand for places alone."""
    if not data.facility:
        return []
    usual = 10.0 ** np.floor(np.log10(max(float(np.quantile(data.facilities, 0.9)), 1.0)))
    counts = np.array([usual, 5 * usual], np.int64)
    counts = counts[counts <= max(usual, float(data.facilities.max()))]
    return [
        Line2D(
            [],
            [],
            linestyle="",
            marker="o",
            markersize=float(np.sqrt(size)),
            markerfacecolor=SOFT,
            markeredgecolor="white",
            markeredgewidth=0.25,
            label=f"{counted(int(count), data.facility)} in a {singular(data.places)}",
        )
        for count, size in zip(counts, _sizes(ax, counts, data), strict=True)
    ]


def _draw_inset(ax: Axes) -> None:
    """Draw the islands of the South China Sea in a box of their own."""
    inset = ax.inset_axes(_SOUTH_SEA_BOX)
    _draw_land(inset, _SOUTH_SEA)
    inset.set_axis_on()
    inset.set(xticks=[], yticks=[], facecolor="white")
    for spine in inset.spines.values():
        spine.set(visible=True, color="#A9A79F", linewidth=0.6)
    inset.grid(visible=False)


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
