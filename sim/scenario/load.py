"""Load a scenario file: read, override, validate, and say all that is wrong with it at once."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
        data = path.read_bytes()
    except FileNotFoundError:
        near = did_you_mean(path.name, _siblings(path))
        raise ScenarioError(
            [Problem(place, 0, 0, "", "a scenario file", "no such file", near)]
        ) from None
    except OSError as error:
        found = "a folder" if path.is_dir() else (error.strerror or str(error)).lower()
        raise ScenarioError(
            [Problem(place, 0, 0, "", "a scenario file that can be read", found)]
        ) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", errors="replace")
        byte = f"the byte 0x{data[error.start]:02x}"
        raise ScenarioError([_problem_after(place, before, "a text in UTF-8", byte)]) from None
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
    except (ValueError, RecursionError) as error:
        raise ScenarioError([_syntax_problem(place, text, error)]) from None
    overridden = apply_overrides(document, overrides)
    document, problems = overridden.document, list(overridden.problems)
    locate = _Locator(place, read_positions(text), overridden.places, document)
    try:
        scenario = Scenario.model_validate(document, context=_context(document))
    except ValidationError as error:
        problems += [locate.problem(detail) for detail in error.errors()]
        raise ScenarioError(problems) from None
    problems += [
        locate.at(fault.path, fault.expected, fault.found, fault.hint)
        for fault in check_scenario(scenario)
    ]
    if problems:
        raise ScenarioError(problems)
    resolved = _with_defaults(document, scenario.model_dump(mode="python", exclude_none=True))
    return LoadedScenario(name, scenario, resolved, digest_of(resolved))


def _with_defaults(written: dict[str, Any], complete: dict[Any, Any]) -> dict[str, Any]:
    """Return the document as it was written, with the defaults of all keys that it leaves out."""
    merged = {}
    for name, value in complete.items():
        key = name.isoformat() if isinstance(name, date) else name  # keys are texts in TOML
        mine = written.get(key, value)
        both = isinstance(mine, dict) and isinstance(value, dict)
        merged[key] = _with_defaults(mine, value) if both else mine
    return merged


def digest_of(document: dict[str, Any]) -> str:
    """Return the SHA-256 digest, in hex, of a resolved scenario document.

    The number of replications is left out: it does not change what any one of them does. The order
    of named entries counts: echelons follow one another, and earlier waves come first.
    """
    document = {key: value for key, value in document.items() if key != "replications"}
    document["order"] = {
        table: list(document[table])
        for table in (*NAMED_TABLES, "orders", "reported")
        if table in document
    }

    def plain(value: object) -> str:
        if isinstance(value, datetime):
            return value.isoformat()
        return str(value)

    text = json.dumps(document, sort_keys=True, ensure_ascii=False, default=plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _context(document: dict[str, Any]) -> Context:
    names = {
        table: tuple(document.get(table, ()))
        for table in NAMED_TABLES
        if isinstance(document.get(table, {}), dict)
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
    overridden: Mapping[tuple[str | int, ...], str]
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
        elif kind == "missing" and isinstance(path[-1], int):
            path, expected = path[:-1], "two entries"
        elif kind == "missing":
            expected, found = f'the key "{path[-1]}"', "nothing"
        elif kind in ("too_short", "too_long"):
            limit = context.get("min_length") or context.get("max_length")
            side = "at least" if kind == "too_short" else "at most"
            expected = f"{side} {limit} {'entry' if limit == 1 else 'entries'}"
            found = str(context.get("actual_length") or "none")
        elif kind == "extra_forbidden":
            known = self._known_keys(detail)
            expected, found = "a key of this table", f'the unknown key "{path[-1]}"'
            hint = did_you_mean(str(path[-1]), known)
            if not hint and known:
                hint = "it may have " + ", ".join(known)
        elif kind in ("literal_error", "union_tag_invalid"):
            choices = str(context.get("expected") or context.get("expected_tags"))
            choices = choices.replace("'", '"')
            expected = "one of " + choices if "," in choices or " or " in choices else choices
            if kind == "union_tag_invalid":
                key = str(context["discriminator"]).strip("'")
                path, found = (*path, key), show(detail["input"][key])
            hint = did_you_mean(found.strip('"'), re.findall(r'"([^"]*)"', choices))
        elif kind == "union_tag_not_found":
            expected, found = f'the key "{str(context["discriminator"]).strip(chr(39))}"', "nothing"
        elif kind == "string_pattern_mismatch":
            expected = "a name of small letters, digits and hyphens"
        else:
            stem = re.split("_(?:type|parsing|from)", kind)[0]
            expected = _EXPECTED.get(stem, "another value")
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
        return sorted(
            key for option in _options(known, definitions) for key in option.get("properties", {})
        )


#: What pydantic's kinds of errors expected, without their endings ("_type", "_parsing").
_EXPECTED = {
    "string": "a text",
    "bool": "true or false",
    "int": "a whole number",
    "date": "a date such as 2023-01-21",
    "dict": "a table",
    "model": "a table",
    "model_attributes": "a table",
    "list": "a list",
    "tuple": "a list",
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
        if any(known.get("const") == part for known in option.get("properties", {}).values()):
            return option  # a tag of pydantic's that chose this option
    for option in options:
        inner = option.get("items" if isinstance(part, int) else "additionalProperties")
        if isinstance(inner, dict):
            return inner
        patterns = option.get("patternProperties")
        if patterns:
            return dict(next(iter(patterns.values())))
    return schema  # a tag of pydantic's, not a step in the file


def _syntax_problem(place: str, text: str, error: Exception) -> Problem:
    expected = "a TOML file"
    if isinstance(error, RecursionError):
        return Problem(place, 0, 0, "", expected, "one nested too deeply")
    message = str(error)
    match = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if not match:
        return _problem_after(place, text, expected, "the end of the file", _tidy(message))
    line, column = int(match[1]), int(match[2])
    wrong = text.split("\n")[line - 1].strip()
    found = f"`{wrong if len(wrong) <= 80 else wrong[:77] + '...'}`"
    return Problem(place, line, column, "", expected, found, _tidy(message[: match.start()]))


def _tidy(message: str) -> str:
    """Return a message of tomllib without Python's way of writing keys: a.b for ('a', 'b')."""
    message = message.removesuffix(" (at end of document)")
    keys = re.search(r"\(('[^)]*)\)", message)
    if keys:
        dotted = ".".join(re.findall(r"'([^']*)'", keys[1]))
        message = message.replace(keys[0], f'"{dotted}"')
    return message[0].lower() + message[1:]


def _problem_after(place: str, before: str, expected: str, found: str, hint: str = "") -> Problem:
    """Return a problem that stands right after the text ``before``."""
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Problem(place, line, column, "", expected, found, hint)


def _siblings(path: Path) -> list[str]:
    return [other.name for other in path.parent.glob("*.toml")] if path.parent.is_dir() else []
