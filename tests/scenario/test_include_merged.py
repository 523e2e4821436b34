"""Includes together with areas, requests, shared homes, waves for some, and sourcing by echelon.

The tests wait until the schema has all of these keys; then they run, and this guard may go.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import tomli_w

from sim.experiment.replicate import replicate
from sim.experiment.run import prepare
from sim.measures.rows import Row
from sim.scenario.load import LoadedScenario, load_scenario
from sim.scenario.places import Echelon
from sim.scenario.schema import Scenario

if not ({"areas", "requests"} <= set(Scenario.model_fields) and "sourcing" in Echelon.model_fields):
    pytest.skip("the schema has not got all keys yet", allow_module_level=True)

DOCS = Path(__file__).parents[2] / "docs" / "vocabulary.md"
STILL = [
    "lanes.to-city.travel.cv=0",
    "lanes.to-clinic.travel={}",
    "waves.all.release=2023-01-07T00:00:00+08:00",
    "stations.sign-off.time-per-lot={ mean = '3 h' }",
    "lanes.to-clinic.tours.stop-time={ mean = '12 min' }",
]
HAINAN = 'title = "x"\nstart = 2023-01-07T00:00:00+08:00\nhorizon = "9 d"\n'
KITS = 'title = "x"\nstart = 2030-04-19T06:00:00+00:00\nhorizon = "10 d"\n'
KITS += '[geography]\nnation = "none"\n'


@pytest.fixture
def folder(tmp_path: Path, small_toml: str) -> Path:
    """A folder with a drawn and a listed scenario, in which nothing is left to chance."""
    (text,) = re.findall(r"^```toml complete\n(.*?)^```$", DOCS.read_text("utf-8"), re.M | re.S)
    still = str(text).replace("travel = { cv = 0.1 }\n", "").replace(", cv = 0.5", "")
    (tmp_path / "kits.toml").write_text(still, "utf-8")
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


def included(**files: str) -> str:
    return "".join(f'[include.{name}]\nscenario = "{file}"\n' for name, file in files.items())


def test_two_drawn_campaigns_do_as_each_does_alone(folder: Path) -> None:
    alone = rows_of(load_scenario(folder / "small.toml"))
    together = load(folder, HAINAN + included(a="small.toml", b="small.toml"))
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
    both = load(folder, KITS + included(a="near.toml", b="cheap.toml"))
    assert both.scenario.echelons["a-store"].sourcing.rule == "nearest"
    for prefix, loaded in (("a-", near), ("b-", cheap)):
        alone, mine = rows_of(loaded), rows_of(both, prefix)
        assert {row: mine[row] for row in alone} == pytest.approx(alone, nan_ok=True)


def test_a_campaign_that_starts_later_is_the_same_later(folder: Path) -> None:
    early = KITS.replace("19T06", "17T06").replace("10 d", "12 d")
    alone = rows_of(load_scenario(folder / "kits.toml"))
    mine = rows_of(load(folder, early + included(a="kits.toml")), "a-")
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
    text = KITS + shared
    for name in ("a", "b"):
        text += f'[include.{name}]\nscenario = "kits.toml"\nfleets = {{ van = "van" }}\n'
    together = load(folder, text)
    assert "a-van" not in together.scenario.fleets
    apart = load(folder, text.replace("vehicles = 1", "vehicles = 2"))
    last = [row for row in rows_of(together, "b-") if row.measure == "T100"]
    one, two = rows_of(together, "b-"), rows_of(apart, "b-")
    assert any(one[row] > two[row] for row in last)  # who shares one van is later


def test_areas_and_waves_follow(folder: Path) -> None:
    text = (folder / "small.toml").read_text("utf-8") + """
[areas.south]
regions = ["Sanya"]
[areas.more]
regions = ["south", "Danzhou"]
without = ["Haikou"]
"""  # fmt: skip
    text = text.replace('regions = "rest"', 'regions = ["south"]\nfor = ["clinic"]')
    text += '[waves.others]\nlane = "to-city"\nregions = "rest"\n'
    text += "release = 2023-01-07T00:00:00+08:00\n"
    text = text.replace('regions = [\n    "Sanya",\n    "Danzhou",\n]', 'regions = ["more"]')
    text = text.replace('release = 2023-01-07T00:00:00+08:00\nlane = "to-city"\n',
                        'release = 2023-01-07T00:00:00+08:00\nlane = "to-city"\n')  # fmt: skip
    load(folder, text, "areas.toml")
    document = load(folder, HAINAN + included(a="areas.toml")).document
    assert list(document["areas"]) == ["a-south", "a-more"]
    assert document["areas"]["a-more"]["regions"] == ["a-south", "Danzhou"]
    assert document["echelons"]["a-county"]["regions"] == ["a-more"]
    wave = document["waves"]["a-all"]
    assert (wave["regions"], wave["for"]) == (["a-south"], ["a-clinic"])


def test_requests_follow(folder: Path) -> None:
    text = KITS + """
[products.pill]
[echelons.giver]
[echelons.asker]
[sites.g]
echelon = "giver"
at = [4.0, 30.0]
[sites.q]
echelon = "asker"
at = [4.1, 30.0]
[supply.offers]
echelon = "giver"
product = "pill"
lot = 6
gap = "1 d"
[requests.asking]
echelon = "asker"
product = "pill"
units = 3
gap = "1 d"
[fleets.foot]
home = "giver"
vehicles = "unlimited"
speed = "4 km/h"
[lanes.help]
from = "giver"
to = "asker"
fleet = "foot"
[lanes.help.sharing]
reach = "50 km"
"""  # fmt: skip
    load(folder, text, "help.toml")
    early = KITS.replace("19T06", "17T06").replace("10 d", "12 d")
    document = load(folder, early + included(a="help.toml")).document
    asking = document["requests"]["a-asking"]
    assert (asking["echelon"], asking["product"]) == ("a-asker", "a-pill")
    assert asking["begins"] == document["supply"]["a-offers"]["begins"]
    assert document["supply"]["a-offers"]["echelon"] == "a-giver"
