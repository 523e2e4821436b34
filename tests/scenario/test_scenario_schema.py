"""The JSON Schema: valid, in step with the loader, and every property described."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sim.scenario.export import file_schema, json_schema

SHIPPED = Path(__file__).parents[2] / "scenarios" / "oximeters-2023.toml"


def as_json(node: Any) -> Any:
    """A TOML document with its times as texts, as an editor sees it."""
    if isinstance(node, dict):
        return {key: as_json(value) for key, value in node.items()}
    if isinstance(node, list):
        return [as_json(value) for value in node]
    return node.isoformat() if isinstance(node, date | time) else node


@pytest.fixture(scope="module", params=[json_schema, file_schema], ids=["complete", "any"])
def validator(request: pytest.FixtureRequest) -> Draft202012Validator:
    return Draft202012Validator(request.param())


def said(validator: Draft202012Validator, document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


@pytest.mark.parametrize("schema_of", [json_schema, file_schema])
def test_it_is_a_valid_schema(schema_of: Callable[[], dict[str, Any]]) -> None:
    schema = schema_of()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", ["small_toml", "rich_toml", "listed_toml", "shipped"])
def test_valid_scenarios_validate(
    name: str, request: pytest.FixtureRequest, validator: Draft202012Validator
) -> None:
    text = SHIPPED.read_text("utf-8") if name == "shipped" else request.getfixturevalue(name)
    assert said(validator, as_json(tomllib.loads(text))) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('title = "A small', 'tittle = "x"\ntitle = "A small'),
        ("drivers = 2", 'drivers = 2\ncrew = "two"'),
        ("drivers = 2", "drivers = 3"),
        ("value = 1, range", "value = 0, range"),
        ("value = 1, range", "valeu = 1, range"),
        ("replications = 3", "replications = 0"),
        ('horizon = "9 d"', "horizon = 9"),
        ('regions = "rest"', 'regions = "all"'),
        ('regions = ["Sanya", "Danzhou"]', "regions = []"),
        ('at = "Haikou"', "at = [20.0]"),
        ('at-closing = "pause"', 'at-closing = "stop"'),
        ('rule = "full-or-after"', 'rule = "full"'),
        ("after = ", "every = "),
        ("cv = 0.15", 'cv = "0.15"'),
        ('measure = "trips"', 'measure = "trip"'),
        ('use = "predict"', 'use = "guess"'),
        ("[fleets.city-van]", '[fleets."City Van"]'),
        ('source = "a newspaper"\nwording = "a single', 'wording = "a single'),
        ("circuity = { value = 1.3", "circuity = { value = 0.3"),
    ],
)
def test_faulty_scenarios_do_not(
    before: str, after: str, small_toml: str, validator: Draft202012Validator
) -> None:
    assert before in small_toml
    document = tomllib.loads(small_toml.replace(before, after, 1))
    assert said(validator, as_json(document))


EXTENDS = """
extends = "base.toml"
remove = ["waves.first"]
[waves.second]
[fleets.van]
vehicles = { range = [1, 4] }
[lanes.to-city.dispatch]
full = 200
[disruptions.snow]
factor = 2
"""
INCLUDES = """
title = "Together"
start = 2023-01-07T00:00:00+08:00
horizon = "20 d"
[include.north]
scenario = "kits.toml"
fleets = { van = "lorry" }
title = "the north"
"""


@pytest.mark.parametrize("text", [EXTENDS, INCLUDES])
def test_files_that_others_complete_need_not_say_everything(text: str) -> None:
    """For an editor a file that extends or includes is right although keys are missing in it."""
    document = as_json(tomllib.loads(text))
    assert said(Draft202012Validator(file_schema()), document) == []
    assert said(Draft202012Validator(json_schema()), document)
    kept = {key: value for key, value in document.items() if key not in ("extends", "include")}
    assert said(Draft202012Validator(file_schema()), kept)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[fleets.van]", "[fleets.van]\ncrew = 2"),
        ("[fleets.van]", "[fleets.Van]"),
        ("range = [1, 4]", "rang = [1, 4]"),
        ("full = 200", "full = 0"),
        ("full = 200", 'rule = "on-arrival"\nfull = 200'),
        ("factor = 2", 'kind = "closed-road"\nfactor = 2'),
        ('remove = ["waves.first"]', "remove = [3]"),
        ('extends = "base.toml"', "extends = 3"),
    ],
)
def test_files_that_others_complete_may_say_nothing_wrong(before: str, after: str) -> None:
    assert EXTENDS.count(before) == 1
    document = tomllib.loads(EXTENDS.replace(before, after))
    assert said(Draft202012Validator(file_schema()), as_json(document))


VARIANTS = """
[variants.more-vans]
title = "More vans"
remove = ["waves.first"]
fleets.county-van.vehicles = { value = 8, status = "assumed", source = "a question" }
[variants.snow.disruptions.snow]
factor = 2
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("vehicles =", "vehicels ="),
        ("[variants.more-vans]", "[variants.More]"),
        ('title = "More vans"', 'extends = "other.toml"'),
        ('title = "More vans"', 'include.x.scenario = "other.toml"'),
        ('title = "More vans"', "variants.x = {}"),
        ('remove = ["waves.first"]', 'remove = "waves.first"'),
    ],
)
@pytest.mark.parametrize("complete", [True, False])
def test_variants_are_checked_as_files_that_others_complete(
    before: str, after: str, complete: bool, small_toml: str
) -> None:
    text = VARIANTS.replace(before, after, 1)
    assert bool(before) == (text != VARIANTS)
    document = tomllib.loads((small_toml if complete else 'extends = "base.toml"\n') + text)
    assert bool(said(Draft202012Validator(file_schema()), as_json(document))) == bool(before)


def properties_of(node: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        properties = node.get("properties")
        if isinstance(properties, dict):
            for key, value in properties.items():
                yield f"{path}.{key}", value
        for key, value in node.items():
            yield from properties_of(value, f"{path}.{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from properties_of(value, f"{path}[{index}]")


def test_every_property_is_described_in_a_sentence() -> None:
    """Docstrings of the schema are its documentation: the command and the docs print them."""
    properties = list(properties_of(json_schema()))
    assert len(properties) > 150
    bare = [path for path, value in properties if not value.get("description", "").strip()]
    assert bare == []
    odd = [path for path, value in properties if not value["description"].strip().endswith(".")]
    assert odd == []


def test_every_table_is_described() -> None:
    for name, definition in json_schema()["$defs"].items():
        tables = [
            option for option in definition.get("anyOf", [definition]) if "properties" in option
        ]
        assert tables, name
        assert all(table.get("description") for table in tables), name


def test_there_is_no_key_that_no_scenario_of_the_suite_uses(
    rich_toml: str, listed_toml: str
) -> None:
    """These scenarios go with the schema: a new key gets an example there, and so a test."""

    def keys_of(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                yield key
                yield from keys_of(value)
        elif isinstance(node, list):
            for value in node:
                yield from keys_of(value)

    known = {path.rpartition(".")[2] for path, _ in properties_of(json_schema())}
    used = {key for text in (rich_toml, listed_toml) for key in keys_of(tomllib.loads(text))}
    # for these, see the tests of tables, graphs and areas, and of files that extend and include
    elsewhere = {"file", "files", "graph", "extends", "remove", "include", "scenario", "variants"}
    assert known - used == elsewhere


def test_nothing_of_the_libraries_shows() -> None:
    text = json.dumps(json_schema())
    assert [
        word for word in ("Annotated", "Validator", "Union", "sim__", "Tag") if word in text
    ] == []
