"""Checks of expected values: the measure exists, and so does what it is about."""

from __future__ import annotations

from collections.abc import Iterator

from sim.catalogue import CATALOGUE, find_measure
from sim.errors import did_you_mean
from sim.scenario.faults import Fault
from sim.scenario.schema import Scenario


def expected_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of this kind."""
    known = _entities(scenario)
    for name, case in scenario.expected.items():
        path = ("expected", name)
        yield from _measure(scenario, (*path, "measure"), case.measure)
        if case.entity and case.entity not in known:
            yield Fault(
                (*path, "entity"),
                "a station, fleet, lane, consumption or request, or STATION@SITE of a station that "
                "lists its sites",
                f'"{case.entity}"',
                did_you_mean(case.entity, known),
            )


def _measure(scenario: Scenario, path: tuple[str | int, ...], name: str) -> Iterator[Fault]:
    try:
        find_measure(name)
    except KeyError:
        hint = did_you_mean(name, list(CATALOGUE))
        yield Fault(path, "a measure of the catalogue", f'"{name}"', hint)
        return
    percent = name.rpartition("-p")[2]
    wanted = "NN" if name in CATALOGUE and percent == "NN" else percent
    is_family = name not in CATALOGUE or wanted == "NN"
    if is_family and wanted not in map(str, scenario.percentiles):
        listed = ", ".join(map(str, scenario.percentiles))
        yield Fault(path, f"one of the scenario's percentiles ({listed})", f'"{name}"')


def _entities(scenario: Scenario) -> list[str]:
    tables = (
        scenario.stations, scenario.fleets, scenario.lanes, scenario.consumption, scenario.requests
    )  # fmt: skip
    return [
        *(name for table in tables for name in table),
        *(f"{name}@{site}" for name, spec in scenario.stations.items() for site in spec.sites),
    ]
