"""Bands: the median and the central 95 % of a curve over replications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.plots.dates import dates_of
from sim.plots.labels import LineStyle, Placer
from sim.store.curves import read_curve
from sim.store.result import Result

Floats = NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """A curve over replications at ``hours`` since the start; all arrays have one shape.

    ``low`` and ``high`` bound the central 95 % of the runs (quantiles of type 7 of R. J. Hyndman &
    Y. Fan, 1996, as in ``sim.statistics.intervals.spread``); of one run they are the curve itself.
    """

    hours: Floats
    median: Floats
    low: Floats
    high: Floats
    runs: int

    def until(self, hour: float) -> Band:
        """Return the part of the band up to that hour."""
        keep = self.hours <= hour
        return Band(self.hours[keep], self.median[keep], self.low[keep], self.high[keep], self.runs)

    def over(self, whole: float) -> Band:
        """Return the band as a share of ``whole``."""
        return Band(self.hours, self.median / whole, self.low / whole, self.high / whole, self.runs)

    def settled(self, tolerance: float) -> float:
        """Return the hour from which the median and both bounds stay as they end, to a share
        ``tolerance`` of the highest value."""
        reach = max(float(np.abs(self.high).max(initial=0.0)), 1e-12)
        moving = np.zeros(len(self.hours), bool)
        for line in (self.median, self.low, self.high):
            moving |= np.abs(line - line[-1]) > tolerance * reach
        return float(self.hours[np.flatnonzero(moving)[-1]]) if moving.any() else 0.0


def read_band(
    result: Result, measure: str, *, product: str = "", echelon: str = "", entity: str = ""
) -> Band | None:
    """Return a curve's band, or None if the result has no such curve.

    Lanes that leave one echelon for several have a curve each; flows are added up.
    """
    curve = read_curve(result, measure, product=product, echelon=echelon, entity=entity)
    if curve is None:
        return None
    tail = (1.0 - LEVEL) / 2.0
    low, median, high = np.quantile(curve.values, (tail, 0.5, 1.0 - tail), axis=0)
    return Band(curve.hours, median, low, high, len(curve.replications))


def draw_band(
    ax: Axes,
    start: datetime,
    band: Band,
    colour: str,
    *,
    linestyle: LineStyle = "-",
    label: str = "",
) -> None:
    """Draw a band on an axis of dates: a line through the medians, the spread shaded."""
    x = dates_of(start, band.hours)
    ax.fill_between(x, band.low, band.high, color=colour, alpha=0.24, linewidth=0)
    ax.plot(x, band.median, color=colour, linestyle=linestyle, label=label)


def avoid_band(placer: Placer, start: datetime, band: Band, name: str = "") -> None:
    """Keep labels off a band; ``name`` is that of its own label."""
    x = dates_of(start, band.hours)
    for line in (band.low, band.median, band.high):
        placer.avoid_line(x, line, name)


def anchors(start: datetime, band: Band) -> tuple[tuple[float, float], ...]:
    """Return places on a curve beside which its name may stand, half way up first."""
    x = dates_of(start, band.hours)
    peak = float(band.median.max(initial=0.0))
    found = []
    for share in (0.55, 0.65, 0.45, 0.75, 0.35, 0.85, 0.25):
        i = int(np.argmax(band.median >= share * peak))
        found.append((float(x[i]), float(band.median[i])))
    return tuple(found)


def runs_text(runs: int) -> str:
    """Say what line and shade are, for so many replications."""
    if runs == 1:
        return "one replication: no spread to draw"
    return f"line: median of {runs} replications; shade: their central {100 * LEVEL:g} %"
