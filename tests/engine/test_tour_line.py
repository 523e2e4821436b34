"""Tours that ask the fleet one by one do what tours worked out after the run do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from reference.examples import assert_times, one_tour, run
from reference.plans import COUNTY
from reference.random_plans import plans

from sim.engine.model import run_replication
from sim.laws import Constant
from sim.plan.specs import DisruptionSpec, Plan


def asking(plan: Plan) -> Plan:
    """The plan with a disruption that never happens, for which tours ask one by one."""
    away = DisruptionSpec(
        name="away", kind="fewer-vehicles", earliest=1.0, latest=1.0, every=None,
        lasts=Constant(5.0), chance=0.0, each=False, sites=(),
        fleet=plan.lanes[plan.tours[0].lane].fleet, amount=1.0,
    )  # fmt: skip
    return replace(plan, disruptions=(away,))


@settings(max_examples=25, deadline=None)
@given(plan=plans())
def test_both_ways_give_the_same_ledger(plan: Plan) -> None:
    assert_the_same(plan)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(plan=plans())
def test_both_ways_give_the_same_ledger_in_many(plan: Plan) -> None:
    assert_the_same(plan)


def assert_the_same(plan: Plan) -> None:
    if not plan.tours:
        return
    one, other = run_replication(plan, 0), run_replication(asking(plan), 0)
    for mine, theirs in zip(one.tours, other.tours, strict=True):
        for name in ("ready", "began", "ended", "driving", "arrived", "delivered"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name), err_msg=name)
    np.testing.assert_array_equal(one.trips.returned, other.trips.returned)


def closed(kind: str, begin: float, end: float) -> DisruptionSpec:
    """The county of ``one_tour``, or the roads of its tours, closed for a while."""
    return DisruptionSpec(
        name=kind, kind=kind, earliest=begin, latest=begin, every=None, lasts=Constant(end - begin),
        chance=1.0, each=False, sites=(2,), lane=2, echelon=COUNTY,
    )  # fmt: skip


def test_tours_begin_when_the_site_and_its_roads_are_open() -> None:
    """Ready at 10, when the site is shut until 15; then its roads are, until 18."""
    plan = one_tour((1.0, 1.0), 1.0, hour=10.0, stop=0.25)
    site, roads = closed("closed-site", 9.0, 15.0), closed("closed-road", 14.0, 18.0)
    for strikes, begins in (((), 10.0), ((site,), 15.0), ((roads,), 10.0), ((site, roads), 18.0)):
        (tours,) = run(replace(plan, disruptions=strikes)).tours
        assert_times(tours.began, [begins])
        assert_times(tours.ended, [begins + 3.5])
