"""Sites and facilities that the scenario lists, and the links that its lanes list."""

from __future__ import annotations

from math import isinf
from typing import Any

import numpy as np

from sim.geography.apportion import spread_evenly
from sim.geography.distance import great_circle_km
from sim.geography.nation import Nation
from sim.geography.regions import Region, resolve
from sim.network.model import (
    LEVELS,
    OPEN,
    Facilities,
    Ints,
    ListedLinks,
    Sites,
    same_rows_once,
)
from sim.scenario.flow import Lane
from sim.scenario.places import Site
from sim.scenario.schema import Scenario


def listed_regions(scenario: Scenario) -> tuple[str, ...]:
    """Return the regions that the listed sites say, each once, in the order of the file."""
    return tuple(dict.fromkeys(s.region for s in scenario.sites.values() if s.region is not None))


def listed_due(scenario: Scenario, echelon: str) -> Ints:
    """Return what the listed sites of an echelon are to get for themselves, in units (sites ×
    products), in the order of the file.

    Closed sites get nothing. The others share the echelon's totals evenly; what a site states as
    its own need stands instead of its entitlement and its part of a total, product by product.
    """
    mine = [site for site in scenario.sites.values() if site.echelon == echelon]
    stated, taking_part = scenario.echelons[echelon], [not site.closed for site in mine]
    due = np.zeros((len(mine), len(scenario.products)), np.int64)
    for column, product in enumerate(scenario.products):
        if product in stated.entitlement:
            due[taking_part, column] = stated.entitlement[product].value
        if product in stated.total and any(taking_part):
            whole = stated.total[product].value
            due[taking_part, column] += spread_evenly(whole, sum(taking_part))
        for row, site in enumerate(mine):
            if product in site.need and taking_part[row]:
                need = site.need[product].value
                due[row, column] = OPEN if isinf(need) else int(need)
    return due


def listed_sites(scenario: Scenario, nation: Nation, echelon: str) -> dict[str, Any]:
    """Return the columns of the listed sites of an echelon; their suppliers come later."""
    mine = {name: site for name, site in scenario.sites.items() if site.echelon == echelon}
    regions = listed_regions(scenario)
    places = [_place(nation, site) for site in mine.values()]
    levels = np.array([place[2] for place in places], np.int64).reshape(-1, 3)
    return {
        "key": [f"site/{name}" for name in mine],
        "name": [site.title or name for name, site in mine.items()],
        "code": np.zeros(len(mine), np.int64),
        "lat": np.array([place[0] for place in places]),
        "lon": np.array([place[1] for place in places]),
        "above": np.full(len(mine), -1),
        "need": listed_due(scenario, echelon),
        "region": levels[:, 0]
        if nation.name != "none"
        else np.array([regions.index(s.region) if s.region else -1 for s in mine.values()], int),
        "closed": np.array([site.closed for site in mine.values()], bool),
        **{level: levels[:, column] for column, level in enumerate(LEVELS)},
    }


def _place(nation: Nation, site: Site) -> tuple[float, float, tuple[int, int, int]]:
    """Return latitude, longitude, and the province, prefecture and county that the site lies in:
    those of the county that it states, or else of the place that it is at."""
    levels, point = (-1, -1, -1), (np.nan, np.nan)
    if isinstance(site.at, list):
        point = site.at[0], site.at[1]
    elif site.at is not None:
        region = resolve(nation, str(site.at))
        place = nation.level(region.level)
        point = float(place.lat[region.index]), float(place.lon[region.index])
        levels = _levels(nation, region)
    if site.county is not None:
        levels = _levels(nation, resolve(nation, site.county, "county"))
    return *point, levels


def _levels(nation: Nation, region: Region) -> tuple[int, int, int]:
    """Return the province, prefecture and county that a region lies in, -1 below its own level."""
    county = region.index if region.level == "county" else -1
    if region.level == "province":
        return region.index, -1, -1
    prefecture = int(nation.counties.parent[county]) if county >= 0 else region.index
    return int(nation.prefectures.parent[prefecture]), prefecture, county


def attributes_of(scenario: Scenario, keys: tuple[str, ...]) -> dict[str, Any]:
    """Return every attribute that some listed site states, by site, NaN for those without it."""
    row = {key: index for index, key in enumerate(keys)}
    columns: dict[str, Any] = {}
    for name, site in scenario.sites.items():
        for attribute, value in site.attributes.items():
            column = columns.setdefault(attribute, np.full(len(keys), np.nan))
            if f"site/{name}" in row:
                column[row[f"site/{name}"]] = value
    return columns


def suppliers(scenario: Scenario, keys: tuple[str, ...], above: Ints) -> Ints:
    """Return ``above`` with the sites that listed sites are supplied by filled in."""
    row = {key: index for index, key in enumerate(keys)}
    result = above.copy()
    for name, site in scenario.sites.items():
        if site.supplied_by is not None and f"site/{name}" in row:
            result[row[f"site/{name}"]] = row[f"site/{site.supplied_by}"]
    return result


def listed_facilities(
    scenario: Scenario, nation: Nation, sites: Sites, lane: Lane, echelon: int
) -> Facilities:
    """Return the listed facilities that the tours of a lane visit.

    Each is served by the site that supplies it, or by the nearest open site (great circle) from
    which the lane starts; closed facilities and those that are to get nothing are left out. Raises
    ValueError if no site is open.
    """
    names = list(scenario.echelons)
    start = np.flatnonzero((sites.echelon == names.index(lane.from_)) & ~sites.closed)
    if not len(start):
        raise ValueError(f'no site of "{lane.from_}" is open: the tours start nowhere')
    part = listed_sites(scenario, nation, lane.to)
    near = start[
        np.argmin(
            great_circle_km(
                part["lat"][:, None], part["lon"][:, None], sites.lat[start], sites.lon[start]
            ),
            axis=1,
        )
    ]
    by = [scenario.sites[key.removeprefix("site/")].supplied_by for key in part["key"]]
    row = {sites.key[index]: index for index in start}
    site = np.array(
        [row.get(f"site/{name}", nearest) for name, nearest in zip(by, near, strict=True)], int
    )
    order = np.flatnonzero(part["need"].any(axis=1))
    order = order[np.argsort(site[order], kind="stable")]
    return Facilities(
        echelon,
        site[order].astype(np.int32),
        np.full(len(order), -1, np.int32),
        np.full(len(order), -1, np.int32),
        part["lat"][order],
        part["lon"][order],
        same_rows_once(part["need"][order]),
        key=tuple(part["key"][index] for index in order),
    )


def listed_links(scenario: Scenario, keys: tuple[str, ...]) -> dict[int, ListedLinks]:
    """Return the links of the lanes that list them, by the lane's index."""
    row = {key: index for index, key in enumerate(keys)}
    result = {}
    for index, (name, lane) in enumerate(scenario.lanes.items()):
        if not lane.links:
            continue
        result[index] = ListedLinks(
            lane=name,
            origin=np.array([row[f"site/{link.from_}"] for link in lane.links]),
            destination=np.array([row[f"site/{link.to}"] for link in lane.links]),
            km=np.array([link.km.value if link.km else np.nan for link in lane.links]),
            hours=np.array([link.time.value if link.time else np.nan for link in lane.links]),
            share=np.array([link.share for link in lane.links], np.float64),
        )
    return result
