"""The scenarios in scenarios/verification say what theory says, and can be run."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import CASES

from sim.catalogue import find_measure
from sim.scenario.load import load_scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios" / "verification"
FILES = sorted(SCENARIOS.glob("*.toml"))


def test_every_file_has_its_values_and_every_value_its_file() -> None:
    assert {file.stem for file in FILES} == set(CASES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_expected_values_are_what_theory_says(file: Path) -> None:
    expected = load_scenario(file).scenario.expected
    assert set(expected) == set(CASES[file.stem])
    for name, value in CASES[file.stem].items():
        assert expected[name].value == pytest.approx(value, rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_case_says_what_it_is_and_where_it_comes_from(file: Path) -> None:
    scenario = load_scenario(file).scenario
    assert scenario.description
    for case in scenario.expected.values():
        find_measure(case.measure)
        assert case.note
        assert case.source
    if not all(case.exact for case in scenario.expected.values()):
        assert scenario.replications >= 10
