"""The schema of scenario files as JSON Schema, for editors and for other programs."""

from __future__ import annotations

from functools import cache
from typing import Any

from sim.scenario.schema import Scenario


@cache
def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file; do not change what it returns."""
    schema = Scenario.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
