"""Curves of several results to be drawn over each other, and the figures reported of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sim.evidence import probe_key
from sim.plots.bands import Band, read_band
from sim.plots.closures import closure_rows, closures
from sim.plots.comparing.panelled import look_of
from sim.plots.curves import owed_units
from sim.plots.drawn import Drawn, band_rows
from sim.plots.labels import LineStyle
from sim.plots.reported import Point, last_hour, point_rows, points_at, points_when
from sim.plots.style import drawable
from sim.plots.words import capital, echelon_title, product_title
from sim.scenario.faults import ends_at, gets_alike
from sim.store.result import Result


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """One result's curve in a comparison; hours count from the result's own ``start``."""

    result: Result
    name: str
    colour: str
    linestyle: LineStyle
    band: Band


@dataclass(frozen=True, slots=True, eq=False)
class Overlaid:
    """One measure of one echelon in several results, with the figures that any of them reports.

    Points count hours from ``start``, the first result's; verdicts are left to each result's own
    figures. Bands are whole; what is drawn of them ends at ``end``.
    """

    title: str
    unit: str
    start: datetime
    end: datetime
    overlays: tuple[Overlay, ...]
    points: tuple[Point, ...]

    def shown(self, item: Overlay) -> Band:
        """Return the part of a band that is drawn."""
        return item.band.until(_hours(item.result.start, self.end))


def aligned(data: Sequence[Overlaid]) -> list[Overlaid]:
    """Return the comparisons with one common end, for panels that are read together."""
    end = max(item.end for item in data)
    return [replace(item, end=end) for item in data]


def result_names(results: Sequence[Result]) -> list[str]:
    """Return what to call each result: its name, numbered where another has the same."""
    names: list[str] = []
    for result in results:
        name = drawable(result.name, result.path.name)
        same = sum(other.name == result.name for other in results[: len(names)])
        names.append(f"{name} ({same + 1})" if same else name)
    return names


def read_comparison(
    results: Sequence[Result], measure: str, echelon: str, product: str = ""
) -> Overlaid | None:
    """Read the curves of a measure; None if no result has it.

    Results without such a curve are left out, so are reported figures that count a part only.
    """
    overlays = []
    for index, (result, name) in enumerate(zip(results, result_names(results), strict=True)):
        band = read_band(result, measure, product=product, echelon=echelon)
        if band is not None:
            overlays.append(Overlay(result, name, *look_of(index), band))
    if not overlays:
        return None
    first = overlays[0].result
    points = _points([item.result for item in overlays], measure, echelon, product)
    ends = []
    for item in overlays:
        own = points if item.result is first else []
        horizon = item.result.scenario.horizon.value
        ends.append(item.result.time(last_hour([item.band], own, horizon)))
    place = echelon_title(first.scenario, echelon)
    if measure == "coverage":
        title, unit = f"{capital(place)} covered", "share"
    else:
        goods = product_title(first.scenario, product)
        title, unit = f"{capital(goods)} {measure} by the {place}", goods
    return Overlaid(title, unit, first.start, max(ends), tuple(overlays), tuple(points))


def _points(results: list[Result], measure: str, echelon: str, product: str) -> list[Point]:
    """Return the national figures that any result reports, each once, in hours from the start of
    the first result."""
    start = results[0].start
    found: dict[str, Point] = {}
    for result in results:
        if echelon not in result.scenario.echelons:
            continue
        points = points_at(result, measure, echelon, product or None)
        alike = gets_alike(result.scenario, echelon)
        if measure == "coverage" and alike:
            points += points_when(result, "receipt-time", echelon, None, 1.0)
        elif measure != "coverage" and not alike:
            when = "dispatch-time" if measure == "dispatched" else "receipt-time"
            only = echelon if ends_at(result.scenario, echelon) else None
            whole = float(owed_units(result, product, only))
            points += points_when(result, when, echelon, product, whole)
        shift = _hours(start, result.start)
        for point in points:
            if not point.scope:
                figure = result.scenario.reported[point.name]
                key = f"{probe_key(figure)} {figure.value} {figure.limits()}"
                found.setdefault(key, point.shifted(shift))
    return list(found.values())


def comparison_rows(data: Sequence[Overlaid]) -> list[Drawn]:
    """Return all that the panels draw, as rows; ``series`` is the result."""
    rows: list[Drawn] = []
    for item in data:
        unit = "share" if item.unit == "share" else "units"
        for overlay in item.overlays:
            rows += band_rows(overlay.result, item.title, overlay.name, unit, item.shown(overlay))
        rows += point_rows(item.start, item.title, unit, item.points, verdicts=False)
        shared = shared_closures(item)
        if shared:
            rows += closure_rows(shared[0], item.title, shared[1])
    return rows


def shared_closures(data: Overlaid) -> tuple[Result, float] | None:
    """Return a result and where its axis ends if all results are closed on the same days."""
    first = data.overlays[0].result
    same = closed_alike([item.result for item in data.overlays])
    return (first, _hours(first.start, data.end)) if same else None


def closed_alike(results: Sequence[Result]) -> bool:
    """Return whether all results are closed on the same days."""
    days = []
    for result in results:
        found = closures(result.scenario)
        days.append([(result.time(each.begin), result.time(each.end)) for each in found])
    return all(each == days[0] for each in days)


def _hours(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 3600.0
