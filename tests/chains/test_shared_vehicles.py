"""Fleets whose home is several echelons: sites at one place share their vehicles."""

from __future__ import annotations

import itertools
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chains.two_chains import HEAD, Done, carry_out, centres, clinics
from hypothesis import given
from hypothesis import strategies as st
from reference.compare import differences
from reference.twin import run_twin

from sim.audit import audit
from sim.engine.model import run_replication
from sim.engine.wiring import wire
from sim.errors import RunError, ScenarioError
from sim.experiment.run import prepare, run_experiment
from sim.ledger import Ledger
from sim.network import Sites, pools_of
from sim.plan.specs import Plan
from sim.plots.use import read_use
from sim.scenario.load import parse_scenario

LUCK = (
    "lanes.a-to-end.travel={cv=0.3, shared-cv=0.1}",
    "lanes.b-to-end.travel={cv=0.2}",
    "lanes.a-to-county.travel={cv=0.3}",
)


def apart(cars: int | str) -> str:
    """Two chains, each with cars of its own."""
    return HEAD + clinics("a-", cars) + centres("b-", cars)


def together(cars: int | str, vans: bool = False) -> str:
    """Two chains that share their cars, and their vans too if said so."""
    text = apart(cars)
    begin = text.index("[fleets.b-car]")
    text = text[:begin] + text[text.index("[stations.b-desk]") :]
    text = text.replace('fleet = "b-car"', 'fleet = "a-car"')
    text = text.replace('home = "a-county"', 'home = ["a-county", "b-county"]')
    if vans:
        text = text.replace('fleet = "b-van"', 'fleet = "a-van"')
        text = text.replace('home = "a-city"', 'home = ["a-city", "b-city"]')
    return text


def plan_of(text: str, *overrides: str) -> Plan:
    loaded = parse_scenario(text, name="chains", place="chains.toml", overrides=overrides)
    return prepare(loaded).plan


def everything(value: Any) -> list[bytes]:
    """Return all that a ledger holds, byte for byte."""
    if isinstance(value, np.ndarray):
        return [value.tobytes()]
    if isinstance(value, tuple):
        return [part for item in value for part in everything(item)]
    if is_dataclass(value):
        return [part for f in fields(value) for part in everything(getattr(value, f.name))]
    return [repr(value).encode()]


def halls(done: Done) -> list[tuple[int, int]]:
    """Return the county sites of both chains at the same places."""
    keys = {key: row for row, key in enumerate(done.prepared.network.sites.key)}
    return [(keys[key.replace("b-", "a-")], row) for key, row in keys.items() if "b-county" in key]


def outings(ledger: Ledger, plan: Plan, site: int) -> list[tuple[float, float]]:
    """Return when vehicles were out on tours from a site."""
    found = []
    for planned, done in zip(plan.tours, ledger.tours, strict=True):
        mine = (planned.site == site) & ~np.isnan(done.began)
        ends = np.where(np.isnan(done.ended[mine]), plan.horizon, done.ended[mine])
        found += list(zip(done.began[mine].tolist(), ends.tolist(), strict=True))
    return found


def test_sharing_vehicles_without_number_changes_nothing() -> None:
    for luck in ((), LUCK):
        one, other = (
            carry_out(apart('"unlimited"'), *luck),
            carry_out(together('"unlimited"'), *luck),
        )
        assert other.prepared.plan.fleets[2].pooled
        assert everything(one.ledger) == everything(other.ledger)


def test_one_shared_vehicle_is_never_on_two_trips_at_once() -> None:
    done = carry_out(together(1), *LUCK)
    plan, ledger = done.prepared.plan, done.ledger
    shared = 0
    for one, other in halls(done):
        spans = sorted(outings(ledger, plan, one) + outings(ledger, plan, other))
        assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(spans))
        shared += len(outings(ledger, plan, other)) > 0 < len(outings(ledger, plan, one))
    assert shared == 3
    separate = carry_out(apart(1), *LUCK)
    both = [
        sorted(outings(separate.ledger, separate.prepared.plan, a)
               + outings(separate.ledger, separate.prepared.plan, b))
        for a, b in halls(separate)
    ]  # fmt: skip
    assert any(e > b for s in both for (_, e), (b, _) in itertools.pairwise(s))


def test_counties_of_one_chain_alone_are_untouched() -> None:
    """Where only one chain has tours, sharing changes no stop, to the last bit."""
    one, other = carry_out(apart(1), *LUCK), carry_out(together(1), *LUCK)
    mine = [site for site, _ in halls(one)]
    assert wire(other.prepared.plan).lines[2] == mine
    (planned, _), (before, _), (after, _) = (
        one.prepared.plan.tours, one.ledger.tours, other.ledger.tours,
    )  # fmt: skip
    alone = ~np.isin(planned.site, mine)
    assert alone.sum() > 100
    assert before.began[alone].tobytes() == after.began[alone].tobytes()
    assert before.ended[alone].tobytes() == after.ended[alone].tobytes()
    stops = np.repeat(alone, np.diff(planned.first))
    assert before.delivered[stops].tobytes() == after.delivered[stops].tobytes()
    assert before.delivered[~stops].tobytes() != after.delivered[~stops].tobytes()


@pytest.mark.parametrize("vans", [False, True])
@pytest.mark.parametrize("cars", [1, 2])
def test_the_twin_shares_in_the_same_way(cars: int, vans: bool) -> None:
    plan = plan_of(together(cars, vans), *LUCK, 'horizon="12 d"')
    found = differences(run_twin(plan, 1), run_replication(plan, 1))
    assert {name: gap for name, gap in found.items() if gap > 1e-6} == {}


def test_the_audit_counts_what_all_have_out() -> None:
    done = carry_out(together(1), *LUCK)
    plan = done.prepared.plan
    for fleet in plan.fleets:
        few = replace(fleet, vehicles=0.0)
        wrong = replace(plan, fleets=tuple(few if f is fleet else f for f in plan.fleets))
        with pytest.raises(RunError, match=f"{fleet.name} of .* has more vehicles out than it has"):
            audit(done.ledger, wrong)
    separate = carry_out(apart(1), *LUCK)
    pooled = tuple((other, one) for one, other in halls(separate))
    lanes = tuple(replace(lane, fleet=2) if lane.fleet == 5 else lane
                  for lane in separate.prepared.plan.lanes)  # fmt: skip
    fleets = list(separate.prepared.plan.fleets)
    fleets[2] = replace(fleets[2], pooled=pooled)
    claimed = replace(separate.prepared.plan, lanes=lanes, fleets=tuple(fleets))
    with pytest.raises(RunError, match="a-car of a-county/46"):
        audit(separate.ledger, claimed)


def test_a_pool_is_counted_once(tmp_path: Path) -> None:
    done = carry_out(together(2))
    sites = done.prepared.network.sites
    (row,) = [r for r in done.measures.rows if (r.measure, r.entity) == ("vehicle-use", "a-car")]
    assert row.echelon == "a-county"
    assert 0 < row.value <= 1
    (most,) = [r for r in done.measures.rows
               if (r.measure, r.entity) == ("vehicles-at-once", "a-car")]  # fmt: skip
    assert most.value <= 2 * int((sites.echelon == 2).sum())
    loaded = parse_scenario(together(2), name="chains", place="chains.toml")
    result = run_experiment(prepare(loaded), tmp_path / "out")
    (cars,) = [panel for panel in read_use(result).fleets if panel.name == "a-car"]
    assert cars.limit == 2 * int((sites.echelon == 2).sum())  # no place of the other chain is new


def test_vehicles_are_away_from_all_who_share_them() -> None:
    away = """
[disruptions.away]
kind = "fewer-vehicles"
fleet = "a-car"
vehicles = 1
begins = 2023-01-12T00:00:00+08:00
lasts = "31 d"
"""
    fewer, one = carry_out(together(2) + away), carry_out(together(1))
    assert fewer.prepared.plan.disruptions[0].sites == tuple(
        np.flatnonzero(fewer.prepared.network.sites.echelon == 2).tolist()
    )
    for mine, theirs in zip(fewer.ledger.tours, one.ledger.tours, strict=True):
        assert mine.began.tobytes() == theirs.began.tobytes()
        assert mine.delivered.tobytes() == theirs.delivered.tobytes()
    only = carry_out(together(2) + away + 'regions = ["Danzhou"]\n')
    assert len(only.prepared.plan.disruptions[0].sites) == 1


FAULTS = {
    ('home = "a-county"', 'home = ["a-county", "a-county"]'): (
        'fleets.a-car.home.1: expected each echelon once, found "a-county" again'
    ),
    ('home = "a-county"', 'home = ["a-county", "a-end"]'): (
        'fleets.a-car.home.1: expected an echelon of sites, found "a-end", which the tours of '
        '"a-to-end" visit'
    ),
    ('home = "a-county"', "home = []"): "fleets.a-car.home: expected at least 1 entry, found none",
    ('home = "a-county"', 'home = ["a-county", "c-county"]'): (
        "fleets.a-car.home.1: expected the name of an echelon"
    ),
    ('fleet = "a-car"', 'fleet = "a-van"'): (
        'lanes.a-to-end.fleet: expected a fleet whose home is "a-county", found "a-van", whose '
        'home is "a-city"'
    ),
}


@pytest.mark.parametrize("change", FAULTS)
def test_faults_of_homes(change: tuple[str, str]) -> None:
    with pytest.raises(ScenarioError) as raised:
        plan_of(apart(1).replace(*change))
    assert FAULTS[change] in str(raised.value)


def test_who_is_at_home_in_two_echelons_is_told_so() -> None:
    with pytest.raises(ScenarioError) as raised:
        plan_of(together(1).replace('fleet = "b-van"', 'fleet = "a-car"'))
    assert 'found "a-car", whose home is "a-county" and "b-county"' in str(raised.value)


def test_a_home_stays_as_it_was_written() -> None:
    for text, home in ((apart(1), "a-county"), (together(1), ["a-county", "b-county"])):
        loaded = parse_scenario(text, name="chains", place="chains.toml")
        assert loaded.document["fleets"]["a-car"]["home"] == home


def sites_at(points: list[int], echelons: list[int], codes: list[int]) -> Sites:
    """Return sites at points of a meridian, -1 for nowhere; codes below 1000 are of counties."""
    count = len(points)
    nothing = np.zeros(count, np.int64)
    lat = np.array([np.nan if point < 0 else float(point) for point in points])
    county = np.where(np.array(codes) < 1000, 1, -1)
    return Sites(
        tuple(map(str, range(count))), ("",) * count, np.array(codes), np.array(echelons), lat, lat,
        nothing, nothing, county, nothing, nothing, nothing[:, None], nothing > 0, {},
    )  # fmt: skip


def test_who_shares_with_whom() -> None:
    #           two counties of one point; a city and a store there; a place of one echelon; nowhere
    points = [1, 1, 2, 1, 1, 3, -1, -1, 1]
    echelons = [0, 0, 0, 1, 1, 1, 0, 1, 2]
    codes = [11, 12, 13, 12, 14, 15, 0, 0, 2000]
    sites = sites_at(points, echelons, codes)
    assert pools_of(sites, [0]).tolist() == [0, 1, 2, -1, -1, -1, 6, -1, -1]
    # county 12 shares with county 12, and county 14 is another place at the same point
    assert pools_of(sites, [0, 1]).tolist() == [0, 1, 2, 1, 4, 5, 6, 7, -1]
    assert pools_of(sites, [1, 0]).tolist() == [0, 3, 2, 3, 4, 5, 6, 7, -1]
    assert pools_of(sites, [0, 2]).tolist() == [0, 1, 2, -1, -1, -1, 6, -1, 0]
    assert pools_of(sites, [2, 1]).tolist() == [-1, -1, -1, 8, 4, 5, -1, 7, 8]


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 3), st.sampled_from([0, 1, 2, 2000]))))
def test_pools_are_places(rows: list[tuple[int, int, int]]) -> None:
    points, echelons, codes = (list(c) for c in zip(*rows, strict=True)) if rows else ([], [], [])
    sites = sites_at(points, echelons, codes)
    pools = pools_of(sites, [0, 2, 1])
    for site, pool in enumerate(pools.tolist()):
        assert (pool < 0) == (echelons[site] == 3)
        if pool >= 0:
            assert pools[pool] == pool
            assert points[pool] == points[site]
            assert pool == site or points[site] >= 0
    members = [(p, echelons[s]) for s, p in enumerate(pools.tolist()) if p >= 0]
    assert len(set(members)) == len(members)  # one site of an echelon in each pool
