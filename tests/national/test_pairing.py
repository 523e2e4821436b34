"""What pairing gains on the national campaign: intervals with shared luck, and as if without it, on
the same runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.comparing.compare import Difference, compare_results
from sim.experiment.run import prepare, run_experiment
from sim.scenario.load import load_scenario

FILE = Path(__file__).parents[2] / "scenarios" / "oximeters-2023.toml"


@pytest.fixture(scope="module")
def doubled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Difference]:
    """The campaign against itself with twice the county vans, 20 runs: where goods end, and of the
    network as a whole."""
    folder = tmp_path_factory.mktemp("pairing")
    base = load_scenario(FILE, ["replications=20"])
    vans = base.scenario.fleets["county-van"].vehicles
    assert not isinstance(vans, str)
    number = f"fleets.county-van.vehicles={2 * int(vans.value)}"
    more = load_scenario(FILE, ["replications=20", number])
    results = [
        run_experiment(prepare(loaded), folder / name)
        for name, loaded in (("base", base), ("more", more))
    ]
    rows = compare_results(results).differences
    return {row.measure: row for row in rows if row.echelon in ("clinic", "")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measure", "least"),
    [
        ("T90", 5.0),
        ("time-in-system-mean", 5.0),
        ("lead-time-mean", 5.0),
        ("gini-arrival", 5.0),
        # T50 falls on the steepest hours of the curve, where a van more or less shifts different
        # counties in every run; coverage at the horizon has reached all but a few clinics.
        ("T50", 3.0),
        ("coverage", 1.0),
    ],
)
def test_pairing_narrows_the_interval(
    doubled: dict[str, Difference], measure: str, least: float
) -> None:
    row = doubled[measure]
    assert row.clear
    assert row.good is (measure != "gini-arrival")
    assert row.gain >= least
