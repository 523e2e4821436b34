"""Stations: waits, times, numbers waiting, use, and who was turned away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Cause, Ledger
from sim.measures.leadtime import weighted_quantiles
from sim.measures.rows import Rows
from sim.measures.use import Busy, past, share_in_use
from sim.measures.window import Window, number_quantiles
from sim.plan.specs import Plan, StationSpec

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Stations that list their sites, and no more than so many, are also measured site by site.
MOST_SITES = 20


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """Shipments that joined a station, one row each, and the spans in which they were served.

    ``began`` is when service first began, ``served`` when it was done; hours, inf where it had not
    happened. Spans of service (``held``) are as many as there were interruptions, and more; their
    ``visit`` is a row of the visits. ``turned`` are the hours at which shipments were turned away,
    and ``turned_site`` where.
    """

    site: Ints
    trip: Ints
    joined: Floats
    began: Floats
    served: Floats
    held: Busy
    visit: Ints
    turned: Floats
    turned_site: Ints

    def at_site(self, site: int) -> Visits:
        """Return those at one site."""
        mine = self.site == site
        number = np.cumsum(mine) - 1
        spans = mine[self.visit]
        there = self.turned_site == site
        return Visits(
            self.site[mine],
            self.trip[mine],
            self.joined[mine],
            self.began[mine],
            self.served[mine],
            Busy(*(getattr(self.held, name)[spans] for name in ("site", "asked", "begin", "end"))),
            number[self.visit[spans]],
            self.turned[there],
            self.turned_site[there],
        )


def visits_of(ledger: Ledger, plan: Plan) -> list[Visits]:
    """Return the visits of every station, in the plan's order."""
    services, losses = ledger.services, ledger.losses
    order = np.argsort(services.station, kind="stable")
    first = np.searchsorted(services.station[order], np.arange(len(plan.stations) + 1))
    turned = losses.cause == int(Cause.TURNED_AWAY)
    result = []
    for index in range(len(plan.stations)):
        rows = order[first[index] : first[index + 1]]
        mine = np.flatnonzero(turned & (losses.station == index))
        _, each = np.unique(losses.trip[mine], return_index=True)  # one row a product
        result.append(_visits(ledger, rows, mine[each]))
    return result


def _visits(ledger: Ledger, rows: Ints, turned: Ints) -> Visits:
    services = ledger.services
    part, trip = services.part[rows], services.trip[rows]
    began, ended, done = services.began[rows], services.ended[rows], services.done[rows]
    came = rows[part == 0]
    if len(came) == len(rows):
        visit = np.arange(len(rows))
    else:
        row_of = np.empty(len(ledger.trips), np.int64)
        row_of[services.trip[came]] = np.arange(len(came))
        visit = row_of[trip]
    served = np.full(len(came), np.inf)
    served[visit[done]] = ended[done]
    first = services.began[came]
    held = np.flatnonzero(~np.isnan(began))
    end = np.where(np.isnan(ended), past(ledger.ended), ended)
    return Visits(
        services.site[came],
        services.trip[came],
        services.joined[came],
        np.where(np.isnan(first), np.inf, first),
        served,
        Busy(services.site[rows][held], services.joined[rows][held], began[held], end[held]),
        visit[held],
        ledger.losses.time[turned],
        ledger.losses.site[turned],
    )


def measure_stations(
    rows: Rows, stations: list[Visits], ledger: Ledger, plan: Plan, window: Window
) -> None:
    """Add the measures of every station: of all its sites together, of each site where they are
    few, and by product where there are several."""
    carries = _carries(ledger, plan) if len(plan.products) > 1 else []
    for spec, visits in zip(plan.stations, stations, strict=True):
        if not len(visits.joined) and not len(visits.turned):
            continue
        where = {"echelon": plan.echelons[spec.echelon], "entity": spec.name}
        _measure(rows, spec, visits, plan, window, where)
        for product, carried in zip(plan.products, carries, strict=False):
            _measure_times(rows, visits, window, carried[visits.trip], where | {"product": product})
        for site in few_sites(spec):
            name = plan.site_keys[site].partition("/")[2]
            here = where | {"entity": f"{spec.name}@{name}"}
            _measure_site(rows, spec, visits.at_site(site), window, here)


def few_sites(spec: StationSpec) -> tuple[int, ...]:
    """Return the sites of a station that lists them, if they are at least two and not many."""
    return spec.sites if 2 <= len(spec.sites) <= MOST_SITES else ()


def _carries(ledger: Ledger, plan: Plan) -> list[NDArray[np.bool_]]:
    """Return, for each product, which trips carry it."""
    loads = ledger.loads
    result = []
    for product in range(len(plan.products)):
        carried = np.zeros(len(ledger.trips), bool)
        carried[loads.trip[loads.product == product]] = True
        result.append(carried)
    return result


def _measure(
    rows: Rows,
    spec: StationSpec,
    visits: Visits,
    plan: Plan,
    window: Window,
    where: dict[str, str],
) -> None:
    shares = [percent / 100 for percent in plan.percentiles]
    begun, served = window.inside(visits.began), window.inside(visits.served)
    if begun.any():
        wait = visits.began[begun] - visits.joined[begun]
        rows.add("wait-mean", float(wait.mean()), **where)
        quantiles = weighted_quantiles(wait, np.ones(len(wait), np.int64), shares)
        for percent, value in zip(plan.percentiles, quantiles, strict=True):
            rows.add(f"wait-p{percent}", value, **where)
        rows.add("waited-share", float((wait > 0).mean()), **where)
    if served.any():
        time = visits.served[served] - visits.joined[served]
        rows.add("station-time-mean", float(time.mean()), **where)
        quantiles = weighted_quantiles(time, np.ones(len(time), np.int64), shares)
        for percent, value in zip(plan.percentiles, quantiles, strict=True):
            rows.add(f"station-time-p{percent}", value, **where)
    number, waiting = _numbers(visits, window)
    rows.add("number-waiting", waiting, **where)
    for percent, value in zip(plan.percentiles, _waiting(visits, window, shares), strict=True):
        rows.add(f"number-waiting-p{percent}", value, **where)
    rows.add("number-at-station", number, **where)
    if np.isfinite(spec.servers):
        use = share_in_use(spec.servers, spec.shift, visits.held, window, one_span=True)
        rows.add("station-use", use, **where)
    rows.add("throughput", int(served.sum()) / window.hours, **where)
    _measure_turned(rows, spec, visits, window, where)


def _measure_site(
    rows: Rows, spec: StationSpec, visits: Visits, window: Window, where: dict[str, str]
) -> None:
    _measure_times(rows, visits, window, np.ones(len(visits.trip), bool), where)
    number, waiting = _numbers(visits, window)
    rows.add("number-waiting", waiting, **where)
    rows.add("number-at-station", number, **where)
    if np.isfinite(spec.servers) and len(visits.held.site):
        use = share_in_use(spec.servers, spec.shift, visits.held, window, one_span=True)
        rows.add("station-use", use, **where)
    rows.add("throughput", int(window.inside(visits.served).sum()) / window.hours, **where)
    _measure_turned(rows, spec, visits, window, where)


def _measure_times(
    rows: Rows, visits: Visits, window: Window, which: NDArray[np.bool_], where: dict[str, str]
) -> None:
    begun = which & window.inside(visits.began)
    served = which & window.inside(visits.served)
    if begun.any():
        rows.add("wait-mean", float((visits.began - visits.joined)[begun].mean()), **where)
    if served.any():
        rows.add(
            "station-time-mean", float((visits.served - visits.joined)[served].mean()), **where
        )


def _measure_turned(
    rows: Rows, spec: StationSpec, visits: Visits, window: Window, where: dict[str, str]
) -> None:
    if np.isinf(spec.yard) or not spec.turns_away:
        return
    turned = int(window.inside(visits.turned).sum())
    came = int(window.inside(visits.joined).sum()) + turned
    rows.add("turned-away", turned, **where)
    rows.add("turned-away-share", turned / came if came else np.nan, **where)


def _numbers(visits: Visits, window: Window) -> tuple[float, float]:
    """Return how many shipments are at the station, and how many of them nobody works on."""
    number = window.mean_number(visits.joined, visits.served)
    return number, max(number - window.mean_number(visits.held.begin, visits.held.end), 0.0)


def _waiting(visits: Visits, window: Window, shares: list[float]) -> list[float]:
    """Return quantiles over time of the number that nobody works on."""
    held = visits.held
    times = np.concatenate([visits.joined, held.end, held.begin, visits.served])
    changes = np.repeat(
        [1, 1, -1, -1],
        [len(visits.joined), len(held.end), len(held.begin), len(visits.served)],
    )
    return number_quantiles(times, changes, window, shares)
