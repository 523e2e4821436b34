"""A fault of a scenario, and what several checks ask of it."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.places import Echelon
from sim.scenario.schema import Scenario

#: Drawn sites and how deep they lie in the administrative tree.
DEPTH = {
    "prefectures": 1,
    "counties": 2,
    "village-clinics": 4,
    "township-health-centres": 4,
    "nursing-homes": 4,
    "households": 4,
}
#: Drawn facilities of which no table says how many there are.
COUNTED = ("nursing-homes", "households")
#: More lots, asks or departures than this would fill the memory, and are a slip of a unit.
MOST_TIMES = 10_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem without its position: the loader knows where ``path`` stands."""

    path: tuple[str | int, ...]
    expected: str
    found: str
    hint: str = ""


def is_facility(echelon: Echelon) -> bool:
    """Return whether goods end at the echelon, by the entitlement or total that it states."""
    return bool(echelon.due)


def are_places(echelon: Echelon) -> bool:
    """Return whether the echelon draws places that hold stock: prefectures or counties."""
    return echelon.sites is not None and DEPTH[echelon.sites] < 4


def ends_at(scenario: Scenario, name: str) -> bool:
    """Return whether goods end at an echelon: by what it states, or by needs of its sites."""
    return is_facility(scenario.echelons[name]) or any(
        need.value
        for site in scenario.sites.values()
        if site.echelon == name
        for need in site.need.values()
    )


def gets_alike(scenario: Scenario, name: str) -> bool:
    """Return whether an echelon is one of facilities that are all to get the same: then units
    covered are facilities covered."""
    echelon = scenario.echelons[name]
    return bool(echelon.entitlement and not echelon.total) and not any(
        site.need for site in scenario.sites.values() if site.echelon == name
    )
