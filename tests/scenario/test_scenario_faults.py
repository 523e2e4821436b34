"""Faulty scenario files: every fault is told at once, with its place, in words for a planner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import Problem, ScenarioError
from sim.scenario.load import LoadedScenario, load_scenario

Problems = Callable[..., tuple[Problem, ...]]
At = Callable[..., tuple[int, int]]

#: What is changed in the small scenario; where the fault stands: a text that stands there once the
#: change is made, and how many characters into it; its path; and what is said.
MANY: tuple[tuple[str, str, str, str, str], ...] = (
    (
        'horizon = "9 d"',
        'horizon = "9"',
        'horizon = "9"',
        "horizon",
        'expected a duration above 0 with its unit, such as "4 h", found "9" (it has no unit)',
    ),
    (
        "start = 2023-01-07T00:00:00+08:00",
        "start = 2023-01-07T00:00:00",
        "start = 2023",
        "start",
        (
            "expected a time with its zone, such as 2023-01-09T18:00:00+08:00, "
            "found 2023-01-07T00:00:00 (it has no zone)"
        ),
    ),
    (
        "replications = 3",
        "replications = 0",
        "replications = 0",
        "replications",
        "expected a whole number of at least 1, found 0",
    ),
    (
        'regions = ["Sanya", "Danzhou"]',
        'regions = ["Sanya", "Danzhou", "Jiangsuu"]',
        '"Jiangsuu"',
        "geography.regions.2",
        'expected a province, prefecture or county, found "Jiangsuu" (did you mean "Jiangsu"',
    ),
    (
        "range = [1.2, 1.4]",
        "range = [1.4, 1.5]",
        "circuity = {",
        "geography.circuity",
        "expected a range [lowest, highest] that holds the value, found [1.4, 1.5]",
    ),
    (
        'sites = "village-clinics"',
        'sites = "village-clinic"',
        'sites = "village-clinic"',
        "echelons.clinic.sites",
        (
            'expected one of "prefectures", "counties", "village-clinics", '
            '"township-health-centres", "nursing-homes" or "households", found "village-clinic" '
            '(did you mean "village-clinics"?)'
        ),
    ),
    (
        'at-closing = "pause"',
        'at-closing = "wait"',
        "at-closing",
        "calendars.duty.at-closing",
        'expected one of "finish", "pause" or "fits", found "wait"',
    ),
    (
        'hours = "08:00-20:00"',
        'hours = "8-20 o\'clock"',
        "hours =",
        "calendars.duty.hours",
        'expected a time of day such as "08:00", found "8"',
    ),
    (
        'output = { oximeter = { value = "120/day"',
        'output = { oximeter = { value = "-120/day"',
        'value = "-120/day"',
        "sites.maker.output.oximeter.value",
        'expected a rate of at least 0 with its period, such as "40_000/day", found "-120/day"',
    ),
    (
        "stock = { oximeter = 200 }",
        "stock = { oximetre = 200 }",
        "oximetre",
        "sites.maker.stock.oximetre",
        'expected the name of a product (oximeter), found "oximetre" (did you mean "oximeter"?)',
    ),
    (
        'speed = "65 km/h"',
        'sped = "65 km/h"',
        "sped =",
        "fleets.carrier.sped",
        'expected a key of this table, found the unknown key "sped" (did you mean "speed"?)',
    ),
    (
        "drivers = 2",
        "drivers = 3",
        "drivers = 3",
        "fleets.carrier.drivers",
        "expected one of 1 or 2, found 3",
    ),
    (
        'capacity = { volume = "12 m3", weight = "3 t" }',
        'capacity = { volume = "0 m3", weight = "3 h", units = 0 }',
        'volume = "0 m3"',
        "fleets.carrier.capacity.volume",
        'expected a volume above 0 with its unit, such as "12 m3", found "0 m3"',
    ),
    (
        'speed = "50 km/h"',
        'speed = 50\ncrew = "two"',
        "speed = 50",
        "fleets.city-van.speed",
        'expected a speed above 0 with its unit, such as "60 km/h", found 50 (it has no unit)',
    ),
    (
        "vehicles = { value = 1, range",
        "vehicles = { valeu = 1, range",
        "valeu",
        "fleets.county-van.vehicles.valeu",
        'expected a key of this table, found the unknown key "valeu" (did you mean "value"?)',
    ),
    (
        'stage = "sign-off"',
        'stage = "signoff"',
        'stage = "signoff"',
        "stations.sign-off.stage",
        (
            'expected one of "loading", "sorting", "unloading", "inspection" or "sign-off", '
            'found "signoff" (did you mean "sign-off"?)'
        ),
    ),
    (
        "cv = 0.8",
        'cv = 0.8, law = "uniform"',
        "time-per-lot",
        "stations.sign-off.time-per-lot",
        (
            'expected a law that exists with its parameters, found "uniform, mean 3 h, cv 0.8" '
            "(a uniform law with a cv above 0.57735 would have negative values, "
            "found 0.8; gamma takes any cv)"
        ),
    ),
    (
        'rule = "full-or-after"',
        'rule = "if-full"',
        'rule = "if-full"',
        "lanes.to-city.dispatch.rule",
        (
            'expected one of "on-arrival", "when-full", "full-or-after", "departures", '
            'found "if-full"'
        ),
    ),
    (
        'to = "county"\nfleet = "city-van"',
        'to = "countys"\nfleet = "city-vans"',
        'to = "countys"',
        "lanes.to-county.to",
        (
            "expected the name of an echelon (factory, prefecture, county, clinic), "
            'found "countys" (did you mean "county"?)'
        ),
    ),
    (
        'regions = "rest"',
        'regions = ["Sanya", "Atlantis"]',
        '"Atlantis"',
        "waves.all.regions.1",
        'expected a province, prefecture or county, found "Atlantis"',
    ),
    (
        "release = [2023-01-07T00:00:00+08:00, 2023-01-07T12:00:00+08:00]",
        "release = [2023-01-07T00:00:00+08:00, 2023-01-07]",
        "2023-01-07]",
        "waves.all.release.1",
        "expected a time with its zone, such as 2023-01-09T18:00:00+08:00, found 2023-01-07",
    ),
    (
        'measure = "dispatched"',
        'measure = "dispached"',
        'measure = "dispached"',
        "reported.dispatched.measure",
        (
            'expected one of "dispatched", "received", "in-transit", "sites-reached", "trips", '
            '"coverage", "dispatch-time" or "receipt-time", found "dispached" '
            '(did you mean "dispatched"'
        ),
    ),
    (
        'band = "20 %"',
        'band = "20"',
        'band = "20"',
        "reported.dispatched.band",
        'expected a tolerance such as "10 %", or [lowest, highest], found "20"',
    ),
    (
        'wording = "some 450 have left"',
        'Wording = "some 450 have left"',
        "Wording",
        "reported.dispatched.Wording",
        'expected a key of this table, found the unknown key "Wording" (did you mean "wording"?)',
    ),
)

#: Further faults that the same changes bring, without their positions.
ALSO = {
    "fleets.carrier.capacity.weight": (
        'expected a weight above 0 with its unit, such as "3 t", found "3 h" '
        '("h" is not a unit of a weight)'
    ),
    "fleets.carrier.capacity.units": "expected a whole number of at least 1, found 0",
    "fleets.city-van.crew": (
        'expected a key of this table, found the unknown key "crew" (it may have calendar, '
        "capacity, drivers, home, loading, rest, speed, title, unloading, vehicles, "
        "when-none-free)"
    ),
    "fleets.county-van.vehicles.value": 'expected the key "value", found nothing',
    "lanes.to-county.fleet": (
        "expected the name of a fleet (carrier, city-van, county-van), "
        'found "city-vans" (did you mean "city-van" or "county-van"?)'
    ),
    "reported.dispatched.wording": 'expected the key "wording", found nothing',
}


@pytest.fixture(scope="module")
def many(small_toml: str, problems_of: Problems) -> tuple[str, dict[str, Problem]]:
    """The text with all faults of ``MANY`` at once, and its problems by path."""
    text = small_toml
    for before, after, *_ in MANY:
        assert text.count(before) >= 1, before
        text = text.replace(before, after, 1)
    problems = problems_of(text)
    by_path = {problem.path: problem for problem in problems}
    assert len(by_path) == len(problems)
    return text, by_path


@pytest.mark.parametrize(("before", "after", "stands", "path", "said"), MANY)
def test_each_of_many_faults_is_told_with_its_place(
    before: str,
    after: str,
    stands: str,
    path: str,
    said: str,
    many: tuple[str, dict[str, Problem]],
    at: At,
) -> None:
    text, problems = many
    line, column = at(text, stands)
    assert str(problems[path]).startswith(f"test.toml:{line}:{column}: {path}: {said}")


@pytest.mark.parametrize("path", ALSO)
def test_what_the_same_changes_bring_besides(
    path: str, many: tuple[str, dict[str, Problem]]
) -> None:
    assert str(many[1][path]).endswith(f": {path}: {ALSO[path]}")


def test_nothing_but_the_faults_is_told_and_they_are_in_the_order_of_the_file(
    many: tuple[str, dict[str, Problem]],
) -> None:
    _, problems = many
    assert set(problems) == {path for *_, path, _ in MANY} | set(ALSO)
    places = [(problem.line, problem.column) for problem in problems.values()]
    assert places == sorted(places)
    error = ScenarioError(reversed(list(problems.values())))
    assert error.problems == tuple(problems.values())
    assert str(error).splitlines() == [str(problem) for problem in problems.values()]
    assert error.exit_code == 2


@pytest.mark.parametrize(
    ("before", "after", "stands", "skip", "said"),
    [
        (
            'title = "A small',
            '"A small',
            '"A small campaign in Hainan"\n',
            28,
            "found `\"A small campaign in Hainan\"` (expected '=' after a key in a key/value pair)",
        ),
        ('horizon = "9 d"', "horizon = 9 d", "9 d\n", 2, "found `horizon = 9 d` (expected newline"),
        ("replications = 3", "replications = ", "replications = \n", 15, "(invalid value)"),
        (
            "[fleets.city-van]",
            "[fleets.carrier]",
            '[fleets.carrier]\nhome = "prefecture"',
            15,
            'found `[fleets.carrier]` (cannot declare "fleets.carrier" twice)',
        ),
        ("start = 2023-01-07T00", "start = 2023-02-30T00", "2023-02-30", 0, "invalid date"),
    ],
)
def test_not_toml(
    before: str,
    after: str,
    stands: str,
    skip: int,
    said: str,
    small_toml: str,
    problems_of: Problems,
    at: At,
) -> None:
    text = small_toml.replace(before, after, 1)
    (problem,) = problems_of(text, "horizon=5")
    assert (problem.line, problem.column) == at(text, stands, skip=skip)
    assert str(problem).startswith(
        f"test.toml:{problem.line}:{problem.column}: expected a TOML file, "
    )
    assert said in str(problem)


def test_not_toml_at_the_end_of_the_file(problems_of: Problems) -> None:
    (problem,) = problems_of('title = "x"\nlist = [1, 2')
    assert str(problem) == (
        "test.toml:2:13: expected a TOML file, found the end of the file (unclosed array)"
    )


def test_numbers_with_too_many_digits_are_a_problem_of_the_file(problems_of: Problems) -> None:
    (problem,) = problems_of('title = "x"\nseed = ' + "9" * 5000)
    assert (problem.line, problem.column) == (2, 8)
    assert problem.expected == "a number that can be read"
    assert problem.found.endswith(", of 5,000 digits")


@pytest.mark.parametrize("depth", [150, 5000])
def test_deep_nesting_is_told_not_run_into(
    depth: int, small_toml: str, problems_of: Problems
) -> None:
    text = f"deep = {'[' * depth}{']' * depth}\n" + small_toml
    (problem,) = problems_of(text)
    assert "nested at most 32 deep" in str(problem)
    assert (problem.line, problem.column) == (1, 39)


@pytest.fixture
def folder(tmp_path: Path, small_toml: str) -> Path:
    (tmp_path / "campaign.toml").write_text(small_toml, encoding="utf-8")
    return tmp_path


def said_of(path: Path) -> str:
    with pytest.raises(ScenarioError) as raised:
        load_scenario(path)
    (problem,) = raised.value.problems
    return str(problem).replace(str(path.parent), "DIR")


def test_file_not_found_suggests_one_that_is_there(folder: Path) -> None:
    assert said_of(folder / "campain.toml") == (
        "DIR/campain.toml: expected a scenario file, found no such file "
        '(did you mean "campaign.toml"?)'
    )
    assert said_of(folder / "zzz" / "x.toml") == (
        "DIR/x.toml: expected a scenario file, found no such file"
    )


def test_a_folder_is_not_a_scenario_file(folder: Path) -> None:
    (folder / "more").mkdir()
    assert said_of(folder / "more") == (
        "DIR/more: expected a scenario file that can be read, found a folder"
    )


def test_not_utf8_is_told_with_its_position(folder: Path) -> None:
    path = folder / "gb.toml"
    path.write_bytes('# 一二\ntitle = "'.encode() + "甲方".encode("gb18030") + b'"\n')
    assert said_of(path) == "DIR/gb.toml:2:10: expected a text in UTF-8, found the byte 0xbc"


def test_a_byte_order_mark_is_no_fault(folder: Path, small_toml: str) -> None:
    path = folder / "bom.toml"
    path.write_bytes(b"\xef\xbb\xbf" + small_toml.encode())
    assert load_scenario(path).digest == load_scenario(folder / "campaign.toml").digest


def test_the_shipped_scenario_is_valid(parse: Callable[..., LoadedScenario]) -> None:
    shipped = Path(__file__).parents[2] / "scenarios" / "oximeters-2023.toml"
    loaded = load_scenario(shipped)
    assert loaded.name == "oximeters-2023"
    assert loaded.scenario.replications == 20
