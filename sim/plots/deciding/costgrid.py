"""Two choices of a plan as a grid: how often the goals hold, what it costs, and the answer."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from sim.plots.style import BLUE, INK, RULE, SOFT, axes_or_new
from sim.store.decisions import Decision

_SHARES = LinearSegmentedColormap.from_list("postroad-shares", ["#FFFFFF", BLUE])


def plot_costs(decision: Decision, *, ax: Axes | None = None) -> Axes:
    """Draw a cell for each combination of two choices, dark where the goals hold in most runs.

    Each cell says in how many of its runs they held; one without a number never ran. Bold: shown
    to be enough. Lines join what costs the same; the frame is the answer. Raises ValueError unless
    there are two choices.
    """
    if len(decision.paths) != 2:
        raise ValueError(f"a grid needs two choices, found {len(decision.paths)}")
    ax = axes_or_new(ax, 9.0, 6.0)
    across, up = (sorted({each.numbers[i] for each in decision.combinations}) for i in (0, 1))
    cost = np.zeros((len(up), len(across)))
    small = len(across) > 9 or len(up) > 14
    for each in decision.combinations:
        x, y = across.index(each.numbers[0]), up.index(each.numbers[1])
        cost[y, x] = each.cost
        seen = each.seen
        share = 0.0 if seen is None else seen.held / seen.runs
        face = "#F6F6F4" if seen is None else _SHARES(0.75 * share)
        ax.add_patch(
            Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=face, edgecolor="white", linewidth=1.0)
        )
        if seen is not None:
            ax.text(
                x,
                y,
                f"{seen.held}/{seen.runs}",
                ha="center",
                va="center",
                fontsize=6.5 if small else 8,
                weight="bold" if each.verdict == "reached" else "normal",
                color="white" if share > 0.7 else INK,
            )
    if len(across) > 1 and len(up) > 1 and cost.min() < cost.max():
        lines = ax.contour(
            np.arange(len(across)), np.arange(len(up)), cost, 6, colors=SOFT, linewidths=0.8
        )
        ax.clabel(lines, fmt=lambda level: f"{level:,.6g}", fontsize=7, colors=INK)
    if decision.answer is not None:
        x = across.index(decision.answer.numbers[0])
        y = up.index(decision.answer.numbers[1])
        ax.add_patch(
            Rectangle(
                (x - 0.48, y - 0.48), 0.96, 0.96, fill=False, edgecolor=INK, linewidth=2.4, zorder=5
            )
        )
    ax.set_xlim(-0.5, len(across) - 0.5)
    ax.set_ylim(-0.5, len(up) - 0.5)
    ax.set_xticks(range(len(across)), [f"{value:g}" for value in across])
    ax.set_yticks(range(len(up)), [f"{value:g}" for value in up])
    ax.grid(visible=False)
    for side in ax.spines.values():
        side.set_color(RULE)
    units = [f" ({unit})" if unit else "" for unit in decision.units]
    ax.set_xlabel(decision.paths[0] + units[0])
    ax.set_ylabel(decision.paths[1] + units[1])
    ax.set_title(" and ".join(aim.text for aim in decision.aims))
    return ax
