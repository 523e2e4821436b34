"""Which counties the regions and the areas of a scenario stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.geography.nation import Nation
from sim.geography.regions import members, resolve
from sim.scenario.areas import Area, Choice
from sim.streams import Streams, entity_ids

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class CountySet:
    """The counties of an area; masks over all counties of the nation.

    ``chosen`` are those that a rule added. ``doubtful`` are those that it has only because they are
    on the list of key counties, where no published list confirms them.
    """

    counties: Flags
    chosen: Flags
    doubtful: Flags


def county_sets(areas: Mapping[str, Area], nation: Nation) -> dict[str, CountySet]:
    """Return the counties of all areas, by name, in the order of the file.

    Where fewer counties are left than an area is to choose, it has all of these. Raises ValueError
    for a region that there is not, such as an area that is listed later.
    """
    known: dict[str, CountySet] = {}
    for name, area in areas.items():
        known[name] = _county_set(name, area, nation, known)
    return known


def counties_in(nation: Nation, regions: Iterable[str], areas: Mapping[str, CountySet]) -> Flags:
    """Return which counties lie in any of the regions or areas.

    Raises ValueError for a region that there is not, or that lies below the counties.
    """
    mask = np.zeros(len(nation.counties), bool)
    for text in regions:
        if text in areas:
            mask |= areas[text].counties
        else:
            region = resolve(nation, text)
            mask[members(nation, region.level, region.index, "county")] = True
    return mask


def _county_set(name: str, area: Area, nation: Nation, known: Mapping[str, CountySet]) -> CountySet:
    nothing = np.zeros(len(nation.counties), bool)
    left_out = counties_in(nation, area.without, known)
    counties = counties_in(nation, area.regions, known)
    sure = counties & ~_doubtful(nation, area.regions, known)
    if area.list_ is not None:
        keys = nation.key_counties
        sourced = keys.county[keys.sourced]
        counties[keys.county if area.list_ == "key-counties" else sourced] = True
        sure[sourced] = True
    chosen = nothing
    if area.choose is not None:
        chosen = _chosen(name, area.choose, nation, known, counties | left_out)
        sure |= chosen & ~_doubtful(nation, area.choose.from_, known)
    elif not area.regions and area.list_ is None:
        counties = sure = ~nothing  # all but what it leaves out
    counties = (counties | chosen) & ~left_out
    return CountySet(counties, chosen, counties & ~sure)


def _doubtful(nation: Nation, regions: Iterable[str], known: Mapping[str, CountySet]) -> Flags:
    """Return the counties that are in the regions because of an unverified list alone."""
    sure = np.zeros(len(nation.counties), bool)
    doubtful = sure.copy()
    for text in regions:
        mine = counties_in(nation, [text], known)
        if text in known:
            doubtful |= known[text].doubtful
            mine &= ~known[text].doubtful
        sure |= mine
    return doubtful & ~sure


def _chosen(
    name: str, choice: Choice, nation: Nation, known: Mapping[str, CountySet], taken: Flags
) -> Flags:
    """Return the counties that are chosen from those that are not ``taken``."""
    table = nation.counties
    free = ~taken & ~table.functional_zone
    if choice.from_:
        free &= counties_in(nation, choice.from_, known)
    candidates = np.flatnonzero(free)
    if choice.by == "chance":
        paths = [f"areas/{choice.draw or name}/county/{code}" for code in table.code[candidates]]
        rank = Streams(0, 0).table(entity_ids(paths), 1)[:, 0]
    else:
        rank = table.village_committees[candidates].astype(np.float64)
        if choice.by == "most-villages":
            rank = -rank
    first = candidates[np.lexsort((table.code[candidates], rank))][: choice.counties.value]
    mask = np.zeros(len(table), bool)
    mask[first] = True
    return mask
