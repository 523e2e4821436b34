"""A quick selection of the verification: all exact cases, and a few by chance, coarsely.

What make verify judges with thousands of lots is judged here with few: |z| up to 4.5 agrees.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.expectation import AGREES
from sim.experiment.run import prepare, run_experiment
from sim.scenario.load import load_scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios" / "verification"
LOADED = [load_scenario(file) for file in sorted(SCENARIOS.glob("*.toml"))]
EXACT = [
    loaded for loaded in LOADED if all(case.exact for case in loaded.scenario.expected.values())
]
BY_CHANCE = ("queues-mmc", "priorities", "breakdowns", "closed-fleet", "departures", "split")
MOST = 4.5


@pytest.mark.parametrize("loaded", EXACT, ids=lambda loaded: loaded.name)
def test_exact_cases(loaded: object, tmp_path: Path) -> None:
    result = run_experiment(prepare(loaded), tmp_path / "result")  # type: ignore[arg-type]
    for row in result.expected:
        assert row["verdict"] == AGREES, row


@pytest.mark.parametrize("name", BY_CHANCE)
def test_cases_by_chance(name: str, tmp_path: Path) -> None:
    overrides = ("replications=8", "horizon=120.5 h", "warm-up=20.5 h")
    loaded = load_scenario(SCENARIOS / f"{name}.toml", overrides)
    result = run_experiment(prepare(loaded), tmp_path / "result")
    for row in result.expected:
        if row["exact"]:
            assert row["verdict"] == AGREES, row
        else:
            assert abs(row["z"]) <= MOST, row
