"""The map of days gained or lost: where a variant serves sooner or later than the base."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sim.comparing.compare import Comparison
from sim.counted import counted, singular
from sim.plots.comparing.gains import NEITHER, ONLY_BASE, ONLY_VARIANT, GainData, read_gains
from sim.plots.land import draw_dots, draw_ground, draw_legend, size_handles
from sim.plots.style import INK, axes_or_new, styled

Colours = NDArray[np.float64]

#: Blue is sooner, orange later, grey the same: people with any colour vision tell them apart.
_DIVERGING = LinearSegmentedColormap.from_list(
    "sooner-later", ("#053F6B", "#0072B2", "#6FB3DC", "#B9B6AE", "#EBAA5A", "#D55E00", "#7A3000")
)
_SHORT = 0.25  # days: spans below it are told in hours
#: Places that were not served in all runs, in colours that the scale has not.
_APART = {ONLY_VARIANT: "#1B7837", ONLY_BASE: "#762A83", NEITHER: INK}


def plot_gain_map(
    comparison: Comparison,
    variant: str | None = None,
    *,
    end: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a dot for each county (or city, where cities serve the facilities), its area in
    proportion to the facilities and its colour how many days sooner (blue) or later (orange) nine
    tenths of them are served in a variant than in the base: the mean of the paired differences.

    Counties that in some run were not served by the horizon, in one of the two, have colours of
    their own. The key is a histogram of counties by days. ``variant`` is the first and ``end`` the
    first echelon that has a map unless given. Raises ValueError if there is no such variant, or no
    place that a map could show.
    """
    name = comparison.variants[0].name if variant is None else variant
    data = next((each for each in read_gains(comparison, name) if end in (None, each.end)), None)
    if data is None:
        raise ValueError("the results have no places in common that a map could show")
    with styled():
        ax = axes_or_new(ax, 9.0, 7.4)
        national = draw_ground(ax, data)
        scale = _scale(data)
        apart = data.apart
        colours = scale[data.span]
        for index, why in enumerate(apart):
            if why:
                colours[index] = mpl.colors.to_rgba(_APART[why])
        draw_dots(ax, data, colours, np.array([bool(why) for why in apart], bool))
        handles = [*size_handles(ax, data), *_apart_handles(data, apart)]
        draw_legend(ax, handles, national=national)
        _draw_key(ax, data, scale)
        ax.set_title(_title(data))
    return ax


def _title(data: GainData) -> str:
    what = f"When the {data.places} are served"
    if data.facility:
        what = f"When nine tenths of each {singular(data.places)}'s {data.facility} are served"
    return f"{what}:\n{data.variant} against {data.base}"


def _scale(data: GainData) -> Colours:
    """Return a colour for each span of days, those of the largest differences the darkest."""
    middles = (data.edges[:-1] + data.edges[1:]) / 2
    return np.asarray(_DIVERGING(0.5 + 0.5 * middles / max(float(middles[-1]), 1e-9)))


def _apart_handles(data: GainData, apart: list[str]) -> list[Line2D]:
    """Return key entries for places that were not served in all runs, with how many there are."""
    runs = "all runs" if data.gains.runs > 1 else "the run"
    words = {
        ONLY_VARIANT: f"served in {runs} of {data.variant} only",
        ONLY_BASE: f"served in {runs} of {data.base} only",
        NEITHER: f"not served in {runs} of either",
    }
    return [
        Line2D(
            [],
            [],
            linestyle="",
            marker="o",
            markersize=6.0,
            markerfacecolor=_APART[why],
            markeredgecolor="white",
            markeredgewidth=0.25,
            label=f"{counted(apart.count(why), data.places)} {text}",
        )
        for why, text in words.items()
        if why in apart
    ]


def _draw_key(ax: Axes, data: GainData, scale: Colours) -> None:
    """Draw how many places gain or lose so many days: the key to the colours."""
    key = ax.inset_axes((0.015, 0.07, 0.4, 0.145))
    edges, span = data.edges, data.span
    step = float(edges[1] - edges[0])
    counts = np.bincount(span[span >= 0], minlength=len(scale))
    top = max(int(counts.max(initial=0)), 1)
    strip = 0.07 * top
    key.bar(edges[:-1], counts, width=step, align="edge", color=scale, zorder=2)
    key.bar(edges[:-1], np.full(len(scale), -strip), step, align="edge", color=scale)
    key.axhline(0.0, color="white", linewidth=1.5, zorder=3)
    key.set_xlim(float(edges[0]), float(edges[-1]))
    key.set_ylim(-strip, 1.12 * top)
    middles = (edges[:-1] + edges[1:]) / 2
    unit, scale_of = ("hours", 24.0) if step < _SHORT else ("days", 1.0)
    every = max(int(np.ceil(len(middles) / 7)), 1)
    zero = len(middles) // 2
    shown = [i for i in range(len(middles)) if (i - zero) % every == 0]
    key.set_xticks(middles[shown], [_tick(float(middles[i]) * scale_of) for i in shown])
    key.set_yticks([])
    key.grid(visible=False)
    key.patch.set_alpha(0.0)
    for side in ("left", "right", "top"):
        key.spines[side].set_visible(False)
    key.tick_params(labelsize=8, length=2)
    key.set_xlabel(f"← sooner          {unit}          later →", fontsize=8)
    peak = int(counts.argmax())
    if counts[peak]:
        height = counts[peak] + 0.02 * top
        text: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": 8}
        key.text(float(middles[peak]), height, f"{counts[peak]:,}", **text)
    runs = f"mean of {data.gains.runs} paired runs" if data.gains.runs > 1 else "one run"
    outer = "; the outermost colours reach further" if _reaches_further(data) else ""
    key.set_title(
        f"colour: {runs}{outer}\nheight of bars: {data.places}",
        fontsize=8.0,
        fontweight="normal",
        pad=10.0,
    )


def _reaches_further(data: GainData) -> bool:
    days = data.days[np.isfinite(data.days)]
    return bool(len(days)) and bool(np.abs(days).max() > data.edges[-1])


def _tick(value: float) -> str:
    text = f"{value:+.2f}".rstrip("0").rstrip(".")
    return text if abs(value) > 1e-9 else "0"
