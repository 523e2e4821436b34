"""What tools/break_engine.py broke without any other test of the engine noticing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from hashlib import blake2b

import pytest
from reference.plans import CITY, COUNTY, FACTORY, chain, lane
from reference.small import SMALL

from sim.audit import audit
from sim.engine.model import run_replication
from sim.network import build_network
from sim.plan.build import build_plan
from sim.plan.specs import LossSpec, Plan
from sim.scenario.load import parse_scenario

GATE = """
title = "One desk"
start = 2024-01-01T00:00:00+00:00
horizon = "10 h"
[geography]
nation = "none"
[products.normal]
priority = 2
[products.urgent]
priority = 1
[echelons.gates]
[echelons.end]
[sites.gate]
echelon = "gates"
[sites.store]
echelon = "end"
need = { normal = "all", urgent = "all" }
[supply.normal]
site = "gate"
product = "normal"
gap = "1 h"
first = "1 h"
most = 3
[supply.urgent]
site = "gate"
product = "urgent"
gap = "1 h"
first = "1.5 h"
most = 1
[stations.desk]
echelon = "gates"
stage = "loading"
servers = 1
time-per-lot = "2 h"
order = "priority"
[fleets.cart]
home = "gates"
vehicles = "unlimited"
[lanes.road]
from = "gates"
to = "end"
fleet = "cart"
time = "0 h"
"""


#: All that draws and is not yet in the small scenario.
MORE = """
[supply.milk]
site = "near"
product = "oximeter"
gap = { mean = "2 d", law = "exponential" }
lot = { mean = 40, cv = 0.5 }

[supply.honey]
site = "near"
product = "oximeter"
gap = { mean = "2 d", law = "exponential" }
lot = { mean = 40, cv = 0.5 }

[stations.dock.breakdowns]
after = { mean = "9 h", law = "exponential" }
repair = { mean = "1 h", law = "exponential" }
clock = "calendar"

[lanes.to-county.loss]
units = 0.1

[consumption.visits]
echelon = "clinic"
product = "oximeter"
pattern = "poisson"
rate = "1/day"

[disruptions.fog]
kind = "slow-road"
lane = "to-city"
every = { mean = "9 d", law = "exponential" }
lasts = "6 h"
factor = 2
each = true

[disruptions.snow]
kind = "slow-road"
lane = "to-county"
every = { mean = "9 d", law = "exponential" }
lasts = "6 h"
factor = 2
each = true
"""


def plan_of(text: str) -> Plan:
    loaded = parse_scenario(text, name="breaks", place="breaks.toml")
    return build_plan(loaded.scenario, build_network(loaded.scenario))


def test_of_a_files_products_the_one_of_priority_1_goes_first() -> None:
    """Two hours each: of two that wait, the urgent one begins when the first is done, at 3."""
    plan = plan_of(GATE)
    ledger = run_replication(plan, 0)
    product = dict(zip(ledger.loads.trip.tolist(), ledger.loads.product.tolist(), strict=True))
    began = [
        (plan.products[product[trip]], hour)
        for hour, trip in sorted(
            zip(ledger.services.began.tolist(), ledger.services.trip.tolist(), strict=True)
        )
    ]
    assert began == [("normal", 1.0), ("urgent", 3.0), ("normal", 5.0), ("normal", 7.0)]


def test_what_was_damaged_on_the_way_is_not_sent_on() -> None:
    plan = chain(
        supplies=[(0, 0, [(0.0, 400)])],
        links=[(0, 1, 0, 400, 50.0, -1), (1, 2, 0, 400, 50.0, -1)],
        lanes=[replace(lane(FACTORY), loss=LossSpec(0.25, 0.0)), lane(CITY), lane(COUNTY)],
    )
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    damaged = int(ledger.losses.units.sum())
    assert 50 < damaged < 150
    assert ledger.loads.units.tolist() == [400, 400 - damaged]


def test_no_two_entities_draw_from_one_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a run of everything that draws, each name of a stream is asked for once."""
    dock = 'servers = 1\ntime-per-lot = { mean = "40 min"'
    assert dock in SMALL
    plan = plan_of(SMALL.replace(dock, dock.replace("1", "2", 1)) + MORE)
    names: Counter[str] = Counter()

    def noted(path: bytes, *, digest_size: int) -> object:
        names[path.decode()] += 1
        return blake2b(path, digest_size=digest_size)

    monkeypatch.setattr("sim.streams.blake2b", noted)
    run_replication(plan, 0)
    assert [name for name, times in names.items() if times > 1] == []
    kinds = (
        "wave/", "/dock", "/city-desk", "/server-", "/routing", "/to-city/", "/losses", "/stops",
        "/tours", "/to-city/roads", "/to-clinic/roads", "/gaps", "/sizes", "disruption/fog",
        "disruption/snow", "/consumption/visits/",
    )  # fmt: skip
    for kind in kinds:
        assert sum(kind in name for name in names) > 1, kind
