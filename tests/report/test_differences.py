"""Differences in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sim.comparing.compare import Difference
from sim.report.differences import sentence, size
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario

NAN, INF = float("nan"), float("inf")
SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"
T90 = Difference(
    measure="T90",
    product="",
    echelon="clinic",
    region="national",
    entity="",
    unit="h",
    base="base",
    variant="variant",
    base_value=200.0,
    variant_value=149.6,
    base_came=20,
    variant_came=20,
    difference=-50.4,
    low=-58.0,
    high=-42.8,
    better=1.0,
    better_low=0.84,
    better_high=1.0,
    wins=20,
    ties=0,
    p=1e-9,
    p_adjusted=1e-9,
    method="mean of 20 runs, Student t",
    runs=20,
    level=0.95,
    unpaired_low=-90.0,
    unpaired_high=-10.0,
    deviation=16.0,
)
WAIT = replace(
    T90, measure="vehicle-wait-mean", echelon="county", entity="county-van", difference=0.2,
    low=-0.3, high=0.7, wins=9, ties=1, p=0.4, deviation=1.0,
)  # fmt: skip
SHARE = replace(
    T90, measure="coverage", unit="share", difference=0.021, low=0.012, high=0.03, wins=18, ties=2
)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario(SMALL).scenario


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (
            T90,
            ("brings T90 of the village clinics forward by 2.1 days [1.8, 2.4]; "
            "better in 20 of 20 runs"),
        ),
        (
            replace(T90, difference=1.0, low=0.5, high=1.5, wins=1),
            "puts T90 of the village clinics back by 60 min [30, 90]; worse in 19 of 20 runs",
        ),
        (
            replace(T90, difference=-30.0, low=-INF, high=-20.0, region="Hunan"),
            ("brings T90 of the village clinics in Hunan forward by "
            "30.0 h [20.0, beyond the horizon]; better in 20 of 20 runs"),
        ),
        (
            replace(T90, difference=-INF, low=-INF, high=NAN, base_came=3),
            ("brings T90 of the village clinics within the horizon: it comes in 20 of 20 runs "
            "instead of 3; better in 20 of 20 runs"),
        ),
        (
            replace(T90, difference=INF, low=NAN, high=INF, variant_came=3, wins=0, ties=3),
            ("puts T90 of the village clinics beyond the horizon: it comes in 3 of 20 runs "
            "instead of 20; worse in 17 of 20 runs, alike in 3"),
        ),
        (
            replace(
                T90, difference=NAN, low=NAN, high=NAN, base_came=0, variant_came=8,
                method="no difference: in 12 of 20 runs it came in neither",
            ),
            ("T90 of the village clinics: in 12 of 20 runs it comes in neither; by the horizon it "
            "comes in 8 of 20 runs, in the base in 0"),
        ),
        (
            replace(T90, difference=NAN, low=NAN, high=NAN, base_came=0, variant_came=0),
            "T90 of the village clinics: it does not come by the horizon in any run of either",
        ),
        (
            replace(T90, low=NAN, high=NAN, runs=1),
            "brings T90 of the village clinics forward by 2.10 days (one run: no interval)",
        ),
        (
            replace(T90, difference=0.0, low=0.0, high=0.0, ties=20),
            "leaves T90 of the village clinics the same in every run",
        ),
        (
            WAIT,
            ("no difference seen in vehicle-wait-mean of county-van: +12 min [-18, +42]; "
            "some 219 runs would tell a difference of that size"),
        ),
        (
            replace(WAIT, difference=1e-4),
            ("no difference seen in vehicle-wait-mean of county-van: 0 min [-18, +42]; "
            "more than 10,000 runs would be needed to tell a difference of that size"),
        ),
        (
            replace(WAIT, difference=NAN, method="no difference: nothing in 1 of 3 runs"),
            "vehicle-wait-mean of county-van: nothing in 1 of 3 runs",
        ),
        (
            SHARE,
            ("raises coverage of the village clinics by 2.1 points [1.2, 3.0]; "
            "better in 18 of 20 runs, alike in 2"),
        ),
        (
            replace(T90, measure="trips", unit="trips", entity="county-van", difference=-1500.0,
                    low=-1700.0, high=-1300.0),
            "lowers trips of county-van by 1,500 trips [1,300, 1,700]",
        ),
    ],
)  # fmt: skip
def test_sentences(row: Difference, text: str, scenario: Scenario) -> None:
    assert sentence(scenario, row) == text


def test_a_bound_that_is_not_zero_does_not_read_as_zero() -> None:
    assert size(replace(T90, difference=4.0, low=0.3, high=7.7)) == "+4.0 h [+0.3, +7.7]"
    gini = replace(T90, measure="gini-arrival", unit="gini", difference=-0.01, low=-0.02, high=0.0)
    assert size(gini) == "-0.010 [-0.020, 0.000]"


def test_hours_of_all_vehicles_together_stay_hours() -> None:
    hours = replace(T90, measure="vehicle-hours", difference=1340.0, low=1250.0, high=1430.0)
    assert size(hours) == "+1,340 h [+1,250, +1,430]"
