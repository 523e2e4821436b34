"""Differences of measures with their intervals, one above the other: a forest plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from typing import Any

from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.catalogue import find_measure
from sim.comparing.compare import Comparison, Difference
from sim.measures.scope import NATIONAL
from sim.measures.summary import Key
from sim.plots.drawn import Row
from sim.plots.style import INK, RESULT_COLOURS, SOFT, new_figure, panels, styled
from sim.plots.words import echelon_title
from sim.scenario.faults import ends_at
from sim.scenario.schema import Scenario
from sim.statistics.intervals import decimals

#: Measures of the first two panels, where goods end; all others are in the third.
_TIMES, _SHARES = ("T50", "T90", "T100"), ("coverage",)
_MOST_OTHERS = 8
#: Inches: a line of text, the margins, and where the plot stands between the texts.
_LINE, _ABOVE, _BELOW, _GAP = 0.235, 0.7, 0.75, 0.95
_WIDTH, _PLOT = 9.5, (3.1, 6.9)


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Differences in one unit, a line for each measure and variant. Values of the measures' own
    unit are divided by ``scales`` (by measure) for the axis."""

    title: str
    axis: str
    families: dict[Key, tuple[Difference, ...]]
    scales: dict[Key, float]

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return sum(len(family) for family in self.families.values())


def read_forests(comparison: Comparison) -> list[Forest]:
    """Return the panels: times of coverage in hours or days, shares in percentage points, and the
    other measures that differ most, in per cent of the base. Those that are the same in all
    variants, or of which nothing can be said, are left out, and so are panels without a line."""
    scenario = comparison.base.scenario
    ends = [name for name in scenario.echelons if ends_at(scenario, name)]
    families: dict[Key, list[Difference]] = {}
    for row in comparison.differences:
        if row.region == NATIONAL:
            families.setdefault(row.key, []).append(row)
    differing = {
        key: tuple(rows)
        for key, rows in families.items()
        if any(isfinite(row.difference) and not row.same for row in rows)
    }
    times = {key: rows for key, rows in differing.items() if key[0] in _TIMES and key[2] in ends}
    shares = {key: rows for key, rows in differing.items() if key[0] in _SHARES and key[2] in ends}
    others = {
        key: rows
        for key, rows in differing.items()
        if key not in times and key not in shares and find_measure(key[0]).better
    }
    largest = sorted(others, key=lambda key: -max(map(_change, others[key])))[:_MOST_OTHERS]
    unit, hours = ("days", 24.0) if _reach(times) >= 48 else ("hours", 1.0)
    found = [
        Forest("Times of coverage", f"{unit} later (+) or sooner (-)", times, _same(times, hours)),
        Forest("Coverage at the horizon", "percentage points", shares, _same(shares, 0.01)),
        Forest(
            "Other measures that differ most",
            "per cent of the base",
            {key: others[key] for key in others if key in largest},
            {key: abs(others[key][0].base_value) / 100 for key in largest},
        ),
    ]
    return [forest for forest in found if forest.families]


def _same(families: dict[Key, tuple[Difference, ...]], scale: float) -> dict[Key, float]:
    return dict.fromkeys(families, scale)


def _reach(families: dict[Key, tuple[Difference, ...]]) -> float:
    values = [v for rows in families.values() for r in rows for v in (r.difference, r.low, r.high)]
    return max((abs(value) for value in values if isfinite(value)), default=0.0)


def _change(row: Difference) -> float:
    """Return how large a clear difference is as a share of the base; 0 where that says nothing."""
    known = row.clear and isfinite(row.difference) and isfinite(row.base_value) and row.base_value
    return abs(row.difference / row.base_value) if known else 0.0


def plot_differences(comparison: Comparison, *, panel: int = 0, ax: Axes | None = None) -> Axes:
    """Draw the differences of one panel of :func:`read_forests`: for each measure and variant the
    mean of the paired differences as a point and its interval as a line, the values beside it.

    A hollow point is a difference that is not told from none. ``ax`` should be about as wide and
    high as :func:`differences_figure` makes it. Raises ValueError if there is no such panel.
    """
    forests = read_forests(comparison)
    if not panel < len(forests):
        raise ValueError(f"the comparison has {len(forests)} panels of differences")
    forest = forests[panel]
    with styled():
        if ax is None:
            figure = new_figure(_WIDTH, _ABOVE + _BELOW + _LINE * (forest.lines + 1))
            ax = panels(figure, top=_ABOVE, bottom=_BELOW, left=_PLOT[0], right=_WIDTH - _PLOT[1])[
                0
            ]
        _draw(ax, comparison, forest)
    return ax


def differences_figure(comparison: Comparison) -> Figure | None:
    """Return a figure with all panels and a key of the variants; None if nothing differs."""
    forests = read_forests(comparison)
    if not forests:
        return None
    heights = [_LINE * (forest.lines + 1) for forest in forests]
    with styled():
        key_rows = (len(comparison.variants) + 2) // 3
        above = _ABOVE + 0.2 * key_rows
        whole = above + _BELOW + sum(heights) + _GAP * (len(forests) - 1)
        figure = new_figure(_WIDTH, whole)
        bottom = whole - above
        cells = []
        for height in heights:
            bottom -= height
            box = (_PLOT[0] / _WIDTH, bottom / whole, (_PLOT[1] - _PLOT[0]) / _WIDTH)
            cells.append(figure.add_axes((*box, height / whole)))
            bottom -= _GAP
        for ax, forest in zip(cells, forests, strict=True):
            _draw(ax, comparison, forest)
        handles = [
            Line2D([], [], color=_colour(comparison, variant.name), marker="o", label=variant.name)
            for variant in comparison.variants
        ]
        hollow = Line2D([], [], color=SOFT, marker="o", markerfacecolor="white", linestyle="")
        hollow.set_label("not told from no difference")
        handles.append(hollow)
        figure.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(0.01, 1.0),
            ncols=min(4, 1 + len(handles)),
        )
    return figure


def _colour(comparison: Comparison, name: str) -> str:
    names = [variant.name for variant in comparison.variants]
    return RESULT_COLOURS[(names.index(name) + 1) % len(RESULT_COLOURS)]


def _draw(ax: Axes, comparison: Comparison, forest: Forest) -> None:
    scenario = comparison.base.scenario
    ax.axvline(0.0, color=INK, linewidth=0.9, zorder=1)
    line, several = 0.0, len(comparison.variants) > 1
    reach = [0.0]
    for number, (key, family) in enumerate(forest.families.items()):
        scale = forest.scales[key]
        if several and number:
            ax.axhline(line - 0.5, color="#E4E7EA", linewidth=0.7, zorder=0)
        for place, row in enumerate(family):
            label = _label(scenario, key) if not place else ""
            _draw_row(ax, line, row, scale, _colour(comparison, row.variant), label)
            values = (row.difference, row.low, row.high)
            reach += [value / scale for value in values if isfinite(value) and scale]
            line += 1
    least, most = min(reach), max(reach)
    room = 0.06 * max(most - least, 1e-9)
    ax.set_xlim(least - room, most + room)
    ax.set_ylim(line - 0.3, -0.7)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(ticker.FuncFormatter(lambda x, _: f"{x:+g}" if x else "0"))
    ax.xaxis.set_major_locator(ticker.MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    ax.set_xlabel(forest.axis)
    title = f"{forest.title}, less {comparison.base.name}"
    _text(ax, 0.15, -1.15, title, fontsize=10.5, fontweight="bold")


def _draw_row(
    ax: Axes, line: float, row: Difference, scale: float, colour: str, label: str
) -> None:
    _text(ax, 0.15, line, label, fontsize=8.5)
    if isnan(row.difference) or not isfinite(row.difference) or not scale:
        words = "not by the horizon in all runs" if row.measure in _TIMES else "no value"
        _text(ax, _PLOT[1] + 0.2, line, words, fontsize=8, color=SOFT)
        return
    middle, low, high = (value / scale for value in (row.difference, row.low, row.high))
    ends = [value if isfinite(value) else middle for value in (low, high)]
    ax.plot(ends, [line, line], color=colour, linewidth=2.2, zorder=3)
    face = colour if row.clear else "white"
    ax.plot(
        [middle],
        [line],
        "o",
        color=colour,
        markersize=5.5,
        markerfacecolor=face,
        zorder=4,
        gid=f"difference-{row.measure}-{row.variant}",
    )
    words = "the same" if row.same else _values(middle, low, high)
    _text(ax, _PLOT[1] + 0.2, line, words, fontsize=8)


def _values(middle: float, low: float, high: float) -> str:
    digits = decimals(middle, low, high)

    def text(value: float) -> str:
        if not isfinite(value):
            return "no bound"
        said = f"{value:+,.{digits}f}"
        return said if said.strip("+-0.,") else said[1:]

    return f"{text(middle)} [{text(low)}, {text(high)}]"


def _label(scenario: Scenario, key: Key) -> str:
    measure, product, echelon, _, entity = key
    of = entity or (echelon_title(scenario, echelon) if echelon else product)
    return f"{measure}, {of}" if of else measure


def _text(ax: Axes, inches: float, line: float, text: str, **style: Any) -> None:
    """Write on a line, so many inches from the left edge of the figure."""
    x = (inches - _PLOT[0]) / (_PLOT[1] - _PLOT[0])
    ax.text(x, line, text, va="center", transform=ax.get_yaxis_transform(), clip_on=False, **style)


FOREST_COLUMNS = (
    "panel",
    "measure",
    "product",
    "echelon",
    "entity",
    "unit",
    "base",
    "variant",
    "base_value",
    "variant_value",
    "difference",
    "low",
    "high",
    "better",
    "p_adjusted",
    "runs",
    "axis",
    "axis_value",
    "axis_low",
    "axis_high",
)


def forest_rows(forests: Sequence[Forest]) -> list[Row]:
    """Return a row for each line: the difference in the measure's own unit, and on the axis."""
    rows: list[Row] = []
    for forest in forests:
        for key, family in forest.families.items():
            scale = forest.scales[key]
            for row in family:
                at = {
                    f"axis_{name}": value / scale if scale else None
                    for name, value in (
                        ("value", row.difference),
                        ("low", row.low),
                        ("high", row.high),
                    )
                }
                cells = {name: getattr(row, name) for name in FOREST_COLUMNS if hasattr(row, name)}
                rows.append({"panel": forest.title, "axis": forest.axis, **cells, **at})
    return rows
