"""Areas: which counties they have, what is wrong with them, and the tables that they come from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import Problem, ScenarioError
from sim.geography.nation import Nation, load_nation
from sim.geography.regions import members, resolve
from sim.scenario.areas import Area
from sim.scenario.counties import CountySet, counties_in, county_sets
from sim.scenario.load import LoadedScenario, load_scenario, parse_scenario
from sim.streams import Streams

NATION = load_nation("china")
KEYS = '[areas.keys]\nlist = "key-counties"\n'
Parse = Callable[..., LoadedScenario]
Problems = Callable[..., tuple[Problem, ...]]


def sets(**areas: Area) -> dict[str, CountySet]:
    """Return the counties of areas; an underscore in a name stands for a hyphen."""
    return county_sets({name.replace("_", "-"): area for name, area in areas.items()}, NATION)


def names(mask: np.ndarray) -> set[str]:
    return {NATION.counties.name[index] for index in np.flatnonzero(mask)}


def inside(*regions: str) -> np.ndarray:
    return counties_in(NATION, regions, {})


def choose(count: int, by: str = "chance", *regions: str, draw: str | None = None) -> Area:
    choice = {"counties": count, "from": list(regions), "by": by, "draw": draw}
    return Area.model_validate({"choose": choice})


def area(**keys: object) -> Area:
    return Area.model_validate({key.rstrip("_"): value for key, value in keys.items()})


@pytest.fixture(scope="module")
def nation() -> Nation:
    return NATION


# --- which counties -------------------------------------------------------------------------------


def test_the_bundled_lists() -> None:
    found = sets(keys=area(list="key-counties"), sourced=area(list="sourced-key-counties"))
    keys, sourced = found["keys"], found["sourced"]
    assert (keys.counties.sum(), sourced.counties.sum()) == (160, 92)
    assert not (sourced.counties & ~keys.counties).any()
    assert (keys.doubtful == (keys.counties & ~sourced.counties)).all()
    assert (keys.doubtful.sum(), sourced.doubtful.sum()) == (68, 0)
    assert {"Du'an", "Xiji"} <= names(keys.counties)


def test_regions_of_every_level_and_areas_add_up() -> None:
    found = sets(
        first=area(regions=["Ningxia", "Sanya"]),
        second=area(regions=["first", "460107"], list="sourced-key-counties"),
    )
    assert (found["first"].counties == inside("Ningxia", "Sanya")).all()
    assert found["first"].counties.sum() == inside("Ningxia").sum() + inside("Sanya").sum()
    both = inside("Ningxia", "Sanya", "460107")
    assert (found["second"].counties & both == both).all()
    assert found["second"].counties.sum() == both.sum() + 92  # none of the 92 lies in these


def test_without_takes_out_and_alone_leaves_the_rest_of_the_nation() -> None:
    found = sets(
        keys=area(list="key-counties"),
        others=area(without=["keys"]),
        north=area(regions=["Ningxia"], without=["keys", "Yinchuan"]),
        outside=area(without=["Ningxia", "Hainan"]),
    )
    assert (found["others"].counties == ~found["keys"].counties).all()
    assert found["others"].counties.sum() == len(NATION.counties) - 160
    north = inside("Ningxia") & ~inside("Yinchuan") & ~found["keys"].counties
    assert (found["north"].counties == north).all()
    assert north.sum() == 22 - 6 - 5
    assert not found["others"].doubtful.any()
    assert (found["outside"].counties == ~inside("Ningxia", "Hainan")).all()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["Hainan", "Ningxia", "Sanya", "Guyuan", "640402"]), max_size=3),
    st.lists(st.sampled_from(["Hainan", "Ningxia", "Sanya", "Guyuan", "640402"]), max_size=3),
    st.integers(1, 30),
    st.sampled_from(["chance", "most-villages", "fewest-villages"]),
)
def test_a_choice_adds_so_many_and_takes_nothing_else(
    regions: list[str], without: list[str], count: int, by: str
) -> None:
    asked = area(
        regions=regions, without=without, choose={"counties": count, "from": ["Hainan", "Qinghai"],
                                                  "by": by},
    )  # fmt: skip
    found = sets(x=asked)["x"]
    may = inside("Hainan", "Qinghai") & ~inside(*regions) & ~inside(*without)
    may &= ~NATION.counties.functional_zone
    assert not (found.chosen & ~may).any()
    assert found.chosen.sum() == min(count, may.sum())
    assert (found.counties == ((inside(*regions) & ~inside(*without)) | found.chosen)).all()


@pytest.mark.parametrize(("by", "sign"), [("most-villages", -1), ("fewest-villages", 1)])
def test_by_villages(by: str, sign: int) -> None:
    """Ties by code, which the order of the table is."""
    table = NATION.counties
    ranked = sorted(
        np.flatnonzero(inside("Hainan") & ~table.functional_zone).tolist(),
        key=lambda index: (sign * table.village_committees[index], table.code[index]),
    )
    for count in (1, 7, 20):
        found = sets(x=choose(count, by, "Hainan"))["x"].chosen
        assert np.flatnonzero(found).tolist() == sorted(ranked[:count])


def test_by_chance_is_the_ranking_that_the_page_says() -> None:
    table, streams = NATION.counties, Streams(0, 0)
    ranked = sorted(
        np.flatnonzero(inside("Qinghai") & ~table.functional_zone).tolist(),
        key=lambda index: streams.stream(f"areas/some/county/{table.code[index]}").uniform(),
    )
    found = sets(some=choose(9, "chance", "Qinghai"))["some"].chosen
    assert np.flatnonzero(found).tolist() == sorted(ranked[:9])


def test_a_draw_depends_on_its_name_alone() -> None:
    one = sets(some=choose(12))["some"].chosen
    assert (
        one
        == sets(other=choose(30), some=choose(12), third=area(regions=["Hainan"]))["some"].chosen
    ).all()
    more = sets(some=choose(13))["some"].chosen
    assert (more | one == more).all()  # one county more leaves the others as they are
    assert (more != one).sum() == 1
    assert (one != sets(another=choose(12))["another"].chosen).any()
    assert (one == sets(another=choose(12, draw="some"))["another"].chosen).all()
    assert not NATION.counties.functional_zone[one].any()


def test_neither_seed_nor_replications_change_a_draw(small_toml: str, parse: Parse) -> None:
    text = small_toml + "[areas.x]\nchoose = { counties = 9 }\n"
    first, second = (
        county_sets(parse(text, *over).scenario.areas, NATION)["x"].chosen
        for over in ((), ("seed=99", "replications=7", 'geography.regions=["Danzhou"]'))
    )
    assert (first == second).all()


def test_doubt_follows_the_list_through_other_areas() -> None:
    found = sets(
        keys=area(list="key-counties"),
        drawn=choose(18, "chance", "keys"),
        sure=area(regions=["Ningxia"], list="key-counties"),
        both=area(regions=["keys", "Guyuan"]),
        confirmed=area(list="key-counties", without=["Ningxia", "Gansu", "Yunnan"]),
    )
    doubtful = found["keys"].doubtful
    assert found["drawn"].counties.sum() == 18
    assert (found["drawn"].doubtful == (found["drawn"].counties & doubtful)).all()
    assert 0 < found["drawn"].doubtful.sum() < 18
    for name, known in (("sure", "Ningxia"), ("both", "Guyuan")):
        expected = doubtful & ~inside(known)  # they are there whether key counties or not
        assert (found[name].doubtful == expected).all()
        assert expected.sum() < 68
    assert found["confirmed"].doubtful.sum() == 68 - 5 - 23 - 16


def test_every_code_of_a_county_is_that_county(nation: Nation) -> None:
    """Codes stand for counties in tables: the higher units of a code have no other county."""
    for index, code in enumerate(nation.counties.code.tolist()):
        region = resolve(nation, code)
        assert members(nation, region.level, region.index, "county").tolist() == [index]


# --- faults ---------------------------------------------------------------------------------------


def told(problems: tuple[Problem, ...]) -> list[str]:
    return [
        f"{p.path}: {p.expected}, found {p.found}{f' ({p.hint})' if p.hint else ''}"
        for p in problems
    ]


FAULTS: dict[str, tuple[str, list[str]]] = {
    "named like a region": (
        '[areas.hai-nan]\nlist = "key-counties"\n',
        ['areas.hai-nan: a name that no region has, found "hai-nan" (it is "Hainan")'],
    ),
    "a code": (
        '[areas.460200]\nlist = "key-counties"\n',
        ['areas.460200: a name that no region has, found "460200" (it is "Sanya, Hainan")'],
    ),
    "nothing": (
        '[areas.x]\ntitle = "x"\nstatus = "assumed"\n',
        ['areas.x: the key "regions", "list", "file", "choose" or "without", found none'],
    ),
    "of a later area": (
        ('[areas.x]\nregions = ["y"]\nwithout = ["x"]\nchoose = { counties = 1, from = ["y"] }\n'
         '[areas.y]\nlist = "key-counties"\n'),
        [f'areas.x.{key}: a region, or an area that is listed before this one, found "{name}"'
         for key, name in (("regions.0", "y"), ("without.0", "x"), ("choose.from.0", "y"))],
    ),
    "too many": (
        ('[areas.x]\nregions = ["Sanya"]\n[areas.y]\nregions = ["Sanya"]\n'
         'choose = { counties = 9, from = ["x", "Danzhou"] }\nwithout = ["x"]\n'),
        ["areas.y.choose.counties: at most 1: so many counties are there to choose from, found 9"],
    ),
    "none left": (
        '[areas.x]\nregions = ["Sanya"]\nwithout = ["Hainan"]\n[areas.y]\nregions = ["x"]\n',
        ["areas.x: an area with some county in it, found none",
         "areas.y: an area with some county in it, found none"],
    ),
    "a draw where nothing is drawn": (
        '[areas.x]\nchoose = { counties = 1, by = "most-villages", draw = "y" }\n',
        ['areas.x.choose.draw: no such key: nothing is drawn by "most-villages", found "y"'],
    ),
    "an unknown region": (
        KEYS + '[areas.x]\nregions = ["kesy"]\nwithout = ["Hainam"]\n',
        [('areas.x.regions.0: a province, prefecture, county or area (keys, x), found "kesy" '
          '(did you mean "keys"?)'),
         ('areas.x.without.0: a province, prefecture, county or area (keys, x), found "Hainam" '
          '(did you mean "Hainan" or "Hainan, Qinghai" or "Hainan, Wuhai, Inner Mongolia"?)')],
    ),
    "a town": (
        '[areas.x]\nregions = [150627104]\n',
        [('areas.x.regions.0: a province, prefecture, county or area (x), found "150627104" '
          '(it is a town)')],
    ),
    "an unknown list": (
        '[areas.x]\nlist = "key-county"\n',
        [('areas.x.list: one of "key-counties" or "sourced-key-counties", found "key-county" '
          '(did you mean "key-counties" or "sourced-key-counties"?)')],
    ),
    "a rule without a number": (
        '[areas.x]\nchoose = { by = "chance", from = [] }\n[areas.y]\nchoose = { counties = 0 }\n',
        ['areas.x.choose.counties: the key "counties", found nothing',
         "areas.y.choose.counties: a whole number of at least 1, found 0"],
    ),
    "a file without a folder": (
        '[areas.x]\nfile = "x.csv"\n',
        ['areas.x.file: no files: this text stands in no folder, found "x.csv"'],
    ),
    "several at once": (
        ('[areas.hainan]\nregions = ["Sanya"]\n[areas.x]\n[areas.y]\nregions = ["Sanya"]\n'
         'choose = { counties = 5_000 }\n[areas.z]\nregions = ["x", "hainan"]\n'),
        ['areas.hainan: a name that no region has, found "hainan" (it is "Hainan")',
         'areas.x: the key "regions", "list", "file", "choose" or "without", found none',
         ("areas.y.choose.counties: at most 2850: so many counties are there to choose from, "
          "found 5,000")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name: str, small_toml: str, problems_of: Problems) -> None:
    text, expected = FAULTS[name]
    problems = problems_of(small_toml + text)
    assert told(problems) == expected
    assert all(problem.line > small_toml.count("\n") for problem in problems)


def test_an_area_is_no_place(small_toml: str, problems_of: Problems) -> None:
    (problem,) = problems_of(small_toml + KEYS, 'sites.maker.at="keys"')
    assert problem.path == "sites.maker.at"
    assert problem.expected == "a province, prefecture or county"


def test_areas_need_a_geography(listed_toml: str, problems_of: Problems) -> None:
    text = listed_toml + '[areas.x]\nregions = ["Hainan"]\n[areas.y]\nwithout = ["x"]\n'
    assert (
        'areas: no areas: there is no geography that they could be a part of, found "x", "y"'
        in (told(problems_of(text)))
    )


def test_where_a_region_may_stand_an_area_may(small_toml: str, parse: Parse) -> None:
    text = (
        small_toml
        + """
[areas.south]
regions = ["Sanya"]
[orders.x]
from = "maker"
product = "oximeter"
regions = ["south"]
[disruptions.x]
kind = "slow-road"
lane = "to-city"
regions = ["south", "Danzhou"]
begins = 2023-01-08T00:00:00+08:00
lasts = "1 d"
factor = 2
[waves.first]
lane = "to-city"
regions = { value = ["south"], status = "assumed" }
release = 2023-01-08T00:00:00+08:00
"""
    )
    over = (
        'geography.regions=["south"]',
        'echelons.county.regions=["south"]',
        'reported.trips.regions=["south"]',
    )
    scenario = parse(text, *over).scenario
    assert scenario.geography.regions.value == ["south"]
    assert scenario.disruptions["x"].regions == ["south", "Danzhou"]  # type: ignore[union-attr]


# --- tables ---------------------------------------------------------------------------------------

CSV = """\
name,code,county,note
a,640402,whatever,"one, two"
b,,"Xiji",
c,,"海原县",
d,4602,,a city
"""


@pytest.fixture
def load(tmp_path: Path, small_toml: str) -> Callable[..., LoadedScenario]:
    def run(csv: str | None = CSV, *overrides: str, more: str = "") -> LoadedScenario:
        text = small_toml + '[areas.x]\nregions = ["Danzhou"]\nfile = "some.csv"\n' + more
        (tmp_path / "test.toml").write_text(text, encoding="utf-8")
        if csv is not None:
            (tmp_path / "some.csv").write_text(csv, encoding="utf-8")
        return load_scenario(tmp_path / "test.toml", overrides)

    return run


@pytest.fixture
def faults(load: Callable[..., LoadedScenario], tmp_path: Path) -> Callable[..., list[str]]:
    def run(*args: str | None, more: str = "") -> list[str]:
        with pytest.raises(ScenarioError) as raised:
            load(*args, more=more)
        return str(raised.value).replace(f"{tmp_path}/", "").split("\n")

    return run


def test_rows_are_regions(load: Callable[..., LoadedScenario]) -> None:
    loaded = load()
    assert loaded.scenario.areas["x"].regions == ["Danzhou", "640402", "640422", "640522", "4602"]
    found = county_sets(loaded.scenario.areas, NATION)["x"].counties
    assert (found == inside("Danzhou", "640402", "Xiji", "640522", "Sanya")).all()
    assert loaded.scenario.areas["x"].file is None
    assert "file" not in loaded.document["areas"]["x"]
    again = parse_scenario(tomli_w.dumps(loaded.document), name="test", place="resolved.toml")
    assert (again.scenario, again.digest) == (loaded.scenario, loaded.digest)
    assert load(CSV.replace("640402", "640424")).digest != loaded.digest


def test_overrides_of_an_area_and_its_file(
    load: Callable[..., LoadedScenario], tmp_path: Path
) -> None:
    (tmp_path / "other.csv").write_text("code\n460107\n", encoding="utf-8")
    read = load(CSV, 'areas.x.file="other.csv"', 'areas.x.regions=["Hainan"]')
    assert read.scenario.areas["x"].regions == ["Hainan", "460107"]


TABLES: dict[str, tuple[str, str, list[str]]] = {
    "an unknown county": (
        '"Xiji"', '"Xijii"',
        [('some.csv:3:4: expected a county, found "Xijii" (did you mean "Xiji" or "Xinji" or '
          '"Xiejiaji"?)')],
    ),
    "several counties": (
        '"海原县"', "Chaoyang",
        [('some.csv:4:4: expected one county, found "Chaoyang" (it may be "Chaoyang, Beijing" or '
          '"Chaoyang, Changchun, Jilin" or "Chaoyang, Chaoyang, Liaoning" or '
          '"Chaoyang, Shantou, Guangdong")')],
    ),
    "a city is no county": (
        '"海原县"', "Yinchuan",
        [('some.csv:4:4: expected a county, found "Yinchuan" (did you mean "Yichuan, Luoyang, '
          'Henan" or "Yichuan, Yan\'an, Shaanxi" or "Yanchuan"?)')],
    ),
    "a name for a code": (
        "4602", "Sanya", ['some.csv:5:3: expected the code of a county, found "Sanya"'],
    ),
    "an unknown code": (
        "4602", "4699",
        [('some.csv:5:3: areas.x.regions.4: expected a province, prefecture, county or area (x), '
          'found "4699"')],
    ),
    "neither": ("d,4602,,", "d,,,", ["some.csv:5:1: expected a county, found nothing"]),
    "other columns": (
        "code,county", "cod,county.",
        [('some.csv:1:1: expected the column "code" or "county", found none '
          '(did you mean "cod"?)')],
    ),
    "no rows": (
        CSV.partition("\n")[2], "", ["some.csv:1:1: expected a row for each county, found none"],
    ),
    "a short row": (
        "d,4602,,a city", "d,4602",
        ["some.csv:5:1: expected 4 cells, as in the first row, found 2"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_faults_of_a_table_are_told_where_they_stand(
    name: str, faults: Callable[..., list[str]]
) -> None:
    before, after, expected = TABLES[name]
    assert CSV.count(before) == 1
    assert faults(CSV.replace(before, after)) == expected


def test_faults_of_tables_and_of_the_file_at_once(faults: Callable[..., list[str]]) -> None:
    found = faults(
        CSV.replace("640402", "640499").replace("Xiji", "X"), more="[areas.y]\nlit = 1\n"
    )
    assert [line.split(":")[0] for line in found] == ["some.csv", "some.csv", "test.toml"]
    assert "areas.y.lit" in found[2]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("../some.csv", "a relative path inside the scenario's folder"),
        ("/etc/hosts", "a relative path inside the scenario's folder"),
        ("smoe.csv", 'a file in the scenario\'s folder, found no file "smoe.csv"'),
    ],
)
def test_a_file_that_may_not_be_read(
    path: str, said: str, faults: Callable[..., list[str]]
) -> None:
    (found,) = faults(CSV, f'areas.x.file="{path}"')
    assert f"areas.x.file: expected {said}" in found


def test_what_is_no_area_is_left_to_the_schema(small_toml: str, problems_of: Problems) -> None:
    for text, path in (
        ("areas = 3\n", "areas"),
        ("areas.x = 3\n", "areas.x"),
        ("areas.x.file = 3\n", "areas.x.file"),
        ('areas.x = { file = "a.csv", regions = "Sanya" }\n', "areas.x.regions"),
    ):
        problems = problems_of(text + small_toml)
        assert [problem.path for problem in problems] == [path], text
