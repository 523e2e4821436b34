"""Networks from GraphML files: what becomes of them, and where their faults stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import networkx as nx
import pytest

from sim.errors import ScenarioError
from sim.scenario.load import LoadedScenario, load_scenario, parse_scenario

BASE = """\
title = "A graph"
start = 2023-01-07T00:00:00+08:00
horizon = "9 d"
[geography]
nation = "none"
[products.mask]
[echelons.depot]
[echelons.shop]
[fleets.van]
home = "depot"
speed = "60 km/h"
vehicles = 2
[lanes.serve]
from = "depot"
to = "shop"
fleet = "van"
"""
GRAPH = """\
<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="e" for="node" attr.name="echelon" attr.type="string"/>
  <key id="lat" for="node" attr.name="lat" attr.type="double"/>
  <key id="lon" for="node" attr.name="lon" attr.type="double"/>
  <key id="n" for="node" attr.name="need.mask" attr.type="double"/>
  <key id="a" for="node" attr.name="attributes.people" attr.type="int"/>
  <key id="s" for="node" attr.name="stock.mask" attr.type="long"/>
  <key id="r" for="node" attr.name="region" attr.type="string"/>
  <key id="l" for="edge" attr.name="lane" attr.type="string"><default>serve</default></key>
  <key id="k" for="edge" attr.name="km" attr.type="double"/>
  <key id="t" for="edge" attr.name="time" attr.type="string"/>
  <graph id="G" edgedefault="directed">
    <node id="d1"><data key="e">depot</data><data key="s">90</data></node>
    <node id="s1">
      <data key="e">shop</data>
      <data key="n">5</data>
      <data key="a">70</data>
    </node>
    <node id="s2">
      <data key="e">shop</data>
      <data key="n">6</data>
      <data key="lat">31.5</data>
      <data key="lon">117.5</data>
      <data key="r">north</data>
    </node>
    <edge source="d1" target="s2"><data key="t">40 min</data></edge>
    <edge source="d1" target="s1">
      <data key="k">12.5</data>
    </edge>
  </graph>
</graphml>
"""
WRITTEN = (
    BASE
    + """\
links = [
    { from = "d1", to = "s2", time = "40 min" },
    { from = "d1", to = "s1", km = "12.5 km" },
]
[sites.d1]
echelon = "depot"
stock = { mask = 90 }
[sites.s1]
echelon = "shop"
need = { mask = 5 }
attributes = { people = 70 }
[sites.s2]
echelon = "shop"
at = [31.5, 117.5]
need = { mask = 6 }
region = "north"
"""
)


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., LoadedScenario]:
    """Load the scenario with a graph beside it."""

    def run(graph: str = GRAPH, text: str = BASE) -> LoadedScenario:
        text += '[files]\ngraph = "net.graphml"\n'
        (tmp_path / "test.toml").write_text(text, encoding="utf-8")
        (tmp_path / "net.graphml").write_text(graph, encoding="utf-8")
        return load_scenario(tmp_path / "test.toml")

    return run


@pytest.fixture
def told(load: Callable[..., LoadedScenario], tmp_path: Path) -> Callable[..., list[str]]:
    """Return the problems of a graph, without the folder that it stands in."""

    def run(graph: str) -> list[str]:
        with pytest.raises(ScenarioError) as raised:
            load(graph)
        return str(raised.value).replace(f"{tmp_path}/", "").split("\n")

    return run


def test_a_graph_is_part_of_the_scenario(load: Callable[..., LoadedScenario]) -> None:
    loaded = load()
    written = parse_scenario(WRITTEN, name="test", place="written.toml")
    assert loaded.scenario == written.scenario
    assert loaded.digest == written.digest
    assert "files" not in loaded.document


def test_a_graph_that_networkx_wrote(load: Callable[..., LoadedScenario], tmp_path: Path) -> None:
    graph = nx.DiGraph()
    graph.add_node("d1", **{"echelon": "depot", "stock.mask": 90})
    graph.add_node("s1", **{"echelon": "shop", "need.mask": 5, "attributes.people": 70})
    graph.add_node("s2", **{"echelon": "shop", "need.mask": 6, "lat": 31.5, "lon": 117.5,
                            "region": "north"})  # fmt: skip
    graph.add_edge("d1", "s2", lane="serve", time="40 min")
    graph.add_edge("d1", "s1", lane="serve", km=12.5)
    nx.write_graphml(graph, tmp_path / "written.graphml")
    text = (tmp_path / "written.graphml").read_text(encoding="utf-8")
    assert load(text).digest == load().digest


def test_edges_side_by_side_on_two_lanes(load: Callable[..., LoadedScenario]) -> None:
    """Both are read, in the order of the file, though they have the same ends."""
    other = '\n[lanes.post]\nfrom = "depot"\nto = "shop"\nfleet = "van"\n'
    edge = '<edge source="d1" target="s2"><data key="l">post</data><data key="k">9</data></edge>'
    with pytest.raises(ScenarioError) as raised:
        load(GRAPH.replace("    <edge", f"    {edge}\n    <edge", 1), text=BASE + other)
    (problem,) = raised.value.problems
    assert problem.line == 27
    assert problem.path == "lanes.post.links.0"
    assert problem.expected == "two sites that no other link connects"


#: A change of the graph, and the problems that it brings.
FAULTS = {
    "not directed": (
        '"directed"', '"undirected"',
        [('net.graphml:13:3: expected a directed graph (edgedefault="directed"): goods go one way, '
         "found an undirected one")],
    ),
    "not even XML": (
        "</graphml>", "</graph>",
        ["net.graphml:32:3: expected a GraphML file, found mismatched tag"],
    ),
    "a document type": (
        "<graphml", '<!DOCTYPE x [<!ENTITY a "b">]>\n<graphml',
        ["net.graphml:2:13: expected a GraphML file without a document type, found one"],
    ),
    "a key that nobody declared": (
        '<data key="k">', '<data key="kk">',
        ["net.graphml:13:3: expected a GraphML file, found Bad GraphML data: no key kk"],
    ),
    "an unknown attribute": (
        '"region"', '"regoin"',
        [('net.graphml:9:3: expected a column of this table, found the unknown column "regoin" '
         '(did you mean "region"?)')],
    ),
    "an unknown attribute of edges": (
        '"km"', '"length"',
        [('net.graphml:11:3: expected a column of this table, found the unknown column "length" '
         "(it may have lane, km, time, share)")],
    ),
    "an unknown product": (
        '"need.mask"', '"need.masks"',
        [('net.graphml:6:3: expected the name of a product (mask), found "masks" '
         '(did you mean "mask"?)')],
    ),
    "half a need": (
        '<data key="n">5<', '<data key="n">5.5<',
        [('net.graphml:17:7: sites.s1.need.mask: expected a whole number of at least 0, or "all", '
         "found 5.5")],
    ),
    "no echelon": (
        '<node id="d1"><data key="e">depot</data>', '<node id="d1">',
        ['net.graphml:14:5: sites.d1.echelon: expected the key "echelon", found nothing'],
    ),
    "an unknown echelon": (
        'shop</data>\n      <data key="n">6', 'shp</data>\n<data key="n">6',
        [("net.graphml:21:7: sites.s2.echelon: expected the name of an echelon (depot, shop), "
         'found "shp" (did you mean "shop"?)')],
    ),
    "a time without its unit": (
        "40 min", "40",
        [("net.graphml:27:35: lanes.serve.links.0.time: expected a duration of at least 0 with its "
         'unit, such as "4 h", found "40" (it has no unit)')],
    ),
    "no lane": (
        "<default>serve</default>", "",
        ["net.graphml:27:5: expected the name of a lane (serve), found nothing",
         "net.graphml:28:5: expected the name of a lane (serve), found nothing"],
    ),
    "a name that is none": (
        'id="s1"', 'id="S 1"',
        [("net.graphml:15:5: sites.S 1: expected a name of small letters, digits and hyphens, "
         'found "S 1"'),
         ("net.graphml:28:5: lanes.serve.links.1.to: expected the name of a site (d1, S 1, s2), "
         'found "s1" (did you mean "S 1"?)')],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_where_it_stands(name: str, told: Callable[..., list[str]]) -> None:
    before, after, expected = FAULTS[name]
    assert GRAPH.count(before) == 1
    assert told(GRAPH.replace(before, after)) == expected
