"""``--set path=value``: what is read, what is replaced, what it says of its origin, its faults."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sim.errors import Problem, ScenarioError
from sim.scenario.load import LoadedScenario
from sim.scenario.origins import origins_of
from sim.scenario.overrides import apply_overrides, parse_override

Parse = Callable[..., LoadedScenario]


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("seed=3", ("seed",), 3),
        ("a.b-c.d = 2.5", ("a", "b-c", "d"), 2.5),
        ('a."b".c=true', ("a", "b", "c"), True),
        ('horizon="9 d"', ("horizon",), "9 d"),
        ("horizon=9 d", ("horizon",), "9 d"),
        ("horizon = 30 km/h ", ("horizon",), "30 km/h"),
        ("title=", ("title",), ""),
        ("title=a=b", ("title",), "a=b"),
        ("title=unlimited", ("title",), "unlimited"),
        ("title=Xi'an", ("title",), "Xi'an"),
        ("title=[draft", ("title",), "[draft"),
        ("regions=['Sanya', \"儋州\"]", ("regions",), ["Sanya", "儋州"]),
        ("x={ value = 3 }", ("x",), {"value": 3}),
        ("start=2023-01-07T00:00:00Z", ("start",), datetime(2023, 1, 7, tzinfo=UTC)),
        ("x=1\ny = 2", ("x",), "1\ny = 2"),
        ("n=40_000", ("n",), 40_000),
    ],
)
def test_reads_a_path_and_a_toml_value_else_a_text(
    text: str, path: tuple[str, ...], value: Any
) -> None:
    assert parse_override(text) == (path, value)


@pytest.mark.parametrize("text", ["seed", "", "=3", "a..b=3", ".a=3", "a.=3"])
def test_refuses_what_is_no_path_and_value(text: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        parse_override(text)
    assert str(raised.value) == (
        f'--set {text}: expected PATH=VALUE, such as fleets.county-van.vehicles=6, found "{text}"'
    )


DOCUMENT: dict[str, Any] = {
    "bare": 1,
    "stated": {"value": 1, "range": [0, 2], "status": "reported", "source": "a paper"},
    "law": {"mean": "1 h", "cv": 0.3, "range": ["1 h", "2 h"], "status": "derived"},
    "rules": {"hours": "08:00-18:00", "days": "every day", "status": "reported", "source": "x"},
    "plain": {"inner": {"value": 1}},
    "list": [1, {"a": 2}],
}


@pytest.mark.parametrize(
    ("override", "path", "becomes"),
    [
        ("bare=2", ("bare",), 2),
        ("new=2", ("new",), 2),
        ("plain.new=2", ("plain", "new"), 2),
        (
            "stated=2",
            ("stated",),
            {"value": 2, "status": "assumed", "source": "--set stated=2"},
        ),
        ("stated={ value = 3 }", ("stated",), {"value": 3}),
        (
            "stated.value=7",
            ("stated",),
            {"value": 7, "status": "assumed", "source": "--set stated.value=7"},
        ),
        (
            "stated.range=[0, 9]",
            ("stated",),
            {"value": 1, "range": [0, 9], "status": "reported", "source": "a paper"},
        ),
        (
            "law=2 h",
            ("law",),
            {"mean": "2 h", "cv": 0.3, "status": "assumed", "source": "--set law=2 h"},
        ),
        (
            "law.mean=2 h",
            ("law",),
            {"mean": "2 h", "cv": 0.3, "status": "assumed", "source": "--set law.mean=2 h"},
        ),
        (
            "rules.days=working days",
            ("rules",),
            {
                "hours": "08:00-18:00",
                "days": "working days",
                "status": "assumed",
                "source": "--set rules.days=working days",
            },
        ),
        (
            "plain.inner=5",
            ("plain", "inner"),
            {"value": 5, "status": "assumed", "source": "--set plain.inner=5"},
        ),
    ],
)
def test_what_is_set_by_hand_is_no_longer_reported(
    override: str, path: tuple[str, ...], becomes: Any
) -> None:
    before = repr(DOCUMENT)
    overridden = apply_overrides(DOCUMENT, [override])
    value: Any = overridden.document
    for part in path:
        value = value[part]
    assert value == becomes
    assert overridden.problems == ()
    assert list(overridden.places.values()) == [f"--set {override}"]
    assert repr(DOCUMENT) == before  # the document itself is left alone


def test_later_overrides_win() -> None:
    assert apply_overrides(DOCUMENT, ["bare=2", "bare=3"]).document["bare"] == 3


def test_all_paths_that_lead_nowhere_are_told_at_once() -> None:
    overrides = ["statd.value=1", "bare.x=1", "list.a=1", "seed", "plain.innr.value=2", "ok=1"]
    overridden = apply_overrides(DOCUMENT, overrides)
    assert [str(problem) for problem in overridden.problems] == [
        (
            "--set statd.value=1: statd: expected a table of the scenario, "
            'found "statd" (did you mean "stated"?)'
        ),
        '--set bare.x=1: bare: expected a table of the scenario, found "bare", which is none',
        '--set list.a=1: list: expected a table of the scenario, found "list", which is none',
        '--set seed: expected PATH=VALUE, such as fleets.county-van.vehicles=6, found "seed"',
        (
            "--set plain.innr.value=2: plain.innr: expected a table of the scenario, "
            'found "innr" (did you mean "inner"?)'
        ),
    ]
    assert overridden.document["ok"] == 1


def test_a_fault_of_an_override_stands_at_the_override(
    small_toml: str, problems_of: Callable[..., tuple[Problem, ...]]
) -> None:
    overrides = [
        "fleets.county-van.vehicles=0",
        "fleets.county-van.sped=3",
        'fleets.carrier.speed={ value = "60 km", range = [1, 2] }',
        "geography.regions=Sanyaa",
        'waves.all.regions=["Sanya", "Sanyaa"]',
        "horizon=5",
        "reported.trips.at-most=2023-01-11T00:00:00+08:00",
    ]
    told = [str(problem) for problem in problems_of(small_toml, *overrides)]
    assert told == sorted(told)
    assert [text.partition(": expected ")[0] for text in told] == [
        '--set fleets.carrier.speed={ value = "60 km", range = [1, 2] }: '
        f"fleets.carrier.speed.{path}"
        for path in ("range.0", "range.1", "value")
    ] + [
        "--set fleets.county-van.sped=3: fleets.county-van.sped",
        "--set fleets.county-van.vehicles=0: fleets.county-van.vehicles.value",
        "--set geography.regions=Sanyaa: geography.regions",
        "--set horizon=5: horizon",
        '--set waves.all.regions=["Sanya", "Sanyaa"]: waves.all.regions.1',
    ]


def test_an_override_changes_the_scenario_and_its_origin(small_toml: str, parse: Parse) -> None:
    plain = parse(small_toml)
    changed = parse(small_toml, "fleets.county-van.vehicles=9", "geography.circuity.value=1.25")
    assert plain.scenario.fleets["county-van"].vehicles.value == 1
    vehicles = changed.scenario.fleets["county-van"].vehicles
    assert (vehicles.value, vehicles.status, vehicles.range) == (9, "assumed", None)
    assert changed.scenario.geography.circuity.value == 1.25
    assert plain.digest != changed.digest
    said = {origin.path: origin for origin in origins_of(changed.document)}
    assert said["fleets.county-van.vehicles"].source == "--set fleets.county-van.vehicles=9"
    assert said["geography.circuity"].source == "--set geography.circuity.value=1.25"


def test_a_fault_of_two_tables_stands_at_the_override_that_made_it(
    small_toml: str, problems_of: Callable[..., tuple[Problem, ...]]
) -> None:
    (problem,) = problems_of(small_toml, "fleets.city-van.home=county")
    assert problem.place == "test.toml"  # the lane asks for another fleet, and stands in the file
    (problem,) = problems_of(small_toml, "lanes.to-county.fleet=carrier")
    assert str(problem) == (
        "--set lanes.to-county.fleet=carrier: lanes.to-county.fleet: expected a fleet whose home "
        'is "prefecture", found "carrier", whose home is "factory"'
    )
