"""Faults that were found by reading and by the twin, and are mended: each must stay so."""

from __future__ import annotations

import numpy as np
from reference.plans import CHINA, CITY, COUNTY, FACTORY, chain, daily, fleet, lane, station

from sim.engine.model import run_replication
from sim.laws import Constant, Lognormal
from sim.plan.specs import WaveSpec


def test_an_earlier_wave_comes_first_at_the_dock() -> None:
    """The factory has all goods when both waves are out. One dock, an hour for each lot.

    An earlier wave of the file is served first, and within a wave the order of the lane's
    allocation says who comes first; so it should at the dock, and for vehicles.
    """
    stations = [station(FACTORY, "loading", servers=1, per_lot=Constant(1.0))]
    plan = chain(
        sites=[("factory", FACTORY), ("a", CITY), ("b", CITY), ("county", COUNTY)],
        supplies=[(0, 0, [(5.0, 16)])],
        links=[(0, 2, 0, 8, 100.0, 0), (0, 1, 0, 8, 100.0, 1)],
        waves=[WaveSpec("first", FACTORY, 1.0, 1.0), WaveSpec("second", FACTORY, 1.0, 1.0)],
        stations=stations,
        lanes=[lane(FACTORY, stations=stations), lane(CITY), lane(COUNTY)],
    )
    trips = run_replication(plan, 0).trips
    left = dict(zip(trips.destination.tolist(), trips.dispatched.tolist(), strict=True))
    assert left == {2: 6.0, 1: 7.0}


def test_a_stop_of_exactly_a_rest_is_one_at_any_hour() -> None:
    """Unloading takes 20 minutes, and so does a rest; hence the way home needs none."""
    for hour in np.arange(0.0, 24.0, 0.7).tolist():
        plan = chain(
            supplies=[(0, 0, [(hour, 2)])],
            links=[(0, 1, 0, 2, 150.0, -1)],
            fleets=[
                fleet(FACTORY, rest=CHINA, unloading=Constant(1 / 3)),
                fleet(CITY),
                fleet(COUNTY),
            ],
        )
        trips = run_replication(plan, 0).trips
        np.testing.assert_allclose(trips.returned, [hour + 6 + 1 / 3], atol=1e-9)


def test_many_tours_that_fit_into_no_shift_are_passed_over() -> None:
    """600 tours of 12 hours wait behind one of 2; the shift has 10 hours, and one vehicle."""
    tours = 600
    units = 2 * (tours + 1)
    plan = chain(
        supplies=[(0, 0, [(0.0, units)])],
        links=[(0, 1, 0, units, 0.0, -1), (1, 2, 0, units, 0.0, -1)],
        tours=[(2, [50.0], 50.0), *([(2, [300.0], 300.0)] * tours)],
        fleets=[
            fleet(FACTORY),
            fleet(CITY),
            fleet(COUNTY, vehicles=1, shift=daily(8, 18, "fits")),
        ],
    )
    done = run_replication(plan, 0).tours[0]
    assert np.flatnonzero(~np.isnan(done.began)).tolist() == [0]


def test_a_van_that_set_out_comes_home() -> None:
    """Eight hours on the mean, in shifts of ten: the way out fits, the way home may not."""
    days = 40
    plan = chain(
        supplies=[(0, 0, [(24.0 * day, 2) for day in range(days)])],
        links=[(0, 1, 0, 2 * days, 400.0, -1)],
        fleets=[fleet(FACTORY, shift=daily(8, 18, "fits")), fleet(CITY), fleet(COUNTY)],
        lanes=[lane(FACTORY, own=Lognormal(1.0, 0.2)), lane(CITY), lane(COUNTY)],
        horizon=1400.0,
    )
    trips = run_replication(plan, 0).trips
    there = ~np.isnan(trips.received)
    assert there.sum() > 30
    assert not np.isnan(trips.returned[there]).any()


def test_no_stop_is_served_before_its_tour() -> None:
    """Tours begin at hour 0 and all stops are next door: the times of stops are sums, which are
    rounded, and so may be less than nothing by a little."""
    tours = 30
    plan = chain(
        supplies=[(0, 0, [(0.0, 4 * tours)])],
        links=[(0, 1, 0, 4 * tours, 0.0, -1), (1, 2, 0, 4 * tours, 0.0, -1)],
        tours=[(2, [0.0, 0.0], 0.0)] * tours,
        stop_time=Lognormal(0.3, 0.5),
    )
    done = run_replication(plan, 0).tours[0]
    began = np.repeat(done.began, 2)
    assert (done.arrived >= began).all()
    assert (done.delivered >= done.arrived).all()
