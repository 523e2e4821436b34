"""A small scenario with everything in it: two makers, three cities, twelve counties.

Tests change it with overrides, as ``--set`` does on the command line.
"""

from __future__ import annotations

from functools import cache

from sim.network import Network, build_network
from sim.plan.build import build_plan
from sim.plan.specs import Plan
from sim.scenario.load import parse_scenario
from sim.scenario.schema import Scenario

SMALL = """
title = "A small campaign"
start = 2023-01-12T00:00:00+08:00       # a Thursday, nine days before the Spring Festival
horizon = "30 d"

[geography]
regions = ["Zhoushan", "Xiamen", "Jinchang"]      # the last one is far from everything

[echelons.factory]
[echelons.city]
sites = "prefectures"
[echelons.county]
sites = "counties"
[echelons.clinic]
sites = "village-clinics"
entitlement = { oximeter = 2 }

[products.oximeter]
carton = { units = 100, volume = "0.04 m3", weight = "7 kg" }

[calendars.desk]
hours = ["08:00-12:00", "13:00-17:00"]
days = "working days"
country = "CN"
at-closing = "pause"

[calendars.crew]
hours = "08:00-18:00"
country = "CN"
at-closing = "pause"

[sites.near]
echelon = "factory"
at = [30.25, 120.2]
stock = { oximeter = 200 }
output = { oximeter = "300/day" }
shifts = "crew"

[sites.far]
echelon = "factory"
at = [22.5, 114.1]
stock = { oximeter = 100 }
output = { oximeter = "20/h" }

[sourcing]
window = "2 d"

[waves.first]
lane = "to-city"
regions = ["Zhejiang"]
release = ["2023-01-12T06:00:00+08:00", "2023-01-12T18:00:00+08:00"]

[waves.rest]
lane = "to-city"
regions = "rest"
release = ["2023-01-12T12:00:00+08:00", "2023-01-13T12:00:00+08:00"]

[fleets.truck]
home = "factory"
vehicles = 3
capacity = { volume = "0.03 m3" }
speed = "65 km/h"

[fleets.van]
home = "city"
vehicles = 2
capacity = { units = 40 }
speed = "50 km/h"
calendar = "crew"
loading = { mean = "1 h", cv = 0.3 }
unloading = { mean = "20 min", cv = 0.5 }

[fleets.car]
home = "county"
vehicles = 2
capacity = { units = 16 }
speed = "30 km/h"
calendar = "crew"
loading = { mean = "30 min", cv = 0.3 }

[stations.dock]
echelon = "factory"
stage = "loading"
servers = 1
time-per-lot = { mean = "40 min", cv = 0.3 }

[stations.sorting]
echelon = "factory"
stage = "sorting"
servers = "unlimited"
time-per-lot = { mean = "4 h", cv = 0.5 }

[stations.city-gate]
echelon = "city"
stage = "unloading"
servers = 2
time-per-lot = { mean = "30 min", cv = 1.0, law = "exponential" }
time-per-unit = "3 s"

[stations.city-desk]
echelon = "city"
stage = "sign-off"
servers = 1
time-per-lot = { mean = "2 h", cv = 0.8 }
calendar = "desk"

[stations.county-desk]
echelon = "county"
stage = "sign-off"
servers = 1
time-per-lot = { mean = "1 h", cv = 0.8 }
calendar = "desk"

[lanes.to-city]
from = "factory"
to = "city"
fleet = "truck"
travel = { cv = 0.15, shared-cv = 0.05 }
dispatch = { rule = "full-or-after", after = "6 h" }
allocation = { rule = "in-turn", order = "nearest-first" }

[lanes.to-county]
from = "city"
to = "county"
fleet = "van"
travel = { cv = 0.2, shared-cv = 0.1, law = "gamma" }
dispatch = { rule = "on-arrival" }
allocation = { rule = "proportional", order = "largest-first" }

[lanes.to-clinic]
from = "county"
to = "clinic"
fleet = "car"
travel = { cv = 0.3, shared-cv = 0.15 }

[lanes.to-clinic.tours]
stops = 10
stop-time = { mean = "12 min", cv = 0.5 }
"""

#: Overrides that take all that contends and all working hours away.
FREE = (
    'fleets.truck={home="factory", vehicles="unlimited", speed="65 km/h"}',
    'fleets.van={home="city", vehicles="unlimited", speed="50 km/h"}',
    'fleets.car={home="county", vehicles="unlimited", capacity={units=24}, speed="30 km/h"}',
    "stations={}",
    'sites.near={echelon="factory", at=[30.25, 120.2], stock={oximeter=9000}}',
    'sites.far={echelon="factory", at=[22.5, 114.1], stock={oximeter=9000}}',
)


def small_scenario(*overrides: str, text: str = SMALL) -> Scenario:
    """Return the scenario with overrides set."""
    return parse_scenario(text, name="small", place="small.toml", overrides=overrides).scenario


def small_network(*overrides: str, text: str = SMALL) -> tuple[Scenario, Network]:
    """Return the scenario and its network."""
    scenario = small_scenario(*overrides, text=text)
    return scenario, build_network(scenario)


@cache
def small_plan(*overrides: str, text: str = SMALL) -> Plan:
    """Return the plan of the scenario; the same one for the same overrides."""
    return build_plan(*small_network(*overrides, text=text))
