"""Where a problem stands, and in which words it is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import ErrorDetails

from sim.errors import Problem, did_you_mean
from sim.scenario.positions import Path, Positions
from sim.scenario.values import show

Place = tuple[str, int, int]  # a file, or what else a problem stands in, with line and column


@dataclass(frozen=True, slots=True)
class Locator:
    """Knows where each path of a document stands: in the file ``place``, whose ``positions`` are
    known, on the command line (``overridden``), or in a table beside the file (``tables``)."""

    place: str
    positions: Positions
    overridden: Mapping[Path, str]
    document: dict[str, Any]
    tables: Mapping[Path, Place] = field(default_factory=dict)

    def at(self, path: Path, expected: str, found: str, hint: str = "") -> Problem:
        """Return the problem of a path, or of the longest part of it that stands anywhere."""
        dotted = ".".join(str(part) for part in path)
        for length in range(len(path), 0, -1):
            if path[:length] in self.overridden:
                place = self.overridden[path[:length]]
                return Problem(place, 0, 0, dotted, expected, found, hint)
        for length in range(len(path), 0, -1):
            if path[:length] in self.tables:
                return Problem(*self.tables[path[:length]], dotted, expected, found, hint)
            if path[:length] in self.positions.at:
                break
        else:
            if () in self.tables:  # where the whole document begins, if not with a file
                return Problem(*self.tables[()], dotted, expected, found, hint)
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

    def _path(self, loc: tuple[int | str, ...], *, missing: bool) -> Path:
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


def problem_after(place: str, before: str, expected: str, found: str, hint: str = "") -> Problem:
    """Return a problem that stands right after the text ``before``."""
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Problem(place, line, column, "", expected, found, hint)


def decode(place: str, data: bytes) -> str | Problem:
    """Return the text of a file in UTF-8, or the problem that it is not."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", errors="replace")
        byte = f"the byte 0x{data[error.start]:02x}"
        return problem_after(place, before, "a text in UTF-8", byte)
