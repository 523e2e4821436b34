"""Facilities that are due different amounts: every count is of what each is to get itself."""

from __future__ import annotations

import pickle
from dataclasses import replace
from math import inf, isnan

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from reference.plans import CLINIC, COUNTY, chain
from reference.random_plans import plans

from sim.audit import audit
from sim.engine.model import run_replication
from sim.errors import RunError
from sim.evidence import read_figures
from sim.ledger import Ledger
from sim.measures.coverage import completion_times
from sim.measures.flow import Flow, flows_of
from sim.measures.run import measure_run
from sim.measures.scope import Probe, Scope
from sim.plan.specs import Plan

#: Two counties with three tours; five facilities. Of product 1 only the first, third and fourth get
#: any, and nobody on the second tour does.
DUES = [[3, 1], [1, 0], [5, 4], [2, 7], [6, 0]]


def uneven(dues: list[list[int]] = DUES) -> Plan:
    """Everything is at the counties at hour 0; a leg takes an hour, so does the way home."""
    need = np.array(dues)
    near, far = need[:3].sum(axis=0), need[3:].sum(axis=0)
    supplies = [
        (site, product, [(0.0, int(units))])
        for site, whole in ((0, near), (1, far))
        for product, units in enumerate(whole)
        if units
    ]
    return chain(
        sites=(("north", COUNTY), ("south", COUNTY)),
        supplies=supplies,
        tours=[(0, (50.0, 50.0, 50.0), 50.0), (1, (50.0,), 50.0), (1, (100.0,), 50.0)],
        units=dues,
        load_per_unit=((1.0, 0.5, 0.0), (1.0, 0.0, 2.0)),
    )


def scope_of(plan: Plan, *probes: Probe) -> Scope:
    served = np.bincount(plan.tours[0].site_of_stop, minlength=len(plan.site_keys))
    return Scope(("all",), np.zeros(len(plan.site_keys), np.int64), {CLINIC: served}, probes)


def probe(measure: str, product: int, *, at: float = 2.0, share: float = 1.0) -> Probe:
    everywhere = np.ones(2, bool)
    return Probe("x", measure, product, CLINIC, -1, everywhere, at, float("nan"), share)


def figure(plan: Plan, ledger: Ledger, asked: Probe) -> float:
    return read_figures(ledger, flows_of(ledger, plan), plan, scope_of(plan, asked))["x"]


def flow_of(flows: tuple[Flow, ...], product: int) -> Flow:
    (flow,) = [flow for flow in flows if flow.destination == CLINIC and flow.product == product]
    return flow


def test_a_stop_without_a_product_has_no_row_in_its_flow() -> None:
    plan = uneven()
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    assert ledger.tours[0].delivered.tolist() == [1, 2, 3, 1, 2]
    first, second = (flow_of(flows_of(ledger, plan), product) for product in range(2))
    assert first.stop is None
    assert first.units.tolist() == [3, 1, 5, 2, 6]
    assert first.together is not None
    assert first.together.tolist() == [0, 3, 4, 5]
    assert second.stop is not None
    assert second.stop.tolist() == [0, 2, 3]
    assert second.units.tolist() == [1, 4, 7]
    assert second.got.tolist() == [1, 3, 1]
    assert second.of_rows(second.place).tolist() == [0, 0, 1]
    assert second.together is not None
    assert second.together.tolist() == [0, 2, 3]  # the third tour carries none


def test_figures_count_whom_the_product_is_due_to() -> None:
    plan = uneven()
    ledger = run_replication(plan, 0)
    found = {
        (measure, product): figure(plan, ledger, probe(measure, product, at=1.0))
        for measure in ("received", "sites-reached", "coverage")
        for product in range(2)
    }
    assert found == {
        ("received", 0): 5, ("received", 1): 8,
        ("sites-reached", 0): 2, ("sites-reached", 1): 2,
        ("coverage", 0): 2 / 5, ("coverage", 1): 2 / 3,
    }  # fmt: skip
    assert figure(plan, ledger, probe("receipt-time", 1, share=8 / 12)) == 1
    assert figure(plan, ledger, probe("receipt-time", 1, share=0.67)) == 3
    assert figure(plan, ledger, probe("receipt-time", 0, share=0.5)) == 2  # 5 of 17, then 12


def test_measures_are_of_units() -> None:
    plan = uneven()
    ledger = run_replication(plan, 0)
    rows = {
        (row.measure, row.product, row.echelon): row.value
        for row in measure_run(ledger, plan, scope_of(plan)).rows
        if row.region == "national"
    }
    assert rows["coverage", "", "clinic"] == 1
    assert rows["T50", "", "clinic"] == 2
    assert rows["received", "product-0", "clinic"] == 17
    assert rows["received", "product-1", "clinic"] == 12
    assert rows["lead-time-mean", "product-0", "clinic"] == (3 * 1 + 2 + 5 * 3 + 2 + 6 * 2) / 17
    assert rows["lead-time-mean", "product-1", "clinic"] == (1 + 4 * 3 + 7) / 12
    assert rows["transit-time-mean", "product-1", "clinic"] == (1 + 4 * 3 + 7) / 12
    assert rows["backlog", "product-1", ""] == 0
    # Loads: 14, 9 and 6 units on the three tours.
    assert rows["units-per-trip", "", "county"] == (14 + 9 + 6) / 3


def test_fill_is_by_each_tours_own_load() -> None:
    plan = uneven()
    fleet = replace(plan.fleets[2], limits=(20.0, 10.0, 40.0))
    plan = replace(plan, fleets=(*plan.fleets[:2], fleet))
    ledger = run_replication(plan, 0)
    (fill,) = [
        row.value
        for row in measure_run(ledger, plan, scope_of(plan)).rows
        if row.measure == "fill-share" and row.echelon == "county"
    ]
    units, volume, weight = (14 / 20, 9 / 20, 6 / 20), (4.5 / 10, 0.1, 0.3), (10 / 40, 14 / 40, 0)
    assert fill == pytest.approx(np.max([units, volume, weight], axis=0).mean(), rel=1e-12)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_whatever_is_due_is_measured_as_if_counted_one_by_one(plan: Plan) -> None:
    assert_measured_as_counted(plan)


@pytest.mark.slow
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_whatever_is_due_in_many_plans_is_measured_as_if_counted(plan: Plan) -> None:
    assert_measured_as_counted(plan)


def assert_measured_as_counted(plan: Plan) -> None:
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    flows = flows_of(ledger, plan)
    tours, delivered = plan.tours[0], ledger.tours[0].delivered
    site = tours.site_of_stop
    for product in range(len(plan.products)):
        due = tours.units[:, product]
        mine = [flow for flow in flows if (flow.destination, flow.product) == (CLINIC, product)]
        assert len(mine) == bool(due.any())
        for flow in mine:
            assert flow.units.min() > 0
            assert flow.units_got() == sum(
                int(units) for units, t in zip(due, delivered, strict=True) if not isnan(t)
            )
            assert flow.of_rows(flow.place).tolist() == site[due > 0].tolist()
            completed = completion_times(CLINIC, mine, plan)
            assert completed.times.tolist() == [
                inf if isnan(t) else t for t, units in zip(delivered, due, strict=True) if units
            ]
            assert completed.site.tolist() == site[due > 0].tolist()
    completed = completion_times(CLINIC, flows, plan)
    assert completed.times.tolist() == np.where(np.isnan(delivered), inf, delivered).tolist()
    taken = tours.units_of_tours()
    for tour in range(len(tours)):
        stops = slice(tours.first[tour], tours.first[tour + 1])
        assert taken[tour].tolist() == tours.units[stops].sum(axis=0).tolist()
    whole = [tours.units_in_all(product) for product in range(len(plan.products))]
    assert whole == tours.units.sum(axis=0).tolist()


def test_the_audit_sees_a_tour_that_takes_more_than_there_is() -> None:
    """The same run under dues that differ between the tours of one county."""
    plan = uneven()
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    more = tuple(tuple(row) for row in DUES[:3]), ((2, 8), (6, 0))
    wrong = replace(plan, tours=(replace(plan.tours[0], units=np.array([*more[0], *more[1]])),))
    with pytest.raises(RunError, match=r"south sends product-1 that it does not have"):
        audit(ledger, wrong)


@pytest.mark.parametrize("dues", [DUES, [[2, 5]] * 5])
def test_a_plan_travels_to_workers_as_it_is(dues: list[list[int]]) -> None:
    plan = uneven(dues)
    if dues != DUES:
        alike = np.broadcast_to(np.array([2, 5]), (5, 2))
        plan = replace(plan, tours=(replace(plan.tours[0], units=alike),))
    sent = pickle.loads(pickle.dumps(plan))
    assert sent.tours[0].is_even == plan.tours[0].is_even == (dues != DUES)
    assert sent.tours[0].units.tolist() == plan.tours[0].units.tolist()
    for name in ("site", "first", "facility", "rank", "leg_km", "back_km"):
        assert (getattr(sent.tours[0], name) == getattr(plan.tours[0], name)).all()


def test_what_is_the_same_for_all_travels_once() -> None:
    def size(stops: int) -> int:
        plan = chain(sites=(("north", COUNTY),), tours=[(0, [1.0] * stops, 1.0)], units=(2, 1, 3))
        return len(pickle.dumps(plan.tours[0]))

    assert size(1001) - size(1) < 1000 * 4 * 8  # km, rank and facility of each, and no units
