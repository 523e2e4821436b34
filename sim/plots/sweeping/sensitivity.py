"""Sensitivity as bars: what each factor explains of a measure, alone and with all others."""

from __future__ import annotations

from math import isfinite, isnan

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.plots.drawn import Row
from sim.plots.style import BLUE, INK, SKY, new_figure, panels, styled
from sim.plots.sweeping.axes import head, left_margin, measure_title, note_below
from sim.store.sweeps import Sweep
from sim.sweeping.effects import Effect, Effects

MOST = 20
SENSITIVITY_COLUMNS = ("axis", "effect", "estimate", "low", "high", "rank", "drawn")
_LINE, _ABOVE, _BELOW, _WIDTH = 0.46, 0.75, 0.85, 9.5
#: What the two bars of a factor are called: of shares of the variance, and of straight lines.
_NAMES = {
    "first": "alone (first-order index)",
    "total": "with all others (total index)",
    "slope": "slope (standardised)",
    "rank": "slope of ranks",
}


def plot_sensitivity(sweep: Sweep, effects: Effects, *, ax: Axes | None = None) -> Axes:
    """Draw two bars for each factor, with their intervals, the one that decides most on top.

    Of a Sobol design or a full grid they are the first-order and the total index, of a Latin
    hypercube the standardised slope, of values and of ranks. Raises ValueError if there are none.
    """
    names = _drawn(effects)
    if not names:
        raise ValueError(effects.why or "a design one at a time has no indices: draw a tornado")
    with styled():
        if ax is None:
            ax = _axes(names)
        ax.legend(handles=_draw(ax, effects, names), loc="lower right")
        ax.set_title(_title(sweep, effects))
    return ax


def sensitivity_figure(sweep: Sweep, effects: Effects) -> Figure | None:
    """Return a figure with the bars of a measure; None if there are none, or one
    factor alone."""
    names = _drawn(effects)
    if not names:
        return None
    with styled():
        ax = _axes(names)
        figure = ax.get_figure(root=True)
        assert figure is not None
        head(figure, _title(sweep, effects), _draw(ax, effects, names))
    return figure


def _axes(names: list[str]) -> Axes:
    figure = new_figure(_WIDTH, _ABOVE + _BELOW + _LINE * (len(names) + 0.4))
    return panels(figure, top=_ABOVE, bottom=_BELOW, left=left_margin(names), right=0.6)[0]


def _title(sweep: Sweep, effects: Effects) -> str:
    return f"What decides it: {measure_title(sweep, effects.key)}"


def _drawn(effects: Effects) -> list[str]:
    if effects.kind == "one-at-a-time" or len(effects.weights) < 2:
        return []
    return effects.ranked[:MOST]


def _draw(ax: Axes, effects: Effects, names: list[str]) -> list[Patch]:
    """Draw the bars and return what a key says of them."""
    kinds = ("slope", "rank") if effects.kind == "latin" else ("total", "first")
    colours = dict(zip(kinds, (SKY, BLUE) if kinds[0] == "total" else (BLUE, SKY), strict=True))
    for place, name in enumerate(names):
        for kind, offset in zip(kinds, (-0.19, 0.19), strict=True):
            for row in effects.of(name, kind):
                _bar(ax, place + offset, row, colours[kind])
    ax.axvline(0.0, color=INK, linewidth=0.9, zorder=4)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.45, -0.55)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    low, high = ax.get_xlim()
    if effects.kind == "latin":
        ax.set_xlim(min(low, -1.05), max(high, 1.05))
        ax.set_xlabel("standard deviations of the measure (or of its rank) for one of the factor")
    else:
        ax.set_xlim(min(low, 0.0), max(high, 1.02))
        ax.set_xlabel("share of the variance between the points of the design")
    notes = _notes(effects, len(names))
    if notes:
        note_below(ax, notes)
    return [Patch(color=colours[kind], label=_NAMES[kind]) for kind in kinds]


def _notes(effects: Effects, shown: int) -> str:
    parts = []
    rest = len(effects.weights) - shown
    if rest > 0:
        parts.append(f"{rest} more decide{'s' * (rest == 1)} less")
    if not isnan(effects.explained):
        what = "the ranks" if effects.by == "rank" else "the variance"
        parts.append(f"straight lines explain {effects.explained:.0%} of {what}")
    if not isnan(effects.noise):
        parts.append(f"luck is {effects.noise:.1%} of the variance")
    if effects.late:
        parts.append(f"{effects.late:,} of {effects.runs:,} runs count as come at the horizon")
    return "; ".join(parts)


def _bar(ax: Axes, place: float, row: Effect, colour: str) -> None:
    if isnan(row.found.estimate):
        return
    ax.barh(place, row.found.estimate, height=0.36, color=colour, linewidth=0.0, zorder=2)
    low, high = row.found.low, row.found.high
    if isfinite(low) and isfinite(high) and low < high:
        ax.plot([low, high], [place, place], color=INK, linewidth=1.1, zorder=5)


def sensitivity_rows(effects: Effects) -> list[Row]:
    """Return what the bars draw, and what they leave out, for their CSV."""
    drawn = set(_drawn(effects))
    return [
        {
            "axis": row.axis,
            "effect": row.kind,
            "estimate": row.found.estimate,
            "low": row.found.low,
            "high": row.found.high,
            "rank": effects.ranked.index(row.axis) + 1,
            "drawn": "yes" if row.axis in drawn else "no",
        }
        for name in effects.ranked
        for row in effects.rows
        if row.axis == name
    ]
