"""Which tours must ask for their vehicle one by one: those that something else may come between."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from reference.plans import CITY, COUNTY, FACTORY, chain, fleet

from sim.engine.journey import Passage
from sim.engine.strikes import draw_strikes
from sim.engine.wiring import wire
from sim.laws import Constant
from sim.plan.specs import DisruptionSpec, Plan
from sim.streams import Streams

SITES = (("factory", FACTORY), ("city", CITY), ("county/1", COUNTY), ("county/2", COUNTY))
THE_FACTORY, THE_CITY, COUNTY_1, COUNTY_2 = range(4)
TO_CITY, TO_COUNTY, TO_CLINIC = range(3)
TOURS = [(COUNTY_1, [5.0, 2.0], 6.0), (COUNTY_2, [3.0], 3.0)]


def plan_with(*events: DisruptionSpec, vehicles: float = np.inf) -> Plan:
    """Tours from two counties, each with ``vehicles`` of its own, which get goods from a city."""
    fleets = fleet(FACTORY), fleet(CITY), replace(fleet(COUNTY), vehicles=vehicles)
    links = [(THE_CITY, COUNTY_1, 0, 4, 30.0, 0)]
    plan = chain(sites=SITES, links=links, tours=TOURS, fleets=fleets)
    return replace(plan, disruptions=events)


def event(kind: str, *, lane: int = -1, fleet: int = -1, echelon: int = -1) -> DisruptionSpec:
    return DisruptionSpec(
        "storm",
        kind,
        10.0,
        10.0,
        None,
        Constant(5.0),
        1.0,
        False,
        (),
        lane,
        fleet,
        echelon,
        (),
        1.0,
    )


def test_tours_that_nothing_comes_between_need_not_ask() -> None:
    assert wire(plan_with()).lines == {}
    assert wire(plan_with(vehicles=1)).lines == {}


@pytest.mark.parametrize(
    "strike",
    [
        event("closed-site", echelon=COUNTY),
        event("closed-road", lane=TO_CLINIC),
        event("slow-road", lane=TO_CLINIC),
        event("fewer-vehicles", fleet=2),
    ],
    ids=lambda strike: strike.kind,
)
def test_what_strikes_them_makes_all_of_them_ask(strike: DisruptionSpec) -> None:
    assert wire(plan_with(strike)).lines == {TO_CLINIC: [COUNTY_1, COUNTY_2]}
    elsewhere = event("closed-site", echelon=CITY)
    assert wire(plan_with(elsewhere, strike)).lines == {TO_CLINIC: [COUNTY_1, COUNTY_2]}


@pytest.mark.parametrize(
    "strike",
    [
        event("closed-site", echelon=FACTORY),
        event("closed-site", echelon=CITY),
        event("closed-road", lane=TO_CITY),
        event("closed-road", lane=TO_COUNTY),
        event("slow-road", lane=TO_COUNTY),
        event("fewer-vehicles", fleet=1),
        event("sudden-need", echelon=COUNTY),
    ],
    ids=lambda strike: f"{strike.kind} {strike.lane} {strike.echelon}",
)
def test_what_strikes_others_does_not(strike: DisruptionSpec) -> None:
    assert wire(plan_with(strike)).lines == {}


def test_only_where_another_lane_may_take_their_vans_do_tours_ask() -> None:
    """The first county returns goods to the city with its own vans, the second with the city's."""
    plan = plan_with(vehicles=2)
    by_county, by_city = (
        replace(plan.lanes[TO_CITY], name=name, origin=COUNTY, destination=CITY, fleet=number)
        for name, number in (("own", 2), ("fetched", 1))
    )
    first_new = len(plan.lanes)
    back = replace(
        chain(sites=SITES, links=[(COUNTY_1, 1, 0, 4, 30.0, -1), (COUNTY_2, 1, 0, 4, 30.0, -1)]),
    ).links
    plan = replace(
        plan,
        lanes=(*plan.lanes, by_county, by_city),
        links=replace(back, lane=np.array([first_new, first_new + 1])),
    )
    assert wire(plan).lines == {TO_CLINIC: [COUNTY_1]}


def test_a_journey_can_close_at_its_origin_and_on_its_road_but_not_at_its_gate() -> None:
    """At the gate a vehicle only waits once it is there."""
    strikes = (
        replace(event("closed-site", echelon=CITY), sites=(THE_CITY,)),
        replace(event("closed-road", lane=TO_COUNTY), sites=(COUNTY_1,)),
    )
    struck = draw_strikes(plan_with(*strikes), Streams(1, 0))
    gate, road = struck.gate(THE_CITY), struck.road(TO_COUNTY, THE_CITY, COUNTY_1)
    assert gate is not None
    assert road is not None
    assert Passage(door=gate).can_close
    assert Passage(road=road).can_close
    assert not Passage(gate=gate).can_close
    assert not Passage().can_close
