"""Several curves of the same results: how each result is drawn, and panels with one key for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.plots.labels import LineStyle
from sim.plots.style import RESULT_COLOURS, new_figure, panels

_LINES: tuple[LineStyle, ...] = (
    "-",
    (0.0, (5.0, 1.6)),
    (0.0, (1.2, 1.4)),
    (0.0, (6.0, 1.5, 1.2, 1.5)),
)


def look_of(index: int) -> tuple[str, LineStyle]:
    """Return colour and line of the result of an index: the base is 0, variants come after it."""
    return RESULT_COLOURS[index % len(RESULT_COLOURS)], _LINES[index % len(_LINES)]


def panelled(
    draws: Sequence[Callable[[Axes], None]],
    names: Mapping[int, str],
    *,
    columns: int,
    height: float,
    key_columns: int,
    more: Sequence[Artist] = (),
) -> Figure:
    """Return a figure with a panel for each of ``draws``, of so many inches, and a key above.

    The key has a line for each of ``names``, by the index of the result, and ``more`` after them,
    for which a key of one row has two columns to spare. Only the lowest panels name their dates.
    """
    rows = ceil(len(draws) / columns)
    key_rows = ceil(len(names) / key_columns)
    top = 0.5 + 0.22 * key_rows
    figure = new_figure(9.5, top + 0.75 + height * rows + 0.6 * (rows - 1))
    cells = panels(figure, (1.0,) * rows, columns, top=top, bottom=0.75, gap=0.6)
    for place, ax in enumerate(cells):
        if place < len(draws):
            draws[place](ax)
            if place + columns < len(draws):
                ax.set_xlabel("")
        else:
            ax.set_visible(False)
    lines: list[Artist] = [
        Line2D([], [], color=colour, linestyle=line, label=name)
        for (colour, line), name in ((look_of(index), name) for index, name in names.items())
    ]
    figure.legend(
        handles=[*lines, *more],
        loc="upper left",
        bbox_to_anchor=(cells[0].get_position().x0 - 0.01, 1.0),
        ncols=key_columns + (2 if more and key_rows == 1 else 0),
    )
    return figure
