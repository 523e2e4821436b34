"""What the figures of a sweep share: in which unit a measure reads best, and settings in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, isnan

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from sim.measures.summary import Key
from sim.plots.style import SOFT, drawable
from sim.plots.words import capital
from sim.store.sweeps import Number, Sweep, Varied

_DAYS_FROM = 72.0  # hours; what is longer reads better in days


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit to draw a measure in, how many of its own unit that is, and what it is called where
    differences are drawn."""

    unit: str
    size: float
    differences: str


def scale_of(unit: str, values: ArrayLike) -> Scale:
    """Return the scale for values, or differences, of a unit; the finite ones decide."""
    numbers = np.abs(np.asarray(values, np.float64))
    largest = float(numbers[np.isfinite(numbers)].max(initial=0.0))
    if unit == "h":
        if largest >= _DAYS_FROM:
            return Scale("days", 24.0, "days")
        return Scale("hours", 1.0, "hours") if largest >= 2 else Scale("minutes", 1 / 60, "minutes")
    if unit in ("share", "probability"):
        return Scale("per cent", 0.01, "percentage points")
    return Scale(unit, 1.0, unit)


def measure_title(sweep: Sweep, key: Key) -> str:
    """Return what to call a measure in the title of a figure."""
    return capital(drawable(sweep.subject(key), " ".join(part for part in key if part)))


def setting_text(setting: Number, unit: str = "") -> str:
    """Write a setting: ``4``, ``0.04 m3``, ``10,000/day``, ``nearest-first``; None is as it is."""
    if setting is None:
        return "as it is"
    if isinstance(setting, str):
        return drawable(setting, "?")
    if unit.startswith("share of"):
        return f"{setting:.0%}"
    number = f"{setting:,.0f}" if float(setting).is_integer() else f"{setting:,.4g}"
    return f"{number}{unit if unit.startswith('/') else f' {unit}'}" if unit else number


def axis_label(axis: Varied) -> str:
    """Return what to write below an axis that shows settings."""
    return f"{axis.name}, {axis.unit}" if axis.unit else axis.name


def difference_text(value: float, scale: Scale) -> str:
    """Write a difference with its sign, in the unit of a scale, which is left out."""
    if isnan(value):
        return "not known"
    if not isfinite(value):
        return "beyond the horizon" if value > 0 else "within the horizon"
    number = value / scale.size
    digits = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2
    text = f"{number:+,.{digits}f}"
    return text.lstrip("+-") if not text.strip("+-0.,") else text


def set_settings(ax: Axes, axis: Varied) -> None:
    """Prepare the x-axis for the settings of an axis of the sweep."""
    ax.set_xlabel(axis_label(axis))
    if axis.log:
        ax.set_xscale("log")
    elif axis.whole:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
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
