"""The verdicts as a picture: the model's spread against the tolerance of each reported figure."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, inf, log10
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.plots.drawn import Row, iso
from sim.plots.style import (
    INK,
    SOFT,
    VERDICT_COLOUR,
    VERDICT_MARKER,
    new_figure,
    panels,
    styled,
)
from sim.plots.words import (
    capital,
    figure_text,
    quantity,
    span_text,
    tolerance_text,
    unit_text,
)
from sim.store.result import Result

#: The two groups of figures, in the order in which they are drawn.
GROUPS = {
    "fit": "Used to fit what was not reported",
    "predict": "Predictions: used to fit nothing",
}
#: Size of the figure and where its columns begin, in inches; the plot stands between the texts.
_WIDTH, _ROW, _LEFT, _INDENT, _PLOT, _RIGHT = 9.05, 0.43, 0.15, 0.55, (4.0, 6.3), 6.5
_ABOVE, _BELOW = 0.9, 0.75
_REACH = 3.3  # of the axis, on either side of the tolerance's middle
_ONE_SIDED = {"time": 24.0, "share": 0.05}  # half a tolerance where only one end was said


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One verdict, placed on an axis on which the figure's tolerance reaches from -1 to 1.

    ``low`` and ``high`` are the tolerance there (-inf or inf where it is open), ``reported``,
    ``median``, ``least`` and ``most`` the reported value, the model's median and its central 95 %;
    None where the runs recorded nothing. Outside the tolerance the axis is logarithmic.
    """

    verdict: dict[str, Any]
    text: str
    said: str
    model: str
    low: float
    high: float
    reported: float | None
    median: float | None
    least: float | None
    most: float | None


def read_verdicts(result: Result) -> list[VerdictRow]:
    """Read the verdicts, figures that guided the fit first, else in the scenario's order."""
    rows = sorted(result.verdicts, key=lambda row: list(GROUPS).index(row["use"]))
    return [_row(result, row) for row in rows]


def _row(result: Result, row: dict[str, Any]) -> VerdictRow:
    start, unit = result.start, row["unit"]
    figure = result.scenario.reported.get(row["id"])
    text = row["id"] if figure is None else figure_text(result.scenario, figure)
    recorded = row["runs"] > 0
    middle, half = _scale(row)

    said = ""  # where only bounds were reported, the tolerance is all there is
    if row["reported"] is not None:
        said = quantity(start, row["reported"], unit)
        said += "" if figure is None else unit_text(result.scenario, figure)
    tolerance = tolerance_text(start, row["low"], row["high"], unit)
    model = "not recorded"
    if recorded:
        model = span_text(start, row["model_median"], row["model_low"], row["model_high"], unit)

    def place(value: float | None) -> float:
        return axis_position(inf if value is None else (value - middle) / half)

    def limit(value: float | None, open_end: float) -> float:
        return open_end if value is None else place(value)

    return VerdictRow(
        verdict=row,
        text=capital(text),
        said=tolerance if tolerance.endswith(said) else f"{said}; tolerance {tolerance}",
        model=model,
        low=limit(row["low"], -inf),
        high=limit(row["high"], inf),
        reported=None if row["reported"] is None else place(row["reported"]),
        median=place(row["model_median"]) if recorded else None,
        least=place(row["model_low"]) if recorded else None,
        most=place(row["model_high"]) if recorded else None,
    )


def _scale(row: dict[str, Any]) -> tuple[float, float]:
    """Return the value in the middle of a tolerance, and half its width.

    Where only one end was said, the other is taken to lie as far on the other side of the reported
    value; where that is the end itself, half a width is a day, 5 % or a tenth of the value.
    """
    low, high = row["low"], row["high"]
    value = row["reported"] if row["reported"] is not None else low if low is not None else high
    if low is not None and high is not None:
        return (low + high) / 2, max((high - low) / 2, 1e-9 * max(abs(high), 1.0))
    end = low if high is None else high
    usual = _ONE_SIDED.get(row["unit"], max(0.1 * abs(value), 1.0))
    if end is None or end == value:
        return (value if end is None else value + (usual if high is None else -usual)), usual
    return value, abs(value - end)


def axis_position(distance: float) -> float:
    """Return where so many half tolerances from the middle lie: in proportion up to 1, then one
    step further for each power of ten; no further than the ends of the axis."""
    if abs(distance) <= 1.0:
        return distance
    return copysign(min(1.0 + log10(abs(distance)), _REACH - 0.12), distance)


def plot_verdicts(result: Result, *, ax: Axes | None = None) -> Axes:
    """Draw one row for each reported figure: its tolerance as a bar, the model's median as the
    marker of the verdict and the central 95 % of runs as a line; values stand beside it in words.

    ``ax`` should be about as wide and high as :func:`verdicts_figure` makes it. Raises ValueError
    if the scenario reports nothing.
    """
    rows = read_verdicts(result)
    if not rows:
        raise ValueError(f"{result.path} has no reported figures")
    with styled():
        if ax is None:
            height = _ABOVE + _BELOW + _ROW * (len(rows) + len(_groups(rows)))
            figure = new_figure(_WIDTH, height)
            left, right = _PLOT[0], _WIDTH - _PLOT[1]
            ax = panels(figure, top=_ABOVE, bottom=_BELOW, left=left, right=right)[0]
        _draw(ax, result, rows)
    return ax


def verdicts_figure(result: Result) -> Figure:
    """Return a figure of the right size with the verdicts."""
    figure = plot_verdicts(result).get_figure(root=True)
    assert figure is not None
    return figure


def _groups(rows: list[VerdictRow]) -> list[str]:
    return [use for use in GROUPS if any(row.verdict["use"] == use for row in rows)]


def _draw(ax: Axes, result: Result, rows: list[VerdictRow]) -> None:
    lines = len(rows) + len(_groups(rows))
    ax.set_xlim(-_REACH, _REACH)
    ax.set_ylim(lines - 0.4, -0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xticks([-3, -2, -1, 0, 1, 2, 3], ["100", "10", "1", "0", "1", "10", "100"])
    ax.set_xlabel("half tolerances from the middle;\nlogarithmic outside the tolerance")
    for x in (-1, 1):
        ax.axvline(x, color="#E4E7EA", linewidth=0.8, zorder=0)
    many = result.replications
    runs = f"median [central 95 % of {many} runs]" if many > 1 else "one run"
    _text(ax, _LEFT, -1.0, "Reported", fontsize=8.5, color=SOFT)
    _text(ax, _RIGHT, -1.0, f"Model: {runs}", fontsize=8.5, color=SOFT)
    middle = (_PLOT[0] + _PLOT[1]) / 2
    key = "bar: tolerance, tick: reported"
    _text(ax, middle, -1.0, key, fontsize=8, color=SOFT, ha="center")
    title = "Reported figures and what the model says to them"
    _text(ax, _LEFT, -1.75, title, fontsize=10.5, fontweight="bold")
    line = 0
    for use in _groups(rows):
        _text(ax, _LEFT, line, GROUPS[use], fontsize=9, fontweight="bold")
        line += 1
        for row in rows:
            if row.verdict["use"] == use:
                _draw_row(ax, row, line)
                line += 1


def _draw_row(ax: Axes, row: VerdictRow, line: int) -> None:
    verdict = row.verdict
    colour = VERDICT_COLOUR[verdict["verdict"]]
    fit = verdict["use"] == "fit"
    low, high = max(row.low, -_REACH), min(row.high, _REACH)
    ax.add_patch(
        Rectangle((low, line - 0.3), high - low, 0.6, color="#DCE3E9", linewidth=0, zorder=1)
    )
    if row.reported is not None:
        x = [row.reported] * 2
        ax.plot(x, [line - 0.3, line + 0.3], color=INK, linewidth=1.4, zorder=2)
    if row.median is not None and row.least is not None and row.most is not None:
        ax.plot([row.least, row.most], [line, line], color=colour, linewidth=2.2, zorder=3)
        ax.plot(
            [row.median],
            [line],
            VERDICT_MARKER[verdict["verdict"]],
            color=colour,
            markersize=7,
            markeredgewidth=1.5,
            markerfacecolor="white" if fit else colour,
            zorder=4,
            clip_on=False,
            gid=f"verdict-{verdict['id']}",
        )
    bold = {"fontsize": 8.5, "fontweight": "bold", "color": colour}
    _text(ax, _LEFT, line - 0.18, verdict["row"], **bold)
    _text(ax, _INDENT, line - 0.18, row.text, fontsize=8.5)
    _text(ax, _INDENT, line + 0.2, row.said, fontsize=8, color=SOFT)
    _text(ax, _RIGHT, line - 0.18, verdict["verdict"], **bold)
    _text(ax, _RIGHT, line + 0.2, row.model, fontsize=8)


def _text(ax: Axes, inches: float, line: float, text: str, **style: Any) -> None:
    """Write on a line, so many inches from the left edge of the verdicts' figure."""
    x = (inches - _PLOT[0]) / (_PLOT[1] - _PLOT[0])
    ax.text(x, line, text, va="center", transform=ax.get_yaxis_transform(), clip_on=False, **style)


VERDICT_COLUMNS = (
    "use",
    "row",
    "id",
    "verdict",
    "figure",
    "measure",
    "unit",
    "reported",
    "low",
    "high",
    "model_median",
    "model_low",
    "model_high",
    "runs",
    "axis_low",
    "axis_high",
    "axis_reported",
    "axis_median",
    "axis_least",
    "axis_most",
    "source",
    "wording",
    "note",
)
_VALUES = ("reported", "low", "high", "model_median", "model_low", "model_high")


def verdict_rows(result: Result, rows: list[VerdictRow]) -> list[Row]:
    """Return a row for each verdict; values that are times are written as such, and where a value
    lies on the picture's axis is given beside it."""
    table = []
    for row in rows:
        verdict = dict(row.verdict)
        if verdict["unit"] == "time":
            said = {name: verdict[name] for name in _VALUES}
            verdict |= {
                name: None if value is None and name == "reported" else iso(result.start, value)
                for name, value in said.items()
            }
        verdict |= {
            "figure": row.text,
            "axis_low": row.low,
            "axis_high": row.high,
            "axis_reported": row.reported,
            "axis_median": row.median,
            "axis_least": row.least,
            "axis_most": row.most,
        }
        table.append({name: verdict[name] for name in VERDICT_COLUMNS})
    return table
