"""What holds in every run of every scenario: goods are conserved, Little's identity holds at every
station, and a replication is the same whatever ran before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from reference.bookkeeping import ENDED, LOST, MOVING, ON_HAND, WAITING, Pool, keep_books
from reference.holding import hold, on_random_scenarios, prepared
from reference.ledger_rows import difference, rows_of
from reference.random_scenarios import scenarios

from sim.experiment.replicate import Replication, replicate
from sim.measures.scope import NATIONAL
from sim.memo import Memo
from sim.plan.specs import Plan

Point = Callable[[dict[str, Any]], dict[str, Any]]


def _each(table: str, **changed: Any) -> Point:
    return lambda document: {
        table: {name: {**entry, **changed} for name, entry in document[table].items()}
    }


def _other_sourcing(document: dict[str, Any]) -> dict[str, Any]:
    sourcing = document["sourcing"]
    other = "nearest" if sourcing["rule"] == "least-cost" else "least-cost"
    return {"sourcing": {**sourcing, "rule": other}}


#: One thing changed, as a point of a sweep differs from the next.
POINTS: list[Point] = [
    lambda document: {"seed": document["seed"] + 1},
    lambda document: {"geography": {**document["geography"], "circuity": 1.75}},
    _each("fleets", speed="48 km/h"),
    _each("fleets", vehicles=4),
    _each("sites", at=[2.0, 32.0]),
    _other_sourcing,
]


@on_random_scenarios()
def test_what_holds_in_every_run(count: int) -> None:
    hold(_every_run, count, scenarios(), st.sampled_from(POINTS))


def _every_run(document: dict[str, Any], point: Point) -> None:
    memo = Memo()
    prepared({**document, **point(document)}, memo)  # as in a sweep
    among = prepared(document, memo)
    runs = [replicate(among.plan, among.scope, number) for number in (0, 1)]
    alone = prepared(document)
    again = replicate(alone.plan, alone.scope, 1)
    assert not difference(rows_of(again.ledger, alone.plan), rows_of(runs[1].ledger, among.plan))
    assert repr(again.measures.rows) == repr(runs[1].measures.rows)
    assert repr(again.figures) == repr(runs[1].figures)
    for run in runs:
        pools = keep_books(run.ledger, among.plan)
        if run.ledger.ended == run.ledger.horizon:
            _measured_as_in_the_books(run, among.plan, pools)
        _little(run, among.plan)


def _measured_as_in_the_books(run: Replication, plan: Plan, pools: dict[Pool, int]) -> None:
    """On hand, in transit and lost are what the books say, by echelon and product."""
    trips = run.ledger.trips
    books: dict[tuple[str, str, str], int] = defaultdict(int)
    for (kind, place, product), units in pools.items():
        name = plan.products[product]
        if kind in (ON_HAND, WAITING, ENDED):
            echelon = plan.site_echelon[place]
            books["on-hand", name, plan.echelons[echelon]] += units
        elif kind == MOVING:
            lane = plan.lanes[trips.lane[place]] if place >= 0 else _lane_of_tour(plan, place)
            books["in-transit", name, plan.echelons[lane.origin]] += units
        elif kind == LOST:
            books["lost", name, ""] += units
    seen = set()
    for row in run.measures.rows:
        if row.measure in ("on-hand", "in-transit") and row.region == NATIONAL:
            assert row.value == books[row.measure, row.product, row.echelon], row
            seen.add((row.measure, row.product, row.echelon))
    assert all(key in seen for key, units in books.items() if key[0] == "in-transit" and units)


def _lane_of_tour(plan: Plan, number: int) -> Any:
    return plan.lanes[plan.tours[(-1 - number) % len(plan.tours)].lane]


def _little(run: Replication, plan: Plan) -> None:
    """The integral of the number at a station is the sum of the times there, of those still there
    at the end as well: exactly, as fractions. So L = λ W as measured."""
    services, ended = run.ledger.services, run.ledger.ended
    rows = {(row.measure, row.entity): row.value for row in run.measures.rows
            if not row.product and row.region == NATIONAL}  # fmt: skip
    begin, end = Fraction(plan.warm_up), Fraction(ended)
    for index, spec in enumerate(plan.stations):
        mine = np.flatnonzero((services.station == index) & (services.joined <= ended))
        spans: dict[int, list[Fraction]] = {}
        for row in mine.tolist():
            trip = int(services.trip[row])
            spans.setdefault(trip, [Fraction(float(services.joined[row])), end])
            if services.done[row] and services.ended[row] <= ended:
                spans[trip][1] = Fraction(float(services.ended[row]))
        steps = sorted(
            [(joined, 1) for joined, _ in spans.values()]
            + [(left, -1) for _, left in spans.values()]
        )
        area, number, last = Fraction(0), 0, begin
        for moment, step in steps:
            moment = min(max(moment, begin), end)
            area += number * (moment - last)
            number, last = number + step, moment
        inside = [(max(a, begin), max(b, begin)) for a, b in spans.values()]
        assert area == sum((b - a for a, b in inside), Fraction(0))
        if not spans or end <= begin:
            continue
        hours = float(end - begin)
        measured = rows["number-at-station", spec.name] * hours
        assert abs(measured - float(area)) <= 1e-9 * (1 + float(area)), spec.name
        if plan.warm_up == 0:
            left = sum((b - a for a, b in spans.values() if b == end), Fraction(0))
            served = rows["throughput", spec.name] * hours
            gone_at_end = [
                row for row in mine if services.done[row] and services.ended[row] == ended
            ]
            spent = served * rows.get(("station-time-mean", spec.name), 0.0)
            if not gone_at_end:
                assert abs(spent + float(left) - float(area)) <= 1e-9 * (1 + float(area))
