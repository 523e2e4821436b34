"""A fault of a scenario, and what several checks ask of it."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.places import Echelon

#: Drawn sites and how deep they lie in the administrative tree.
DEPTH = {"prefectures": 1, "counties": 2, "village-clinics": 4, "township-health-centres": 4}


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem without its position: the loader knows where ``path`` stands."""

    path: tuple[str | int, ...]
    expected: str
    found: str
    hint: str = ""


def is_facility(echelon: Echelon) -> bool:
    """Return whether goods end at the echelon, by the entitlement or total that it states."""
    return bool(echelon.entitlement or echelon.total)


def are_places(echelon: Echelon) -> bool:
    """Return whether the echelon draws places that hold stock: prefectures or counties."""
    return echelon.sites is not None and DEPTH[echelon.sites] < 4
