"""A small scenario, ready to run, and its finished result."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.experiment.run import Prepared, prepare, run_experiment
from sim.scenario.load import load_scenario
from sim.store.result import Result

SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"


@pytest.fixture(scope="session")
def prepared() -> Prepared:
    """The small scenario: 288 clinics in 5 counties, 3 replications."""
    return prepare(load_scenario(SMALL))


@pytest.fixture(scope="session")
def result(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Its finished result; only for reading."""
    return run_experiment(prepared, tmp_path_factory.mktemp("results") / "small")
