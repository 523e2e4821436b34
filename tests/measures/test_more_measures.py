"""Measures of queues that are interrupted, of losses, forks, warm-ups and use, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measures.handmade import CITY, CLINIC, COUNTY, FACTORY, Case, Tour, Trip, station

from sim.ledger import Cause
from sim.plan.specs import OPEN, ConsumptionSpec, LossSpec

#: Two lanes from the factory, to cities and to counties, and one from each to the clinics.
FORK = ((FACTORY, CITY), (FACTORY, COUNTY), (CITY, CLINIC), (COUNTY, CLINIC))


def queue(**changes: object) -> Case:
    """A desk of one server at a city, where goods end. Shipment 0 is interrupted by shipment 1,
    which is interrupted in turn; 2 waits at hour 20, and 3 was turned away."""
    given: dict[str, object] = {
        "echelon": (FACTORY, CITY),
        "lanes": ((FACTORY, CITY),),
        "units": (1, 1),
        "supplies": ((0.0, 0, 0, 3), (0.0, 0, 1, 1)),
        "links": ((0, 1, 0, OPEN), (0, 1, 1, OPEN)),
        "trips": (
            Trip(0, 1, {0: 1}, 0, 0, 0, 1, 10, 1),
            Trip(0, 1, {1: 1}, 0, 0, 0, 3, 9, 3),
            Trip(0, 1, {0: 1}, 0, 0, 0, 15, nan, 15),
            Trip(0, 1, {0: 1}, 0, 0, 0, 16, nan, 16),
        ),
        "stations": (station(CITY, yard=1),),
        "services": (
            (0, 1, 0, 1.0, 2.0, 4.0, 0, False),
            (0, 1, 1, 3.0, 4.0, 5.0, 0, False),
            (0, 1, 1, 3.0, 6.0, 9.0, 1, True),
            (0, 1, 0, 1.0, 9.0, 10.0, 1, True),
            (0, 1, 2, 15.0, nan, nan, 0, False),
        ),
        "losses": ((16.0, 3, 1, 0, 0, 1, Cause.TURNED_AWAY),),
    }
    return Case(**(given | changes))  # type: ignore[arg-type]


def test_a_queue_with_interruptions() -> None:
    case = queue()
    for measure, value in {
        "wait-mean": (1 + 1) / 2,  # until service first begins; who waits at 20 is not in it
        "wait-p50": 1,
        "waited-share": 1,
        "station-time-mean": (9 + 6) / 2,
        "station-time-p90": 9,
        "number-at-station": (9 + 6 + 5) / 20,
        "number-waiting": (20 - 2 - 1 - 3 - 1) / 20,  # interrupted shipments wait as well
        "throughput": 2 / 20,
        "turned-away": 1,
        "turned-away-share": 1 / 4,
        "station-use": 7 / (10 - 1),
    }.items():
        assert value_of_all(case, measure) == pytest.approx(value), measure


def value_of_all(case: Case, measure: str) -> float:
    """Return the value that is of all products."""
    (found,) = [r.value for r in case.measured().rows if r.measure == measure and not r.product]
    return found


def test_times_by_product_where_there_are_several() -> None:
    case = queue()
    assert case.value("station-time-mean", product="product-0") == 9
    assert case.value("station-time-mean", product="product-1") == 6
    assert value_of_all(case, "station-time-mean") == 7.5


def test_the_number_waiting_over_time() -> None:
    """Nobody for 8 hours (0 to 1, 2 to 3, 9 to 15), one for 11, and two from 5 to 6."""
    case = queue(percentiles=(1, 40, 41, 95, 96))
    expected = {1: 0, 40: 0, 41: 1, 95: 1, 96: 2}
    for percent, number in expected.items():
        assert case.value(f"number-waiting-p{percent}") == number, percent


@pytest.mark.parametrize("ended", [20.0, 12.0])
def test_after_a_warm_up_means_leave_out_what_was_before(ended: float) -> None:
    case = queue(warm_up=4.0, ended=ended)
    hours = ended - 4
    # The first began at 2; the second at 4, which is not after the warm-up.
    assert not [row for row in case.measured().rows if row.measure == "wait-mean"]
    assert value_of_all(case, "station-time-mean") == 7.5
    assert case.value("throughput") == pytest.approx(2 / hours)
    late = max(ended - 15, 0)
    assert case.value("number-at-station") == pytest.approx((6 + 5 + late) / hours)
    assert case.value("station-use") == pytest.approx((1 + 3 + 1) / hours)
    assert case.value("turned-away") == (1 if ended == 20 else 0)
    units = case.value("in-transit-units-mean", product="product-0")
    assert units == pytest.approx((6 + hours + min(ended, 16) - 4) / hours)


def test_a_station_that_lists_its_sites_is_measured_at_each() -> None:
    case = queue(
        echelon=(FACTORY, CITY, CITY),
        stations=(replace(station(CITY), sites=(1, 2)),),
        services=(
            (0, 1, 0, 1.0, 2.0, 4.0, 0, True),
            (0, 2, 1, 3.0, 3.0, 9.0, 0, True),
            (0, 2, 2, 4.0, nan, nan, 0, False),
        ),
        losses=(),
    )
    assert case.value("wait-mean", "city-sign-off@1") == 1
    assert case.value("wait-mean", "city-sign-off@2") == 0
    assert case.value("number-waiting", "city-sign-off@2") == 16 / 20
    assert case.value("throughput", "city-sign-off@2") == 1 / 20
    assert case.value("number-at-station", "city-sign-off") == (3 + 6 + 16) / 20
    assert case.value("station-use", "city-sign-off@1") == pytest.approx(2 / 3)


def fork(**changes: object) -> Case:
    """A factory that sends half of its lots by a city, half by a county, to one clinic that takes
    all that comes; what goes by the county overtakes."""
    given: dict[str, object] = {
        "echelon": (FACTORY, CITY, COUNTY, CLINIC),
        "lanes": FORK,
        "units": (1,),
        "supplies": ((1.0, 0, 0, 2), (2.0, 0, 0, 2), (3.0, 0, 0, 2)),
        "links": ((0, 1, 0, OPEN), (0, 2, 0, OPEN), (1, 3, 0, OPEN), (2, 3, 0, OPEN)),
        "trips": (
            Trip(0, 1, {0: 2}, 1.0, 1.0, 6.0, 7.0, 7.0, 8.0),
            Trip(0, 2, {0: 2}, 2.0, 2.0, 2.0, 4.0, 4.0, 5.0),
            Trip(1, 3, {0: 2}, 7.0, 7.0, 8.0, 9.0, 9.0, 9.0),
            Trip(2, 3, {0: 2}, 4.0, 4.0, 4.0, 5.0, 5.5, 6.0),
            Trip(0, 1, {0: 2}, 3.0, 3.0, 7.0, 8.0, 8.0, 9.0),
        ),
        "horizon": 10.0,
        "percentiles": (40, 90),
    }
    return Case(**(given | changes))  # type: ignore[arg-type]


def test_a_fork_is_summed_by_echelon_and_followed_by_lot() -> None:
    case = fork()
    assert case.value("dispatched", echelon="factory") == 6
    assert case.value("received", echelon="clinic") == 4
    assert case.value("on-hand", echelon="city") == 2  # the last lot is there, and not sent on
    assert case.value("on-hand", echelon="factory") == 0
    assert case.value("in-transit", echelon="factory") == 0
    # The lot of hour 1 takes 8 hours, that of hour 2 takes 3.5, whoever left the factory first.
    assert case.value("time-in-system-mean") == (8 + 3.5) / 2
    assert case.value("time-in-system-p40") == 3.5
    assert case.value("time-in-system-p90") == 8
    assert case.value("stay-mean", "factory-city") == (5 + 4) / 2
    assert case.value("stay-mean", "factory-county") == 0
    assert case.value("stay-mean", "city-clinic") == 1
    assert case.value("throughput-units") == 4 / 10
    assert case.value("backlog") == 2
    assert case.value("in-system-mean") == 2 * (8 + 3.5 + 7) / 10
    assert {"coverage", "T50"}.isdisjoint(row.measure for row in case.measured().rows)
    curves = {(c.measure, c.echelon): c.values for c in case.measured().curves}
    assert curves["dispatched", "factory"].tolist() == [0, 0, 2, 2, 2, 2, 4, 6, 6, 6, 6]
    assert curves["received", "clinic"].tolist() == [0] * 6 + [2] * 3 + [4] * 2


def test_lead_times_take_first_what_came_first_whichever_way_it_leaves() -> None:
    """A city sends its second lot to one clinic before its first to another."""
    case = Case(
        echelon=(FACTORY, CITY, COUNTY, CLINIC),
        lanes=((FACTORY, CITY), (CITY, COUNTY), (CITY, CLINIC)),
        units=(1,),
        supplies=((0.0, 0, 0, 4),),
        links=((0, 1, 0, 4), (1, 2, 0, 2), (1, 3, 0, 2)),
        trips=(
            Trip(0, 1, {0: 2}, 0, 0, 1.0, 2.0, 2.0),
            Trip(0, 1, {0: 2}, 0, 0, 3.0, 4.0, 4.0),
            Trip(1, 3, {0: 2}, 4.0, 4.0, 5.0, 6.0, 6.0),
            Trip(1, 2, {0: 2}, 4.0, 4.0, 7.0, 9.0, 9.0),
        ),
    )
    assert case.value("lead-time-mean", echelon="clinic") == 6 - 1
    assert case.value("lead-time-mean", echelon="county") == 9 - 3
    assert case.value("makespan") == 9
    assert case.value("backlog") == 0
    assert case.value("T100", echelon="clinic") == 6


def test_a_run_that_was_over_before_the_horizon() -> None:
    """What happens after the last receipt that was due counts no more."""
    case = fork(horizon=100.0, ended=9.0)
    assert case.value("trips-per-hour", "carrier") == 3 / 9
    assert case.value("trips-per-hour", "city-van") == 1 / 9
    assert case.value("vehicles-out", "carrier") == pytest.approx((7 + 3 + 6) / 9)
    assert case.value("time-in-system-mean") == (8 + 3.5) / 2
    early = fork(horizon=100.0, ended=8.5)
    assert early.value("received", echelon="clinic") == 2
    assert early.value("makespan") != early.value("makespan")


def test_what_is_lost_on_the_way_is_never_received() -> None:
    """Of 10 units 3 are damaged; another 5 are lost as a whole, and a vehicle comes home empty."""
    case = Case(
        echelon=(FACTORY, CITY, COUNTY),
        lanes=((FACTORY, CITY), (CITY, COUNTY)),
        units=(1,),
        supplies=((0.0, 0, 0, 20),),
        links=((0, 1, 0, 20), (1, 2, 0, 20)),
        trips=(
            Trip(0, 1, {0: 10}, 0, 0, 1.0, 3.0, 5.0, 6.0),
            Trip(0, 1, {0: 5}, 0, 0, 2.0, 4.0, nan, 6.0),
            Trip(1, 2, {0: 7}, 5.0, 5.0, 6.0, 7.0, 8.0, 9.0),
        ),
        losses=(
            (3.0, 0, 1, -1, 0, 3, Cause.DAMAGED),
            (4.0, 1, 1, -1, 0, 5, Cause.DAMAGED),
        ),
        loss=LossSpec(0.3, 0.1),
        horizon=10.0,
    )
    assert case.value("dispatched", echelon="factory") == 15
    assert case.value("received", echelon="city") == 7
    assert case.value("in-transit", echelon="factory") == 0
    assert case.value("on-hand", echelon="factory") == 5
    assert case.value("on-hand", echelon="city") == 0
    assert case.value("lost-units", "factory-city") == 8
    assert case.value("lost-share", "factory-city") == 8 / 15
    assert case.value("lost-share", "city-county") == 0
    assert case.value("in-transit-mean", "factory-city") == (4 + 2) / 10
    units = case.value("in-transit-units-mean", "factory-city")
    assert units == pytest.approx((7 * 4 + 3 * 2 + 5 * 2) / 10)
    assert case.value("coverage", echelon="city") == 0
    assert case.value("backlog") == 20 - 7
    assert case.value("time-in-system-mean") == 8
    curves = {(c.measure, c.echelon): c.values for c in case.measured().curves}
    assert curves["in-transit", "factory"].tolist() == [0, 10, 15, 12, 7, 0, 0, 0, 0, 0, 0]


def test_shipments_that_find_no_vehicle_and_trips_that_run_empty() -> None:
    case = Case(
        echelon=(FACTORY, CITY),
        lanes=((FACTORY, CITY),),
        units=(1,),
        supplies=((0.0, 0, 0, 9),),
        links=((0, 1, 0, OPEN),),
        trips=(
            Trip(0, 1, {0: 6}, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0),
            Trip(0, 1, {0: 3}, 1.0),
            Trip(0, 1, {}, 5.0, 5.0, 5.0, 7.0, 7.0, 9.0),
        ),
        losses=((1.0, 1, 0, -1, 0, 3, Cause.NO_VEHICLE),),
        loses=True,
        limits=(8.0, inf, 12.0),
        vehicles=(1, inf, inf),
        horizon=10.0,
    )
    for measure, value in {
        "trips": 2,
        "units-per-trip": 3,  # an empty trip carries nothing
        "fill-share": 6 / 8 / 2,
        "no-vehicle": 1,
        "no-vehicle-share": 1 / 3,
        "vehicle-use": 6 / 9,
        "cycle-time-mean": 3,
        "in-transit-mean": 3 / 10,
        "on-hand": 0,
        "backlog": 0,
    }.items():
        found = [row.value for row in case.measured().rows if row.measure == measure]
        assert found[0] == pytest.approx(value), measure


def test_what_facilities_use_up() -> None:
    """Three of them over 48 hours, after a warm-up of 8: 40 hours each."""
    spec = ConsumptionSpec("masks", CLINIC, 0, "constant", 0.5, (), 1, 4)
    case = fork(
        horizon=48.0,
        warm_up=8.0,
        consumption=(spec,),
        uses=(
            (0, 3, 20, 20, 0.0, 80.0, 7),
            (0, 3, 20, 15, 10.0, 40.0, 0),
            (0, 3, 20, 10, 30.0, 0.0, 0),
        ),
    )
    for measure, value in {
        "need-met-share": 45 / 60,
        "stock-out-share": 40 / 120,
        "facilities-stocked-out": 2 / 3,
        "stock-mean": 120 / 120,
        "days-of-stock": 7 / (60 / (40 / 24)),
    }.items():
        assert case.value(measure, "masks") == pytest.approx(value), measure


SPANS = st.lists(st.tuples(*[st.integers(0, 12).map(float)] * 2).map(sorted), max_size=8)


@given(SPANS, st.sampled_from([0.0, 2.5, 4.0]), st.sampled_from([9.0, 12.0, 13.5]))
def test_time_averages_against_a_slow_count(
    spans: list[list[float]], warm_up: float, ended: float
) -> None:
    """The number on the way is looked at in the middle of every half hour."""
    trips = tuple(Trip(0, 1, {0: 1}, begin, begin, begin, end, end) for begin, end in spans)
    case = Case(
        echelon=(FACTORY, CITY),
        lanes=((FACTORY, CITY),),
        units=(1,),
        supplies=((0.0, 0, 0, 99),),
        links=((0, 1, 0, OPEN),),
        trips=trips,
        horizon=13.5,
        ended=ended,
        warm_up=warm_up,
        percentiles=(10, 50, 90),
    )
    moments = [0.25 + step / 2 for step in range(27)]
    seen = [
        sum(begin <= moment < end for begin, end in spans)
        for moment in moments
        if warm_up < moment < ended
    ]
    assert case.value("in-transit-mean") == pytest.approx(sum(seen) / len(seen))
    assert case.value("in-transit-units-mean") == pytest.approx(sum(seen) / len(seen))
    for percent in (10, 50, 90):
        rank = -(-percent * len(seen) // 100) - 1
        assert case.value(f"in-transit-p{percent}") == sorted(seen)[rank]


def test_what_a_site_passes_on_by_tours_ends_with_them_and_what_it_keeps_with_the_site() -> None:
    """One unit of the first product goes on to a clinic; the county keeps both of the second."""
    case = Case(
        echelon=(FACTORY, CITY, COUNTY),
        units=(1, 0),
        supplies=((0.0, 0, 0, 1), (0.0, 0, 1, 2)),
        links=((0, 1, 0, 1), (0, 1, 1, 2), (1, 2, 0, 1), (1, 2, 1, 2)),
        trips=(
            Trip(0, 1, {0: 1, 1: 2}, 0.0, 0.0, 0.0, 3.0, 3.0, 6.0),
            Trip(1, 2, {0: 1, 1: 2}, 3.0, 3.0, 3.0, 5.0, 5.0, 7.0),
        ),
        tours=(Tour(2, (9.0,), 5.0, 5.0, 12.0),),
    )
    assert case.value("time-in-system-mean", product="product-0") == 9
    assert case.value("time-in-system-mean", product="product-1") == 5
    assert case.value("throughput-units", product="product-0") == 1 / 20
    assert case.value("throughput-units", product="product-1") == 2 / 20
