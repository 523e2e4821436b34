"""Use of vehicles and servers: trips, kilometres, hours, and the busy share of working time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger
from sim.measures.window import Window
from sim.plan.specs import Plan, Shift

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Busy:
    """When vehicles of a fleet (or servers of a station) were held: one row each time.

    ``site`` is where they belong: one site for vehicles that several share. ``asked`` is when they
    were first wanted, ``begin`` and ``end`` are hours (``end`` is the next number after the end of
    the run where they were still out).
    """

    site: Ints
    asked: Floats
    begin: Floats
    end: Floats


def past(ended: float) -> float:
    """Return the next number after the end of a run, which stands for what had not ended."""
    return float(np.nextafter(ended, np.inf))


def fleet_busy(index: int, ledger: Ledger, plan: Plan) -> Busy:
    """Return when the vehicles of a fleet were out, on trips and on tours."""
    trips = ledger.trips
    mine = np.flatnonzero((trips.fleet == index) & ~np.isnan(trips.taken))
    parts = [(trips.origin[mine], trips.ready[mine], trips.taken[mine], trips.returned[mine])]
    for planned, done in zip(plan.tours, ledger.tours, strict=True):
        if plan.lanes[planned.lane].fleet == index:
            out = ~np.isnan(done.began)
            parts.append((planned.site[out], done.ready[out], done.began[out], done.ended[out]))
    site, asked, begin, end = (np.concatenate(column) for column in zip(*parts, strict=True))
    if plan.fleets[index].pooled:
        site = plan.fleets[index].pools(len(plan.site_keys))[site]
    return Busy(site, asked, begin, np.where(np.isnan(end), past(ledger.ended), end))


def fleet_distance(index: int, ledger: Ledger, plan: Plan) -> tuple[int, float]:
    """Return a fleet's trips that left, and the kilometres driven on them out and back.

    Kilometres are NaN where a lane that it served says its time and not how far it is.
    """
    trips = ledger.trips
    left = (trips.fleet == index) & ~np.isnan(trips.dispatched)
    count, km = int(left.sum()), 2.0 * float(trips.km[left].sum())
    for planned, done in zip(plan.tours, ledger.tours, strict=True):
        if plan.lanes[planned.lane].fleet == index:
            out = ~np.isnan(done.began)
            count += int(out.sum())
            legs = np.add.reduceat(planned.leg_km, planned.first[:-1])
            km += float((legs + planned.back_km)[out].sum())
    return count, km


def worked(shift: Shift, begin: Floats, end: Floats) -> Floats:
    """Return the working hours between two times; all hours where work never closes."""
    if shift.always:
        return end - begin
    if shift.closing == "pause":
        return shift.calendar.elapsed(end) - shift.calendar.elapsed(begin)
    return end - begin


def share_in_use(
    servers: float,
    shift: Shift,
    busy: Busy,
    window: Window,
    *,
    one_span: bool = False,
    hours: float | None = None,
) -> float:
    """Return the share of the working time of vehicles (or servers) in which they were held.

    ``servers`` is how many each site has. At each site the time counts from when one was first
    wanted until the last was free again, so that waiting for goods to arrive at all is not
    idleness; with ``one_span`` it counts from the first call anywhere to the last release anywhere,
    at the sites that were asked at all. After a warm-up it is the whole window instead. NaN where
    there is no limit, or nothing was asked for. ``hours`` are those worked in all, if known.
    """
    if np.isinf(servers) or not len(busy.site):
        return np.nan
    sites = np.flatnonzero(np.bincount(busy.site))
    if window.begin > 0:
        first, last = np.full(len(sites), window.begin), np.full(len(sites), window.end)
        end = np.clip(busy.end, window.begin, window.end)
        begin = np.clip(busy.begin, window.begin, window.end)
        held = worked(shift, begin, end).sum()
    else:
        first, last = np.full(sites[-1] + 1, np.inf), np.zeros(sites[-1] + 1)
        np.minimum.at(first, busy.site, busy.asked)
        np.maximum.at(last, busy.site, busy.end)
        first, last = first[sites], last[sites]
        if one_span:
            first[:], last[:] = first.min(), last.max()
        held = worked(shift, busy.begin, busy.end).sum() if hours is None else hours
    if shift.always:
        there = last - first
    else:
        there = shift.calendar.elapsed(last) - shift.calendar.elapsed(first)
    return float(min(held / (servers * there.sum()), 1.0)) if there.sum() > 0 else np.nan


def busy_at(begin: Floats, end: Floats, moments: Floats) -> Ints:
    """Return how many of the spans [begin, end) hold at each of the moments, ascending."""
    begun = np.searchsorted(np.sort(begin), moments, side="right")
    ended = np.searchsorted(np.sort(end), moments, side="right")
    return (begun - ended).astype(np.int64)


def most_at_once(begin: Floats, end: Floats) -> int:
    """Return the largest number of spans [begin, end) that hold at one moment."""
    if not len(begin):
        return 0
    moments = np.sort(begin)
    ended = np.searchsorted(np.sort(end), moments, side="right")
    # Of those that begin at one moment the last one counts: it finds them all.
    return int((np.arange(1, len(begin) + 1) - ended).max())
