"""Stations, fleets, lanes, calendars and departures as the engine gets them."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import inf, isinf

import numpy as np
import pytest
from national.two_provinces import TEXT, scenario_of, world

from sim.audit import audit
from sim.calendars import WorkingCalendar
from sim.measures.run import measure_run
from sim.plan.shifts import MARGIN, compile_shifts
from sim.plan.specs import STAGES, Rest
from sim.policies.dispatch import Departures, FullOrAfter, OnArrival, Timetable

START = datetime.fromisoformat("2023-01-12T00:00:00+08:00")  # a Thursday


def open_hours(calendar: WorkingCalendar, month: int, day: int) -> list[tuple[float, float]]:
    """Return the opening hours on a date, as hours of the day."""
    midnight = (datetime(2023, month, day, tzinfo=START.tzinfo) - START) / timedelta(hours=1)
    return [
        (begin - midnight, end - midnight)
        for begin, end in zip(calendar.opens, calendar.closes, strict=True)
        if midnight <= begin < midnight + 24
    ]


CALENDARS = """
[calendars.no-holidays]
hours = "08:00-18:00"
days = "working days"
country = "CN"
holidays = false

[calendars.weekends]
hours = "10:00-16:00"
days = ["sat", "sun"]
exceptions = { 2023-01-16 = "09:00-10:30", 2023-01-21 = "closed" }

[calendars.night]
hours = "22:00-06:00"
at-closing = "fits"

[calendars.no-country]
days = "working days"
hours = ["08:00-12:00", "14:00-18:00"]
"""


def test_compiled_calendars() -> None:
    shifts = compile_shifts(scenario_of(more=CALENDARS))
    calendar = {name: shift.calendar for name, shift in shifts.items()}
    desk = [(8.0, 12.0), (13.0, 18.0)]
    assert open_hours(calendar["desk"], 1, 12) == desk
    assert open_hours(calendar["desk"], 1, 14) == []  # a Saturday
    assert [open_hours(calendar["desk"], 1, day) for day in range(21, 28)] == [[]] * 7
    assert open_hours(calendar["desk"], 1, 28) == desk  # make-up workdays, a weekend
    assert open_hours(calendar["desk"], 1, 29) == desk
    assert open_hours(calendar["crews"], 1, 14) == [(8.0, 18.0)]
    assert [open_hours(calendar["crews"], 1, day) for day in range(21, 28)] == [[]] * 7
    assert open_hours(calendar["crews"], 1, 28) == [(8.0, 18.0)]
    # Without holidays the festival is worked through, and nothing is made up for.
    whole = [(8.0, 18.0)]
    assert [open_hours(calendar["no-holidays"], 1, day) for day in (23, 27)] == [whole] * 2
    assert [open_hours(calendar["no-holidays"], 1, day) for day in (21, 28, 29)] == [[]] * 3
    assert open_hours(calendar["weekends"], 1, 14) == [(10.0, 16.0)]
    assert open_hours(calendar["weekends"], 1, 13) == []
    assert open_hours(calendar["weekends"], 1, 16) == [(9.0, 10.5)]
    assert open_hours(calendar["weekends"], 1, 21) == []
    assert open_hours(calendar["weekends"], 1, 22) == [(10.0, 16.0)]
    assert open_hours(calendar["night"], 1, 14) == [(22.0, 30.0)]
    assert calendar["night"].opens[0] == 0  # the night of the 11th, still open at the start
    assert calendar["night"].closes[0] == 6
    assert open_hours(calendar["no-country"], 1, 23) == [(8.0, 12.0), (14.0, 18.0)]


def test_shifts_close_as_their_calendars_say() -> None:
    shifts = compile_shifts(scenario_of(more=CALENDARS))
    assert shifts[None].always
    assert shifts[None].calendar.elapsed_at(123.4) == 123.4
    assert {name: shift.closing for name, shift in shifts.items() if name} == {
        "desk": "pause", "crews": "pause", "shifts": "finish", "no-holidays": "finish",
        "weekends": "finish", "night": "fits", "no-country": "finish",
    }  # fmt: skip
    assert not any(shift.always for name, shift in shifts.items() if name)


def test_calendars_reach_past_the_horizon() -> None:
    """Work that begins before the horizon can end after it."""
    shifts = compile_shifts(scenario_of(more=CALENDARS))
    end = 35 * 24 + MARGIN
    assert end - 24 < shifts["shifts"].calendar.closes[-1] <= end


def test_stations_and_fleets() -> None:
    plan = world().plan
    names = [(s.name, plan.echelons[s.echelon], s.stage, s.servers) for s in plan.stations]
    assert names == [
        ("pickup", "factory", "loading", 2),
        ("sorting", "factory", "sorting", inf),
        ("city-sign-off", "prefecture", "sign-off", 1),
        ("county-sign-off", "county", "sign-off", 1),
    ]
    pickup = plan.stations[0].per_lot
    assert pickup is not None
    assert (pickup.mean, pickup.cv) == pytest.approx((2 / 3, 0.3))
    carrier, city, county = plan.fleets
    assert (carrier.vehicles, carrier.speed, carrier.limits) == (6, 65, (inf, 0.6, 3000))
    assert carrier.rest == Rest(inf, 1 / 3)  # two drivers take turns
    assert city.rest == Rest(4, 1 / 3)  # one driver rests 20 minutes after 4 hours
    assert county.limits == (84, inf, inf)
    assert (carrier.loading, county.unloading) == (None, None)
    assert city.unloading is not None
    assert city.unloading.mean == pytest.approx(0.25)
    assert carrier.shift.always
    assert city.shift.closing == "pause"
    own_rest = world('fleets.city-van.rest={after="2 h", for="1 h"}').plan.fleets[1].rest
    assert own_rest == Rest(2, 1)


def test_which_stations_a_lane_passes() -> None:
    """Loading and sorting stand at the origin, unloading and sign-off at the destination."""
    more = """
[stations.gate]
echelon = "prefecture"
stage = "unloading"
time-per-unit = "2 s"

[stations.scales]
echelon = "prefecture"
stage = "unloading"
time-per-vehicle = "1 min"

[stations.dock]
echelon = "prefecture"
stage = "loading"
time-per-lot = "1 h"
"""
    plan = world(more=more).plan
    assert STAGES == ("loading", "sorting", "unloading", "inspection", "sign-off")
    passed = {
        lane.name: [[plan.stations[index].name for index in stage] for stage in lane.stations]
        for lane in plan.lanes
    }
    assert passed == {
        "to-city": [["pickup"], ["sorting"], ["gate", "scales"], [], ["city-sign-off"]],
        "to-county": [["dock"], [], [], [], ["county-sign-off"]],
        "to-clinic": [[], [], [], [], []],
    }
    gate = next(station for station in plan.stations if station.name == "gate")
    assert gate.per_lot is None
    assert gate.per_unit is not None
    assert gate.per_unit.mean == pytest.approx(2 / 3600)


def test_lanes_and_their_luck() -> None:
    plan = world('lanes.to-county.travel={law="gamma", cv=0.2}', "lanes.to-clinic.travel={}").plan
    city, county, clinic = plan.lanes
    assert [lane.is_last_mile for lane in plan.lanes] == [False, False, True]
    assert [(lane.origin, lane.destination, lane.fleet) for lane in plan.lanes] == [
        (0, 1, 0), (1, 2, 1), (2, 3, 2),
    ]  # fmt: skip
    assert city.travel.own is not None
    assert city.travel.shared is not None
    assert (city.travel.own.mean, city.travel.own.cv) == pytest.approx((1, 0.15))
    assert (city.travel.shared.mean, city.travel.shared.cv) == pytest.approx((1, 0.05))
    assert type(county.travel.own).__name__ == "Gamma"
    assert county.travel.shared is None
    assert (clinic.travel.own, clinic.travel.shared) == (None, None)
    assert [lane.circuity for lane in plan.lanes] == [1.3] * 3


def dispatch(rule: str, *overrides: str) -> object:
    return world(f"lanes.to-city.dispatch={rule}", *overrides).plan.lanes[0].dispatch


def test_dispatch_rules() -> None:
    assert dispatch('{rule="on-arrival"}') == OnArrival()
    assert dispatch('{rule="full-or-after", after="6 h"}') == FullOrAfter(6)
    assert dispatch('{rule="full-or-after", after="6 h", full=500}') == FullOrAfter(6, 500)
    assert dispatch('{rule="departures", every="8 h"}') == Departures(8)
    assert dispatch('{rule="departures", every="8 h", offset="90 min"}') == Departures(8, 1.5)


def test_a_timetable_runs_every_day_from_the_start_to_the_horizon() -> None:
    rule = dispatch('{rule="departures", at=["20:00", "08:30"]}')
    assert isinstance(rule, Timetable)
    assert rule.times[:4] == (8.5, 20, 32.5, 44)
    assert rule.times[-1] >= 35 * 24
    assert len(rule.times) == len(set(rule.times))


def test_a_timetable_of_a_scenario_that_starts_in_the_afternoon() -> None:
    """Departures are times of day of the start's own zone; those before the start are gone."""
    rule = dispatch(
        '{rule="departures", at=["08:00", "18:00"]}',
        "start=2023-01-11T14:30:00+08:00",
    )
    assert isinstance(rule, Timetable)
    assert rule.times[:3] == (3.5, 17.5, 27.5)
    assert rule.due(3.5, 0.0, False) == 3.5
    assert rule.due(3.6, 0.0, False) == 17.5
    assert isinf(rule.due(rule.times[-1] + 1, 0.0, True))


def test_the_scenario_says_nothing_more_than_its_plan_needs() -> None:
    plan = world().plan
    assert (plan.seed, plan.horizon) == (7, 35 * 24)
    assert plan.echelons == ("factory", "prefecture", "county", "clinic")
    assert plan.products == ("oximeter", "thermometer")
    assert len(plan.site_keys) == len(plan.site_echelon) == 57


HUB = """
[sites.wuhan]
echelon = "hub"
at = "Wuhan"
stock = { oximeter = 1_500 }

[sites.xian]
echelon = "hub"
at = "Xi'an"

[fleets.feeder]
home = "factory"
vehicles = "unlimited"
speed = "65 km/h"

[lanes.to-hub]
from = "factory"
to = "hub"
fleet = "feeder"
"""
#: The same campaign by way of two warehouses; the lane to them stands last in the file.
HUB_TEXT = (
    TEXT.replace("[echelons.prefecture]", "[echelons.hub]\n[echelons.prefecture]")
    .replace('from = "factory"\nto = "prefecture"', 'from = "hub"\nto = "prefecture"')
    .replace('home = "factory"\nvehicles = 6', 'home = "hub"\nvehicles = 6')
    .replace('echelon = "factory"\nstage', 'echelon = "hub"\nstage')
)


def test_warehouses_are_supplied_with_what_they_pass_on() -> None:
    """Less what they hold themselves, and whatever the order of the lanes in the file."""
    here = world("orders={}", text=HUB_TEXT, more=HUB)
    plan, links = here.plan, here.plan.links
    lane = {spec.name: index for index, spec in enumerate(plan.lanes)}
    assert lane["to-hub"] == 3
    through = {}
    for site in here.rows("site/wuhan") + here.rows("site/xian"):
        key = plan.site_keys[site]
        for product in (0, 1):
            out, came = (
                int(links.units[(links.lane == lane[name]) & (links.product == product)
                                & (getattr(links, end) == site)].sum())
                for name, end in (("to-city", "origin"), ("to-hub", "destination"))
            )  # fmt: skip
            through[key, product] = (out, out - came)
    assert sum(out for (_, product), (out, _) in through.items() if product == 0) == 2 * 4496
    assert sum(out for (_, product), (out, _) in through.items() if product == 1) == 5 * 4496
    held = {key: extra for key, (_, extra) in through.items()}
    assert held == {
        ("site/wuhan", 0): 1500, ("site/wuhan", 1): 0, ("site/xian", 0): 0, ("site/xian", 1): 0,
    }  # fmt: skip


def test_a_campaign_by_way_of_warehouses_runs_to_its_end() -> None:
    here = world("orders={}", text=HUB_TEXT, more=HUB)
    ledger, flows = here.run()
    audit(ledger, here.plan)
    rows = {
        (row.measure, row.product, row.echelon): row.value
        for row in measure_run(ledger, here.plan, here.scope, flows).rows
        if row.region == "national"
    }
    assert rows["coverage", "", "clinic"] == 1
    assert rows["coverage", "", "hub"] == 1
    assert rows["T50", "", "hub"] > 0
    assert rows["on-hand", "oximeter", "hub"] == 0
    assert rows["on-hand", "oximeter", "factory"] == 0
    assert 0 < rows["lead-time-mean", "oximeter", "clinic"] < 35 * 24


def test_a_warehouse_that_holds_everything_needs_no_factory() -> None:
    stock = "sites.wuhan.stock={oximeter=8_992, thermometer=22_480}"
    here = world("orders={}", "sites.xian.closed=true", stock, text=HUB_TEXT, more=HUB)
    assert not (here.plan.links.lane == 3).any()
    ledger, _ = here.run()
    audit(ledger, here.plan)
    assert not np.isnan(ledger.tours[0].delivered).any()


def test_a_closed_warehouse_takes_nothing() -> None:
    here = world("orders={}", "sites.xian.closed=true", text=HUB_TEXT, more=HUB)
    (xian,) = here.rows("site/xian")
    links = here.plan.links
    assert not ((links.origin == xian) | (links.destination == xian)).any()
    to_city = links.units[(links.lane == 0) & (links.product == 0)].sum()
    assert to_city == 2 * 4496
