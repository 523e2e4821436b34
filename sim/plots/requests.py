"""Requests over time: how many were made, answered, served and withdrawn so far."""

from __future__ import annotations

from dataclasses import dataclass, replace

from matplotlib.axes import Axes

from sim.plots.bands import Band, anchors, avoid_band, draw_band, read_band
from sim.plots.closures import closure_rows, draw_closures, name_closures
from sim.plots.dates import count_axis, date_axis
from sim.plots.drawn import Drawn, band_rows
from sim.plots.labels import LineLabel, LineStyle, Placer
from sim.plots.reported import last_hour
from sim.plots.style import BLUE, INK, ORANGE, TEAL, axes_or_new, drawable, styled
from sim.plots.words import capital, echelon_title, product_title
from sim.store.result import Result

#: The curves of a table of requests, what to call them, and how they are drawn.
CURVES: tuple[tuple[str, str, str, LineStyle], ...] = (
    ("requests-asked", "asked", INK, (0.0, (5.0, 1.6))),
    ("requests-answered", "answered", TEAL, "-"),
    ("requests-served", "received", BLUE, "-"),
    ("requests-withdrawn", "withdrawn", ORANGE, (0.0, (1.5, 1.2))),
)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One curve of a table of requests; values are requests."""

    measure: str
    title: str
    colour: str
    linestyle: LineStyle
    band: Band


@dataclass(frozen=True, slots=True, eq=False)
class RequestsData:
    """What is drawn of one table of requests, cut at ``end`` hours."""

    name: str
    title: str
    end: float
    series: tuple[Series, ...]


def read_requests(result: Result, name: str) -> RequestsData:
    """Read what the figure of a table of requests draws: withdrawals only where there are any.

    Raises KeyError for a table that the scenario does not have.
    """
    scenario = result.scenario
    request = scenario.requests[name]
    echelon = request.echelon or scenario.sites[str(request.site)].echelon
    found = []
    for measure, title, colour, linestyle in CURVES:
        band = read_band(result, measure, product=request.product, echelon=echelon, entity=name)
        if band is not None and (measure != "requests-withdrawn" or band.high.any()):
            found.append(Series(measure, title, colour, linestyle, band))
    end = last_hour([series.band for series in found], [], scenario.horizon.value)
    who = echelon_title(scenario, echelon)
    if request.site is not None:
        who = drawable(scenario.sites[request.site].title, request.site)
    title = f"Requests for {product_title(scenario, request.product)} by {who}, in all so far"
    cut = tuple(replace(series, band=series.band.until(end)) for series in found)
    return RequestsData(name, title, end, cut)


def plot_requests(result: Result, name: str, *, ax: Axes | None = None) -> Axes:
    """Draw how many requests of a table were made, answered, received and withdrawn so far.

    Lines are medians over replications, shades the central 95 % of them. A request is answered when
    all of its units are promised. Raises KeyError for a table that the scenario does not have.
    """
    data = read_requests(result, name)
    start = result.start
    with styled():
        ax = axes_or_new(ax)
        for item in data.series:
            draw_band(ax, start, item.band, item.colour, linestyle=item.linestyle, label=item.title)
        top = max((float(item.band.high.max(initial=0.0)) for item in data.series), default=1.0)
        ax.set_ylim(0.0, 1.07 * max(top, 1.0))
        date_axis(ax, start, result.time(data.end))
        count_axis(ax, "requests")
        draw_closures(ax, result, data.end)
        placer = Placer(ax)
        for item in data.series:
            avoid_band(placer, start, item.band, item.title)
        lines = [
            LineLabel(item.title, item.colour, item.linestyle, anchors(start, item.band))
            for item in data.series
        ]
        placer.key(placer.line_labels(lines))
        name_closures(ax, placer, result, data.end)
        ax.set_title(capital(data.title))
    return ax


def request_rows(result: Result, data: RequestsData) -> list[Drawn]:
    """Return all that the figure draws, as rows."""
    rows: list[Drawn] = []
    for item in data.series:
        rows += band_rows(result, data.name, item.title, "requests", item.band)
    return rows + closure_rows(result, data.name, data.end)
