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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel


def describe(model: type[BaseModel], table: dict[str, Any]) -> None:
    """Add to the JSON Schema of a model what is said of each of its fields."""
    said: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        said |= _texts(kind.__module__).get(kind.__name__, {})
    for name, field in model.model_fields.items():
        if name in said:
            table["properties"][field.alias or name].setdefault("description", said[name])


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
