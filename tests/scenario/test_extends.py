"""Files that extend others: what merges, what is replaced, in which order, and where it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.scenario.compose.merge import merge, without
from sim.scenario.compose.written import Written, read_written
from sim.scenario.load import load_scenario, parse_scenario

Say = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path: Path, small_toml: str) -> Path:
    """A folder with the small scenario, as base.toml."""
    (tmp_path / "base.toml").write_text(small_toml, "utf-8")
    return tmp_path


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def said(folder: Path) -> Say:
    """Return what is wrong with a file of this text, its folder left out."""

    def say(text: str, *overrides: str, name: str = "mine.toml") -> list[str]:
        with pytest.raises(ScenarioError) as caught:
            load_scenario(write(folder, text, name), overrides)
        return str(caught.value).replace(f"{folder}/", "").split("\n")

    return say


def merged(base: str, over: str) -> dict[str, object]:
    parts = [read_written(text, name) for text, name in ((base, "base"), (over, "over"))]
    first, second = parts
    assert isinstance(first, Written)
    assert isinstance(second, Written)
    return merge(first, second).document


# --- What is merged ------------------------------------------------------------------------------


def test_a_file_that_changes_nothing_is_its_base(folder: Path) -> None:
    base = load_scenario(folder / "base.toml")
    same = load_scenario(write(folder, 'extends = "base.toml"\n'))
    assert same.digest == base.digest
    assert same.document == base.document
    assert list(same.document["lanes"]) == list(base.document["lanes"])
    assert same.name == "mine"
    restated = load_scenario(write(folder, 'extends = "base.toml"\n[waves.all]\n[fleets]\n'))
    assert restated.digest == base.digest
    deep = load_scenario(write(folder, 'extends = "mine.toml"\n', "deep.toml"))
    assert deep.digest == base.digest


def test_tables_merge_and_all_else_is_replaced(folder: Path) -> None:
    text = 'extends = "base.toml"\ntitle = "Another"\n[fleets.county-van]\nvehicles = 6\n'
    base, mine = load_scenario(folder / "base.toml"), load_scenario(write(folder, text))
    assert mine.scenario.title == "Another"
    assert mine.scenario.fleets["county-van"].vehicles.value == 6
    assert mine.document["fleets"]["county-van"]["vehicles"] == 6  # not what was said of the 1
    assert mine.scenario.fleets["county-van"].speed == base.scenario.fleets["county-van"].speed
    assert mine.digest != base.digest


@pytest.mark.parametrize(
    ("base", "over", "result"),
    [
        ("a = [1, 2]", "a = [3]", {"a": [3]}),
        ("a = { x = 1 }", "a = { y = 2 }", {"a": {"x": 1, "y": 2}}),
        ("a = { x = 1 }", "a = 2", {"a": 2}),
        ("a = 2", "a = { x = 1 }", {"a": {"x": 1}}),
        ("a = { value = 1, source = 's' }", "a = { value = 2 }", {"a": {"value": 2}}),
        ("a = { value = 1, source = 's' }", "a = 2", {"a": 2}),
        (
            "a = { value = 1 }",
            "a = { range = [0, 2] }",
            {"a": {"value": 1, "range": [0, 2]}},
        ),
        ("a = { mean = '1 h', cv = 1 }", "a = { mean = '2 h' }", {"a": {"mean": "2 h"}}),
        ("a = { rule = 'x', full = 1 }", "a = { rule = 'y' }", {"a": {"rule": "y"}}),
        ("[a.b]\nx = 1\n[a.c]\ny = 1", "[a.b]\nx = 2", {"a": {"b": {"x": 2}, "c": {"y": 1}}}),
        ("[a.b]\nx = 1", "[a.b]", {"a": {"b": {"x": 1}}}),
    ],
)
def test_known_merges(base: str, over: str, result: dict[str, object]) -> None:
    assert merged(base, over) == result


@pytest.mark.parametrize(
    ("base", "over", "order"),
    [
        ("a b c", "x", "a b c x"),
        ("a b c", "b x", "a b x c"),
        ("a b c", "a x c y", "a x b c y"),
        ("a b c", "b x y a z", "a z b x y c"),
        ("a b c", "x b y", "a b y c x"),
        ("a b c", "c b a", "a b c"),
        ("a b", "x y", "a b x y"),
    ],
)
def test_a_new_entry_comes_after_the_one_before_it(base: str, over: str, order: str) -> None:
    tables = ["\n".join(f"[t.{name}]" for name in names.split()) for names in (base, over)]
    document = merged(*tables)
    assert isinstance(document["t"], dict)
    assert list(document["t"]) == order.split()


def test_an_echelon_may_be_put_between_others(folder: Path) -> None:
    text = """
extends = "base.toml"
remove = ["lanes.to-city"]
[echelons.factory]
[echelons.hub]
title = "warehouses"
[sites.depot]
echelon = "hub"
at = "Haikou"
[fleets.truck]
home = "hub"
vehicles = 3
speed = "60 km/h"
[lanes.to-hub]
from = "factory"
to = "hub"
fleet = "carrier"
[lanes.on]
from = "hub"
to = "prefecture"
fleet = "truck"
[waves.all]
lane = "on"
"""
    mine = load_scenario(write(folder, text))
    assert list(mine.scenario.echelons) == ["factory", "hub", "prefecture", "county", "clinic"]
    assert mine.scenario.waves["all"].lane == "on"


def test_what_is_removed_is_gone_and_may_be_written_anew(folder: Path) -> None:
    text = """
extends = "base.toml"
remove = ["waves.all", "fleets.county-van.capacity", 'reported', "fleets.carrier"]
[fleets.carrier]
home = "factory"
vehicles = 2
speed = "50 km/h"
"""
    mine = load_scenario(write(folder, text)).scenario
    assert not mine.waves
    assert not mine.reported
    assert mine.fleets["county-van"].capacity.volume is None
    assert mine.fleets["carrier"].drivers == 1  # of the removed one nothing is left
    assert list(mine.fleets)[-1] == "carrier"


def test_a_chain_of_files_goes_over_one_another(folder: Path) -> None:
    write(folder, 'extends = "base.toml"\ntitle = "Middle"\nseed = 3\n', "middle.toml")
    path = write(folder, 'extends = "middle.toml"\ntitle = "Top"\nremove = ["waves"]\n')
    mine = load_scenario(path)
    assert (mine.scenario.title, mine.scenario.seed) == ("Top", 3)
    assert not mine.scenario.waves


def test_a_base_below_reads_its_own_tables(folder: Path, listed_toml: str) -> None:
    lines = 'title = "x"\nstart = 2023-01-07T00:00:00+08:00\nhorizon = "9 d"\n'
    base = f"""{lines}
files.sites = "sites.csv"
[geography]
nation = "none"
[products.mask]
[echelons.depot]
[echelons.shop]
[fleets.van]
home = "depot"
speed = "60 km/h"
vehicles = 2
[lanes.serve]
from = "depot"
to = "shop"
fleet = "van"
"""
    write(folder, base, "parts/base.toml")
    sites = "name,echelon,lat,lon,need.mask,stock.mask\nd1,depot,31,117,,9\ns1,shop,31.5,117,5,\n"
    write(folder, sites, "parts/sites.csv")
    mine = load_scenario(write(folder, 'extends = "parts/base.toml"\n'))
    assert set(mine.scenario.sites) == {"d1", "s1"}
    assert mine.digest == load_scenario(folder / "parts/base.toml").digest
    (folder / "sites.csv").write_text(sites.replace("9", "8"))
    other = load_scenario(write(folder, 'extends = "parts/base.toml"\nfiles.sites = "sites.csv"\n'))
    assert other.scenario.sites["d1"].stock["mask"].value == 8
    (folder / "parts/sites.csv").write_text(sites.replace("depot,31", "depot,here"))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write(folder, 'extends = "parts/base.toml"\n'))
    assert f"{folder}/parts/sites.csv:2:10: sites.d1.at.0: expected" in str(caught.value)


def test_overrides_set_what_the_files_make_together(folder: Path) -> None:
    text = 'extends = "base.toml"\n[fleets.city-van]\nvehicles = 7\n'
    mine = load_scenario(write(folder, text), ["fleets.county-van.vehicles=6", "horizon=10 d"])
    assert mine.scenario.fleets["county-van"].vehicles.value == 6
    assert mine.scenario.fleets["city-van"].vehicles.value == 7
    assert mine.scenario.horizon.value == 240
    assert mine.document["fleets"]["county-van"]["vehicles"]["status"] == "assumed"


@given(st.recursive(
    st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abcdvalue"), inner, max_size=4), max_leaves=8,
).filter(lambda value: isinstance(value, dict)))  # fmt: skip
def test_a_document_over_itself_or_over_nothing_is_itself(document: dict[str, object]) -> None:
    one, nothing = Written(document), Written({})
    for result in (merge(one, one), merge(one, nothing), merge(nothing, one)):
        assert result.document == document
        assert repr(result.document) == repr(document)  # in its order
    for key in document:
        less = without(one, (key,))
        assert less is not None
        assert less.document == {name: value for name, value in document.items() if name != key}
    assert without(one, ("no", "such")) is None


# --- What is wrong with it, and where ------------------------------------------------------------


def test_a_problem_is_told_where_its_text_stands(folder: Path, said: Say, small_toml: str) -> None:
    base = small_toml.replace('speed = "65 km/h"', "speed = 65")
    line = base.split("\n").index("speed = 65") + 1
    write(folder, base, "base.toml")
    text = 'extends = "base.toml"\n[fleets.city-van]\nvehicles = 0\n[lanes.to-city]\nfleet = "x"\n'
    assert said(text) == [
        (
            f"base.toml:{line}:1: fleets.carrier.speed: expected a speed above 0 with "
            f"its unit, such as "
            '"60 km/h", found 65 (it has no unit)'
        ),
        (
            "mine.toml:3:1: fleets.city-van.vehicles: expected a whole number of at least 1, or "
            '"unlimited", found 0'
        ),
        (
            "mine.toml:5:1: lanes.to-city.fleet: expected the name of a fleet (carrier, city-van, "
            'county-van), found "x"'
        ),
    ]


def test_a_problem_of_what_was_replaced_is_told_of_what_replaces_it(said: Say) -> None:
    text = 'extends = "base.toml"\n[geography]\nregions = ["Sanya", "Nowhereville"]\n'
    (problem,) = said(text)
    assert problem.startswith("mine.toml:3:21: geography.regions.1: expected a province")
    text = 'extends = "base.toml"\n[lanes.to-city]\ndispatch = { rule = "full-or-after" }\n'
    (problem,) = said(text)
    assert problem == (
        'mine.toml:3:1: lanes.to-city.dispatch.after: expected the key "after", found nothing'
    )


def test_a_cross_check_of_both_files_is_told_where_its_key_stands(said: Say) -> None:
    text = 'extends = "base.toml"\nhorizon = "4 h"\n'
    told = said(text)
    assert [problem.partition(": ")[0].partition(":")[0] for problem in told].count("base.toml")
    assert any("base.toml" in problem and "waves.all.release" in problem for problem in told)


def test_what_cannot_be_removed_is_told_with_the_rest(said: Say) -> None:
    text = """
extends = "base.toml"
remove = [
    "waves.al",
    "nothing",
    "fleets.carrier.drivers.x",
    3,
    "a..b",
    "reported.trips",
]
titel = "x"
"""
    assert said(text) == [
        (
            "mine.toml:4:5: remove.0: expected a key of what this file builds on, found "
            '"waves.al" (did you mean "waves.all"?)'
        ),
        'mine.toml:5:5: remove.1: expected a key of what this file builds on, found "nothing"',
        (
            "mine.toml:6:5: remove.2: expected a key of what this file builds on, found "
            '"fleets.carrier.drivers.x" (fleets.carrier.drivers is no table)'
        ),
        'mine.toml:7:5: remove.3: expected a path, such as "waves.second", found 3',
        'mine.toml:8:5: remove.4: expected a path, such as "waves.second", found "a..b"',
        (
            "mine.toml:11:1: titel: expected a key of this table, found the unknown key "
            '"titel" (did you mean "title" or "sites"?)'
        ),
    ]


def test_nothing_is_removed_from_nothing(said: Say, small_toml: str) -> None:
    (problem,) = said('remove = ["waves.all"]\n' + small_toml)
    assert problem == (
        'mine.toml:1:11: remove.0: expected the key "extends" or "include" as well: there is '
        'nothing to remove from, found "waves.all"'
    )
    (problem,) = said('remove = "waves.all"\n' + small_toml)
    assert "mine.toml:1:1: remove: expected a list of paths" in problem


@pytest.mark.parametrize(
    ("extends", "expected"),
    [
        ('"bse.toml"', 'a file in the scenario\'s folder, found no file "bse.toml" (did you mean'),
        ('"../base.toml"', 'a relative path inside the scenario\'s folder, found "../base.toml"'),
        ('"/base.toml"', 'a relative path inside the scenario\'s folder, found "/base.toml"'),
        ("3", "the path of a scenario file, found 3"),
        ('""', 'a relative path inside the scenario\'s folder, found ""'),
    ],
)
def test_a_file_that_is_not_there(said: Say, extends: str, expected: str) -> None:
    (problem,) = said(f"extends = {extends}\n")
    assert problem.startswith(f"mine.toml:1:1: extends: expected {expected}")


def test_nothing_more_is_said_of_what_is_removed_from_a_file_that_is_not_there(said: Say) -> None:
    (problem,) = said('extends = "none.toml"\nremove = ["waves.all"]\n[fleets.van]\nx = 3\n')
    assert problem.startswith("mine.toml:1:1: extends: expected a file in the scenario's folder")


def test_a_base_that_is_no_toml(folder: Path, said: Say) -> None:
    write(folder, 'title = "x"\nstart = = 3\n', "broken.toml")
    (problem,) = said('extends = "broken.toml"\n')
    assert problem.startswith("broken.toml:2:9: expected a TOML file, found `start = = 3`")
    (folder / "latin.toml").write_bytes(b'title = "x"\n# \xe9\n')
    (problem,) = said('extends = "latin.toml"\n')
    assert problem == "latin.toml:2:3: expected a text in UTF-8, found the byte 0xe9"


def test_a_cycle_is_refused(folder: Path, said: Say) -> None:
    write(folder, 'extends = "mine.toml"\n', "other.toml")
    assert said('extends = "other.toml"\n') == [
        (
            "other.toml:1:1: extends: expected a file that does not lead back to itself, found "
            '"mine.toml" (mine.toml extends other.toml extends mine.toml)'
        )
    ]
    (problem,) = said('extends = "mine.toml"\n')
    assert "mine.toml extends mine.toml" in problem


def test_a_text_in_no_folder_extends_nothing() -> None:
    with pytest.raises(ScenarioError, match="this text stands in no folder"):
        parse_scenario('extends = "base.toml"\n', name="x", place="x")


@pytest.mark.parametrize("override", ['extends="other.toml"', "remove=[]", "include.a.title=x"])
def test_overrides_do_not_compose(said: Say, override: str) -> None:
    (problem,) = said('extends = "base.toml"\n', override)
    assert problem.startswith(f"--set {override}: ")
    assert "expected a path of the composed scenario" in problem


def test_the_resolved_document_stands_alone(folder: Path, tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    import tomli_w

    mine = load_scenario(write(folder, 'extends = "base.toml"\nseed = 4\n'))
    text = tomli_w.dumps(mine.document)
    assert not {"extends", "remove", "include", "files"} & set(tomllib.loads(text))
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert load_scenario(write(elsewhere, text)).digest == mine.digest
