"""Checks of areas: their names, what they say, and how many counties there are to choose from."""

from __future__ import annotations

from collections.abc import Iterator

from sim.geography.nation import Nation, load_nation
from sim.geography.regions import AmbiguousRegion, UnknownRegion, qualified_name, resolve
from sim.scenario.areas import Area
from sim.scenario.counties import county_sets
from sim.scenario.faults import Fault
from sim.scenario.schema import Scenario


def area_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of areas."""
    if not scenario.areas:
        return
    if scenario.geography.nation == "none":
        expected = "no areas: there is no geography that they could be a part of"
        yield Fault(("areas",), expected, ", ".join(f'"{name}"' for name in scenario.areas))
        return
    nation = load_nation(scenario.geography.nation)
    faults = [fault for name in scenario.areas for fault in _written(scenario, nation, name)]
    yield from faults
    late = {fault.path[1] for fault in faults}
    # An area is judged by its counties unless something is wrong with it, or with one that it uses.
    good: dict[str, Area] = {}
    for name, area in scenario.areas.items():
        used = {*area.regions, *area.without, *(area.choose.from_ if area.choose else ())}
        if name not in late and not any(n in scenario.areas and n not in good for n in used):
            good[name] = area
    for name, found in county_sets(good, nation).items():
        choose, count = good[name].choose, int(found.chosen.sum())
        if choose is not None and count < choose.counties.value:
            yield Fault(
                ("areas", name, "choose", "counties"),
                f"at most {count}: so many counties are there to choose from",
                f"{choose.counties.value:,}",
            )
        elif not found.counties.any():
            yield Fault(("areas", name), "an area with some county in it", "none")


def _written(scenario: Scenario, nation: Nation, name: str) -> Iterator[Fault]:
    path, area = ("areas", name), scenario.areas[name]
    region = _region_called(nation, name)
    if region:
        yield Fault(path, "a name that no region has", f'"{name}"', region)
    if area.is_empty:
        expected = 'the key "regions", "list", "file", "choose" or "without"'
        yield Fault(path, expected, "none")
    before = list(scenario.areas)[: list(scenario.areas).index(name)]
    named: dict[tuple[str, ...], list[str]] = {
        ("regions",): area.regions,
        ("choose", "from"): area.choose.from_ if area.choose else [],
        ("without",): area.without,
    }
    for key, texts in named.items():
        for index, text in enumerate(texts):
            if text in scenario.areas and text not in before:
                yield Fault(
                    (*path, *key, index),
                    "a region, or an area that is listed before this one",
                    f'"{text}"',
                )
    if area.choose and area.choose.draw is not None and area.choose.by != "chance":
        expected = f'no such key: nothing is drawn by "{area.choose.by}"'
        yield Fault((*path, "choose", "draw"), expected, f'"{area.choose.draw}"')


def _region_called(nation: Nation, name: str) -> str:
    """Return which region answers to the name of an area, in words; "" for none."""
    try:
        region = resolve(nation, name)
    except AmbiguousRegion as error:
        return "it may be " + " or ".join(f'"{choice}"' for choice in error.choices)
    except UnknownRegion:
        return ""
    return f'it is "{qualified_name(nation, region.level, region.index)}"'
