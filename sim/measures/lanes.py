"""Lanes: what is on the way, how long it takes, how long goods wait to leave, what is lost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Cause, Ledger
from sim.measures.flow import Arrived, Flow
from sim.measures.leadtime import Origins, weighted_mean, weighted_quantiles
from sim.measures.rows import Rows
from sim.measures.window import Window, number_quantiles
from sim.plan.specs import Plan

Floats = NDArray[np.float64]


def measure_lanes(
    rows: Rows,
    flows: Sequence[Flow],
    came: Sequence[Arrived],
    origins: Sequence[Origins],
    ledger: Ledger,
    plan: Plan,
    window: Window,
) -> None:
    """Add the measures of every lane; numbers on the way of lanes between sites only, because a
    tour drops its goods one after the other."""
    for flow, got, origin in zip(flows, came, origins, strict=True):
        lane = plan.lanes[flow.lane]
        where = {"product": plan.products[flow.product], "entity": lane.name}
        from_here = where | {"echelon": plan.echelons[flow.origin]}
        to_there = where | {"echelon": plan.echelons[flow.destination]}
        _measure_transit(rows, flow, got.within(window), plan, to_there)
        _measure_stay(rows, flow, origin, window, from_here)
        if not lane.is_last_mile:
            rows.add("in-transit-units-mean", _units_on_the_way(flow, window), **from_here)
        if lane.loss is not None:
            _measure_damage(rows, flow, ledger, plan, window, from_here)
    end = _end_of_way(ledger)
    for index, lane in enumerate(plan.lanes):
        if lane.is_last_mile:
            continue
        where = {"echelon": plan.echelons[lane.origin], "entity": lane.name}
        mine = (ledger.trips.lane == index) & ~np.isnan(ledger.trips.dispatched)
        sent, gone = ledger.trips.dispatched[mine], end[mine]
        rows.add("in-transit-mean", window.mean_number(sent, gone), **where)
        shares = [percent / 100 for percent in plan.percentiles]
        changes = np.repeat([1, -1], len(sent))
        quantiles = number_quantiles(np.concatenate([sent, gone]), changes, window, shares)
        for percent, value in zip(plan.percentiles, quantiles, strict=True):
            rows.add(f"in-transit-p{percent}", value, **where)


def _end_of_way(ledger: Ledger) -> Floats:
    """Return when each trip was no longer on the way: received, or lost as a whole."""
    trips, loads, losses = ledger.trips, ledger.loads, ledger.losses
    end = np.where(np.isnan(trips.received), np.inf, trips.received)
    if len(losses.units):
        carried = np.bincount(loads.trip, loads.units, minlength=len(trips))
        lost = np.bincount(losses.trip, losses.units, minlength=len(trips))
        latest = np.zeros(len(trips))
        np.maximum.at(latest, losses.trip, losses.time)
        end = np.where(np.isinf(end) & (lost > 0) & (lost == carried), latest, end)
    return end


def _units_on_the_way(flow: Flow, window: Window) -> float:
    came = np.where(np.isfinite(flow.got), flow.came, 0)
    lost = np.where(np.isfinite(flow.lost_at), flow.units - flow.came, 0)
    sent = np.where(np.isfinite(flow.sent), flow.sent, np.nan)
    still = flow.units - came - lost
    never = np.full(len(sent), np.inf)
    hours = sum(
        float((units * window.overlap(sent, until)).sum())
        for units, until in ((came, flow.got), (lost, flow.lost_at), (still, never))
    )
    return hours / window.hours


def _measure_transit(
    rows: Rows, flow: Flow, got: Arrived, plan: Plan, where: dict[str, str]
) -> None:
    if not got.units.any():
        return
    transit, units = got.got - flow.of_rows(flow.sent).take(got.rows), got.units
    rows.add("transit-time-mean", weighted_mean(transit, units), **where)
    if plan.lanes[flow.lane].is_last_mile:
        return  # from the departure of a tour to its stops: that is its length, and no more
    shares = [percent / 100 for percent in plan.percentiles]
    quantiles = weighted_quantiles(transit, units, shares)
    for percent, value in zip(plan.percentiles, quantiles, strict=True):
        rows.add(f"transit-time-p{percent}", value, **where)


def _measure_stay(
    rows: Rows, flow: Flow, origin: Origins, window: Window, where: dict[str, str]
) -> None:
    units = flow.units_of_shipments()
    for name, until in (("dispatch-wait-mean", flow.ready), ("stay-mean", flow.sent)):
        left = window.inside(until)
        if left.any():
            rows.add(name, np.average((until - origin.came)[left], weights=units[left]), **where)


def _measure_damage(
    rows: Rows, flow: Flow, ledger: Ledger, plan: Plan, window: Window, where: dict[str, str]
) -> None:
    losses = ledger.losses
    mine = (
        (losses.cause == int(Cause.DAMAGED))
        & (losses.product == flow.product)
        & (ledger.trips.lane[losses.trip] == flow.lane)
        & window.inside(losses.time)
    )
    lost = int(losses.units[mine].sum())
    arrived = window.inside(ledger.trips.arrived) & (ledger.trips.lane == flow.lane)
    loads = ledger.loads
    units = int(loads.units[arrived[loads.trip] & (loads.product == flow.product)].sum())
    rows.add("lost-units", lost, **where)
    rows.add("lost-share", lost / units if units else np.nan, **where)
