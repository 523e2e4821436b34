"""The verdicts of several results side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.plots.comparing.overlays import result_names
from sim.plots.drawn import Row
from sim.plots.style import SOFT, VERDICT_COLOUR, VERDICT_MARKER, new_figure, panels, styled
from sim.plots.words import capital, figure_text, span_text
from sim.store.result import Result

_ROW, _TEXT, _COLUMN = 0.42, 4.3, 1.95  # inches
_ABOVE, _BELOW = 0.9, 0.45
_CHANGED = "#EEF1F4"


def plot_verdict_table(results: Sequence[Result], *, ax: Axes | None = None) -> Axes:
    """Draw a row for each reported figure and a column for each result: the verdict as a marker, in
    colour and in words, and the median and central 95 % of the runs below it.

    Rows whose verdict is not the same in all results are shaded. ``ax`` should be about as wide and
    high as :func:`verdict_table_figure` makes it. Raises ValueError if no result reports anything.
    """
    rows = _rows(results)
    if not rows:
        raise ValueError("none of the results has reported figures")
    with styled():
        if ax is None:
            width = 0.3 + _TEXT + _COLUMN * len(results)
            figure = new_figure(width, _ABOVE + _BELOW + _ROW * len(rows))
            ax = panels(figure, top=_ABOVE, bottom=_BELOW, left=0.15, right=0.15)[0]
        _draw(ax, results, rows)
    return ax


def verdict_table_figure(results: Sequence[Result]) -> Figure | None:
    """Return a figure of the right size with the verdicts; None if nothing is reported."""
    if not _rows(results):
        return None
    figure = plot_verdict_table(results).get_figure(root=True)
    assert figure is not None
    return figure


def _rows(results: Sequence[Result]) -> list[tuple[str, list[dict[str, Any] | None]]]:
    """Return, for each figure that any result reports, the verdict of each result or None."""
    by_result = [{row["id"]: row for row in result.verdicts} for result in results]
    names = dict.fromkeys(name for verdicts in by_result for name in verdicts)
    return [(name, [verdicts.get(name) for verdicts in by_result]) for name in names]


def _draw(
    ax: Axes, results: Sequence[Result], rows: list[tuple[str, list[dict[str, Any] | None]]]
) -> None:
    width = _TEXT + _COLUMN * len(results)
    ax.set_xlim(0.0, width)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_axis_off()
    title = "Reported figures and what each result says to them"
    ax.text(0.0, -1.6, title, fontsize=10.5, fontweight="bold", va="center", clip_on=False)
    head: dict[str, Any] = {"fontsize": 8.5, "color": SOFT, "va": "center", "clip_on": False}
    ax.text(0.0, -0.8, "Reported", **head)
    for column, name in enumerate(result_names(results)):
        ax.text(_TEXT + _COLUMN * column + 0.05, -0.8, _short(name, 26), **head)
    for line, (name, verdicts) in enumerate(rows):
        if len({None if row is None else row["verdict"] for row in verdicts}) > 1:
            ax.add_patch(
                Rectangle((0.0, line - 0.5), width, 1.0, color=_CHANGED, linewidth=0, zorder=0)
            )
        known = next(i for i, row in enumerate(verdicts) if row is not None)
        first = verdicts[known]
        assert first is not None
        scenario = results[known].scenario
        figure = scenario.reported.get(name)
        text = name if figure is None else capital(figure_text(scenario, figure))
        ax.text(0.0, line, first["row"], fontsize=8.5, fontweight="bold", va="center")
        ax.text(0.4, line, _short(text, 66), fontsize=8.5, va="center")
        for column, (result, row) in enumerate(zip(results, verdicts, strict=True)):
            _draw_cell(ax, _TEXT + _COLUMN * column, line, result, row)


def _draw_cell(ax: Axes, x: float, line: int, result: Result, row: dict[str, Any] | None) -> None:
    if row is None:
        ax.text(x + 0.05, line, "not asked", fontsize=8, color=SOFT, va="center")
        return
    verdict = row["verdict"]
    colour = VERDICT_COLOUR[verdict]
    face = "white" if row["use"] == "fit" else colour
    marker = VERDICT_MARKER[verdict]
    ax.plot(
        [x + 0.12], [line - 0.17], marker, color=colour, markersize=6, markerfacecolor=face,
        markeredgewidth=1.3, gid=f"verdict-{row['id']}",
    )  # fmt: skip
    ax.text(x + 0.25, line - 0.17, verdict, fontsize=8.5, color=colour, va="center")
    if row["runs"]:
        said = span_text(
            result.start, row["model_median"], row["model_low"], row["model_high"], row["unit"]
        )
        ax.text(x + 0.05, line + 0.2, _short(said, 36), fontsize=7, color=SOFT, va="center")


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


VERDICT_TABLE_COLUMNS = (
    "id",
    "row",
    "use",
    "unit",
    "result",
    "verdict",
    "model_median",
    "model_low",
    "model_high",
    "runs",
)


def verdict_table_rows(results: Sequence[Result]) -> list[Row]:
    """Return a row for each figure and result; values whose unit is time are hours."""
    rows: list[Row] = []
    for name, verdicts in _rows(results):
        for result, row in zip(result_names(results), verdicts, strict=True):
            said = row or {"id": name, "verdict": "not asked"}
            cells = {key: said.get(key, "") for key in VERDICT_TABLE_COLUMNS}
            rows.append({**cells, "result": result})
    return rows
