"""Relations between two runs that hold whatever the numbers are.

Those that say "never later" are theorems only where no order of service can change. So the chain
here has one maker with all goods at hand from the start: everybody gets one shipment, all queues
are in an order that is known at the start, and each time is the later of two others, or comes so
much working time after one. Such times can only fall when vehicles, servers or working hours are
added. (With several shipments on the way, adding a vehicle can change who comes first, and then
some clinic may well be served later.)
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from reference.small import FREE, small_plan

from sim.engine.model import run_replication
from sim.laws import Constant
from sim.ledger import Ledger
from sim.plan.specs import Plan

#: One maker who has everything, one shipment for everybody, sent at once. A dock that takes as long
#: for each keeps their order, however many servers it has.
ONE_SHIPMENT = (
    'sites.near={echelon="factory", at=[30.25, 120.2], stock={oximeter=9000}}',
    'sites.far={echelon="factory", at=[22.5, 114.1], closed=true}',
    'fleets.truck={home="factory", vehicles=2, speed="65 km/h"}',
    'fleets.van={home="city", vehicles=1, speed="50 km/h", calendar="crew", loading="1 h"}',
    'lanes.to-city.dispatch={rule="on-arrival"}',
    "waves={}",
    "stations.sorting.servers=1",
    'stations.dock.time-per-lot={mean="40 min", cv=0}',
)
#: Long days, so that no work is longer than one: with "fits", it would never begin.
LONG_DAYS = ('calendars.crew.hours="02:00-23:00"', 'calendars.desk.hours="00:00-23:00"')
RUNS = range(4)


def times(ledger: Ledger) -> dict[str, NDArray[np.float64]]:
    trips, tours = ledger.trips, ledger.tours[0]
    return {
        "taken": trips.taken,
        "received": trips.received,
        "returned": trips.returned,
        "began": tours.began,
        "delivered": tours.delivered,
        "ended": tours.ended,
    }


def assert_never_later(better: Plan, plan: Plan) -> None:
    """Compare trip by trip (by destination: their order of sending may differ) and stop by stop."""
    for replication in RUNS:
        runs = [run_replication(p, replication) for p in (better, plan)]
        orders = [np.argsort(run.trips.destination, kind="stable") for run in runs]
        assert (runs[0].trips.destination[orders[0]] == runs[1].trips.destination[orders[1]]).all()
        for name in times(runs[0]):
            early, late = (times(run)[name] for run in runs)
            if name in ("taken", "received", "returned"):
                early, late = early[orders[0]], late[orders[1]]
            assert not np.isnan(late).any(), "the horizon leaves time for all"
            assert (early <= late + 1e-9).all(), name


@pytest.mark.parametrize("closing", ["pause", "finish", "fits"])
def test_no_holidays_is_never_later(closing: str) -> None:
    rule = (
        *LONG_DAYS,
        f"calendars.crew.at-closing={closing}",
        f"calendars.desk.at-closing={closing}",
    )
    plan = small_plan(*ONE_SHIPMENT, *rule, 'horizon="60 d"')
    no_holidays = small_plan(
        *ONE_SHIPMENT,
        *rule,
        'horizon="60 d"',
        "calendars.crew.holidays=false",
        'calendars.desk.days="every day"',
        "calendars.desk.holidays=false",
    )
    assert_never_later(no_holidays, plan)
    late = [np.nanmax(run_replication(p, 0).tours[0].delivered) for p in (no_holidays, plan)]
    assert late[0] < late[1] - 24


@pytest.mark.parametrize("closing", ["pause", "finish", "fits"])
@pytest.mark.parametrize("fleet", ["truck", "van", "car"])
def test_twice_the_vehicles_are_never_later(fleet: str, closing: str) -> None:
    rule = (*LONG_DAYS, f"calendars.crew.at-closing={closing}")
    vehicles = {"truck": 2, "van": 1, "car": 2}[fleet]
    plan = small_plan(*ONE_SHIPMENT, *rule)
    more = small_plan(*ONE_SHIPMENT, *rule, f"fleets.{fleet}.vehicles={2 * vehicles}")
    assert_never_later(more, plan)


@pytest.mark.parametrize("station", ["dock", "sorting", "city-gate", "city-desk"])
def test_another_server_is_never_later(station: str) -> None:
    plan = small_plan(*ONE_SHIPMENT)
    more = small_plan(*ONE_SHIPMENT, f"stations.{station}.servers=3")
    assert_never_later(more, plan)


def test_two_drivers_are_never_later_than_one() -> None:
    two = small_plan(*ONE_SHIPMENT, *(f"fleets.{f}.drivers=2" for f in ("truck", "van", "car")))
    assert_never_later(two, small_plan(*ONE_SHIPMENT))


def assert_same(one: Plan, other: Plan, *, atol: float = 1e-9) -> None:
    for replication in RUNS:
        mine, theirs = (times(run_replication(p, replication)) for p in (one, other))
        for name, values in mine.items():
            np.testing.assert_allclose(values, theirs[name], rtol=0, atol=atol, err_msg=name)


@pytest.mark.parametrize(
    "nothing",
    [
        'stations.porch={echelon="county", stage="unloading", time-per-lot="1 h"}',
        "fleets.car.drivers=2",
    ],
)
def test_the_next_test_could_fail(nothing: str) -> None:
    """An hour at the county's porch, or no rest for drivers of cars, does change something."""
    base = small_plan('fleets.car.rest={after="1 h", for="20 min"}')
    changed = small_plan('fleets.car.rest={after="1 h", for="20 min"}', nothing)
    with pytest.raises(AssertionError):
        assert_same(base, changed)


def with_station_time(plan: Plan, name: str, per_unit: float) -> Plan:
    stations = tuple(
        replace(station, per_lot=None, per_unit=Constant(per_unit))
        if station.name == name
        else station
        for station in plan.stations
    )
    return replace(plan, stations=stations)


def test_a_station_that_takes_no_time_changes_nothing() -> None:
    extra = small_plan(
        'stations.porch={echelon="county", stage="unloading", time-per-lot="1 h"}',
        'stations.bench={echelon="city", stage="loading", time-per-lot="1 h"}',
    )
    none = with_station_time(with_station_time(extra, "porch", 0.0), "bench", 0.0)
    assert_same(small_plan(), none)


def test_a_rest_of_no_length_is_the_same_as_two_drivers() -> None:
    no_time = [f'fleets.{f}.rest={{after="1 h", for="0 min"}}' for f in ("truck", "van", "car")]
    two = [f"fleets.{f}.drivers=2" for f in ("truck", "van", "car")]
    assert_same(small_plan(*no_time), small_plan(*two))


def test_a_wave_released_at_the_start_holds_nothing_back() -> None:
    wave = ('waves={all={lane="to-city", regions="rest", release="2023-01-12T00:00:00+08:00"}}',)
    assert_same(small_plan("waves={}"), small_plan(*wave))


def test_twice_the_distance_at_twice_the_speed_takes_as_long() -> None:
    speeds = {"truck": 65, "van": 50, "car": 30}
    fast = [f'fleets.{fleet}.speed="{2 * kmh} km/h"' for fleet, kmh in speeds.items()]
    assert_same(
        small_plan("geography.circuity=1.25"),
        small_plan("geography.circuity=2.5", *fast),
    )


def test_free_of_everything_that_contends_a_county_takes_its_longest_tour() -> None:
    """With vehicles for every tour, no hours and no queues, tours leave with their goods."""
    plan = small_plan(*FREE)
    ledger = run_replication(plan, 0)
    tours = ledger.tours[0]
    assert (tours.began == tours.ready).all()
    assert (ledger.trips.taken == ledger.trips.ready).all()
    assert (ledger.trips.dispatched == ledger.trips.ready).all()
