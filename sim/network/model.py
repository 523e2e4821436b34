"""What a network is: arrays of sites and facilities, and the names that their indexes stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.geography.nation import Nation
from sim.geography.regions import resolve
from sim.scenario.counties import CountySet
from sim.units import OPEN as OPEN

if TYPE_CHECKING:
    import networkx as nx

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Administrative levels that a site or facility can be looked up by.
LEVELS = ("province", "prefecture", "county")


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """All sites but facilities on tours; every array has one row a site.

    ``key`` names the site for ever (its random streams hang on it), ``name`` is for people.
    ``province``, ``prefecture`` and ``county`` are indexes into the nation's tables, -1 where the
    site has none; ``region`` is an index into the network's regions. ``lat`` and ``lon`` are NaN
    where nobody says where the site is. ``above`` is the site that supplies it by administration
    or because the file says so, -1 where a sourcing rule decides. ``need`` (sites × products) is
    what the facilities below, or the site itself where goods end there, are entitled to, in units:
    ``OPEN`` for whatever comes. ``attributes`` are the numbers that listed sites state, NaN for
    the others; ``closed`` are sites that take no part.
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
    region: Ints
    above: Ints
    need: Ints
    closed: NDArray[np.bool_]
    attributes: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True, slots=True, eq=False)
class Facilities:
    """The facilities of one echelon, in the order of their sites; arrays of one row each.

    ``site`` is the site that serves them, ascending. The points of drawn ones are synthetic (see
    ``sim.geography.villages``), and ``town`` is where they lie; ``key`` names listed ones, whose
    ``town`` is -1, as is ``number``, the facility's number in its town. ``entitlement`` (facilities
    × products) is what each is to get, in units: one row broadcast to all where they are to get the
    same. Nobody is in it who is to get nothing.
    """

    echelon: int
    site: Ints
    town: Ints
    number: Ints
    lat: Floats
    lon: Floats
    entitlement: Ints
    key: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.site)

    @property
    def is_even(self) -> bool:
        """Whether ``entitlement`` is one row for all."""
        return self.entitlement.strides[0] == 0


@dataclass(frozen=True, slots=True, eq=False)
class ListedLinks:
    """The links that a lane lists; arrays of one row each, in the order of the file.

    ``origin`` and ``destination`` are sites; ``km`` and ``hours`` (mean, one way) are NaN where the
    link does not say them; ``share`` is its weight in draws of where a lot goes.
    """

    lane: str
    origin: Ints
    destination: Ints
    km: Floats
    hours: Floats
    share: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Sites, facilities by echelon, listed links by lane, and the names that indexes stand for.

    ``regions`` are the provinces of the nation; without a geography, what the sites themselves say,
    in the order of the file. ``areas`` are the counties of the scenario's areas, by name; ``notes``
    say in words what was left out.
    """

    nation: Nation
    echelons: tuple[str, ...]
    products: tuple[str, ...]
    regions: tuple[str, ...]
    sites: Sites
    facilities: dict[int, Facilities] = field(default_factory=dict)
    links: dict[int, ListedLinks] = field(default_factory=dict)
    areas: dict[str, CountySet] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def in_regions(self, regions: list[str] | tuple[str, ...]) -> NDArray[np.bool_]:
        """Return which sites lie in any of the regions or areas; an empty list is the whole
        network."""
        if not regions:
            return np.ones(len(self.sites), bool)
        mask = np.zeros(len(self.sites), bool)
        for text in regions:
            if self.nation.name == "none":
                mask |= self.sites.region == self.regions.index(str(text))
            else:
                levels = {level: getattr(self.sites, level) for level in LEVELS}
                area = self.areas.get(text)
                if area is None:
                    mask |= region_mask(self.nation, text, levels)
                else:
                    mask |= area_mask(self.nation, area.counties, levels)
        return mask

    def of_echelon(self, echelon: int) -> Ints:
        """Return the indexes of the sites of an echelon."""
        return np.flatnonzero(self.sites.echelon == echelon)

    def row(self, name: str) -> int:
        """Return the index of a listed site, -1 for one that tours visit as a facility."""
        key = f"site/{name}"
        return self.sites.key.index(key) if key in self.sites.key else -1

    def graph(self) -> nx.DiGraph[str]:
        """Return the sites as a networkx graph, for reading and export.

        Edges are the administrative tree, who supplies whom by the file, and the links that lanes
        list: these say their lane and, where the file does, km, hours and share.
        """
        import networkx as nx  # late: nothing else asks for it

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
        for below in np.flatnonzero(sites.above >= 0):
            graph.add_edge(sites.key[sites.above[below]], sites.key[below])
        for links in self.links.values():
            for row, (origin, destination) in enumerate(
                zip(links.origin, links.destination, strict=True)
            ):
                said = {name: float(getattr(links, name)[row]) for name in ("km", "hours", "share")}
                known = {name: value for name, value in said.items() if not np.isnan(value)}
                graph.add_edge(sites.key[origin], sites.key[destination], lane=links.lane, **known)
        return graph


def same_rows_once(table: Ints) -> Ints:
    """Return a table whose rows are all alike as one row broadcast to all; others as they are."""
    if len(table) and (table == table[0]).all():
        return np.broadcast_to(table[0].copy(), table.shape)
    return table


def region_mask(nation: Nation, text: str, levels: dict[str, Ints]) -> NDArray[np.bool_]:
    """Return which places lie in a region; ``levels`` are their indexes by level.

    Raises:
        ValueError: there is no such region, or more than one.
    """
    region = resolve(nation, str(text))
    return np.asarray(levels[region.level] == region.index)


def area_mask(
    nation: Nation, counties: NDArray[np.bool_], levels: dict[str, Ints]
) -> NDArray[np.bool_]:
    """Return which places lie in an area, given as a mask of counties; ``levels`` are the places'
    indexes by level.

    A place above the counties, as a prefecture is, lies in it if any of its counties does.
    """
    prefectures = np.zeros(len(nation.prefectures), bool)
    prefectures[nation.counties.parent[counties]] = True
    provinces = np.zeros(len(nation.provinces), bool)
    provinces[nation.prefectures.parent[prefectures]] = True
    inside = np.zeros(len(levels["county"]), bool)
    for level, mask in zip(LEVELS, (provinces, prefectures, counties), strict=True):
        known = levels[level] >= 0  # the lowest level that is known decides
        inside[known] = mask[levels[level][known]]
    return inside
