"""Nursing homes of two provinces, the large ones apart from the small ones, for tests to change."""

from __future__ import annotations

from pathlib import Path

from national.two_provinces import TEXT

from sim.network import Network, build_network
from sim.plan.build import build_plan
from sim.plan.specs import Plan
from sim.scenario.load import LoadedScenario, parse_scenario

_HEAD, _, _REST = TEXT.partition("[echelons.clinic]")
_MIDDLE, _, _TAIL = _REST.partition("[lanes.to-clinic]")
ECHELONS = """[echelons.large]
sites = "nursing-homes"
count = 200
largest = 70
entitlement = { oximeter = 2 }

[echelons.small]
sites = "nursing-homes"
count = 200
smallest = 130
entitlement = { oximeter = 1 }
total = { thermometer = 1_001 }
"""
LANES = """[lanes.to-large]
from = "county"
to = "large"
fleet = "county-van"
travel = { cv = 0.3, shared-cv = 0.15 }
tours = { stops = 4, stop-time = { mean = "12 min", cv = 0.5 } }

[lanes.to-small]
from = "county"
to = "small"
fleet = "county-van"
travel = { cv = 0.3, shared-cv = 0.15 }
tours = { stops = 4, stop-time = { mean = "12 min", cv = 0.5 } }
"""
GOODS = "\n[products.oximeter]" + _MIDDLE.partition("[products.oximeter]")[2]
HOMES = _HEAD + ECHELONS + GOODS + LANES
#: One echelon of all the homes, beside what stands above.
ONE = _HEAD + "{echelons}" + GOODS + LANES.partition("[lanes.to-small]")[0].replace("large", "home")


def one_echelon(keys: str) -> str:
    """Return the text with one echelon of homes, of which ``keys`` are all that is said."""
    return ONE.replace("{echelons}", f"[echelons.home]\n{keys}\n")


def listed(sites: str, keys: str = "") -> str:
    """Return the text with one echelon of homes that are ``sites`` of the file."""
    return one_echelon(keys) + sites


def load(text: str, *overrides: str, folder: Path | None = None) -> LoadedScenario:
    """Read a text as a scenario."""
    return parse_scenario(
        text, name="homes", place="homes.toml", overrides=overrides, folder=folder
    )


def network_of(text: str = HOMES, *overrides: str) -> Network:
    """Return the network of a text."""
    return build_network(load(text, *overrides).scenario)


def plan_of(text: str = HOMES, *overrides: str) -> Plan:
    """Return the plan of a text."""
    scenario = load(text, *overrides).scenario
    return build_plan(scenario, build_network(scenario))
