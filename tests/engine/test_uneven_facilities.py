"""Runs of facilities that get different amounts, and of several kinds below the same counties."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from network.homes import HOMES, load, one_echelon, plan_of
from plan.test_plan_uneven import SITES
from reference.compare import differences
from reference.twin import run_twin

from sim.audit import audit
from sim.engine.model import run_replication
from sim.experiment.replicate import replicate
from sim.measures.scope import build_scope
from sim.network import build_network
from sim.plan.build import build_plan
from sim.plan.specs import Plan

PLENTY = (
    "sites.yinchuan.stock={oximeter=5000, thermometer=5000}",
    "sites.guangzhou.stock={oximeter=5000, thermometer=5000}",
)
ROOMY = "fleets.county-van.capacity={units=100}"
#: Nothing contends, and each lane of homes has vans of its own.
OWN_VANS = HOMES.replace(
    'to = "small"\nfleet = "county-van"', 'to = "small"\nfleet = "other-van"'
).replace(
    "[fleets.county-van]", '[fleets.other-van]\nhome = "county"\nvehicles = 1\n'
    'speed = "25 km/h"\n\n[fleets.county-van]',
)  # fmt: skip
FREE = (
    *PLENTY, "stations={}", "waves={}", "orders={}",
    'fleets.carrier={home="factory", vehicles="unlimited", speed="65 km/h"}',
    'fleets.city-van={home="prefecture", vehicles="unlimited", speed="50 km/h"}',
)  # fmt: skip


def test_everybody_gets_their_due() -> None:
    scenario = load(HOMES, *PLENTY).scenario
    network = build_network(scenario)
    plan = build_plan(scenario, network)
    done = replicate(plan, build_scope(scenario, network), 0)
    assert all(not np.isnan(tours.delivered).any() for tours in done.ledger.tours)
    rows = {
        (row.measure, row.echelon, row.product): row.value
        for row in done.measures.rows
        if row.region == "national" and not row.entity
    }
    assert rows["received", "large", "oximeter"] == 140
    assert rows["received", "small", "oximeter"] == 130
    assert rows["received", "small", "thermometer"] == 1_001
    assert ("received", "large", "thermometer") not in rows
    assert rows["backlog", "", "oximeter"] == rows["backlog", "", "thermometer"] == 0
    assert rows["coverage", "large", ""] == rows["coverage", "small", ""] == 1
    assert rows["received", "county", "oximeter"] == 270
    curves = {
        (curve.measure, curve.product, curve.echelon): curve.values[-1]
        for curve in done.measures.curves
    }
    assert curves["received", "thermometer", "small"] == 1_001


def test_a_second_kind_below_a_county_changes_nothing_for_the_first() -> None:
    """With goods for all at once and vans of its own, a kind is served as if it were alone."""
    both = OWN_VANS.replace("{ oximeter = 2 }", "{ oximeter = 2, thermometer = 1 }")
    before, _, rest = both.partition("[echelons.small]")
    alone = before + rest[rest.index("[products.oximeter]") :].partition("[lanes.to-small]")[0]
    one, other = plan_of(alone, *FREE), plan_of(both, *FREE)
    assert [len(plan.tours) for plan in (one, other)] == [1, 2]
    for replication in (0, 3):
        mine, theirs = (run_replication(plan, replication) for plan in (one, other))
        audit(mine, one)
        audit(theirs, other)
        keys = [[plan.site_keys[site] for site in plan.tours[0].site] for plan in (one, other)]
        assert keys[0] == keys[1]
        for name in ("ready", "began", "ended", "arrived", "delivered"):
            assert np.array_equal(getattr(mine.tours[0], name), getattr(theirs.tours[0], name))
        assert not np.isnan(theirs.tours[1].delivered).any()


def test_kinds_that_share_vans_wait_for_each_other() -> None:
    vans = "fleets.county-van.vehicles=1"
    shared, apart = plan_of(HOMES, *FREE, vans), plan_of(OWN_VANS, *FREE, vans)
    ends = []
    for plan in (shared, apart):
        ledger = run_replication(plan, 0)
        audit(ledger, plan)
        assert all(not np.isnan(tours.delivered).any() for tours in ledger.tours)
        ends.append(sum(tours.delivered.sum() for tours in ledger.tours))
    assert ends[0] > ends[1]


@pytest.mark.parametrize(
    "text",
    [
        one_echelon('sites = "nursing-homes"\ncount = 160\ntotal = { oximeter = 77 }\n'
                    "entitlement = { thermometer = 2 }"),
        one_echelon('sites = "households"\ncount = 300\n'
                    "total = { oximeter = 120, thermometer = 999 }"),
        one_echelon("") + SITES,
    ],
    ids=["a total and an entitlement", "two totals", "listed"],
)  # fmt: skip
def test_the_twin_agrees(text: str) -> None:
    plan = plan_of(text, ROOMY)
    assert not plan.tours[0].is_even
    for replication in (0, 5):
        ledger = run_replication(plan, replication)
        audit(ledger, plan)
        found = differences(run_twin(plan, replication), ledger)
        assert {name: gap for name, gap in found.items() if gap > 1e-6} == {}


def test_facilities_use_up_what_is_their_own() -> None:
    """A pinch of use, so that what is left says what each got; and need that is met as far as it
    goes."""
    more = """
[consumption.slow]
echelon = "home"
product = "oximeter"
rate = "1/week"
[consumption.quick]
echelon = "home"
product = "thermometer"
pattern = "timetable"
at = [2023-02-14T12:00:00+08:00]
units = 20
"""
    plan = plan_of(one_echelon("") + SITES + more, *PLENTY, ROOMY)
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    (tours,) = plan.tours
    assert not np.isnan(ledger.tours[0].delivered).any()
    uses = ledger.uses
    slow, quick = (uses.spec == spec for spec in range(2))
    assert uses.place[slow].tolist() == list(range(len(tours.units)))
    assert (uses.left + uses.met)[slow].tolist() == tours.units[:, 0].tolist()
    assert uses.wanted[quick].tolist() == [20] * len(tours.units)
    assert uses.met[quick].tolist() == np.minimum(20, tours.units[:, 1]).tolist()


def test_a_worker_measures_the_same() -> None:
    scenario = load(HOMES).scenario
    network = build_network(scenario)
    plan, scope = build_plan(scenario, network), build_scope(scenario, network)
    sent: Plan = pickle.loads(pickle.dumps(plan))
    here, there = replicate(plan, scope, 1), replicate(sent, scope, 1)
    assert repr(here.measures.rows) == repr(there.measures.rows)
    assert here.figures == there.figures


def test_a_run_is_over_when_all_dues_are_met() -> None:
    plan = plan_of(HOMES, *PLENTY, "stop=delivered")
    ledger = run_replication(plan, 0)
    assert ledger.ended == max(float(tours.delivered.max()) for tours in ledger.tours)
    assert ledger.ended < ledger.horizon
