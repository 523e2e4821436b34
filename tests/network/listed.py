"""A small network of listed sites without a geography, to be changed by tests.

Two plants feed two depots; each depot could serve three shops. All sites lie on the equator, where
a degree is 111.195 km.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sim.network import Network, build_network
from sim.plan.assign import assign_links
from sim.plan.shifts import compile_shifts
from sim.plan.specs import Links
from sim.plan.supply import plan_supplies
from sim.scenario.load import LoadedScenario, parse_scenario

DEGREE = 111.19508023353306  # km: 6371.0088 km times pi over 180

HEAD = """
title = "Listed sites"
start = 2023-01-07T00:00:00+08:00
horizon = "9 d"
[geography]
nation = "none"
circuity = 1.0
[sourcing]
rule = "least-cost"
[products.mask]
[products.gown]
"""
SITES = """
[echelons.plant]
[echelons.depot]
[echelons.shop]
entitlement = { mask = 10 }
[sites.east]
echelon = "plant"
at = [0, 0]
stock = { mask = 1_000, gown = 1_000 }
[sites.west]
echelon = "plant"
at = [0, 9]
stock = { mask = 1_000, gown = 1_000 }
[sites.d1]
echelon = "depot"
at = [0, 1]
region = "north"
[sites.d2]
echelon = "depot"
at = [0, 8]
region = "south"
[sites.s1]
echelon = "shop"
at = [0, 2]
region = "north"
attributes = { people = 500 }
[sites.s2]
echelon = "shop"
at = [0, 5]
region = "middle"
attributes = { people = 900 }
need = { gown = 3 }
[sites.s3]
echelon = "shop"
at = [0, 7]
region = "south"
attributes = { people = 100 }
need = { mask = 4 }
"""
LANES = """
[fleets.truck]
home = "plant"
vehicles = 3
speed = "60 km/h"
[fleets.van]
home = "depot"
vehicles = 3
speed = "60 km/h"
[lanes.feed]
from = "plant"
to = "depot"
fleet = "truck"
[lanes.serve]
from = "depot"
to = "shop"
fleet = "van"
"""
TEXT = HEAD + SITES + LANES


class World(NamedTuple):
    """A scenario with its network and its links."""

    loaded: LoadedScenario
    network: Network
    links: Links
    notes: list[str]

    def rows(self, lane: str) -> list[tuple[str, str, str, int]]:
        """Return origin, destination, product and units of a lane's links, in their order."""
        index = list(self.loaded.scenario.lanes).index(lane)
        name, links = self.network.sites.name, self.links
        return [
            (name[o], name[d], self.network.products[p], u)
            for at, o, d, p, u in zip(
                links.lane, links.origin, links.destination, links.product, links.units.tolist(),
                strict=True,
            )
            if at == index
        ]  # fmt: skip

    def sent(self, lane: str) -> set[tuple[str, str, str, int]]:
        """Return the same without an order, but each once."""
        rows = self.rows(lane)
        assert len(set(rows)) == len(rows)
        return set(rows)

    def column(self, lane: str, name: str) -> dict[tuple[str, str], float]:
        """Return a column of the links of a lane by origin and destination."""
        index = list(self.loaded.scenario.lanes).index(lane)
        sites, links = self.network.sites.name, self.links
        return {
            (sites[links.origin[i]], sites[links.destination[i]]): float(getattr(links, name)[i])
            for i in range(len(links))
            if links.lane[i] == index
        }


def world(*overrides: str, text: str = TEXT, more: str = "", folder: Path | None = None) -> World:
    """Load a text with overrides, and lay out its network and its links."""
    loaded = parse_scenario(
        text + more, name="listed", place="listed.toml", overrides=overrides, folder=folder
    )
    scenario = loaded.scenario
    network = build_network(scenario)
    supplies = plan_supplies(scenario, network, compile_shifts(scenario))
    circuity = [
        (lane.circuity or scenario.geography.circuity).value for lane in scenario.lanes.values()
    ]
    links, notes = assign_links(scenario, network, supplies, (), circuity)
    return World(loaded, network, links, notes)
