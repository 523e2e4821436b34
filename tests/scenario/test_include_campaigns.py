"""Includes of several campaigns: drawn ones, shared homes, waves for some, sourcing by echelon."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import tomli_w
from scenario.includes import HAINAN, KITS_HEAD, including, kits_of_the_docs

from sim.experiment.replicate import replicate
from sim.experiment.run import prepare
from sim.measures.rows import Row
from sim.scenario.load import LoadedScenario, load_scenario

STILL = [
    "lanes.to-city.travel.cv=0",
    "lanes.to-clinic.travel={}",
    "waves.all.release=2023-01-07T00:00:00+08:00",
    "stations.sign-off.time-per-lot={ mean = '3 h' }",
    "lanes.to-clinic.tours.stop-time={ mean = '12 min' }",
]


@pytest.fixture
def folder(tmp_path: Path, small_toml: str) -> Path:
    """A folder with a drawn and a listed scenario, in which nothing is left to chance."""
    (tmp_path / "kits.toml").write_text(kits_of_the_docs(still=True), "utf-8")
    (tmp_path / "random.toml").write_text(small_toml, "utf-8")
    drawn = load_scenario(tmp_path / "random.toml", STILL).document
    (tmp_path / "small.toml").write_text(tomli_w.dumps(drawn), "utf-8")
    return tmp_path


def load(folder: Path, text: str, name: str = "all.toml") -> LoadedScenario:
    (folder / name).write_text(text, "utf-8")
    return load_scenario(folder / name)


def rows_of(loaded: LoadedScenario, prefix: str = "") -> dict[Row, float]:
    """Return the measures of one run about entries of an include, under the names of that alone."""
    prepared = prepare(loaded)
    rows = replicate(prepared.plan, prepared.scope, 0).measures.rows
    found = {}
    for row in rows:
        names = [name for name in (row.product, row.echelon, row.entity) if name]
        if names and all(name.startswith(prefix) for name in names):
            bare = {key: getattr(row, key).replace(prefix, "") if prefix else getattr(row, key)
                    for key in ("product", "echelon", "entity")}  # fmt: skip
            found[replace(row, value=0.0, **bare)] = row.value
    return found


def test_two_drawn_campaigns_do_as_each_does_alone(folder: Path) -> None:
    alone = rows_of(load_scenario(folder / "small.toml"))
    together = load(folder, HAINAN + including(a="small.toml", b="small.toml"))
    assert len(alone) > 100
    for prefix in ("a-", "b-"):
        mine = rows_of(together, prefix)
        assert {row: mine[row] for row in alone} == pytest.approx(alone, nan_ok=True)


def test_each_campaign_keeps_its_sourcing(folder: Path) -> None:
    depot = '[sites.airstrip]\nechelon = "depot"\nat = [4.5, 31.2]\nstock = { kit = 80 }\n'
    rule = '[sourcing]\nrule = "nearest"\n'
    text = (folder / "kits.toml").read_text("utf-8") + depot
    text = text.replace("sites]\nharbour", "sites]\nharbour")
    near = load(folder, text + rule, "near.toml")
    cheap = load(folder, text, "cheap.toml")
    both = load(folder, KITS_HEAD + including(a="near.toml", b="cheap.toml"))
    assert both.scenario.echelons["a-store"].sourcing.rule == "nearest"
    for prefix, loaded in (("a-", near), ("b-", cheap)):
        alone, mine = rows_of(loaded), rows_of(both, prefix)
        assert {row: mine[row] for row in alone} == pytest.approx(alone, nan_ok=True)


def test_a_campaign_that_starts_later_is_the_same_later(folder: Path) -> None:
    early = KITS_HEAD.replace("19T06", "17T06").replace("10 d", "12 d")
    alone = rows_of(load_scenario(folder / "kits.toml"))
    mine = rows_of(load(folder, early + including(a="kits.toml")), "a-")
    times = [row for row in alone if row.measure in ("T50", "T90", "T100")]
    sums = [row for row in alone if row.measure in ("received", "dispatched", "trips", "backlog")]
    assert len(times) > 3
    assert len(sums) > 3
    assert {row: mine[row] - 48 for row in times} == pytest.approx({r: alone[r] for r in times})
    assert {row: mine[row] for row in sums} == {row: alone[row] for row in sums}


def test_a_fleet_may_have_its_home_in_several_campaigns(folder: Path) -> None:
    shared = """
[fleets.van]
home = ["a-store", "b-store"]
vehicles = 1
speed = "30 km/h"
"""
    text = KITS_HEAD + shared
    for name in ("a", "b"):
        text += f'[include.{name}]\nscenario = "kits.toml"\nfleets = {{ van = "van" }}\n'
    together = load(folder, text)
    assert "a-van" not in together.scenario.fleets
    apart = load(folder, text.replace("vehicles = 1", "vehicles = 2"))
    last = [row for row in rows_of(together, "b-") if row.measure == "T100"]
    one, two = rows_of(together, "b-"), rows_of(apart, "b-")
    assert any(one[row] > two[row] for row in last)  # who shares one van is later


def test_waves_for_some_follow(folder: Path) -> None:
    text = (folder / "random.toml").read_text("utf-8")
    text = text.replace("[waves.all]", '[waves.all]\nfor = ["clinic"]')
    load(folder, text, "waves.toml")
    document = load(folder, HAINAN + including(a="waves.toml")).document
    assert document["waves"]["a-all"]["for"] == ["a-clinic"]
