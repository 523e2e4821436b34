"""The engine and the reference twin agree on every time, to 1e-6 hours."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from reference.compare import differences
from reference.random_plans import plans
from reference.small import FREE, SMALL, small_plan
from reference.twin import run_twin

from sim.engine.model import run_replication
from sim.network import build_network
from sim.plan.build import build_plan
from sim.plan.specs import Plan
from sim.scenario.load import load_scenario

TOLERANCE = 1e-6  # hours

SECOND_PRODUCT = SMALL.replace(
    "entitlement = { oximeter = 2 }", "entitlement = { oximeter = 2, kit = 1 }"
).replace(
    "[calendars.desk]",
    '[products.kit]\ncarton = { units = 10, volume = "0.02 m3", weight = "5 kg" }\n\n'
    "[calendars.desk]",
).replace("stock = { oximeter = 200 }", "stock = { oximeter = 200, kit = 600 }")  # fmt: skip

LAWS = ("lanes.to-clinic.tours.stop-time", "fleets.van.loading", "fleets.van.unloading",
        "fleets.car.loading",
        *(f"stations.{name}.time-per-lot" for name in
          ("dock", "sorting", "city-gate", "city-desk", "county-desk")))  # fmt: skip
HEAVY_TAIL = (
    'stations.city-gate={echelon="city", stage="unloading", servers=1, '
    'time-per-lot={mean="1 h", cv=3.0, law="hyperexponential"}}'
)

#: A name, and what is overridden in the small scenario.
VARIANTS: dict[str, tuple[str, ...]] = {
    "as it is": (),
    "nothing contends": FREE,
    "crews finish": ("calendars.crew.at-closing=finish",),
    "crews start what fits": ("calendars.crew.at-closing=fits",),
    "desks finish": ("calendars.desk.at-closing=finish",),
    "desks start what fits": ("calendars.desk.at-closing=fits",),
    "crews work at night": ('calendars.crew.hours=["22:00-06:00"]',),
    "no holidays": ("calendars.crew.holidays=false", "calendars.desk.holidays=false"),
    "two drivers": ("fleets.truck.drivers=2", "fleets.car.drivers=2", "fleets.van.drivers=2"),
    "short rests often": ('fleets.truck.rest={after="1 h", for="10 min"}',
                          'fleets.car.rest={after="30 min", for="5 min"}'),
    "slow lanes": ('fleets.truck.speed="20 km/h"', 'fleets.van.speed="15 km/h"'),
    "one vehicle each": ("fleets.truck.vehicles=1", "fleets.van.vehicles=1",
                         "fleets.car.vehicles=1"),
    "unlimited vehicles": ("fleets.truck.vehicles=unlimited", "fleets.van.vehicles=unlimited",
                           "fleets.car.vehicles=unlimited"),
    "trucks keep hours": ("fleets.truck.calendar=crew",),
    "many servers": ("stations.dock.servers=3", "stations.city-desk.servers=2",
                     "stations.sorting.servers=1"),
    "all at once": ('lanes.to-city.dispatch={rule="on-arrival"}',),
    "marked full": ('lanes.to-city.dispatch={rule="full-or-after", after="12 h", full=50}',
                    'lanes.to-county.dispatch={rule="full-or-after", after="3 h", full=20}'),
    "departures": ('lanes.to-city.dispatch={rule="departures", every="7 h", offset="2 h"}',
                   'lanes.to-county.dispatch={rule="departures", every="5 h"}'),
    "timetable": ('lanes.to-city.dispatch={rule="departures", at=["06:00", "18:00"]}',
                  'lanes.to-county.dispatch={rule="departures", at=["09:00"]}'),
    "proportional": ('lanes.to-city.allocation={rule="proportional", order="farthest-first"}',
                     'lanes.to-county.allocation={rule="equal-rounds", order="smallest-first"}'),
    "equal rounds": ('lanes.to-city.allocation={rule="equal-rounds", order="largest-first"}',
                     'lanes.to-county.allocation={rule="in-turn"}'),
    "no waves": ("waves={}",),
    "nearest maker": ("sourcing.rule=nearest",),
    "sweep tours": ("lanes.to-clinic.tours.method=sweep", "lanes.to-clinic.tours.stops=20"),
    "no luck": ('lanes.to-city.travel={cv=0}', 'lanes.to-county.travel={cv=0}',
                'lanes.to-clinic.travel={cv=0}',
                *(f'{law}={{mean="30 min", cv=0}}' for law in LAWS)),
    "cut short": ('horizon="3 d"', 'calendars.crew.country="CN"'),
    "heavy tail": (HEAVY_TAIL,),
}  # fmt: skip


def assert_agree(plan: Plan, replication: int) -> None:
    found = differences(run_twin(plan, replication), run_replication(plan, replication))
    assert {name: gap for name, gap in found.items() if gap > TOLERANCE} == {}


@pytest.mark.parametrize("name", VARIANTS)
def test_small_scenarios_agree(name: str) -> None:
    plan = small_plan(*VARIANTS[name])
    assert plan.tours[0].first[-1] == 503
    assert_agree(plan, replication=0)
    assert_agree(plan, replication=7)


def test_two_products_agree() -> None:
    assert_agree(small_plan(text=SECOND_PRODUCT), replication=3)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_random_plans_agree(plan: Plan) -> None:
    """Half of these plans have no luck, so that much happens at the same moment."""
    assert_agree(plan, replication=0)


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_many_random_plans_agree(plan: Plan) -> None:
    assert_agree(plan, replication=0)


@pytest.mark.slow
def test_the_whole_nation_agrees() -> None:
    path = Path(__file__).parents[2] / "scenarios" / "oximeters-2023.toml"
    scenario = load_scenario(path).scenario
    plan = build_plan(scenario, build_network(scenario))
    assert plan.tours[0].first[-1] > 500_000
    assert_agree(plan, replication=0)
