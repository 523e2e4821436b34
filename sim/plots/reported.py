"""Reported figures as points over time, with their tolerance and their verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Any

from sim.plots.bands import Band
from sim.plots.drawn import Drawn, iso
from sim.plots.words import product_title, regions_text
from sim.scenario.figures import FIGURE_MEASURES, Reported
from sim.store.result import Result


@dataclass(frozen=True, slots=True)
class Point:
    """A reported figure in a plane of time (hours since the start) and value.

    For a figure that is a time, the tolerance lies along the time axis (``along_time``), else along
    the value axis; ``low`` and ``high`` bound it there, None is open. Where only these were
    reported the point is one of them, and ``bounds_only``. ``scope`` says which part of the whole
    it counts; "" is the whole.
    """

    name: str
    row: str
    use: str
    verdict: str
    scope: str
    hour: float
    value: float
    low: float | None
    high: float | None
    along_time: bool
    bounds_only: bool = False

    @property
    def text(self) -> str:
        """What stands beside the point."""
        name = self.row or self.name
        return f"{name}, {self.scope} only" if self.scope else name

    def shifted(self, hours: float) -> Point:
        """Return the point so many hours later, for an axis that starts earlier."""
        if not self.along_time:
            return replace(self, hour=self.hour + hours)
        low, high = (None if end is None else end + hours for end in (self.low, self.high))
        return replace(self, hour=self.hour + hours, low=low, high=high)

    @property
    def last_hour(self) -> float:
        """The latest hour that the point covers."""
        return max(self.hour, self.high or 0.0) if self.along_time else self.hour


def points_at(result: Result, measure: str, echelon: str, product: str | None) -> list[Point]:
    """Return the points of figures that give a value for one moment.

    Figures of one site or of a time span are left out: their curve is not drawn. Those of a part of
    the nation carry their scope.
    """
    found = []
    for name, figure in result.scenario.reported.items():
        wanted = (
            figure.measure == measure
            and figure.echelon == echelon
            and (product is None or figure.product == product)
            and figure.site is None
            and figure.since is None
            and figure.at is not None
            and not isinstance(figure.value, datetime)
        )
        if wanted and figure.at is not None:
            at = _hours(figure.at, result.start)
            value = _hours(figure.value, result.start)
            assert at is not None
            if value is None:  # only bounds were reported: the bar between them is all there is
                ends = [_hours(limit, result.start) for limit in figure.limits()]
                value = next(end for end in ends if end is not None)
            found.append(_point(result, name, figure, at, value, along_time=False))
    return found


def points_when(
    result: Result, measure: str, echelon: str, product: str | None, whole: float
) -> list[Point]:
    """Return the points of national figures that say when a share of ``whole`` was reached."""
    found = []
    for name, figure in result.scenario.reported.items():
        wanted = (
            figure.measure == measure
            and figure.echelon == echelon
            and (product is None or figure.product == product)
            and figure.site is None
            and not figure.regions
        )
        if wanted and isinstance(figure.value, datetime):
            hour = _hours(figure.value, result.start)
            assert hour is not None
            found.append(_point(result, name, figure, hour, figure.share * whole, along_time=True))
    return found


def _point(
    result: Result, name: str, figure: Reported, hour: float, value: float, *, along_time: bool
) -> Point:
    low, high = (_hours(limit, result.start) for limit in figure.limits())
    if FIGURE_MEASURES[figure.measure] == "share":
        low, high = (0.0 if low is None else low), (1.0 if high is None else high)
    verdict = verdict_of(result, name)
    scenario = result.scenario
    scope = regions_text(scenario, figure)
    if figure.measure == "coverage" and figure.product and len(scenario.products) > 1:
        scope = ", ".join(part for part in (product_title(scenario, figure.product), scope) if part)
    return Point(
        name,
        figure.row or "",
        figure.use,
        verdict,
        scope,
        hour,
        value,
        low,
        high,
        along_time,
        figure.value is None,
    )


def verdict_of(result: Result, name: str) -> str:
    """Return the verdict on a figure as it was written, "not recorded" if there is none."""
    rows: list[dict[str, Any]] = result.verdicts
    return next((str(row["verdict"]) for row in rows if row["id"] == name), "not recorded")


def last_hour(
    bands: Iterable[Band], points: Iterable[Point], horizon: float, tolerance: float = 0.01
) -> float:
    """Return where to stop drawing: when the bands have come to rest (to ``tolerance``), the last
    point included, and a little more, at a full day; the horizon at the latest."""
    rest = max((band.settled(tolerance) for band in bands), default=horizon)
    last = max((point.last_hour for point in points), default=0.0)
    return min(24.0 * ceil(max(1.02 * rest, last + 6.0, 1.0) / 24.0), horizon)


def _hours(value: float | datetime | None, start: datetime) -> float | None:
    if isinstance(value, datetime):
        return (value - start).total_seconds() / 3600.0
    return None if value is None else float(value)


def point_rows(
    start: datetime, panel: str, unit: str, points: Iterable[Point], *, verdicts: bool = True
) -> list[Drawn]:
    """Return the points as rows; a tolerance in time is in ``earliest`` and ``until``."""
    return [
        Drawn(
            panel,
            "reported",
            point.text,
            iso(start, point.hour),
            point.value,
            None if point.along_time else point.low,
            None if point.along_time else point.high,
            unit,
            iso(start, point.low) if point.along_time else "",
            iso(start, point.high) if point.along_time else "",
            point.row,
            point.use,
            point.verdict if verdicts else "",
        )
        for point in points
    ]
