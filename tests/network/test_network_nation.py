"""The network of the whole nation: every clinic is somewhere, and needs add up at each echelon."""

from __future__ import annotations

import numpy as np
import pytest
from national.two_provinces import network_of
from numpy.typing import NDArray

from sim.geography.clinics import clinics_by_town, health_centres_by_town
from sim.network import LEVELS, Network

FACTORY, PREFECTURE, COUNTY, CLINIC = range(4)
Ints = NDArray[np.int64]


@pytest.fixture(scope="module")
def nation() -> Network:
    return network_of('geography.regions="all"')[1]


def sums(network: Network, level: str, values: Ints, places: int) -> Ints:
    """Sum a value of every county site over the places of a level."""
    counties = network.of_echelon(COUNTY)
    total = np.zeros(places, np.int64)
    np.add.at(total, getattr(network.sites, level)[counties], values)
    return total


def test_how_many_there_are(nation: Network) -> None:
    sites = nation.sites
    assert len(nation.facilities[CLINIC]) == 586_000
    assert len(nation.of_echelon(FACTORY)) == 2
    assert len(sites) == len(sites.key) == len(set(sites.key))
    cities = nation.of_echelon(PREFECTURE)
    # 333 prefectures and 9 pseudo rows, less the two without a village committee.
    names = nation.nation.prefectures.name
    without = set(range(len(names))) - set(sites.prefecture[cities].tolist())
    assert (len(cities), {names[i] for i in without}) == (340, {"Sansha", "Shenzhen"})
    assert set(sites.prefecture[cities]) == set(sites.prefecture[nation.of_echelon(COUNTY)])
    assert set(sites.province[cities]) == set(range(31))


def test_needs_add_up_at_every_echelon(nation: Network) -> None:
    """Two oximeters and five thermometers for each clinic, exactly."""
    sites, clinics = nation.sites, nation.facilities[CLINIC]
    assert clinics.is_even
    assert clinics.entitlement.shape == (586_000, 2)
    assert clinics.entitlement[0].tolist() == [2, 5]
    assert sites.need[nation.of_echelon(FACTORY)].sum() == 0
    for echelon in (PREFECTURE, COUNTY):
        assert sites.need[nation.of_echelon(echelon)].sum(axis=0).tolist() == [1_172_000, 2_930_000]

    served = np.bincount(clinics.site, minlength=len(sites))
    counties = nation.of_echelon(COUNTY)
    assert (sites.need[counties] == served[counties][:, None] * (2, 5)).all()
    assert served[sites.echelon != COUNTY].sum() == 0

    cities = nation.of_echelon(PREFECTURE)
    for product in range(2):
        below = sums(nation, "prefecture", sites.need[counties, product], 400)
        assert (below[sites.prefecture[cities]] == sites.need[cities, product]).all()
        assert below.sum() == sites.need[cities, product].sum()


def test_clinics_by_province_are_the_estimate(nation: Network) -> None:
    counties = nation.of_echelon(COUNTY)
    need = nation.sites.need[counties, 0] // 2
    by_province = sums(nation, "province", need, 31)
    assert by_province.tolist() == nation.nation.clinics.estimate("A").tolist()
    assert by_province[nation.nation.provinces.name.index("Henan")] == 60_000


def test_every_site_hangs_where_it_lies(nation: Network) -> None:
    sites = nation.sites
    counties, cities = nation.of_echelon(COUNTY), nation.of_echelon(PREFECTURE)
    assert (sites.above[cities] == -1).all()
    above = sites.above[counties]
    assert (sites.echelon[above] == PREFECTURE).all()
    assert (sites.prefecture[above] == sites.prefecture[counties]).all()
    assert (sites.province[above] == sites.province[counties]).all()
    assert set(above) == set(cities)  # no city without a county
    tables = nation.nation
    assert (tables.counties.parent[sites.county[counties]] == sites.prefecture[counties]).all()
    assert (tables.prefectures.parent[sites.prefecture[cities]] == sites.province[cities]).all()
    assert (sites.county[cities] == -1).all()
    assert (sites.code[cities] == tables.prefectures.code[sites.prefecture[cities]]).all()
    assert (sites.code[counties] == tables.counties.code[sites.county[counties]]).all()
    assert (sites.lat[counties] == tables.counties.lat[sites.county[counties]]).all()


def test_order_of_sites_and_facilities(nation: Network) -> None:
    """By echelon, then by code; facilities in the order of their sites."""
    sites, clinics = nation.sites, nation.facilities[CLINIC]
    assert (np.diff(sites.echelon) >= 0).all()
    for echelon in (PREFECTURE, COUNTY):
        assert (np.diff(sites.code[nation.of_echelon(echelon)]) > 0).all()
    assert (np.diff(clinics.site) >= 0).all()
    counties = nation.nation.towns.parent[clinics.town]
    assert (sites.county[clinics.site] == counties).all()


def test_clinics_of_a_town(nation: Network) -> None:
    by_town = clinics_by_town(nation.nation)
    clinics = nation.facilities[CLINIC]
    assert (np.bincount(clinics.town, minlength=len(by_town)) == by_town).all()


def test_clinics_lie_about_their_towns(nation: Network) -> None:
    """Points are synthetic, within the town's disc: a few kilometres, more in the far west."""
    clinics, towns = nation.facilities[CLINIC], nation.nation.towns
    some = np.arange(0, len(clinics), 501)
    dy = 111.2 * (clinics.lat[some] - towns.lat[clinics.town[some]])
    dx = (
        111.2
        * np.cos(np.radians(towns.lat[clinics.town[some]]))
        * (clinics.lon[some] - towns.lon[clinics.town[some]])
    )
    radius = np.sqrt(towns.area_km2[clinics.town[some]] / np.pi)
    assert (np.hypot(dx, dy) <= 1.01 * radius).all()
    assert (np.hypot(dx, dy) > 0).all()


@pytest.mark.parametrize(("estimate", "total"), [("A", 586_000), ("B", None), ("C", None)])
def test_other_estimates_of_clinics(estimate: str, total: int | None) -> None:
    network = network_of('geography.regions="all"', f"geography.clinic-estimate={estimate}")[1]
    stated = int(network.nation.clinics.estimate(estimate).sum())
    assert stated == total or total is None
    assert len(network.facilities[CLINIC]) == stated
    cities = network.of_echelon(PREFECTURE)
    assert network.sites.need[cities, 0].sum() == 2 * stated


def test_township_health_centres() -> None:
    network = network_of(
        'geography.regions="all"', "echelons.clinic.sites=township-health-centres"
    )[1]
    stated = health_centres_by_town(network.nation)
    assert len(network.facilities[CLINIC]) == stated.sum() == 34_943
    assert network.sites.need[network.of_echelon(COUNTY)].sum() == 7 * 34_943


def test_region_masks(nation: Network) -> None:
    sites, tables = nation.sites, nation.nation
    henan, fujian = (tables.provinces.name.index(name) for name in ("Henan", "Fujian"))
    zhengzhou = tables.prefectures.name.index("Zhengzhou")
    assert nation.in_regions([]).all()
    assert (nation.in_regions(["Henan"]) == (sites.province == henan)).all()
    assert (nation.in_regions(["Zhengzhou"]) == (sites.prefecture == zhengzhou)).all()
    both = (sites.province == fujian) | (sites.prefecture == zhengzhou)
    assert (nation.in_regions(["Fujian", "Zhengzhou"]) == both).all()
    assert both.sum() == (sites.province == fujian).sum() + (sites.prefecture == zhengzhou).sum()
    assert (nation.in_regions(["Henan", "Zhengzhou"]) == (sites.province == henan)).all()
    county = nation.of_echelon(COUNTY)[1234]
    code = str(nation.sites.code[county])
    assert np.flatnonzero(nation.in_regions([code])).tolist() == [county]
    assert set(LEVELS) == {"province", "prefecture", "county"}
