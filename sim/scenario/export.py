"""The schema of scenario files as JSON Schema, for editors and for other programs."""

from __future__ import annotations

from functools import cache
from typing import Any

from sim.scenario.schema import Scenario


@cache
def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file; do not change what it returns."""
    schema = Scenario.model_json_schema(by_alias=True)
    generic = [name for name in schema["$defs"] if not name.isalpha()]
    names = {name: f"Stated{number}" for number, name in enumerate(generic, 1)}
    schema["$defs"] = {names.get(name, name): value for name, value in schema["$defs"].items()}
    _tidy(schema, {f"#/$defs/{name}": f"#/$defs/{short}" for name, short in names.items()})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


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
