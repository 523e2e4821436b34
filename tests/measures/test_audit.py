"""What the audit finds in ledgers with losses, lots by chance, queues and consumption."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import nan

import numpy as np
import pytest
from measures.handmade import ALWAYS, CITY, COUNTY, FACTORY, Case, Trip, station

from sim.audit import audit
from sim.errors import RunError
from sim.laws import Constant, Exponential
from sim.ledger import Cause
from sim.plan.specs import (
    OPEN,
    ConsumptionSpec,
    DisruptionSpec,
    LossSpec,
    Plan,
    SupplyProcess,
)
from sim.policies.dispatch import Departures


def lossy(**changes: object) -> Case:
    """A lane that damages, a desk with a small yard, and a fleet that loses who must wait."""
    given: dict[str, object] = {
        "echelon": (FACTORY, CITY),
        "lanes": ((FACTORY, CITY),),
        "units": (1,),
        "supplies": ((0.0, 0, 0, 20),),
        "links": ((0, 1, 0, OPEN),),
        "trips": (
            Trip(0, 1, {0: 10}, 0.0, 0.0, 1.0, 3.0, 6.0, 6.0),
            Trip(0, 1, {0: 5}, 0.0, 0.0, 2.0, 4.0, nan, 6.0),
            Trip(0, 1, {0: 3}, 0.0),
        ),
        "stations": (station(CITY, yard=0),),
        "services": ((0, 1, 0, 3.0, 4.0, 6.0),),
        "losses": (
            (3.0, 0, 1, -1, 0, 3, Cause.DAMAGED),
            (4.0, 1, 1, 0, 0, 5, Cause.TURNED_AWAY),
            (0.0, 2, 0, -1, 0, 3, Cause.NO_VEHICLE),
        ),
        "loss": LossSpec(0.1, 0.0),
        "loses": True,
    }
    return Case(**(given | changes))  # type: ignore[arg-type]


def with_loss(row: int, **changes: object) -> Callable[[], Case]:
    names = ("time", "trip", "site", "station", "product", "units", "cause")

    def case() -> Case:
        losses = [list(loss) for loss in lossy().losses]
        for name, value in changes.items():
            losses[row][names.index(name)] = value
        return lossy(losses=tuple(map(tuple, losses)))

    return case


LOSSES: dict[str, tuple[Callable[[], Case], str]] = {
    "more than it carried": (with_loss(0, units=11), "more of trip 0 was lost than it carried"),
    "what it did not carry": (with_loss(0, units=0), "was lost than it carried"),
    "before it left": (with_loss(0, time=0.5), "lost before they left"),
    "received and turned away": (with_loss(1, trip=0), "trip 0 was received and lost"),
    "no vehicle for who had one": (with_loss(2, trip=1, units=2), "more of trip 1"),
    "damage where nothing is": (lambda: lossy(loss=None), "what loses nothing"),
    "a yard without an end": (lambda: lossy(stations=(station(CITY),)), "what loses nothing"),
    "a fleet that makes them wait": (lambda: lossy(loses=False), "what loses nothing"),
}  # fmt: skip


def check(case: Case) -> None:
    audit(case.ledger, case.plan)


def test_losses_that_are_in_order() -> None:
    check(lossy())


@pytest.mark.parametrize("name", LOSSES)
def test_losses_that_cannot_be(name: str) -> None:
    case, complaint = LOSSES[name]
    with pytest.raises(RunError, match=complaint):
        check(case())


def test_what_is_lost_on_the_way_cannot_be_sent_on() -> None:
    """7 of 10 come; a county is sent 8 of them."""
    case = lossy(
        echelon=(FACTORY, CITY, COUNTY),
        lanes=((FACTORY, CITY), (CITY, COUNTY)),
        links=((0, 1, 0, OPEN), (1, 2, 0, OPEN)),
    )

    def onward(units: int) -> Case:
        return replace(case, trips=(*case.trips, Trip(1, 2, {0: units}, 6.0, 6.0, 6.0)))

    check(onward(7))
    with pytest.raises(RunError, match="site/1 sends product-0 that it does not have at hour 6"):
        check(onward(8))


def test_what_was_lost_at_the_sender_cannot_be_sent_again() -> None:
    case = lossy()
    again = Trip(0, 1, {0: 3}, 7.0)
    with pytest.raises(RunError, match="does not have"):
        check(replace(case, trips=(*case.trips, again)))


def test_open_links_have_no_limit_and_others_do() -> None:
    check(lossy(links=((0, 1, 0, 18),)))
    with pytest.raises(RunError, match="more than it is due"):
        check(lossy(links=((0, 1, 0, 17),)))


def test_empty_trips_only_where_the_rule_runs_them() -> None:
    case = lossy(trips=(*lossy().trips, Trip(0, 1, {}, 8.0, 8.0, 8.0)))
    with pytest.raises(RunError, match="trip 3 carries nothing"):
        check(case)
    lane = replace(case.plan.lanes[0], dispatch=Departures(1.0, runs_empty=True))
    plan = replace(case.plan, lanes=(lane,))
    audit(case.ledger, plan)
    trips = case.ledger.trips
    away = replace(trips, destination=np.array([1, 1, 1, 0]))
    with pytest.raises(RunError, match="empty vehicle went where no link leads"):
        audit(replace(case.ledger, trips=away), plan)


SERVICES: dict[str, tuple[tuple[tuple[float, ...], ...], str]] = {
    "two at once": (((0, 1, 0, 3.0, 4.0, 6.0), (0, 1, 1, 4.0, 5.5, 7.0)), "more than it can"),
    "for ever": (((0, 1, 0, 3.0, 4.0, nan), (0, 1, 1, 4.0, 9.0, 9.5)), "more than it can"),
    "before it came": (((0, 1, 0, 3.0, 2.0, 6.0),), "trip 0 was served before"),
    "backwards": (((0, 1, 0, 3.0, 4.0, 3.5),), "trip 0 was served before"),
    "done without an end": (((0, 1, 0, 3.0, 4.0, nan, 0, True),), "trip 0 was served before"),
    "twice": (
        ((0, 1, 0, 3.0, 4.0, 5.0, 0, True), (0, 1, 0, 3.0, 5.0, 6.0, 1, True)),
        "served twice",
    ),
}


@pytest.mark.parametrize("name", SERVICES)
def test_services_that_cannot_be(name: str) -> None:
    services, complaint = SERVICES[name]
    with pytest.raises(RunError, match=complaint):
        check(lossy(services=services))


def test_services_that_follow_each_other_are_in_order() -> None:
    spans = ((0, 1, 0, 3.0, 4.0, 5.0, 0, False), (0, 1, 1, 4.0, 5.0, 6.0, 0, True))
    check(lossy(services=(*spans, (0, 1, 0, 3.0, 6.0, nan, 1, False))))


def by_chance(**changes: object) -> Plan:
    """The plan of what a process brings to the factory: 5 units at a time from hour 1 to 9."""
    given: dict[str, object] = {
        "name": "lots", "site": 0, "product": 0, "size": Constant(5.0), "gap": Exponential(1.0),
        "times": (), "first": None, "begins": 1.0, "ends": 9.0, "most": 4.0, "shift": ALWAYS,
    }  # fmt: skip
    process = SupplyProcess(**(given | changes))  # type: ignore[arg-type]
    return replace(lossy(supplies=()).plan, processes=(process,))


def lots(*rows: tuple[float, int]) -> Case:
    case = lossy(supplies=tuple((time, 0, 0, units) for time, units in rows))
    return replace(case, trips=(), services=(), losses=())


BROUGHT: dict[str, tuple[tuple[tuple[float, int], ...], dict[str, object]]] = {
    "too early": (((0.5, 5),), {}),
    "too late": (((9.5, 5),), {}),
    "of another size": (((2.0, 6),), {}),
    "too many": (((2.0, 5), (3.0, 5), (4.0, 5), (5.0, 5), (6.0, 5)), {}),
    "at a time that is not listed": (((2.5, 5),), {"gap": None, "times": (2.0, 3.0)}),
}


@pytest.mark.parametrize("name", BROUGHT)
def test_lots_that_no_process_brings(name: str) -> None:
    rows, changes = BROUGHT[name]
    with pytest.raises(RunError, match="lots that none brings"):
        audit(lots(*rows).ledger, by_chance(**changes))


def test_lots_that_processes_may_bring() -> None:
    audit(lots((1.0, 5), (4.5, 5), (9.0, 5)).ledger, by_chance())
    audit(lots((2.0, 5), (3.0, 5)).ledger, by_chance(gap=None, times=(2.0, 3.0)))
    audit(lots((2.0, 77)).ledger, by_chance(size=Exponential(5.0)))


def test_output_may_fall_short_only_where_it_is_cut() -> None:
    case = lossy(supplies=((0.0, 0, 0, 20), (4.0, 0, 0, 10)))
    less = replace(case, supplies=((0.0, 0, 0, 20), (4.0, 0, 0, 7)))
    with pytest.raises(RunError, match="what no plan gives"):
        audit(less.ledger, case.plan)
    cut = DisruptionSpec(
        "cut", "output-cut", 3.0, 3.0, None, Constant(5.0), 1.0, False, (0,), amount=0.5
    )
    audit(less.ledger, replace(case.plan, disruptions=(cut,)))
    with pytest.raises(RunError, match="what no plan gives"):
        audit(case.ledger, replace(less.plan, disruptions=(cut,)))
    elsewhere = replace(cut, sites=(1,))
    with pytest.raises(RunError, match="what no plan gives"):
        audit(less.ledger, replace(case.plan, disruptions=(elsewhere,)))


USES: dict[str, tuple[float, ...]] = {
    "more than was asked for": (0, 1, 5, 6, 0.0, 0.0, 5),
    "less left than came": (0, 1, 9, 6, 0.0, 0.0, 4),
    "more left than came": (0, 1, 9, 6, 0.0, 0.0, 6),
}


def using(*uses: tuple[float, ...]) -> Case:
    """A city that has 4 units, gets 7 and uses 6 of them."""
    spec = ConsumptionSpec("masks", CITY, 0, "poisson", 1.0, (), 1, 4)
    return lossy(consumption=(spec,), uses=uses)


def test_consumption_is_of_what_came() -> None:
    check(using((0, 1, 9, 6, 0.0, 0.0, 5)))


@pytest.mark.parametrize("name", USES)
def test_consumption_that_cannot_be(name: str) -> None:
    with pytest.raises(RunError, match="used"):
        check(using(USES[name]))
