"""Everything that is measured of one run: a ledger in, tidy rows, curves and arrivals out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger
from sim.measures.catalogue import CATALOGUE
from sim.measures.coverage import (
    SHARES,
    arrivals_by_site,
    completion_times,
    grouped_share_times,
    share_times,
)
from sim.measures.curves import Curve, read_curves
from sim.measures.equity import gini, worst_share_mean
from sim.measures.flow import Flow, flows_of
from sim.measures.leadtime import lead_times, origin_times, weighted_quantile
from sim.measures.scope import NATIONAL, Scope
from sim.measures.use import Busy, fleet_busy, fleet_distance, most_at_once, share_in_use, worked
from sim.plan.specs import Plan

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """One value of one run. ``entity`` is the fleet, station or lane it is about, if any."""

    measure: str
    product: str
    echelon: str
    region: str
    entity: str
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """When the facilities of each site were served: hours, inf for never; one row a site.

    ``received`` is when the site itself first received anything.
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


class _Rows:
    """Collects rows and refuses a measure that is not in the catalogue."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(
        self,
        measure: str,
        value: float,
        *,
        product: str = "",
        echelon: str = "",
        region: str = NATIONAL,
        entity: str = "",
    ) -> None:
        CATALOGUE[measure]  # a KeyError here is a mistake of ours
        value = float(value)
        self.rows.append(
            Row(measure, product, echelon, region, entity, np.nan if np.isinf(value) else value)
        )


def measure_run(
    ledger: Ledger, plan: Plan, scope: Scope, flows: tuple[Flow, ...] | None = None
) -> RunMeasures:
    """Return the measures of one run. A time that did not come by the horizon is NaN."""
    flows = flows_of(ledger, plan) if flows is None else flows
    rows = _Rows()
    fleets = {spec.name: fleet_busy(index, ledger, plan) for index, spec in enumerate(plan.fleets)}
    stations = {spec.name: _station_busy(index, ledger) for index, spec in enumerate(plan.stations)}
    _measure_flows(rows, flows, ledger, plan)
    _measure_coverage(rows, flows, ledger, plan, scope)
    _measure_lead_times(rows, flows, plan)
    _measure_fleets(rows, ledger, plan, fleets)
    _measure_stations(rows, plan, stations)
    return RunMeasures(
        ledger.replication,
        tuple(rows.rows),
        tuple(read_curves(ledger, plan, flows, fleets, stations)),
        tuple(_arrivals(ledger, plan, flows, scope)),
    )


def _measure_flows(rows: _Rows, flows: tuple[Flow, ...], ledger: Ledger, plan: Plan) -> None:
    supplies = ledger.supplies
    for flow in flows:
        product, origin = plan.products[flow.product], plan.echelons[flow.origin]
        destination = plan.echelons[flow.destination]
        sent = int(flow.units[np.isfinite(flow.sent)].sum())
        got = int(flow.units[np.isfinite(flow.got)].sum())
        rows.add("dispatched", sent, product=product, echelon=origin)
        rows.add("received", got, product=product, echelon=destination)
        rows.add("in-transit", sent - got, product=product, echelon=origin)
        here = (plan.site_echelon[supplies.site] == flow.origin) & (
            supplies.product == flow.product
        )
        came = int(supplies.units[here].sum()) + sum(
            int(other.units[np.isfinite(other.got)].sum())
            for other in flows
            if other.destination == flow.origin and other.product == flow.product
        )
        rows.add("on-hand", came - sent, product=product, echelon=origin)
        if not plan.lanes[flow.lane].is_last_mile:
            reached = len(np.unique(flow.place[np.isfinite(flow.got)]))
            rows.add("sites-reached", reached, product=product, echelon=destination)
        done = np.isfinite(flow.got)
        if done.any():
            transit = np.average(flow.got[done] - flow.sent[done], weights=flow.units[done])
            rows.add(
                "transit-time-mean",
                transit,
                product=product,
                echelon=destination,
                entity=plan.lanes[flow.lane].name,
            )


def _measure_coverage(
    rows: _Rows, flows: tuple[Flow, ...], ledger: Ledger, plan: Plan, scope: Scope
) -> None:
    for lane in plan.lanes:
        echelon = plan.echelons[lane.destination]
        times, site = completion_times(lane.destination, flows, plan)
        rows.add("coverage", float(np.isfinite(times).mean()), echelon=echelon)
        rows.add("complete", float(np.isfinite(times).all()), echelon=echelon)
        for name, hours in share_times(times).items():
            rows.add(name, hours, echelon=echelon)
        if not lane.is_last_mile:
            continue
        region = scope.region[site]
        count = np.bincount(region, minlength=len(scope.regions)).astype(np.float64)
        covered = np.bincount(region[np.isfinite(times)], minlength=len(count))
        by_share = grouped_share_times(times, region, len(count))
        for index in np.flatnonzero(count):
            name = scope.regions[index]
            rows.add("coverage", covered[index] / count[index], echelon=echelon, region=name)
            for share in SHARES:
                rows.add(share, by_share[share][index], echelon=echelon, region=name)
        capped = np.minimum(times, ledger.horizon)
        mean = np.bincount(region, capped, minlength=len(count)) / np.maximum(count, 1)
        some = count > 0
        rows.add("gini-arrival", gini(mean[some], count[some]), echelon=echelon)
        rows.add("worst-decile", worst_share_mean(capped), echelon=echelon)


def _measure_lead_times(rows: _Rows, flows: tuple[Flow, ...], plan: Plan) -> None:
    left = origin_times(flows, plan)
    for index, flow in enumerate(flows):
        hours, units = lead_times(flow, left[index])
        if not len(hours):
            continue
        where = {
            "product": plan.products[flow.product],
            "echelon": plan.echelons[flow.destination],
        }
        rows.add("lead-time-mean", float(np.average(hours, weights=units)), **where)
        rows.add("lead-time-median", weighted_quantile(hours, units, 0.5), **where)
        rows.add("lead-time-p90", weighted_quantile(hours, units, 0.9), **where)


def _measure_fleets(rows: _Rows, ledger: Ledger, plan: Plan, fleets: dict[str, Busy]) -> None:
    for index, spec in enumerate(plan.fleets):
        held = fleets[spec.name]
        where = {"echelon": plan.echelons[spec.echelon], "entity": spec.name}
        count, km = fleet_distance(index, ledger, plan)
        rows.add("trips", count, **where)
        rows.add("kilometres", km, **where)
        rows.add("vehicle-hours", worked(spec.shift, held.begin, held.end).sum(), **where)
        rows.add("vehicles-at-once", most_at_once(held.begin, held.end), **where)
        if count:
            carried = _units_carried(index, ledger, plan)
            rows.add("units-per-trip", carried / count, **where)
            rows.add("vehicle-wait-mean", float((held.begin - held.asked).mean()), **where)
        if np.isfinite(spec.vehicles):
            rows.add("vehicle-use", share_in_use(spec.vehicles, spec.shift, held), **where)


def _units_carried(fleet: int, ledger: Ledger, plan: Plan) -> int:
    lanes = [i for i, lane in enumerate(plan.lanes) if lane.fleet == fleet]
    trips, loads = ledger.trips, ledger.loads
    left = np.isin(trips.lane, lanes) & ~np.isnan(trips.dispatched)
    units = int(loads.units[left[loads.trip]].sum())
    for planned, done in zip(plan.tours, ledger.tours, strict=True):
        if planned.lane in lanes:
            stops = np.diff(planned.first)[~np.isnan(done.began)]
            units += int(stops.sum()) * sum(planned.units)
    return units


def _station_busy(index: int, ledger: Ledger) -> Busy:
    services = ledger.services
    mine = services.station == index
    return Busy(
        services.site[mine], services.joined[mine], services.began[mine], services.ended[mine]
    )


def _measure_stations(rows: _Rows, plan: Plan, stations: dict[str, Busy]) -> None:
    for spec in plan.stations:
        held = stations[spec.name]
        if not len(held.site):
            continue
        where = {"echelon": plan.echelons[spec.echelon], "entity": spec.name}
        wait = held.begin - held.asked
        rows.add("wait-mean", float(wait.mean()), **where)
        rows.add("wait-p90", weighted_quantile(wait, np.ones(len(wait), np.int64), 0.9), **where)
        rows.add("station-time-mean", float((held.end - held.asked).mean()), **where)
        if np.isfinite(spec.servers):
            rows.add(
                "station-use", share_in_use(spec.servers, spec.shift, held, one_span=True), **where
            )


def _arrivals(ledger: Ledger, plan: Plan, flows: tuple[Flow, ...], scope: Scope) -> list[Arrivals]:
    result = []
    first_receipt = np.full(len(plan.site_keys), np.inf)
    for flow in flows:
        if not plan.lanes[flow.lane].is_last_mile:
            np.minimum.at(first_receipt, flow.place, flow.got)
    for echelon, sites, by_share, first in arrivals_by_site(ledger, plan):
        result.append(
            Arrivals(
                plan.echelons[echelon],
                sites,
                scope.facilities[echelon][sites],
                first_receipt[sites],
                first,
                by_share["T50"],
                by_share["T90"],
                by_share["T100"],
            )
        )
    return result
