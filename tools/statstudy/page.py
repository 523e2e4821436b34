"""The page of the study, docs/statistics.md, and its figure, from the cells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.style import BLUE, INK, SOFT, VERMILLION, new_figure, styled
from sim.statistics.intervals import probability_interval
from statstudy.cells import Cell

_WORDS = Path(__file__).with_name("page.md")
_TABLE = (
    "| system | what | replications | claimed | found, with the band of so many experiments | |",
    "|---|---|---|---|---|---|",
)
#: What the figure shows, by panel: title, parts, limits of the axis.
_PANELS: tuple[tuple[str, tuple[str, ...], tuple[float, float]], ...] = (
    (
        "The interval covers what is true",
        ("mean", "difference", "probability", "quantile", "family-intervals", "pilot", "precision"),
        (0.90, 1.0),
    ),
    ("False alarms", ("alarm", "family-alarms"), (0.0, 0.10)),
    ("A difference of 3 % is found", ("power",), (0.7, 1.0)),
)


def build_page(cells: Sequence[Cell], facts: dict[str, Any]) -> str:
    """Return the text of the page: the words of page.md with facts and tables put in.

    Raises:
        KeyError: the words name a fact, or a part, that there is not.
    """
    claimed = [each for each in cells if each.verdict]
    tables = {}
    for part in dict.fromkeys(each.part for each in cells):
        rows = [_row(each) for each in cells if each.part == part]
        tables[f"table_{part}"] = "\n".join([*_TABLE, *rows])
    return _WORDS.read_text(encoding="utf-8").format(
        **facts,
        **tables,
        claims=len(claimed),
        hold=sum(each.verdict == "holds" for each in claimed),
        which=_failing(claimed),
    )


def _failing(claimed: Sequence[Cell]) -> str:
    failing = [each for each in claimed if each.verdict != "holds"]
    if not failing:
        return ""
    named = "; ".join(f"{each.system}, {each.what}, {each.runs} runs" for each in failing)
    return f" Those that do not: {named}."


def _row(each: Cell) -> str:
    band = probability_interval(each.held, each.experiments, method="clopper-pearson")
    remarks = [each.verdict, each.note]
    if each.expected is not None:
        remarks.append(f"theory: {each.expected:.1%}")
    found = f"{each.share:.1%} [{band.low:.1%}, {band.high:.1%}]"
    columns = (
        each.system,
        each.what,
        each.runs,
        _claim(each),
        found,
        ", ".join(filter(None, remarks)),
    )
    return "| " + " | ".join(columns) + " |"


def _claim(each: Cell) -> str:
    if each.low is None:
        return "–"
    if each.high is None:
        return f"at least {each.low:.0%}"
    return f"{each.low:.1%} to {each.high:.1%}"


def draw_figure(cells: Sequence[Cell]) -> Figure:
    """Draw the claims: a dot for each share with its band, and the claim shaded."""
    chosen = [[each for each in cells if _panel(each) in parts] for _, parts, _ in _PANELS]
    heights = [len(rows) + 2.2 for rows in chosen]
    height = 0.215 * sum(heights) + 0.6
    with styled():
        figure = new_figure(9.0, height)
        grid = figure.add_gridspec(
            len(_PANELS), 1, height_ratios=heights, left=0.475, right=0.97,
            top=1 - 0.35 / height, bottom=0.45 / height, hspace=0.28,
        )  # fmt: skip
        for row, ((title, _, limits), cells_of) in enumerate(zip(_PANELS, chosen, strict=True)):
            _draw_panel(figure.add_subplot(grid[row]), title, cells_of, limits)
    return figure


def _panel(each: Cell) -> str:
    """Return the part of the figure; "" for what has no claim, but for quantiles."""
    if each.part == "family" and each.verdict:
        return "family-intervals" if "intervals" in each.what else "family-alarms"
    return each.part if each.verdict or each.part == "quantile" else ""


def _draw_panel(ax: Axes, title: str, cells: Sequence[Cell], limits: tuple[float, float]) -> None:
    labels = []
    for place, each in enumerate(cells):
        band = probability_interval(each.held, each.experiments, method="clopper-pearson")
        colour = VERMILLION if each.verdict == "does not hold" else BLUE
        ax.plot([band.low, band.high], [place, place], color=colour, linewidth=1.4)
        ax.plot([each.share], [place], "o", color=colour, markersize=4.5)
        if each.expected is not None:
            ax.plot([each.expected], [place], "|", color=INK, markersize=9)
        labels.append(f"{each.system}: {each.what}, {each.runs}")
    claim = next((each for each in cells if each.low is not None), None)
    if claim is not None:
        ax.axvspan(claim.low or 0.0, claim.high or 1.0, color="#E4EEF5", zorder=0, linewidth=0)
    ax.set_yticks(range(len(cells)), labels, fontsize=7.2)
    ax.set_ylim(len(cells) - 0.4, -0.6)
    ax.set_xlim(*limits)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    ax.tick_params(axis="x", labelsize=7.5)
    ax.spines["left"].set_color(SOFT)
    ax.set_title(title)
