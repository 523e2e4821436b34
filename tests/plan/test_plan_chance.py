"""Supply by lots, consumption and disruptions: from scenario files to what the engine is told."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from math import inf, sqrt

import numpy as np
import pytest
from reference.plans import chain
from reference.small import SMALL

from sim.engine.lots import draw_lots
from sim.engine.strikes import draw_strikes
from sim.laws import Constant, Exponential, Lognormal
from sim.network import Network, build_network
from sim.plan.consumption import compile_consumption
from sim.plan.disruptions import compile_disruptions
from sim.plan.processes import compile_processes, expected_units
from sim.plan.shifts import compile_shifts
from sim.plan.specs import DisruptionSpec, Plan, SupplyProcess
from sim.plan.work import fleet_spec
from sim.scenario.schema import Scenario
from sim.streams import Streams

LOTS = """
[calendars.shift]
hours = "08:00-16:00"

[supply.milk]
site = "near"
product = "oximeter"
gap = { mean = "6 h", law = "exponential" }
lot = { mean = 40, cv = 0.5 }
calendar = "shift"
most = 500

[supply.post]
site = "far"
product = "oximeter"
lot = 7
at = [2023-01-13T08:00:00+08:00, 2023-01-12T18:00:00+08:00]

[supply.belt]
site = "near"
product = "oximeter"
gap = "90 min"
first = "30 min"
begins = 2023-01-13T00:00:00+08:00
ends = 2023-01-20T00:00:00+08:00
"""


def scenario_of(more: str = "") -> Scenario:
    return Scenario.model_validate(tomllib.loads(SMALL + more))


def compiled(more: str) -> tuple[Scenario, Network, tuple[DisruptionSpec, ...]]:
    scenario = scenario_of(more)
    network, shifts = build_network(scenario), compile_shifts(scenario)
    fleets = [fleet_spec(name, f, network, shifts) for name, f in scenario.fleets.items()]
    return scenario, network, compile_disruptions(scenario, network, fleets)


def processes_of(more: str = LOTS) -> tuple[SupplyProcess, ...]:
    scenario = scenario_of(more)
    return compile_processes(scenario, build_network(scenario), compile_shifts(scenario))


def test_lots_of_a_file() -> None:
    milk, post, belt = processes_of()
    assert [p.name for p in (milk, post, belt)] == ["milk", "post", "belt"]
    assert (milk.site, post.site, belt.site) == (0, 1, 0)
    assert milk.gap == Exponential(6.0)
    assert milk.size == Lognormal(40.0, 0.5)
    assert milk.first is None
    assert (milk.begins, milk.ends, milk.most) == (0.0, inf, 500)
    assert milk.shift.calendar.opens[:2] == (8.0, 32.0)
    assert post.gap is None
    assert post.times == (18.0, 32.0)  # in order, whatever the file's
    assert post.size == Constant(7)
    assert post.shift.always
    assert (belt.gap, belt.size, belt.first) == (Constant(1.5), Constant(1), Constant(0.5))
    assert (belt.begins, belt.ends) == (24.0, 192.0)


def test_a_closed_site_has_no_lots() -> None:
    closed = LOTS.replace("[supply.milk]", "[supply.gone]")
    text = SMALL.replace("[sites.near]", "[sites.near]\nclosed = true") + closed
    scenario = Scenario.model_validate(tomllib.loads(text))
    found = compile_processes(scenario, build_network(scenario), compile_shifts(scenario))
    assert [process.name for process in found] == ["post"]
    assert expected_units(scenario, "near", "oximeter", 720.0) == 0.0
    assert expected_units(scenario, "far", "oximeter", 720.0) == 14.0


def test_units_to_expect_of_equal_intervals_and_timetables() -> None:
    scenario = scenario_of(LOTS.replace('site = "near"', 'site = "far"', 1))
    # 7 units at 18 and 32 o'clock, and 40 for every 6 hours worked: 8 a day, from 8 to 16 o'clock
    for by, post, worked in ((12.0, 0, 4), (18.0, 7, 8), (31.0, 7, 8), (9999.0, 14, 30 * 8)):
        found = expected_units(scenario, "far", "oximeter", by)
        assert found == pytest.approx(post + 40 * worked / 6)
    belt = [(24.4, 0), (24.5, 1), (25.9, 1), (26.0, 2), (192.0, 112), (999.0, 112)]
    for by, units in belt:
        assert expected_units(scenario, "near", "oximeter", by) == units
    assert expected_units(scenario, "far", "thermometer", 99.0) == 0.0


def test_units_to_expect_are_what_is_drawn_in_the_mean() -> None:
    """Over 300 replications, within 4.5 standard errors and half a lot of rounding."""
    scenario = scenario_of(LOTS)
    network = build_network(scenario)
    processes = compile_processes(scenario, network, compile_shifts(scenario))
    plan = _plan(network, processes, scenario.horizon.value)
    drawn = []
    for replication in range(300):
        streams = Streams(1, replication)
        found = draw_lots(plan, streams, draw_strikes(plan, streams))
        drawn.append(sum(int(lots.units.sum()) for lots in found if lots.site == 0))
    expected = expected_units(scenario, "near", "oximeter", inf)
    error = np.std(drawn) / sqrt(len(drawn))
    assert np.mean(drawn) == pytest.approx(expected, abs=4.5 * error + 1)


def _plan(network: Network, processes: tuple[SupplyProcess, ...], horizon: float) -> Plan:
    return replace(
        chain(horizon=horizon),
        site_keys=network.sites.key,
        site_echelon=network.sites.echelon,
        processes=processes,
    )


def test_consumption_of_a_file() -> None:
    scenario = scenario_of("""
[consumption.tests]
echelon = "clinic"
product = "oximeter"
rate = "12/day"
stock = 3

[consumption.visits]
echelon = "clinic"
product = "oximeter"
pattern = "timetable"
at = [2023-01-14T00:00:00+08:00, 2023-01-13T00:00:00+08:00]
units = 4

[consumption.chance]
echelon = "clinic"
product = "oximeter"
pattern = "poisson"
rate = "21/week"
""")
    tests, visits, chance = compile_consumption(scenario, build_network(scenario))
    assert (tests.echelon, tests.product, tests.pattern) == (3, 0, "constant")
    assert (tests.rate, tests.stock, tests.units) == (pytest.approx(0.5), 3, 1)
    assert (visits.pattern, visits.times, visits.units) == ("timetable", (24.0, 48.0), 4)
    assert (chance.pattern, chance.rate) == ("poisson", pytest.approx(0.125))


def test_disruptions_of_a_file() -> None:
    _, network, found = compiled("""
[disruptions.strike]
kind = "closed-site"
echelon = "factory"
sites = ["far"]
begins = 2023-01-13T00:00:00+08:00
lasts = "2 d"

[disruptions.snow]
kind = "slow-road"
lane = "to-city"
regions = ["Zhejiang"]
begins = [2023-01-13T00:00:00+08:00, 2023-01-14T00:00:00+08:00]
lasts = { mean = "1 d", law = "exponential" }
factor = 1.5
chance = 0.25

[disruptions.fog]
kind = "closed-road"
lane = "to-clinic"
regions = ["Fujian"]
every = { mean = "9 d", law = "exponential" }
lasts = "6 h"
each = true

[disruptions.power]
kind = "output-cut"
sites = ["near"]
begins = 2023-01-13T00:00:00+08:00
lasts = "1 d"
share = 0.4

[disruptions.festival]
kind = "fewer-vehicles"
fleet = "van"
begins = 2023-01-21T00:00:00+08:00
lasts = "7 d"
vehicles = 2

[disruptions.wave]
kind = "sudden-need"
echelon = "clinic"
product = "oximeter"
regions = ["Zhejiang", "Fujian"]
begins = 2023-01-21T00:00:00+08:00
lasts = "7 d"
factor = 3
""")
    names = [network.sites.key[site] for site in range(len(network.sites))]

    def touched(spec: DisruptionSpec) -> list[str]:
        return [names[site] for site in spec.sites]

    def regions(spec: DisruptionSpec) -> set[str]:
        return {network.nation.provinces.name[network.sites.province[s]] for s in spec.sites}

    strike, snow, fog, power, festival, wave = found
    assert (strike.kind, touched(strike)) == ("closed-site", ["site/far"])
    assert (strike.earliest, strike.latest, strike.lasts) == (24.0, 24.0, Constant(48.0))
    assert (strike.echelon, strike.lane, strike.fleet, strike.chance) == (0, -1, -1, 1.0)
    assert (snow.earliest, snow.latest, snow.lane) == (24.0, 48.0, 0)
    assert (snow.amount, snow.chance, snow.lasts) == (1.5, 0.25, Exponential(24.0))
    assert [name[:5] for name in touched(snow)] == ["city/"]
    assert len(regions(snow)) == 1
    assert (fog.every, fog.each, fog.lane) == (Exponential(216.0), True, 2)
    assert fog.sites  # on tours: the counties from which they start
    assert all(name.startswith("county/") for name in touched(fog))
    assert len(regions(fog)) == 1
    assert (touched(power), power.amount, power.products) == (["site/near"], 0.4, ())
    assert (festival.fleet, festival.amount) == (1, 2.0)
    assert touched(festival) == [name for name in names if name.startswith("city/")]
    assert (wave.echelon, wave.products, wave.amount) == (3, (0,), 3.0)
    assert all(name.startswith("county/") for name in touched(wave))
    assert set(fog.sites) < set(wave.sites)
    assert len(regions(wave)) == 2


def test_regions_that_take_no_part_are_not_touched() -> None:
    _, _, (snow,) = compiled("""
[disruptions.snow]
kind = "closed-road"
lane = "to-city"
regions = ["Heilongjiang"]
begins = 2023-01-13T00:00:00+08:00
lasts = "1 d"
""")
    assert snow.sites == ()
