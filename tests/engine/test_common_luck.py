"""Common random numbers: what one entity draws does not depend on what else there is."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from reference.small import FREE, small_network, small_plan

from sim.engine.model import run_replication
from sim.ledger import Ledger
from sim.plan.build import build_plan
from sim.plan.specs import Plan

TESTS = Path(__file__).parents[1]


def digest(ledger: Ledger) -> str:
    """Return a digest of every byte of a ledger's tables."""
    sha = hashlib.sha256(ledger.released.tobytes())
    tables = (ledger.supplies, ledger.trips, ledger.loads, ledger.services, *ledger.tours)
    for table in tables:
        for name in table.__slots__:
            sha.update(getattr(table, name).tobytes())
    return sha.hexdigest()


def test_a_replication_alone_is_the_same_as_among_others() -> None:
    plan = small_plan()
    among_others = [digest(run_replication(plan, r)) for r in (0, 1, 2, 1)]
    assert among_others[1] == among_others[3]
    assert digest(run_replication(small_plan(), 1)) == among_others[1]
    assert len(set(among_others)) == 3


def test_seeds_make_runs_differ_and_repeat() -> None:
    runs = {seed: digest(run_replication(small_plan(f"seed={seed}"), 0)) for seed in (0, 1, 2)}
    assert len(set(runs.values())) == 3
    scenario, network = small_network("seed=1")
    assert digest(run_replication(build_plan(scenario, network), 0)) == runs[1]


@pytest.mark.parametrize("hash_seed", ["1", pytest.param("4242", marks=pytest.mark.slow)])
def test_a_run_is_the_same_in_any_process(hash_seed: str) -> None:
    script = (
        "from test_common_luck import digest\n"
        "from reference.small import small_plan\n"
        "from sim.engine.model import run_replication\n"
        "print(digest(run_replication(small_plan(), 5)))\n"
    )
    path = os.pathsep.join([str(TESTS), str(TESTS / "engine"), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == digest(run_replication(small_plan(), 5))


def factors(plan: Plan, ledger: Ledger) -> dict[tuple[str, str, int], float]:
    """Return the luck of every trip on the road: driving over distance over speed, by its origin,
    its destination and how many went there before it."""
    trips, found = ledger.trips, dict[tuple[str, str, int], float]()
    for row in range(len(trips)):
        origin, destination = (
            plan.site_keys[site] for site in (trips.origin[row], trips.destination[row])
        )
        number = 0
        while (origin, destination, number) in found:
            number += 1
        speed = plan.fleets[plan.lanes[trips.lane[row]].fleet].speed
        found[origin, destination, number] = trips.driving[row] * speed / trips.km[row]
    return found


def tour_hours(plan: Plan, ledger: Ledger) -> dict[str, list[float]]:
    """Return, by county, when each clinic is served, in hours after its tour began."""
    planned, done = plan.tours[0], ledger.tours[0]
    hours: dict[str, list[float]] = {}
    for row in range(len(planned)):
        stops = slice(planned.first[row], planned.first[row + 1])
        after = (done.delivered[stops] - done.began[row]).tolist()
        hours.setdefault(plan.site_keys[planned.site[row]], []).extend(after)
    return hours


def test_without_queues_a_province_does_not_touch_the_others() -> None:
    """With vehicles for all, a county's clinics are served so long after its receipt, whoever else
    takes part."""
    whole = small_plan(*FREE)
    part = small_plan(*FREE, 'geography.regions=["Zhoushan", "Jinchang"]')
    all_hours = tour_hours(whole, run_replication(whole, 4))
    some_hours = tour_hours(part, run_replication(part, 4))
    assert len(all_hours) == 10
    assert len(some_hours) == 6
    for county, hours in some_hours.items():
        np.testing.assert_allclose(hours, all_hours[county], rtol=0, atol=1e-9)


def test_a_province_more_changes_no_draw_of_the_trips_of_others() -> None:
    whole = small_plan(*FREE)
    part = small_plan(*FREE, 'geography.regions=["Zhoushan", "Jinchang"]')
    more = factors(whole, run_replication(whole, 4))
    fewer = factors(part, run_replication(part, 4))
    common = more.keys() & fewer.keys()
    assert len(common) >= 6
    assert all(more[trip] == pytest.approx(fewer[trip], abs=1e-12) for trip in common)


@pytest.mark.parametrize(
    "override",
    [
        "fleets.car.vehicles=3",
        "fleets.van.vehicles=5",
        'fleets.truck.speed="40 km/h"',
        "fleets.truck.vehicles=9",
        "fleets.truck.drivers=2",
        'stations.porch={echelon="county", stage="unloading", time-per-lot={mean="1 h", cv=1}}',
        'calendars.crew.hours="06:00-20:00"',
    ],
)
def test_another_fleet_station_or_shift_changes_no_draw_on_the_road(override: str) -> None:
    plan, other = small_plan(), small_plan(override)
    mine, theirs = (factors(p, run_replication(p, 2)) for p in (plan, other))
    common = mine.keys() & theirs.keys()
    assert len(common) > 0.9 * len(mine)
    assert all(mine[trip] == pytest.approx(theirs[trip], abs=1e-12) for trip in common)


def test_another_vehicle_changes_no_hour_of_any_tour() -> None:
    plan, other = small_plan(), small_plan("fleets.car.vehicles=9")
    mine, theirs = (run_replication(p, 2).tours[0] for p in (plan, other))
    assert (mine.driving == theirs.driving).all()
    assert (mine.ended != theirs.ended).any()


def test_entities_do_not_share_their_luck() -> None:
    """Trips and stops draw from streams of their own: no two factors are alike."""
    plan = small_plan(*FREE, "fleets.van.capacity={units=10}")
    ledger = run_replication(plan, 0)
    lucks = list(factors(plan, ledger).values())
    assert len(set(np.round(lucks, 12))) == len(lucks) > 50
    tours = plan.tours[0]
    stops = ledger.tours[0].delivered - ledger.tours[0].arrived
    assert len(set(np.round(stops, 9))) > 0.99 * len(stops) > 400
    by_county = [stops[np.isin(tours.facility, np.flatnonzero(tours.rank == 0))]]
    assert len(set(np.round(by_county[0], 9))) == len(by_county[0])
    luck = [run_replication(plan, r).tours[0] for r in (1, 2)]
    longer = np.corrcoef(luck[0].driving, luck[1].driving)[0, 1]
    waits = [run.delivered - run.arrived for run in luck]
    assert abs(np.corrcoef(*waits)[0, 1]) < 0.2 < longer


def test_a_wave_is_drawn_within_its_window_and_differs_between_replications() -> None:
    plan = small_plan()
    drawn = np.array([run_replication(plan, r).released for r in range(40)])
    windows = np.array([(wave.earliest, wave.latest) for wave in plan.waves])
    assert ((drawn > windows[:, 0]) & (drawn < windows[:, 1])).all()
    shares = (drawn - windows[:, 0]) / (windows[:, 1] - windows[:, 0])
    assert (np.abs(shares.mean(axis=0) - 0.5) < 0.15).all()
    assert abs(np.corrcoef(shares.T)[0, 1]) < 0.5
