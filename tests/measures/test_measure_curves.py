"""Curves and counts at one moment against brute force, hour by hour."""

from __future__ import annotations

from dataclasses import replace
from math import isnan, nan

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from measures.handmade import CITY, COUNTY, FACTORY, Case, Tour, Trip, paper_campaign, station

from sim.measures.curves import Curve, grid
from sim.measures.run import measure_run
from sim.measures.use import busy_at, most_at_once

#: Many fall on full hours; some lie past the last one.
TIMES = st.one_of(st.integers(0, 12).map(float), st.floats(0.0, 12.5))


def curves_of(case: Case) -> dict[tuple[str, str, str], np.ndarray]:
    run = measure_run(case.ledger, case.plan, case.scope)
    keys = [(curve.measure, curve.product or curve.entity, curve.echelon) for curve in run.curves]
    assert len(set(keys)) == len(keys)
    return {key: curve.values for key, curve in zip(keys, run.curves, strict=True)}


@st.composite
def campaigns(draw: st.DrawFn) -> Case:
    """Trips and tours at any times, cut off anywhere; nothing need be possible but the order."""

    def times(count: int) -> list[float]:
        """Ascending, the last ones missing from some point on."""
        drawn = sorted(draw(st.lists(TIMES, min_size=count, max_size=count)))
        return drawn[: (n := draw(st.integers(0, count)))] + [nan] * (count - n)

    trips = tuple(
        Trip(origin, destination, {0: draw(st.integers(1, 9))}, 0.0, *times(5))
        for origin, destination in draw(
            st.lists(st.sampled_from([(0, 1), (0, 2), (1, 3), (2, 4)]), max_size=8)
        )
    )
    tours = []
    for site in (3, 3, 4):
        stops = draw(st.integers(1, 4))
        ready, began, *delivered, ended = times(3 + stops)
        tours.append(Tour(site, delivered, ready, began, ended))
    services = tuple(
        (0, draw(st.sampled_from([1, 2])), 0, *sorted(draw(st.tuples(TIMES, TIMES, TIMES))))
        for _ in range(draw(st.integers(0, 6)))
    )
    return Case(
        echelon=(FACTORY, CITY, CITY, COUNTY, COUNTY),
        links=((0, 1, 0, 6), (0, 2, 0, 3), (1, 3, 0, 6), (2, 4, 0, 3)),
        trips=trips,
        tours=tours,
        services=services,
        stations=(station(CITY),),
        region=(0, 0, 1, 0, 1),
        horizon=draw(st.sampled_from([12.0, 12.5])),
    )


@settings(max_examples=40)
@given(campaigns())
def test_every_curve_at_every_hour(case: Case) -> None:
    assert_every_curve(case)


@pytest.mark.slow
@given(campaigns())
def test_every_curve_of_many_campaigns_at_every_hour(case: Case) -> None:
    assert_every_curve(case)


def assert_every_curve(case: Case) -> None:
    found = curves_of(case)
    hours = range(13)
    assert all(len(values) == 13 for values in found.values())

    def check(key: tuple[str, str, str], expected: list[float]) -> None:
        assert found.pop(key).tolist() == pytest.approx(expected), key

    flows = {
        (FACTORY, CITY): [
            (t.dispatched, t.received, t.load[0]) for t in case.trips if t.origin == 0
        ],
        (CITY, COUNTY): [
            (t.dispatched, t.received, t.load[0]) for t in case.trips if t.origin != 0
        ],
        (COUNTY, COUNTY + 1): [(t.began, got, 2) for t in case.tours for got in t.delivered],
    }
    names = case.plan.echelons
    for (origin, destination), lots in flows.items():
        sent = [sum(units for out, _, units in lots if out <= hour) for hour in hours]
        got = [sum(units for _, came, units in lots if came <= hour) for hour in hours]
        check(("dispatched", "product-0", names[origin]), sent)
        check(("received", "product-0", names[destination]), got)
        moving = [one - other for one, other in zip(sent, got, strict=True)]
        check(("in-transit", "product-0", names[origin]), moving)

    stops = [got for tour in case.tours for got in tour.delivered]
    check(
        ("coverage", "", "clinic"),
        [sum(got <= hour for got in stops) / len(stops) for hour in hours],
    )
    for echelon, due in ((CITY, {1: 6, 2: 3}), (COUNTY, {3: 6, 4: 3})):
        share = []
        for hour in hours:
            held = {
                site: sum(
                    t.load[0] for t in case.trips if t.destination == site and t.received <= hour
                )
                for site in due
            }
            share.append(sum(held[site] >= due[site] for site in due) / 2)
        check(("coverage", "", names[echelon]), share)

    out = {
        "carrier": [(t.taken, t.returned) for t in case.trips if t.origin == 0],
        "city-van": [(t.taken, t.returned) for t in case.trips if t.origin != 0],
        "county-van": [(t.began, t.ended) for t in case.tours],
    }
    for index, (name, spans) in enumerate(out.items()):
        count = [sum(begin <= hour and not end <= hour for begin, end in spans) for hour in hours]
        check(("vehicles-out", name, names[index]), count)
    desk = "city-sign-off"
    check(
        ("servers-busy", desk, "city"),
        [sum(row[4] <= hour < row[5] for row in case.services) for hour in hours],
    )
    check(
        ("waiting", desk, "city"),
        [sum(row[3] <= hour < row[4] for row in case.services) for hour in hours],
    )
    assert not found


@settings(max_examples=40)
@given(campaigns())
def test_the_end_of_a_curve_is_the_measure(case: Case) -> None:
    """At a horizon on the full hour the last point and the measure say the same."""
    assert_the_end_is_the_measure(case)


@pytest.mark.slow
@given(campaigns())
def test_the_end_of_a_curve_of_many_campaigns_is_the_measure(case: Case) -> None:
    assert_the_end_is_the_measure(case)


def assert_the_end_is_the_measure(case: Case) -> None:
    case = replace(case, horizon=12.0)
    run = measure_run(case.ledger, case.plan, case.scope)
    last = {
        (curve.measure, curve.product, curve.echelon): curve.values[-1]
        for curve in run.curves
        if not curve.entity
    }
    # In these cases things may happen up to half an hour after the horizon; a run has no such.
    late = any(
        time > 12
        for trip in case.trips
        for time in (trip.dispatched, trip.received)
        if not isnan(time)
    ) or any(
        time > 12 for tour in case.tours for time in (tour.began, *tour.delivered) if time == time
    )
    assume(not late)
    for row in run.rows:
        key = (row.measure, row.product, row.echelon)
        if key in last and row.region == "national":
            assert last[key] == pytest.approx(row.value), key


@pytest.mark.parametrize(("horizon", "points"), [(24.0, 25), (24.5, 25), (0.5, 1), (840.0, 841)])
def test_the_grid_is_every_full_hour(horizon: float, points: int) -> None:
    assert grid(horizon).tolist() == list(range(points))


def test_a_vehicle_that_is_still_out_is_out_at_the_horizon() -> None:
    """Two carriers have not come back by hour 20, and one county van has not."""
    found = curves_of(paper_campaign())
    assert found["vehicles-out", "carrier", "factory"][[7, 8, 20]].tolist() == [3, 2, 2]
    assert found["vehicles-out", "county-van", "county"][-1] == 1


SPANS = st.lists(st.tuples(TIMES, TIMES).map(sorted), max_size=20)


@given(SPANS, st.lists(TIMES, min_size=1, max_size=10))
def test_spans_at_moments(spans: list[list[float]], moments: list[float]) -> None:
    begin, end = (np.array([span[i] for span in spans]) for i in (0, 1))
    found = busy_at(begin, end, np.array(sorted(moments)))
    expected = [sum(a <= moment < b for a, b in spans) for moment in sorted(moments)]
    assert found.tolist() == expected


@given(SPANS)
def test_most_at_once(spans: list[list[float]]) -> None:
    """The largest number is reached when some span begins."""
    begin, end = (np.array([span[i] for span in spans]) for i in (0, 1))
    expected = max((sum(a <= moment < b for a, b in spans) for moment, _ in spans), default=0)
    assert most_at_once(begin, end) == expected


def test_a_curve_belongs_to_its_entity() -> None:
    case = paper_campaign()
    run = measure_run(case.ledger, case.plan, case.scope)
    flow: list[Curve] = [curve for curve in run.curves if curve.measure == "dispatched"]
    assert [(curve.product, curve.echelon, curve.entity) for curve in flow] == [
        ("product-0", "factory", ""),
        ("product-0", "city", ""),
        ("product-0", "county", ""),
    ]
