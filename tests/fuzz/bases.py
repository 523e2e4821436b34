"""What the fuzzer starts from: the shipped scenario files, those of the tests, and a folder of
files that are made of one another and of tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "scenario" / "data"
HEAD = 'title = "Together"\nstart = 2023-01-07T00:00:00+08:00\nhorizon = "2 d"\n'
NOWHERE = '[geography]\nnation = "none"\n'

#: A scenario whose sites and links stand in tables; ``graph`` says the same in one file.
LISTED = (
    HEAD
    + """
[files]
sites = "tables/sites.csv"
links = "tables/links.csv"
"""
    + NOWHERE
    + """
[products.kit]

[echelons.plant]
[echelons.store]

[fleets.van]
home = "plant"
vehicles = 2
speed = "40 km/h"

[lanes.feed]
from = "plant"
to = "store"
fleet = "van"
"""
)
SITES = (
    "name,echelon,lat,lon,stock.kit,need.kit\n"
    "maker,plant,31.0,117.0,9,\n"
    'corner,store,31.1,117.1,,4\n"market",store,31.2,117.0,,5\n'
)
LINKS = "lane,from,to,km\nfeed,maker,corner,15 km\nfeed,maker,market,22 km\n"
GRAPH = """<?xml version="1.0" encoding="utf-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="e" for="node" attr.name="echelon" attr.type="string"/>
  <key id="s" for="node" attr.name="stock.kit" attr.type="int"/>
  <key id="n" for="node" attr.name="need.kit" attr.type="int"/>
  <key id="l" for="edge" attr.name="lane" attr.type="string"/>
  <key id="k" for="edge" attr.name="km" attr.type="string"/>
  <graph edgedefault="directed">
    <node id="maker"><data key="e">plant</data><data key="s">9</data></node>
    <node id="corner"><data key="e">store</data><data key="n">4</data></node>
    <edge source="maker" target="corner"><data key="l">feed</data><data key="k">15 km</data></edge>
  </graph>
</graphml>
"""
VARIED = """extends = "listed.toml"
remove = ["disruptions.leave"]

[fleets.van]
vehicles = 3

[variants.more]
title = "More vans"
fleets.van.vehicles = 5

[variants.less]
remove = ["disruptions.flood"]
"""
TOGETHER = (
    HEAD.replace("2 d", "20 d")
    + NOWHERE
    + """
[include.one]
scenario = "listed.toml"

[include.two]
scenario = "still.toml"
fleets = { van = "pool" }
title = "the second"

[fleets.pool]
home = "two-plant"
vehicles = 2
speed = "30 km/h"
"""
)
AREAS = """
[areas.island]
regions = ["Sanya"]
file = "tables/counties.csv"

[areas.some]
choose = { counties = 2, from = ["island"] }
"""
COUNTIES = "code,county\n460200,\n,Chengmai County\n"


@dataclass(frozen=True, slots=True)
class Base:
    """A scenario text to mutate; ``beside`` are the files that it is made of, by name, which are
    mutated now and then as well. A ``heavy`` one takes long to load, and is not planned."""

    name: str
    text: str
    beside: dict[str, str] = field(default_factory=dict)
    heavy: bool = False


def _short(text: str) -> str:
    """Return a scenario text that runs for half a day, unless it lists times, and with few lots."""
    if not re.search(r"^(at|release) = ", text, re.M):
        text = re.sub(r"^warm-up = .*$", 'warm-up = "1 h"', text, flags=re.M)
        text = re.sub(r"^horizon = .*$", 'horizon = "12 h"', text, flags=re.M)
    return text.replace("8000", "80")


@cache
def folder_files() -> dict[str, str]:
    """Return the files that stand beside every fuzzed file, by their path."""
    still = LISTED.replace("[files]", "").replace('sites = "tables/sites.csv"\n', "")
    still = still.replace('links = "tables/links.csv"\n', "") + (
        '[sites.maker]\nechelon = "plant"\nat = [31, 117]\nstock = { kit = 9 }\n'
        '[sites.corner]\nechelon = "store"\nat = [31.1, 117]\nneed = { kit = 4 }\n'
    )
    return {
        "listed.toml": (DATA / "listed.toml").read_text("utf-8"),
        "small.toml": (DATA / "small.toml").read_text("utf-8"),
        "still.toml": still,
        "tables/sites.csv": SITES,
        "tables/links.csv": LINKS,
        "tables/net.graphml": GRAPH,
        "tables/counties.csv": COUNTIES,
    }


@cache
def light_bases() -> tuple[Base, ...]:
    """Return the bases that load in a few milliseconds."""
    small, listed = ((DATA / f"{name}.toml").read_text("utf-8") for name in ("small", "listed"))
    found = [
        Base(f"verification/{path.name}", _short(path.read_text("utf-8")))
        for path in sorted((ROOT / "scenarios" / "verification").glob("*.toml"))
    ]
    graph = LISTED.replace('sites = "tables/sites.csv"\nlinks = "tables/links.csv"', "").replace(
        "[files]", '[files]\ngraph = "tables/net.graphml"'
    )
    files = folder_files()
    csv = {name: files[name] for name in ("tables/sites.csv", "tables/links.csv")}
    extended = {name: files[name] for name in ("listed.toml", "still.toml")}
    return (
        *found,
        Base("small", small),
        Base("listed", listed),
        Base("tables", LISTED, csv),
        Base("graph", graph, {"tables/net.graphml": GRAPH}),
        Base("varied", VARIED, {"listed.toml": extended["listed.toml"]}),
        Base("together", TOGETHER, extended),
        Base(
            "areas",
            small.replace('regions = ["Sanya", "Danzhou"]', 'regions = ["island"]') + AREAS,
            {"tables/counties.csv": COUNTIES},
        ),
    )


@cache
def heavy_bases() -> tuple[Base, ...]:
    """Return the large ones: the shipped campaigns, and a file with nearly every key there is."""
    paths = [*sorted((ROOT / "scenarios").glob("*.toml")), DATA / "rich.toml"]
    alone = [path for path in paths if not path.stem.startswith("season")]
    return tuple(Base(path.name, path.read_text("utf-8"), heavy=True) for path in alone)
