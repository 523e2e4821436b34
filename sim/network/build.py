"""Lay out the network of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.geography.nation import Nation, load_nation
from sim.memo import Memo
from sim.network.drawn import (
    drawn_sites,
    needs_by_place,
    needs_of_places,
    sharing_places,
    site_of_place,
    sites_above,
)
from sim.network.facilities import (
    Served,
    drawn_facilities,
    hang_on_sites,
    listed_facilities_by_county,
    needs_by_county,
)
from sim.network.listed import (
    attributes_of,
    listed_due,
    listed_facilities,
    listed_links,
    listed_regions,
    listed_sites,
    suppliers,
)
from sim.network.model import Ints, Network, Sites
from sim.scenario.chains import reached_from
from sim.scenario.counties import CountySet, county_sets
from sim.scenario.faults import are_places, is_facility
from sim.scenario.schema import Scenario


def build_network(scenario: Scenario, memo: Memo | None = None) -> Network:
    """Lay out the sites and facilities that a scenario asks for.

    A drawn site needs what is due at the ends of its own lanes, to facilities or to itself; those
    below which nothing is due to anybody are left out, but where sites only share. Raises
    ValueError if nobody is entitled to anything or asks for it, if some lie in a place whose site
    of the echelon above is left out, or if there cannot be as many facilities as are asked for.
    With a ``memo``, points of facilities that were drawn before are taken from there.
    """
    nation = load_nation(scenario.geography.nation)
    echelons, products = tuple(scenario.echelons), tuple(scenario.products)
    areas = county_sets(scenario.areas, nation)
    served = _served_by_counties(scenario, nation, areas, memo)
    below = {name: needs_by_county(rows, len(nation.counties)) for name, rows in served.items()}
    own = {
        name: needs_of_places(scenario, nation, name, areas)
        for name, echelon in scenario.echelons.items()
        if is_facility(echelon) and are_places(echelon)
    }
    listed = {site.echelon for site in scenario.sites.values()} - set(served)
    entitled = any(need.any() for need in (*below.values(), *own.values()))
    if not entitled and not scenario.requests and not any(
        listed_due(scenario, name).any() for name in listed
    ):  # fmt: skip
        raise ValueError("no facility of these regions is entitled to anything")
    sites = _lay_out_sites(scenario, nation, below, own, areas)
    facilities = {}
    for lane in scenario.lanes.values():
        echelon = echelons.index(lane.to)
        if lane.to in served:
            origin = echelons.index(lane.from_)
            facilities[echelon] = hang_on_sites(served[lane.to], sites, origin, echelon)
        elif lane.tours is not None:
            visited = listed_facilities(scenario, nation, sites, lane, echelon)
            np.add.at(sites.need, visited.site, visited.entitlement)
            facilities[echelon] = visited
    return Network(
        nation=nation,
        echelons=echelons,
        products=products,
        regions=listed_regions(scenario) if nation.name == "none" else nation.provinces.name,
        sites=sites,
        facilities=facilities,
        links=listed_links(scenario, sites.key),
        areas=areas,
        notes=tuple(note for name, rows in served.items() for note in _notes(name, rows)),
    )


def _notes(name: str, rows: Served) -> Iterator[str]:
    if rows.doubt:
        yield rows.doubt
    if rows.left_out:
        where = f'sites listed for "{name}" that lie where nobody takes part are left out'
        yield f"{where}: {rows.left_out:,}"


def _served_by_counties(
    scenario: Scenario, nation: Nation, areas: dict[str, CountySet], memo: Memo | None
) -> dict[str, Served]:
    """Return the facilities that drawn counties serve, by echelon."""
    found = {}
    for name, echelon in scenario.echelons.items():
        if echelon.sites is not None and echelon.due and not are_places(echelon):
            found[name] = drawn_facilities(scenario, nation, name, areas, memo)
    for lane in scenario.lanes.values():
        drawn = scenario.echelons[lane.from_].sites is not None
        if drawn and lane.tours is not None and lane.to not in found:
            found[lane.to] = listed_facilities_by_county(scenario, nation, lane.to, areas)
    return found


def _lay_out_sites(
    scenario: Scenario,
    nation: Nation,
    below: dict[str, Ints],
    own: dict[str, Ints],
    areas: dict[str, CountySet],
) -> Sites:
    """Lay out the sites; ``below`` is the need of facilities by end and county, and ``own`` that of
    the places of each end that is no facility."""
    parts: list[dict[str, Any]] = []
    site_of: dict[str, Ints] = {}
    total = 0
    nothing = np.zeros((len(nation.counties), len(scenario.products)), np.int64)
    counties = below | {
        name: need for name, need in own.items() if scenario.echelons[name].sites == "counties"
    }
    toured = {lane.to for lane in scenario.lanes.values() if lane.tours is not None}
    for index, (name, echelon) in enumerate(scenario.echelons.items()):
        if name in below or name in toured:
            continue
        if echelon.sites is None:
            part = listed_sites(scenario, nation, name)
        else:
            ends = [counties[end] for end in reached_from(scenario, name) if end in counties]
            need = own.get(name, needs_by_place(nation, echelon, sum(ends, nothing)))
            everywhere = sharing_places(scenario, nation, name, areas)
            part = drawn_sites(nation, name, echelon, need, everywhere)
            part["above"] = sites_above(scenario, name, part, site_of)
            site_of[name] = site_of_place(nation, echelon, part, total)
        part["echelon"] = np.full(len(part["key"]), index)
        parts.append(part)
        total += len(part["key"])

    def column(name: str, dtype: type = np.int64) -> NDArray[Any]:
        return np.concatenate([np.asarray(part[name], dtype) for part in parts])

    key = tuple(key for part in parts for key in part["key"])
    return Sites(
        key=key,
        name=tuple(name for part in parts for name in part["name"]),
        lat=column("lat", np.float64),
        lon=column("lon", np.float64),
        closed=column("closed", np.bool_),
        above=suppliers(scenario, key, column("above")),
        attributes=attributes_of(scenario, key),
        **{
            name: column(name)
            for name in ("code", "echelon", "province", "prefecture", "county", "region", "need")
        },
    )
