"""What the JSON Schema says of each key: the text that stands below its field in the code.

Pydantic would read these texts while the classes are made, which takes as long as all else that a
process has to import. Only who asks for the schema needs them.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Described(BaseModel):
    """A table of whose keys the JSON Schema says what stands below their fields."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        shown = handler(schema)
        properties = handler.resolve_ref_schema(shown)["properties"]
        said: dict[str, str] = {}
        for kind in reversed(cls.__mro__):
            said |= _texts(kind.__module__).get(kind.__name__, {})
        for name, field in cls.model_fields.items():
            if name in said:
                properties[field.alias or name].setdefault("description", said[name])
        return shown


@cache
def _texts(module: str) -> dict[str, dict[str, str]]:
    """Return what a module says of the fields of its classes."""
    if not module.startswith("sim."):
        return {}
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: _below(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _below(node: ast.ClassDef) -> dict[str, str]:
    """Return the texts that stand below the fields of a class."""
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(node.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
