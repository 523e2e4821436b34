"""The marks of reported figures: points, tolerances, labels and the entries of a key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.plots.dates import dates_of
from sim.plots.labels import Placer
from sim.plots.reported import Point
from sim.plots.style import INK, VERDICT_COLOUR, VERDICT_MARKER

USE_WORDS = {"fit": "used to fit", "predict": "prediction"}
_AREA = 7.0  # marker size in points
_OPEN = 18.0  # points; length of the arrow of a tolerance that is open on one side


def draw_point(
    ax: Axes, start: datetime, point: Point, *, colour: str | None = None, marker: str | None = None
) -> None:
    """Draw a point with its tolerance; hollow where the figure guided the fit."""
    colour = VERDICT_COLOUR[point.verdict] if colour is None else colour
    marker = VERDICT_MARKER[point.verdict] if marker is None else marker
    x = float(dates_of(start, point.hour))
    middle = point.hour if point.along_time else point.value
    style = {
        "color": colour,
        "linewidth": 1.5,
        "linestyle": (0, (1.2, 1.2)) if point.scope else "-",
        "zorder": 4,
    }
    for end, sign in ((point.low, -1.0), (point.high, 1.0)):
        if end is None:
            offset = (sign * _OPEN, 0.0) if point.along_time else (0.0, sign * _OPEN)
            _open_end(ax, x, point.value, offset, colour)
        elif end != middle and point.along_time:
            ax.plot([x, float(dates_of(start, end))], [point.value] * 2, **style)  # type: ignore[arg-type]
        elif end != middle:
            ax.plot([x, x], [point.value, end], **style)  # type: ignore[arg-type]
            ax.plot([x], [end], "_", color=colour, markersize=6, zorder=4)
    if point.bounds_only:
        return
    ax.plot(
        [x],
        [point.value],
        marker,
        markersize=_AREA,
        markerfacecolor="white" if point.use == "fit" else colour,
        markeredgecolor=colour,
        markeredgewidth=1.5,
        clip_on=False,
        zorder=5,
        gid=f"reported-{point.name}",
    )


def _open_end(ax: Axes, x: float, y: float, offset: tuple[float, float], colour: str) -> None:
    """Draw an arrow from a point towards the side on which its tolerance has no end."""
    ax.annotate(
        "",
        xy=(x, y),
        xytext=offset,
        textcoords="offset points",
        arrowprops={"arrowstyle": "<-", "color": colour, "linewidth": 1.3, "shrinkB": 0.0},
        annotation_clip=False,
        zorder=4,
    )


def label_points(
    placer: Placer, start: datetime, points: Iterable[Point], *, colour: str | None = None
) -> None:
    """Write the row of each point beside it."""
    for point in points:
        x = float(dates_of(start, point.hour))
        placer.label(
            point.text,
            [(x, point.value)],
            colour=VERDICT_COLOUR[point.verdict] if colour is None else colour,
            weight="bold",
        )


def avoid_points(placer: Placer, start: datetime, points: Iterable[Point]) -> None:
    """Keep labels off the points and their tolerances."""
    for point in points:
        x = float(dates_of(start, point.hour))
        placer.avoid_point(x, point.value)
        ends = [end for end in (point.low, point.high) if end is not None]
        for end in ends:
            if point.along_time:
                placer.avoid_line([x, float(dates_of(start, end))], [point.value] * 2)
            else:
                placer.avoid_line([x, x], [point.value, end])


def key_handles(points: Iterable[Point]) -> list[Artist]:
    """Return a key entry for each kind of point there is, fits before predictions."""
    kinds = {(point.use, point.verdict) for point in points}
    order = [(use, verdict) for use in USE_WORDS for verdict in VERDICT_COLOUR]
    return [
        Line2D(
            [],
            [],
            linestyle="",
            marker=VERDICT_MARKER[verdict],
            markersize=_AREA,
            markeredgewidth=1.5,
            markerfacecolor="white" if use == "fit" else VERDICT_COLOUR[verdict],
            markeredgecolor=VERDICT_COLOUR[verdict],
            label=f"{USE_WORDS[use]}: {verdict}",
        )
        for use, verdict in order
        if (use, verdict) in kinds
    ]


def neutral_handles(points: Iterable[Point]) -> list[Artist]:
    """Return key entries for points that are drawn without a verdict, as in comparisons."""
    uses = {point.use for point in points}
    return [
        Line2D(
            [],
            [],
            linestyle="",
            marker="o",
            markersize=_AREA,
            markeredgewidth=1.5,
            markerfacecolor="white" if use == "fit" else INK,
            markeredgecolor=INK,
            label=f"reported, {words}",
        )
        for use, words in USE_WORDS.items()
        if use in uses
    ]
