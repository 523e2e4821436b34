"""``--set path=value``: change one number of a scenario from the command line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from typing import Any

from sim.errors import Problem, ScenarioError, did_you_mean


def parse_override(text: str) -> tuple[tuple[str, ...], Any]:
    """Return the path and the value of ``path=value``; the value is read as TOML.

    A value that is not TOML, such as ``30 km/h``, is taken as a text.

    Raises:
        ScenarioError: there is no ``=`` or no path.
    """
    path, equals, raw = text.partition("=")
    parts = tuple(part.strip().strip('"') for part in path.split("."))
    if not equals or not all(parts):
        problem = Problem(
            f"--set {text}", 0, 0, "", "path=value, such as fleets.county-van.vehicles=6", text
        )
        raise ScenarioError([problem])
    try:
        value = tomllib.loads(f"value = {raw.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        value = raw.strip()
    return parts, value


def apply_overrides(
    document: dict[str, Any], overrides: Iterable[str]
) -> tuple[dict[str, Any], dict[tuple[str | int, ...], str]]:
    """Return a copy of ``document`` with the overrides set, and which override set which path.

    A value with an origin is replaced with all that was said of it, and marked as assumed: what is
    set by hand is no longer reported. All tables on the way must exist; the last key may be new.

    Raises:
        ScenarioError: a path that leads nowhere, all of them at once.
    """
    result = _copy(document)
    places: dict[tuple[str | int, ...], str] = {}
    problems: list[Problem] = []
    for text in overrides:
        try:
            path, value = parse_override(text)
        except ScenarioError as error:
            problems.extend(error.problems)
            continue
        table: Any = result
        for depth, part in enumerate(path[:-1]):
            if not isinstance(table, dict) or part not in table:
                known = list(table) if isinstance(table, dict) else []
                problems.append(
                    Problem(
                        f"--set {text}", 0, 0, ".".join(path[: depth + 1]),
                        "a table of the scenario", f'"{part}"', did_you_mean(part, known),
                    )
                )
                break
            table = table[part]
        else:
            last = path[-1]
            if not isinstance(table, dict):
                problems.append(
                    Problem(f"--set {text}", 0, 0, ".".join(path[:-1]), "a table", str(table))
                )
                continue
            old = table.get(last)
            if isinstance(old, dict) and "value" in old and not isinstance(value, dict):
                table[last] = {"value": value, "status": "assumed", "source": f"--set {text}"}
            else:
                table[last] = value
            places[path] = f"--set {text}"
    if problems:
        raise ScenarioError(problems)
    return result, places


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value
