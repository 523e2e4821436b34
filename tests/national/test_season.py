"""The season in one province: what the campaigns share is vans, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.experiment.replicate import Replication, replicate
from sim.experiment.run import prepare
from sim.scenario.load import load_scenario

ROOT = Path(__file__).parents[2]
CAMPAIGNS = ("oximeters", "concentrators", "homes", "key-counties")
#: Ningxia, with as many homes as a province of its size might have.
SMALL = (
    'geography.regions=["Ningxia"]',
    "echelons.homes-first-homes.count=180",
    "echelons.homes-first-homes.largest=60",
    "echelons.homes-other-homes.count=180",
    "echelons.homes-other-homes.smallest=120",
    "echelons.key-counties-home.count=18",
)


def run(name: str, *overrides: str) -> Replication:
    loaded = load_scenario(ROOT / f"scenarios/{name}.toml", [*SMALL, *overrides])
    prepared = prepare(loaded)
    return replicate(prepared.plan, prepared.scope, 0)


def served(done: Replication) -> dict[tuple[str, str], float]:
    return {
        (row.measure, row.echelon): row.value
        for row in done.measures.rows
        if row.measure in ("T50", "T90", "T100", "coverage", "received")
        and row.region == "national"
        and not row.product
    }


@pytest.fixture(scope="module")
def apart() -> Replication:
    return run("season-apart-2023")


def test_shared_vans_cost_time_and_change_nothing_before_the_vans(apart: Replication) -> None:
    shared = run("season-2023", "fleets.county-van.vehicles=1")
    before, after = served(apart), served(shared)
    assert before.keys() == after.keys()
    for (measure, echelon), value in after.items():
        if echelon.endswith(("prefecture", "county")) and echelon != "key-counties-county":
            assert value == before[measure, echelon], "the way to the counties is as it was"
    ends = ("oximeters-clinic", "concentrators-centre", "homes-first-homes", "homes-other-homes")
    late = [after["T90", end] - before["T90", end] for end in ends]
    assert max(late) > 24, "one van for all campaigns is too few"


def test_without_a_want_of_vans_sharing_changes_nothing() -> None:
    shared = run("season-2023", 'fleets.county-van.vehicles="unlimited"')
    own = run(
        "season-apart-2023",
        *(f'fleets.{name}-county-van.vehicles="unlimited"' for name in CAMPAIGNS),
    )
    assert served(shared) == served(own)
    one, other = shared.ledger, own.ledger
    for mine, theirs in zip(one.tours, other.tours, strict=True):
        assert np.array_equal(mine.delivered, theirs.delivered, equal_nan=True)


def test_each_campaign_starts_when_it_does_alone(apart: Replication) -> None:
    """The concentrators' makers have their stock from 10 January, three days into the season."""
    plan = prepare(load_scenario(ROOT / "scenarios/season-apart-2023.toml", [*SMALL])).plan
    loads, trips = apart.ledger.loads, apart.ledger.trips
    products = [plan.products.index(f"{name}-concentrator") for name in ("concentrators", "homes")]
    for product in products:
        first = np.nanmin(trips.dispatched[loads.trip[loads.product == product]])
        assert first >= 72


def test_a_count_of_the_nation_in_one_province_is_worth_a_note() -> None:
    loaded = load_scenario(ROOT / "scenarios/nursing-homes-2023.toml", SMALL[:1])
    notes = prepare(loaded).plan.notes
    assert [note for note in notes if "19,778 nursing homes in regions with" in note]
    whole = load_scenario(ROOT / "scenarios/nursing-homes-2023.toml")
    assert not [note for note in prepare(whole).plan.notes if "is that the count" in note]
