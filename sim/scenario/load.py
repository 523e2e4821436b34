"""Load a scenario file: read, override, validate, and say all that is wrong with it at once."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim.errors import Problem, ScenarioError, did_you_mean
from sim.geography.nation import load_nation
from sim.geography.regions import AmbiguousRegion, UnknownRegion, resolve
from sim.scenario.checks import check_scenario
from sim.scenario.overrides import apply_overrides
from sim.scenario.positions import Positions, read_positions
from sim.scenario.schema import NAMED_TABLES, Scenario
from sim.scenario.values import Context, show


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A valid scenario with the name of its file and what identifies it."""

    name: str
    scenario: Scenario
    document: dict[str, Any]
    digest: str


def load_scenario(path: Path | str, overrides: Sequence[str] = ()) -> LoadedScenario:
    """Read, override and validate the scenario file at ``path``.

    Raises:
        ScenarioError: with every problem of the file and the overrides at once.
    """
    path = Path(path)
    place = str(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        near = did_you_mean(path.name, _siblings(path))
        raise ScenarioError([Problem(place, 0, 0, "", "a scenario file", "no such file", near)]) from None
    except UnicodeDecodeError as error:
        raise ScenarioError(
            [Problem(place, 0, 0, "", "a text in UTF-8", f"byte {error.start} that is not")]
        ) from None
    except OSError as error:
        raise ScenarioError(
            [Problem(place, 0, 0, "", "a readable scenario file", error.strerror or str(error))]
        ) from None
    return parse_scenario(text, name=path.stem, place=place, overrides=overrides)


def parse_scenario(
    text: str, *, name: str, place: str, overrides: Sequence[str] = ()
) -> LoadedScenario:
    """Validate the text of a scenario; ``place`` is what problems call it.

    Raises:
        ScenarioError: with every problem at once, in the order of the file.
    """
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ScenarioError([_syntax_problem(place, text, error)]) from None
    document, places = apply_overrides(document, overrides)
    locate = _Locator(place, read_positions(text), places, document)
    try:
        scenario = Scenario.model_validate(document, context=_context(document))
    except ValidationError as error:
        raise ScenarioError(locate.problem(detail) for detail in error.errors()) from None
    faults = check_scenario(scenario)
    if faults:
        raise ScenarioError(
            locate.at(fault.path, fault.expected, fault.found, fault.hint) for fault in faults
        )
    resolved = scenario.model_dump(mode="python", exclude_none=True)
    return LoadedScenario(name, scenario, resolved, digest_of(resolved))


def digest_of(document: dict[str, Any]) -> str:
    """Return the SHA-256 digest, in hex, of a resolved scenario document."""

    def plain(value: object) -> str:
        if isinstance(value, datetime):
            return value.isoformat()
        return str(value)

    text = json.dumps(document, sort_keys=True, ensure_ascii=False, default=plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _context(document: dict[str, Any]) -> Context:
    names = {
        table: tuple(document[table]) if isinstance(document.get(table), dict) else ()
        for table in NAMED_TABLES
    }
    nation = load_nation("china")

    def region(text: str) -> tuple[str, str] | None:
        try:
            resolve(nation, text)
        except AmbiguousRegion as error:
            return "one region", "it may be " + " or ".join(f'"{name}"' for name in error.choices)
        except UnknownRegion as error:
            near = " or ".join(f'"{name}"' for name in error.suggestions)
            return "a province, prefecture or county", f"did you mean {near}?" if near else ""
        return None

    return Context(names, region)


@dataclass(frozen=True, slots=True)
class _Locator:
    place: str
    positions: Positions
    overridden: dict[tuple[str | int, ...], str]
    document: dict[str, Any]

    def at(self, path: tuple[str | int, ...], expected: str, found: str, hint: str) -> Problem:
        dotted = ".".join(str(part) for part in path)
        for length in range(len(path), 0, -1):
            if path[:length] in self.overridden:
                place = self.overridden[path[:length]]
                return Problem(place, 0, 0, dotted, expected, found, hint)
        line, column = self.positions.find(path)
        return Problem(self.place, line, column, dotted, expected, found, hint)

    def problem(self, detail: ErrorDetails) -> Problem:
        """Turn one of pydantic's errors into a problem for people."""
        kind, context = detail["type"], detail.get("ctx", {})
        path = self._path(detail["loc"], missing=kind == "missing")
        found, hint = show(detail["input"]), ""
        if kind == "postroad":
            expected, found, hint = context["expected"], context["found"], context["hint"]
        elif kind == "missing":
            expected, found = f'the key "{path[-1]}"', "nothing"
        elif kind == "extra_forbidden":
            known = self._known_keys(detail)
            expected, found = "a key of this table", f'the unknown key "{path[-1]}"'
            hint = did_you_mean(str(path[-1]), known)
            if not hint and known:
                hint = "it may have " + ", ".join(known)
        elif kind in ("literal_error", "union_tag_invalid"):
            choices = str(context.get("expected") or context.get("expected_tags"))
            expected = "one of " + choices.replace("'", '"')
            if kind == "union_tag_invalid":
                path = (*path, str(context["discriminator"]).strip("'"))
                found = f'"{context["tag"]}"'
            hint = did_you_mean(found.strip('"'), [c.strip("' ") for c in choices.replace(" or ", ",").split(",")])
        elif kind == "union_tag_not_found":
            expected, found = f'the key {str(context["discriminator"]).replace(chr(39), chr(34))}', "nothing"
        elif kind == "string_pattern_mismatch":
            expected = "a name of small letters, digits and hyphens"
        else:
            expected = _EXPECTED.get(kind) or detail["msg"][0].lower() + detail["msg"][1:]
        return self.at(path, expected, found, hint)

    def _path(self, loc: tuple[int | str, ...], *, missing: bool) -> tuple[str | int, ...]:
        """Keep what stands in the file: pydantic's own tags are not part of the path."""
        path: list[str | int] = []
        node: Any = self.document
        for index, part in enumerate(loc):
            if isinstance(node, dict) and part in node:
                node = node[part]
            elif isinstance(node, list) and isinstance(part, int) and part < len(node):
                node = node[part]
            elif not (missing and index == len(loc) - 1):
                continue
            path.append(part)
        return tuple(path)

    def _known_keys(self, detail: ErrorDetails) -> list[str]:
        known: Any = _json_schema()
        definitions = known["$defs"]
        for part in detail["loc"][:-1]:
            known = _step(known, part, definitions)
            if known is None:
                return []
        return sorted(key for option in _options(known, definitions) for key in option.get("properties", {}))


_EXPECTED = {
    "string_type": "a text",
    "bool_type": "true or false",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "list_type": "a list",
    "tuple_type": "a list",
    "too_short": "more entries",
    "too_long": "fewer entries",
}


def _json_schema() -> dict[str, Any]:
    from sim.scenario.export import json_schema  # imported late: only needed for a hint

    return json_schema()


def _options(schema: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the plain schemas that a schema may stand for."""
    if "$ref" in schema:
        return _options(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return [plain for option in schema[key] for plain in _options(option, definitions)]
    return [schema]


def _step(
    schema: dict[str, Any], part: int | str, definitions: dict[str, Any]
) -> dict[str, Any] | None:
    options = _options(schema, definitions)
    for option in options:
        if part in option.get("properties", {}):
            return dict(option["properties"][part])
    for option in options:
        inner = option.get("items" if isinstance(part, int) else "additionalProperties")
        if isinstance(inner, dict):
            return inner
        patterns = option.get("patternProperties")
        if patterns:
            return dict(next(iter(patterns.values())))
    return schema  # a tag of pydantic's, not a step in the file


def _syntax_problem(place: str, text: str, error: Exception) -> Problem:
    import re

    if isinstance(error, RecursionError):
        return Problem(place, 0, 0, "", "a TOML file", "one nested too deeply")
    message = str(error)
    match = re.search(r"\(at line (\d+), column (\d+)\)", message)
    if match:
        line, column = int(match[1]), int(match[2])
    else:
        line = text.count("\n") + 1
        column = len(text) - text.rfind("\n")
    return Problem(place, line, column, "", "a TOML file", message.split(" (at ")[0])


def _siblings(path: Path) -> list[str]:
    return [other.name for other in path.parent.glob("*.toml")] if path.parent.is_dir() else []
