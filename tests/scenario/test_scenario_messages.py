"""Whatever is wrong is said in words for a planner; nothing of the libraries shows through."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any

import pytest
import tomli_w

from sim.errors import Problem, ScenarioError, did_you_mean
from sim.scenario.load import LoadedScenario
from sim.scenario.values import show

#: Values to put where something else belongs.
WRONG: tuple[Any, ...] = (
    -1,
    0,
    3.5,
    float("nan"),
    float("inf"),
    10**18,
    "x",
    "",
    True,
    [],
    {},
    [1, 2, 3],
    ["a"],
    ["Sanya", 5],
    {"a": 1},
    {"value": 1, "range": [3]},
    {"value": "x", "range": [1, 2, 3], "statsu": "y"},
    {"rule": "on-arrival", "after": "3 h"},
    {"rule": []},
    {"mean": "1 h", "range": ["2 h", "3 h"], "cv": 7, "law": "uniform"},
    datetime(2023, 1, 1),  # noqa: DTZ001 - the missing zone is the point
    date(2023, 1, 1),
    time(3),
)
FOREIGN = re.compile(
    r"[Ii]nput should|should be|valid (string|integer|number|dict|list)|unable to parse|literal|"
    r"union|discriminator|\btags?\b|pydantic|function|\bNone\b|NoneType|datetime\.|Error|\{'|\['|\bstr\b|"
    r"another value"
)


def replaced(node: Any, wrong: Any, depth: int) -> Any:
    """The document with ``wrong`` for all leaves, or for all that stands at a depth."""
    if depth == 0 or not isinstance(node, dict | list) or not node:
        return wrong
    if isinstance(node, dict):
        return {key: replaced(value, wrong, depth - 1) for key, value in node.items()}
    return [replaced(value, wrong, depth - 1) for value in node]


def without(node: Any, depth: int) -> Any:
    """The document without all keys at a depth from the top."""
    if not isinstance(node, dict):
        return node
    return {} if depth == 0 else {key: without(value, depth - 1) for key, value in node.items()}


def faulty(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for wrong in WRONG:
        for depth in (1, 2, 3, 4, 99):
            yield f"{wrong} at depth {depth}", replaced(document, wrong, depth)
    for depth in (0, 1, 2, 3, 4):
        yield f"nothing at depth {depth}", without(document, depth)


def stands(document: Any, path: list[str]) -> bool:
    """Whether a dotted path stands in a document; its last part may be a key that is missing."""
    for position, part in enumerate(path):
        if isinstance(document, dict):
            if part not in document:
                return position == len(path) - 1
            document = document[part]
        elif isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        else:
            return False
    return True


@pytest.mark.parametrize(
    ("name", "each"),
    [
        ("rich_toml", 4),
        pytest.param("rich_toml", 1, marks=pytest.mark.slow),
        pytest.param("small_toml", 1, marks=pytest.mark.slow),
    ],
)
def test_nothing_foreign_in_any_message(
    name: str, each: int, request: pytest.FixtureRequest, parse: Callable[..., LoadedScenario]
) -> None:
    """Of all faults, or of each fourth."""
    document = tomllib.loads(request.getfixturevalue(name))
    told = 0
    for what, wrong in islice(faulty(document), 0, None, each):
        try:
            parse(tomli_w.dumps(wrong))
        except ScenarioError as error:
            problems = error.problems
        else:
            continue
        for problem in problems:
            assert not FOREIGN.search(f"{problem.expected} {problem.hint}"), (what, str(problem))
            assert not FOREIGN.search(problem.found.replace('"', " ")), (what, str(problem))
            assert problem.expected, (what, str(problem))
            assert problem.line >= 1, (what, str(problem))
            assert problem.column >= 1, (what, str(problem))
            assert stands(wrong, problem.path.split(".")), (what, str(problem))
        told += len(problems)
    assert told > 1000 / each


def test_a_table_that_is_no_table_does_not_bring_faults_of_all_who_name_its_entries(
    small_toml: str, problems_of: Callable[..., tuple[Problem, ...]]
) -> None:
    document = tomllib.loads(small_toml)
    document["fleets"] = 5
    (problem,) = problems_of(tomli_w.dumps(document))
    assert str(problem).endswith("fleets: expected a table, found 5")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", '"x"'),
        ("two\n  lines", '"two lines"'),
        (True, "true"),
        (3, "3"),
        (3.0, "3"),
        (3.5, "3.5"),
        (float("nan"), "nan"),
        (datetime.fromisoformat("2023-01-07T00:00:00+08:00"), "2023-01-07T00:00:00+08:00"),
        (date(2023, 1, 7), "2023-01-07"),
        (time(8, 30), "08:30:00"),
        ({"a": 1}, "a table"),
        (["a", 1, [True]], '["a", 1, [true]]'),
        ("x" * 200, '"' + "x" * 76 + "..."),
    ],
)
def test_found_values_are_written_as_in_a_file(value: object, text: str) -> None:
    assert show(value) == text


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("vehicle", 'did you mean "vehicles"?'),
        ("at_closing", 'did you mean "at-closing"?'),
        ("At Closing", 'did you mean "at-closing"?'),
        ("hoome", 'did you mean "home" or "dome"?'),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_did_you_mean(word: str, hint: str) -> None:
    assert did_you_mean(word, ["vehicles", "at-closing", "home", "dome"]) == hint
    assert did_you_mean(word, []) == ""


def test_a_problem_in_full_and_in_short() -> None:
    full = Problem("a.toml", 3, 7, "fleets.van", "a key", "none", "look again")
    assert str(full) == "a.toml:3:7: fleets.van: expected a key, found none (look again)"
    assert str(Problem("--set x=1", 0, 0, "", "a path", "")) == "--set x=1: expected a path"
