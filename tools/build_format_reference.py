"""Write the tables of the docs that come from the code: the scenario format and the modules.

The prose and the examples are written by hand, in the pages themselves. Each line such as
``<!-- table: Fleet -->`` is followed by a table that this script writes: one row a key, with what
it takes, its default and its meaning, from ``sim.scenario.export.json_schema``, whose descriptions
are the docstrings of the schema. ``<!-- modules -->`` and ``<!-- layers -->`` stand for the modules
with the first sentences of their docstrings, and for the import contract in pyproject.toml. Run it
from a checkout with Postroad installed:

    python tools/build_format_reference.py            writes the pages
    python tools/build_format_reference.py --check    exits with 1 if a page is out of step

It stops if the pages lack a table of the schema, or if the schema has a key of a kind that it
cannot describe.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sim.lawkinds import LAW_KINDS
from sim.scenario.export import json_schema
from sim.units import DURATION, LENGTH, RATE, SPEED, VOLUME, WEIGHT

Schema = dict[str, Any]
Row = tuple[str, str, str, str]

ROOT = Path(__file__).resolve().parents[1]
PAGES = tuple(
    ROOT / "docs" / f"{name}.md"
    for name in ("scenario-format", "scenario-rules", "reported-figures", "architecture", "modules")
)
DIMENSIONS = (DURATION, LENGTH, SPEED, VOLUME, WEIGHT, RATE)
#: Small tables whose keys stand in the table around them: ``capacity.volume``.
INLINE = ("Carton", "Capacity", "DrivingRest", "Breakdowns", "Loss")
#: Keys whose text is a name from another table; an order's ``from`` is a site.
NAMES = {
    "calendar": "a calendar",
    "echelon": "an echelon",
    "fleet": "a fleet",
    "from": "an echelon",
    "lane": "a lane",
    "product": "a product",
    "shifts": "a calendar",
    "products": "a product",
    "site": "a site",
    "sites": "a site",
    "supplied-by": "a site",
    "to": "an echelon",
}
NAMES_OF_TABLE = {("Order", "from"): "a site", ("Link", "from"): "a site", ("Link", "to"): "a site"}
TEXTS = {
    "attribute", "country", "description", "draw", "entity", "graph", "links", "measure", "note",
    "region", "row", "sites", "source", "title", "wording",
}  # fmt: skip
#: Keys that tell the definitions of one table apart.
TELLING = ("rule", "kind")
REGION, REGIONS = "the name or code of a region", "a list of regions by name or code"
#: Defaults that the exported schema does not state as they would be written.
WRITTEN_DEFAULTS = {("Calendar", "hours"): '"00:00-24:00"'}
DISRUPTIONS = (
    "ClosedSite", "ClosedRoad", "SlowRoad", "OutputCut", "FewerVehicles", "SuddenNeed",
)  # fmt: skip
#: Keys that take what another key of the same value takes.
OWN_WORDS = {
    ("Stated", "value"): "what the key itself takes",
    ("Stated", "range"): "[lowest, highest], each as the value",
    ("DurationLaw", "range"): "[lowest, highest], two durations",
    ("SizeLaw", "range"): "[lowest, highest], two numbers",
    ("Scenario", "extends"): "a path",
    ("Scenario", "remove"): 'a list of keys, such as `"waves.second"`',
    ("Include", "scenario"): "a path",
    ("Include", "fleets"): "by the name of its fleet: the name of a fleet of this file",
    ("Lane", "fleet"): "the name of a fleet, or a list of them",
    ("Fleet", "home"): "the name of an echelon, or a list of them",
    ("Wave", "for"): "a list of names of echelons",
    ("Lane", "links"): "a list of tables, see below",
    ("Lane", "loss"): "a table, see below",
    ("Area", "file"): "a path",
    ("Files", "sites"): "a path",
    ("Files", "links"): "a path",
    ("Files", "graph"): "a path",
    ("Reported", "band"): 'a tolerance such as `"10 %"`, or [lowest, highest]',
    ("Calendar", "hours"): 'hours such as `"08:00-18:00"`, a list of them, or `"closed"`',
    ("Calendar", "exceptions"): 'a table of hours, or `"closed"`, by date such as `2023-01-21`',
    ("Echelon", "per-county"): "[fewest, most], two whole numbers of at least 0",
    ("Site", "county"): "the name or code of a county",
    ("Site", "at"): "the name or code of a place, or [latitude, longitude]",
    ("Wave", "release"): "a time with its zone, or [earliest, latest]",
    **dict.fromkeys(
        ((kind, "begins") for kind in DISRUPTIONS), "a time with its zone, or [earliest, latest]"
    ),
}
#: Keys that share a row where a table has both.
TOGETHER = ("status", "source")


class CannotDescribe(Exception):
    """The schema holds something that this script has no words for."""


class Reference:
    """Tables of the schema in Markdown; ``used`` collects the definitions that were asked for."""

    def __init__(self, schema: Schema) -> None:
        self._definitions: dict[str, Schema] = {**schema["$defs"], "Scenario": schema}
        stated = [name for name in self._definitions if self._is_stated(name)]
        self._definitions["Stated"] = self._definitions[stated[0]]
        self._stated = set(stated)
        self.used: set[str] = set()

    @property
    def missing(self) -> list[str]:
        """The definitions that no table has shown yet."""
        return sorted(set(self._definitions) - self._stated - self.used)

    def table(self, names: list[str]) -> list[str]:
        """Return the lines of one table; several definitions are told apart by their rule."""
        several = len(names) > 1
        told = [key for key in TELLING if key in self._object(names[0])["properties"]]
        head = told[:1] * several + ["key", "takes", "default", "meaning"]
        lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        for name in names:
            properties = self._object(name)["properties"]
            telling = next((key for key in TELLING if key in properties), "")
            rule = f"`{json.dumps(properties[telling]['const'])}`" if several else ""
            rows = [row for row in self._rows(name, "") if not several or row[0] != f"`{telling}`"]
            rows = _joined(rows) or [("", "", "", "this rule has no keys")]
            lines += ["| " + " | ".join([rule] * several + list(row)) + " |" for row in rows]
        return lines

    def _rows(self, name: str, prefix: str) -> Iterator[Row]:
        self.used.add(name)
        table = self._object(name)
        for key, schema in table["properties"].items():
            inner = self._inline(schema)
            if inner is not None:
                yield from self._rows(inner, f"{prefix}{key}.")
                continue
            takes = OWN_WORDS.get((name, key)) or self._takes(name, key, schema)
            stated = any(self._is_stated(ref) for ref in _refs(schema))
            required = key in table.get("required", ())
            default = "required" if required else self._default(name, key, schema)
            meaning = " ".join(schema.get("description", "").split())
            if not meaning:
                raise CannotDescribe(f"{name}.{key} has no docstring")
            yield f"`{prefix}{key}`", takes + " °" * stated, default, meaning

    def _object(self, name: str) -> Schema:
        """Return the table form of a definition that may also be written as a bare value."""
        definition = self._definitions[name]
        return definition if "properties" in definition else definition["anyOf"][-1]

    def _is_stated(self, name: str) -> bool:
        options = self._definitions[name].get("anyOf", [{}])
        keys = {"value", "range", "status", "source"}
        return keys == set(options[-1].get("properties", {}))

    def _inline(self, schema: Schema) -> str | None:
        return next((name for name in _refs(schema) if name in INLINE), None)

    def _default(self, name: str, key: str, schema: Schema) -> str:
        if (name, key) in WRITTEN_DEFAULTS:
            return f"`{WRITTEN_DEFAULTS[name, key]}`"
        default = schema.get("default")
        if default is None or default in ({}, [], ""):
            return "none"
        if isinstance(default, dict):
            return "its own defaults" if len(default) > 1 else f"`{_toml(default)}`"
        return f"`{_toml(default)}`"

    def _takes(self, name: str, key: str, schema: Schema) -> str:
        """Return in words what a key takes."""
        if "$ref" in schema:
            target = schema["$ref"].rpartition("/")[2]
            if self._is_stated(target):
                return self._takes(name, key, self._definitions[target]["anyOf"][0])
            if target == "DurationLaw":
                return "a [duration law](scenario-format.md#how-long-something-takes)"
            if target == "SizeLaw":
                return "a [size law](scenario-format.md#how-long-something-takes)"
            return "a table, see below"
        for joint in ("anyOf", "oneOf"):
            if joint in schema:
                options = [each for each in schema[joint] if each.get("type") != "null"]
                words = dict.fromkeys(self._takes(name, key, each) for each in options)
                return ", or ".join(words)
        if "const" in schema:
            return f"`{_toml(schema['const'])}`"
        if "enum" in schema:
            return _or([f"`{_toml(value)}`" for value in schema["enum"]])
        entries = schema.get("additionalProperties") or schema.get("patternProperties")
        if entries:
            return self._takes_entries(name, key, schema)
        return self._takes_plain(name, key, schema)

    def _takes_entries(self, name: str, key: str, schema: Schema) -> str:
        if "patternProperties" in schema:
            return f"tables by name: `[{key}.NAME]`"
        return ("by name: " if key == "attributes" else "by product: ") + self._takes(
            name, key, schema["additionalProperties"]
        )

    def _takes_plain(self, name: str, key: str, schema: Schema) -> str:
        kind = schema.get("type")
        if kind == ["string", "integer"]:
            return REGION
        if kind == "array":
            inner = self._takes(name, key, schema["items"])
            named = inner.removeprefix("the name of a ")
            if named != inner:
                return f"a list of names of {named}s"
            return REGIONS if inner == REGION else "a list, each " + inner
        if kind == "boolean":
            return "true or false"
        if kind in ("integer", "number"):
            return _number(schema)
        if kind == "string" and schema.get("format") == "date-time":
            return "a time with its zone"
        if kind == "string" and "examples" in schema:
            return _quantity(schema["examples"][0])
        if kind == "string" and key in NAMES:
            return "the name of " + NAMES_OF_TABLE.get((name, key), NAMES[key])
        if kind == "string" and key in TEXTS:
            return "text"
        raise CannotDescribe(f"{name}.{key}: {schema}")


def _joined(rows: list[Row]) -> list[Row]:
    """Put the rows of status and source together, where they follow one another."""
    keys = [row[0] for row in rows]
    first, second = (f"`{key}`" for key in TOGETHER)
    if first not in keys or keys.index(first) + 1 >= len(rows):
        return rows
    at = keys.index(first)
    if keys[at + 1] != second:
        return rows
    one, two = rows[at], rows[at + 1]
    both = (f"{first}, {second}", f"{one[1]}; {two[1]}", one[2], f"{one[3]} {two[3]}")
    return [*rows[:at], both, *rows[at + 2 :]]


def _refs(schema: Schema) -> list[str]:
    """Return the definitions that a key's own value may be, in itself or by its entries."""
    found = [schema["$ref"].rpartition("/")[2]] if "$ref" in schema else []
    for option in schema.get("anyOf", []):
        found += _refs(option)
    if isinstance(schema.get("additionalProperties"), dict):
        found += _refs(schema["additionalProperties"])
    return found


def _number(schema: Schema) -> str:
    what = "a whole number" if schema["type"] == "integer" else "a number"
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None:
        return what
    if high is None or (low >= 0 and high >= 1000):
        return f"{what} of at least {low}"
    return f"{what} from {low} to {high}"


def _quantity(example: str) -> str:
    for dimension in DIMENSIONS:
        if dimension.example == f'"{example}"':
            return f'{dimension.name}, such as `"{example}"`'
    if re.fullmatch(r"\d\d:\d\d", example):
        return f'a time of day, such as `"{example}"`'
    raise CannotDescribe(f"no dimension has the example {example!r}")


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def quantities() -> list[str]:
    """Return the table of dimensions and the units that may be written."""
    lines = ["| quantity | units | example |", "|---|---|---|"]
    for dimension in DIMENSIONS:
        units = ", ".join(f"`{unit}`" for unit in dimension.units)
        lines.append(f"| {dimension.name} | {units} | `{dimension.example}` |")
    return lines


def laws(schema: Schema) -> list[str]:
    """Return the laws that a duration may have, as a table of one row."""
    options = schema["$defs"]["DurationLaw"]["anyOf"][-1]["properties"]["law"]["anyOf"]
    names = options[0]["enum"]
    return [
        "| " + " | ".join(f"`{name}`" for name in names) + " |",
        "|" + "---|" * len(names),
        "| " + " | ".join(LAW_KINDS[name].meaning for name in names) + " |",
    ]


def layers() -> list[str]:
    """Return the layers of the import contract, high to low, as a table."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        each for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers"
    )
    names = [re.sub(r"[\w.]+", r"`\g<0>`", layer) for layer in contract["layers"]]
    rows = [f"| {name.replace(' | ', ', ')} |" for name in names]
    return ["| layer |", "|---|", *rows]


@cache
def modules() -> list[str]:
    """Return every module of the package with the first sentence of its docstring."""
    lines = ["| module | what it is for |", "|---|---|"]
    for path in sorted((ROOT / "sim").rglob("*.py")):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        name = str(path.relative_to(ROOT)).removesuffix(".py").removesuffix("/__init__")
        if docstring is None and path.name == "__init__.py":
            continue
        if docstring is None:
            raise CannotDescribe(f"{name} has no docstring")
        said = " ".join(docstring.split("\n\n")[0].replace("``", "`").split())
        sentence = re.split(r"(?<=[a-z)])[.](?: (?=[A-Z])|$)", said)[0]
        lines.append(f"| `{name}` | {sentence} |")
    return lines


def build(pages: list[str], schema: Schema) -> list[str]:
    """Return the pages with every table written anew.

    Raises CannotDescribe if a table of the schema is on no page.
    """
    reference = Reference(schema)
    built = [_rewritten(page.splitlines(), reference, schema) for page in pages]
    if reference.missing:
        raise CannotDescribe("no page has a table for " + ", ".join(reference.missing))
    return ["\n".join(lines) + "\n" for lines in built]


def _rewritten(lines: list[str], reference: Reference, schema: Schema) -> list[str]:
    """Return the lines of a page with the table after each marker replaced."""
    result: list[str] = []
    replacing = False
    for line in lines:
        if replacing and line.startswith("|"):
            continue
        replacing = False
        result.append(line)
        marker = re.fullmatch(r"<!-- (?:table: )?(.+) -->", line)
        if marker is None:
            continue
        replacing = True
        match marker[1]:
            case "modules":
                result += modules()
            case "layers":
                result += layers()
            case "quantities":
                result += quantities()
            case "laws":
                result += laws(schema)
            case names:
                result += reference.table(names.split())
    return result


def main() -> int:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if one differs"
    )
    check = parser.parse_args().check
    old = [page.read_text(encoding="utf-8") for page in PAGES]
    new = build(old, json_schema())
    if check:
        return int(new != old)
    for page, text in zip(PAGES, new, strict=True):
        page.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
