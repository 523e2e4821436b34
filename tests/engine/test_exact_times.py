"""Trips and tours whose times are worked out by hand, to 1e-9 hours: driving and closing times."""

from __future__ import annotations

from math import nan

import pytest
from reference.examples import assert_times, one_lane, one_tour, run
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

from sim.laws import Constant
from sim.plan.specs import Rest


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
