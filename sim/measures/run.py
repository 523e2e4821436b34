"""Everything that is measured of one run: a ledger in, tidy rows, curves and arrivals out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger
from sim.measures.consumption import measure_consumption
from sim.measures.coverage import (
    SHARES,
    Completed,
    arrivals_by_site,
    completion_times,
    grouped_share_times,
    share_times,
)
from sim.measures.curves import Curve, read_curves
from sim.measures.equity import gini, worst_share_mean
from sim.measures.fleets import measure_fleets
from sim.measures.flow import Arrived, Flow, arrived, flows_of, last_mile_to
from sim.measures.lanes import measure_lanes
from sim.measures.leadtime import Origins, origins_of, weighted_mean, weighted_quantiles
from sim.measures.requests import asked_by_table, measure_requests
from sim.measures.rows import Row, Rows
from sim.measures.scope import Scope
from sim.measures.stations import measure_stations, visits_of
from sim.measures.use import fleet_busy
from sim.measures.whole import measure_whole
from sim.measures.window import Window, until_over, window_of
from sim.plan.specs import Plan

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """When the facilities of each site were served: hours, inf for never; one row a site.

    ``received`` is when the site itself first received anything. Where goods end at places, each
    is its own facility, served when it has all that is due to it.
    """

    echelon: str
    site: Ints
    facilities: Ints
    received: Floats
    first: Floats
    half: Floats
    ninety: Floats
    last: Floats


@dataclass(frozen=True, slots=True, eq=False)
class RunMeasures:
    """All that is kept of one run beside its ledger."""

    replication: int
    rows: tuple[Row, ...]
    curves: tuple[Curve, ...]
    arrivals: tuple[Arrivals, ...]


def measure_run(
    ledger: Ledger, plan: Plan, scope: Scope, flows: tuple[Flow, ...] | None = None
) -> RunMeasures:
    """Return the measures of one run. A time that did not come by the horizon is NaN.

    ``flows`` are those of the ledger, if they are known already. Where a run was over before the
    horizon, nothing counts that happened later.
    """
    if ledger.ended < ledger.horizon:
        ledger, flows = until_over(ledger), None
    flows = flows_of(ledger, plan) if flows is None else flows
    window = window_of(ledger, plan)
    rows = Rows()
    fleets = {spec.name: fleet_busy(index, ledger, plan) for index, spec in enumerate(plan.fleets)}
    stations = visits_of(ledger, plan)
    origins = origins_of(flows, ledger.supplies, plan)
    completed = {
        echelon: completion_times(echelon, flows, plan)
        for echelon in dict.fromkeys(lane.destination for lane in plan.lanes)
    }
    came = [arrived(flow) for flow in flows]
    _measure_flows(rows, flows, ledger, plan)
    _measure_coverage(rows, completed, ledger, plan, scope)
    _measure_lead_times(rows, flows, came, origins, plan, window)
    measure_lanes(rows, flows, came, origins, ledger, plan, window)
    measure_fleets(rows, fleets, ledger, plan, window)
    measure_stations(rows, stations, ledger, plan, window)
    measure_whole(rows, flows, came, origins, ledger, plan, window)
    measure_consumption(rows, ledger, plan, window)
    asked = asked_by_table(ledger, plan)
    measure_requests(rows, asked, plan, window)
    return RunMeasures(
        ledger.replication,
        tuple(rows.rows),
        tuple(read_curves(ledger, plan, flows, completed, fleets, stations, asked)),
        tuple(_arrivals(ledger, plan, flows, completed, scope)),
    )


def by_place(flows: Sequence[Flow], *, sending: bool) -> Iterator[tuple[int, int, list[Flow]]]:
    """Return product, echelon and flows of all that an echelon sends, or receives."""
    groups: dict[tuple[int, int], list[Flow]] = {}
    for flow in flows:
        echelon = flow.origin if sending else flow.destination
        groups.setdefault((flow.product, echelon), []).append(flow)
    for (product, echelon), group in groups.items():
        yield product, echelon, group


def _measure_flows(rows: Rows, flows: Sequence[Flow], ledger: Ledger, plan: Plan) -> None:
    supplies = ledger.supplies
    got = {
        (product, echelon): sum(flow.units_got() for flow in group)
        for product, echelon, group in by_place(flows, sending=False)
    }
    for product, echelon, group in by_place(flows, sending=True):
        where = {"product": plan.products[product], "echelon": plan.echelons[echelon]}
        sent = sum(flow.units_sent() for flow in group)
        arrived = sum(flow.units_got() for flow in group)
        lost = sum(flow.units_lost(on_the_way=True) for flow in group)
        lost_here = sum(flow.units_lost(on_the_way=False) for flow in group)
        rows.add("dispatched", sent, **where)
        rows.add("in-transit", sent - arrived - lost, **where)
        here = (plan.site_echelon[supplies.site] == echelon) & (supplies.product == product)
        came = int(supplies.units[here].sum()) + got.get((product, echelon), 0)
        rows.add("on-hand", came - sent - lost_here, **where)
    for product, echelon, group in by_place(flows, sending=False):
        where = {"product": plan.products[product], "echelon": plan.echelons[echelon]}
        rows.add("received", got[product, echelon], **where)
        if not last_mile_to(echelon, group, plan):
            places = [flow.place[np.isfinite(flow.got) & (flow.came > 0)] for flow in group]
            rows.add("sites-reached", len(np.unique(np.concatenate(places))), **where)


def _measure_coverage(
    rows: Rows,
    completed: dict[int, Completed],
    ledger: Ledger,
    plan: Plan,
    scope: Scope,
) -> None:
    for index, those in completed.items():
        if not len(those):  # all take whatever comes
            continue
        echelon, times = plan.echelons[index], those.times
        there = np.isfinite(times)
        rows.add("coverage", float(there.mean()), echelon=echelon)
        rows.add("complete", float(there.all()), echelon=echelon)
        for name, hours in share_times(times).items():
            rows.add(name, hours, echelon=echelon)
        if index in {lane.origin for lane in plan.lanes if lane.sharing is None}:
            continue
        mean, count = _measure_regions(rows, those, echelon, ledger, scope)
        if len(count):
            rows.add("gini-arrival", gini(mean, count), echelon=echelon)
        rows.add(
            "worst-decile", worst_share_mean(np.minimum(times, ledger.horizon)), echelon=echelon
        )


def _measure_regions(
    rows: Rows, completed: Completed, echelon: str, ledger: Ledger, scope: Scope
) -> tuple[Floats, Floats]:
    """Add coverage by region; return, by region, the mean time until service and facilities."""
    region = scope.region[completed.sites]
    if (region < 0).any():  # sites of no region
        completed, region = completed.at(region >= 0), region[region >= 0]
    times, first = completed.in_groups(region, len(scope.regions))
    count = np.diff(first).astype(np.float64)
    there = np.isfinite(times)
    covered = [
        np.count_nonzero(there[begin:end])
        for begin, end in zip(first[:-1].tolist(), first[1:].tolist(), strict=True)
    ]
    by_share = grouped_share_times(times.copy(), first) if len(times) else {}
    for index in np.flatnonzero(count):
        name = scope.regions[index]
        rows.add("coverage", covered[index] / count[index], echelon=echelon, region=name)
        for share in SHARES:
            rows.add(share, by_share[share][index], echelon=echelon, region=name)
    capped = np.minimum(times, ledger.horizon)
    of = np.repeat(np.arange(len(count)), np.diff(first))
    mean = np.bincount(of, capped, minlength=len(count)) / np.maximum(count, 1)
    some = count > 0
    return mean[some], count[some]


def _measure_lead_times(
    rows: Rows,
    flows: Sequence[Flow],
    came: Sequence[Arrived],
    origins: Sequence[Origins],
    plan: Plan,
    window: Window,
) -> None:
    groups: dict[tuple[int, int], list[tuple[Floats, Ints]]] = {}
    for flow, got, origin in zip(flows, came, origins, strict=True):
        late = got.within(window)
        hours = late.got - flow.of_rows(origin.left).take(late.rows)
        groups.setdefault((flow.product, flow.destination), []).append((hours, late.units))
    for (product, echelon), parts in groups.items():
        hours, units = (
            column[0] if len(parts) == 1 else np.concatenate(column)
            for column in zip(*parts, strict=True)
        )
        if not units.any():
            continue
        where = {"product": plan.products[product], "echelon": plan.echelons[echelon]}
        median, ninety = weighted_quantiles(hours, units, (0.5, 0.9))
        rows.add("lead-time-mean", weighted_mean(hours, units), **where)
        rows.add("lead-time-median", median, **where)
        rows.add("lead-time-p90", ninety, **where)


def _arrivals(
    ledger: Ledger,
    plan: Plan,
    flows: Sequence[Flow],
    completed: dict[int, Completed],
    scope: Scope,
) -> list[Arrivals]:
    """Return the arrivals of all echelons of facilities, and of places at which goods end."""
    first_receipt = np.full(len(plan.site_keys), np.inf)
    for flow in flows:
        if not plan.lanes[flow.lane].is_last_mile:
            np.minimum.at(first_receipt, flow.place, flow.got)
    found = [
        (echelon, sites, first, by_share["T50"], by_share["T90"], by_share["T100"])
        for echelon, sites, by_share, first in arrivals_by_site(ledger, plan)
    ]
    on_tours = {echelon for echelon, *_ in found}
    for echelon in sorted((scope.facilities.keys() & completed.keys()) - on_tours):
        times, sites = completed[echelon].times, completed[echelon].sites
        found.append((echelon, sites, times, times, times, times))
    return [
        Arrivals(
            plan.echelons[echelon],
            sites,
            scope.facilities[echelon][sites],
            first_receipt[sites],
            *times,
        )
        for echelon, sites, *times in found
    ]
