"""Fleets: trips, kilometres, hours, use, loads, and shipments that found no vehicle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Cause, Ledger
from sim.measures.rows import Rows
from sim.measures.use import (
    Busy,
    fleet_distance,
    most_at_once,
    share_in_use,
    worked,
)
from sim.measures.window import Window
from sim.plan.specs import FleetSpec, Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def measure_fleets(
    rows: Rows, fleets: dict[str, Busy], ledger: Ledger, plan: Plan, window: Window
) -> None:
    """Add the measures of every fleet, of all its sites together."""
    for index, spec in enumerate(plan.fleets):
        held = fleets[spec.name]
        where = {"echelon": plan.echelons[spec.echelon], "entity": spec.name}
        count, km = fleet_distance(index, ledger, plan)
        rows.add("trips", count, **where)
        rows.add("kilometres", km, **where)
        hours = worked(spec.shift, held.begin, held.end).sum()
        rows.add("vehicle-hours", hours, **where)
        rows.add("vehicles-at-once", most_at_once(held.begin, held.end), **where)
        rows.add("vehicles-out", window.mean_number(held.begin, held.end), **where)
        loads = _loads(index, ledger, plan, window)
        rows.add("trips-per-hour", len(loads) / window.hours, **where)
        if len(loads):
            rows.add("units-per-trip", loads[:, 0].sum() / len(loads), **where)
            if np.isfinite(spec.limits).any():
                rows.add("fill-share", _fill(loads, spec), **where)
        begun = window.inside(held.begin)
        if begun.any():
            rows.add("vehicle-wait-mean", (held.begin - held.asked)[begun].mean(), **where)
        home = window.inside(held.end)
        if home.any():
            rows.add("cycle-time-mean", (held.end - held.begin)[home].mean(), **where)
        if np.isfinite(spec.vehicles):
            use = share_in_use(spec.vehicles, spec.shift, held, window, hours=hours)
            rows.add("vehicle-use", use, **where)
        if spec.loses:
            _measure_lost(rows, index, ledger, plan, window, where)


def _loads(fleet: int, ledger: Ledger, plan: Plan, window: Window) -> Floats:
    """Return what each trip and tour that left in the window carried: units, m³ and kg."""
    trips, loads = ledger.trips, ledger.loads
    left = (trips.fleet == fleet) & window.inside(trips.dispatched)
    rows = np.flatnonzero(left[loads.trip])
    takes = loads.units[rows, None] * plan.load_per_unit[loads.product[rows]]
    parts = [
        np.stack(
            [
                np.bincount(loads.trip[rows], takes[:, column], minlength=len(trips))[left]
                for column in range(3)
            ],
            axis=1,
        )
    ]
    for planned, done in zip(plan.tours, ledger.tours, strict=True):
        if plan.lanes[planned.lane].fleet == fleet:
            left_now = window.inside(done.began)
            if planned.is_even:  # else the same sum, rounded at another place
                stops = np.diff(planned.first)[left_now]
                parts.append(stops[:, None] * (planned.units[0] @ plan.load_per_unit))
            else:
                parts.append(planned.units_of_tours()[left_now] @ plan.load_per_unit)
    return np.concatenate(parts)


def _fill(loads: Floats, spec: FleetSpec) -> float:
    """Return the mean share of a vehicle that is full, by the limit that is filled most."""
    units, volume, weight = (loads / np.asarray(spec.limits)).T
    return float(np.maximum(np.maximum(units, volume), weight).mean())


def _measure_lost(
    rows: Rows, fleet: int, ledger: Ledger, plan: Plan, window: Window, where: dict[str, str]
) -> None:
    losses, trips = ledger.losses, ledger.trips
    mine = trips.fleet == fleet
    gone = np.flatnonzero((losses.cause == int(Cause.NO_VEHICLE)) & mine[losses.trip])
    lost = np.zeros(len(trips), bool)
    lost[losses.trip[gone]] = True
    asked = mine & window.inside(trips.ready)
    rows.add("no-vehicle", int((lost & asked).sum()), **where)
    share = float(lost[asked].mean()) if asked.any() else np.nan
    rows.add("no-vehicle-share", share, **where)
