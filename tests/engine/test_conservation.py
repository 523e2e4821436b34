"""Goods, vehicles and servers are conserved, and the audit finds out when goods are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference.plans import ALWAYS, chain
from reference.random_plans import plans
from reference.small import small_plan

from sim.audit import audit
from sim.engine.model import run_replication
from sim.errors import RunError
from sim.ledger import Ledger
from sim.plan.specs import Plan

#: The slow suite tries three times as many.
EXAMPLES = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(EXAMPLES, max_examples=150)


# --- what holds in every run


@EXAMPLES
@given(plans())
def test_what_holds_whatever_the_plan(plan: Plan) -> None:
    assert_what_holds(plan)


@pytest.mark.slow
@MANY
@given(plans())
def test_what_holds_whatever_the_plan_in_many(plan: Plan) -> None:
    assert_what_holds(plan)


def assert_what_holds(plan: Plan) -> None:
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    assert_times_never_run_backwards(ledger, plan)
    assert_no_more_work_than_there_are(ledger, plan)
    assert_first_come_first_served(ledger, plan)
    assert_no_vehicle_carries_more_than_it_can(ledger, plan)


def most_at_once(begin: NDArray[np.float64], end: NDArray[np.float64]) -> int:
    """Return how many of the spans [begin, end) overlap at most; no end is never."""
    begin, end = begin[~np.isnan(begin)], np.nan_to_num(end[~np.isnan(begin)], nan=inf)
    times = np.concatenate([begin, end])
    change = np.concatenate([np.ones(len(begin)), -np.ones(len(end))])
    order = np.lexsort((change, times))
    return int(np.cumsum(change[order]).max(initial=0))


def assert_no_more_work_than_there_are(ledger: Ledger, plan: Plan) -> None:
    """Vehicles and servers at work at once are at most those that there are."""
    trips, services = ledger.trips, ledger.services
    begun = ~np.isnan(services.began)
    for site, echelon in enumerate(plan.site_echelon):
        mine = trips.origin == site
        if mine.any():
            fleet = plan.fleets[plan.lanes[trips.lane[mine][0]].fleet]
            assert most_at_once(trips.taken[mine], trips.returned[mine]) <= fleet.vehicles
        if echelon == 2:
            tours = plan.tours[0].site == site
            out = most_at_once(ledger.tours[0].began[tours], ledger.tours[0].ended[tours])
            assert out <= plan.fleets[2].vehicles
        for index, station in enumerate(plan.stations):
            here = (services.station == index) & (services.site == site) & begun
            assert most_at_once(services.began[here], services.ended[here]) <= station.servers


def assert_first_come_first_served(ledger: Ledger, plan: Plan) -> None:
    """Whoever asked for a vehicle first has it first; servers that never close begin in order."""
    trips, services = ledger.trips, ledger.services
    begun = ~np.isnan(services.began)
    for site in range(len(plan.site_keys)):
        taken = trips.taken[(trips.origin == site) & ~np.isnan(trips.taken)]
        assert (np.sort(taken) == taken).all()
        for index, station in enumerate(plan.stations):
            here = (services.station == index) & (services.site == site) & begun
            if station.shift is ALWAYS:
                order = np.lexsort((services.began[here], services.joined[here]))
                began = services.began[here][order]
                assert (np.sort(began) == began).all()


def assert_no_vehicle_carries_more_than_it_can(ledger: Ledger, plan: Plan) -> None:
    loads, trips = ledger.loads, ledger.trips
    for dimension in range(3):
        used = plan.load_per_unit[loads.product, dimension] * loads.units
        load = np.bincount(loads.trip, used, minlength=len(trips))
        for lane in range(len(plan.lanes)):
            limit = plan.fleets[plan.lanes[lane].fleet].limits[dimension]
            assert (load[trips.lane == lane] <= limit * (1 + 1e-9)).all()


def assert_times_never_run_backwards(ledger: Ledger, plan: Plan) -> None:
    trips, tours, planned = ledger.trips, ledger.tours[0], plan.tours[0]
    stages = (trips.ready, trips.taken, trips.dispatched, trips.arrived, trips.received)
    table = np.nan_to_num(np.column_stack(stages), nan=inf)
    assert (table[:, :-1] <= table[:, 1:]).all()
    assert not (trips.returned < trips.arrived).any()
    assert not (tours.began < tours.ready).any()
    for row in range(len(planned)):
        stops = slice(planned.first[row], planned.first[row + 1])
        steps = np.column_stack([tours.arrived[stops], tours.delivered[stops]]).ravel()
        way = np.nan_to_num([tours.began[row], *steps, tours.ended[row]], nan=inf)
        assert (way[:-1] <= way[1:]).all()


# --- what the audit finds


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan()


@pytest.fixture(scope="module")
def ledger(plan: Plan) -> Ledger:
    done = run_replication(plan, 0)
    audit(done, plan)
    assert not np.isnan(done.tours[0].delivered).any(), "all is delivered in this run"
    return done


def changed(array: NDArray[np.generic], row: int, value: float) -> NDArray[np.generic]:
    copy = array.copy()
    copy[row] = value
    return copy


def trips_with(ledger: Ledger, row: int, **times: float) -> Ledger:
    columns = {name: changed(getattr(ledger.trips, name), row, t) for name, t in times.items()}
    return replace(ledger, trips=replace(ledger.trips, **columns))


def tours_with(ledger: Ledger, name: str, row: int, value: float) -> Ledger:
    tours = ledger.tours[0]
    column = changed(getattr(tours, name), row, value)
    return replace(ledger, tours=(replace(tours, **{name: column}),))


@EXAMPLES
@given(data=st.data())
def test_units_taken_out_of_any_load_are_missed(
    plan: Plan, ledger: Ledger, data: st.DataObject
) -> None:
    assert_missed(plan, ledger, data)


@pytest.mark.slow
@MANY
@given(data=st.data())
def test_units_taken_out_of_any_of_many_loads_are_missed(
    plan: Plan, ledger: Ledger, data: st.DataObject
) -> None:
    assert_missed(plan, ledger, data)


def assert_missed(plan: Plan, ledger: Ledger, data: st.DataObject) -> None:
    loads = ledger.loads
    row = data.draw(st.integers(0, len(loads.units) - 1))
    less = data.draw(st.integers(0, int(loads.units[row]) - 1))
    fewer = replace(ledger, loads=replace(loads, units=changed(loads.units, row, less)))
    with pytest.raises(RunError, match=r"does not have|carries no units"):
        audit(fewer, plan)


@EXAMPLES
@given(data=st.data())
def test_units_put_into_any_load_are_noticed(
    plan: Plan, ledger: Ledger, data: st.DataObject
) -> None:
    assert_noticed(plan, ledger, data)


@pytest.mark.slow
@MANY
@given(data=st.data())
def test_units_put_into_any_of_many_loads_are_noticed(
    plan: Plan, ledger: Ledger, data: st.DataObject
) -> None:
    assert_noticed(plan, ledger, data)


def assert_noticed(plan: Plan, ledger: Ledger, data: st.DataObject) -> None:
    loads = ledger.loads
    row = data.draw(st.integers(0, len(loads.units) - 1))
    more = int(loads.units[row]) + data.draw(st.integers(1, 50))
    fuller = replace(ledger, loads=replace(loads, units=changed(loads.units, row, more)))
    with pytest.raises(RunError, match=r"does not have|more than it is due"):
        audit(fuller, plan)


def lose_supply(ledger: Ledger) -> Ledger:
    supplies = ledger.supplies
    return replace(ledger, supplies=replace(supplies, units=changed(supplies.units, 0, 1)))


def more_supply(ledger: Ledger) -> Ledger:
    supplies = ledger.supplies
    more = changed(supplies.units, 0, int(supplies.units[0]) + 5)
    return replace(ledger, supplies=replace(supplies, units=more))


def delay_supply(ledger: Ledger) -> Ledger:
    supplies = ledger.supplies
    return replace(ledger, supplies=replace(supplies, time=changed(supplies.time, 0, 500.0)))


def empty_trip(ledger: Ledger) -> Ledger:
    keep = ledger.loads.trip != 3
    loads = ledger.loads
    return replace(
        ledger,
        loads=replace(
            loads, trip=loads.trip[keep], product=loads.product[keep], units=loads.units[keep]
        ),
    )


def elsewhere(ledger: Ledger) -> Ledger:
    """The last trip goes to a site that nobody sends anything to."""
    row = len(ledger.trips) - 1
    trips = ledger.trips
    return replace(ledger, trips=replace(trips, destination=changed(trips.destination, row, 0)))


TAMPERED: dict[str, tuple[Callable[[Ledger], Ledger], str]] = {
    "received before it left": (lambda b: trips_with(b, 5, received=0.0), "trip 5 runs backwards"),
    "received before it arrived": (
        lambda b: trips_with(b, 5, received=float(b.trips.arrived[5]) - 1e-6),
        "trip 5 runs backwards",
    ),
    "arrived, but never left": (
        lambda b: trips_with(b, 5, dispatched=np.nan),
        "trip 5 runs backwards",
    ),
    "left before the goods were made": (
        lambda b: trips_with(b, 20, ready=0.0, taken=0.0, dispatched=0.0),
        "does not have",
    ),
    "never received": (lambda b: trips_with(b, 2, received=np.nan), "does not have"),
    "goods never made": (lose_supply, "does not have|what no plan gives"),
    "goods that no plan supplies": (more_supply, "what no plan gives"),
    "goods lost on a tour": (
        lambda b: tours_with(b, "delivered", 77, np.nan),
        "stop 77 got nothing",
    ),
    "goods made too late": (delay_supply, "does not have"),
    "a trip without a load": (empty_trip, "trip 3 carries nothing"),
    "a trip where no link leads": (elsewhere, "no link leads|more than it is due|does not have"),
    "a tour before its goods": (lambda b: tours_with(b, "began", 30, 0.0), "does not have"),
    "a stop before its tour": (lambda b: tours_with(b, "arrived", 77, 0.0), "stop 77 is served"),
    "served before the arrival": (
        lambda b: tours_with(b, "delivered", 77, float(b.tours[0].arrived[77]) - 1e-6),
        "stop 77 is served",
    ),
    "a stop of a tour that never began": (
        lambda b: tours_with(b, "began", 0, np.nan),
        "is served before its tour",
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_the_audit_finds_what_was_tampered_with(plan: Plan, ledger: Ledger, name: str) -> None:
    tamper, complaint = TAMPERED[name]
    with pytest.raises(RunError, match=complaint):
        audit(tamper(ledger), plan)


def test_a_facility_on_two_tours_is_noticed(plan: Plan, ledger: Ledger) -> None:
    tours = plan.tours[0]
    twice = replace(tours, facility=changed(tours.facility, 10, int(tours.facility[11])))
    with pytest.raises(RunError, match="not on exactly one tour"):
        audit(ledger, replace(plan, tours=(twice,)))


def test_more_than_is_due_is_noticed_where_there_is_plenty() -> None:
    """The factory has ten units and owes four. It could send six, but nobody is due six."""
    surplus = chain(supplies=[(0, 0, [(0.0, 10)])], links=[(0, 1, 0, 4, 100.0, -1)])
    done = run_replication(surplus, 0)
    audit(done, surplus)
    loads = replace(done.loads, units=changed(done.loads.units, 0, 6))
    with pytest.raises(RunError, match="more than it is due"):
        audit(replace(done, loads=loads), surplus)
