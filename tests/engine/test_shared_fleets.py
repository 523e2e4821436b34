"""Vehicles that make tours and other trips: one line for all of them, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.audit import audit
from sim.engine.model import run_replication
from sim.experiment.run import prepare
from sim.ledger import Ledger
from sim.scenario.load import parse_scenario

# Everything lies on a meridian: 0.1 degrees of latitude are 11.12 km, which take as many minutes.
TWO_JOBS = """
title = "A store with vans that visit clinics and carry goods to a hospital"
start = 2024-01-01T00:00:00+00:00
horizon = "4 d"
[geography]
nation = "none"
circuity = 1.0
[products.kit]
[echelons.store]
[echelons.hospital]
[echelons.clinic]
entitlement = { kit = 2 }
[sites.store]
echelon = "store"
at = [0.0, 0.0]
stock = { kit = 11 }
[sites.hospital]
echelon = "hospital"
at = [0.1, 0.0]
need = { kit = 7 }
[sites.near]
echelon = "clinic"
at = [-0.1, 0.0]
[sites.far]
echelon = "clinic"
at = [-0.2, 0.0]
[fleets.van]
home = "store"
vehicles = 1
speed = "60 km/h"
drivers = 2
capacity = { units = 7 }
[lanes.to-hospital]
from = "store"
to = "hospital"
fleet = "van"
[lanes.to-clinic]
from = "store"
to = "clinic"
fleet = "van"
tours = { stops = 1, stop-time = "10 min" }
"""


def run(*overrides: str) -> Ledger:
    loaded = parse_scenario(TWO_JOBS, name="two-jobs", place="test", overrides=overrides)
    plan = prepare(loaded).plan
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    return ledger


HOP = 0.1 * np.pi / 180 * 6371.0088 / 60  # hours to the hospital or the near clinic


def test_one_van_does_one_job_after_the_other() -> None:
    ledger = run()
    trips, (tours,) = ledger.trips, ledger.tours
    assert trips.received.tolist() == pytest.approx([HOP], abs=1e-6)
    assert trips.returned.tolist() == pytest.approx([2 * HOP], abs=1e-6)
    assert tours.ready.tolist() == [0.0, 0.0]
    stop = 1 / 6
    assert tours.began.tolist() == pytest.approx([2 * HOP, 4 * HOP + stop], abs=1e-6)
    assert tours.ended.tolist() == pytest.approx([4 * HOP + stop, 8 * HOP + 2 * stop], abs=1e-6)


def test_a_second_van_does_the_second_job_at_once() -> None:
    ledger = run("fleets.van.vehicles=2")
    assert ledger.trips.received.tolist() == pytest.approx([HOP], abs=1e-6)
    assert ledger.tours[0].began.tolist() == pytest.approx([0.0, 2 * HOP], abs=1e-6)


def test_scarce_goods_go_along_the_first_lane_first() -> None:
    ledger = run("sites.store.stock.kit=9")
    assert int(ledger.loads.units.sum()) == 7
    assert np.isnan(ledger.tours[0].ready).tolist() == [False, True]


TWO_KINDS = """
title = "A depot with a large truck and a small van"
start = 2024-01-01T00:00:00+00:00
horizon = "2 d"
[geography]
nation = "none"
[products.kit]
[echelons.depot]
[echelons.store]
[sites.depot]
echelon = "depot"
[sites.store]
echelon = "store"
need = { kit = "all" }
[supply.lots]
site = "depot"
product = "kit"
lot = { law = "empirical", values = [LOTS] }
gap = "1 h"
first = "0 h"
most = 3
[fleets.truck]
home = "depot"
vehicles = 1
capacity = { units = 10 }
[fleets.van]
home = "depot"
vehicles = 1
capacity = { units = 4 }
[lanes.road]
from = "depot"
to = "store"
fleet = ["truck", "van"]
time = "5 h"
"""


@pytest.mark.parametrize(
    ("lot", "fleets", "taken"),
    [
        (4, [0, 1, 0], [0.0, 1.0, 10.0]),  # the third waits for both, and the truck is home first
        (5, [0, 0, 0], [0.0, 10.0, 20.0]),  # the van does not hold them
    ],
)
def test_a_load_goes_with_the_first_kind_that_is_free_and_holds_it(
    lot: int, fleets: list[int], taken: list[float]
) -> None:
    text = TWO_KINDS.replace("LOTS", str(lot))
    plan = prepare(parse_scenario(text, name="two-kinds", place="test")).plan
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    assert ledger.trips.fleet.tolist() == fleets
    assert ledger.trips.taken.tolist() == taken
