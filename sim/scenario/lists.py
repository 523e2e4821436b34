"""Field types that take one name or a list of them; a file keeps what was written."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from sim.scenario.values import EchelonName, FleetName

_AS_LIST = BeforeValidator(lambda raw: raw if isinstance(raw, list) else [raw])
_ONE_OR_MORE = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
)

EchelonNames = Annotated[list[EchelonName], Field(min_length=1), _AS_LIST, _ONE_OR_MORE]
FleetNames = Annotated[list[FleetName], Field(min_length=1), _AS_LIST, _ONE_OR_MORE]
