"""Checks of goods: what is supplied and needed, and the waves in which it is released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sim.scenario.faults import Fault
from sim.scenario.schema import Scenario


def supply_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of what is supplied, and of what nobody needs."""
    needed = {p for e in scenario.echelons.values() for p in (*e.entitlement, *e.total)}
    needed |= {p for s in scenario.sites.values() for p, need in s.need.items() if need.value}
    open_sites = [site for site in scenario.sites.values() if not site.closed]
    lots = {s.product for s in scenario.supply.values() if not scenario.sites[s.site].closed}
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
    rest: set[str] = set()
    named: dict[tuple[str, str], str] = {}
    end = scenario.start + timedelta(hours=scenario.horizon.value)
    for lane in {wave.lane for wave in scenario.waves.values()}:
        waves = [wave for wave in scenario.waves.values() if wave.lane == lane]
        if not any(wave.regions.value == "rest" for wave in waves):
            yield Fault(
                ("waves",),
                f'a wave for the "rest" of the lane "{lane}"',
                "none",
                "regions of no wave would never be released",
            )
    for name, wave in scenario.waves.items():
        path = ("waves", name)
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
        if wave.regions.value == "rest":
            if wave.lane in rest:
                yield Fault((*path, "regions"), 'one wave for the "rest" of a lane', "another")
            rest.add(wave.lane)
            continue
        for index, region in enumerate(wave.regions.value):
            other = named.setdefault((wave.lane, str(region)), name)
            if other != name:
                yield Fault(
                    (*path, "regions", index),
                    "a region of one wave",
                    f'"{region}" also in "{other}"',
                )
