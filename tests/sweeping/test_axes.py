"""Axes and layouts: what is asked to be varied, and the points that come of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import UsageError
from sim.experiment.factors import parse_factor
from sim.scenario.load import load_scenario
from sim.sweeping.axes import SHARE_OF_RANGE, Axis
from sim.sweeping.choose import Wanted, choose_axes, split_sets
from sim.sweeping.layout import KINDS, Kind, lay_out

COURIERS = Path(__file__).parents[2] / "scenarios" / "courier-packs-2022.toml"
DOCUMENT: dict[str, Any] = {
    "fleet": {
        "vans": {"value": 4, "range": [1, 8], "status": "assumed"},
        "speed": {"value": "50 km/h", "range": ["30 km/h", "60 km/h"], "status": "assumed"},
        "load": {"mean": "30 min", "cv": 0.3, "range": ["20 min", "2 h"], "status": "derived"},
    },
    "sites": {
        "north": {"stock": {"value": 0, "range": [0, 10], "status": "assumed"}},
        "south": {"stock": {"value": 0, "range": [0, 10], "status": "assumed"}},
        "west": {"stock": {"value": 5, "range": [0, 30], "status": "assumed"}},
    },
    "rule": "nearest-first",
}


def axes_of(**wanted: Any) -> list[Axis]:
    return choose_axes(DOCUMENT, Wanted(**wanted))


def test_one_value_fixes_and_several_vary() -> None:
    fixed, factors = split_sets(
        [
            "a.b=3",
            "a.vans=1:3",
            "a.speed=30 km/h, 60 km/h",
            'a.regions=["Hebei", "Henan"]',
            'title="one, two"',
            "start=2023-01-07T00:00:00+08:00",
            "nonsense",
        ]
    )
    assert [factor.texts for factor in factors] == [("1", "2", "3"), ("30 km/h", "60 km/h")]
    assert fixed == (
        "a.b=3",
        'a.regions=["Hebei", "Henan"]',
        'title="one, two"',
        "start=2023-01-07T00:00:00+08:00",
        "nonsense",
    )
    with pytest.raises(UsageError, match=r"a\.vans is varied twice"):
        split_sets(["a.vans=1,2", "a.vans=3,4"])


def test_without_anything_wanted_all_assumptions_vary() -> None:
    assert [axis.name for axis in axes_of()] == [
        "fleet.vans",
        "fleet.speed",
        "sites.north.stock",
        "sites.south.stock",
        "sites.west.stock",
    ]
    assert "fleet.load" in [axis.name for axis in axes_of(any_status=True)]
    assert [axis.name for axis in axes_of(vary=("fleet.load", "fleet.v*"))] == [
        "fleet.vans",
        "fleet.load",
    ]
    one = axes_of(factors=(parse_factor("fleet.vans=2,4"),), assumptions=True)
    assert [axis.name for axis in one].count("fleet.vans") == 1


def test_what_moves_together_is_one_axis() -> None:
    both, apart = (
        axes_of(together=(pattern,))[0] for pattern in ("sites.[ns]*.stock", "sites.*.stock")
    )
    assert (both.low, both.high, both.base.number) == (0.0, 10.0, 0.0)
    assert both.at(1.0).values == (("sites.north.stock", "10"), ("sites.south.stock", "10"))
    assert both.at(1.0).number == 10.0
    assert [end.number for end in both.ends()] == [10.0], "the lower end is the scenario itself"
    assert (apart.unit, apart.low, apart.high, apart.base.number) == (SHARE_OF_RANGE, 0, 1, None)
    assert apart.at(0.5).values[-1] == ("sites.west.stock", "15")
    assert apart.at(0.5).number == 0.5
    rest = axes_of(together=("sites.*.stock",), assumptions=True)
    assert [axis.name for axis in rest] == ["fleet.vans", "fleet.speed", "sites.*.stock"]


def test_a_range_may_be_given_by_hand_and_spread_by_ratio() -> None:
    (vans,) = axes_of(vary=("fleet.vans=1..16",), log=("fleet.*",))
    assert vans.whole
    assert vans.log
    assert vans.at(0.0).number == 1.0
    assert vans.at(1.0).number == 16.0
    assert vans.at(0.6).values == (), "4, as the scenario has it"
    (load,) = axes_of(vary=("fleet.load=10..90 min",))
    assert (load.low, load.high, load.unit, load.base.number) == (10.0, 90.0, "min", 30.0)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        axes_of(
            vary=("fleet.vanz", "fleet.speed=60..30 km/h", "rule=1..2"),
            together=("nothing.*", "fleet.lo*"),
            log=("sites.north.stock", "other"),
            assumptions=True,
        )
    said = str(caught.value).splitlines()
    assert any("fleet.vanz" in line and 'did you mean "fleet.vans"' in line for line in said)
    assert any("fleet.speed=60..30" in line and "lowest first" in line for line in said)
    assert any("rule=1..2" in line and "found nearest-first" in line for line in said)
    assert any(line.startswith("nothing.*:") for line in said)
    assert any(line.startswith("fleet.lo*:") and "--all-ranges" in line for line in said)
    assert any("sites.north.stock cannot be spread by ratio" in line for line in said)
    assert any("--log other" in line for line in said)
    assert len(said) == 7


def test_nothing_to_vary_is_said_with_what_to_do() -> None:
    with pytest.raises(UsageError, match="--all-ranges to vary derived"):
        choose_axes({"a": {"value": 1, "range": [0, 2], "status": "derived"}}, Wanted())
    with pytest.raises(UsageError, match=r"give one: --vary rule=LOW\.\.HIGH"):
        axes_of(vary=("rule",))


@pytest.mark.parametrize("kind", KINDS)
def test_a_layout_has_each_setting_once_and_the_scenario_first(kind: Kind) -> None:
    axes = axes_of(vary=("fleet.vans", "fleet.speed"))
    layout = lay_out(kind, axes, None, seed=3)
    assert [point.number for point in layout.points] == list(range(len(layout.points)))
    assert layout.points[0].settings == ()
    assert len(set(layout.settings)) == len(layout.settings)
    assert len({point.settings for point in layout.points}) == len(layout.points)
    expected = {"grid": 5 * 5, "one-at-a-time": 4, "latin": 20, "sobol": 64 * 4}[kind]
    assert len(layout.rows) == expected
    assert set(layout.rows) | {0} == set(range(len(layout.points)))
    assert layout == lay_out(kind, axes, None, seed=3)


def test_a_point_like_the_scenario_is_the_scenario() -> None:
    factors = (parse_factor("fleet.vans=1,4,8"), parse_factor("rule=nearest-first,in-turn"))
    layout = lay_out("grid", axes_of(factors=factors), None, seed=0)
    assert len(layout.points) == 6
    assert layout.rows.count(0) == 1
    assert layout.settings[0][0].text == "4"
    assert layout.points[1].settings == (("fleet.vans", "1"),)
    assert ("rule", "in-turn") in layout.points[2].settings


def test_a_sobol_design_runs_no_setting_twice() -> None:
    few = (parse_factor("fleet.vans=1,4,8"), parse_factor("rule=nearest-first,in-turn"))
    layout = lay_out("sobol", axes_of(factors=few), 64, seed=0)
    assert len(layout.rows) == 64 * 4
    assert len(layout.points) == 6


def test_designs_say_what_points_they_can_have() -> None:
    axes = axes_of(vary=("fleet.vans",))
    with pytest.raises(UsageError, match="such as 32 or 64; found 48"):
        lay_out("sobol", axes, 48, seed=0)
    with pytest.raises(UsageError, match="says nothing"):
        lay_out("one-at-a-time", axes, 3, seed=0)
    with pytest.raises(UsageError, match="the most is"):
        lay_out("latin", axes, 200_000, seed=0)
    assert len(lay_out("grid", axes, 3, seed=0).rows) == 3


@given(st.floats(0, 1, exclude_max=True))
def test_every_share_gives_a_setting_within_the_range(share: float) -> None:
    for axis in AXES:
        setting = axis.at(share)
        assert setting.number is not None
        assert axis.low <= setting.number <= axis.high
        assert all(path in axis.paths for path, _ in setting.values)


AXES = choose_axes(load_scenario(COURIERS).document, Wanted(any_status=True))
