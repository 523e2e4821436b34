"""Rename the entries of a scenario document, and all that names them.

Which texts and keys are names is told by the schema itself: its types carry ``NameOf`` marks, and a
document is walked along these types.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.scenario.compose.written import Written
from sim.scenario.marks import NameOf
from sim.scenario.positions import Path
from sim.scenario.schema import Scenario

#: New names of entries, by table and old name.
Names = Mapping[str, Mapping[str, str]]


def entry_tables() -> tuple[str, ...]:
    """Return the tables of a scenario that hold named entries."""
    fields = Scenario.model_fields.items()
    return tuple(
        field.alias or name for name, field in fields if get_origin(field.annotation) is dict
    )


def rename(written: Written, names: Names) -> Written:
    """Return a document whose entries go by their new names, wherever they are named.

    What has no new name keeps its own; regions that are no entries of a table do.
    """
    renamer = _Renamer(names)
    document = {}
    fields = _fields(Scenario)
    for key, value in written.document.items():
        if key in names and isinstance(value, Mapping):
            document[key] = renamer.entries(key, fields[key], value)
        elif key in fields:
            document[key] = renamer.field(fields[key], value, (key,), (key,))
        else:
            document[key] = value
    return Written(document, {_moved(p, renamer.moved): at for p, at in written.places.items()})


def _moved(path: Path, moved: Mapping[Path, Path]) -> Path:
    for length in range(len(path), 0, -1):
        if path[:length] in moved:
            return (*moved[path[:length]], *path[length:])
    return path


class _Renamer:
    """Walks values along their types; ``moved`` are the paths of renamed keys, old to new."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.moved: dict[Path, Path] = {}

    def entries(self, table: str, field: FieldInfo, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return a table of entries under their new names."""
        kind = get_args(field.annotation)[1]
        result = {}
        for key, entry in value.items():
            name = self._names[table].get(key, key)
            self.moved[(table, key)] = (table, name)
            result[name] = self._walk(kind, entry, (table, key), (table, name))
        return result

    def field(self, field: FieldInfo, value: Any, old: Path, new: Path) -> Any:
        """Return the value of a model's field."""
        marks = [mark for mark in field.metadata if isinstance(mark, NameOf)]
        return self._name(marks, value) if marks else self._walk(field.annotation, value, old, new)

    def _walk(self, kind: Any, value: Any, old: Path, new: Path) -> Any:
        kind, marks = _plain(kind)
        if marks:
            return self._name(marks, value)
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            fitting = next((option for option in arguments if _fits(option, value)), None)
            return value if fitting is None else self._walk(fitting, value, old, new)
        if origin is dict and isinstance(value, Mapping):
            return self._keyed(arguments, value, old, new)
        if origin in (list, tuple) and isinstance(value, list):
            kinds = arguments if origin is tuple and arguments[-1] is not ... else arguments[:1]
            return [
                self._walk(kinds[min(i, len(kinds) - 1)], item, (*old, i), (*new, i))
                for i, item in enumerate(value)
            ]
        if origin is list:  # one name may stand for a list of one
            return self._walk(arguments[0], value, old, new)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return self._model(kind, value, old, new)
        return value

    def _keyed(
        self, kinds: tuple[Any, ...], value: Mapping[str, Any], old: Path, new: Path
    ) -> dict[str, Any]:
        marks, result = _plain(kinds[0])[1], {}
        for key, item in value.items():
            name = self._name(marks, key)
            if name != key:
                self.moved[(*old, key)] = (*new, name)
            result[name] = self._walk(kinds[1], item, (*old, key), (*new, name))
        return result

    def _model(self, kind: type[BaseModel], value: Any, old: Path, new: Path) -> Any:
        fields = _fields(kind)
        if not isinstance(value, Mapping):  # a value that could state its origin
            return self.field(fields["value"], value, old, new) if "value" in fields else value
        return {
            key: self.field(fields[key], item, (*old, key), (*new, key)) if key in fields else item
            for key, item in value.items()
        }

    def _name(self, marks: list[NameOf], value: Any) -> Any:
        """Return the new name; of STATION@SITE, the new names of both."""
        if not isinstance(value, str):
            return value
        return "@".join(self._part(marks, part) for part in value.split("@")) if marks else value

    def _part(self, marks: list[NameOf], name: str) -> str:
        for mark in marks:
            for table in mark.tables:
                if name in self._names.get(table, {}):
                    return self._names[table][name]
        return name


def _fields(kind: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in kind.model_fields.items()}


def _plain(kind: Any) -> tuple[Any, list[NameOf]]:
    """Return a type without its annotations, and the marks among them."""
    marks: list[NameOf] = []
    while get_origin(kind) is Annotated:
        marks += [mark for mark in kind.__metadata__ if isinstance(mark, NameOf)]
        kind = kind.__origin__
    return kind, marks


def _fits(kind: Any, value: Any) -> bool:
    """Return whether a value may be of a type, as far as its shape tells."""
    kind, marks = _plain(kind)
    if marks:
        return isinstance(value, str)
    origin = get_origin(kind)
    if origin is Literal:
        return any(value == choice for choice in get_args(kind))
    if origin in (Union, UnionType):
        return any(_fits(option, value) for option in get_args(kind))
    if origin in (list, tuple):
        return isinstance(value, list)
    if origin is dict:
        return isinstance(value, Mapping)
    if kind is NoneType or not isinstance(kind, type):
        return value is None
    if not issubclass(kind, BaseModel):
        return isinstance(value, kind)
    fields = _fields(kind)
    if not isinstance(value, Mapping):
        return "value" in fields and _fits(fields["value"].annotation, value)
    told = (key for key, field in fields.items() if get_origin(field.annotation) is Literal)
    return all(key not in value or _fits(fields[key].annotation, value[key]) for key in told)
