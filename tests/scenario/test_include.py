"""Files that include others: names and references, what runs, and where problems stand."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import pytest
import tomli_w
from pydantic import BaseModel

from sim.errors import ScenarioError
from sim.experiment.replicate import replicate
from sim.experiment.run import prepare
from sim.measures.rows import Row
from sim.scenario.compose.references import _plain, entry_tables
from sim.scenario.load import LoadedScenario, load_scenario
from sim.scenario.schema import Scenario

DOCS = Path(__file__).parents[2] / "docs" / "vocabulary.md"
HEAD = 'title = "Together"\nstart = 2023-01-07T00:00:00+08:00\nhorizon = "20 d"\n'
NOWHERE = '[geography]\nnation = "none"\n'
Say = Callable[..., list[str]]


@pytest.fixture(scope="session")
def kits() -> str:
    """The small scenario of the vocabulary, of listed sites, with nothing left to chance."""
    (text,) = re.findall(r"^```toml complete\n(.*?)^```$", DOCS.read_text("utf-8"), re.M | re.S)
    return str(text).replace("travel = { cv = 0.1 }\n", "").replace(", cv = 0.5", "")


KITS_HEAD = 'title = "Together"\nstart = 2030-04-19T06:00:00+00:00\nhorizon = "10 d"\n' + NOWHERE


@pytest.fixture
def folder(tmp_path: Path, small_toml: str, rich_toml: str, listed_toml: str, kits: str) -> Path:
    """A folder with four scenarios."""
    texts = {"small": small_toml, "rich": rich_toml, "listed": listed_toml, "kits": kits}
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    return tmp_path


def write(folder: Path, text: str, name: str = "all.toml") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def including(**files: str) -> str:
    return "".join(f'[include.{name}]\nscenario = "{file}"\n' for name, file in files.items())


@pytest.fixture
def said(folder: Path) -> Say:
    """Return what is wrong with a file of this text, its folder left out."""

    def say(text: str, *overrides: str) -> list[str]:
        with pytest.raises(ScenarioError) as caught:
            load_scenario(write(folder, text), overrides)
        return str(caught.value).replace(f"{folder}/", "").split("\n")

    return say


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
    head = HEAD.replace("20 d", "9 d")
    loaded = load_scenario(write(folder, head + including(one="still.toml")))
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


def test_the_resolved_document_stands_alone(folder: Path) -> None:
    loaded = load_scenario(write(folder, KITS_HEAD + including(a="kits.toml", b="kits.toml")))
    text = tomli_w.dumps(loaded.document)
    assert not {"include", "extends", "remove", "files"} & set(tomllib.loads(text))
    assert load_scenario(write(folder, text, "resolved.toml")).digest == loaded.digest


# --- What is wrong with it, and where ------------------------------------------------------------


def test_problems_of_included_files_are_theirs_and_all_are_told(folder: Path, said: Say) -> None:
    kits = (folder / "kits.toml").read_text("utf-8")
    write(folder, kits.replace("vehicles = 5", "vehicles = -5"), "wrong.toml")
    line = kits.split("\n").index("vehicles = 5") + 1
    text = KITS_HEAD + including(one="wrong.toml", two="nothing.toml", three="kits.toml")
    text += 'fleets = { vn = "lorry", van = "lory" }\nname = 3\n'.replace("name = 3\n", "")
    text += '[fleets.lorry]\nhome = "three-store"\nvehicles = 2\nspeed = "30 km/h"\n'
    assert said(text) == [
        (
            "all.toml:9:1: include.two.scenario: expected a file in the scenario's "
            "folder, found no "
            'file "nothing.toml" (did you mean "wrong.toml"?)'
        ),
        (
            "all.toml:12:12: include.three.fleets.vn: expected the name of a fleet of kits.toml "
            '(truck, van), found "vn" (did you mean "van"?)'
        ),
        (
            "all.toml:12:26: include.three.fleets.van: expected the name of a fleet (three-truck, "
            'lorry), found "lory" (did you mean "lorry"?)'
        ),
        (
            f"wrong.toml:{line}:1: fleets.truck.vehicles: expected a whole number of at "
            f"least 1, or "
            '"unlimited", found -5'
        ),
    ]


def test_problems_that_show_only_together_are_told_where_they_stand(
    folder: Path, said: Say
) -> None:
    kits = (folder / "kits.toml").read_text("utf-8")
    text = KITS_HEAD + including(one="kits.toml") + '[fleets.one-truck]\nvehicles = 2\nhom = "x"\n'
    told = said(text, "lanes.one-to-clinic.fleet=one-truck")
    spot = kits.split("\n").index('home = "depot"') + 1
    assert told == [
        (
            "all.toml:10:1: fleets.one-truck.hom: expected a key of this table, found "
            "the unknown key "
            '"hom" (did you mean "home"?)'
        ),
    ]
    told = said(text.replace('hom = "x"\n', 'home = "one-clinic"\n'))
    line = kits.split("\n").index('fleet = "truck"') + 1
    assert told == [
        (
            f"kits.toml:{line}:1: lanes.one-to-store.fleet: expected a fleet whose home is "
            '"one-depot", found "one-truck", whose home is "one-clinic"'
        )
    ]
    assert spot > 1


def test_a_table_beside_an_included_file_keeps_its_places(folder: Path, said: Say) -> None:
    kits = (folder / "kits.toml").read_text("utf-8")
    start, end = kits.index("[sites]"), kits.index("[supply.port]")
    text = 'files.sites = "sites.csv"\n' + kits[:start] + kits[end:]
    write(folder, text, "parts/kits.toml")
    sites = (DOCS.parent / "vocabulary" / "sites.csv").read_text("utf-8")
    write(folder, sites, "parts/sites.csv")
    whole = KITS_HEAD + including(one="parts/kits.toml")
    loaded = load_scenario(write(folder, whole))
    assert "one-harbour" in loaded.scenario.sites
    rule = '{ order = "highest-first", attribute = "people" }'
    told, rows = said(whole, f"lanes.one-to-store.allocation={rule}"), sites.split("\n")
    assert [problem.partition(": expected ")[0] for problem in told] == [
        f"parts/sites.csv:{line}:{rows[line - 1].rindex(people) + 1}: sites.one-{name}.attributes"
        for line, name, people in (
            (3, "northfield", "900"),
            (4, "ridge", "4000"),
            (5, "lowmarsh", "2500"),
        )
    ]


@pytest.mark.parametrize(
    ("head", "file", "told"),
    [
        (
            "",
            "all.toml",
            (
                "a file that does not lead back to itself, found "
                '"all.toml" (all.toml includes all.toml)'
            ),
        ),
        (
            "",
            "../kits.toml",
            'a relative path inside the scenario\'s folder, found "../kits.toml"',
        ),
        (
            "nation",
            "kits.toml",
            'a scenario of the nation "china", found one of "none" in kits.toml',
        ),
        (
            "horizon",
            "kits.toml",
            (
                "a scenario that ends by this file's horizon, 2030-04-24T06:00:00+00:00, found "
                "2030-04-29T06:00:00+00:00 in kits.toml"
            ),
        ),
        (
            "start",
            "kits.toml",
            (
                "a scenario that starts on 2030-04-19T07:00:00+00:00 or later, found "
                "2030-04-19T06:00:00+00:00 in kits.toml"
            ),
        ),
        (
            "zone",
            "kits.toml",
            (
                "a start in the zone of this file's, 2030-04-18T06:00:00+02:00, found "
                "2030-04-19T06:00:00+00:00 in kits.toml (times of day are in the zone of the start)"
            ),
        ),
        (
            "estimate",
            "small.toml",
            'a scenario with the clinic-estimate "B", found "A" in small.toml',
        ),
    ],
)
def test_what_cannot_take_part(said: Say, head: str, file: str, told: str) -> None:
    changes = {
        "": KITS_HEAD,
        "nation": KITS_HEAD.replace(NOWHERE, ""),
        "horizon": KITS_HEAD.replace("10 d", "5 d"),
        "start": KITS_HEAD.replace("T06", "T07"),
        "zone": KITS_HEAD.replace("19T06:00:00+00", "18T06:00:00+02").replace("10 d", "20 d"),
        "estimate": HEAD + '[geography]\nclinic-estimate = "B"\n',
    }
    problems = said(changes[head] + including(one=file))
    mine = [problem for problem in problems if "include.one.scenario: expected " in problem]
    assert [problem.partition(": expected ")[2] for problem in mine] == [told]
    assert re.match(r"all\.toml:\d+:1: include\.one\.scenario: ", mine[0])


def test_overrides_of_the_head_count(said: Say, folder: Path) -> None:
    text = KITS_HEAD + including(one="kits.toml")
    (problem,) = said(text, "horizon=5 d")
    assert "a scenario that ends by this file's horizon" in problem
    short = KITS_HEAD.replace("10 d", "5 d") + including(one="kits.toml")
    assert load_scenario(write(folder, short), ["horizon=12 d"]).scenario.horizon.value == 288


def test_names_that_do_not_set_entries_apart(folder: Path, said: Say) -> None:
    kits = (folder / "kits.toml").read_text("utf-8").replace("[fleets.van]", "[fleets.b-van]")
    write(folder, kits.replace('fleet = "van"', 'fleet = "b-van"'), "other.toml")
    told = said(KITS_HEAD + including(a="other.toml", **{"a-b": "kits.toml"}))
    assert told == [
        (
            "all.toml:8:10: include.a-b: expected a name that sets its entries apart, found "
            '"a-b-van" in [fleets] from [include.a] too'
        )
    ]


def test_includes_that_lead_back_are_refused(folder: Path, said: Say) -> None:
    write(folder, KITS_HEAD + including(back="all.toml"), "between.toml")
    (problem,) = said(KITS_HEAD + including(one="between.toml"))
    assert problem.startswith("between.toml:7:1: include.back.scenario: expected a file that does")
    assert problem.endswith("(all.toml includes between.toml includes all.toml)")
    write(folder, 'extends = "all.toml"\ntitle = "x"\n', "between.toml")
    told = said(KITS_HEAD + including(one="between.toml"))
    assert "all.toml includes between.toml includes between.toml" in "".join(told)


def test_what_include_may_say(said: Say) -> None:
    told = said(KITS_HEAD + '[include.One]\nscenario = 3\nfleet = "x"\n[include.two]\n')
    assert [problem.partition(": expected ")[0] for problem in told] == [
        "all.toml:6:10: include.One",
        "all.toml:7:1: include.One.scenario",
        "all.toml:8:1: include.One.fleet",
        "all.toml:9:10: include.two.scenario",
    ]
    assert "a name of small letters, digits and hyphens" in told[0]
    (problem,) = said("include = 3\n" + KITS_HEAD)
    assert problem == "all.toml:1:1: include: expected a table, found 3"
