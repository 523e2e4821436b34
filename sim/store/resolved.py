"""The resolved scenario of a folder, read within bounds: workers, who read none, need no schema."""

from __future__ import annotations

from pathlib import Path

from sim.scenario.load import LoadedScenario, load_scenario

#: Most bytes of a resolved scenario, which has all tables in it.
MOST_SCENARIO = 50 * 10**6


def read_resolved(folder: Path) -> LoadedScenario:
    """Return the scenario that a result folder holds, resolved.

    Raises:
        ScenarioError: it is not there, or not valid.
    """
    return load_scenario(folder / "scenario.toml", most=MOST_SCENARIO)
