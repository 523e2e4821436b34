"""Every figure of a plan: PNG and SVG, each with the CSV it draws."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from sim.plots.deciding.chance import CHANCE_COLUMNS, chance_rows, plot_attained, plot_chance
from sim.plots.deciding.costgrid import plot_costs
from sim.plots.drawn import Row, write_csv
from sim.plots.style import drawable, footer, new_figure, panels, save, styled
from sim.store.decisions import Decision

#: Goals that get a panel of their own.
MOST_GOALS = 3


def draw_decision(decision: Decision) -> list[Path]:
    """Draw the chance by value, with what the runs attained below, and for two choices the grid.

    Returns the files written into the plan's folder ``figures``.
    """
    folder = decision.path / "figures"
    folder.mkdir(exist_ok=True)
    rows = chance_rows(decision)
    goals = min(len(decision.aims), MOST_GOALS)
    with styled():
        figure = new_figure(9.5, 4.2 + 2.9 * goals)
        above, *below = panels(
            figure, (1.25,) + (1.0,) * goals, top=0.4, bottom=0.8, gap=0.7, right=1.75
        )
        plot_chance(decision, ax=above).set_xlabel("")
        for goal, ax in enumerate(below):
            plot_attained(decision, goal, ax=ax)
            if ax is not below[-1]:
                ax.set_xlabel("")
        sure = f"{decision.confidence * 100:.6g} %"
        note = f"bounds: exact, one-sided, each with {sure} confidence"
        written = _write(decision, figure, folder / "chance", rows, note)
        if len(decision.paths) == 2:
            figure = new_figure(9.5, 6.4)
            plot_costs(decision, ax=panels(figure, top=0.45, bottom=0.85)[0])
            note = "runs in which the goals hold; lines: cost; frame: the answer"
            written += _write(decision, figure, folder / "costs", rows, note)
    return written


def _write(
    decision: Decision, figure: Figure, stem: Path, rows: list[Row], note: str
) -> list[Path]:
    name = drawable(decision.name, decision.path.name)
    footer(figure, f"{name} {decision.manifest['digest'][:8]} · {note}")
    csv = write_csv(stem.with_name(f"{stem.name}.csv"), CHANCE_COLUMNS, rows)
    return [*save(figure, stem), csv]
