"""Trips that are worked out ahead until they arrive do what trips do event by event."""

from __future__ import annotations

from dataclasses import fields
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.plans import CITY, COUNTY, FACTORY, chain, daily, fleet, lane
from reference.small import small_plan

from sim.engine import model
from sim.engine.model import run_replication
from sim.laws import Constant, Law, Lognormal
from sim.ledger import Ledger
from sim.plan.specs import Plan, TravelSpec
from sim.policies.dispatch import Timetable


def event_by_event(plan: Plan, replication: int) -> Ledger:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "never_alike", lambda travel: False)
        return run_replication(plan, replication)


def assert_same(plan: Plan, replication: int = 0) -> Ledger:
    ahead, slow = run_replication(plan, replication), event_by_event(plan, replication)
    for name in ("trips", "loads", "services", "losses"):
        mine, theirs = getattr(ahead, name), getattr(slow, name)
        for column in fields(mine):
            where = f"{name}.{column.name}"
            one, other = getattr(mine, column.name), getattr(theirs, column.name)
            np.testing.assert_array_equal(one, other, err_msg=where)
    return ahead


def vans(loading: Law | None, shift: str, hours: float, horizon: float) -> Plan:
    """One lane and two vans for six loads on a road of so many hours, more or less."""
    lots = [(2.0 * number, 3) for number in range(6)]
    return chain(
        supplies=[(0, 0, lots)],
        links=[(0, 1, 0, 18, 50.0 * hours, -1)],
        fleets=[
            fleet(FACTORY, vehicles=2, loading=loading, shift=daily(8.0, 18.0, shift)),
            fleet(CITY),
            fleet(COUNTY),
        ],
        lanes=[lane(FACTORY, own=Lognormal(1.0, 0.5)), lane(CITY), lane(COUNTY)],
        horizon=horizon,
    )


@settings(max_examples=60, deadline=None)
@given(
    loading=st.sampled_from([None, Constant(1.0), Lognormal(2.0, 0.5), Constant(9.5)]),
    shift=st.sampled_from(["pause", "finish", "fits"]),
    hours=st.sampled_from([0.0, 3.0, 9.0, 11.0]),
    horizon=st.sampled_from([12.0, 20.0, 34.0, 720.0]),
)
def test_both_ways_give_the_same_trips(
    loading: Law | None, shift: str, hours: float, horizon: float
) -> None:
    for replication in range(3):
        assert_same(vans(loading, shift, hours, horizon), replication)


def test_who_cannot_leave_gives_the_vehicle_back_when_it_is_loaded() -> None:
    """The road takes longer than any day for some; the next load waits for the van till then."""
    plan = vans(Constant(1.0), "fits", 9.0, 720.0)
    trips = [assert_same(plan, replication).trips for replication in range(8)]
    stayed = sum(isnan(time) for each in trips for time in each.taken.tolist())
    gone = sum(not isnan(time) for each in trips for time in each.arrived.tolist())
    assert stayed > 3
    assert gone > 3


@pytest.mark.parametrize("overrides", [(), ('horizon="3 d"',), ("fleets.car.vehicles=1",)])
def test_a_small_country_is_the_same_both_ways(overrides: tuple[str, ...]) -> None:
    assert_same(small_plan(*overrides), replication=2)


def test_only_what_varies_is_worked_out_ahead() -> None:
    assert model.never_alike(TravelSpec(Lognormal(1.0, 0.1), None))
    assert not model.never_alike(TravelSpec(None, Lognormal(1.0, 0.1)))
    assert not model.never_alike(TravelSpec(Lognormal(1.0, 0.1), None, time=Constant(2.0)))


def test_a_way_that_takes_no_time_is_gone_event_by_event() -> None:
    """A van leaves at 9 and is there at 9, when another leaves from there: who is first is for
    their events to say."""
    plan = chain(
        supplies=[(0, 0, [(0.0, 3)]), (1, 0, [(0.0, 1)])],
        links=[(1, 2, 0, 4, 50.0, -1), (0, 1, 0, 3, 0.0, -1)],
        fleets=[
            fleet(FACTORY, loading=Constant(1.0), shift=daily(8.0, 18.0, "pause")),
            fleet(CITY),
            fleet(COUNTY),
        ],
        lanes=[
            lane(FACTORY, own=Lognormal(1.0, 0.5)),
            lane(CITY, dispatch=Timetable((9.0, 10.0))),
            lane(COUNTY),
        ],
    )
    trips = assert_same(plan).trips
    assert trips.dispatched.tolist() == [9.0] * len(trips)
    assert trips.arrived[0] == 9.0
