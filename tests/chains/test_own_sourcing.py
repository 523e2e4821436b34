"""Echelons with a sourcing rule of their own, and orders that several echelons share."""

from __future__ import annotations

import pytest
from chains.two_chains import Done, carry_out

from sim.errors import ScenarioError

TEXT = """
title = "Two ports, stores and hospitals"
start = 2030-01-01T00:00:00+00:00
horizon = "9 d"
[geography]
nation = "none"
[products.kit]
[echelons.port]
[echelons.store]
[echelons.hospital]
[sites]
west = { echelon = "port", at = [0.0, 0.0], stock = { kit = 10 }, output = { kit = "10/day" } }
east = { echelon = "port", at = [0.0, 5.0], stock = { kit = 500 } }
s1 = { echelon = "store", at = [0.0, 1.0], region = "r", need = { kit = 40 } }
s2 = { echelon = "store", at = [0.0, 2.0], need = { kit = 20 } }
h1 = { echelon = "hospital", at = [0.1, 1.0], region = "r", need = { kit = 30 } }
[fleets.truck]
home = "port"
vehicles = "unlimited"
speed = "50 km/h"
[lanes.to-store]
from = "port"
to = "store"
fleet = "truck"
[lanes.to-hospital]
from = "port"
to = "hospital"
fleet = "truck"
[sourcing]
rule = "least-cost"
window = "1 d"
"""
OWN = '[echelons.store.sourcing]\nrule = "nearest"\n'


def supplied(done: Done, lane: str) -> dict[tuple[str, str], int]:
    """Return the units of a lane by origin and destination."""
    links, keys = done.prepared.plan.links, done.prepared.network.sites.key
    index = list(done.prepared.loaded.scenario.lanes).index(lane)
    rows = [row for row in range(len(links)) if links.lane[row] == index]
    return {
        (keys[links.origin[r]][5:], keys[links.destination[r]][5:]): int(links.units[r])
        for r in rows
    }


def test_an_echelon_is_supplied_by_its_own_rule() -> None:
    common, own = carry_out(TEXT), carry_out(TEXT + OWN)
    # hospitals come last in the file and so are assigned first, by least cost: 20 are made in a day
    hospitals = {("west", "h1"): 20, ("east", "h1"): 10}
    assert supplied(common, "to-hospital") == supplied(own, "to-hospital") == hospitals
    assert supplied(common, "to-store") == {("east", "s1"): 40, ("east", "s2"): 20}
    assert supplied(own, "to-store") == {("west", "s1"): 40, ("west", "s2"): 20}
    assert carry_out(TEXT.replace("least-cost", "nearest")).prepared.plan.links.units.sum() == 90


def test_a_window_of_its_own() -> None:
    own = '[echelons.hospital.sourcing]\nwindow = "3 d"\n'
    assert supplied(carry_out(TEXT + own), "to-hospital") == {("west", "h1"): 30}


def test_the_same_rule_said_twice_changes_nothing() -> None:
    same = (
        '[echelons.store.sourcing]\nwindow = "1 d"\n[echelons.hospital.sourcing]\nwindow = "1 d"\n'
    )
    for lane in ("to-store", "to-hospital"):
        assert supplied(carry_out(TEXT + same), lane) == supplied(carry_out(TEXT), lane)


def test_an_order_covers_its_units_once() -> None:
    """Over all echelons together, the last of the file first."""
    order = '[orders.gift]\nfrom = "east"\nproduct = "kit"\nregions = ["r"]\nunits = 50\n'
    nearest = TEXT.replace("least-cost", "nearest")
    done = carry_out(nearest + order)
    assert supplied(done, "to-hospital") == {("east", "h1"): 30}
    assert supplied(done, "to-store") == {
        ("east", "s1"): 20, ("west", "s1"): 20, ("west", "s2"): 20,
    }  # fmt: skip
    assert any("covers 20 of the 40 units" in note for note in done.prepared.plan.notes)


DRAWN = """
title = "Down the tree"
start = 2030-01-01T00:00:00+00:00
horizon = "9 d"
[geography]
regions = ["Sanya"]
[products.kit]
[echelons.port]
[echelons.city]
sites = "prefectures"
[echelons.county]
sites = "counties"
[echelons.clinic]
sites = "village-clinics"
entitlement = { kit = 2 }
[sites]
west = { echelon = "port", at = "Haikou", stock = { kit = 1_000 } }
[fleets]
truck = { home = "port", vehicles = 2, speed = "50 km/h" }
van = { home = "city", vehicles = 2, speed = "50 km/h" }
car = { home = "county", vehicles = 2, speed = "50 km/h" }
[lanes]
to-city = { from = "port", to = "city", fleet = "truck" }
to-county = { from = "city", to = "county", fleet = "van" }
[lanes.to-clinic]
from = "county"
to = "clinic"
fleet = "car"
tours = { stops = 9, stop-time = "9 min" }
"""


@pytest.mark.parametrize(
    ("echelon", "why"),
    [
        ("port", "no lane leads to it"),
        ("county", "each is supplied by the place that it lies in"),
        ("clinic", "tours visit everybody from the site that serves them"),
    ],
)
def test_where_nobody_chooses_there_is_no_rule(echelon: str, why: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        carry_out(DRAWN + f'[echelons.{echelon}.sourcing]\nrule = "nearest"\n')
    assert (
        f"echelons.{echelon}.sourcing: expected no such table: nobody chooses who supplies these "
        f"sites, found one ({why})"
    ) in str(raised.value)
    carry_out(DRAWN + '[echelons.city.sourcing]\nrule = "nearest"\n')
