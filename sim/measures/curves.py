"""Curves: what had been dispatched, received and covered at every full hour of a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger
from sim.measures.coverage import completion_times
from sim.measures.flow import Flow
from sim.measures.use import Busy, busy_at
from sim.plan.specs import Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Hours between the points of a curve.
STEP = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One curve of one run: ``values`` at 0, 1, 2, ... hours since the start."""

    measure: str
    product: str
    echelon: str
    entity: str
    values: Floats


def grid(horizon: float) -> Floats:
    """Return the hours at which curves are read: 0, 1, 2, ... up to the horizon."""
    return np.arange(int(horizon / STEP) + 1, dtype=np.float64) * STEP


def read_curves(
    ledger: Ledger,
    plan: Plan,
    flows: tuple[Flow, ...],
    busy: dict[str, Busy],
    stations: dict[str, Busy],
) -> list[Curve]:
    """Return the curves of a run: flows by echelon, coverage, and vehicles and servers busy.

    ``busy`` and ``stations`` say when vehicles and servers were held, by name; a station's wait is
    the time from ``asked`` to ``begin``.
    """
    hours = grid(ledger.horizon)
    curves = []
    for flow in flows:
        product = plan.products[flow.product]
        sent = _cumulative(flow.sent, flow.units, hours)
        got = _cumulative(flow.got, flow.units, hours)
        origin, destination = plan.echelons[flow.origin], plan.echelons[flow.destination]
        curves.append(Curve("dispatched", product, origin, "", sent))
        curves.append(Curve("received", product, destination, "", got))
        curves.append(Curve("in-transit", product, origin, "", sent - got))
    for lane in plan.lanes:
        times, _ = completion_times(lane.destination, flows, plan)
        share = _cumulative(times, np.ones(len(times)), hours) / max(len(times), 1)
        curves.append(Curve("coverage", "", plan.echelons[lane.destination], "", share))
    for name, held in busy.items():
        echelon = plan.echelons[_fleet_echelon(plan, name)]
        out = busy_at(held.begin, held.end, hours).astype(np.float64)
        curves.append(Curve("vehicles-out", "", echelon, name, out))
    for spec in plan.stations:
        held = stations[spec.name]
        echelon = plan.echelons[spec.echelon]
        serving = busy_at(held.begin, held.end, hours).astype(np.float64)
        waiting = busy_at(held.asked, held.begin, hours).astype(np.float64)
        curves.append(Curve("servers-busy", "", echelon, spec.name, serving))
        curves.append(Curve("waiting", "", echelon, spec.name, waiting))
    return curves


def _fleet_echelon(plan: Plan, name: str) -> int:
    return next(fleet.echelon for fleet in plan.fleets if fleet.name == name)


def _cumulative(times: Floats, units: NDArray[np.int64] | Floats, hours: Floats) -> Floats:
    """Return the units whose time had come at each full hour, that hour included."""
    came = np.isfinite(times)
    bins = np.ceil(times[came] / STEP).astype(np.int64)
    return np.cumsum(np.bincount(bins, units[came], minlength=len(hours))[: len(hours)])
