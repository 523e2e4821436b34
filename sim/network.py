"""The network of a scenario: sites and facilities as integer-indexed arrays.

Sites are everything that holds stock on the way (factories, cities, counties), in the order of the
echelons and, within one, of the file or of the administrative codes. Facilities (village clinics)
are kept apart: there are hundreds of thousands, and each hangs on one site.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from sim.geography.clinics import clinics_by_town, health_centres_by_town
from sim.geography.nation import Nation, load_nation
from sim.geography.regions import resolve
from sim.geography.villages import village_points
from sim.scenario.checks import DEPTH
from sim.scenario.places import Echelon
from sim.scenario.schema import Scenario

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Administrative levels that a site or facility can be looked up by.
LEVELS = ("province", "prefecture", "county")


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """All sites but facilities; every array has one row a site.

    ``key`` names the site for ever (its random streams hang on it), ``name`` is for people.
    ``province``, ``prefecture`` and ``county`` are indexes into the nation's tables, -1 where the
    site has none; ``above`` is the site of the echelon above that supplies it by administration,
    -1 where a sourcing rule decides. ``need`` (sites × products) is what the facilities below are
    entitled to, in units.
    """

    key: tuple[str, ...]
    name: tuple[str, ...]
    code: Ints
    echelon: Ints
    lat: Floats
    lon: Floats
    province: Ints
    prefecture: Ints
    county: Ints
    above: Ints
    need: Ints

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True, slots=True, eq=False)
class Facilities:
    """The facilities of one echelon, in the order of their sites; arrays of one row each.

    ``site`` is the site that serves them, ascending. Their points are synthetic (see
    ``sim.geography.villages``). ``entitlement`` is units of each product for every one of them.
    """

    echelon: int
    site: Ints
    town: Ints
    lat: Floats
    lon: Floats
    entitlement: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.site)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Sites, facilities by echelon, and the names that their indexes stand for."""

    nation: Nation
    echelons: tuple[str, ...]
    products: tuple[str, ...]
    sites: Sites
    facilities: dict[int, Facilities] = field(default_factory=dict)

    def in_regions(self, regions: list[str] | tuple[str, ...]) -> NDArray[np.bool_]:
        """Return which sites lie in any of the regions; an empty list is the whole nation."""
        if not regions:
            return np.ones(len(self.sites), bool)
        mask = np.zeros(len(self.sites), bool)
        for text in regions:
            mask |= _mask(self.nation, text, self._levels())
        return mask

    def _levels(self) -> dict[str, Ints]:
        return {level: getattr(self.sites, level) for level in LEVELS}

    def of_echelon(self, echelon: int) -> Ints:
        """Return the indexes of the sites of an echelon."""
        return np.flatnonzero(self.sites.echelon == echelon)

    def graph(self) -> nx.DiGraph[str]:
        """Return the administrative tree of sites as a networkx graph, for reading and export."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        sites = self.sites
        for index, key in enumerate(sites.key):
            graph.add_node(
                key,
                name=sites.name[index],
                echelon=self.echelons[sites.echelon[index]],
                lat=float(sites.lat[index]),
                lon=float(sites.lon[index]),
            )
            if sites.above[index] >= 0:
                graph.add_edge(sites.key[sites.above[index]], key)
        return graph


def _mask(nation: Nation, text: str, levels: dict[str, Ints]) -> NDArray[np.bool_]:
    region = resolve(nation, str(text))
    return np.asarray(levels[region.level] == region.index)


def build_network(scenario: Scenario) -> Network:
    """Lay out the sites and facilities that a scenario asks for.

    A site needs what the facilities at the end of its own chain of lanes are entitled to; sites
    below which no facility is entitled to anything are left out. Raises ValueError if none are
    left, or if some lie in a place whose site of the echelon above is left out.
    """
    nation = load_nation(scenario.geography.nation)
    echelons, products = tuple(scenario.echelons), tuple(scenario.products)
    facility_towns = {
        name: _facilities_by_town(scenario, nation, name)
        for name, echelon in scenario.echelons.items()
        if echelon.entitlement
    }
    county_need: dict[str, Ints] = {}
    for name, by_town in facility_towns.items():
        need = county_need[name] = np.zeros((len(nation.counties), len(products)), np.int64)
        by_county = np.bincount(
            nation.towns.parent, by_town, minlength=len(nation.counties)
        ).astype(np.int64)
        for column, product in enumerate(products):
            due = scenario.echelons[name].entitlement.get(product)
            if due is not None:
                need[:, column] = by_county * due.value
    if not any(need.any() for need in county_need.values()):
        raise ValueError("no facility of these regions is entitled to anything")
    sites = _lay_out_sites(scenario, nation, county_need)
    facilities = {}
    for lane in scenario.lanes.values():
        if lane.to in facility_towns:
            echelon = echelons.index(lane.to)
            entitlement = scenario.echelons[lane.to].entitlement
            facilities[echelon] = _lay_out_facilities(
                nation,
                sites,
                echelons.index(lane.from_),
                echelon,
                facility_towns[lane.to],
                tuple(entitlement[p].value if p in entitlement else 0 for p in products),
            )
    return Network(nation, echelons, products, sites, facilities)


def _taking_part(
    nation: Nation, levels: dict[str, Ints], *filters: str | list[str]
) -> NDArray[np.bool_]:
    mask = np.ones(len(levels["province"]), bool)
    for regions in filters:
        if regions != "all":
            inside = np.zeros(len(mask), bool)
            for text in regions:
                inside |= _mask(nation, text, levels)
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


def _end_of_chain(scenario: Scenario, echelon: str) -> str:
    """Return the echelon at which goods that pass an echelon end up."""
    following = {lane.from_: lane.to for lane in scenario.lanes.values()}
    while echelon in following:
        echelon = following[echelon]
    return echelon


def _facilities_by_town(scenario: Scenario, nation: Nation, name: str) -> Ints:
    """Return the facilities of an echelon by town, in the counties that take part.

    A county takes part if the geography's regions and those of every drawn echelon that leads to
    the facilities hold it: who restricts the cities restricts all that lies below them.
    """
    if scenario.echelons[name].sites == "village-clinics":
        by_town = clinics_by_town(nation, scenario.geography.clinic_estimate)
    else:
        by_town = health_centres_by_town(nation)
    chain = [
        echelon.regions.value
        for other, echelon in scenario.echelons.items()
        if echelon.sites is not None and _end_of_chain(scenario, other) == name
    ]
    counties = _taking_part(
        nation, _tree(nation, DEPTH["counties"]), scenario.geography.regions.value, *chain
    )
    return np.where(counties[nation.towns.parent], by_town, 0).astype(np.int64)


def _lay_out_sites(scenario: Scenario, nation: Nation, county_need: dict[str, Ints]) -> Sites:
    rows: list[dict[str, Ints | Floats | list[str]]] = []
    row_of: dict[int, Ints] = {}
    total = 0
    nothing = np.zeros((len(nation.counties), len(scenario.products)), np.int64)
    for index, (name, echelon) in enumerate(scenario.echelons.items()):
        if echelon.entitlement:
            continue
        if echelon.sites is None:
            part = _explicit_sites(scenario, nation, name, len(scenario.products))
        else:
            need = county_need.get(_end_of_chain(scenario, name), nothing)
            part = _drawn_sites(nation, echelon, need)
            part["above"] = _sites_above(scenario, nation, name, part, row_of)
        count = len(part["key"])
        part["echelon"] = np.full(count, index)
        if echelon.sites is not None:
            width = len(nation.prefectures if echelon.sites == "prefectures" else nation.counties)
            lookup = np.full(width, -1)
            level = "prefecture" if echelon.sites == "prefectures" else "county"
            lookup[np.asarray(part[level])] = np.arange(total, total + count)
            row_of[index] = lookup
        rows.append(part)
        total += count

    def column(key: str, dtype: type = np.int64) -> NDArray[np.generic]:
        return np.concatenate([np.asarray(part[key], dtype) for part in rows])

    return Sites(
        key=tuple(key for part in rows for key in part["key"]),
        name=tuple(key for part in rows for key in part["name"]),
        lat=column("lat", np.float64),  # type: ignore[arg-type]
        lon=column("lon", np.float64),  # type: ignore[arg-type]
        **{  # type: ignore[arg-type]
            key: column(key)
            for key in ("code", "echelon", "province", "prefecture", "county", "above", "need")
        },
    )


def _drawn_sites(
    nation: Nation, echelon: Echelon, county_need: Ints
) -> dict[str, Ints | Floats | list[str]]:
    assert echelon.sites is not None
    tree = _tree(nation, DEPTH[echelon.sites])
    if echelon.sites == "prefectures":
        places, level = nation.prefectures, "prefecture"
        need = np.zeros((len(places), county_need.shape[1]), np.int64)
        np.add.at(need, nation.counties.parent, county_need)
    else:
        places, level, need = nation.counties, "county", county_need  # type: ignore[assignment]
    chosen = np.flatnonzero(need.any(axis=1))
    return {
        "key": [f"{level}/{code}" for code in places.code[chosen]],
        "name": [places.name[i] for i in chosen],
        "code": places.code[chosen].astype(np.int64),
        "lat": places.lat[chosen],
        "lon": places.lon[chosen],
        "need": need[chosen],
        **{key: tree[key][chosen] for key in LEVELS},
    }


def _explicit_sites(
    scenario: Scenario, nation: Nation, echelon: str, products: int
) -> dict[str, Ints | Floats | list[str]]:
    mine = {name: site for name, site in scenario.sites.items() if site.echelon == echelon}
    points, levels = [], []
    for site in mine.values():
        if isinstance(site.at, list):
            points.append((site.at[0], site.at[1]))
            levels.append((-1, -1, -1))
            continue
        region = resolve(nation, str(site.at))
        place = nation.level(region.level)
        points.append((place.lat[region.index], place.lon[region.index]))
        county = region.index if region.level == "county" else -1
        prefecture = (
            nation.counties.parent[county]
            if county >= 0
            else region.index
            if region.level == "prefecture"
            else -1
        )
        province = nation.prefectures.parent[prefecture] if prefecture >= 0 else region.index
        levels.append((int(province), int(prefecture), county))
    table = np.array(levels, np.int64).reshape(-1, 3)
    return {
        "key": [f"site/{name}" for name in mine],
        "name": [site.title or name for name, site in mine.items()],
        "code": np.zeros(len(mine), np.int64),
        "lat": np.array([point[0] for point in points]),
        "lon": np.array([point[1] for point in points]),
        "above": np.full(len(mine), -1),
        "need": np.zeros((len(mine), products), np.int64),
        **{level: table[:, column] for column, level in enumerate(LEVELS)},
    }


def _sites_above(
    scenario: Scenario,
    nation: Nation,
    name: str,
    part: dict[str, Ints | Floats | list[str]],
    row_of: dict[int, Ints],
) -> Ints:
    """Return, for each drawn site, the drawn site that supplies it, or -1 for a sourcing rule."""
    lane = next(lane for lane in scenario.lanes.values() if lane.to == name)
    origin = scenario.echelons[lane.from_]
    if origin.sites is None:
        return np.full(len(part["key"]), -1)
    level = "prefecture" if origin.sites == "prefectures" else "county"
    rows = row_of[list(scenario.echelons).index(lane.from_)]
    above = np.asarray(rows[np.asarray(part[level])])
    if (above < 0).any():
        raise ValueError(
            f'some sites of "{name}" lie in places that are not sites of "{lane.from_}"'
        )
    return above


def _lay_out_facilities(
    nation: Nation,
    sites: Sites,
    origin: int,
    echelon: int,
    by_town: Ints,
    entitlement: tuple[int, ...],
) -> Facilities:
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
