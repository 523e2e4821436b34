"""Files that include others: names and references, and what runs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import pytest
import tomli_w
from pydantic import BaseModel
from scenario.includes import HAINAN, KITS_HEAD, including, write

from sim.experiment.replicate import replicate
from sim.experiment.run import prepare
from sim.measures.rows import Row
from sim.network import build_network
from sim.scenario.compose.references import _plain, entry_tables
from sim.scenario.load import LoadedScenario, load_scenario
from sim.scenario.schema import Scenario


def rows_of(loaded: LoadedScenario) -> dict[Row, str]:
    """Return the measures of one run by what they are about."""
    prepared = prepare(loaded)
    rows = replicate(prepared.plan, prepared.scope, 0).measures.rows
    return {replace(row, value=0.0): f"{row.value:.9g}" for row in rows}


def alone(rows: dict[Row, str], prefix: str) -> dict[Row, str]:
    """Return the measures about entries of an include, under the names that they have alone."""

    def bare(name: str) -> str:
        return "@".join(part.removeprefix(prefix) for part in name.split("@"))

    return {
        replace(row, product=bare(row.product), echelon=bare(row.echelon), entity=bare(row.entity)):
        value
        for row, value in rows.items()
        if (row.product or row.echelon or row.entity)
        and all(name.startswith(prefix) for name in (row.product, row.echelon, row.entity) if name)
    }  # fmt: skip


# --- Names and references ------------------------------------------------------------------------

#: Texts of the schema that are no names of entries.
PLAIN = {
    "at", "attribute", "attributes", "country", "county", "days", "description",
    "draw", "graph", "links",
    "measure", "note", "region", "row",
    "sites", "source", "title", "wording", "file",
}  # fmt: skip


def texts_of(kind: Any, name: str, seen: set[Any]) -> Iterator[str]:
    """Yield the keys under which the schema takes a text that is not marked as a name."""
    kind, marks = _plain(kind)
    if marks or get_origin(kind) is Literal or kind is NoneType:
        return
    if kind is str:
        yield name
    for inner in get_args(kind):
        yield from texts_of(inner, name, seen)
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
        seen.add(kind)
        for key, field in kind.model_fields.items():
            if not any(_plain_mark(mark) for mark in field.metadata):
                yield from texts_of(field.annotation, field.alias or key, seen)


def _plain_mark(mark: object) -> bool:
    return type(mark).__name__ == "NameOf"


def test_every_text_of_the_schema_is_a_name_or_known_to_be_none() -> None:
    """A new key that names an entry needs its mark, or includes would not follow it."""
    seen: set[Any] = set()
    tables = [Scenario.model_fields[name.replace("-", "_")] for name in entry_tables()]
    kinds = [get_args(field.annotation)[1] for field in tables]
    found = {name for kind in kinds for name in texts_of(kind, "", seen)}
    assert len(seen) > 25
    assert found - PLAIN == set()


def test_the_head_of_a_scenario_is_known() -> None:
    """What is no table of entries must be dealt with by name when a scenario is included."""
    from sim.scenario.compose.embed import OWN

    keys = {field.alias or name for name, field in Scenario.model_fields.items()}
    assert keys == {*OWN, *entry_tables()}


@pytest.mark.parametrize("name", ["small", "rich", "listed", "kits"])
def test_all_references_follow_their_entries(folder: Path, name: str) -> None:
    file = folder / f"{name}.toml"
    text = file.read_text("utf-8")
    own = tomllib.loads(text)
    head = {key: own[key] for key in ("title", "start", "horizon", "percentiles") if key in own}
    head["geography"] = {k: v for k, v in own["geography"].items() if k != "regions"}
    head["include"] = {"one": {"scenario": file.name}}
    if "sourcing" in own:  # [echelons.X.sourcing] is tested where the schema has it
        head["sourcing"] = own["sourcing"]
    loaded = load_scenario(write(folder, tomli_w.dumps(head)))
    before = load_scenario(file)
    tables = [table for table in entry_tables() if before.document.get(table)]
    assert tables
    known = {name for table in tables for name in before.document[table]}
    for table in tables:
        names = list(before.document[table])
        assert list(loaded.document[table]) == [f"one-{name}" for name in names]
    one, other = build_network(before.scenario), build_network(loaded.scenario)
    assert [len(each) for each in other.facilities.values()] == [
        len(each) for each in one.facilities.values()
    ]
    assert other.sites.need.tolist() == one.sites.need.tolist()
    assert other.sites.lat.tolist() == pytest.approx(one.sites.lat.tolist(), nan_ok=True)
    words = r"^(title|source|measure|stage|draw|regions?) = .*$"  # of these none is an entry's name
    text = re.sub(words, "", tomli_w.dumps(loaded.document), flags=re.MULTILINE)
    assert set(re.findall(r'"([^"]*)"', text)) & known <= {"south", "all"}  # a region, and all
    assert loaded.scenario.echelons.keys() == {f"one-{name}" for name in before.scenario.echelons}


def test_an_included_scenario_alone_runs_as_it_does_by_itself(folder: Path) -> None:
    still = [
        "lanes.to-city.travel.cv=0", "lanes.to-clinic.travel={}", ("waves.all.release="
        "2023-01-07T00:00:00+08:00"), "stations.sign-off.time-per-lot={ mean = '3 h' }",
        "lanes.to-clinic.tours.stop-time={ mean = '12 min' }",
    ]  # fmt: skip
    write(folder, tomli_w.dumps(load_scenario(folder / "small.toml", still).document), "still.toml")
    loaded = load_scenario(write(folder, HAINAN + including(one="still.toml")))
    rows, mine = rows_of(load_scenario(folder / "still.toml")), rows_of(loaded)
    whole = {row: value for row, value in mine.items() if not (row.product or row.echelon)}
    named = alone(mine, "one-")
    assert len(named) > 100
    assert len(named) + len(whole) >= len(mine)
    assert {**whole, **named} == rows
    figures = [prepare(each) for each in (load_scenario(folder / "still.toml"), loaded)]
    first, second = (replicate(each.plan, each.scope, 0).figures for each in figures)
    assert {f"one-{name}": value for name, value in first.items()} == second


def test_two_copies_do_as_each_does_alone(folder: Path) -> None:
    text = KITS_HEAD + including(north="kits.toml", south="kits.toml")
    together, by_itself = rows_of(load_scenario(write(folder, text))), rows_of(
        load_scenario(folder / "kits.toml"))  # fmt: skip
    own = {row: value for row, value in by_itself.items() if row.product or row.echelon
           or row.entity}  # fmt: skip
    assert len(own) > 50
    for prefix in ("north-", "south-"):
        mine = alone(together, prefix)
        assert {row: mine[row] for row in own} == own


def test_a_fleet_of_the_including_file_does_the_work_of_another(folder: Path) -> None:
    text = (
        KITS_HEAD
        + """
[fleets.lorry]
home = "one-store"
vehicles = 4
speed = "30 km/h"
[include.one]
scenario = "kits.toml"
fleets = { van = "lorry" }
"""
    )
    leave = '\n[disruptions.leave]\nkind = "fewer-vehicles"\nfleet = "van"\nvehicles = 1\n'
    leave += 'begins = 2030-04-20T06:00:00+00:00\nlasts = "1 d"\n'
    write(folder, (folder / "kits.toml").read_text("utf-8") + leave, "kits.toml")
    scenario = load_scenario(write(folder, text)).scenario
    assert set(scenario.fleets) == {"one-truck", "lorry"}
    assert scenario.lanes["one-to-clinic"].fleet == ["lorry"]
    assert scenario.lanes["one-to-store"].fleet == ["one-truck"]
    assert scenario.disruptions["one-leave"].fleet == "lorry"  # type: ignore[union-attr]
    faster = load_scenario(write(folder, text), ["fleets.lorry.vehicles=9"]).scenario
    assert faster.fleets["lorry"].vehicles.value == 9


def test_includes_of_includes_have_both_names(folder: Path) -> None:
    write(folder, KITS_HEAD + including(a="kits.toml"), "inner.toml")
    loaded = load_scenario(write(folder, KITS_HEAD + including(b="inner.toml", c="kits.toml")))
    assert list(loaded.scenario.lanes) == [
        "b-a-to-store", "b-a-to-clinic", "c-to-store", "c-to-clinic",
    ]  # fmt: skip


def test_titles_that_would_coincide_are_told_apart(folder: Path) -> None:
    text = KITS_HEAD + '[include.one]\nscenario = "kits.toml"\ntitle = "the north"\n'
    text += including(two="kits.toml") + '[echelons.two-clinic]\ntitle = "field clinics"\n'
    text += '[products.one-kit]\ntitle = "dressings"\n'
    scenario = load_scenario(write(folder, text)).scenario
    assert {name: echelon.title for name, echelon in scenario.echelons.items()} == {
        "one-depot": "depots (the north)",
        "one-store": "district stores (the north)",
        "one-clinic": "clinics",
        "two-depot": "depots (two)",
        "two-store": "district stores (two)",
        "two-clinic": "field clinics",
    }
    assert [product.title for product in scenario.products.values()] == [
        "dressings", "dressing kits",
    ]  # fmt: skip
    once = load_scenario(write(folder, KITS_HEAD + including(one="kits.toml"))).scenario
    assert once.echelons["one-clinic"].title == "clinics"


def test_own_text_goes_over_what_is_included(folder: Path) -> None:
    text = 'remove = ["stations.one-dock", "calendars"]\n' + KITS_HEAD + """
[fleets.one-van]
vehicles = 3
calendar = "all-day"
[calendars.all-day]
""" + including(one="kits.toml")  # fmt: skip
    loaded = load_scenario(write(folder, text), ["fleets.one-truck.vehicles=2"])
    scenario = loaded.scenario
    assert scenario.fleets["one-van"].vehicles.value == 3
    assert scenario.fleets["one-van"].speed.value == 30  # type: ignore[union-attr]
    assert scenario.fleets["one-truck"].vehicles.value == 2
    assert not scenario.stations
    assert set(scenario.calendars) == {"all-day"}
    more = 'extends = "all.toml"\nremove = ["include.two", "supply.one-port"]\n'
    write(folder, text + including(two="kits.toml"))
    fewer = load_scenario(write(folder, more, "fewer.toml")).scenario
    assert not fewer.supply
    assert set(fewer.products) == {"one-kit"}


def test_what_a_base_says_is_removed_before_what_it_includes(folder: Path) -> None:
    text = KITS_HEAD + "[fleets.one-van]\nvehicles = 3\n[calendars.all-day]\n"
    write(folder, text + including(one="kits.toml"))
    back = 'extends = "all.toml"\nremove = ["fleets", "calendars"]\n'
    scenario = load_scenario(write(folder, back, "back.toml")).scenario
    assert scenario.fleets["one-van"].vehicles.value == 1
    assert set(scenario.calendars) == {"one-daytime"}
    gone = 'extends = "all.toml"\nremove = ["stations", "fleets.one-van.vehicles"]\n'
    scenario = load_scenario(write(folder, gone, "gone.toml")).scenario
    assert not scenario.stations
    assert scenario.fleets["one-van"].vehicles.value == 1


def test_the_resolved_document_stands_alone(folder: Path) -> None:
    loaded = load_scenario(write(folder, KITS_HEAD + including(a="kits.toml", b="kits.toml")))
    text = tomli_w.dumps(loaded.document)
    assert not {"include", "extends", "remove", "files"} & set(tomllib.loads(text))
    assert load_scenario(write(folder, text, "resolved.toml")).digest == loaded.digest


def test_areas_follow_wherever_a_region_stands(folder: Path) -> None:
    text = (folder / "small.toml").read_text("utf-8") + """
[areas.south]
regions = ["Sanya"]
[areas.more]
regions = ["south", "Danzhou"]
without = ["Haikou"]
[areas.some]
choose = { counties = 1, from = ["more"] }
[waves.others]
lane = "to-city"
regions = "rest"
release = 2023-01-07T00:00:00+08:00
"""  # fmt: skip
    text = text.replace(
        'lane = "to-city"\nregions = "rest"', 'lane = "to-city"\nregions = ["south"]', 1
    )
    text = text.replace('regions = ["Sanya", "Danzhou"]', 'regions = ["more"]')
    write(folder, text, "areas.toml")
    loaded = load_scenario(write(folder, HAINAN + including(a="areas.toml")))
    areas = loaded.document["areas"]
    assert list(areas) == ["a-south", "a-more", "a-some"]
    assert (areas["a-more"]["regions"], areas["a-more"]["without"]) == (
        ["a-south", "Danzhou"], ["Haikou"],
    )  # fmt: skip
    assert areas["a-some"]["choose"]["from"] == ["a-more"]
    assert loaded.document["echelons"]["a-county"]["regions"] == ["a-more"]
    assert loaded.document["waves"]["a-all"]["regions"] == ["a-south"]
    fewer = load_scenario(folder / "all.toml", ['areas.a-south.regions=["Danzhou"]'])
    assert fewer.document["areas"]["a-south"]["regions"] == ["Danzhou"]


def test_requests_follow(folder: Path) -> None:
    text = KITS_HEAD + """
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
    write(folder, text, "help.toml")
    early = KITS_HEAD.replace("19T06", "17T06").replace("10 d", "12 d")
    document = load_scenario(write(folder, early + including(a="help.toml"))).document
    asking = document["requests"]["a-asking"]
    assert (asking["echelon"], asking["product"]) == ("a-asker", "a-pill")
    assert asking["begins"] == document["supply"]["a-offers"]["begins"]
    assert document["supply"]["a-offers"]["echelon"] == "a-giver"
