"""The schema of scenario files as JSON Schema, for editors and for other programs."""

from __future__ import annotations

from functools import cache
from typing import Any

from sim.scenario.compose.schema import ScenarioFile
from sim.scenario.compose.variants import FIXED

DRAFT = "https://json-schema.org/draft/2020-12/schema"
#: The definition that stands for files that others complete, in ``file_schema``.
PARTIAL = "PartialScenario"
#: The definition that stands for variants in a file.
VARIANT = "PartialVariant"


@cache
def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file that is complete in itself.

    Do not change what it returns.
    """
    schema = ScenarioFile.model_json_schema(by_alias=True)
    schema["title"] = "Scenario"
    generic = [name for name in schema["$defs"] if not name.isalpha()]
    names = {name: f"Stated{number}" for number, name in enumerate(generic, 1)}
    schema["$defs"] = {names.get(name, name): value for name, value in schema["$defs"].items()}
    _tidy(schema, {f"#/$defs/{name}": f"#/$defs/{short}" for name, short in names.items()})
    return {"$schema": DRAFT} | schema


@cache
def file_schema() -> dict[str, Any]:
    """Return the JSON Schema of any scenario file: in one that extends or includes others, nothing
    needs to be said that they say.

    Do not change what it returns.
    """
    complete = json_schema()
    definitions = complete["$defs"]
    scenario = {key: value for key, value in complete.items() if key not in ("$schema", "$defs")}
    partial = {f"Partial{name}": _partial(value) for name, value in definitions.items()}
    completed = _partial(scenario)
    keys = {key: value for key, value in completed["properties"].items() if key not in FIXED}
    return {
        "$schema": DRAFT,
        "title": scenario["title"],
        "description": scenario["description"],
        "if": {"anyOf": [{"required": ["extends"]}, {"required": ["include"]}]},
        "then": {"$ref": f"#/$defs/{PARTIAL}"},
        "else": {"$ref": "#/$defs/Scenario"},
        "$defs": {
            "Scenario": _with_variants(scenario),
            **definitions,
            PARTIAL: _with_variants(completed),
            VARIANT: {**completed, "properties": keys},
            **partial,
        },
    }


def _with_variants(scenario: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a file whose variants are files that it completes, but for the keys
    that no variant has."""
    properties = scenario["properties"]
    variants = properties["variants"]
    entries = {name: {"$ref": f"#/$defs/{VARIANT}"} for name in variants["patternProperties"]}
    variants = {**variants, "patternProperties": entries}
    return {**scenario, "properties": {**properties, "variants": variants}}


def _partial(node: Any) -> Any:
    """Return a schema that asks for no key and no number of entries, but refuses as much else.

    Tables that a key tells apart may lack it, so that several of them may fit.
    """
    if isinstance(node, list):
        return [_partial(value) for value in node]
    if not isinstance(node, dict):
        return node
    result = {}
    for key, value in node.items():
        if key == "$ref":
            result[key] = value.replace("#/$defs/", "#/$defs/Partial")
        elif key == "properties":
            result[key] = {name: _partial(inner) for name, inner in value.items()}
        elif key == "oneOf":
            result["anyOf"] = _partial(value)
        elif key not in ("required", "minProperties", "discriminator"):
            result[key] = _partial(value)
    return result


def _tidy(node: Any, references: dict[str, str]) -> None:
    """Give generic definitions short names, and refuse what is no name in tables of named entries.

    Pydantic names definitions by their Python types, and leaves such tables open to any key.
    """
    if isinstance(node, dict):
        if "patternProperties" in node:
            node.setdefault("additionalProperties", False)
        if node.get("$ref") in references:
            node["$ref"] = references[node["$ref"]]
        for value in node.values():
            _tidy(value, references)
    elif isinstance(node, list):
        for value in node:
            _tidy(value, references)
