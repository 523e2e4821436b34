"""Lead times under mixing: against a unit-by-unit queue, first in, first out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measures.handmade import CITY, COUNTY, FACTORY, Case, Tour, Trip, paper_campaign
from numpy.typing import NDArray

from sim.measures.flow import Flow, arrived, flows_of
from sim.measures.leadtime import origins_of


@st.composite
def campaigns(draw: st.DrawFn) -> Case:
    """Lots of any age to two cities, split to three counties and again to tours of two clinics.

    Each site sends what it has, in lots of any size, at distinct times after the receipts; some of
    it may never leave.
    """
    clock = iter(range(1, 10_000))
    trips: list[Trip] = []
    stock = {1: 0, 2: 0}
    for _ in range(draw(st.integers(1, 6))):
        city, units = draw(st.sampled_from([1, 2])), draw(st.integers(1, 9))
        left = draw(st.integers(-50, 0)) / 2 + 25
        stock[city] += units
        trips.append(Trip(0, city, {0: units}, 0, 0, left, nan, 30.0 + next(clock)))
    trips = draw(st.permutations(trips))
    below = {1: (3, 4), 2: (5,)}
    onward: list[Trip] = []
    reached = {3: 0, 4: 0, 5: 0}
    for city in draw(st.permutations([1, 2])):
        left_over = stock[city] - draw(st.integers(0, stock[city]))
        while left_over:
            units = draw(st.integers(1, left_over))
            county = draw(st.sampled_from(below[city]))
            left_over -= units
            reached[county] += units
            sent = 100.0 + next(clock)
            onward.append(Trip(city, county, {0: units}, 0, 0, sent, nan, 200.0 + next(clock)))
    onward = draw(st.permutations(onward))
    tours = [
        Tour(county, (t + 1.0, t + 2.0), 300.0, t)
        for county in (3, 4, 5)
        for t in [float(next(clock)) + 400.0 for _ in range(reached[county] // 4)]
    ]
    return Case(
        echelon=(FACTORY, CITY, CITY, COUNTY, COUNTY, COUNTY),
        trips=(*trips, *onward),
        tours=tours or [Tour(3, (nan, nan))],
        horizon=10_000.0,
    )


def rows_left(flows: Sequence[Flow], case: Case) -> list[NDArray[np.float64]]:
    """Return, for each flow, when the units of each of its rows left the factory."""
    origins = origins_of(flows, case.ledger.supplies, case.plan)
    return [flow.of_rows(one.left) for flow, one in zip(flows, origins, strict=True)]


def first_in_first_out(
    lots: list[tuple[int, float, list[float]]], outs: list[tuple[int, float, int]]
) -> list[list[float]]:
    """Return the factory hours of the units of each outgoing lot, unit by unit.

    ``lots`` are place, hour of receipt and one factory hour a unit; ``outs`` are sender, hour of
    dispatch and units.
    """
    queues: dict[int, list[float]] = {}
    for place, _, units in sorted(lots, key=lambda lot: lot[1]):
        queues.setdefault(place, []).extend(units)
    taken: list[list[float]] = [[] for _ in outs]
    for number in sorted(range(len(outs)), key=lambda i: outs[i][1]):
        sender, _, units = outs[number]
        taken[number], queues[sender] = queues[sender][:units], queues[sender][units:]
    return taken


@given(campaigns())
def test_mixing_unit_by_unit(case: Case) -> None:
    """City by city exact; a lot that mixes ages travels on as units of its mean age."""
    flows = flows_of(case.ledger, case.plan)
    left = rows_left(flows, case)
    inbound = [trip for trip in case.trips if trip.origin == 0]
    onward = [trip for trip in case.trips if trip.origin != 0]
    assert left[0].tolist() == [trip.dispatched for trip in inbound]

    lots = [(trip.destination, trip.received, [trip.dispatched] * trip.load[0]) for trip in inbound]
    outs = [(trip.origin, trip.dispatched, trip.load[0]) for trip in onward]
    mean = [float(np.mean(units)) for units in first_in_first_out(lots, outs)]
    assert left[1] == pytest.approx(mean, abs=1e-9)

    lots = [
        (trip.destination, trip.received, [age] * trip.load[0])
        for trip, age in zip(onward, mean, strict=True)
    ]
    tours = [tour for tour in case.tours if tour.began == tour.began]
    taken = first_in_first_out(lots, [(tour.site, tour.began, 4) for tour in tours])
    mean = [float(np.mean(units)) for units in taken for _ in range(2)]
    assert left[2][: len(mean)] == pytest.approx(mean, abs=1e-9)
    assert np.isnan(left[2][len(mean) :]).all()


@given(campaigns())
def test_the_mean_over_all_units_does_not_depend_on_the_mixing(case: Case) -> None:
    """Where all that a site received has left it, the units' factory hours add up the same."""
    flows = flows_of(case.ledger, case.plan)
    left = rows_left(flows, case)
    for city in (1, 2):
        came, went = flows[0].place == city, flows[1].sender == city
        if flows[0].units[came].sum() == flows[1].units[went].sum():
            before = (flows[0].units * left[0])[came].sum()
            assert (flows[1].units * left[1])[went].sum() == pytest.approx(before, abs=1e-6)


def lead_times(flow: Flow, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lead time of each row that has arrived, and its units."""
    got = arrived(flow)
    return got.got - left[got.rows], got.units


def test_two_lots_of_different_age() -> None:
    """A city holds 10 units of hour 0 and 10 of hour 30; counties get 6, 8 and 6 of them."""
    case = Case(
        echelon=(FACTORY, CITY, COUNTY, COUNTY),
        trips=(
            Trip(0, 1, {0: 10}, 0, 0, 30.0, 0, 40.0),
            Trip(0, 1, {0: 10}, 0, 0, 0.0, 0, 10.0),
            Trip(1, 2, {0: 6}, 0, 0, 50.0, 0, 51.0),
            Trip(1, 3, {0: 8}, 0, 0, 52.0, 0, 54.0),
            Trip(1, 2, {0: 6}, 0, 0, 60.0, 0, 64.0),
        ),
        tours=(Tour(2, (nan,)),),
        horizon=100.0,
    )
    flows = flows_of(case.ledger, case.plan)
    left = rows_left(flows, case)
    assert left[1].tolist() == [0.0, 30 * 4 / 8, 30.0]
    hours, units = lead_times(flows[1], left[1])
    assert (hours.tolist(), units.tolist()) == ([51.0, 54.0 - 15.0, 34.0], [6, 8, 6])


def test_what_is_not_received_has_no_lead_time() -> None:
    case = paper_campaign()
    flows = flows_of(case.ledger, case.plan)
    left = rows_left(flows, case)
    assert left[0][:3].tolist() == [1.0, 4.0, 7.0]
    assert np.isnan(left[0][3])  # waits for a vehicle
    hours, units = lead_times(flows[0], left[0])
    assert (hours.tolist(), units.tolist()) == ([4.0, 7.0], [5, 3])
    assert flows[0].got.tolist() == [5.0, 11.0, inf, inf]


def test_goods_that_begin_at_a_warehouse() -> None:
    """A city's own stock counts from the hour at which it was there, and goes first."""
    case = Case(
        echelon=(FACTORY, CITY, CITY, COUNTY),
        supplies=((3.0, 1, 0, 4), (0.0, 0, 0, 4), (2.0, 1, 1, 9)),
        units=(2, 0),
        trips=(
            Trip(0, 1, {0: 4}, 0, 0, 1.0, 0, 10.0),
            Trip(0, 2, {0: 4}, 0, 0, 2.0, 0, 11.0),
            Trip(1, 3, {0: 6}, 0, 0, 20.0, 0, 21.0),
            Trip(1, 3, {0: 2}, 0, 0, 22.0, 0, 23.0),
            Trip(2, 3, {0: 4}, 0, 0, 24.0, 0, 25.0),
        ),
        tours=(Tour(3, (nan,)),),
        horizon=100.0,
    )
    flows = flows_of(case.ledger, case.plan)
    index = next(i for i, flow in enumerate(flows) if (flow.lane, flow.product) == (1, 0))
    left = rows_left(flows, case)[index]
    assert left == pytest.approx([(4 * 3.0 + 2 * 1.0) / 6, 1.0, 2.0])


def test_the_order_of_rows_does_not_matter() -> None:
    case = paper_campaign()
    turned = replace(case, trips=tuple(reversed(case.trips)))

    def left(case: Case) -> list[float]:
        flows = flows_of(case.ledger, case.plan)
        return sorted(rows_left(flows, case)[1].tolist())

    assert left(case) == left(turned)
