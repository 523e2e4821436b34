"""Difference curves: how much more each variant has covered, or received, at each hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.comparing.compare import Comparison
from sim.comparing.over_time import difference_curve
from sim.plots.bands import Band, anchors, avoid_band, draw_band
from sim.plots.closures import closure_rows, draw_closures, name_closures
from sim.plots.comparing.overlays import closed_alike
from sim.plots.comparing.panelled import look_of, panelled
from sim.plots.dates import count_axis, date_axis
from sim.plots.drawn import Drawn, iso
from sim.plots.labels import LineLabel, LineStyle, Placer
from sim.plots.reported import last_hour
from sim.plots.style import INK, axes_or_new, styled
from sim.plots.words import capital, echelon_title, product_title
from sim.scenario.faults import ends_at
from sim.store.result import Result

_KEY_COLUMNS = 4
_POINTS = "percentage points"


@dataclass(frozen=True, slots=True, eq=False)
class GainCurve:
    """One variant's difference; of ``band`` the median is the mean of the paired differences, low
    and high bound it at each hour."""

    name: str
    colour: str
    linestyle: LineStyle
    band: Band


@dataclass(frozen=True, slots=True, eq=False)
class GainCurves:
    """One curve of one echelon in all variants, less that of the base, until ``end`` (hours)."""

    title: str
    unit: str
    base: Result
    end: float
    curves: tuple[GainCurve, ...]
    closures: bool

    @property
    def start(self) -> datetime:
        """Time zero."""
        return self.base.start


def read_gain_curves(
    comparison: Comparison, measure: str, echelon: str, product: str = ""
) -> GainCurves | None:
    """Read how a curve differs in all variants, in percentage points or units; None if the base or
    all variants lack it."""
    base = comparison.base
    found = []
    for index, variant in enumerate(comparison.variants, 1):
        curve = difference_curve(
            base,
            variant,
            comparison.replications,
            measure,
            product=product,
            echelon=echelon,
            level=comparison.each,
        )
        if curve is None:
            continue
        scale = 100.0 if measure == "coverage" else 1.0
        band = Band(curve.hours, curve.mean, curve.low, curve.high, curve.runs).over(1 / scale)
        found.append(GainCurve(variant.name, *look_of(index), band))
    if not found:
        return None
    place = echelon_title(base.scenario, echelon)
    if measure == "coverage":
        title, unit = f"{capital(place)} covered", _POINTS
    else:
        goods = product_title(base.scenario, product)
        title, unit = f"{capital(goods)} {measure} by the {place}", goods
    end = last_hour([curve.band for curve in found], [], base.scenario.horizon.value)
    alike = closed_alike(comparison.results)
    return GainCurves(f"{title}, less {base.name}", unit, base, end, tuple(found), alike)


def all_gain_curves(comparison: Comparison) -> list[GainCurves]:
    """Read coverage, and units received of the first product, at every echelon at which goods end;
    all end together."""
    scenario = comparison.base.scenario
    ends = [name for name in scenario.echelons if ends_at(scenario, name)]
    product = next(iter(scenario.products))
    wanted = [("coverage", end, "") for end in ends] + [("received", end, product) for end in ends]
    read = [read_gain_curves(comparison, *each) for each in wanted]
    found = [data for data in read if data is not None]
    end = max((data.end for data in found), default=0.0)
    return [replace(data, end=end) for data in found]


def plot_gain_curves(
    comparison: Comparison,
    *,
    measure: str = "coverage",
    echelon: str | None = None,
    product: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how much more (or less) of one echelon each variant has covered than the base at each
    hour, or how many units more it has received or dispatched.

    Lines are means of the paired differences, shades their intervals at each hour by itself.
    ``echelon`` is the last one, ``product`` the first unless given. Raises ValueError if there is
    no such curve.
    """
    scenario = comparison.base.scenario
    echelon = list(scenario.echelons)[-1] if echelon is None else echelon
    if measure != "coverage" and product is None:
        product = next(iter(scenario.products))
    data = read_gain_curves(comparison, measure, echelon, product or "")
    if data is None:
        raise ValueError(f"the results have no curve of {measure} at {echelon} in common")
    with styled():
        ax = axes_or_new(ax)
        _draw(ax, data, key=True)
    return ax


def gain_curves_figure(data: Sequence[GainCurves], comparison: Comparison) -> Figure:
    """Return a figure with a panel for each of the curves and one key for all of them."""
    columns = 1 if len(data) < 3 else 2
    with styled():
        return panelled(
            [partial(_draw, data=item, key=False) for item in data],
            {index: variant.name for index, variant in enumerate(comparison.variants, 1)},
            columns=columns,
            height=3.1 if columns == 1 else 2.6,
            key_columns=_KEY_COLUMNS,
        )


def _draw(ax: Axes, data: GainCurves, *, key: bool) -> None:
    start = data.start
    shown = [(curve, curve.band.until(data.end)) for curve in data.curves]
    lowest = highest = 0.0
    for curve, band in shown:
        draw_band(ax, start, band, curve.colour, linestyle=curve.linestyle, label=curve.name)
        for line in (band.low, band.median, band.high):
            known = line[line == line]  # of one run there are no bounds
            lowest = min(lowest, float(known.min(initial=0.0)))
            highest = max(highest, float(known.max(initial=0.0)))
    room = 0.07 * max(highest - lowest, 1e-9)
    ax.set_ylim(lowest - room, highest + room)
    date_axis(ax, start, data.base.time(data.end))
    if data.unit == _POINTS:
        ax.set_ylabel(_POINTS)
        ax.yaxis.set_major_formatter(ticker.FuncFormatter(lambda y, _: f"{y:+g}" if y else "0"))
    else:
        count_axis(ax, data.unit)
    if data.closures:
        draw_closures(ax, data.base, data.end)
    ax.axhline(0.0, color=INK, linewidth=0.9, zorder=1.5)
    placer = Placer(ax)
    placer.avoid_line(ax.get_xlim(), [0.0, 0.0])
    for curve, band in shown:
        avoid_band(placer, start, band, curve.name)
    if key:
        lines = [
            LineLabel(curve.name, curve.colour, curve.linestyle, anchors(start, band))
            for curve, band in shown
        ]
        placer.key(placer.line_labels(lines))
    if data.closures:
        name_closures(ax, placer, data.base, data.end)
    ax.set_title(data.title)


def gain_curve_rows(data: Sequence[GainCurves]) -> list[Drawn]:
    """Return all that the panels draw, as rows; ``series`` is the variant."""
    rows: list[Drawn] = []
    for item in data:
        unit = "points" if item.unit == _POINTS else "units"
        for curve in item.curves:
            band = curve.band.until(item.end)
            rows += [
                Drawn(
                    item.title,
                    "difference",
                    curve.name,
                    iso(item.start, hour),
                    mean,
                    low,
                    high,
                    unit,
                )
                for hour, mean, low, high in zip(
                    band.hours.tolist(),
                    band.median.tolist(),
                    band.low.tolist(),
                    band.high.tolist(),
                    strict=True,
                )
            ]
        if item.closures:
            rows += closure_rows(item.base, item.title, item.end)
    return rows
