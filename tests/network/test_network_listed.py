"""Networks of listed sites: any echelon, without a geography, with facilities on tours."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from network.listed import LANES, SITES, TEXT, world

from sim.geography.nation import load_nation
from sim.measures.scope import build_scope
from sim.network import OPEN
from sim.plan import specs


def test_open_is_one_number() -> None:
    assert OPEN == specs.OPEN


def test_nowhere_is_a_nation_of_no_places() -> None:
    nation = load_nation("none")
    assert nation is load_nation("none")
    for level in ("province", "prefecture", "county", "town"):
        assert len(nation.level(level)) == 0
    assert len(nation.clinics.estimate("A")) == len(nation.key_counties.county) == 0
    assert nation.aliases == ()


def test_sites_come_by_echelon_and_then_as_listed() -> None:
    network = world().network
    assert network.sites.key == tuple(
        f"site/{name}" for name in ("east", "west", "d1", "d2", "s1", "s2", "s3")
    )
    assert network.sites.echelon.tolist() == [0, 0, 1, 1, 2, 2, 2]
    assert network.sites.lon.tolist() == [0, 9, 1, 8, 2, 5, 7]
    assert (network.sites.lat == 0).all()
    assert network.facilities == {}
    assert network.row("d2") == 3
    assert network.row("nobody") == -1
    for level in ("province", "prefecture", "county", "above"):
        assert (getattr(network.sites, level) == -1).all()


def test_a_need_stands_instead_of_the_entitlement_product_by_product() -> None:
    sites = world().network.sites
    assert sites.need.tolist() == [[0, 0]] * 4 + [[10, 0], [10, 3], [4, 0]]
    sites = world('sites.s1.need={mask="all"}', "sites.s2.closed=true").network.sites
    assert sites.need[4:].tolist() == [[OPEN, 0], [0, 0], [4, 0]]
    assert sites.closed.tolist() == [False] * 5 + [True, False]


def test_needs_without_an_entitlement() -> None:
    text = TEXT.replace("entitlement = { mask = 10 }", "").replace(
        "attributes = { people = 500 }", "need = { gown = 1 }"
    )
    here = world("sites.s1.need.mask=2", text=text)
    assert here.network.sites.need[4:].tolist() == [[2, 1], [0, 3], [4, 0]]


def test_nobody_is_in_need() -> None:
    every = [f"sites.{shop}.closed=true" for shop in ("s1", "s2", "s3")]
    with pytest.raises(ValueError, match="entitled to anything"):
        world(*every)


def test_attributes_are_columns() -> None:
    here = world("sites.d1.attributes={docks=2}")
    attributes = here.network.sites.attributes
    assert attributes.keys() == {"people", "docks"}
    assert np.isnan(attributes["people"][:4]).all()
    assert attributes["people"][4:].tolist() == [500, 900, 100]
    assert attributes["docks"][2] == 2
    assert np.isnan(np.delete(attributes["docks"], 2)).all()


def test_regions_are_what_the_sites_say() -> None:
    here = world()
    assert here.network.regions == ("north", "south", "middle")
    assert here.network.sites.region.tolist() == [-1, -1, 0, 1, 0, 2, 1]
    inside = here.network.in_regions(["north", "middle"])
    assert inside.tolist() == [False, False, True, False, True, True, False]
    assert here.network.in_regions([]).all()
    scope = build_scope(here.loaded.scenario, here.network)
    assert scope.regions == ("north", "south", "middle")
    assert scope.region.tolist() == here.network.sites.region.tolist()


def test_a_supplier_is_the_site_above() -> None:
    here = world('sites.s1.supplied-by="d2"', 'sites.d1.supplied-by="west"')
    assert here.network.sites.above.tolist() == [-1, -1, 1, -1, 3, -1, -1]


def test_sites_without_a_place() -> None:
    text = TEXT.replace('echelon = "shop"\nat = [0, 2]', 'echelon = "shop"')
    here = world('lanes.serve.time="2 h"', text=text)
    assert np.isnan(here.network.sites.lat[4])
    assert np.isnan(here.network.sites.lon[4])
    assert np.isfinite(here.network.sites.lat[[0, 5]]).all()


TOURS = LANES.replace('fleet = "van"', 'fleet = "van"\ntours = { stops = 2, stop-time = "10 min" }')
TOURED = TEXT.replace(LANES, TOURS).replace("need = { gown = 3 }", "").replace(
    "need = { mask = 4 }", ""
).replace("{ mask = 10 }", "{ mask = 10, gown = 1 }")  # fmt: skip


def test_facilities_on_tours_hang_on_the_nearest_site() -> None:
    network = world(text=TOURED).network
    assert network.sites.key == tuple(f"site/{name}" for name in ("east", "west", "d1", "d2"))
    facilities = network.facilities[2]
    assert facilities.key == ("site/s1", "site/s2", "site/s3")
    assert facilities.site.tolist() == [2, 3, 3]
    assert facilities.lon.tolist() == [2, 5, 7]
    assert facilities.town.tolist() == [-1, -1, -1]
    assert facilities.entitlement.tolist() == [[10, 1]] * 3
    assert network.sites.need.tolist() == [[0, 0], [0, 0], [10, 1], [20, 2]]
    assert network.row("s1") == -1


def test_facilities_on_tours_hang_on_who_supplies_them() -> None:
    """They stand in the order of their sites, and their keys go with them."""
    facilities = world('sites.s1.supplied-by="d2"', 'sites.s3.supplied-by="d1"', text=TOURED)
    visited = facilities.network.facilities[2]
    assert visited.key == ("site/s3", "site/s1", "site/s2")
    assert visited.site.tolist() == [2, 3, 3]
    assert visited.lon.tolist() == [7, 2, 5]


def test_closed_sites_start_no_tours_and_closed_facilities_get_nothing() -> None:
    network = world("sites.d1.closed=true", "sites.s3.closed=true", text=TOURED).network
    assert network.facilities[2].key == ("site/s1", "site/s2")
    assert network.facilities[2].site.tolist() == [3, 3]
    assert network.sites.need[3].tolist() == [20, 2]
    with pytest.raises(ValueError, match='no site of "depot" is open'):
        world("sites.d1.closed=true", "sites.d2.closed=true", text=TOURED)


LINKS = """
links = [
  { from = "d1", to = "s1", km = "12 km" },
  { from = "d1", to = "s2", time = "30 min" },
  { from = "d2", to = "s3" },
]
"""


def test_the_graph_has_the_listed_links() -> None:
    network = world('sites.d1.supplied-by="east"', more=LINKS).network
    graph = network.graph()
    assert list(graph) == list(network.sites.key)
    assert graph.nodes["site/s1"] == {"name": "s1", "echelon": "shop", "lat": 0.0, "lon": 2.0}
    assert dict(graph.edges) == {
        ("site/east", "site/d1"): {},
        ("site/d1", "site/s1"): {"lane": "serve", "km": 12.0, "share": 1.0},
        ("site/d1", "site/s2"): {"lane": "serve", "hours": 0.5, "share": 1.0},
        ("site/d2", "site/s3"): {"lane": "serve", "share": 1.0},
    }
    assert nx.is_directed_acyclic_graph(graph)


def test_names_of_sites_do_not_change_with_others() -> None:
    more = '[sites.s0]\nechelon = "shop"\nat = [0, 6]\n'
    text = TEXT.replace(SITES, SITES.replace("[sites.s1]", more + "[sites.s1]"))
    assert set(world().network.sites.key) < set(world(text=text).network.sites.key)
