"""What the figures of a sweep share: titles, settings along an axis, keys and notes."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from sim.measures.summary import Key
from sim.plots.style import SOFT, drawable
from sim.plots.words import capital
from sim.store.sweeps import Sweep, Varied


def measure_title(sweep: Sweep, key: Key) -> str:
    """Return what to call a measure in the title of a figure."""
    return capital(drawable(sweep.subject(key), " ".join(part for part in key if part)))


def axis_label(axis: Varied) -> str:
    """Return what to write below an axis that shows settings."""
    return f"{axis.name}, {axis.unit}" if axis.unit else axis.name


def set_settings(ax: Axes, axis: Varied) -> None:
    """Prepare the x-axis for the settings of an axis of the sweep."""
    ax.set_xlabel(axis_label(axis))
    if axis.log:
        ax.set_xscale("log")
    elif axis.numeric:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=axis.whole))
        if axis.high is not None and axis.high >= 1000:
            ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.grid(visible=True, axis="y")


def head(figure: Figure, title: str, handles: Sequence[Artist]) -> None:
    """Write a title at the top left of a figure, and a key in a row below it."""
    width, height = figure.get_size_inches()
    figure.text(0.14 / width, 1 - 0.14 / height, title, fontsize=10.5, fontweight="bold", va="top")
    if handles:
        figure.legend(
            handles=list(handles),
            loc="upper left",
            bbox_to_anchor=(0.02 / width, 1 - 0.33 / height),
            ncols=len(handles),
        )


def note_below(ax: Axes, text: str) -> None:
    """Write a small line below the label of the x-axis."""
    ax.annotate(
        text,
        (0.0, 0.0),
        xytext=(0, -38),
        xycoords="axes fraction",
        textcoords="offset points",
        color=SOFT,
        fontsize=8.0,
        annotation_clip=False,
    )


def left_margin(names: Sequence[str]) -> float:
    """Return the inches that names at the y-axis need."""
    return min(max(0.085 * max(map(len, names)) + 0.3, 1.6), 4.2)
