"""Days on which those who work in a scenario are closed beyond their usual week: holidays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from matplotlib.axes import Axes

from sim.plan.shifts import calendar_spec
from sim.plots.dates import dates_of
from sim.plots.drawn import Drawn, iso
from sim.plots.labels import Placer
from sim.plots.style import SOFT
from sim.plots.words import day_text
from sim.scenario.schema import Scenario
from sim.store.result import Result
from sim.workdays import compile_calendar

_DAY = 24.0
_BEYOND = 30 * _DAY  # looked at past the horizon for the end of a closure


@dataclass(frozen=True, slots=True)
class Closure:
    """Days in a row, in hours since the start, and the calendars that are closed then."""

    begin: float
    end: float
    calendars: tuple[str, ...]


def closures(scenario: Scenario) -> list[Closure]:
    """Return the closed days of the calendars in use that a holiday or an exception causes.

    A run of closed days counts whole, weekends included, if one of them would be worked in an
    ordinary week. Days are those of the scenario's zone; a closure that begins before the horizon
    counts whole.
    """
    found: dict[tuple[float, float], list[str]] = {}
    for name in _in_use(scenario):
        for span in _closed_spans(scenario, name):
            found.setdefault(span, []).append(name)
    return [Closure(*span, tuple(names)) for span, names in sorted(found.items())]


def _in_use(scenario: Scenario) -> list[str]:
    named = {
        *(station.calendar for station in scenario.stations.values()),
        *(fleet.calendar for fleet in scenario.fleets.values()),
        *(site.shifts for site in scenario.sites.values()),
    }
    return [name for name in scenario.calendars if name in named]


def _closed_spans(scenario: Scenario, name: str) -> list[tuple[float, float]]:
    end = scenario.horizon.value + _BEYOND
    start = scenario.start
    spec = calendar_spec(scenario.calendars[name], scenario)
    usual = compile_calendar(replace(spec, country=None, exceptions={}), start, end)
    actual = compile_calendar(spec, start, end)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    first = (midnight - start) / timedelta(hours=1)
    inside = np.maximum(np.arange(first, end, _DAY), 0.0)
    closed = np.diff(actual.elapsed(inside)) <= 0.0
    missed = closed & (np.diff(usual.elapsed(inside)) > 0.0)
    turns = np.flatnonzero(np.diff(np.concatenate([[False], closed, [False]]).astype(np.int8)))
    runs = turns.reshape(-1, 2).tolist()
    spans = [
        (float(inside[opening]), float(inside[closing]))
        for opening, closing in runs
        if missed[opening:closing].any()
    ]
    return [span for span in spans if span[0] < scenario.horizon.value]


def closure_text(start: datetime, closure: Closure) -> str:
    """Write the days of a closure: ``closed 21-27 Jan``."""
    first = start + timedelta(hours=closure.begin)
    last = start + timedelta(hours=closure.end) - timedelta(minutes=1)
    if first.date() == last.date():
        return f"closed {day_text(first)}"
    if first.month == last.month:
        return f"closed {first.day}–{day_text(last)}"
    return f"closed {day_text(first)} – {day_text(last)}"


def draw_closures(ax: Axes, result: Result, last_hour: float) -> None:
    """Shade the closed days up to ``last_hour`` on an axis of dates."""
    for begin, end, _ in _shown(result, last_hour):
        ax.axvspan(begin, end, color="#EDEFF1", linewidth=0, zorder=0)


def name_closures(ax: Axes, placer: Placer, result: Result, last_hour: float) -> None:
    """Write when it was closed inside each shade that is wide enough, where there is room."""
    for begin, end, closure in _shown(result, last_hour):
        middle = (begin + end) / 2
        words = closure_text(result.start, closure)
        text = ax.text(
            middle,
            0.0,
            words,
            transform=ax.get_xaxis_transform(),
            ha="center",
            va="center",
            fontsize=8,
            color=SOFT,
        )
        left, right = ax.transData.transform([(begin, 0.0), (end, 0.0)])[:, 0]
        if text.get_window_extent().width > right - left:
            text.set_text(words.replace(" ", "\n", 1))
        if text.get_window_extent().width > right - left:
            text.remove()
        else:
            placer.settle(text, [(middle, y) for y in (0.06, 0.94, 0.14, 0.86, 0.3, 0.5, 0.7)])


def _shown(result: Result, last_hour: float) -> list[tuple[float, float, Closure]]:
    return [
        (*dates_of(result.start, [closure.begin, min(closure.end, last_hour)]).tolist(), closure)
        for closure in closures(result.scenario)
        if closure.begin < last_hour
    ]


def closure_rows(result: Result, panel: str, last_hour: float) -> list[Drawn]:
    """Return the closed days that begin before ``last_hour`` as rows."""
    start = result.start
    return [
        Drawn(
            panel,
            "closed",
            ", ".join(closure.calendars),
            iso(start, closure.begin),
            until=iso(start, min(closure.end, last_hour)),
        )
        for closure in closures(result.scenario)
        if closure.begin < last_hour
    ]
