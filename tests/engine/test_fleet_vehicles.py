"""Vehicles of a site: one line for all, several kinds, and vehicles that are away."""

from __future__ import annotations

from math import inf

import simpy

from sim.calendars import always_open
from sim.engine.fleet import Fleet
from sim.plan.specs import FleetSpec, Rest, Shift


def fleet(vehicles: float, units: float = inf) -> Fleet:
    shift = Shift(always_open(), "finish", always=True)
    spec = FleetSpec(
        "van", "van", 0, vehicles, (units, inf, inf), 50.0, None, None, Rest(inf, 0.0), shift
    )
    return Fleet(spec, 0)


def asks(mine: Fleet, env: simpy.Environment) -> simpy.Event:
    event = simpy.Event(env)
    mine.wait(event)
    return event


def test_who_asked_first_is_served_first() -> None:
    env, vans = simpy.Environment(), fleet(1)
    assert vans.take()
    assert not vans.take()
    first, second = asks(vans, env), asks(vans, env)
    vans.release()
    assert first.triggered
    assert not second.triggered
    assert first.value is vans


def test_one_who_waits_for_two_fleets_takes_one_vehicle() -> None:
    env, vans, trucks = simpy.Environment(), fleet(1), fleet(1)
    assert vans.take()
    assert trucks.take()
    both = simpy.Event(env)
    vans.wait(both)
    trucks.wait(both)
    trucks.release()
    assert both.value is trucks
    vans.release()  # nobody waits any more: the van is idle
    assert vans.take()
    assert not trucks.take()


def test_vehicles_that_are_out_come_home_before_they_go_away() -> None:
    vans = fleet(3)
    assert vans.take()
    assert vans.take()
    vans.withdraw(2)  # the idle one now, another when it is home
    assert not vans.take()
    vans.release()
    assert not vans.take()
    vans.release()  # the third is not wanted
    assert vans.take()
    vans.release()
    vans.give_back(2)
    assert [vans.take() for _ in range(4)] == [True, True, True, False]


def test_vehicles_given_back_serve_who_waits() -> None:
    env, vans = simpy.Environment(), fleet(1)
    vans.withdraw(1)
    waits = asks(vans, env)
    vans.give_back(1)
    assert waits.triggered
    assert not vans.take()


def test_more_vehicles_away_than_there_are_is_all_of_them() -> None:
    vans = fleet(1)
    assert vans.take()
    vans.withdraw(5)
    vans.release()
    assert not vans.take()
    vans.give_back(5)
    assert vans.take()
    assert not vans.take()


def test_nothing_is_left_of_an_absence_that_ends_at_once() -> None:
    vans = fleet(2)
    assert vans.take()
    vans.withdraw(2)
    vans.give_back(2)
    assert vans.take()
    assert not vans.take()
