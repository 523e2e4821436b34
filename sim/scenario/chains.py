"""The chains of a scenario: which echelons goods reach along lanes, and where they end."""

from __future__ import annotations

from sim.scenario.schema import Scenario


def reached_from(scenario: Scenario, echelon: str) -> set[str]:
    """Return the echelons that goods can reach from an echelon along lanes, itself included; what
    is shared ends where it was asked for."""
    reached, new = set[str](), {echelon}
    while new:
        reached |= new
        lanes = (lane for lane in scenario.lanes.values() if lane.is_planned)
        new = {lane.to for lane in lanes if lane.from_ in new} - reached
    return reached


def sources_of(scenario: Scenario, echelon: str | None = None) -> list[str]:
    """Return the echelons to which no lane leads but from which one does, in the file's order;
    with ``echelon``, those from which goods reach it."""
    lanes = [lane for lane in scenario.lanes.values() if lane.from_ != lane.to]
    leaves, reached = {lane.from_ for lane in lanes}, {lane.to for lane in lanes}
    found = [name for name in scenario.echelons if name in leaves and name not in reached]
    if echelon is None:
        return found
    return [name for name in found if echelon in reached_from(scenario, name)]
