"""Waves that hold what is for some ends only: a destination gets goods of several waves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chains.two_chains import HEAD, Done, carry_out
from hypothesis import given
from hypothesis import strategies as st
from reference.compare import differences
from reference.small import small_plan
from reference.twin import run_twin

from sim.engine.model import run_replication
from sim.errors import ScenarioError
from sim.network import Network
from sim.plan.ends import Ends
from sim.plan.links import Pairs
from sim.plan.specs import Plan
from sim.report.explain import explain_facts, explain_text
from sim.scenario.load import parse_scenario

RELEASE = 24.0 * 6
FORK = """
[echelons.maker]
[echelons.city]
sites = "prefectures"
[echelons.county]
sites = "counties"
[echelons.clinic]
sites = "village-clinics"
title = "clinics"
entitlement = { kit = 2 }
[echelons.centre]
sites = "township-health-centres"
regions = ["Danzhou", "Wanning", "Sanya"]
title = "health centres"
entitlement = { kit = 30 }
[products.kit]
[sites.near]
echelon = "maker"
at = "Haikou"
stock = { kit = 3_000 }
[sites.far]
echelon = "maker"
at = "Sanya"
stock = { kit = 9_000 }
[fleets.truck]
home = "maker"
vehicles = "unlimited"
speed = "60 km/h"
[fleets.van]
home = "city"
vehicles = "unlimited"
speed = "45 km/h"
[fleets.car]
home = "county"
vehicles = "unlimited"
speed = "30 km/h"
[lanes.to-city]
from = "maker"
to = "city"
fleet = "truck"
[lanes.to-county]
from = "city"
to = "county"
fleet = "van"
[lanes.to-clinic]
from = "county"
to = "clinic"
fleet = "car"
tours = { stops = 12, stop-time = "10 min" }
[lanes.to-centre]
from = "county"
to = "centre"
fleet = "car"
tours = { stops = 6, stop-time = "10 min" }
"""
WAVES = """
[waves.later-{lane}]
lane = "{lane}"
for = ["centre"]
regions = "rest"
release = 2023-01-18T00:00:00+08:00
[waves.now-{lane}]
lane = "{lane}"
regions = "rest"
release = 2023-01-12T00:00:00+08:00
"""
TEXT = HEAD + FORK + WAVES.format(lane="to-city") + WAVES.format(lane="to-county")
LATER, NOW = {"to-city": 0, "to-county": 2}, {"to-city": 1, "to-county": 3}


@pytest.fixture(scope="module")
def done() -> Done:
    return carry_out(TEXT)


def due_below(network: Network, end: str) -> np.ndarray:
    """Return what is for an end at every site that drawn facilities hang on: counties, cities."""
    facilities = network.facilities[network.echelons.index(end)]
    due = np.bincount(facilities.site, minlength=len(network.sites)) * facilities.entitlement[0]
    counties = np.flatnonzero(network.sites.echelon == 2)
    np.add.at(due, network.sites.above[counties], due[counties])
    return due


@pytest.mark.parametrize("lane", ["to-city", "to-county"])
def test_the_need_of_a_destination_is_split_exactly(lane: str, done: Done) -> None:
    links, network = done.prepared.plan.links, done.prepared.network
    index = list(done.prepared.loaded.scenario.lanes).index(lane)
    sites = network.of_echelon(index + 1)
    for wave, end in ((LATER[lane], "centre"), (NOW[lane], "clinic")):
        mine = (links.lane == index) & (links.wave == wave)
        units = np.bincount(
            links.destination[mine], links.units[mine], minlength=len(network.sites)
        )
        assert (units[sites] == due_below(network, end)[sites]).all()
    several = links.origin[links.lane == 0] != links.origin[links.lane == 0][0]
    assert several.any()  # both makers supply cities
    rows = links.lane == index
    whole = np.bincount(links.destination[rows], links.units[rows], minlength=len(network.sites))
    assert (whole[sites] == network.sites.need[sites, 0]).all()
    keys = list(zip(links.origin[rows], links.destination[rows], links.wave[rows], strict=True))
    assert len(set(keys)) == len(keys)


def test_a_wave_holds_back_what_is_for_its_ends_and_nothing_else(done: Done) -> None:
    trips, loads = done.ledger.trips, done.ledger.loads
    network = done.prepared.network
    for lane, echelon in ((0, 1), (1, 2)):
        early = (trips.ready < RELEASE) & (trips.lane == lane)
        rows = early[loads.trip]
        sent = np.bincount(trips.destination[loads.trip[rows]], loads.units[rows],
                           minlength=len(network.sites))  # fmt: skip
        sites = network.of_echelon(echelon)
        assert (sent[sites] == due_below(network, "clinic")[sites]).all()
    clinics, centres = done.ledger.tours
    assert np.nanmax(clinics.delivered) < RELEASE  # all clinics have theirs by then
    assert np.nanmin(centres.delivered) > RELEASE
    assert not np.isnan(centres.delivered).any()


def test_without_its_key_a_wave_holds_all() -> None:
    both = carry_out(TEXT.replace('for = ["centre"]\n', 'for = ["centre", "clinic"]\n'))
    assert (both.prepared.plan.links.wave % 2 == 0).all()
    assert (both.ledger.trips.ready >= RELEASE).all()


def test_a_named_region_comes_before_the_rest_of_an_end() -> None:
    first = """
[waves.first]
lane = "to-county"
regions = ["Danzhou"]
release = 2023-01-13T00:00:00+08:00
"""
    done = carry_out(HEAD + FORK + first + WAVES.format(lane="to-county"))
    links, network = done.prepared.plan.links, done.prepared.network
    inside = network.in_regions(["Danzhou"])[links.destination] & (links.lane == 1)
    assert set(links.wave[inside].tolist()) == {0}
    assert set(links.wave[~inside & (links.lane == 1)].tolist()) == {1, 2}


LISTED = """
title = "A depot between"
start = 2030-01-01T00:00:00+00:00
horizon = "9 d"
[geography]
nation = "none"
[products.kit]
[echelons.port]
[echelons.depot]
[echelons.hospital]
[echelons.clinic]
entitlement = { kit = 7 }
[sites]
port = { echelon = "port", at = [0.0, 0.0], stock = { kit = 500 } }
harbour = { echelon = "port", at = [2.0, 0.5], stock = { kit = 19 } }
depot = { echelon = "depot", at = [1.0, 0.0], stock = { kit = OWN } }
store = { echelon = "depot", at = [2.0, 0.0] }
big = { echelon = "hospital", at = [1.1, 0.0], need = { kit = 40 } }
small = { echelon = "hospital", at = [2.1, 0.0], need = { kit = 11 } }
a = { echelon = "clinic", at = [1.2, 0.0] }
b = { echelon = "clinic", at = [2.2, 0.0] }
c = { echelon = "clinic", at = [2.3, 0.0] }
[fleets.truck]
home = "port"
vehicles = "unlimited"
speed = "50 km/h"
[fleets.van]
home = "depot"
vehicles = "unlimited"
speed = "50 km/h"
[lanes.in]
from = "port"
to = "depot"
fleet = "truck"
[lanes.to-hospital]
from = "depot"
to = "hospital"
fleet = "van"
[lanes.to-clinic]
from = "depot"
to = "clinic"
fleet = "van"
tours = { stops = 2, stop-time = "10 min" }
[waves.hospitals]
lane = "in"
for = ["hospital"]
regions = "rest"
release = 2030-01-03T00:00:00+00:00
[waves.clinics]
lane = "in"
for = ["clinic"]
regions = "rest"
release = 2030-01-02T00:00:00+00:00
"""


def by_wave(done: Done, site: str) -> list[int]:
    links = done.prepared.plan.links
    mine = (links.lane == 0) & (links.destination == done.prepared.network.row(site))
    return [int(links.units[mine & (links.wave == wave)].sum()) for wave in (0, 1)]


def test_the_ends_of_listed_sites_are_known_from_who_gets_goods_there() -> None:
    done = carry_out(LISTED.replace("OWN", "0"))
    assert by_wave(done, "depot") == [40, 7]
    assert by_wave(done, "store") == [11, 14]
    links = done.prepared.plan.links
    at_harbour = links.origin == done.prepared.network.row("harbour")
    assert sorted(links.units[at_harbour].tolist()) == [8, 11]  # of 11 and 14, in proportion


def test_what_a_depot_has_of_its_own_counts_for_all_ends_in_proportion() -> None:
    done = carry_out(LISTED.replace("OWN", "20"))
    hospitals, clinics = by_wave(done, "depot")
    assert hospitals + clinics == 47 - 20
    assert (hospitals, clinics) == (23, 4)  # 40 and 7 times 27/47: 22.98 and 4.02


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=4),
    st.lists(st.integers(0, 10), min_size=1, max_size=4),
)
def test_parts_of_several_origins_add_up_both_ways(by_end: list[int], weights: list[int]) -> None:
    total = sum(by_end)
    cuts = np.cumsum(weights) * total // max(sum(weights), 1)
    units = np.diff(cuts, prepend=0)
    if not sum(weights):
        units[0] = total
    units = units[units > 0]
    ends = Ends.__new__(Ends)
    ends._units = np.array(by_end, np.int64)[None, None, :]
    count, zeros = len(units), np.zeros(len(units), np.int64)
    parts = ends.split(Pairs(zeros, np.arange(count), zeros, zeros, units.astype(np.int64)))
    assert parts.sum(axis=1).tolist() == units.tolist()
    assert (parts >= 0).all()
    if count:
        assert parts.sum(axis=0).tolist() == by_end
        spread = parts - units[:, None] * np.array(by_end) / total
        assert np.abs(spread).max() < len(by_end)  # in proportion, but for whole units


def split_in_two(plan: Plan) -> Plan:
    """Return a plan in which every city gets a third of its goods in the other wave."""
    links = plan.links
    columns = {name: getattr(links, name) for name in links.__slots__}
    more = np.flatnonzero((links.lane == 0) & (links.units > 2))
    part = links.units[more] // 3
    doubled = {name: np.concatenate([column, column[more]]) for name, column in columns.items()}
    doubled["units"][more] -= part
    doubled["units"][len(links) :] = part
    doubled["wave"][len(links) :] = 1 - links.wave[more]
    order = np.lexsort((doubled["km"], doubled["wave"], doubled["origin"], doubled["lane"]))
    return replace(plan, links=type(links)(**{n: c[order] for n, c in doubled.items()}))


@pytest.mark.parametrize("replication", [0, 5])
@pytest.mark.parametrize("rule", ["on-arrival", "full-or-after"])
def test_the_twin_gives_both_waves_their_goods(rule: str, replication: int) -> None:
    dispatch = (
        '{rule="on-arrival"}' if rule == "on-arrival" else '{rule="full-or-after", after="6 h"}'
    )
    plan = split_in_two(small_plan(f"lanes.to-city.dispatch={dispatch}"))
    assert len(set(plan.links.wave.tolist())) == 3
    found = differences(run_twin(plan, replication), run_replication(plan, replication))
    assert {name: gap for name, gap in found.items() if gap > 1e-6} == {}


def test_waves_for_ends_in_words() -> None:
    loaded = parse_scenario(TEXT, name="chains", place="chains.toml")
    done = carry_out(TEXT)
    facts = explain_facts(loaded, done.prepared.network, done.prepared.plan)
    assert [row["for"] for row in facts["waves"]] == [["centre"], [], ["centre"], []]
    said = "\n".join(map(str, explain_text(loaded, done.prepared.network, done.prepared.plan)))
    assert "units that are for health centres alone for" in said


NOW_CITY = '[waves.now-to-city]\nlane = "to-city"\n'
TWO_OF_SANYA = """
[waves.x]
lane = "to-city"
regions = ["Sanya"]
FOR_X
release = 2023-01-13T00:00:00+08:00
[waves.y]
lane = "to-city"
regions = ["Sanya"]
for = ["clinic"]
release = 2023-01-14T00:00:00+08:00
"""

#: What is changed (the first place counts), and what is said.
FAULTS: dict[str, tuple[str, str, str]] = {
    "an echelon that is no end": (
        'for = ["centre"]',
        'for = ["county"]',
        """waves.later-to-city.for.0: expected an echelon at which goods of the lane "to-city" end \
(clinic, centre), found "county\"""",
    ),
    "an end twice": (
        'for = ["centre"]',
        'for = ["centre", "centre"]',
        'waves.later-to-city.for.1: expected each echelon once, found "centre" again',
    ),
    "no such echelon": (
        'for = ["centre"]',
        'for = ["center"]',
        """waves.later-to-city.for.0: expected the name of an echelon (maker, city, county, \
clinic, centre), found "center" (did you mean "centre"?)""",
    ),
    "nothing for the others": (
        NOW_CITY,
        NOW_CITY + 'for = ["centre"]\n',
        """waves: expected a wave for the "rest" of the lane "to-city", of what is for "clinic", \
found none (it would never be released)""",
    ),
    "the rest of an end twice": (
        NOW_CITY,
        NOW_CITY + 'for = ["clinic", "centre"]\n',
        'waves.now-to-city.regions: expected one wave for the "rest" of a lane, found another',
    ),
    "a region twice": (
        NOW_CITY,
        TWO_OF_SANYA.replace("FOR_X", "") + NOW_CITY,
        'waves.y.regions.0: expected a region of one wave, found "Sanya" also in "x"',
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_ends(name: str) -> None:
    before, after, said = FAULTS[name]
    assert before in TEXT
    with pytest.raises(ScenarioError) as raised:
        carry_out(TEXT.replace(before, after, 1))
    assert said in str(raised.value)


def test_a_region_may_be_in_waves_for_different_ends() -> None:
    more = TWO_OF_SANYA.replace("FOR_X", 'for = ["centre"]')
    done = carry_out(HEAD + FORK + more + WAVES.format(lane="to-city"))
    links = done.prepared.plan.links
    assert set(links.wave[links.lane == 0].tolist()) == {0, 1, 2, 3}


def test_what_is_for_nobody_in_particular_cannot_be_held_for_an_end() -> None:
    text = LISTED.replace("OWN", "0").replace("need = { kit = 11 }", 'need = { kit = "all" }')
    with pytest.raises(ScenarioError) as raised:
        carry_out(text)
    assert (
        "waves.hospitals.for: expected no such key: nobody knows what is for whom on the lane "
        '"in", found one (some site beyond it takes whatever comes: its "need" is "all")'
    ) in str(raised.value)
