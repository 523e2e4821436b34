"""Facilities below drawn counties: which there are, what each is to get, and who serves them.

They are drawn from the geography or listed in the file; either way each lies in a county, and what
all of a county's facilities are to get is what the county needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.geography.apportion import spread_evenly
from sim.geography.facilities import (
    facility_points,
    largest_first,
    shared_by_town,
    weights_by_town,
)
from sim.geography.nation import Nation
from sim.geography.villages import numbered
from sim.memo import Memo
from sim.network.drawn import counties_taking_part, tree_of
from sim.network.listed import listed_due, listed_sites
from sim.network.model import Facilities, Floats, Ints, Sites, same_rows_once
from sim.scenario.counties import CountySet, county_sets
from sim.scenario.faults import DEPTH
from sim.scenario.places import Echelon
from sim.scenario.schema import Scenario

Flags = NDArray[np.bool_]
#: So many times the usual number of facilities is worth a note.
_CROWDED = 3


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """The facilities of one echelon, before their counties are sites; arrays of one row each.

    ``county`` is an index into the nation's counties; ``left_out`` counts the listed ones that lie
    where nobody takes part, and ``doubt`` says what is odd about the drawn ones. All else is as in
    ``Facilities``.
    """

    county: NDArray[Any]
    town: NDArray[np.int32]
    number: NDArray[np.int32]
    lat: Floats
    lon: Floats
    entitlement: Ints
    key: tuple[str, ...] = ()
    left_out: int = 0
    doubt: str = ""

    @property
    def is_even(self) -> bool:
        """Whether ``entitlement`` is one row for all."""
        return self.entitlement.strides[0] == 0


def drawn_facilities(
    scenario: Scenario,
    nation: Nation,
    name: str,
    areas: dict[str, CountySet],
    memo: Memo | None = None,
) -> Served:
    """Return the facilities of a drawn echelon, in the order of towns, at synthetic points.

    Raises ValueError, naming the echelon, for more of them than there can be.
    """
    echelon = scenario.echelons[name]
    assert echelon.sites is not None
    inside = counties_taking_part(scenario, nation, name, areas)[nation.towns.parent]
    by_town = np.where(
        inside, weights_by_town(nation, echelon.sites, scenario.geography.clinic_estimate), 0
    ).astype(np.int64)
    doubt = _doubt(name, echelon, int(by_town.sum()))
    try:
        if echelon.count is not None:
            limits = echelon.per_county.value if echelon.per_county is not None else None
            by_town = shared_by_town(
                nation,
                echelon.sites,
                by_town,
                echelon.count.value,
                (limits[0], limits[1]) if limits is not None else None,
            )
        town, number = numbered(by_town)
        chosen = _by_size(echelon, nation, town, number)
    except ValueError as error:
        raise ValueError(f"echelons.{name}: {error}") from None
    if chosen is not None:
        town, number = town[chosen], number[chosen]
    entitlement = _entitlement(scenario, echelon, len(town))
    some = entitlement.any(axis=1)
    if not some.all():
        town, number, entitlement = town[some], number[some], entitlement[some]
    lat, lon = facility_points(nation, echelon.sites, town, number, memo)
    county = nation.towns.parent[town]
    due = same_rows_once(entitlement)
    return Served(county, town, number, lat, lon, due, doubt=doubt)


def _doubt(name: str, echelon: Echelon, usual: int) -> str:
    """Return a note where far more facilities are asked for than such regions have: most often a
    count of the whole nation that was kept while the regions were cut down."""
    if echelon.count is None or echelon.sites == "households" or echelon.sites is None:
        return ""
    if echelon.count.value <= _CROWDED * usual or not usual:
        return ""
    what = "towns and townships" if echelon.sites == "nursing-homes" else "by the estimate"
    kind = echelon.sites.replace("-", " ")
    return (
        f'"{name}" is to have {echelon.count.value:,} {kind} in regions with {usual:,} {what}: '
        "is that the count of these regions?"
    )


def _by_size(
    echelon: Echelon, nation: Nation, town: NDArray[np.int32], number: NDArray[np.int32]
) -> Ints | None:
    """Return the rows of the largest or smallest facilities, in their order; None for all."""
    assert echelon.sites is not None
    some = echelon.largest or echelon.smallest
    if some is None:
        return None
    if some.value > len(town):
        raise ValueError(f"{some.value:,} facilities are asked for, but there are {len(town):,}")
    rows = largest_first(nation, echelon.sites, town, number)
    return np.sort(rows[: some.value] if echelon.largest else rows[len(rows) - some.value :])


def _entitlement(scenario: Scenario, echelon: Echelon, count: int) -> Ints:
    """Return what each of so many facilities is to get (facilities × products), in units."""
    each = [
        echelon.entitlement[product].value if product in echelon.entitlement else 0
        for product in scenario.products
    ]
    table = np.broadcast_to(np.array(each, np.int64), (count, len(each)))
    if not echelon.total or not count:
        return table
    table = table.copy()
    for column, product in enumerate(scenario.products):
        if product in echelon.total:
            table[:, column] += spread_evenly(echelon.total[product].value, count)
    return table


def listed_facilities_by_county(
    scenario: Scenario, nation: Nation, name: str, areas: dict[str, CountySet]
) -> Served:
    """Return the listed facilities of an echelon that tours from drawn counties visit.

    Each lies in the county that it states, or that the place it is at is; else in the one whose
    seat is nearest, among those of the prefecture or province that it is at. Counties that take no
    part do not count, nor do functional zones, unless they are named; a facility without a county
    is left out, as are those that are to get nothing.
    """
    part = listed_sites(scenario, nation, name)
    taking_part = counties_taking_part(scenario, nation, name, areas)
    county = part["county"].copy()
    seats = taking_part & ~nation.counties.functional_zone
    tree = tree_of(nation, DEPTH["counties"])
    unknown = county < 0
    for province, prefecture in sorted(
        set(
            zip(
                part["province"][unknown].tolist(),
                part["prefecture"][unknown].tolist(),
                strict=True,
            )
        )
    ):
        here = unknown & (part["province"] == province) & (part["prefecture"] == prefecture)
        near = seats.copy()
        if prefecture >= 0:
            near &= tree["prefecture"] == prefecture
        elif province >= 0:
            near &= tree["province"] == province
        county[here] = _nearest(nation, np.flatnonzero(near), part["lat"][here], part["lon"][here])
    gets = part["need"].any(axis=1)
    inside = (county >= 0) & taking_part[county]
    rows = np.flatnonzero(gets & inside)
    none = np.full(len(rows), -1, np.int32)
    return Served(
        county=county[rows],
        town=none,
        number=none,
        lat=part["lat"][rows],
        lon=part["lon"][rows],
        entitlement=same_rows_once(part["need"][rows]),
        key=tuple(part["key"][row] for row in rows),
        left_out=int((gets & ~inside).sum()),
    )


def due_of_listed(scenario: Scenario, nation: Nation, name: str) -> Ints:
    """Return what the listed sites of an echelon that take part are to get for themselves, in units
    (sites × products)."""
    for lane in scenario.lanes.values():
        if lane.to == name and lane.tours and scenario.echelons[lane.from_].sites is not None:
            areas = county_sets(scenario.areas, nation)
            return listed_facilities_by_county(scenario, nation, name, areas).entitlement
    return listed_due(scenario, name)


def _nearest(nation: Nation, counties: Ints, lat: Floats, lon: Floats) -> Ints:
    """Return which of the counties has the seat nearest to each point, -1 if there are none."""
    from scipy.spatial import cKDTree  # late: whoever only measures has no use for it

    if not len(counties):
        return np.full(len(lat), -1)
    seats = _on_a_sphere(nation.counties.lat[counties], nation.counties.lon[counties])
    _, row = cKDTree(seats).query(_on_a_sphere(lat, lon))
    return np.asarray(counties[row])


def _on_a_sphere(lat: Floats, lon: Floats) -> Floats:
    """Return points of the unit sphere: the nearest in space is the nearest on the ground."""
    phi, theta = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)], axis=1)


def needs_by_county(served: Served, counties: int) -> Ints:
    """Return what the facilities of each county are to get (counties × products), in units."""
    if served.is_even:
        count = np.bincount(served.county, minlength=counties).astype(np.int64)
        return np.asarray(count[:, None] * served.entitlement[:1].sum(axis=0))
    need = np.zeros((counties, served.entitlement.shape[1]), np.int64)
    np.add.at(need, served.county, served.entitlement)
    return need


def hang_on_sites(served: Served, sites: Sites, origin: int, echelon: int) -> Facilities:
    """Return facilities in the order of the sites that serve them: those of the echelon ``origin``
    at their counties. Raises ValueError if a county has none."""
    mine = np.flatnonzero(sites.echelon == origin)
    last = max(int(served.county.max(initial=0)), int(sites.county[mine].max(initial=0)))
    site_of_county = np.full(last + 1, -1)
    site_of_county[sites.county[mine]] = mine
    site = site_of_county[served.county]
    if (site < 0).any():
        raise ValueError("some facilities lie in counties that are not sites of the echelon above")
    in_order = bool((site[1:] >= site[:-1]).all())
    order = np.argsort(site, kind="stable") if not in_order else np.empty(0, np.int64)

    def sorted_by_site(column: NDArray[Any]) -> NDArray[Any]:
        return column if in_order else column[order]

    return Facilities(
        echelon,
        sorted_by_site(site).astype(np.int32),
        sorted_by_site(served.town),
        sorted_by_site(served.number),
        sorted_by_site(served.lat),
        sorted_by_site(served.lon),
        served.entitlement if served.is_even else sorted_by_site(served.entitlement),
        served.key if in_order else tuple(served.key[row] for row in order if served.key),
    )
