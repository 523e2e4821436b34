"""Small campaigns whose times are worked out by hand, to 1e-9 hours."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
from numpy.typing import ArrayLike
from reference.plans import (
    CHINA,
    CITY,
    COUNTY,
    FACTORY,
    NO_REST,
    chain,
    daily,
    fleet,
    lane,
    station,
)

from sim.audit import audit
from sim.engine.model import run_replication
from sim.laws import Constant
from sim.ledger import Ledger
from sim.plan.specs import Plan, Rest, WaveSpec
from sim.policies.allocation import equal_rounds
from sim.policies.dispatch import Departures, DispatchRule, FullOrAfter, OnArrival, Timetable

Legs = tuple[float, ...]


def run(plan: Plan) -> Ledger:
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    return ledger


def assert_times(found: ArrayLike, expected: ArrayLike) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def one_lane(
    *lots: tuple[float, int],
    dispatch: DispatchRule | None = None,
    km: float = 100.0,
    horizon: float = 720.0,
    **of_fleet: object,
) -> Plan:
    """Return a plan of one factory that sends its lots to one city, at 50 km/h, and no further."""
    due = sum(units for _, units in lots)
    return chain(
        supplies=[(0, 0, lots)],
        links=[(0, 1, 0, due, km, -1)],
        fleets=[fleet(FACTORY, **of_fleet), fleet(CITY), fleet(COUNTY)],  # type: ignore[arg-type]
        lanes=[lane(FACTORY, dispatch=dispatch), lane(CITY), lane(COUNTY)],
        horizon=horizon,
    )


def one_tour(
    legs: Legs, back: float, *, hour: float = 0.0, stop: float = 0.25, **of_fleet: object
) -> Plan:
    """Return a plan whose one tour has its goods at ``hour``; legs and back are hours."""
    units = 2 * len(legs)
    return chain(
        supplies=[(0, 0, [(hour, units)])],
        links=[(0, 1, 0, units, 0.0, -1), (1, 2, 0, units, 0.0, -1)],
        tours=[(2, [50 * leg for leg in legs], 50 * back)],
        stop_time=Constant(stop),
        fleets=[fleet(FACTORY), fleet(CITY), fleet(COUNTY, **of_fleet)],  # type: ignore[arg-type]
    )


def test_the_whole_chain_step_by_step() -> None:
    """Two hours by truck, one by van, half an hour of loading, then two clinics."""
    stations = [
        station(FACTORY, "loading", per_lot=Constant(0.5)),
        station(FACTORY, "sorting", per_lot=Constant(4.0)),
        station(CITY, "unloading", per_lot=Constant(0.25)),
        station(CITY, "sign-off", per_lot=Constant(1.0), per_unit=0.125),
        station(COUNTY, "sign-off", per_lot=Constant(0.75)),
    ]
    plan = chain(
        supplies=[(0, 0, [(3.0, 4)])],
        links=[(0, 1, 0, 4, 130.0, -1), (1, 2, 0, 4, 50.0, -1)],
        tours=[(2, [15.0, 6.0], 15.0)],
        stop_time=Constant(0.2),
        stations=stations,
        fleets=[
            fleet(FACTORY, speed=65.0, loading=Constant(0.25), unloading=Constant(0.125)),
            fleet(CITY, speed=50.0),
            fleet(COUNTY, speed=30.0, loading=Constant(0.5)),
        ],
        lanes=[lane(origin, stations=stations) for origin in (FACTORY, CITY, COUNTY)],
    )
    ledger = run(plan)
    trips, tours = ledger.trips, ledger.tours[0]
    assert_times(trips.ready, [3.0, 11.625])
    assert_times(trips.dispatched, [3.75, 11.625])  # crew 0.25, dock 0.5
    assert_times(trips.arrived, [9.75, 12.625])  # sorting 4, driving 2
    assert_times(trips.received, [11.625, 13.375])  # crew 0.125, gate 0.25, desk 1 + 4 × 0.125
    assert_times(trips.returned, [12.125, 13.625])  # the truck does not wait for the desk
    assert_times(trips.driving, [2.0, 1.0])
    assert_times(tours.ready, [13.375])
    assert_times(tours.began, [13.375])
    assert_times(tours.arrived, [14.375, 14.775])
    assert_times(tours.delivered, [14.575, 14.975])
    assert_times(tours.ended, [15.475])
    assert_times(tours.driving, [1.2])
    services = ledger.services
    assert_times(services.joined, [3.25, 3.75, 9.875, 10.125, 12.625])
    assert_times(services.ended, [3.75, 7.75, 10.125, 11.625, 13.375])


# --- driving and rest


@pytest.mark.parametrize(
    ("hours", "rest", "there", "home"),
    [
        (3.0, CHINA, 3.0, 6 + 1 / 3),  # an hour into the way home
        (4.0, CHINA, 4.0, 8 + 1 / 3),  # there after exactly four hours: a rest before the way home
        (4.5, CHINA, 4.5 + 1 / 3, 9 + 2 / 3),
        (8.0, CHINA, 8 + 1 / 3, 17.0),
        (9.0, CHINA, 9 + 2 / 3, 18 + 4 / 3),
        (9.0, NO_REST, 9.0, 18.0),  # two drivers
        (9.0, Rest(4.5, 0.75), 9.75, 18 + 3 * 0.75),  # the rule of the EU
    ],
)
def test_drivers_rest_on_a_haul(hours: float, rest: Rest, there: float, home: float) -> None:
    trips = run(one_lane((0.0, 5), km=50 * hours, rest=rest)).trips
    assert_times(trips.arrived, [there])
    assert_times(trips.returned, [home])
    assert_times(trips.driving, [hours])


@pytest.mark.parametrize(("unloading", "home"), [(0.25, 6.25 + 1 / 3), (0.5, 6.5)])
def test_a_stop_as_long_as_a_rest_is_one(unloading: float, home: float) -> None:
    plan = one_lane((0.0, 5), km=150.0, rest=CHINA, unloading=Constant(unloading))
    assert_times(run(plan).trips.returned, [home])


def test_a_driver_rests_on_a_tour_whatever_its_legs() -> None:
    """Driven 3, 6, 9 h until the stops and 12 h in all: rests after 4 and 8, none at the end."""
    tours = run(one_tour((3.0, 3.0, 3.0), 3.0, rest=CHINA)).tours[0]
    assert_times(tours.arrived, [3, 6.25 + 1 / 3, 9.5 + 2 / 3])
    assert_times(tours.delivered, [3.25, 6.5 + 1 / 3, 9.75 + 2 / 3])
    assert_times(tours.ended, [12.75 + 2 / 3])


def test_a_rest_at_exactly_four_hours_is_taken_before_the_next_leg() -> None:
    tours = run(one_tour((4.0, 1.0), 1.0, rest=CHINA)).tours[0]
    assert_times(tours.arrived, [4, 5.25 + 1 / 3])
    assert_times(tours.ended, [6.5 + 1 / 3])


def test_a_stop_as_long_as_a_rest_is_one_on_a_tour() -> None:
    """Half an hour at each clinic: never four hours of driving in one piece."""
    tours = run(one_tour((3.0, 3.0, 3.0), 3.0, stop=0.5, rest=CHINA)).tours[0]
    assert_times(tours.arrived, [3.0, 6.5, 10.0])
    assert_times(tours.ended, [13.5])


# --- closing time


@pytest.mark.parametrize(
    ("arrival", "closing", "began", "ended"),
    [
        (16.0, "pause", 16.0, 33.0),  # two hours until 18:00, one from 8:00
        (16.0, "finish", 16.0, 19.0),
        (16.0, "fits", 32.0, 35.0),
        (15.0, "fits", 15.0, 18.0),
        (20.0, "pause", 32.0, 35.0),
        (20.0, "finish", 32.0, 35.0),
        (18.0, "finish", 32.0, 35.0),  # closing time is not open
        (3.0, "pause", 8.0, 11.0),
    ],
)
def test_sign_off_at_closing_time(arrival: float, closing: str, began: float, ended: float) -> None:
    stations = [
        station(CITY, "sign-off", per_lot=Constant(3.0), shift=daily(8, 18, closing)),
    ]
    plan = chain(
        supplies=[(0, 0, [(arrival - 2, 5)])],
        links=[(0, 1, 0, 5, 100.0, -1)],
        stations=stations,
        lanes=[lane(FACTORY, stations=stations), lane(CITY), lane(COUNTY)],
    )
    ledger = run(plan)
    assert_times(ledger.trips.arrived, [arrival])
    assert_times(ledger.services.began, [began])
    assert_times(ledger.trips.received, [ended])


@pytest.mark.parametrize(
    ("hour", "closing", "began", "arrived", "ended"),
    [
        # loading 0.5, legs 1 and 2, stops 0.25, home 1: 5 hours in all
        (9.0, "pause", 9.0, [10.5, 12.75], 14.0),
        (15.0, "pause", 15.0, [16.5, 32.75], 34.0),  # 18:00 comes on the second leg
        (15.0, "finish", 15.0, [16.5, 18.75], 20.0),
        (15.0, "fits", 32.0, [33.5, 35.75], 37.0),
        (13.0, "fits", 13.0, [14.5, 16.75], 18.0),
        (16.5, "pause", 16.5, [18.0, 34.25], 35.5),  # there at closing: served in the morning
        (19.0, "pause", 32.0, [33.5, 35.75], 37.0),
    ],
)
def test_tours_at_closing_time(
    hour: float, closing: str, began: float, arrived: list[float], ended: float
) -> None:
    plan = one_tour((1.0, 2.0), 1.0, hour=hour, loading=Constant(0.5), shift=daily(8, 18, closing))
    tours = run(plan).tours[0]
    assert_times(tours.ready, [hour])
    assert_times(tours.began, [began])
    assert_times(tours.arrived, arrived)
    assert_times(tours.ended, [ended])
    if (hour, closing) == (16.5, "pause"):
        assert_times(tours.delivered, [32.25, 34.5])


def test_a_tour_that_fits_into_no_shift_does_not_stop_the_others() -> None:
    """A tour of 12 hours never starts in shifts of 10; the tour behind it takes 2 hours."""
    plan = chain(
        supplies=[(0, 0, [(0.0, 4)])],
        links=[(0, 1, 0, 4, 0.0, -1), (1, 2, 0, 4, 0.0, -1)],
        tours=[(2, [300.0], 300.0), (2, [50.0], 50.0)],
        fleets=[
            fleet(FACTORY),
            fleet(CITY),
            fleet(COUNTY, vehicles=1, shift=daily(8, 18, "fits")),
        ],
    )
    tours = run(plan).tours[0]
    assert_times(tours.began, [nan, 8.0])
    assert_times(tours.delivered, [nan, 9.0])


def test_a_trip_that_fits_into_no_shift_stops_neither_the_van_nor_the_desk() -> None:
    """Eleven hours of driving, and an hour; the desk of the far city is never asked."""
    stations = [station(CITY, "sign-off", per_lot=Constant(1.0), shift=daily(8, 18, "fits"))]
    plan = chain(
        sites=[("factory", FACTORY), ("a", CITY), ("b", CITY), ("county", COUNTY)],
        supplies=[(0, 0, [(0.0, 4), (1.0, 4)])],
        links=[(0, 2, 0, 4, 550.0, -1), (0, 1, 0, 4, 50.0, -1)],
        stations=stations,
        fleets=[
            fleet(FACTORY, vehicles=1, shift=daily(8, 18, "fits")),
            fleet(CITY),
            fleet(COUNTY),
        ],
        lanes=[lane(FACTORY, stations=stations), lane(CITY), lane(COUNTY)],
    )
    trips = run(plan).trips
    assert trips.destination.tolist() == [2, 1]
    assert_times(trips.dispatched, [nan, 8.0])
    assert_times(trips.received, [nan, 10.0])


def test_a_crew_in_its_shift_neither_loads_nor_leaves_nor_drives_at_night() -> None:
    """Loaded from 17:00 to 18:00 and from 8:00 to 9:00, driving until 18:00, and 2 h more."""
    plan = one_lane((17.0, 5), km=550.0, loading=Constant(2.0), shift=daily(8, 18, "pause"))
    trips = run(plan).trips
    assert_times(trips.taken, [17.0])
    assert_times(trips.dispatched, [33.0])
    assert_times(trips.arrived, [58.0])


def test_goods_that_are_loaded_at_closing_time_leave_in_the_morning() -> None:
    plan = one_lane((17.0, 5), loading=Constant(1.0), shift=daily(8, 18, "pause"))
    assert_times(run(plan).trips.dispatched, [32.0])


# --- dispatch rules


def test_goods_leave_on_arrival_load_by_load() -> None:
    trips = run(one_lane((1.0, 25), (2.5, 4), limits=(10.0, inf, inf))).trips
    assert_times(trips.dispatched, [1.0, 1.0, 1.0, 2.5])


def loads(ledger: Ledger) -> list[int]:
    return ledger.loads.units.tolist()


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
