"""A hub by itself: when loads leave, how they are cut, and where lots go by chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.engine.clock import Clock, Phase
from sim.engine.hold import Hold
from sim.engine.hub import Consignment, Hub, Load
from sim.plan.specs import LaneSpec, TravelSpec
from sim.policies.allocation import ALLOCATION_RULES
from sim.policies.dispatch import (
    Departures,
    DispatchRule,
    FullOrAfter,
    OnArrival,
    Timetable,
    WhenFull,
)
from sim.streams import Streams


def lane(rule: DispatchRule, allocation: str = "in-turn") -> LaneSpec:
    return LaneSpec(
        "road", "road", 0, 1, 0, 1.0, TravelSpec(None, None), rule,
        ALLOCATION_RULES[allocation], ((), (), (), (), ()), False,
    )  # fmt: skip


@dataclass
class Yard:
    """A hub with destinations, and what left it: hour, destination, load."""

    clock: Clock = field(default_factory=lambda: Clock(1000.0))
    sent: list[tuple[float, str, Load]] = field(default_factory=list)

    def __post_init__(self) -> None:
        stream = Streams(0, 0).stream("hub/routing")
        self.hub = Hub(self.clock, stream)

    def place(
        self, name: str, rule: DispatchRule, limits: tuple[float, float, float]
    ) -> Consignment:
        def send(load: Load) -> None:
            self.sent.append((self.clock.now, name, load))

        hold = Hold(limits, rule.full, [[1.0, 0.5, 0.0], [1.0, 2.0, 0.0]])
        return Consignment(rule, hold, len(self.sent), send)

    def lots(self, *lots: tuple[float, int, int]) -> None:
        for time, product, units in lots:

            def come(_: object, product: int = product, units: int = units) -> None:
                self.hub.receive(product, units, set())

            self.clock.call_at(time, Phase.RECEIPT, 0, come)


def leave(
    rule: DispatchRule,
    *lots: tuple[float, int, int],
    limits: tuple[float, float, float] = (4, inf, inf),
) -> list[tuple[float, Load]]:
    """What leaves for one destination that takes all, with vehicles of four units."""
    yard = Yard()
    place = yard.place("a", rule, limits)
    yard.hub.add_open(0, 1.0, place)
    yard.hub.add_open(1, 1.0, place)
    yard.hub.begin([place])
    yard.lots(*lots)
    yard.clock.run_out()
    return [(time, load) for time, _, load in yard.sent]


def test_when_full_leaves_full_loads_only_and_keeps_the_rest() -> None:
    lots = ((1.0, 0, 3), (2.0, 0, 3), (5.0, 0, 1), (6.0, 0, 5))
    assert leave(WhenFull(), *lots) == [(2.0, {0: 4}), (6.0, {0: 4}), (6.0, {0: 4})]
    assert leave(WhenFull(full=2), (1.0, 0, 3)) == [(1.0, {0: 2})]


def test_the_timer_counts_from_the_first_waiting_lot() -> None:
    lots = ((1.0, 0, 1), (3.0, 0, 1), (6.0, 0, 1))
    assert leave(FullOrAfter(4.0), *lots) == [(5.0, {0: 2}), (10.0, {0: 1})]


def test_only_so_many_loads_leave_with_a_departure() -> None:
    rule = Departures(10.0, 2.0, loads=1)
    assert leave(rule, (0.0, 0, 9)) == [(2.0, {0: 4}), (12.0, {0: 4}), (22.0, {0: 1})]
    # what comes when the departure has left waits for the next
    assert leave(rule, (2.0, 0, 1), (2.5, 0, 1)) == [(2.0, {0: 1}), (12.0, {0: 1})]
    two = Timetable((1.0, 2.0, 8.0), loads=2)
    assert leave(two, (0.5, 0, 11)) == [(1.0, {0: 4}), (1.0, {0: 4}), (2.0, {0: 3})]


def test_a_vehicle_runs_empty_where_the_rule_says_so() -> None:
    skips, runs = Timetable((1.0, 4.0, 9.0)), Timetable((1.0, 4.0, 9.0), runs_empty=True)
    assert leave(skips, (2.0, 0, 1)) == [(4.0, {0: 1})]
    assert leave(runs, (2.0, 0, 1)) == [(1.0, {}), (4.0, {0: 1}), (9.0, {})]
    every = Departures(300.0, 100.0, runs_empty=True)
    assert leave(every) == [(100.0, {}), (400.0, {}), (700.0, {}), (1000.0, {})]


@pytest.mark.parametrize(("came", "left"), [(7.9, 10.0), (8.0, 10.0), (8.1, 20.0), (10.0, 20.0)])
def test_goods_that_miss_the_cut_off_wait_for_the_next_departure(came: float, left: float) -> None:
    assert leave(Departures(10.0, cut_off=2.0), (came, 0, 1)) == [(left, {0: 1})]


def test_a_departure_takes_what_came_before_the_cut_off_and_no_more() -> None:
    lots = ((1.0, 0, 1), (9.0, 0, 2), (9.5, 1, 1))
    assert leave(Departures(10.0, cut_off=2.0), *lots) == [(10.0, {0: 1}), (20.0, {0: 2, 1: 1})]


def test_a_load_is_full_when_the_first_limit_is_reached() -> None:
    limits = (10.0, 4.0, inf)  # 0.5 m³ and 2 m³ a unit
    assert leave(OnArrival(), (1.0, 0, 9), limits=limits) == [(1.0, {0: 8}), (1.0, {0: 1})]
    assert leave(WhenFull(), (1.0, 1, 1), (2.0, 0, 4), limits=limits) == [(2.0, {1: 1, 0: 4})]


def test_claims_come_before_who_takes_all_and_lanes_in_turn() -> None:
    yard = Yard()
    near, far, rest = (
        yard.place(name, OnArrival(), (inf, inf, inf)) for name in ("near", "far", "rest")
    )
    spec = lane(OnArrival())
    yard.hub.add_claim(1, spec, -1, 0, 5, far)
    yard.hub.add_claim(0, spec, -1, 0, 3, near)  # in the order in which lanes are added
    yard.hub.add_open(0, 1.0, rest)
    yard.lots((1.0, 0, 6), (2.0, 0, 4), (3.0, 0, 7))
    yard.clock.run_out()
    assert [(time, name, load[0]) for time, name, load in yard.sent] == [
        (1.0, "far", 5), (1.0, "near", 1), (2.0, "near", 2), (2.0, "rest", 2), (3.0, "rest", 7),
    ]  # fmt: skip


def test_lots_go_whole_and_by_weight() -> None:
    yard = Yard()
    for name, weight in (("a", 1.0), ("never", 0.0), ("b", 3.0)):
        yard.hub.add_open(0, weight, yard.place(name, OnArrival(), (inf, inf, inf)))
    lots = 800
    yard.lots(*((float(hour), 0, 2) for hour in range(lots)))
    yard.clock.run_out()
    assert {tuple(load.items()) for _, _, load in yard.sent} == {((0, 2),)}
    share = sum(name == "b" for _, name, _ in yard.sent) / lots
    assert not any(name == "never" for _, name, _ in yard.sent)
    assert abs(share - 0.75) < 4.5 * (0.75 * 0.25 / lots) ** 0.5


ROOM = st.sampled_from([0.5, 1.0, 3.0, 7.7, inf])


@given(
    limits=st.tuples(ROOM, ROOM, ROOM),
    full=st.sampled_from([1.0, 4.0, inf]),
    per_unit=st.tuples(st.just(1.0), st.sampled_from([0.0, 0.1, 0.7]), st.sampled_from([0.0, 1.1])),
    units=st.integers(1, 40),
)
def test_one_product_alone_is_loaded_as_among_others(
    limits: tuple[float, float, float], full: float, per_unit: tuple[float, ...], units: int
) -> None:
    """Numbers known beforehand stand for the general way, which a second product of no units in
    the load asks for."""
    assume(limits[0] >= 1.0)
    assume(all(not used or used <= limit for used, limit in zip(per_unit, limits, strict=True)))
    hold = Hold(limits, full, [list(per_unit), [0.0, 0.0, 0.0]])
    assert hold.is_full({0: units}) == hold.is_full({0: units, 1: 0})
    alone, among = {0: units}, {0: units, 1: 0}
    assert hold.take(alone) == hold.take(among)
    assert alone.get(0, 0) == among.get(0, 0)
