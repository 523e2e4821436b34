"""Axes of real dates, in the scenario's own zone."""

from __future__ import annotations

from datetime import datetime, tzinfo

import numpy as np
from matplotlib import ticker
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from sim.plots.words import day_text, zone_text

Floats = NDArray[np.float64]
#: Steps between ticks, in days.
_STEPS = (1 / 24, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 3.0, 7.0, 14.0, 28.0, 91.0, 182.0, 364.0)
_SECONDS = 86400.0
_INCHES_PER_TICK = 0.62
_MARGIN = 0.015  # of the span, left free on either side


def date_number(moment: datetime) -> float:
    """Return the position of a moment: days since 1970-01-01 UTC, as matplotlib has them."""
    return moment.timestamp() / _SECONDS


def dates_of(start: datetime, hours: ArrayLike) -> Floats:
    """Return positions on an axis of dates, in days, of so many hours since ``start``."""
    return np.asarray(date_number(start) + np.asarray(hours, np.float64) / 24.0)


def date_axis(ax: Axes, start: datetime, end: datetime, *, label: bool = True) -> None:
    """Make the x axis one of dates from ``start`` to ``end``, in the zone of ``start``.

    Ticks stand at local midnights, or at full hours where the span is short.
    """
    zone = start.tzinfo
    first, last = date_number(start), date_number(end)
    span = last - first
    figure = ax.get_figure(root=True)
    assert figure is not None
    room = float(figure.get_size_inches()[0]) * ax.get_position().width / _INCHES_PER_TICK
    step = next((step for step in _STEPS if span / step <= max(room, 2.0)), _STEPS[-1])
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    ax.set_xlim(first - _MARGIN * span, last + _MARGIN * span)
    ax.xaxis.set_major_locator(ticker.MultipleLocator(step, offset=date_number(midnight)))
    if step > 1:
        ax.xaxis.set_minor_locator(ticker.MultipleLocator(1, offset=date_number(midnight)))
    ax.xaxis.set_major_formatter(ticker.FuncFormatter(lambda x, _: tick_text(x, zone)))
    if label:
        years = sorted({start.year, end.astimezone(zone).year})
        ax.set_xlabel(f"date in {' and '.join(map(str, years))} ({zone_text(start)})")


def tick_text(x: float, zone: tzinfo | None) -> str:
    """Write a position on an axis of dates: ``9 Jan``, or ``18:00`` where it is not midnight."""
    moment = datetime.fromtimestamp(round(x * 1440) * 60, zone)
    return day_text(moment) if moment.hour == moment.minute == 0 else f"{moment:%H:%M}"


def count_axis(ax: Axes, unit: str) -> None:
    """Write the y axis with thousands separators, or in millions, and name its unit."""
    top = max(abs(limit) for limit in ax.get_ylim())
    if top >= 1e6:
        ax.yaxis.set_major_formatter(
            ticker.FuncFormatter(lambda y, _: f"{y / 1e6:.1f} M" if y else "0")
        )
    else:
        ax.yaxis.set_major_formatter(
            ticker.FuncFormatter(lambda y, _: f"{y:,.0f}" if y == round(y) else f"{y:,.1f}")
        )
    ax.set_ylabel(unit)


def share_axis(ax: Axes, what: str) -> None:
    """Write the y axis in per cent and say of what."""
    ax.yaxis.set_major_formatter(ticker.FuncFormatter(lambda y, _: f"{100 * y:.0f} %"))
    ax.set_ylabel(what)
