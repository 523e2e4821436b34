"""Chains of lanes as text, each with names of its own, so that several can stand in one file."""

from __future__ import annotations

from dataclasses import dataclass

from sim.audit import audit
from sim.engine.model import run_replication
from sim.experiment.run import Prepared, prepare
from sim.ledger import Ledger
from sim.measures.run import RunMeasures, measure_run
from sim.scenario.load import parse_scenario

HEAD = """
title = "Chains"
start = 2023-01-12T00:00:00+08:00       # a Thursday, nine days before the Spring Festival
horizon = "30 d"
replications = 2
[geography]
regions = ["Hainan"]
[calendars.crew]
hours = "08:00-18:00"
country = "CN"
at-closing = "pause"
"""

CHAIN = """
[echelons.{p}maker]
[echelons.{p}city]
sites = "prefectures"
[echelons.{p}county]
sites = "counties"
{regions}
[echelons.{p}end]
sites = "{sites}"
entitlement = {{ {p}kit = {units} }}
[products.{p}kit]
carton = {{ units = 50, volume = "0.04 m3", weight = "7 kg" }}
[sites.{p}maker]
echelon = "{p}maker"
at = "{at}"
stock = {{ {p}kit = {stock} }}
output = {{ {p}kit = "400/day" }}
[fleets.{p}truck]
home = "{p}maker"
vehicles = 3
capacity = {{ units = 200 }}
speed = "60 km/h"
[fleets.{p}van]
home = "{p}city"
vehicles = 2
speed = "45 km/h"
calendar = "crew"
loading = "20 min"
[fleets.{p}car]
home = "{p}county"
vehicles = {cars}
speed = "30 km/h"
calendar = "crew"
[stations.{p}desk]
echelon = "{p}county"
stage = "sign-off"
time-per-lot = "40 min"
calendar = "crew"
[lanes.{p}to-city]
from = "{p}maker"
to = "{p}city"
fleet = "{p}truck"
dispatch = {{ rule = "full-or-after", after = "6 h" }}
[lanes.{p}to-county]
from = "{p}city"
to = "{p}county"
fleet = "{p}van"
[lanes.{p}to-end]
from = "{p}county"
to = "{p}end"
fleet = "{p}car"
tours = {{ stops = 12, stop-time = "10 min" }}
"""


def clinics(p: str = "", cars: int | str = 2) -> str:
    """A chain to the village clinics of Hainan, with a prefix for all names."""
    return CHAIN.format(p=p, regions="", sites="village-clinics", units=2, at="Haikou", stock=3_900,
                        cars=cars)  # fmt: skip


def centres(p: str = "", cars: int | str = 2) -> str:
    """A chain to the township health centres of some counties of Hainan."""
    regions = 'regions = ["Danzhou", "Wanning", "Qiongzhong"]'
    return CHAIN.format(p=p, regions=regions, sites="township-health-centres", units=30,
                        at="Sanya", stock=1_500, cars=cars)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Done:
    """One replication with all that was made of it; it has passed the audit."""

    prepared: Prepared
    ledger: Ledger
    measures: RunMeasures


def carry_out(text: str, *overrides: str, replication: int = 0) -> Done:
    """Run one replication of a scenario."""
    loaded = parse_scenario(text, name="chains", place="chains.toml", overrides=overrides)
    prepared = prepare(loaded)
    ledger = run_replication(prepared.plan, replication)
    audit(ledger, prepared.plan)
    return Done(prepared, ledger, measure_run(ledger, prepared.plan, prepared.scope))
