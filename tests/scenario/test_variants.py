"""Variants in a file: each is what a file that extends it would be, and problems have a place."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenario.includes import Say, write

from sim.errors import ScenarioError
from sim.scenario.address import split_address
from sim.scenario.compose.files import files_of
from sim.scenario.load import LoadedScenario, load_scenario, parse_scenario
from sim.scenario.variants import Change, changes_of, variants_of

SHIPPED = Path(__file__).parents[2] / "scenarios" / "oximeters-2023.toml"

#: What the tests write under [variants]; the text stands after that of the small scenario.
VANS = """
[variants.more-vans]
title = "More vans"
fleets.county-van.vehicles = { value = 6, status = "assumed", source = "a question" }
"""
SNOW = """
[variants.snow]
remove = ["waves.all"]
[variants.snow.disruptions.snow]
kind = "slow-road"
lane = "to-county"
begins = 2023-01-08T00:00:00+08:00
lasts = "1 d"
factor = 2
"""


def problems_in(address: Path | str, *overrides: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(address, overrides)
    where = f"{Path(address).parent}/"
    return [str(problem).replace(where, "") for problem in caught.value.problems]


@pytest.fixture
def varied(folder: Path, small_toml: str) -> Path:
    """A file with two variants."""
    return write(folder, small_toml + VANS + SNOW, "varied.toml")


# --- What a variant is ---------------------------------------------------------------------------


def test_a_variant_is_a_file_that_extends_the_file(folder: Path, varied: Path) -> None:
    table = tomllib.loads(VANS + SNOW)["variants"]
    for name in ("more-vans", "snow"):
        text = tomli_w.dumps({"extends": "varied.toml", **table[name]})
        extending = load_scenario(write(folder, text, "extending.toml"))
        variant = load_scenario(f"{varied}#{name}")
        assert (variant.document, variant.digest) == (extending.document, extending.digest)
        assert variant.name == f"varied-{name}"
    assert load_scenario(Path(f"{varied}#more-vans")).scenario.title == "More vans"
    assert load_scenario(f"{varied}#snow").scenario.waves == {}


_NUMBERS = st.integers(1, 9)
_HOURS = st.integers(1, 9).map("{} h".format)
#: Parts of variants of the small scenario; each is valid beside any of the others.
_TABLES = st.fixed_dictionaries(
    {},
    optional={
        "title": st.text("abc ", min_size=1, max_size=5),
        "seed": _NUMBERS,
        "horizon": st.integers(9, 12).map("{} d".format),
        "remove": st.lists(
            st.sampled_from(["waves.all", "reported", "fleets.county-van.capacity"]), unique=True
        ),
        "fleets": st.fixed_dictionaries(
            {},
            optional={
                "county-van": st.fixed_dictionaries({}, optional={"vehicles": _NUMBERS}),
                "spare": st.just({"home": "county", "vehicles": 1, "speed": "30 km/h"}),
            },
        ),
        "lanes": st.fixed_dictionaries(
            {}, optional={"to-city": st.fixed_dictionaries({"dispatch": st.one_of(
                st.just({"rule": "on-arrival"}),
                _HOURS.map(lambda after: {"rule": "full-or-after", "full": 50, "after": after}),
            )})},
        ),
    },
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=_TABLES)
def test_any_variant_is_any_file_that_extends(
    table: dict[str, Any], folder: Path, small_toml: str
) -> None:
    base = tomllib.loads(small_toml)
    varied = write(folder, tomli_w.dumps({**base, "variants": {"x": table}}), "varied.toml")
    extending = tomli_w.dumps({"extends": "small.toml", **table})
    mine, other = load_scenario(f"{varied}#x"), load_scenario(write(folder, extending, "o.toml"))
    assert mine.digest == other.digest
    assert mine.document == other.document


def test_variants_are_no_part_of_the_scenario(folder: Path, varied: Path) -> None:
    base, plain = load_scenario(varied), load_scenario(folder / "small.toml")
    assert (base.document, base.digest) == (plain.document, plain.digest)
    assert "variants" not in load_scenario(f"{varied}#snow").document


def test_overrides_go_over_a_variant(varied: Path) -> None:
    mine = load_scenario(f"{varied}#more-vans", ["fleets.county-van.vehicles=9"])
    assert mine.scenario.fleets["county-van"].vehicles.value == 9
    assert mine.scenario.title == "More vans"


def test_a_file_hands_its_variants_on(folder: Path, varied: Path, small_toml: str) -> None:
    text = """
extends = "parts/varied.toml"
remove = ["variants.gone"]
seed = 3
[variants.more-vans.fleets.city-van]
vehicles = 7
[variants.own]
title = "Own"
"""
    below = small_toml + VANS + SNOW + '[variants.gone]\ntitle = "x"\n'
    write(folder, below, "parts/varied.toml")
    mine = write(folder, text)
    assert [(each.name, each.title) for each in variants_of(mine)] == [
        ("more-vans", "More vans"), ("snow", ""), ("own", "Own"),
    ]  # fmt: skip
    both = load_scenario(f"{mine}#more-vans").scenario
    assert (both.seed, both.title) == (3, "More vans")
    assert both.fleets["county-van"].vehicles.value == 6
    assert both.fleets["city-van"].vehicles.value == 7
    assert load_scenario(f"{mine}#snow").scenario.disruptions["snow"].kind == "slow-road"
    assert load_scenario(mine).scenario.title != "Own"
    (problem,) = problems_in(f"{mine}#gone")
    assert "the name of a variant (more-vans, snow, own)" in problem
    write(folder, text.replace('"variants.gone"', '"variants"'))
    assert [each.name for each in variants_of(mine)] == ["more-vans", "own"]
    assert load_scenario(f"{mine}#more-vans").scenario.fleets["county-van"].vehicles.value == 1


def test_a_variant_below_reads_its_own_tables(folder: Path) -> None:
    text = (folder / "kits.toml").read_text("utf-8")
    area = '[variants.few]\nareas.few.file = "few.csv"\nareas.few.status = "assumed"\n'
    write(folder, text + area, "parts/varied.toml")
    (folder / "parts" / "few.csv").write_text("county\n", "utf-8")
    mine = write(folder, 'extends = "parts/varied.toml"\n')
    names = [str(file) for file in files_of(mine)]
    assert names == ["all.toml", "parts/varied.toml", "parts/few.csv"]
    for problem in problems_in(f"{mine}#few"):
        assert "no file" not in problem


def test_variants_of_an_included_file_are_ignored(folder: Path, varied: Path) -> None:
    text = """
title = "Both"
start = 2023-01-07T00:00:00+08:00
horizon = "9 d"
[include.a]
scenario = "varied.toml"
[variants.less]
remove = ["waves.a-all"]
[variants.less.fleets.a-county-van]
vehicles = 2
"""
    mine = write(folder, text)
    assert [variant.name for variant in variants_of(mine)] == ["less"]
    less = load_scenario(f"{mine}#less").scenario
    assert less.waves == {}
    assert less.fleets["a-county-van"].vehicles.value == 2
    (problem,) = problems_in(f"{mine}#more-vans")
    assert "the name of a variant (less)" in problem


def test_a_file_whose_name_has_a_hash_is_that_file(folder: Path, small_toml: str) -> None:
    path = write(folder, small_toml, "small.toml#more-vans")
    assert split_address(path) == (path, None)
    assert load_scenario(path).scenario.title == "A small campaign in Hainan"
    assert split_address("a#b/c.toml#d") == (Path("a#b/c.toml"), "d")
    assert split_address("a.toml") == (Path("a.toml"), None)
    assert split_address("#a") == (Path("#a"), None)
    assert split_address("a.toml#") == (Path("a.toml"), "")


# --- What is wrong with it, and where ------------------------------------------------------------


def test_a_problem_points_into_the_variant(folder: Path, small_toml: str) -> None:
    text = small_toml + "\n[variants.x]\nfleets.city-van.vehicles = 0\nremove = ['waves.al']\n"
    line = text.split("\n").index("[variants.x]") + 1
    path = write(folder, text)
    load_scenario(path)
    assert problems_in(f"{path}#x") == [
        (
            f"all.toml:{line + 1}:17: fleets.city-van.vehicles: expected a whole number of at "
            'least 1, or "unlimited", found 0'
        ),
        (
            f'all.toml:{line + 2}:11: remove.0: expected a key of what the variant "x" changes, '
            'found "waves.al" (did you mean "waves.all"?)'
        ),
    ]


def test_what_is_missing_in_a_variant_is_told_where_it_begins(
    folder: Path, small_toml: str
) -> None:
    text = small_toml + "\n[variants.x]\nremove = ['lanes', 'start']\n"
    line = text.split("\n").index("[variants.x]") + 1
    told = problems_in(f"{write(folder, text)}#x")
    assert f'all.toml:{line}:11: lanes: expected the key "lanes", found nothing' in told
    assert f'all.toml:{line}:11: start: expected the key "start", found nothing' in told


def test_a_problem_of_a_variant_that_was_handed_on_stands_in_its_own_file(folder: Path) -> None:
    text = (folder / "small.toml").read_text("utf-8") + "\n[variants.x]\nseed = -1\n"
    write(folder, text, "below.toml")
    line = text.split("\n").index("seed = -1") + 1
    mine = write(folder, 'extends = "below.toml"\n')
    (problem,) = problems_in(f"{mine}#x")
    assert problem == f"below.toml:{line}:1: seed: expected a whole number of at least 0, found -1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("variants = 3\n", "1:1: variants: expected tables such as [variants.more-vans], found 3"),
        (
            "variants.x = 3\n",
            "1:10: variants.x: expected a table that says what is different, [variants.x], found 3",
        ),
        (
            "variants.'More vans'.seed = 3\n",
            "1:10: variants.More vans: expected a name of small letters, digits and hyphens",
        ),
        (
            "variants.x.extends = 'other.toml'\n",
            (
                "1:12: variants.x.extends: expected a key of a scenario, or remove, found the key "
                '"extends" (a variant goes over this file as it is: write extends in a file of its '
                "own)"
            ),
        ),
        (
            "variants.x.include.y.scenario = 'other.toml'\n",
            "1:12: variants.x.include: expected a key of a scenario, or remove",
        ),
        (
            "variants.x.variants.y.seed = 3\n",
            "1:12: variants.x.variants: expected a key of a scenario, or remove",
        ),
        ("variants.x.remove = 'waves'\n", "1:12: remove: expected a list of paths"),
    ],
)  # fmt: skip
def test_what_is_no_variant(folder: Path, small_toml: str, text: str, expected: str) -> None:
    path = write(folder, text + small_toml)
    (problem,) = problems_in(path)  # also for whoever does not ask for a variant
    assert problem.startswith(f"all.toml:{expected}")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "more-van",
            (
                "expected the name of a variant (more-vans, snow), found "
                '"more-van" (did you mean "more-vans"?)'
            ),
        ),
        ("", 'expected the name of a variant (more-vans, snow), found ""'),
    ],
)
def test_a_variant_that_is_not_there(varied: Path, name: str, expected: str) -> None:
    (problem,) = problems_in(f"{varied}#{name}")
    line = varied.read_text("utf-8").split("\n").index("[variants.more-vans]") + 1
    assert problem == f"varied.toml:{line}:2: variants: {expected}"


def test_a_file_without_variants_says_so(folder: Path) -> None:
    (problem,) = problems_in(folder / "small.toml#snow")
    assert problem == (
        'small.toml:1:1: variants: expected a file with a variant "snow", found none in it '
        "([variants.snow] would hold what is different)"
    )
    assert variants_of(folder / "small.toml") == ()
    (problem,) = problems_in(folder / "smal.toml#snow")
    assert problem.startswith("smal.toml: expected a scenario file, found no such file (did you")


def test_what_a_file_removes_of_variants_must_be_there(said: Say, varied: Path) -> None:
    (problem,) = said('extends = "varied.toml"\nremove = ["variants.sno"]\n')
    assert problem.startswith(
        "all.toml:2:11: remove.0: expected a key of what this file builds on, found "
        '"variants.sno" (did you mean "variants.snow"'
    )
    (problem,) = said('extends = "varied.toml"\nremove = ["variants.snow.waves"]\n')
    assert 'found "variants.snow.waves"' in problem


def test_overrides_do_not_reach_into_variants(varied: Path) -> None:
    (problem,) = problems_in(varied, "variants.snow.seed=3")
    assert "a variant is chosen as FILE#NAME" in problem


def test_a_text_may_have_variants(parse: Callable[..., LoadedScenario], small_toml: str) -> None:
    mine = parse_scenario(small_toml + VANS, name="x", place="x", variant="more-vans")
    assert mine.scenario.title == "More vans"
    assert mine.digest != parse(small_toml).digest


# --- What a variant changes ----------------------------------------------------------------------


def test_what_a_variant_changes(varied: Path) -> None:
    assert changes_of(varied) == ()
    title = Change("title", "A small campaign in Hainan", "More vans")
    vans = Change("fleets.county-van.vehicles", "1", "6")
    assert changes_of(f"{varied}#more-vans") == (title, vans)
    assert changes_of(f"{varied}#more-vans", ["fleets.county-van.vehicles=6"]) == (title,)
    wave, snow = changes_of(f"{varied}#snow")
    assert (wave.path, wave.base, wave.variant) == ("waves.all", "the table all", None)
    assert snow == Change(
        "disruptions.snow",
        None,
        "kind slow-road, lane to-county, begins 2023-01-08T00:00+08:00, lasts 1 d, factor 2",
    )


def test_what_is_restated_is_no_change(folder: Path, small_toml: str) -> None:
    text = small_toml + "\n[variants.same]\nreplications = 3\nfleets.county-van.vehicles = 1\n"
    assert changes_of(f"{write(folder, text)}#same") == ()


# --- What the project ships ----------------------------------------------------------------------


def test_the_variants_of_the_national_scenario_are_valid_and_assumed() -> None:
    base = load_scenario(SHIPPED)
    assert base.digest[:8] == "ffc47514"
    names = {"more-vans", "second-desk", "west-first", "fewer-makers", "long-days", "snow"}
    assert {variant.name for variant in variants_of(SHIPPED)} == names
    digests = {base.digest}
    for variant in variants_of(SHIPPED):
        loaded = load_scenario(variant.address)
        assert loaded.scenario.title == variant.title
        assert loaded.scenario.reported == base.scenario.reported
        digests.add(loaded.digest)
    assert len(digests) == len(names) + 1
    document = tomllib.loads(SHIPPED.read_text("utf-8"))

    def statuses(node: Any) -> list[str]:
        if not isinstance(node, dict):
            return []
        own = [node["status"]] if "status" in node else []
        return own + [status for value in node.values() for status in statuses(value)]

    assert set(statuses(document["variants"])) == {"assumed"}
