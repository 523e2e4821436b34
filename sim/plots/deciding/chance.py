"""The chance that the goals of a plan hold, by what was chosen, with the runs that it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.measures.goals import TIMES
from sim.plots.dates import count_axis, share_axis
from sim.plots.drawn import Row
from sim.plots.style import BLUE, GREEN, INK, ORANGE, RULE, SOFT, VERMILLION, axes_or_new
from sim.store.decisions import Aim, Combination, Decision, Runs

#: Verdicts by colour and marker, so that neither is needed to tell them apart.
_LOOK = {"reached": (GREEN, "o"), "not reached": (VERMILLION, "X"), "undecided": (ORANGE, "D")}
_WORDS = {"reached": "enough", "not reached": "not enough", "undecided": "undecided"}
CHANCE_COLUMNS = (
    "panel", "settings", "cost", "use", "runs", "held", "share", "low", "high", "outcome",
    "replication", "value", "holds",
)  # fmt: skip


def plot_chance(decision: Decision, *, ax: Axes | None = None) -> Axes:
    """Draw the share of runs in which the goals hold, with its exact bounds, against the value.

    Bounds are one-sided, each at the plan's confidence. Hollow: a first look that decides
    nothing. The line is the asked probability. Of several choices the x axis is the cost.
    """
    ax = axes_or_new(ax)
    ax.axhline(decision.probability, color=INK, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
    asked = f"asked: {decision.probability * 100:.6g} %"
    ax.annotate(
        asked,
        (1.0, decision.probability),
        (4, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        color=INK,
        fontsize=8,
        va="center",
    )
    drawn = [each for each in decision.combinations if each.seen is not None]
    for each in drawn:
        _draw_chance(ax, decision, each)
    _mark_answer(ax, decision)
    ax.set_ylim(-0.04, 1.06)
    _x_axis(ax, decision)
    share_axis(ax, "runs in which the goals hold")
    ax.set_title(" and ".join(aim.text for aim in decision.aims))
    ax.legend(
        handles=_handles(drawn),
        loc="upper left",
        bbox_to_anchor=(1.0, 0.8),
        borderaxespad=0.0,
    )
    return ax


def plot_attained(decision: Decision, goal: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw what each run attained, a dot each, against the value, with the goal as a line.

    Runs in which it did not come by the horizon, or that have no value, are drawn on the upper rim.
    """
    ax = axes_or_new(ax)
    aim = decision.aims[goal]
    scale = 1 / 24 if _in_days(decision, aim) else 1.0
    values = decision.values(goal)
    width = 0.28 * _step([_x(decision, each) for each in decision.combinations])
    finite = [v * scale for runs in values.values() for v in runs if math.isfinite(v)]
    top = max([*finite, aim.limit * scale], default=1.0)
    bottom = min([*finite, aim.limit * scale], default=0.0)
    rim = top + 0.08 * ((top - bottom) or 1.0)
    missing = False
    for each in decision.combinations:
        runs = values.get(each.number, [])
        if not runs:
            continue
        spread = (np.arange(len(runs)) * 0.6180339887 % 1.0 - 0.5) * 2 * width
        held = _holds(decision, each.number, goal)
        x = _x(decision, each) + spread
        late = np.array([not math.isfinite(v) for v in runs])
        missing = missing or bool(late.any())
        y = np.array([rim if not math.isfinite(v) else v * scale for v in runs])
        for good, colour in ((True, BLUE), (False, VERMILLION)):
            mask = (held == good) & ~late
            ax.plot(x[mask], y[mask], ".", color=colour, markersize=3.5, alpha=0.6, zorder=2)
        ax.plot(x[late], y[late], "^", color=VERMILLION, markersize=3.5, alpha=0.8, zorder=2)
    ax.axhline(aim.limit * scale, color=INK, linewidth=1.0, linestyle=(0, (4, 2)), zorder=3)
    if missing:
        ax.annotate(
            "none by the horizon",
            (0.0, rim),
            (4, 3),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            fontsize=8,
            color=SOFT,
        )
        ax.set_ylim(top=rim + 0.1 * ((top - bottom) or 1.0))
    _x_axis(ax, decision)
    _mark_answer(ax, decision, text=False)
    if aim.unit in ("share", "probability"):
        share_axis(ax, aim.series.replace("@", " of ", 1))
    else:
        unit = "days since the start" if scale != 1.0 else aim.unit
        count_axis(ax, f"{aim.series.replace('@', ' of ', 1)}, {unit}")
    ax.set_title(f"{aim.text}: a dot a run", fontsize=9.5)
    return ax


def chance_rows(decision: Decision) -> list[Row]:
    """Return what the figure draws: a row for each use of runs of a combination, then each run."""
    empty: Row = dict.fromkeys(CHANCE_COLUMNS)
    rows = []
    for each in decision.combinations:
        named = {"settings": _name(each), "cost": each.cost}
        for use, runs in (("screening", each.screening), ("confirming", each.confirming)):
            if runs is not None:
                seen = {
                    "use": use, "runs": runs.runs, "held": runs.held, "share": _share(runs),
                    "low": runs.low, "high": runs.high, "outcome": runs.outcome,
                }  # fmt: skip
                rows.append(empty | {"panel": "chance"} | named | seen)
    for row in decision.runs.to_pylist():
        each = decision.combinations[row["point"]]
        rows.append(
            empty
            | {
                "panel": decision.aims[row["goal"]].text,
                "settings": _name(each),
                "cost": each.cost,
                **{name: row[name] for name in ("use", "replication", "value", "holds")},
            }
        )
    return rows


def verdict_look(each: Combination) -> tuple[str, str, bool]:
    """Return colour and marker of a combination, and whether it is filled: by then it is known."""
    if each.confirming is None and each.verdict != "not reached":
        return SOFT, "o", False
    return *_LOOK[each.verdict], True


def _draw_chance(ax: Axes, decision: Decision, each: Combination) -> None:
    assert each.seen is not None
    colour, marker, filled = verdict_look(each)
    x = _x(decision, each)
    ax.plot([x, x], [each.seen.low, each.seen.high], color=colour, linewidth=1.6, zorder=3)
    for bound in (each.seen.low, each.seen.high):
        ax.plot([x], [bound], "_", color=colour, markersize=6, zorder=3)
    ax.plot(
        [x],
        [_share(each.seen)],
        marker,
        color=colour,
        markerfacecolor=colour if filled else "white",
        markersize=7,
        markeredgewidth=1.4,
        zorder=4,
        gid=f"combination-{each.number}",
    )


def _mark_answer(ax: Axes, decision: Decision, *, text: bool = True) -> None:
    answer = decision.answer
    if answer is None:
        return
    x = _x(decision, answer)
    ax.axvline(x, color=RULE, linewidth=6.0, zorder=0)
    if text:
        said = f"{_name(answer)} is enough" if len(answer.settings) == 1 else "the answer"
        ax.annotate(
            said, (x, 0.02), (6, 0), textcoords="offset points", fontsize=8.5, weight="bold"
        )


def _handles(drawn: Sequence[Combination]) -> list[Line2D]:
    looks = {verdict_look(each) for each in drawn}
    handles = [
        _handle(colour, marker, _WORDS[verdict], filled=True)
        for verdict, (colour, marker) in _LOOK.items()
        if (colour, marker, True) in looks
    ]
    if any(not filled for _, _, filled in looks):
        handles.append(_handle(SOFT, "o", "a first look only", filled=False))
    return handles


def _handle(colour: str, marker: str, label: str, *, filled: bool) -> Line2D:
    face = colour if filled else "white"
    return Line2D(
        [], [], color=colour, marker=marker, markerfacecolor=face, markersize=7, label=label
    )


def _x_axis(ax: Axes, decision: Decision) -> None:
    if len(decision.paths) == 1:
        unit = f" ({decision.units[0]})" if decision.units[0] else ""
        ax.set_xlabel(decision.paths[0] + unit)
        numbers = sorted(each.numbers[0] for each in decision.combinations)
        if len(numbers) <= 16:
            ax.set_xticks(numbers)
        elif all(value == round(value) for value in numbers):
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        step = _step(numbers)
        ax.set_xlim(numbers[0] - 0.6 * step, numbers[-1] + 0.6 * step)
    else:
        ax.set_xlabel("cost")
        costs = [each.cost for each in decision.combinations if each.seen is not None]
        margin = 0.04 * ((max(costs) - min(costs)) or 1.0)
        ax.set_xlim(min(costs) - margin, max(costs) + margin)


def _x(decision: Decision, each: Combination) -> float:
    return each.numbers[0] if len(decision.paths) == 1 else each.cost


def _step(numbers: Sequence[float]) -> float:
    """Return the smallest distance between numbers, 1 if there is none."""
    ordered = sorted(set(numbers))
    return min((b - a for a, b in pairwise(ordered)), default=1.0)


def _holds(
    decision: Decision, number: int, goal: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    rows = [
        row["holds"]
        for row in decision.runs.to_pylist()
        if row["point"] == number and row["goal"] == goal
    ]
    return np.array(rows, bool)


def _in_days(decision: Decision, aim: Aim) -> bool:
    return aim.unit == "h" and aim.series.split("@")[0] in TIMES


def _share(runs: Runs) -> float:
    return runs.held / runs.runs


def _name(each: Combination) -> str:
    if len(each.settings) == 1:
        return each.settings[0][1]
    return ", ".join(f"{path}={value}" for path, value in each.settings)
