"""Labels and keys that cover nothing: small greedy label placement in the space of pixels.

Everything drawn is told to a :class:`Placer` first. A label takes the nearest place around its
anchor at which it covers no line, point or other label; a key the first free place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

from sim.plots.style import INK

Floats = NDArray[np.float64]
Direction = tuple[float, float, str, str]
LineStyle = Literal["-", "--", ":"] | tuple[float, tuple[float, ...]]

_RADII = (7.0, 12.0, 20.0, 30.0, 44.0, 62.0, 84.0)
#: Directions in order of preference: x, y, and the side of the text that faces the anchor.
_DIRECTIONS: tuple[Direction, ...] = (
    (1.0, 0.0, "left", "center"),
    (-1.0, 0.0, "right", "center"),
    (0.7, -0.7, "left", "top"),
    (0.7, 0.7, "left", "bottom"),
    (-0.7, 0.7, "right", "bottom"),
    (-0.7, -0.7, "right", "top"),
    (0.0, 1.0, "center", "bottom"),
    (0.0, -1.0, "center", "top"),
)
_STEP = 3.0  # pixels between the points that stand for a line
_LEADER_FROM = 15.0  # points; a label further away gets a line to its anchor


def _places(right: float, top: float) -> list[tuple[float, float]]:
    """Return where the lower left corner of a key may stand, in shares of the axes: from the lower
    right up, then column by column to the left; the lower left if it is larger than the axes."""
    if right < 0 or top < 0:
        return [(0.0, 0.0)]
    columns, rows = np.linspace(right, 0.0, 9), np.linspace(0.0, top, 7)
    return [(float(x), float(y)) for x in columns for y in rows]


@dataclass(frozen=True, slots=True)
class LineLabel:
    """The name of a line and where it may stand: ``anchors`` in data, best first."""

    text: str
    colour: str
    linestyle: LineStyle
    anchors: tuple[tuple[float, float], ...]


class Placer:
    """Finds places for the labels and the key of one axes, whose limits are final."""

    def __init__(self, ax: Axes) -> None:
        self._ax = ax
        figure = ax.get_figure(root=True)
        assert figure is not None
        if figure.get_layout_engine() is not None:
            figure.draw_without_rendering()
        self._pixels_per_point = figure.dpi / 72.0
        self._taken: list[Bbox] = []
        self._lines: list[tuple[str, Floats]] = []

    def avoid_line(self, x: ArrayLike, y: ArrayLike, name: str = "") -> None:
        """Keep labels off a line; ``name`` is that of its own label, if it gets one."""
        corners = self._pixels(x, y)
        corners = corners[np.isfinite(corners).all(axis=1)]
        if not len(corners):
            return
        lengths = np.hypot(*np.diff(corners, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(lengths)])
        steps = np.linspace(0.0, along[-1], int(along[-1] / _STEP) + 2)
        points = np.column_stack([np.interp(steps, along, corners[:, axis]) for axis in (0, 1)])
        self._lines.append((name, points))

    def avoid_point(self, x: float, y: float, radius: float = 5.0) -> None:
        """Keep labels so many points off a marker."""
        (px, py) = self._pixels([x], [y])[0]
        reach = radius * self._pixels_per_point
        self._taken.append(Bbox.from_extents(px - reach, py - reach, px + reach, py + reach))

    def settle(self, text: Text, places: Iterable[tuple[float, float]]) -> None:
        """Move a text to the first of the places (in its own coordinates) at which it covers
        nothing; hide it if there is none."""
        for place in places:
            text.set_position(place)
            box = text.get_window_extent()
            if self._cost(box) == 0:
                self._taken.append(box)
                return
        text.set_visible(False)

    def label(
        self,
        text: str,
        anchors: Iterable[tuple[float, float]],
        *,
        colour: str = INK,
        size: float = 8.5,
        weight: str = "normal",
    ) -> Annotation:
        """Write ``text`` beside one of the ``anchors`` (in data, best first) and return it."""
        note = self._note(text, colour, size, weight)
        spots = list(anchors)
        _, number, radius, direction = self._best(note, spots, _RADII)
        self._put(note, spots[number], radius, direction)
        if radius > _LEADER_FROM:
            self._leader(spots[number], radius, direction, colour)
        return note

    def line_labels(self, lines: Sequence[LineLabel]) -> list[Artist]:
        """Write the names of lines right beside them, if there is room for all of them.

        Where there is not, none is written, and the entries for a key are returned instead.
        """
        notes: list[Annotation] = []
        taken = len(self._taken)
        for line in lines:
            note = self._note(line.text, line.colour, 8.5, "normal")
            notes.append(note)
            cost, number, radius, direction = self._best(note, line.anchors, _RADII[:2], line.text)
            if cost > 0:
                for written in notes:
                    written.remove()
                del self._taken[taken:]
                return [
                    Line2D([], [], color=line.colour, linestyle=line.linestyle, label=line.text)
                    for line in lines
                ]
            self._put(note, line.anchors[number], radius, direction)
        return []

    def key(self, handles: Sequence[Artist]) -> None:
        """Draw a key where it covers nothing, lower right by preference, in up to three columns.

        If there is no such place it goes where it covers least, on a white ground.
        """
        if not handles:
            return
        inside = self._ax.get_window_extent()
        best = (np.inf, 1, 0.0, 0.0)
        for columns in (1, 2, 3):
            box = self._legend(handles, columns).get_window_extent()
            wide, high = box.width / inside.width, box.height / inside.height
            for x, y in _places(1.0 - wide, 1.0 - high):
                corner = inside.x0 + x * inside.width, inside.y0 + y * inside.height
                cost = self._cost(Bbox.from_bounds(*corner, box.width, box.height))
                if cost < best[0]:
                    best = (cost, columns, x, y)
                if cost == 0:
                    break
            if best[0] == 0:
                break
        cost, columns, x, y = best
        legend = self._legend(handles, columns)
        legend.set_loc((x, y))
        legend.set_frame_on(cost > 0)
        if cost > 0:
            legend.get_frame().set(facecolor="white", edgecolor="none", alpha=0.9)
        self._taken.append(legend.get_window_extent())

    def _legend(self, handles: Sequence[Artist], columns: int) -> Legend:
        legend = self._ax.legend(
            handles=handles, loc="lower left", ncols=columns, borderaxespad=0.0, borderpad=0.8
        )
        legend.set_zorder(6)
        return legend

    def _note(self, text: str, colour: str, size: float, weight: str) -> Annotation:
        return self._ax.annotate(
            text,
            (0.0, 0.0),
            xytext=(0.0, 0.0),
            textcoords="offset points",
            color=colour,
            fontsize=size,
            fontweight=weight,
            annotation_clip=False,
            zorder=6,
            linespacing=1.15,
        )

    def _best(
        self,
        note: Annotation,
        spots: Sequence[tuple[float, float]],
        radii: Sequence[float],
        name: str | None = None,
    ) -> tuple[float, int, float, Direction]:
        """Return the place that covers least: what it covers, anchor, distance and direction.

        With a ``name``, no line of another name may lie between the place and its anchor.
        """
        extent = note.get_window_extent()
        size = (float(extent.width), float(extent.height))
        best = (np.inf, 0, radii[0], _DIRECTIONS[0])
        for radius, number, direction in product(radii, range(len(spots)), _DIRECTIONS):
            cost = self._cost(self._box(spots[number], radius, direction, size))
            if name is not None:
                cost += self._between(spots[number], radius, direction, name)
            if cost < best[0]:
                best = (cost, number, radius, direction)
            if cost == 0:
                break
        return best

    def _put(
        self, note: Annotation, spot: tuple[float, float], radius: float, direction: Direction
    ) -> None:
        dx, dy, ha, va = direction
        extent = note.get_window_extent()
        note.xy = spot
        note.set_position((dx * radius, dy * radius))
        note.set(ha=ha, va=va)
        box = self._box(spot, radius, direction, (extent.width, extent.height))
        self._taken.append(box.padded(1.5))

    def _pixels(self, x: ArrayLike, y: ArrayLike) -> Floats:
        points = np.column_stack([np.asarray(x, np.float64), np.asarray(y, np.float64)])
        return np.asarray(self._ax.transData.transform(points))

    def _box(
        self,
        spot: tuple[float, float],
        radius: float,
        direction: Direction,
        size: tuple[float, float],
    ) -> Bbox:
        px, py = self._pixels([spot[0]], [spot[1]])[0]
        dx, dy, ha, va = direction
        x = px + dx * radius * self._pixels_per_point
        y = py + dy * radius * self._pixels_per_point
        left = x - {"left": 0.0, "center": size[0] / 2, "right": size[0]}[ha]
        lower = y - {"bottom": 0.0, "center": size[1] / 2, "top": size[1]}[va]
        return Bbox.from_bounds(left, lower, *size)

    def _cost(self, box: Bbox) -> float:
        """Return how much a box covers; leaving the axes is the worst."""
        inside = self._ax.get_window_extent().padded(0.5)
        cost = 0.0
        if box.x0 < inside.x0 or box.x1 > inside.x1 or box.y0 < inside.y0 or box.y1 > inside.y1:
            cost += 1000.0
        cost += sum(50.0 for other in self._taken if box.overlaps(other))
        wide = box.padded(1.0)
        for _, points in self._lines:
            x, y = points.T
            cost += float(((x > wide.x0) & (x < wide.x1) & (y > wide.y0) & (y < wide.y1)).sum())
        return cost

    def _between(
        self, spot: tuple[float, float], radius: float, direction: Direction, name: str
    ) -> float:
        """Return a cost if another line lies between an anchor and a place for its label."""
        (anchor,) = self._pixels([spot[0]], [spot[1]])
        reach = radius * self._pixels_per_point
        way = anchor + np.linspace(0.0, reach, 12)[:, None] * np.array(direction[:2])
        others = [points for owner, points in self._lines if owner != name]
        near = (
            np.hypot(*(points[:, None, :] - way[None, :, :]).T).min(initial=np.inf) < _STEP
            for points in others
        )
        return 50.0 * float(sum(near))

    def _leader(
        self, spot: tuple[float, float], radius: float, direction: Direction, colour: str
    ) -> None:
        dx, dy, _, _ = direction
        self._ax.annotate(
            "",
            spot,
            xytext=(dx * (radius - 2.0), dy * (radius - 2.0)),
            textcoords="offset points",
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.6,
                "alpha": 0.7,
                "shrinkA": 0.0,
                "shrinkB": 1.0,
            },
            annotation_clip=False,
            zorder=3,
        )
