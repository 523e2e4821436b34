"""``--set path=value``: change one number of a scenario from the command line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from sim.errors import Problem, ScenarioError, did_you_mean
from sim.scenario.nesting import too_deep

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Overridden:
    """A document with its overrides set, which of them set which path, and those that cannot be."""

    document: dict[str, Any]
    places: Mapping[Path, str]
    problems: tuple[Problem, ...]


def parse_override(text: str) -> tuple[tuple[str, ...], Any]:
    """Return the path and the value of ``path=value``; the value is read as TOML.

    A value that is not TOML, such as ``30 km/h``, is taken as a text.

    Raises:
        ScenarioError: there is no ``=`` or no path.
    """
    path, equals, raw = text.partition("=")
    parts = tuple(part.strip().strip('"') for part in path.split("."))
    if not equals or not all(parts):
        expected = "PATH=VALUE, such as fleets.county-van.vehicles=6"
        raise ScenarioError([Problem(f"--set {text}", 0, 0, "", expected, f'"{text}"')])
    raw = raw.strip()
    if too_deep(raw) is not None:
        return parts, raw
    try:
        read = tomllib.loads(f"value = {raw}")
    except ValueError:
        return parts, raw
    return parts, read["value"] if len(read) == 1 else raw


def apply_overrides(document: dict[str, Any], overrides: Iterable[str]) -> Overridden:
    """Set ``overrides`` in a copy of ``document``; those that lead nowhere are its problems.

    All tables on the way must exist; the last key may be new. What is set by hand is no longer
    reported: a value with an origin is replaced with all that was said of it, and marked as
    assumed; so is a table whose status speaks of the key that is set. Of a law only the mean is
    replaced: its cv stays.
    """
    result = deepcopy(document)
    places: dict[Path, str] = {}
    problems: list[Problem] = []
    for text in overrides:
        try:
            path, value = parse_override(text)
        except ScenarioError as error:
            problems.extend(error.problems)
            continue
        place = f"--set {text}"
        table: Any = result
        for depth, part in enumerate(path[:-1]):
            inner = table.get(part)
            if not isinstance(inner, dict):
                dotted = ".".join(path[: depth + 1])
                tables = [key for key, item in table.items() if isinstance(item, dict)]
                expected, hint = "a table of the scenario", did_you_mean(part, tables)
                found = f'"{part}"' + (", which is none" if part in table else "")
                problems.append(Problem(place, 0, 0, dotted, expected, found, hint))
                break
            table = inner
        else:
            _set(table, path[-1], value, place)
            places[path] = place
    return Overridden(result, places, tuple(problems))


def _set(table: dict[str, Any], key: str, value: Any, place: str) -> None:
    old = table.get(key)
    by_hand = {"status": "assumed", "source": place}
    if isinstance(old, dict) and not isinstance(value, dict):
        if "value" in old:
            value = {"value": value, **by_hand}
        elif "mean" in old:
            value = {**old, "mean": value, **by_hand}
            value.pop("range", None)
    elif "status" in table and key not in ("status", "source", "range"):
        table.update(by_hand)
        if key in ("value", "mean"):
            table.pop("range", None)
    table[key] = value
