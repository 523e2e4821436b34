"""Expected values in scenario files: the measure and what it is about must exist."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sim.errors import Problem
from sim.scenario.load import LoadedScenario

CASE = """
[expected.wait]
measure = "{measure}"
entity = "{entity}"
value = 1.5
source = "paper"
"""


def with_case(text: str, measure: str = "wait-mean", entity: str = "") -> str:
    return text + CASE.format(measure=measure, entity=entity)


@pytest.mark.parametrize(
    ("measure", "entity"),
    [
        ("wait-mean", "sign-off"),
        ("trips", "county-van"),
        ("transit-time-p50", "to-city"),
        ("lead-time-p90", ""),
        ("makespan", ""),
    ],
)
def test_measures_that_exist(
    small_toml: str, parse: Callable[..., LoadedScenario], measure: str, entity: str
) -> None:
    (case,) = parse(with_case(small_toml, measure, entity)).scenario.expected.values()
    assert (case.measure, case.value, case.exact) == (measure, 1.5, False)


@pytest.mark.parametrize(
    ("measure", "entity", "path", "said"),
    [
        ("wait-meen", "", "measure", 'expected a measure of the catalogue, found "wait-meen"'),
        ("wait-p95", "", "measure", "expected one of the scenario's percentiles (50, 90)"),
        ("wait-pNN", "", "measure", "expected one of the scenario's percentiles (50, 90)"),
        ("trips", "county-vans", "entity", "expected a station, fleet, lane, consumption"),
        ("wait-mean", "sign-off@moon", "entity", "STATION@SITE of a station that lists its sites"),
    ],
)
def test_measures_that_do_not(
    small_toml: str,
    problems_of: Callable[..., tuple[Problem, ...]],
    measure: str,
    entity: str,
    path: str,
    said: str,
) -> None:
    (problem,) = problems_of(with_case(small_toml, measure, entity))
    assert problem.path == f"expected.wait.{path}"
    assert said in str(problem)
    assert problem.line == small_toml.count("\n") + (3 if path == "measure" else 4)


def test_other_percentiles_may_be_asked_for(
    small_toml: str, parse: Callable[..., LoadedScenario]
) -> None:
    parse(with_case(small_toml, "wait-p95", "sign-off"), "percentiles=[95]")
