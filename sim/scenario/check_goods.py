"""Checks of goods: what is supplied and needed, and the waves in which it is released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from math import isinf

from sim.errors import did_you_mean
from sim.scenario.chains import ends_beyond
from sim.scenario.faults import Fault
from sim.scenario.flow import Wave
from sim.scenario.schema import Scenario

Path = tuple[str | int, ...]


def supply_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of what is supplied, and of what nobody needs."""
    needed = {p for echelon in scenario.echelons.values() for p in echelon.due}
    needed |= {p for s in scenario.sites.values() for p, need in s.need.items() if need.value}
    needed |= {request.product for request in scenario.requests.values()}
    open_sites = [site for site in scenario.sites.values() if not site.closed]
    lots = {
        lots.product
        for lots in scenario.supply.values()
        if lots.site is None or not scenario.sites[lots.site].closed
    }
    for product in scenario.products:
        if product not in needed:
            yield Fault(
                ("products", product), "a product that some facility or site is to get", "none"
            )
        elif product not in lots and not any(
            (product in s.stock and s.stock[product].value)
            or (product in s.output and s.output[product].value.units)
            for s in open_sites
        ):
            yield Fault(
                ("products", product), "an open site with stock, output or supply of it", "none"
            )


def wave_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of waves."""
    end = scenario.start + timedelta(hours=scenario.horizon.value)
    for lane in dict.fromkeys(wave.lane for wave in scenario.waves.values()):
        yield from _rest_of_lane(scenario, lane)
    for name, wave in scenario.waves.items():
        path = ("waves", name)
        if not scenario.lanes[wave.lane].is_planned:
            yield Fault(
                (*path, "lane"),
                "a lane without sharing",
                f'"{wave.lane}"',
                "what is asked for is given as soon as it is there",
            )
        if scenario.lanes[wave.lane].tours is not None:
            yield Fault(
                (*path, "lane"),
                "a lane without tours",
                f'"{wave.lane}"',
                "tours leave as soon as their goods are there",
            )
        earliest, latest = wave.release
        if latest < earliest:
            yield Fault((*path, "release"), "[earliest, latest]", "the later time first")
        outside = next((t for t in wave.release if not scenario.start <= t <= end), None)
        if outside is not None:
            yield Fault(
                (*path, "release"),
                f"a time between the start and the horizon, {end.isoformat()}",
                outside.isoformat(),
            )
        yield from _ends(scenario, path, wave)
        yield from _regions(scenario, path, wave)


def _rest_of_lane(scenario: Scenario, lane: str) -> Iterator[Fault]:
    """All that goes along a lane with waves is in one of them."""
    rest = [w for w in scenario.waves.values() if w.lane == lane and w.regions.value == "rest"]
    what = f'a wave for the "rest" of the lane "{lane}"'
    if not rest:
        yield Fault(("waves",), what, "none", "regions of no wave would never be released")
        return
    if all(wave.for_ for wave in rest):
        held = {end for wave in rest for end in wave.for_}
        left = [f'"{end}"' for end in ends_beyond(scenario, lane) if end not in held]
        if left:
            what += f", of what is for {' and '.join(left)}"
            yield Fault(("waves",), what, "none", "it would never be released")


def _ends(scenario: Scenario, path: Path, wave: Wave) -> Iterator[Fault]:
    """A wave is for ends that its goods reach, and of which everybody's need is known."""
    ends = ends_beyond(scenario, wave.lane)
    if wave.for_ and _takes_all(scenario, ends):
        yield Fault(
            (*path, "for"),
            f'no such key: nobody knows what is for whom on the lane "{wave.lane}"',
            "one",
            'some site beyond it takes whatever comes: its "need" is "all"',
        )
    for index, name in enumerate(wave.for_):
        where = (*path, "for", index)
        if name not in ends:
            known = ", ".join(ends) or "there is none"
            yield Fault(
                where,
                f'an echelon at which goods of the lane "{wave.lane}" end ({known})',
                f'"{name}"',
                did_you_mean(name, ends),
            )
        elif name in wave.for_[:index]:
            yield Fault(where, "each echelon once", f'"{name}" again')


def _takes_all(scenario: Scenario, ends: list[str]) -> bool:
    sites = (site for site in scenario.sites.values() if site.echelon in ends)
    return any(isinf(need.value) for site in sites for need in site.need.values())


def _regions(scenario: Scenario, path: Path, wave: Wave) -> Iterator[Fault]:
    """A region, or the rest, is in one wave of a lane, or in several for different ends."""
    before = list(scenario.waves.items())[: list(scenario.waves).index(str(path[1]))]
    others = [(name, other) for name, other in before if other.lane == wave.lane]
    rests = [other for _, other in others if other.regions.value == "rest"]
    if wave.regions.value == "rest":
        if any(bool(other.for_) == bool(wave.for_) and _share(other, wave) for other in rests):
            yield Fault((*path, "regions"), 'one wave for the "rest" of a lane', "another")
        return
    for index, region in enumerate(wave.regions.value):
        for name, other in others:
            if other not in rests and region in other.regions.value and _share(other, wave):
                yield Fault(
                    (*path, "regions", index),
                    "a region of one wave",
                    f'"{region}" also in "{name}"',
                )
                break


def _share(one: Wave, other: Wave) -> bool:
    """Return whether two waves of a lane may both hold what is for some end."""
    return not one.for_ or not other.for_ or not set(one.for_).isdisjoint(other.for_)
