"""Deep merges of documents, what is taken out of them, and where the rest then stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sim.scenario.compose.written import Document, Written
from sim.scenario.positions import Path

#: A table with one of these keys is a value or a rule: it replaces what stood there as a whole.
WHOLE = ("value", "mean", "rule")


def merge(base: Written, over: Written) -> Written:
    """Return a document with another one over it: tables merge, all else is replaced.

    An entry that is new to a table comes right after the one that stands before it in ``over``;
    without such a one, it comes last.
    """
    replaced: list[Path] = []
    document = _merged(base.document, over.document, (), replaced)
    gone = set(replaced)
    places = {path: place for path, place in base.places.items() if not _below(path, gone)}
    return Written(document, {**places, **over.places})


def without(written: Written, path: tuple[str, ...]) -> Written | None:
    """Return a document without the key at ``path``; None if it has no such key."""
    document = _without(written.document, path)
    if document is None:
        return None
    gone: set[Path] = {path}
    return Written(document, {p: at for p, at in written.places.items() if not _below(p, gone)})


def _merged(base: Document, over: Document, path: Path, replaced: list[Path]) -> Document:
    values: Document = dict(base)
    for key, value in over.items():
        here = base.get(key)
        if isinstance(here, dict) and isinstance(value, dict) and not _is_whole(value):
            values[key] = _merged(here, value, (*path, key), replaced)
            continue
        values[key] = value
        if key in base:
            replaced.append((*path, key))
    return {key: values[key] for key in _in_order(base, over)}


def _is_whole(table: Mapping[str, Any]) -> bool:
    return any(key in table for key in WHOLE)


def _in_order(base: Iterable[str], over: Iterable[str]) -> list[str]:
    order = list(base)
    before: str | None = None
    for key in over:
        if key not in order:
            order.insert(len(order) if before is None else order.index(before) + 1, key)
        before = key
    return order


def _below(path: Path, roots: set[Path]) -> bool:
    return any(path[:length] in roots for length in range(1, len(path) + 1))


def _without(document: Document, path: tuple[str, ...]) -> Document | None:
    key, *rest = path
    if key not in document:
        return None
    if not rest:
        return {name: value for name, value in document.items() if name != key}
    inner = document[key]
    found = _without(inner, tuple(rest)) if isinstance(inner, dict) else None
    return None if found is None else {**document, key: found}
