"""Checks of facilities: how many there are, what they are to get, and the counties they lie in."""

from __future__ import annotations

from collections.abc import Iterator

from sim.geography.nation import load_nation
from sim.geography.regions import AmbiguousRegion, UnknownRegion, resolve
from sim.scenario.faults import COUNTED, DEPTH, Fault, are_places, is_facility
from sim.scenario.places import Echelon, Site
from sim.scenario.schema import Scenario

Path = tuple[str | int, ...]
#: Keys that say which facilities are drawn.
_DRAWING = ("count", "per_county", "largest", "smallest")


def facility_faults(scenario: Scenario, name: str, path: Path) -> Iterator[Fault]:
    """Return the faults of an echelon as one of facilities."""
    echelon = scenario.echelons[name]
    drawn = echelon.sites is not None and DEPTH[echelon.sites] == 4
    if is_facility(echelon):
        yield from _ends(scenario, name, path)
    elif drawn:
        yield Fault(path, "the entitlement of its facilities", "none")
    if drawn:
        yield from _drawing(echelon, path)
        return
    for key in _DRAWING:
        if getattr(echelon, key) is not None:
            why = "its sites are listed" if echelon.sites is None else f"it has {echelon.sites}"
            yield Fault(
                (*path, key.replace("_", "-")),
                f"no such key: only facilities are drawn so, and {why}",
                "one",
            )


def _ends(scenario: Scenario, name: str, path: Path) -> Iterator[Fault]:
    """What is stated of what facilities or places get must be where goods end."""
    echelon = scenario.echelons[name]
    lanes = scenario.lanes.items()
    onward = next((key for key, lane in lanes if lane.from_ == name and lane.is_planned), None)
    if onward is None or not (echelon.sites is None or are_places(echelon)):
        return
    why = "" if echelon.sites else 'the "need" of a site is for those of an echelon where goods end'
    for key in ("entitlement", "total"):
        if getattr(echelon, key):
            expected = f'no such key: goods go on from here along the lane "{onward}"'
            yield Fault((*path, key), expected, "one", why)


def _drawing(echelon: Echelon, path: Path) -> Iterator[Fault]:
    """How many facilities are drawn, and which of them."""
    count, limits = echelon.count, echelon.per_county
    if count is None and echelon.sites in COUNTED:
        expected = (
            f'the key "count": no table says how many {echelon.sites.replace("-", " ")} there are'
        )
        yield Fault(path, expected, "none")
    if limits is not None:
        if len(limits.value) != 2 or limits.value[0] > limits.value[1]:
            expected = "[fewest, most] in one county"
            yield Fault((*path, "per-county"), expected, str(limits.value))
        if count is None:
            expected = 'no such key without "count", the facilities that are shared out'
            yield Fault((*path, "per-county"), expected, "one")
    if echelon.largest is not None and echelon.smallest is not None:
        yield Fault((*path, "smallest"), 'either "largest" or "smallest"', "both")
    for key in ("largest", "smallest"):
        some = getattr(echelon, key)
        if some is not None and count is not None and some.value > count.value:
            expected = f"at most {count.value:,}, as there are in all"
            yield Fault((*path, key), expected, f"{some.value:,}")


def county_faults(scenario: Scenario, path: Path, site: Site) -> Iterator[Fault]:
    """Return the faults of the county that a listed site says it lies in."""
    if site.county is None:
        return
    where = (*path, "county")
    if scenario.geography.nation == "none":
        yield Fault(where, "no such key: there is no geography", f'"{site.county}"')
        return
    try:
        resolve(load_nation(scenario.geography.nation), site.county, "county")
    except AmbiguousRegion as error:
        choices = " or ".join(f'"{name}"' for name in error.choices[:8])
        yield Fault(where, "one county", f'"{site.county}"', f"it may be {choices}")
    except UnknownRegion as error:
        near = " or ".join(f'"{name}"' for name in error.suggestions)
        hint = f"did you mean {near}?" if near else ""
        yield Fault(where, "the name or code of a county", f'"{site.county}"', hint)
