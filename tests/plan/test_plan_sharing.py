"""Sharing from scenario files: what is valid, what is not, and who takes part."""

from __future__ import annotations

import numpy as np
import pytest

from sim.audit import audit
from sim.engine.model import run_replication
from sim.errors import ScenarioError
from sim.laws import Constant, Exponential, Geometric
from sim.network import build_network
from sim.plan.build import build_plan
from sim.plan.specs import Plan
from sim.scenario.load import parse_scenario

PEOPLE = """
title = "people"
start = 2023-01-04T00:00:00+08:00
horizon = "10 d"
[geography]
nation = "none"
[products.pill]
[echelons.giver]
[echelons.asker]
[sites.g]
echelon = "giver"
at = [30.0, 120.0]
stock = { pill = 3 }
[sites.h]
echelon = "giver"
at = [30.0, 120.1]
[sites.a]
echelon = "asker"
at = [30.0, 120.02]
[supply.offers]
echelon = "giver"
product = "pill"
lot = { mean = 6, law = "geometric" }
first = { mean = "2 d", law = "exponential" }
[requests.asking]
echelon = "asker"
product = "pill"
units = 2
gap = "6 h"
gives-up = { mean = "3 d", law = "exponential" }
[fleets.feet]
home = "giver"
vehicles = 1
speed = "4 km/h"
[lanes.help]
from = "giver"
to = "asker"
fleet = "feet"
[lanes.help.sharing]
reach = "5 km"
willing = { value = 0.6, range = [0.2, 1], status = "assumed", source = "a guess" }
keeps = 1
whole = true
"""

COUNTIES = """
title = "counties that share"
start = 2023-01-04T00:00:00+08:00
horizon = "10 d"
[geography]
regions = ["Zhoushan", "Jiaxing"]
[products.mask]
[echelons.county]
sites = "counties"
[supply.gifts]
echelon = "county"
product = "mask"
lot = 40
gap = { mean = "30 h", law = "exponential" }
[requests.lack]
echelon = "county"
product = "mask"
units = { mean = 30, law = "geometric" }
gap = { mean = "1 d", law = "exponential" }
[fleets.van]
home = "county"
vehicles = 2
speed = "40 km/h"
[stations.gate]
echelon = "county"
stage = "sign-off"
time-per-lot = "1 h"
[stations.dock]
echelon = "county"
stage = "loading"
time-per-lot = "20 min"
[lanes.share]
from = "county"
to = "county"
fleet = "van"
sharing = { willing = 0.7, keeps = 5 }
"""


def plan_of(text: str, *overrides: str) -> Plan:
    loaded = parse_scenario(text, name="t", place="t.toml", overrides=overrides)
    return build_plan(loaded.scenario, build_network(loaded.scenario))


def test_people_of_a_file() -> None:
    plan = plan_of(PEOPLE)
    sharing = plan.lanes[0].sharing
    assert sharing is not None
    assert (sharing.reach, sharing.willing, sharing.keeps) == (5.0, 0.6, 1)
    assert sharing.whole
    assert sharing.products == (0,)
    assert [process.entity for process in plan.processes] == [
        "site/g/supply/offers", "site/h/supply/offers"
    ]  # fmt: skip
    assert plan.processes[0].size == Geometric(6.0)
    assert plan.processes[0].first == Exponential(48.0)
    assert plan.processes[0].most == 1
    (spec,) = plan.requests
    (asking,) = spec.processes
    assert (spec.name, spec.echelon, spec.product) == ("asking", 1, 0)
    assert spec.gives_up == Exponential(72.0)
    assert (asking.entity, asking.gap, asking.first) == (
        "site/a/requests/asking", Constant(6.0), None
    )  # fmt: skip
    (shared,) = plan.shared
    assert shared.origins.tolist() == [0, 1]
    assert not shared.listed
    assert len(plan.links) == 0
    assert sum(supply.units.sum() for supply in plan.supplies) == 3  # nothing of it is cut off


def test_counties_that_share_among_themselves() -> None:
    """All counties of the regions take part, with no site listed and nothing due to anybody."""
    plan = plan_of(COUNTIES)
    assert len(plan.site_keys) == 4 + 7
    assert all(key.split("/")[1][:4] in ("3309", "3304") for key in plan.site_keys)
    assert len(plan.processes) == len(plan.requests[0].processes) == 11
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    answers, services = ledger.answers, ledger.services
    assert (answers.trip < 0).any()
    moved = answers.trip[answers.trip >= 0]
    assert len(moved) > 10
    # both stations, one at each end, though all sites are of one echelon
    assert sorted(set(services.station.tolist())) == [0, 1]
    done = ledger.trips.received[moved] > 0
    for station, site in ((0, ledger.trips.destination), (1, ledger.trips.origin)):
        of_trip = dict(
            zip(services.trip[services.station == station].tolist(),
                services.site[services.station == station].tolist(), strict=True)
        )  # fmt: skip
        assert all(of_trip[trip] == site[trip] for trip in moved[done].tolist())
    some = plan_of(COUNTIES, 'echelons.county.regions=["Zhoushan"]')
    assert len(some.site_keys) == 4


def test_spare_goods_of_a_campaign_between_its_counties() -> None:
    """Counties owe their clinics what the campaign brings, and lend what they have besides."""
    text = COUNTIES.replace("[echelons.county]", "[echelons.maker]\n[echelons.county]")
    text += """
[echelons.clinic]
sites = "village-clinics"
entitlement = { mask = 2 }
[sites.maker]
echelon = "maker"
at = "Jiaxing"
stock = { mask = 99_000 }
[fleets.truck]
home = "maker"
vehicles = "unlimited"
speed = "60 km/h"
[fleets.car]
home = "county"
vehicles = 3
speed = "30 km/h"
[lanes.down]
from = "maker"
to = "county"
fleet = "truck"
[lanes.last]
from = "county"
to = "clinic"
fleet = "car"
tours = { stops = 20, stop-time = "10 min" }
"""
    plan = plan_of(text)
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    assert (ledger.answers.trip >= 0).sum() > 5
    assert not np.isnan(np.concatenate([t.delivered for t in ledger.tours])).any()


WAVE = '[waves.all]\nlane = "help"\nregions = "rest"\nrelease = 2023-01-05T00:00:00+08:00\n'


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ('[requests.asking]\nechelon = "asker"', "[requests.asking]", "requests.asking",
         'expected either "site" or "echelon", found neither'),
        ('[requests.asking]\nechelon = "asker"', '[requests.asking]\nsite = "a"\nechelon = "asker"',
         "requests.asking", 'expected either "site" or "echelon", found both'),
        ('[requests.asking]\nechelon = "asker"', '[requests.asking]\nechelon = "giver"',
         "requests.asking.echelon", "an echelon to which a lane with [sharing] leads"),
        ('[requests.asking]\nechelon = "asker"', '[requests.asking]\nsite = "g"',
         "requests.asking.site", "a site to which a lane with [sharing] leads"),
        ('gap = "6 h"', "", "requests.asking", 'either "gap" or "at"'),
        ('gap = "6 h"', 'first = "1 h"\nmost = 3', "requests.asking.most", '"gap" only'),
        ('gap = "6 h"', 'gap = "6 h"\nat = [2023-01-05T00:00:00+08:00]', "requests.asking", "both"),
        ('gap = "6 h"', 'gap = "0 h"', "requests.asking.gap", "not all 0"),
        ('units = 2', 'units = { mean = 1, law = "geometric" }', "requests.asking.units",
         "a mean above 1"),
        ('gap = "6 h"', 'gap = { mean = "6 h", law = "geometric" }', "requests.asking.gap.law",
         "one of"),
        ('[lanes.help.sharing]', '[lanes.help.dispatch]\nrule = "when-full"\n[lanes.help.sharing]',
         "lanes.help.dispatch.rule", 'the rule "on-arrival" beside "sharing"'),
        ('[lanes.help.sharing]', 'share = 2\n[lanes.help.sharing]', "lanes.help.share",
         'no such key beside "sharing"'),
        ('[lanes.help.sharing]', 'allocation = { rule = "proportional" }\n[lanes.help.sharing]',
         "lanes.help.allocation", 'no such key beside "sharing"'),
        ('at = [30.0, 120.02]', "", "sites.a", "the nearest is asked first"),
        ('reach = "5 km"', 'reach = "5 h"', "lanes.help.sharing.reach", "a distance"),
        ('keeps = 1', "keeps = -1", "lanes.help.sharing.keeps", "a whole number"),
        ('title = "people"', 'title = "people"\nstop = "delivered"', "stop",
         "nothing is due to anybody"),
        ('[supply.offers]\nechelon = "giver"', '[supply.offers]\nechelon = "asker"',
         "supply.offers.echelon", "an echelon that a lane leaves"),
        ('[lanes.help.sharing]',
         f"{WAVE}[lanes.help.sharing]", "waves.all.lane", "a lane without sharing"),
    ],
)  # fmt: skip
def test_what_is_wrong(old: str, new: str, path: str, said: str) -> None:
    assert PEOPLE.count(old) == 1
    with pytest.raises(ScenarioError) as raised:
        plan_of(PEOPLE.replace(old, new))
    found = {problem.path: str(problem) for problem in raised.value.problems}
    assert path in found, found
    assert said in found[path]


def test_a_lane_with_sharing_needs_somebody_who_asks() -> None:
    text = PEOPLE.partition("[requests.asking]")[0] + "[fleets.feet]" + PEOPLE.partition(
        "[fleets.feet]")[2]  # fmt: skip
    with pytest.raises(ScenarioError, match="nobody asks"):
        plan_of(text)


def test_facilities_on_tours_neither_ask_nor_give() -> None:
    text = COUNTIES.replace('to = "county"\nfleet = "van"', 'to = "clinic"\nfleet = "van"')
    text = text.replace(
        '[requests.lack]\nechelon = "county"', '[requests.lack]\nechelon = "clinic"'
    )
    text += '[echelons.clinic]\nsites = "village-clinics"\nentitlement = { mask = 1 }\n'
    with pytest.raises(ScenarioError, match="an echelon of sites, which are no stops of tours"):
        plan_of(text)


def test_a_product_that_is_only_asked_for_is_known() -> None:
    """Planned goods are cut off with the last that is owed; what is shared is not."""
    more = PEOPLE.replace("[products.pill]", "[products.pill]\n[products.mask]").replace(
        "stock = { pill = 3 }", "stock = { pill = 3, mask = 50 }"
    )
    with pytest.raises(ScenarioError, match=r"products\.mask"):
        plan_of(more)
    plan = plan_of(more + '[requests.masks]\nsite = "a"\nproduct = "mask"\ngap = "1 d"\n')
    assert plan.lanes[0].sharing is not None
    assert plan.lanes[0].sharing.products == (0, 1)
