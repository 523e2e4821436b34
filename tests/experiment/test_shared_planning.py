"""Planning shared between scenarios: the same plans as alone, and no work that was done before."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.experiment.replicate import replicate
from sim.experiment.run import Prepared, prepare
from sim.geography.distance import disc_points
from sim.memo import Memo
from sim.policies.routing import TOUR_METHODS
from sim.scenario.load import load_scenario

SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"
VANS = "fleets.county-van.vehicles"
VARIANTS = [
    [],
    [f"{VANS}=3"],
    ["fleets.county-van.speed=41 km/h"],
    ["lanes.to-clinic.tours.stops=6"],
    ["fleets.county-van.capacity.volume=0.004 m3"],
    ["echelons.clinic.entitlement.oximeter=40"],
    ["echelons.clinic.total={oximeter = 700}"],
    ['geography.regions=["Sanya"]'],
    ["seed=5"],
    ["geography.circuity=1.25"],
    ["geography.clinic-estimate=B"],
    ["lanes.to-clinic.tours.method=sweep"],
    ["lanes.to-clinic.tours.order=farthest-first"],
    ["lanes.to-clinic.tours.stop-time.mean=20 min"],
]


def plain(value: Any) -> Any:
    """Everything in a value, arrays by their bytes, such as can be compared."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if is_dataclass(value):
        return type(value).__name__, [plain(getattr(value, f.name)) for f in fields(value)]
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return [plain(one) for one in value.items()]
    return repr(value)


def content(prepared: Prepared) -> list[Any]:
    """All that planning made, but for the nation that everybody shares."""
    network = prepared.network
    return [
        plain(prepared.plan),
        plain(prepared.scope),
        plain(network.sites),
        plain(network.facilities),
    ]


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was worked out anew: tours by method, and points."""
    found = list[str]()

    for name, method in TOUR_METHODS.items():

        def counted(*args: Any, name: str = name, method: Any = method, **kwargs: Any) -> Any:
            found.append(name)
            return method(*args, **kwargs)

        monkeypatch.setitem(TOUR_METHODS, name, counted)

    def drawn(*args: Any) -> Any:
        found.append("points")
        return disc_points(*args)

    monkeypatch.setattr("sim.geography.villages.disc_points", drawn)
    return found


def test_a_memory_that_has_seen_other_variants_changes_nothing() -> None:
    memo = Memo()
    scenarios = [load_scenario(SMALL, overrides) for overrides in VARIANTS]
    for one in scenarios:
        prepare(one, memo)
    alone = [content(prepare(one)) for one in scenarios]
    assert [content(prepare(one, memo)) for one in reversed(scenarios)] == alone[::-1]
    assert all(one != alone[0] for one in alone[1:])  # each variant is one


@pytest.mark.parametrize(
    ("overrides", "anew"),
    [
        ([f"{VANS}=3"], []),
        (["seed=5"], []),
        (["lanes.to-clinic.tours.order=farthest-first"], []),
        (["echelons.clinic.entitlement.oximeter=3"], []),  # a van still holds more than 15 stops
        (["fleets.county-van.speed=41 km/h"], ["savings"]),  # a tour takes 9 hours at most
        (["lanes.to-clinic.tours.stops=6"], ["savings"]),
        (["lanes.to-clinic.tours.method=sweep"], ["sweep"]),
        (['geography.regions=["Sanya"]'], ["points", "savings"]),
    ],
)
def test_only_what_has_changed_is_worked_out_anew(
    planned: list[str], overrides: list[str], anew: list[str]
) -> None:
    memo = Memo()
    prepare(load_scenario(SMALL), memo)
    assert planned == ["points", "savings"]
    planned.clear()
    prepare(load_scenario(SMALL, overrides), memo)
    assert planned == anew


def test_runs_write_to_nothing_that_is_shared() -> None:
    memo = Memo()
    first = prepare(load_scenario(SMALL), memo)
    before = replicate(first.plan, first.scope, 0)
    again = prepare(load_scenario(SMALL, [f"{VANS}=3"]), memo)
    facilities, shared = (p.network.facilities[3] for p in (first, again))
    assert facilities.lat is shared.lat
    assert not shared.lat.flags.writeable
    replicate(again.plan, again.scope, 0)
    after = replicate(first.plan, first.scope, 0)
    assert plain(after.measures.rows) == plain(before.measures.rows)
