"""Sites that are drawn from the geography."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.geography.apportion import spread_evenly
from sim.geography.nation import Nation
from sim.network.model import LEVELS, Ints
from sim.scenario.chains import reached_from
from sim.scenario.counties import CountySet, counties_in
from sim.scenario.faults import DEPTH
from sim.scenario.places import Echelon
from sim.scenario.schema import Scenario


def counties_of(
    nation: Nation, areas: dict[str, CountySet], *filters: str | list[str]
) -> NDArray[np.bool_]:
    """Return which counties lie in the regions of every filter."""
    mask = np.ones(len(nation.counties), bool)
    for regions in filters:
        if regions != "all":
            mask &= counties_in(nation, regions, areas)
    return mask


def counties_taking_part(
    scenario: Scenario, nation: Nation, name: str, areas: dict[str, CountySet]
) -> NDArray[np.bool_]:
    """Return which counties take part in the chain that ends at an echelon.

    A county does if the geography's regions and those of every drawn echelon that leads to the end
    hold it: who restricts the cities restricts all that lies below them.
    """
    chain = [
        echelon.regions.value
        for other, echelon in scenario.echelons.items()
        if echelon.sites is not None and name in reached_from(scenario, other)
    ]
    return counties_of(nation, areas, scenario.geography.regions.value, *chain)


def needs_of_places(
    scenario: Scenario, nation: Nation, name: str, areas: dict[str, CountySet]
) -> Ints:
    """Return what prefectures or counties are to get where goods end there (places × products).

    Each that takes part gets the echelon's entitlement and its part of the total, in the order of
    their codes. Functional zones are none of them: they are parts of counties. A prefecture takes
    part if one of its counties does. Raises ValueError if no place does.
    """
    echelon = scenario.echelons[name]
    counties = counties_taking_part(scenario, nation, name, areas)
    counties = counties & ~nation.counties.functional_zone
    chosen, count = np.flatnonzero(counties), len(nation.counties)
    if echelon.sites == "prefectures":
        chosen, count = np.unique(nation.counties.parent[counties]), len(nation.prefectures)
    if not len(chosen):
        raise ValueError(f'no place of these regions is a site of "{name}", where goods are to end')
    need = np.zeros((count, len(scenario.products)), np.int64)
    for column, product in enumerate(scenario.products):
        if product in echelon.entitlement:
            need[chosen, column] += echelon.entitlement[product].value
        if product in echelon.total:
            need[chosen, column] += spread_evenly(echelon.total[product].value, len(chosen))
    return need


def needs_by_place(nation: Nation, echelon: Echelon, county_need: Ints) -> Ints:
    """Return the need of counties (× products) by the prefectures or counties of an echelon."""
    if echelon.sites != "prefectures":
        return county_need
    need = np.zeros((len(nation.prefectures), county_need.shape[1]), np.int64)
    np.add.at(need, nation.counties.parent, county_need)
    return need


def sharing_places(
    scenario: Scenario, nation: Nation, name: str, areas: dict[str, CountySet]
) -> NDArray[np.bool_] | None:
    """Return the places of a drawn echelon that only shares: all that take part, but statistical
    zones; None for an echelon with planned goods."""
    lanes = scenario.lanes.values()
    if any(lane.is_planned and name in (lane.from_, lane.to) for lane in lanes):
        return None
    echelon = scenario.echelons[name]
    assert echelon.sites is not None
    filters = (scenario.geography.regions.value, echelon.regions.value)
    counties = counties_of(nation, areas, *filters) & ~nation.counties.functional_zone
    if echelon.sites == "counties":
        return counties
    prefectures = np.zeros(len(nation.prefectures), bool)
    prefectures[nation.counties.parent[counties]] = True
    return prefectures


def drawn_sites(
    nation: Nation,
    name: str,
    echelon: Echelon,
    need: Ints,
    everywhere: NDArray[np.bool_] | None = None,
) -> dict[str, Any]:
    """Return the columns of the sites of a drawn echelon: the places that need something (``need``,
    places × products), for themselves or for those below them, or those of ``everywhere``.

    Several echelons may draw the same places, so the echelon's name is part of a site's key.
    """
    assert echelon.sites is not None
    tree = tree_of(nation, DEPTH[echelon.sites])
    places = nation.level(level_of(echelon))
    chosen = np.flatnonzero(need.any(axis=1) if everywhere is None else everywhere)
    return {
        "key": [f"{name}/{code}" for code in places.code[chosen]],
        "name": [places.name[i] for i in chosen],
        "code": places.code[chosen].astype(np.int64),
        "lat": places.lat[chosen],
        "lon": places.lon[chosen],
        "need": need[chosen],
        "region": tree["province"][chosen],
        "closed": np.zeros(len(chosen), bool),
        **{key: tree[key][chosen] for key in LEVELS},
    }


def site_of_place(nation: Nation, echelon: Echelon, part: dict[str, Any], first: int) -> Ints:
    """Return the site of an echelon at each of its prefectures or counties, -1 for none; the
    echelon's sites are the columns ``part`` and begin at row ``first``."""
    level = level_of(echelon)
    rows = np.full(len(nation.level(level)), -1)
    rows[part[level]] = np.arange(first, first + len(part["key"]))
    return rows


def level_of(echelon: Echelon) -> str:
    """Return the administrative level of the sites of a drawn echelon."""
    return "prefecture" if echelon.sites == "prefectures" else "county"


def sites_above(
    scenario: Scenario, name: str, part: dict[str, Any], site_of: dict[str, Ints]
) -> Ints:
    """Return, for each drawn site, the drawn site that supplies it, or -1 for a sourcing rule.

    ``site_of`` are the sites at places, by echelon. Raises ValueError if a site has none above.
    """
    arriving = (lane for lane in scenario.lanes.values() if lane.to == name and lane.is_planned)
    lane = next(arriving, None)
    if lane is None or scenario.echelons[lane.from_].sites is None:
        return np.full(len(part["key"]), -1)
    above = np.asarray(site_of[lane.from_][part[level_of(scenario.echelons[lane.from_])]])
    if (above < 0).any():
        raise ValueError(
            f'some sites of "{name}" lie in places that are not sites of "{lane.from_}"'
        )
    return above


def tree_of(nation: Nation, depth: int) -> dict[str, Ints]:
    """Return province, prefecture and county of every place at a depth of the tree, or -1."""
    if depth == DEPTH["prefectures"]:
        prefecture = np.arange(len(nation.prefectures))
        county = np.full(len(prefecture), -1)
    else:
        county = np.arange(len(nation.counties))
        prefecture = nation.counties.parent.astype(np.int64)
    province = nation.prefectures.parent[prefecture].astype(np.int64)
    return {"province": province, "prefecture": prefecture, "county": county}
