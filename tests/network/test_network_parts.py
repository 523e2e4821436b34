"""Networks of a few regions: subsets, explicit sites, chains, and the graph."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from national.two_provinces import TEXT, network_of, scenario_of

from sim.errors import ScenarioError
from sim.geography.regions import resolve
from sim.network import Network, build_network

FACTORY, PREFECTURE, COUNTY, CLINIC = range(4)


def need_of(network: Network, echelon: int) -> list[int]:
    return network.sites.need[network.of_echelon(echelon)].sum(axis=0).tolist()


def clinics_in(network: Network, *regions: str) -> int:
    inside = network.in_regions(regions)
    return int(inside[network.facilities[CLINIC].site].sum())


def test_two_provinces() -> None:
    _, network = network_of()
    assert len(network.facilities[CLINIC]) == 2218 + 2278
    assert clinics_in(network, "Hainan") == 2218
    assert clinics_in(network, "Ningxia") == 2278
    for echelon in (PREFECTURE, COUNTY):
        assert need_of(network, echelon) == [2 * 4496, 5 * 4496]
    names = [network.sites.name[i] for i in network.of_echelon(PREFECTURE)]
    assert names[0] == "Haikou"
    assert "Sansha" not in names  # it has no village clinic
    assert len(names) == 9


WAYS = {
    "province": ('geography.regions=["Ningxia"]',),
    "prefectures": (
        'geography.regions=["Yinchuan", "Shizuishan", "Wuzhong", "Guyuan", "Zhongwei"]',
    ),
    "codes": ('geography.regions=["640000"]',),
    "cities of the chain": ('echelons.prefecture.regions=["Ningxia"]',),
    "counties of the chain": ('echelons.county.regions=["Ningxia"]',),
    "clinics": ('echelons.clinic.regions=["Ningxia"]',),
    "both": ('geography.regions=["Hainan", "Ningxia", "Gansu"]', 'echelons.county.regions=["64"]'),
}


@pytest.mark.parametrize("way", WAYS)
def test_all_ways_to_take_one_province(way: str) -> None:
    """Wherever a chain is restricted, the same places are left."""
    _, network = network_of(*WAYS[way])
    sites = network.sites
    assert len(network.facilities[CLINIC]) == 2278
    assert [len(network.of_echelon(echelon)) for echelon in (PREFECTURE, COUNTY)] == [5, 22]
    for echelon in (PREFECTURE, COUNTY):
        assert need_of(network, echelon) == [2 * 2278, 5 * 2278]
    drawn = sites.echelon > FACTORY
    assert {network.nation.provinces.name[i] for i in sites.province[drawn]} == {"Ningxia"}


def test_a_part_has_the_sites_and_clinics_of_the_whole() -> None:
    """Leaving out other provinces moves no clinic and renames no site."""
    _, whole = network_of()
    _, part = network_of('geography.regions=["Ningxia"]')
    inside = whole.in_regions(["Ningxia"])
    mine = [key for key, here in zip(whole.sites.key, inside, strict=True) if here]
    drawn = [key for key in part.sites.key if not key.startswith("site/")]
    assert drawn == [key for key in mine if not key.startswith("site/")]
    kept = inside[whole.facilities[CLINIC].site]
    for column in ("lat", "lon", "town"):
        before = getattr(whole.facilities[CLINIC], column)[kept]
        assert (before == getattr(part.facilities[CLINIC], column)).all()


def test_a_few_counties_of_a_city() -> None:
    """Their city takes part with what these counties need."""
    _, network = network_of('geography.regions=["Yanchi, Wuzhong, Ningxia", "Hongsibao, Wuzhong"]')
    (city,) = network.of_echelon(PREFECTURE)
    counties = network.of_echelon(COUNTY)
    assert [network.sites.name[i] for i in (city, *counties)] == ["Wuzhong", "Hongsibao", "Yanchi"]
    assert (network.sites.above[counties] == city).all()
    assert network.sites.need[city].tolist() == network.sites.need[counties].sum(axis=0).tolist()


def test_regions_without_a_clinic() -> None:
    with pytest.raises(ValueError, match="no facility of these regions is entitled to anything"):
        network_of('geography.regions=["Shenzhen"]')
    with pytest.raises(ValueError, match="no facility"):
        network_of('geography.regions=["Hainan"]', 'echelons.clinic.regions=["Ningxia"]')


def test_listed_sites_at_names_and_at_points() -> None:
    scenario, network = network_of(
        'sites.yinchuan.at="Helan, Yinchuan"', "sites.guangzhou.at=[23.13, 113.26]"
    )
    sites, tables = network.sites, network.nation
    assert sites.key[:2] == ("site/yinchuan", "site/guangzhou")
    assert sites.name[:2] == ("yinchuan", "guangzhou")
    county = resolve(tables, "Helan, Yinchuan, Ningxia")
    assert county.level == "county"
    assert sites.county[0] == county.index
    assert sites.prefecture[0] == tables.counties.parent[county.index]
    assert tables.provinces.name[sites.province[0]] == "Ningxia"
    assert (sites.lat[0], sites.lon[0]) == (
        tables.counties.lat[county.index],
        tables.counties.lon[county.index],
    )
    assert (sites.lat[1], sites.lon[1]) == (23.13, 113.26)
    assert [column[1] for column in (sites.province, sites.prefecture, sites.county)] == [-1] * 3
    assert (sites.above[:2] == -1).all()
    assert (sites.need[:2] == 0).all()
    assert list(scenario.sites) == ["yinchuan", "guangzhou"]


@pytest.mark.parametrize(
    ("at", "level"), [("Ningxia", "province"), ("Guyuan", "prefecture"), ("Helan", "county")]
)
def test_a_site_lies_in_all_that_its_place_lies_in(at: str, level: str) -> None:
    _, network = network_of(f'sites.yinchuan.at="{at}"')
    place = resolve(network.nation, at)
    assert place.level == level
    assert getattr(network.sites, level)[0] == place.index
    assert network.in_regions(["Ningxia"])[0]
    assert not network.in_regions(["Hainan"])[0]
    below = {"province": ("prefecture", "county"), "prefecture": ("county",), "county": ()}
    for lower in below[level]:
        assert getattr(network.sites, lower)[0] == -1


def test_a_site_at_a_point_lies_in_no_region() -> None:
    _, network = network_of()
    guangzhou = network.sites.key.index("site/guangzhou")
    for region in ("Guangdong", "Guangzhou", "Hainan", "Ningxia"):
        assert not network.in_regions([region])[guangzhou]
    assert network.in_regions([])[guangzhou]


def test_the_graph_is_the_administrative_tree() -> None:
    _, network = network_of('geography.regions=["Ningxia"]')
    graph = network.graph()
    cities, counties = (len(network.of_echelon(echelon)) for echelon in (PREFECTURE, COUNTY))
    assert graph.number_of_nodes() == 2 + cities + counties == len(network.sites)
    assert graph.number_of_edges() == counties
    assert nx.is_directed_acyclic_graph(graph)
    assert max(degree for _, degree in graph.in_degree()) == 1
    assert nx.number_weakly_connected_components(graph) == 2 + cities  # makers stand alone
    assert nx.is_arborescence(_with_a_root(graph))
    node = graph.nodes["prefecture/640100"]
    assert (node["name"], node["echelon"]) == ("Yinchuan", "prefecture")
    assert node["lat"] == pytest.approx(38.5, abs=0.3)
    assert set(graph.successors("prefecture/640100")) == {
        key for key in network.sites.key if key.startswith("county/6401")
    }


def _with_a_root(graph: nx.DiGraph) -> nx.DiGraph:
    joined = graph.copy()
    joined.add_edges_from(("nation", node) for node, degree in graph.in_degree() if not degree)
    return joined


#: A second chain beside the first: other makers, and health centres that get oximeters too.
SECOND = """
[echelons.depot]
[echelons.county-hall]
sites = "counties"
regions = ["Hainan"]
[echelons.centre]
sites = "township-health-centres"
entitlement = { oximeter = 3 }

[sites.depot]
echelon = "depot"
at = "Haikou"
stock = { oximeter = 5_000 }

[fleets.truck]
home = "depot"
vehicles = "unlimited"
speed = "50 km/h"

[fleets.car]
home = "county-hall"
vehicles = 2
speed = "30 km/h"

[lanes.to-hall]
from = "depot"
to = "county-hall"
fleet = "truck"

[lanes.to-centre]
from = "county-hall"
to = "centre"
fleet = "car"

[lanes.to-centre.tours]
stops = 10
stop-time = "15 min"
"""


def test_two_chains_need_what_their_own_facilities_get() -> None:
    _, alone = network_of()
    _, network = network_of(more=SECOND)
    echelons = {name: index for index, name in enumerate(network.echelons)}
    for echelon in (PREFECTURE, COUNTY):
        assert need_of(network, echelon) == need_of(alone, echelon)
    centres = network.facilities[echelons["centre"]]
    halls = network.of_echelon(echelons["county-hall"])
    assert network.sites.need[halls].sum(axis=0).tolist() == [3 * len(centres), 0]
    provinces = {network.nation.provinces.name[i] for i in network.sites.province[halls]}
    assert provinces == {"Hainan"}  # a restriction of this chain alone
    assert set(centres.site) == set(halls)
    assert len(network.facilities[CLINIC]) == 4496


def test_warehouses_between_need_nothing_themselves() -> None:
    """A listed echelon in the middle: its needs come with the sourcing, not from the map."""
    text = TEXT.replace("[echelons.prefecture]", "[echelons.hub]\n[echelons.prefecture]").replace(
        'from = "factory"\nto = "prefecture"', 'from = "hub"\nto = "prefecture"'
    ).replace('home = "factory"', 'home = "hub"')  # fmt: skip
    more = """
[sites.wuhan]
echelon = "hub"
at = "Wuhan"

[fleets.feeder]
home = "factory"
vehicles = "unlimited"
speed = "65 km/h"

[lanes.to-hub]
from = "factory"
to = "hub"
fleet = "feeder"
"""
    _, network = network_of("stations={}", text=text, more=more)
    assert network.echelons == ("factory", "hub", "prefecture", "county", "clinic")
    assert need_of(network, 1) == [0, 0]
    assert need_of(network, 2) == need_of(network, 3) == [2 * 4496, 5 * 4496]
    assert (network.sites.above[network.of_echelon(2)] == -1).all()


def test_counties_below_a_warehouse_directly() -> None:
    """Without cities between, counties hang on no site and a sourcing rule decides."""
    start, end = TEXT.index("[fleets.city-van]"), TEXT.index("[fleets.county-van]")
    text = TEXT[:start] + TEXT[end:]
    start, end = text.index("[lanes.to-county]"), text.index("[lanes.to-clinic]")
    text = (text[:start] + text[end:]).replace('[echelons.prefecture]\nsites = "prefectures"\n', "")
    start, end = text.index("[stations.city-sign-off]"), text.index("[stations.county-sign-off]")
    text = (text[:start] + text[end:]).replace('to = "prefecture"', 'to = "county"')
    _, network = network_of(text=text)
    counties = network.of_echelon(1)
    assert len(counties) == 46
    assert (network.sites.above[counties] == -1).all()
    assert need_of(network, 1) == [2 * 4496, 5 * 4496]


def test_unknown_regions_do_not_get_this_far() -> None:
    with pytest.raises(ScenarioError, match="Ningxja"):
        scenario_of('geography.regions=["Ningxja"]')


def test_the_same_network_each_time() -> None:
    scenario = scenario_of()
    one, other = build_network(scenario), build_network(scenario)
    assert one.sites.key == other.sites.key
    assert np.array_equal(one.facilities[CLINIC].lat, other.facilities[CLINIC].lat)
