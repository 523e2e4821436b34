"""Small flows whose times are worked out by hand, to 1e-9 hours: dispatch, queues, waves, order."""

from __future__ import annotations

from math import inf, nan

import pytest
from reference.examples import assert_times, loads, one_lane, one_tour, run
from reference.plans import CITY, COUNTY, FACTORY, chain, daily, fleet, lane, station

from sim.laws import Constant
from sim.ledger import Ledger
from sim.plan.specs import WaveSpec
from sim.policies.allocation import equal_rounds
from sim.policies.dispatch import Departures, FullOrAfter, OnArrival, Timetable

# --- dispatch rules


def test_goods_leave_on_arrival_load_by_load() -> None:
    trips = run(one_lane((1.0, 25), (2.5, 4), limits=(10.0, inf, inf))).trips
    assert_times(trips.dispatched, [1.0, 1.0, 1.0, 2.5])


def test_the_wait_for_a_full_load_counts_from_the_first_waiting_goods() -> None:
    """The lot at 4:00 does not begin a new wait; the one at 7:30 does."""
    ledger = run(one_lane((1.0, 3), (4.0, 3), (7.5, 2), dispatch=FullOrAfter(6.0, full=10)))
    assert_times(ledger.trips.dispatched, [7.0, 13.5])
    assert loads(ledger) == [6, 2]


def test_a_full_load_leaves_at_once_and_what_is_left_waits_anew() -> None:
    ledger = run(one_lane((1.0, 4), (3.0, 28), dispatch=FullOrAfter(6.0, full=10)))
    assert_times(ledger.trips.dispatched, [3.0, 3.0, 3.0, 9.0])
    assert loads(ledger) == [10, 10, 10, 2]


def test_a_timer_that_a_full_load_overtook_rings_for_nobody() -> None:
    """Full at 2:00; the next goods come at 5:00, before the timer of the first would ring."""
    ledger = run(one_lane((1.0, 4), (2.0, 6), (5.0, 3), dispatch=FullOrAfter(6.0, full=10)))
    assert_times(ledger.trips.dispatched, [2.0, 11.0])


def test_the_vehicle_decides_what_is_full() -> None:
    """Half a kilogram a unit and two kilograms a vehicle: four units."""
    plan = chain(
        supplies=[(0, 0, [(1.0, 3), (2.0, 6)])],
        links=[(0, 1, 0, 9, 100.0, -1)],
        load_per_unit=[(1.0, 0.25, 0.5)],
        fleets=[fleet(FACTORY, limits=(inf, 3.0, 2.0)), fleet(CITY), fleet(COUNTY)],
        lanes=[lane(FACTORY, dispatch=FullOrAfter(6.0)), lane(CITY), lane(COUNTY)],
    )
    ledger = run(plan)
    assert loads(ledger) == [4, 4, 1]
    assert_times(ledger.trips.dispatched, [2.0, 2.0, 8.0])


def test_a_load_that_fills_a_vehicle_exactly_is_full() -> None:
    """100 units in a carton of 0.03 m3: 40,000 units are 12 m3, but 11.999999999999998 in float64.

    Goods that fill a load leave at once.
    """
    plan = chain(
        supplies=[(0, 0, [(0.0, 40_000)])],
        links=[(0, 1, 0, 40_000, 100.0, -1)],
        load_per_unit=[(1.0, 0.03 / 100, 0.0)],
        fleets=[fleet(FACTORY, limits=(inf, 12.0, inf)), fleet(CITY), fleet(COUNTY)],
        lanes=[lane(FACTORY, dispatch=FullOrAfter(6.0)), lane(CITY), lane(COUNTY)],
    )
    trips = run(plan).trips
    assert_times(trips.dispatched, [0.0])


def test_each_destination_waits_for_itself() -> None:
    plan = chain(
        sites=[("factory", FACTORY), ("a", CITY), ("b", CITY), ("county", COUNTY)],
        supplies=[(0, 0, [(1.0, 6), (2.0, 6), (3.0, 6)])],
        links=[(0, 1, 0, 8, 100.0, -1), (0, 2, 0, 10, 100.0, -1)],
        lanes=[lane(FACTORY, dispatch=FullOrAfter(4.0, full=8)), lane(CITY), lane(COUNTY)],
    )
    ledger = run(plan)
    assert ledger.trips.destination.tolist() == [1, 2, 2]
    assert_times(ledger.trips.dispatched, [2.0, 3.0, 7.0])  # b has 4 at 2:00 and 10 at 3:00
    assert loads(ledger) == [8, 8, 2]


def test_departures_carry_what_is_there_and_are_skipped_when_nothing_is() -> None:
    rule = Departures(every=10.0, offset=8.0)
    ledger = run(one_lane((1.0, 3), (8.0, 4), (29.0, 5), (31.0, 6), dispatch=rule))
    assert_times(ledger.trips.dispatched, [8.0, 38.0])  # 18 and 28 are empty
    assert loads(ledger) == [7, 11]


def test_a_departure_takes_as_many_vehicles_as_it_needs() -> None:
    rule = Departures(every=24.0, offset=8.0)
    ledger = run(one_lane((9.0, 23), dispatch=rule, limits=(10.0, inf, inf)))
    assert_times(ledger.trips.dispatched, [32.0, 32.0, 32.0])
    assert loads(ledger) == [10, 10, 3]


def test_a_timetable_with_gaps_and_an_end() -> None:
    ledger = run(one_lane((5.0, 3), (6.5, 4), (31.0, 5), dispatch=Timetable((6.0, 20.0, 30.0))))
    assert_times(ledger.trips.dispatched, [6.0, 20.0])
    assert loads(ledger) == [3, 4]  # nothing leaves after the last entry


# --- stations and fleets


def many_lots(stage: str, *, servers: float, hours: float, vehicles: float = inf) -> Ledger:
    """Three lots at 0:00, 0:15 and 0:30, each a trip, past one station of a lane of one hour."""
    place = FACTORY if stage in ("loading", "sorting") else CITY
    stations = [station(place, stage, servers=servers, per_lot=Constant(hours))]
    plan = chain(
        supplies=[(0, 0, [(0.0, 5), (0.25, 6), (0.5, 7)])],
        links=[(0, 1, 0, 18, 50.0, -1)],
        stations=stations,
        fleets=[fleet(FACTORY, vehicles=vehicles), fleet(CITY), fleet(COUNTY)],
        lanes=[lane(FACTORY, stations=stations), lane(CITY), lane(COUNTY)],
    )
    return run(plan)


def test_who_comes_first_to_a_station_is_served_first() -> None:
    ledger = many_lots("loading", servers=1, hours=2.0)
    assert_times(ledger.trips.dispatched, [2.0, 4.0, 6.0])
    assert_times(ledger.services.joined, [0.0, 0.25, 0.5])
    assert_times(ledger.services.began, [0.0, 2.0, 4.0])


def test_servers_work_side_by_side() -> None:
    assert_times(many_lots("loading", servers=2, hours=2.0).trips.dispatched, [2.0, 2.25, 4.0])
    assert_times(many_lots("loading", servers=inf, hours=2.0).trips.dispatched, [2.0, 2.25, 2.5])


def test_sorting_comes_after_dispatch_and_before_the_road() -> None:
    trips = many_lots("sorting", servers=1, hours=2.0).trips
    assert_times(trips.dispatched, [0.0, 0.25, 0.5])
    assert_times(trips.arrived, [3.0, 5.0, 7.0])


def test_a_vehicle_that_comes_home_takes_the_next_shipment() -> None:
    trips = many_lots("sign-off", servers=1, hours=0.5, vehicles=1).trips
    assert_times(trips.ready, [0.0, 0.25, 0.5])
    assert_times(trips.taken, [0.0, 2.0, 4.0])
    assert_times(trips.returned, [2.0, 4.0, 6.0])
    assert_times(trips.received, [1.5, 3.5, 5.5])


def test_unloading_holds_the_vehicle_and_sign_off_does_not() -> None:
    held = many_lots("unloading", servers=1, hours=3.0, vehicles=1).trips
    assert_times(held.taken, [0.0, 5.0, 10.0])
    free = many_lots("sign-off", servers=1, hours=3.0, vehicles=1).trips
    assert_times(free.taken, [0.0, 2.0, 4.0])
    assert_times(free.received, [4.0, 7.0, 10.0])


def test_tours_share_the_vehicles_of_their_site_first_come_first_served() -> None:
    """Tours of 3, 1, 2 and 1 hours and two vehicles: they end at 3, 1, 3 and 4."""
    plan = chain(
        supplies=[(0, 0, [(0.0, 8)])],
        links=[(0, 1, 0, 8, 0.0, -1), (1, 2, 0, 8, 0.0, -1)],
        tours=[(2, [75.0], 75.0), (2, [25.0], 25.0), (2, [50.0], 50.0), (2, [25.0], 25.0)],
        fleets=[fleet(FACTORY), fleet(CITY), fleet(COUNTY, vehicles=2)],
    )
    tours = run(plan).tours[0]
    assert_times(tours.began, [0.0, 0.0, 1.0, 3.0])
    assert_times(tours.ended, [3.0, 1.0, 3.0, 4.0])


def test_a_tour_waits_for_all_its_goods_and_lets_none_pass() -> None:
    """Six units are due on the first tour and two on the second; units come two by two."""
    plan = chain(
        supplies=[(0, 0, [(1.0, 2), (2.0, 2), (5.0, 2), (9.0, 2)])],
        links=[(0, 1, 0, 8, 0.0, -1), (1, 2, 0, 8, 0.0, -1)],
        tours=[(2, [50.0, 0.0, 0.0], 50.0), (2, [50.0], 50.0)],
    )
    tours = run(plan).tours[0]
    assert_times(tours.ready, [5.0, 9.0])


# --- waves, shares, simultaneous events, the horizon


def test_a_wave_holds_its_goods_back_and_lets_later_waves_pass() -> None:
    plan = chain(
        sites=[("factory", FACTORY), ("a", CITY), ("b", CITY), ("county", COUNTY)],
        supplies=[(0, 0, [(0.0, 6), (3.0, 10)])],
        links=[(0, 1, 0, 8, 100.0, 0), (0, 2, 0, 8, 100.0, 1)],
        waves=[WaveSpec("late", FACTORY, 12.0, 12.0), WaveSpec("early", FACTORY, 2.0, 2.0)],
    )
    ledger = run(plan)
    assert_times(ledger.released, [12.0, 2.0])
    assert ledger.trips.destination.tolist() == [2, 2, 1]
    assert_times(ledger.trips.dispatched, [2.0, 3.0, 12.0])
    assert loads(ledger) == [6, 2, 8]


def test_released_waves_are_served_in_their_order() -> None:
    """The second wave's city is first in the network, and still comes second."""
    plan = chain(
        sites=[("factory", FACTORY), ("a", CITY), ("b", CITY), ("county", COUNTY)],
        supplies=[(0, 0, [(5.0, 10), (6.0, 6)])],
        links=[(0, 2, 0, 8, 100.0, 0), (0, 1, 0, 8, 100.0, 1)],
        waves=[WaveSpec("first", FACTORY, 1.0, 1.0), WaveSpec("second", FACTORY, 0.0, 0.0)],
    )
    ledger = run(plan)
    sent = zip(ledger.trips.dispatched, ledger.trips.destination, loads(ledger), strict=True)
    assert sorted(sent) == [(5.0, 1, 2), (5.0, 2, 8), (6.0, 1, 6)]


def test_scarce_goods_are_shared_by_the_rule_of_the_lane() -> None:
    plan = chain(
        sites=[("factory", FACTORY), ("a", CITY), ("b", CITY), ("county", COUNTY)],
        supplies=[(0, 0, [(0.0, 7), (1.0, 7)])],
        links=[(0, 1, 0, 4, 100.0, -1), (0, 2, 0, 10, 100.0, -1)],
        lanes=[lane(FACTORY, allocation=equal_rounds), lane(CITY), lane(COUNTY)],
    )
    ledger = run(plan)
    assert ledger.trips.destination.tolist() == [1, 2, 2]
    assert loads(ledger) == [4, 3, 7]


def test_simultaneous_events_come_by_entity_not_by_who_was_scheduled_first() -> None:
    """Both crews leave at 8:00. City 2 was sent for first, city 1 is sorted first."""
    stations = [station(FACTORY, "sorting", servers=1, per_lot=Constant(1.0))]
    plan = chain(
        sites=[("factory", FACTORY), ("a", CITY), ("b", CITY), ("county", COUNTY)],
        supplies=[(0, 0, [(1.0, 4), (2.0, 4)])],
        links=[(0, 2, 0, 4, 100.0, -1), (0, 1, 0, 4, 100.0, -1)],
        stations=stations,
        fleets=[fleet(FACTORY, shift=daily(8, 18, "finish")), fleet(CITY), fleet(COUNTY)],
        lanes=[lane(FACTORY, stations=stations), lane(CITY), lane(COUNTY)],
    )
    trips = run(plan).trips
    assert trips.destination.tolist() == [2, 1]
    assert_times(trips.taken, [1.0, 2.0])
    assert_times(trips.dispatched, [8.0, 8.0])
    assert_times(trips.arrived, [12.0, 11.0])


def test_goods_that_come_at_the_departure_are_on_it() -> None:
    """Release comes before receipt, and receipt before dispatch, at the same moment."""
    plan = chain(
        sites=[("a", FACTORY), ("b", FACTORY), ("city", CITY), ("county", COUNTY)],
        supplies=[(0, 0, [(1.0, 2), (6.0, 3)]), (1, 0, [(6.0, 4)])],
        links=[(0, 2, 0, 5, 100.0, -1), (1, 2, 0, 4, 100.0, -1), (2, 3, 0, 9, 50.0, -1)],
        lanes=[lane(FACTORY), lane(CITY, dispatch=Departures(every=8.0)), lane(COUNTY)],
    )
    ledger = run(plan)
    assert_times(ledger.trips.received, [3.0, 8.0, 8.0, 9.0])
    assert_times(ledger.trips.dispatched, [1.0, 6.0, 6.0, 8.0])
    assert loads(ledger) == [2, 3, 4, 9]


def test_products_of_one_receipt_leave_together() -> None:
    """Two products come to the city on one truck. On arrival, they go on in one van, not in two."""
    plan = chain(
        supplies=[(0, 0, [(0.0, 2)]), (0, 1, [(0.0, 1)])],
        links=[
            (0, 1, 0, 2, 100.0, -1),
            (0, 1, 1, 1, 100.0, -1),
            (1, 2, 0, 2, 50.0, -1),
            (1, 2, 1, 1, 50.0, -1),
        ],
        units=(2, 1),
    )
    ledger = run(plan)
    assert ledger.trips.origin.tolist() == [0, 1]
    assert ledger.loads.product.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(("horizon", "received"), [(2.0, 2.0), (2.0 - 1e-9, nan)])
def test_what_happens_at_the_horizon_counts_and_nothing_after_it(
    horizon: float, received: float
) -> None:
    trips = run(one_lane((0.0, 5), horizon=horizon, dispatch=OnArrival())).trips
    assert_times(trips.dispatched, [0.0])
    assert_times(trips.received, [received])
    assert_times(trips.returned, [nan])


def test_a_tour_that_the_horizon_cuts_has_the_stops_before_it() -> None:
    plan = one_tour((1.0, 1.0, 1.0), 1.0)
    cut = chain(
        supplies=[(0, 0, [(0.0, 6)])],
        links=[(0, 1, 0, 6, 0.0, -1), (1, 2, 0, 6, 0.0, -1)],
        tours=[(2, [50.0, 50.0, 50.0], 50.0)],
        stop_time=Constant(0.25),
        horizon=2.3,
    )
    whole, part = run(plan).tours[0], run(cut).tours[0]
    assert_times(whole.delivered, [1.25, 2.5, 3.75])
    assert_times(part.arrived, [1.0, 2.25, nan])
    assert_times(part.delivered, [1.25, nan, nan])
    assert_times(part.ended, [nan])
