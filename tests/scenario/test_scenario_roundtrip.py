"""The resolved scenario: complete, written and read again to an equal scenario and digest."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from sim.scenario.load import LoadedScenario, digest_of, load_scenario, parse_scenario

Parse = Callable[..., LoadedScenario]
SHIPPED = Path(__file__).parents[2] / "scenarios" / "oximeters-2023.toml"


@pytest.fixture(scope="module", params=["small", "rich", "listed", "shipped"])
def loaded(request: pytest.FixtureRequest, parse: Parse) -> LoadedScenario:
    if request.param == "shipped":
        return load_scenario(SHIPPED)
    text: str = request.getfixturevalue(f"{request.param}_toml")
    return parse(text)


def test_the_resolved_document_loads_to_an_equal_scenario(loaded: LoadedScenario) -> None:
    text = tomli_w.dumps(loaded.document)
    again = parse_scenario(text, name=loaded.name, place="resolved.toml")
    assert again.scenario == loaded.scenario
    assert again.document == loaded.document
    assert again.digest == loaded.digest
    assert tomli_w.dumps(again.document) == text


def test_the_resolved_document_states_every_default(small_toml: str, parse: Parse) -> None:
    document = parse(small_toml).document
    assert document["seed"] == 0
    assert document["geography"]["nation"] == "china"
    assert document["sites"]["maker"]["lot"] == "1 h"
    assert document["sites"]["maker"]["closed"] is False
    assert document["fleets"]["county-van"]["rest"] == {"after": "4 h", "for": "20 min"}
    assert document["lanes"]["to-county"]["dispatch"] == {"rule": "on-arrival"}
    assert document["lanes"]["to-county"]["allocation"] == {
        "rule": "in-turn",
        "order": "nearest-first",
    }
    assert document["sourcing"] == {"rule": "least-cost", "window": "7 d"}
    assert document["calendars"]["duty"]["days"] == "every day"
    assert document["stations"]["sign-off"]["servers"] == 1


def test_what_is_written_is_kept_as_written(rich_toml: str, parse: Parse) -> None:
    written, resolved = tomllib.loads(rich_toml), parse(rich_toml).document

    def kept(mine: Any, theirs: Any) -> bool:
        if isinstance(mine, dict):
            return all(key in theirs and kept(mine[key], theirs[key]) for key in mine)
        return bool(mine == theirs)

    assert kept(written, resolved)


def test_defaults_written_out_give_the_same_digest(small_toml: str, parse: Parse) -> None:
    spelt = small_toml.replace("replications = 3", "replications = 3\nseed = 0").replace(
        'home = "county"', 'home = "county"\ndrivers = 1\nrest = { for = "20 min" }'
    )
    assert parse(spelt).digest == parse(small_toml).digest


def numbers_of(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from numbers_of(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from numbers_of(value, (*path, index))
    elif isinstance(node, int | float):
        yield path


def test_the_digest_changes_with_any_number_but_the_replications(loaded: LoadedScenario) -> None:
    document = loaded.document
    paths = [path for path in numbers_of(document) if not isinstance(document, bool)]
    assert len(paths) > 15
    for path in paths:
        changed = deepcopy(document)
        node: Any = changed
        for part in path[:-1]:
            node = node[part]
        old = node[path[-1]]
        node[path[-1]] = not old if isinstance(old, bool) else old + 1
        assert (digest_of(changed) == loaded.digest) == (path == ("replications",)), path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"120/day"', '"121/day"'),
        ('horizon = "9 d"', 'horizon = "10 d"'),
        ('speed = "65 km/h"', 'speed = "66 km/h"'),
        ("start = 2023-01-07T00:00:00+08:00", "start = 2023-01-07T00:30:00+08:00"),
        ('regions = ["Sanya", "Danzhou"]', 'regions = ["Danzhou"]'),
        ("release = [2023-01-07T00", "release = [2023-01-07T03"),
        ('source = "a guess"', 'source = "a better guess"'),
    ],
)
def test_the_digest_changes_with_what_is_written(
    before: str, after: str, small_toml: str, parse: Parse
) -> None:
    text = small_toml.replace("2023-01-07T00:00:00+08:00, 2023", "2023-01-07T01:00:00+08:00, 2023")
    text = text.replace(before.replace("[2023-01-07T00", "[2023-01-07T01"), after)
    assert parse(text).digest != parse(small_toml).digest


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("[waves.first]", "[waves.rest]"),
        ("[fleets.city-van]", "[fleets.county-van]"),
        ("[reported.cities]", "[reported.trips]"),
    ],
)
def test_the_order_of_named_tables_counts(
    first: str, second: str, rich_toml: str, parse: Parse
) -> None:
    """Earlier waves come first: two files that differ in their order are two scenarios."""

    def table(header: str) -> str:
        begin = rich_toml.index(header)
        end = rich_toml.find("\n[", begin + 1)
        return rich_toml[begin : end + 1]

    one, two = table(first), table(second)
    swapped = rich_toml.replace(one, "<one>").replace(two, one).replace("<one>", two)
    assert swapped != rich_toml
    changed = parse(swapped)
    assert changed.scenario == parse(rich_toml).scenario  # equal but for the order
    assert changed.digest != parse(rich_toml).digest


def test_the_order_of_other_keys_does_not_count(small_toml: str, parse: Parse) -> None:
    moved = small_toml.replace('horizon = "9 d"\n', "").replace(
        "replications = 3", 'replications = 3\nhorizon = "9 d"'
    )
    moved = moved.replace(
        'capacity = { volume = "12 m3", weight = "3 t" }',
        'capacity = { weight = "3 t", volume = "12 m3" }',
    )
    assert moved != small_toml
    assert parse(moved).digest == parse(small_toml).digest


def test_replications_do_not_change_the_digest(small_toml: str, parse: Parse) -> None:
    assert parse(small_toml, "replications=9").digest == parse(small_toml).digest
    assert parse(small_toml, "seed=9").digest != parse(small_toml).digest
