"""Curves: what had been dispatched, received and covered at every full hour of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger
from sim.measures.coverage import Completed
from sim.measures.flow import Flow
from sim.measures.requests import Asked
from sim.measures.stations import Visits
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
    flows: Sequence[Flow],
    completed: dict[int, Completed],
    busy: dict[str, Busy],
    stations: Sequence[Visits],
    requests: Sequence[Asked] = (),
) -> list[Curve]:
    """Return the curves of a run: flows by echelon, coverage, vehicles and servers busy, and
    requests asked, answered, served and withdrawn.

    ``completed`` are completion times by echelon; ``busy`` says when vehicles were held, by fleet.
    Shipments that wait at a station, or are served, at the horizon are in its curves until then.
    """
    hours = grid(ledger.horizon)
    counts = _Counts(hours)
    curves: dict[tuple[str, str, str], Curve] = {}

    def add(measure: str, product: str, echelon: str, values: Floats) -> None:
        """Add a curve to that of other lanes from or to the echelon."""
        key = (measure, product, echelon)
        if key in curves:
            values = curves[key].values + values
        curves[key] = Curve(measure, product, echelon, "", values)

    for flow in flows:
        product = plan.products[flow.product]
        sent = counts.of(flow.sent, flow.units_of_shipments())
        got = counts.of(flow.got, flow.came)
        origin, destination = plan.echelons[flow.origin], plan.echelons[flow.destination]
        on_the_way = sent - got
        if flow.units_lost(on_the_way=True):
            lost_at = np.where(np.isfinite(flow.sent), flow.lost_at, np.inf)
            on_the_way -= counts.of(lost_at, flow.units - flow.came)
        add("dispatched", product, origin, sent)
        add("received", product, destination, got)
        add("in-transit", product, origin, on_the_way)
    for index, those in completed.items():
        times = those.times
        if len(times):
            share = counts.of(times, np.broadcast_to(1, len(times))) / len(times)
            add("coverage", "", plan.echelons[index], share)
    others = []
    for name, held in busy.items():
        echelon = plan.echelons[_fleet_echelon(plan, name)]
        out = busy_at(held.begin, held.end, hours).astype(np.float64)
        others.append(Curve("vehicles-out", "", echelon, name, out))
    for spec, visits in zip(plan.stations, stations, strict=True):
        echelon = plan.echelons[spec.echelon]
        serving = busy_at(visits.held.begin, visits.held.end, hours).astype(np.float64)
        there = busy_at(visits.joined, visits.served, hours).astype(np.float64)
        others.append(Curve("servers-busy", "", echelon, spec.name, serving))
        others.append(Curve("waiting", "", echelon, spec.name, there - serving))
    for table in requests:
        asking = plan.requests[table.spec]
        product, echelon = plan.products[asking.product], plan.echelons[asking.echelon]
        for name, times in (
            ("asked", table.asked),
            ("answered", table.answered),
            ("served", table.received),
            ("withdrawn", table.given_up),
        ):
            so_far = counts.of(times, np.broadcast_to(1, len(times)))
            others.append(Curve(f"requests-{name}", product, echelon, asking.name, so_far))
    return [*curves.values(), *others]


def _fleet_echelon(plan: Plan, name: str) -> int:
    return next(fleet.echelon for fleet in plan.fleets if fleet.name == name)


class _Counts:
    """Units whose time had come at each full hour, that hour included.

    Times of which each brings as many units are counted once, for all curves that they are in.
    """

    def __init__(self, hours: Floats) -> None:
        self._hours = len(hours)
        self._known: dict[int, tuple[Floats, Floats]] = {}

    def of(self, times: Floats, units: Ints) -> Floats:
        """Return the curve; ``units`` may be one number for all of the times."""
        if units.strides != (0,):
            return self._cumulative(times, units)
        if id(times) not in self._known:
            self._known[id(times)] = times, self._cumulative(times, None)
        return self._known[id(times)][1] * int(units[:1].sum())

    def _cumulative(self, times: Floats, units: Ints | None) -> Floats:
        # Whatever comes later than the last hour, or never, is in one bin more.
        bins = np.minimum(np.ceil(times / STEP), self._hours).astype(np.int64)
        at_hours = np.bincount(bins, units, minlength=self._hours)[: self._hours]
        return np.cumsum(at_hours, dtype=np.float64)
