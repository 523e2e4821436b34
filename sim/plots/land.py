"""The land under every map, and the dots on it that stand for places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.counted import counted, singular
from sim.geography.outline import albers_xy_km, load_outline
from sim.plots.style import LAND, SOFT

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
#: RGBA by row.
Colours = NDArray[np.float64]
#: Left, right, bottom and top in km of the projection.
Box = tuple[float, float, float, float]

#: What a national map shows, in km of the projection; the islands further south are in an inset.
_NATION = (-2740.0, 2480.0, 1820.0, 6000.0)
_ASPECT = (_NATION[1] - _NATION[0]) / (_NATION[3] - _NATION[2])
_PART = 0.3  # of the nation's width or height: places that lie so far apart are shown in all of it
_SOUTH_SEA = (180.0, 1980.0, 300.0, 2560.0)
_SOUTH_SEA_BOX = (0.879, 0.004, 0.119, 0.187)  # of the axes: clear of Taiwan
_SMALLEST_TOP = 3.5  # points across, so that none is overlooked
_LARGEST = 26.0  # points across


class Mapped(Protocol):
    """Places on a map: ``places`` is what they are called, ``facility`` what they serve ("": they
    stand for themselves); arrays have one row a place."""

    @property
    def places(self) -> str: ...
    @property
    def facility(self) -> str: ...
    @property
    def lat(self) -> Floats: ...
    @property
    def lon(self) -> Floats: ...
    @property
    def facilities(self) -> Ints: ...


def draw_ground(ax: Axes, data: Mapped) -> bool:
    """Draw the land where the places lie and return whether that is the whole nation."""
    box = _view(data)
    _draw_land(ax, box)
    return box == _NATION


def draw_legend(ax: Axes, handles: Sequence[Artist], *, national: bool) -> None:
    """Draw the key of marks at the upper left, and make room for another below."""
    legend = ax.legend(
        handles=list(handles), loc="upper left", borderaxespad=0.2, handletextpad=0.4
    )
    if national:
        _draw_inset(ax)
        return
    legend.set_frame_on(True)  # there may be land of others behind the keys
    legend.get_frame().set(edgecolor="none", alpha=0.85)
    strip = Rectangle((0.0, 0.0), 1.0, 0.29, transform=ax.transAxes, zorder=3)
    strip.set(facecolor="white", edgecolor="none")
    ax.add_patch(strip)


def draw_dots(ax: Axes, data: Mapped, colours: Colours, top: Flags) -> None:
    """Draw a dot for each place in its colour (RGBA by place), its area in proportion to the
    facilities; those of ``top`` above all others, and never too small to be seen."""
    x, y = albers_xy_km(data.lat, data.lon)
    sizes = _sizes(ax, data.facilities, data)
    sizes[top] = np.maximum(sizes[top], _SMALLEST_TOP**2)
    for layer in (~top, top):
        for size in np.unique(sizes[layer])[::-1]:  # small dots on top of large ones
            at = layer & (sizes == size)
            ax.scatter(
                x[at],
                y[at],
                s=size,
                c=colours[at],
                edgecolors="white",
                linewidths=0.25,
                zorder=2,
                gid="places",
            )


def size_handles(ax: Axes, data: Mapped) -> list[Line2D]:
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


def _view(data: Mapped) -> Box:
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


def _sizes(ax: Axes, facilities: Ints, data: Mapped) -> Floats:
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


def _draw_inset(ax: Axes) -> None:
    """Draw the islands of the South China Sea in a box of their own."""
    inset = ax.inset_axes(_SOUTH_SEA_BOX)
    _draw_land(inset, _SOUTH_SEA)
    inset.set_axis_on()
    inset.set(xticks=[], yticks=[], facecolor="white")
    for spine in inset.spines.values():
        spine.set(visible=True, color="#A9A79F", linewidth=0.6)
    inset.grid(visible=False)
