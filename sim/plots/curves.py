"""Cumulative curves: units dispatched and received so far at each echelon, and in transit."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.geography.nation import load_nation
from sim.network.drawn import needs_of_places
from sim.network.facilities import due_of_listed
from sim.plots.bands import Band, anchors, avoid_band, draw_band, read_band
from sim.plots.closures import closure_rows, draw_closures, name_closures
from sim.plots.dates import count_axis, date_axis
from sim.plots.drawn import Drawn, band_rows
from sim.plots.labels import LineLabel, LineStyle, Placer
from sim.plots.marks import avoid_points, draw_point, key_handles, label_points
from sim.plots.reported import Point, last_hour, point_rows, points_at, points_when
from sim.plots.style import SOFT, axes_or_new, echelon_colours, styled
from sim.plots.words import capital, echelon_title, product_title
from sim.scenario.chains import carriers_of, sources_of
from sim.scenario.counties import county_sets
from sim.scenario.faults import are_places, ends_at, gets_alike
from sim.store.result import Result
from sim.units import OPEN

_CUMULATIVE = ("dispatched", "received")


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One curve with the reported figures that speak of it; values are units."""

    measure: str
    echelon: str
    title: str
    colour: str
    band: Band
    points: tuple[Point, ...]

    @property
    def linestyle(self) -> LineStyle:
        """Dashes where goods leave, a full line where they arrive or are under way."""
        return (0.0, (5.0, 1.6)) if self.measure == "dispatched" else "-"


@dataclass(frozen=True, slots=True, eq=False)
class FlowData:
    """What is drawn of one product: the cumulative curves and those in transit.

    ``owed`` is what all facilities together are entitled to. All is cut at ``end`` hours.
    """

    product: str
    owed: int
    end: float
    cumulative: tuple[Series, ...]
    transit: tuple[Series, ...]


def default_product(result: Result, product: str | None) -> str:
    """Return the product asked for, or the scenario's first."""
    return next(iter(result.scenario.products)) if product is None else product


def owed_units(result: Result, product: str, echelon: str | None = None) -> int:
    """Return how many units of a product all facilities and sites of a result are to get for
    themselves, or those of one echelon; who takes all that comes is owed nothing."""
    scenario, owed = result.scenario, 0
    if product not in scenario.products:
        return 0
    nation = load_nation(scenario.geography.nation)
    column = list(scenario.products).index(product)
    names = [name for name in scenario.echelons if echelon in (None, name)]
    for name in names:
        if are_places(scenario.echelons[name]):
            if product in scenario.echelons[name].due:
                areas = county_sets(scenario.areas, nation)
                owed += int(needs_of_places(scenario, nation, name, areas)[:, column].sum())
        elif scenario.echelons[name].sites is None:
            due = due_of_listed(scenario, nation, name)[:, column]
            owed += int(due[due < OPEN].sum())
    table = result.arrivals
    if not table.num_rows:
        return owed
    one_run = table.filter(pc.equal(table["replication"], table["replication"][0]))
    for name in names:
        stated = scenario.echelons[name]
        if stated.sites is None or are_places(stated):
            continue
        each, whole = stated.entitlement.get(product), stated.total.get(product)
        here = one_run.filter(pc.equal(one_run["echelon"], name))
        facilities = int(here["facilities"].to_numpy().sum())
        owed += int(each.value) * facilities if each is not None else 0
        owed += int(whole.value) if whole is not None and facilities else 0
    return owed


def read_flow(result: Result, product: str | None = None) -> FlowData:
    """Read what the flow figures of a product draw."""
    product = default_product(result, product)
    echelons = carriers_of(result.scenario, product)
    owed = owed_units(result, product)
    sources = [name for name in sources_of(result.scenario) if name in echelons]
    cumulative = [_series(result, "dispatched", name, product, owed) for name in sources]
    reached = [name for name in echelons if name not in sources]
    cumulative += [_series(result, "received", name, product, owed) for name in reached]
    transit = [_series(result, "in-transit", name, product, owed) for name in echelons]
    found = [series for series in cumulative if series is not None]
    moving = [series for series in transit if series is not None]
    points = [point for series in (*found, *moving) for point in series.points]
    end = last_hour([series.band for series in found], points, result.scenario.horizon.value)
    return FlowData(product, owed, end, _cut(found, end), _cut(moving, end))


def _series(result: Result, measure: str, echelon: str, product: str, owed: int) -> Series | None:
    band = read_band(result, measure, product=product, echelon=echelon)
    if band is None:
        return None
    scenario = result.scenario
    echelons = carriers_of(scenario, product)
    colour = echelon_colours(echelons)[echelon]
    title = echelon_title(scenario, echelon)
    if measure == "in-transit":
        onward = [lane.to for lane in scenario.lanes.values() if lane.from_ == echelon]
        onward = [name for name in onward if name in echelons]
        if not onward:
            return None
        title = "to the " + " and ".join(echelon_title(scenario, name) for name in onward)
        colour = echelon_colours(echelons)[onward[0]]
    else:
        title = f"{'dispatched by' if measure == 'dispatched' else 'received by'} the {title}"
    points = points_at(result, measure, echelon, product)
    if measure in _CUMULATIVE and not gets_alike(scenario, echelon):
        when = "dispatch-time" if measure == "dispatched" else "receipt-time"
        if ends_at(scenario, echelon):
            owed = owed_units(result, product, echelon)
        points += points_when(result, when, echelon, product, float(owed))
    return Series(measure, echelon, title, colour, band, tuple(points))


def _cut(series: list[Series], end: float) -> tuple[Series, ...]:
    return tuple(
        Series(
            item.measure, item.echelon, item.title, item.colour, item.band.until(end), item.points
        )
        for item in series
    )


def plot_flow(result: Result, *, product: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw units dispatched by the makers and received at each echelon, in all so far.

    Lines are medians over replications, shades the central 95 % of them. Reported figures are
    points with their tolerance; one that counts a part of the nation only says so and has a
    dotted tolerance. ``product`` is the scenario's first unless given. A product of which the
    result has no curve gives empty axes.
    """
    data = read_flow(result, product)
    with styled():
        ax = axes_or_new(ax)
        placer = _draw(ax, result, data, data.cumulative)
        dashes = []
        if data.owed:
            ax.axhline(data.owed, color=SOFT, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
            placer.avoid_line(ax.get_xlim(), [data.owed] * 2)
            dash = Line2D([], [], color=SOFT, linewidth=0.9, linestyle=(0, (1, 2)))
            dash.set_label(f"owed to all facilities: {data.owed:,}")
            dashes.append(dash)
        _finish(ax, placer, result, data, data.cumulative, dashes)
        name = product_title(result.scenario, data.product)
        ax.set_title(f"{capital(name)} dispatched and received, in all so far")
    return ax


def plot_in_transit(result: Result, *, product: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the units under way to each echelon, in the manner of :func:`plot_flow`."""
    data = read_flow(result, product)
    with styled():
        ax = axes_or_new(ax, height=3.0)
        placer = _draw(ax, result, data, data.transit)
        _finish(ax, placer, result, data, data.transit, [])
        name = product_title(result.scenario, data.product)
        ax.set_title(f"{capital(name)} in transit")
    return ax


def _draw(ax: Axes, result: Result, data: FlowData, series: tuple[Series, ...]) -> Placer:
    start = result.start
    for item in series:
        draw_band(ax, start, item.band, item.colour, linestyle=item.linestyle, label=item.title)
    tops = [1.0, *(float(item.band.high.max(initial=0.0)) for item in series)]
    tops += [
        point.value if point.along_time or point.high is None else point.high
        for item in series
        for point in item.points
    ]
    ax.set_ylim(0.0, 1.07 * max(tops))
    date_axis(ax, start, result.time(data.end))
    title = product_title(result.scenario, data.product)
    count_axis(ax, title.partition(" (")[0])  # beside the panel is no room for whose they are
    draw_closures(ax, result, data.end)
    placer = Placer(ax)
    for item in series:
        avoid_band(placer, start, item.band, item.title)
        for point in item.points:
            draw_point(ax, start, point)
        avoid_points(placer, start, item.points)
    return placer


def _finish(
    ax: Axes,
    placer: Placer,
    result: Result,
    data: FlowData,
    series: tuple[Series, ...],
    more: list[Line2D],
) -> None:
    """Write the labels of points and lines, and the key for the rest."""
    lines = [
        LineLabel(item.title, item.colour, item.linestyle, anchors(result.start, item.band))
        for item in series
    ]
    points = [point for item in series for point in item.points]
    placer.key([*placer.line_labels(lines), *more, *key_handles(points)])
    label_points(placer, result.start, points)
    name_closures(ax, placer, result, data.end)


def flow_rows(result: Result, data: FlowData) -> list[Drawn]:
    """Return all that the two flow figures of a product draw, as rows."""
    rows = []
    for panel, series in (("cumulative", data.cumulative), ("in transit", data.transit)):
        for item in series:
            rows += band_rows(result, panel, item.title, "units", item.band)
        for item in series:
            rows += point_rows(result.start, panel, "units", item.points)
    owed = Drawn("cumulative", "level", "owed to all facilities", value=data.owed, unit="units")
    rows.append(owed)
    return rows + closure_rows(result, "all", data.end)
