"""Sites and facilities that are drawn from the geography."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.geography.apportion import spread_evenly
from sim.geography.clinics import clinics_by_town, health_centres_by_town
from sim.geography.nation import Nation
from sim.geography.villages import village_points
from sim.network.model import LEVELS, Facilities, Ints, Sites, region_mask
from sim.scenario.chains import reached_from
from sim.scenario.faults import DEPTH
from sim.scenario.places import Echelon
from sim.scenario.schema import Scenario


def needs_by_county(scenario: Scenario, nation: Nation, echelon: str, by_town: Ints) -> Ints:
    """Return what the facilities of an echelon are entitled to (counties × products), in units."""
    need = np.zeros((len(nation.counties), len(scenario.products)), np.int64)
    by_county = np.bincount(nation.towns.parent, by_town, minlength=len(nation.counties)).astype(
        np.int64
    )
    for column, product in enumerate(scenario.products):
        due = scenario.echelons[echelon].entitlement.get(product)
        if due is not None:
            need[:, column] = by_county * due.value
    return need


def facilities_by_town(scenario: Scenario, nation: Nation, name: str) -> Ints:
    """Return the facilities of a drawn echelon by town, in the counties that take part."""
    if scenario.echelons[name].sites == "village-clinics":
        by_town = clinics_by_town(nation, scenario.geography.clinic_estimate)
    else:
        by_town = health_centres_by_town(nation)
    counties = counties_taking_part(scenario, nation, name)
    return np.where(counties[nation.towns.parent], by_town, 0).astype(np.int64)


def counties_taking_part(scenario: Scenario, nation: Nation, name: str) -> NDArray[np.bool_]:
    """Return which counties take part in the chain that ends at a drawn echelon.

    A county does if the geography's regions and those of every drawn echelon that leads to the end
    hold it: who restricts the cities restricts all that lies below them.
    """
    chain = [
        echelon.regions.value
        for other, echelon in scenario.echelons.items()
        if echelon.sites is not None and name in reached_from(scenario, other)
    ]
    tree = _tree(nation, DEPTH["counties"])
    return _taking_part(nation, tree, scenario.geography.regions.value, *chain)


def needs_of_places(scenario: Scenario, nation: Nation, name: str) -> Ints:
    """Return what prefectures or counties are to get where goods end there (places × products).

    Each that takes part gets the echelon's entitlement and its part of the total, in the order of
    their codes. Functional zones are none of them: they are parts of counties. A prefecture takes
    part if one of its counties does. Raises ValueError if no place does.
    """
    echelon = scenario.echelons[name]
    counties = counties_taking_part(scenario, nation, name) & ~nation.counties.functional_zone
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


def drawn_sites(nation: Nation, name: str, echelon: Echelon, need: Ints) -> dict[str, Any]:
    """Return the columns of the sites of a drawn echelon: the places that need something (``need``,
    places × products), for themselves or for those below them.

    Several echelons may draw the same places, so the echelon's name is part of a site's key.
    """
    assert echelon.sites is not None
    tree = _tree(nation, DEPTH[echelon.sites])
    places = nation.level(level_of(echelon))
    chosen = np.flatnonzero(need.any(axis=1))
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
    lane = next(lane for lane in scenario.lanes.values() if lane.to == name)
    origin = scenario.echelons[lane.from_]
    if origin.sites is None:
        return np.full(len(part["key"]), -1)
    above = np.asarray(site_of[lane.from_][part[level_of(origin)]])
    if (above < 0).any():
        raise ValueError(
            f'some sites of "{name}" lie in places that are not sites of "{lane.from_}"'
        )
    return above


def drawn_facilities(
    nation: Nation,
    sites: Sites,
    origin: int,
    echelon: int,
    by_town: Ints,
    entitlement: tuple[int, ...],
) -> Facilities:
    """Return the facilities of a drawn echelon, at synthetic points, below the sites of their
    counties. Raises ValueError if a county has none."""
    mine = np.flatnonzero(sites.echelon == origin)
    site_of_county = np.full(len(nation.counties), -1)
    site_of_county[sites.county[mine]] = mine
    points = village_points(nation, by_town)
    site = site_of_county[nation.towns.parent[points.town]]
    if (site < 0).any():
        raise ValueError("some facilities lie in counties that are not sites of the echelon above")
    order = np.argsort(site, kind="stable")
    if not (order[1:] > order[:-1]).all():
        points_lat, points_lon = points.lat[order], points.lon[order]
        town, site = points.town[order], site[order]
    else:
        points_lat, points_lon, town = points.lat, points.lon, points.town
    return Facilities(
        echelon, site.astype(np.int32), town.astype(np.int32), points_lat, points_lon, entitlement
    )


def _taking_part(
    nation: Nation, levels: dict[str, Ints], *filters: str | list[str]
) -> NDArray[np.bool_]:
    mask = np.ones(len(levels["province"]), bool)
    for regions in filters:
        if regions != "all":
            inside = np.zeros(len(mask), bool)
            for text in regions:
                inside |= region_mask(nation, text, levels)
            mask &= inside
    return mask


def _tree(nation: Nation, depth: int) -> dict[str, Ints]:
    """Return province, prefecture and county of every place at a depth of the tree, or -1."""
    if depth == DEPTH["prefectures"]:
        prefecture = np.arange(len(nation.prefectures))
        county = np.full(len(prefecture), -1)
    else:
        county = np.arange(len(nation.counties))
        prefecture = nation.counties.parent.astype(np.int64)
    province = nation.prefectures.parent[prefecture].astype(np.int64)
    return {"province": province, "prefecture": prefecture, "county": county}
