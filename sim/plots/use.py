"""Use of vehicles and stations over time: who is out, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
import pyarrow.compute as pc
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.network import Network, build_network, pools_of
from sim.plots.bands import Band, avoid_band, draw_band, read_band
from sim.plots.closures import closure_rows, draw_closures, name_closures
from sim.plots.dates import count_axis, date_axis, share_axis
from sim.plots.drawn import Drawn, band_rows
from sim.plots.labels import Placer
from sim.plots.reported import last_hour
from sim.plots.style import (
    SOFT,
    axes_or_new,
    drawable,
    echelon_colours,
    new_figure,
    panels,
    styled,
)
from sim.plots.words import capital
from sim.scenario.work import Fleet
from sim.store.result import Result
from sim.units import show_hours


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """The use of one fleet or station: a share of its ``limit``, or a count where there is none.

    ``remark`` says how busy it was over its working time, or how long shipments waited.
    """

    name: str
    kind: str
    title: str
    unit: str
    colour: str
    band: Band
    limit: float
    remark: str


@dataclass(frozen=True, slots=True, eq=False)
class UseData:
    """What the figure of use draws, cut at ``end`` hours; panels in the scenario's order."""

    end: float
    fleets: tuple[Panel, ...]
    stations: tuple[Panel, ...]


def read_use(result: Result) -> UseData:
    """Read the use of every fleet and station.

    The number of vehicles is that of each place times the places that take part.
    """
    scenario = result.scenario
    network = build_network(scenario)
    colours = echelon_colours(list(scenario.echelons))
    fleets = []
    for name, fleet in scenario.fleets.items():
        home = fleet.home[0]
        band = read_band(result, "vehicles-out", echelon=home, entity=name)
        if band is not None:
            limit = fleet.vehicles.value * _places(network, fleet)
            fleets.append(_fleet(result, name, band, limit, colours[home]))
    stations = []
    for name, station in scenario.stations.items():
        waits = isfinite(station.servers.value)
        curve = "waiting" if waits else "servers-busy"
        band = read_band(result, curve, echelon=station.echelon, entity=name)
        if band is not None:
            stations.append(_station(result, name, band, waits, colours[station.echelon]))
    bands = [panel.band for panel in (*fleets, *stations)]
    end = last_hour(bands, [], scenario.horizon.value, tolerance=0.03)
    return UseData(end, _cut(fleets, end), _cut(stations, end))


def _fleet(result: Result, name: str, band: Band, limit: float, colour: str) -> Panel:
    title = capital(drawable(result.scenario.fleets[name].title, name))
    used = _mean(result, "vehicle-use", name)
    remark = "" if used is None else f"{100 * used:.0f} % in use, first call to last return"
    if isfinite(limit):
        head = f"{title} out, share of {limit:,.0f}"
        return Panel(name, "fleet", head, "share", colour, band.over(limit), limit, remark)
    head, remark = f"{title} out", "as many as needed"
    return Panel(name, "fleet", head, "vehicles", colour, band, limit, remark)


def _station(result: Result, name: str, band: Band, waits: bool, colour: str) -> Panel:
    title = capital(drawable(result.scenario.stations[name].title, name))
    no_limit = float("inf")
    if not waits:
        head, remark = f"{title}: being served", "no limit, nothing waits"
        return Panel(name, "station", head, "shipments", colour, band, no_limit, remark)
    wait, used = _mean(result, "wait-mean", name), _mean(result, "station-use", name)
    parts = [] if wait is None else [f"mean wait {show_hours(wait)}"]
    parts += [] if used is None else [f"{100 * used:.0f} % busy, first to last shipment"]
    head, remark = f"{title}: waiting", "\n".join(parts)
    return Panel(name, "station", head, "shipments", colour, band, no_limit, remark)


def _places(network: Network, fleet: Fleet) -> int:
    """Return at how many places there are vehicles of a fleet: at open sites of its homes, sites at
    one place counted once."""
    pools = pools_of(network.sites, [network.echelons.index(home) for home in fleet.home])
    return len(np.unique(pools[(pools >= 0) & ~network.sites.closed]))


def _mean(result: Result, measure: str, entity: str) -> float | None:
    table = result.measures
    here = pc.and_(pc.equal(table["measure"], measure), pc.equal(table["entity"], entity))
    found = table.filter(pc.and_(here, pc.equal(table["statistic"], "mean")))["mean"].to_pylist()
    return found[0] if found else None


def _cut(found: list[Panel], end: float) -> tuple[Panel, ...]:
    return tuple(
        Panel(
            panel.name,
            panel.kind,
            panel.title,
            panel.unit,
            panel.colour,
            panel.band.until(end),
            panel.limit,
            panel.remark,
        )
        for panel in found
    )


def plot_vehicles(result: Result, fleet: str, *, ax: Axes | None = None) -> Axes:
    """Draw the vehicles of a fleet that are out: the share of all there are, or their number where
    it has no limit. Raises KeyError for a fleet that the result has no curve of."""
    data = read_use(result)
    return _plot(result, {panel.name: panel for panel in data.fleets}[fleet], data.end, ax)


def plot_station(result: Result, station: str, *, ax: Axes | None = None) -> Axes:
    """Draw the shipments that wait at all sites of a station; those being served where it has no
    limit. Raises KeyError for a station that the result has no curve of."""
    data = read_use(result)
    return _plot(result, {panel.name: panel for panel in data.stations}[station], data.end, ax)


def use_figure(result: Result, data: UseData) -> Figure:
    """Return a figure with a panel for each fleet (left) and station (right)."""
    columns = [group for group in (data.fleets, data.stations) if group]
    rows = max(len(group) for group in columns)
    with styled():
        figure = new_figure(9.5, 0.95 + 2.0 * rows)
        heights = (1.0,) * rows
        cells = panels(figure, heights, len(columns), top=0.4, bottom=0.7, gap=0.62)
        for place, ax in enumerate(cells):
            row, column = divmod(place, len(columns))
            group = columns[column]
            if row < len(group):
                _plot(result, group[row], data.end, ax)
                if row < len(group) - 1:
                    ax.set_xlabel("")
            else:
                ax.set_visible(False)
    return figure


def _plot(result: Result, panel: Panel, end: float, ax: Axes | None) -> Axes:
    with styled():
        ax = axes_or_new(ax, height=3.0)
        start = result.start
        draw_band(ax, start, panel.band, panel.colour, label=panel.title)
        top = float(panel.band.high.max(initial=0.0))
        if panel.unit == "share":
            ax.set_ylim(0.0, min(max(1.25 * top, 0.1), 1.2))
            share_axis(ax, "share out")
            ax.set_yticks([tick for tick in ax.get_yticks() if tick <= 1.0])
        else:
            ax.set_ylim(0.0, max(1.25 * top, 1.0))
            count_axis(ax, panel.unit)
        date_axis(ax, start, result.time(end))
        draw_closures(ax, result, end)
        placer = Placer(ax)
        avoid_band(placer, start, panel.band)
        if panel.remark:
            text = ax.text(
                0.985,
                0.95,
                panel.remark,
                transform=ax.transAxes,
                ha="right",
                va="top",
                fontsize=8,
                color=SOFT,
            )
            placer.settle(text, [(0.985, y) for y in (0.95, 0.8, 0.65, 0.5)])
        name_closures(ax, placer, result, end)
        ax.set_title(panel.title, fontsize=9.5)
    return ax


def use_rows(result: Result, data: UseData) -> list[Drawn]:
    """Return all that the figure of use draws, as rows; ``panel`` is the fleet or station."""
    rows: list[Drawn] = []
    for panel in (*data.fleets, *data.stations):
        rows += band_rows(result, panel.name, panel.title, panel.unit, panel.band)
    return rows + closure_rows(result, "all", data.end)
