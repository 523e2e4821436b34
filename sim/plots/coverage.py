"""Coverage over time: the share of sites and facilities that hold their whole entitlement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, isfinite

import pyarrow.compute as pc
from matplotlib.axes import Axes

from sim.measures.scope import NATIONAL
from sim.plots.bands import Band, anchors, avoid_band, draw_band, read_band
from sim.plots.closures import closure_rows, draw_closures, name_closures
from sim.plots.dates import date_axis, dates_of, share_axis
from sim.plots.drawn import Drawn, band_rows, iso
from sim.plots.labels import LineLabel, Placer
from sim.plots.marks import avoid_points, draw_point, key_handles, label_points
from sim.plots.reported import Point, last_hour, point_rows, points_at, points_when
from sim.plots.style import SOFT, axes_or_new, echelon_colours, styled
from sim.plots.words import echelon_title, span_text
from sim.scenario.faults import ends_at, gets_alike
from sim.statistics.intervals import Interval, spread
from sim.store.result import Result

#: The shares whose times are marked, by the measure that has them, and what to call them.
SHARES = {"T50": (0.5, "half"), "T90": (0.9, "nine tenths")}


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """When a share was covered: hours since the start by run; inf is after the horizon."""

    measure: str
    share: float
    words: str
    when: Interval


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The coverage of one echelon, the times marked on it, and the figures reported of it."""

    echelon: str
    title: str
    colour: str
    facilities: bool
    band: Band
    reached: tuple[Reached, ...]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CoverageData:
    """What the coverage figure draws, cut at ``end`` hours."""

    end: float
    series: tuple[Series, ...]


def read_coverage(result: Result, echelons: Sequence[str] | None = None) -> CoverageData:
    """Read the coverage of every echelon, or of these, in the order in which goods pass through
    them."""
    scenario = result.scenario
    names = list(scenario.echelons) if echelons is None else list(echelons)
    colours = echelon_colours(names)
    found = []
    for name in names:
        band = read_band(result, "coverage", echelon=name)
        if band is None:
            continue
        facilities = ends_at(scenario, name)
        points = points_at(result, "coverage", name, None)
        if gets_alike(scenario, name):  # so units covered are facilities covered
            points += points_when(result, "receipt-time", name, None, 1.0)
        title = echelon_title(scenario, name)
        reached = tuple(read_reached(result, name))
        found.append(Series(name, title, colours[name], facilities, band, reached, tuple(points)))
    points = [point for series in found for point in series.points]
    end = last_hour([series.band for series in found], points, scenario.horizon.value)
    return CoverageData(
        end,
        tuple(
            Series(
                item.echelon,
                item.title,
                item.colour,
                item.facilities,
                item.band.until(end),
                item.reached,
                item.points,
            )
            for item in found
        ),
    )


def read_reached(result: Result, echelon: str) -> Iterable[Reached]:
    """Read when the shares of an echelon were covered in each run: median and central 95 %."""
    table = result.runs_where(echelon=echelon, region=NATIONAL)
    for measure, (share, words) in SHARES.items():
        rows = table.filter(pc.equal(table["measure"], measure))
        values = [inf if value is None else value for value in rows["value"].to_pylist()]
        if values:
            yield Reached(measure, share, words, spread(values, missing="late"))


def plot_coverage(
    result: Result,
    *,
    echelons: Sequence[str] | None = None,
    until: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of each echelon's sites or facilities that hold all that is due to them.

    With ``echelons`` only these, and with ``until`` the axis ends so many hours after the start.

    Lines are medians over replications, shades the central 95 % of them. For facilities the times
    by which half and nine tenths were covered are marked, with the spread of the runs as a bar.
    Days on which those who work are closed for a holiday are shaded.
    """
    data = read_coverage(result, echelons)
    start = result.start
    end = data.end if until is None else until
    with styled():
        ax = axes_or_new(ax)
        ax.set_ylim(0.0, 1.06)
        date_axis(ax, start, result.time(end))
        share_axis(ax, "share that holds its whole entitlement")
        ax.set_yticks([0.0, 0.25, 0.5, 0.75, 0.9, 1.0])
        draw_closures(ax, result, end)
        placer = Placer(ax)
        for item in data.series:
            draw_band(ax, start, item.band, item.colour, label=item.title)
            avoid_band(placer, start, item.band, item.title)
            for point in item.points:
                draw_point(ax, start, point)
            avoid_points(placer, start, item.points)
        for item in data.series:
            if item.facilities:
                _mark(ax, placer, result, item)
        lines = [
            LineLabel(item.title, item.colour, "-", anchors(start, item.band))
            for item in data.series
        ]
        points = [point for item in data.series for point in item.points]
        placer.key([*placer.line_labels(lines), *key_handles(points)])
        for item in data.series:
            if item.facilities:
                _name_times(placer, result, item)
        label_points(placer, start, points)
        name_closures(ax, placer, result, end)
        of = "" if echelons is None else ": " + _named(data)
        ax.set_title(f"Coverage over time{of}")
    return ax


def _named(data: CoverageData) -> str:
    """Return what the facilities of a figure are called."""
    return " and ".join(item.title for item in data.series if item.facilities)


def _mark(ax: Axes, placer: Placer, result: Result, item: Series) -> None:
    """Mark when the shares were reached, with the spread of the runs."""
    start = result.start
    left = ax.get_xlim()[0]
    for reached in item.reached:
        when = reached.when
        if not isfinite(when.estimate):
            continue
        x = float(dates_of(start, when.estimate))
        ends = dates_of(start, [when.low, min(when.high, item.band.hours[-1])])
        ax.plot([left, x], [reached.share] * 2, color=SOFT, linewidth=0.8, linestyle=":")
        ax.plot(ends, [reached.share] * 2, color=item.colour, linewidth=4.5, alpha=0.45)
        ax.plot(
            [x],
            [reached.share],
            "|",
            color=item.colour,
            markersize=11,
            markeredgewidth=2.0,
            gid=f"reached-{item.echelon}-{reached.measure}",
        )
        placer.avoid_point(x, reached.share, 4.0)
        placer.avoid_line(ends, [reached.share] * 2)


def _name_times(placer: Placer, result: Result, item: Series) -> None:
    """Write when the shares were reached."""
    for reached in item.reached:
        when = reached.when
        if isfinite(when.estimate):
            words = span_text(result.start, when.estimate, when.low, when.high, "time")
            x = float(dates_of(result.start, when.estimate))
            placer.label(f"{reached.words}: {words}", [(x, reached.share)], colour=item.colour)


def coverage_rows(result: Result, data: CoverageData) -> list[Drawn]:
    """Return all that the coverage figure draws, as rows."""
    start = result.start
    rows: list[Drawn] = []
    for item in data.series:
        rows += band_rows(result, "coverage", item.title, "share", item.band)
    for item in data.series:
        rows += [
            Drawn(
                "coverage",
                "time",
                f"{reached.measure} of {item.title}",
                iso(start, reached.when.estimate),
                reached.share,
                unit="share",
                earliest=iso(start, reached.when.low),
                until=iso(start, reached.when.high),
            )
            for reached in item.reached
            if item.facilities and isfinite(reached.when.estimate)
        ]
        rows += point_rows(start, "coverage", "share", item.points)
    return rows + closure_rows(result, "coverage", data.end)
