"""A tornado: how far each assumption, alone, moves a measure from where the scenario has it."""

from __future__ import annotations

from math import isfinite, isnan

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.plots.drawn import Row
from sim.plots.style import BLUE, INK, ORANGE, new_figure, panels, styled
from sim.plots.sweeping.axes import head, left_margin, measure_title, note_below
from sim.store.sweeps import Sweep, Varied
from sim.sweeping.effects import Effect, Effects
from sim.sweeping.scales import Scale, difference_text, scale_of, setting_text

#: Bars that are drawn, and how long they are at least as a share of the longest; others are
#: counted in a line below.
MOST, _LEAST = 20, 0.01
TORNADO_COLUMNS = ("axis", "setting", "unit", "difference", "low", "high", "rank", "drawn")
_LINE, _ABOVE, _BELOW, _WIDTH = 0.36, 0.75, 0.85, 9.5
_LETTER = 0.016  # of the width of the bars, for each letter beside them
_BEYOND = 1.12  # where bars without end stop, times the largest that has one


def barred(effects: Effects) -> list[str]:
    """Return the axes that get a bar, the one that moves the measure most first."""
    weights = dict(effects.weights)
    longest = max((weight for weight in weights.values() if isfinite(weight)), default=0.0)
    least = _LEAST * longest
    return [axis for axis in effects.ranked if weights[axis] > 0 and weights[axis] >= least][:MOST]


def plot_tornado(sweep: Sweep, effects: Effects, *, ax: Axes | None = None) -> Axes:
    """Draw the paired differences of a sweep one at a time as bars, the longest on top.

    Each bar begins at the scenario as it is; the line at its end is the interval of the difference.
    Raises ValueError for another design, or if nothing moves the measure.
    """
    if effects.kind != "one-at-a-time":
        raise ValueError(f"a tornado is drawn of a design one at a time, not of {effects.kind}")
    names = barred(effects)
    if not names:
        raise ValueError("nothing moves this measure")
    with styled():
        if ax is None:
            ax = _axes(names)
        ax.legend(handles=_draw(ax, sweep, effects, names), loc="lower right")
        ax.set_title(_title(sweep, effects))
    return ax


def tornado_figure(sweep: Sweep, effects: Effects) -> Figure | None:
    """Return a figure with the tornado; None if nothing moves the measure."""
    names = barred(effects)
    if not names:
        return None
    with styled():
        ax = _axes(names)
        figure = ax.get_figure(root=True)
        assert figure is not None
        head(figure, _title(sweep, effects), _draw(ax, sweep, effects, names))
    return figure


def _axes(names: list[str]) -> Axes:
    figure = new_figure(_WIDTH, _ABOVE + _BELOW + _LINE * (len(names) + 0.5))
    return panels(figure, top=_ABOVE, bottom=_BELOW, left=left_margin(names), right=0.5)[0]


def _title(sweep: Sweep, effects: Effects) -> str:
    return f"What moves it: {measure_title(sweep, effects.key)}"


def _draw(ax: Axes, sweep: Sweep, effects: Effects, names: list[str]) -> list[Patch]:
    """Draw the bars and return what a key says of them."""
    axes = {axis.name: axis for axis in sweep.axes}
    shown = [row for name in names for row in effects.of(name, "difference")]
    values = [v for row in shown for v in (row.found.estimate, row.found.low, row.found.high)]
    scale = scale_of(effects.unit, [row.found.estimate for row in shown])
    finite = [abs(value) / scale.size for value in values if isfinite(value)]
    reach = max(finite, default=1.0) or 1.0
    for place, name in enumerate(names):
        rows = _outer(effects.of(name, "difference"))
        for row in sorted(rows, key=lambda row: -abs(_end(row, scale, reach))):
            _bar(ax, place, row, axes[name], scale, reach)
        for side in (-1.0, 1.0):
            _label(
                ax,
                place,
                [r for r in rows if _side(r, axes[name]) == side],
                axes[name],
                scale,
                reach,
            )
    ax.axvline(0.0, color=INK, linewidth=0.9, zorder=4)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    ends = [0.0, *(_end(row, scale, reach) for row in shown)]
    ends += [bound / scale.size for bound in values if isfinite(bound)]
    low, high = min(ends), max(ends)
    letters = [
        max(
            (
                len(_words(row, axes[row.axis], scale))
                for row in shown
                if _side(row, axes[row.axis]) == side
            ),
            default=0,
        )
        for side in (-1.0, 1.0)
    ]
    room = [(0.02 + _LETTER * count) * (high - low) for count in letters]
    ax.set_xlim(low - room[0], high + room[1])
    ax.set_xlabel(f"difference to the scenario as it is, {scale.differences}")
    rest = len(effects.weights) - len(names)
    if rest:
        others = "1 other moves" if rest == 1 else f"{rest} others move"
        note_below(ax, f"{others} it by less than a hundredth of the longest bar, or not at all")
    key = ((BLUE, "at the lower end"), (ORANGE, "at the upper end"))
    return [Patch(color=colour, label=label) for colour, label in key]


def _outer(rows: list[Effect]) -> list[Effect]:
    """Return the settings that reach furthest to either side, of those that have a difference."""
    known = [row for row in rows if not isnan(row.found.estimate)]
    if len(known) <= 2:
        return known
    ordered = sorted(known, key=lambda row: row.found.estimate)
    return [ordered[0], ordered[-1]]


def _end(row: Effect, scale: Scale, reach: float) -> float:
    value = row.found.estimate / scale.size
    if isnan(value):
        return 0.0
    return value if isfinite(value) else float(np.copysign(_BEYOND * reach, value))


def _bar(ax: Axes, place: int, row: Effect, axis: Varied, scale: Scale, reach: float) -> None:
    end = _end(row, scale, reach)
    lower = _is_lower(row, axis)
    beyond = not isfinite(row.found.estimate)
    ax.barh(
        place,
        end,
        height=0.62,
        color=BLUE if lower else ORANGE,
        hatch="//" if beyond else None,
        edgecolor="white",
        linewidth=0.0,
        zorder=2,
    )
    bounds = [value / scale.size for value in (row.found.low, row.found.high)]
    if all(map(isfinite, bounds)) and bounds[0] < bounds[1]:
        ax.plot(bounds, [place, place], color=INK, linewidth=1.2, zorder=5, solid_capstyle="butt")
        for bound in bounds:
            ax.plot(
                [bound, bound], [place - 0.16, place + 0.16], color=INK, linewidth=1.0, zorder=5
            )


def _label(
    ax: Axes, place: int, rows: list[Effect], axis: Varied, scale: Scale, reach: float
) -> None:
    """Write what was set beside the bars of one side, that of the longer one first."""
    if not rows:
        return
    side = _side(rows[0], axis)
    rows = sorted(rows, key=lambda row: -abs(_end(row, scale, reach)))
    reached = [abs(_end(row, scale, reach)) for row in rows]
    bounds = [b / scale.size for row in rows for b in (row.found.low, row.found.high)]
    reached += [abs(bound) for bound in bounds if isfinite(bound) and bound * side > 0]
    ax.annotate(
        ", ".join(_words(row, axis, scale) for row in rows),
        (side * max(reached), place),
        xytext=(4 * side, 0),
        textcoords="offset points",
        ha="left" if side > 0 else "right",
        va="center",
        fontsize=8.0,
        color=INK,
    )


def _words(row: Effect, axis: Varied, scale: Scale) -> str:
    text = setting_text(row.setting, axis.unit)
    if isfinite(row.found.estimate):
        return text
    return f"{text}: {difference_text(row.found.estimate, scale)}"


def _side(row: Effect, axis: Varied) -> float:
    """Return on which side of the scenario a bar ends, -1 or 1; one without length on that of its
    setting."""
    value = row.found.estimate
    if value == 0 or isnan(value):
        return -1.0 if _is_lower(row, axis) else 1.0
    return -1.0 if value < 0 else 1.0


def _is_lower(row: Effect, axis: Varied) -> bool:
    """Whether a setting lies below where the scenario stands, or in the lower half of its range."""
    if not isinstance(row.setting, int | float) or axis.low is None or axis.high is None:
        return True
    middle = (axis.low + axis.high) / 2 if axis.base is None else axis.base
    return row.setting < middle


def tornado_rows(sweep: Sweep, effects: Effects) -> list[Row]:
    """Return what the tornado draws, and what it leaves out, for its CSV."""
    units = {axis.name: axis.unit for axis in sweep.axes}
    drawn = set(barred(effects))
    return [
        {
            "axis": row.axis,
            "setting": setting_text(row.setting, units[row.axis]),
            "unit": effects.unit,
            "difference": row.found.estimate,
            "low": row.found.low,
            "high": row.found.high,
            "rank": place,
            "drawn": "yes" if row.axis in drawn else "no",
        }
        for place, name in enumerate(effects.ranked, 1)
        for row in effects.of(name, "difference")
    ]
