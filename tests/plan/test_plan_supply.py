"""What appears at factories and when: rates, shifts, lots, beginnings, closures."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from national.two_provinces import network_of, world
from reference.plans import lane, tour_plan

from sim.laws import Constant
from sim.plan.shifts import compile_shifts
from sim.plan.specs import Links, Supply, TourPlan
from sim.plan.supply import capacities, hourly_rate, limit_to_assigned, plan_supplies

#: Around the clock, from 6 to 22 o'clock on every day, and 8 hours on working days.
SHIFTS = """
[calendars.long]
hours = "06:00-22:00"

[calendars.office]
hours = ["08:00-12:00", "13:00-17:00"]
days = "working days"

[calendars.uneven]
hours = "08:00-18:00"
days = ["mon", "tue", "wed", "sat"]
exceptions = { 2023-01-14 = "08:00-10:00" }
"""


def supplies_of(*overrides: str) -> dict[str, tuple[list[float], list[int]]]:
    """Return hours and units of all supplies of the two makers, before any limit."""
    scenario, network = network_of(*overrides, more=SHIFTS)
    found = plan_supplies(scenario, network, compile_shifts(scenario))
    names = [key.removeprefix("site/") for key in network.sites.key]
    return {
        f"{names[supply.site]} {network.products[supply.product]}": (
            supply.times.tolist(),
            supply.units.tolist(),
        )
        for supply in found
    }


def oximeters(*overrides: str) -> tuple[list[float], list[int]]:
    """Return hours and units of the oximeters that the maker in Yinchuan makes."""
    found = supplies_of("sites.yinchuan.stock={}", *overrides)
    return found.get("yinchuan oximeter", ([], []))


def shifts(name: str) -> str:
    return f"sites.yinchuan.shifts={name}"


def rate(text: str) -> str:
    return f'sites.yinchuan.output={{oximeter="{text}"}}'


def test_the_given_makers() -> None:
    found = supplies_of()
    assert found.keys() == {
        "yinchuan oximeter", "yinchuan thermometer", "guangzhou oximeter", "guangzhou thermometer",
    }  # fmt: skip
    # 1,200 a day in 16 hours from 6 o'clock, with 500 in stock; 180 an hour in the same hours.
    times, units = found["yinchuan oximeter"]
    assert (times[:4], units[:4]) == ([0, 7, 8, 9], [500, 75, 75, 75])
    assert (times[16:18], sum(units[1:17])) == ([22, 31], 1200)
    times, units = found["yinchuan thermometer"]
    assert (times[:2], set(units)) == ([7, 8], {180})
    # From noon on: 200 in stock, and 100 an hour around the clock in lots of two hours.
    times, units = found["guangzhou oximeter"]
    assert (times[:4], units[:4]) == ([12, 14, 16, 18], [200, 200, 200, 200])
    assert times[-1] == 35 * 24
    assert found["guangzhou thermometer"] == ([12], [3000])


@pytest.mark.parametrize(
    ("text", "calendar", "per_hour"),
    [
        ("240/day", "long", 240 / 16),  # what a working day brings, spread over its hours
        ("240/d", "office", 240 / 8),
        ("10/h", "office", 10),  # an hour's rate holds while the shifts work
        ("10/h", "long", 10),
        ("1/min", "long", 60),
        ("400/week", "office", 400 / 40),
        ("1_120/week", "long", 1120 / 112),
        ("80/day", "uneven", 80 / 10),
        ("80/week", "uneven", 80 / 40),
    ],
)
def test_rates_over_shifts(text: str, calendar: str, per_hour: float) -> None:
    scenario, _ = network_of(rate(text), shifts(calendar), more=SHIFTS)
    site = scenario.sites["yinchuan"]
    assert hourly_rate(scenario, site, site.output["oximeter"].value) == pytest.approx(per_hour)


@pytest.mark.parametrize(
    ("text", "per_hour"), [("240/day", 10), ("1_680/week", 10), ("10/h", 10), ("1/min", 60)]
)
def test_rates_around_the_clock(text: str, per_hour: float) -> None:
    scenario, _ = network_of(rate(text))
    site = scenario.sites["yinchuan"].model_copy(update={"shifts": None})
    assert hourly_rate(scenario, site, site.output["oximeter"].value) == pytest.approx(per_hour)


def test_lots_count_working_time() -> None:
    """A lot of 3 h of work from 8 to 12 and 13 to 17 o'clock; the 12th of January is a Thursday."""
    times, units = oximeters(rate("10/h"), shifts("office"), 'sites.yinchuan.lot="3 h"')
    thursday_friday = [11, 15, 24 + 9, 24 + 12, 24 + 16]
    assert times[:6] == [*thursday_friday, 4 * 24 + 10]  # 16 hours by Friday evening: then Monday
    assert set(units) == {30}


def test_an_exception_of_the_calendar() -> None:
    """Thursday and Friday are off, and the 14th, a Saturday, has two hours."""
    times, units = oximeters(rate("10/h"), shifts("uneven"))
    assert times[:4] == [2 * 24 + 9, 2 * 24 + 10, 4 * 24 + 9, 4 * 24 + 10]
    assert units[:4] == [10, 10, 10, 10]


def test_a_factory_that_begins_later() -> None:
    begins = "sites.yinchuan.begins=2023-01-13T09:30:00+08:00"
    times, _ = oximeters(rate("10/h"), shifts("office"), begins)
    assert times[:4] == [24 + 10.5, 24 + 11.5, 24 + 13.5, 24 + 14.5]
    times, units = oximeters(
        rate("10/h"), shifts("office"), begins, "sites.yinchuan.stock={oximeter=7}"
    )
    assert (times[0], units[0]) == (33.5, 7)  # stock is there when it begins
    assert times[1:5] == [24 + 10.5, 24 + 11.5, 24 + 13.5, 24 + 14.5]
    early = "sites.yinchuan.begins=2023-01-01T00:00:00+08:00"
    assert oximeters(rate("10/h"), shifts("long"), early) == oximeters(rate("10/h"), shifts("long"))


def test_a_factory_that_begins_after_the_horizon_has_nothing() -> None:
    late = ("horizon=60 h", "sites.yinchuan.begins=2023-01-14T12:00:01+08:00")
    assert "yinchuan oximeter" not in supplies_of(*late)
    just = ("horizon=60 h", "sites.yinchuan.begins=2023-01-14T12:00:00+08:00")
    assert supplies_of(*just)["yinchuan oximeter"] == ([60], [500])


def test_nothing_is_made_past_the_horizon() -> None:
    times, _ = oximeters(rate("10/h"), shifts("long"), "horizon=60.5 h")
    assert len(times) == 2 * 16 + 6  # two days, and the third from 6 to 12 o'clock
    assert times[-1] == 60


def test_whole_units_of_a_slow_rate() -> None:
    """3 units in 16 hours: the k-th lot completes floor(rate k), and no unit is lost."""
    times, units = oximeters(rate("3/day"), shifts("long"))
    assert times[:3] == [6 + 6, 6 + 11, 6 + 16]
    assert set(units) == {1}
    assert len(units) == 35 * 3


@settings(max_examples=25)
@given(st.integers(1, 5000), st.integers(1, 48))
def test_output_adds_up(per_day: int, lot: int) -> None:
    """All lots together are the rate times the hours worked, rounded down once."""
    times, units = oximeters(
        rate(f"{per_day}/day"), shifts("long"), f'sites.yinchuan.lot="{lot} h"', "horizon=20 d"
    )
    lots = 20 * 16 // lot
    assert sum(units) == per_day * lot * lots // 16
    assert (np.diff(times) > 0).all()
    assert all(unit > 0 for unit in units)


def test_a_closed_site_has_nothing() -> None:
    found = supplies_of("sites.yinchuan.closed=true")
    assert found.keys() == {"guangzhou oximeter", "guangzhou thermometer"}


def test_capacities_until_a_moment() -> None:
    scenario, network = network_of()
    supplies = plan_supplies(scenario, network, compile_shifts(scenario))
    by = [capacities(network, supplies, 0, hour)[:2].tolist() for hour in (0, 6.99, 7, 14, 24, inf)]
    assert by[:5] == [[500, 0], [500, 0], [575, 0], [1100, 400], [1700, 1400]]
    assert by[5] == [500 + 35 * 1200, 200 + 100 * (35 * 24 - 12)]
    assert capacities(network, supplies, 0, inf)[2:].sum() == 0


def links(*rows: tuple[int, int, int]) -> Links:
    """Origin, product, units."""
    origin, product, units = (np.array(column) for column in zip(*rows, strict=True))
    some = np.zeros(len(origin), np.int64)
    hours = np.full(len(origin), np.nan)
    return Links(some, origin, some, product, units, some * 1.0, some - 1, hours, some + 1.0)


def test_a_factory_stops_with_the_last_unit_that_it_owes() -> None:
    supply = Supply(4, 1, np.array([0.0, 1.0, 2.0, 3.0]), np.array([5, 10, 10, 10]))
    echelon = np.array([0, 0, 0, 0, 0, 0, 1])
    lanes = [lane(0)]

    def limit(*rows: tuple[int, int, int], tours: tuple[TourPlan, ...] = ()) -> tuple[Supply, ...]:
        return limit_to_assigned((supply,), links(*rows), tours, lanes, echelon)

    (limited,) = limit((4, 1, 9), (4, 1, 3), (4, 0, 99), (5, 1, 99))
    assert limited.units.tolist() == [5, 7]
    (limited,) = limit((4, 1, 1000))
    assert limited.units.tolist() == [5, 10, 10, 10]
    assert limit((5, 1, 99)) == ()
    visits = tour_plan([(4, (1.0, 1.0, 1.0), 1.0), (5, (1.0,), 1.0)], (0, 2), Constant(0.0))
    (limited,) = limit((4, 1, 2), tours=(visits,))
    assert limited.units.tolist() == [5, 3]


def test_what_is_there_where_goods_end_stays() -> None:
    supply = Supply(6, 1, np.array([0.0]), np.array([5]))
    echelon = np.array([0, 0, 0, 0, 0, 0, 1])
    assert limit_to_assigned((supply,), links((4, 1, 9)), (), [lane(0)], echelon) == (supply,)


def test_the_plan_makes_what_it_sends() -> None:
    """In the finished plan, stock and output of a site are what its links ask for."""
    plan = world().plan
    for supply in plan.supplies:
        mine = (plan.links.origin == supply.site) & (plan.links.product == supply.product)
        assert supply.units.sum() == plan.links.units[mine].sum()
    made = [sum(int(s.units.sum()) for s in plan.supplies if s.product == p) for p in (0, 1)]
    assert made == [2 * 4496, 5 * 4496]
