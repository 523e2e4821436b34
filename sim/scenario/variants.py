"""The variants of a scenario file: which there are, and what each changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import Problem, ScenarioError
from sim.scenario.address import split_address, variant_address
from sim.scenario.compose.extend import Extended, extend
from sim.scenario.compose.merge import WHOLE
from sim.scenario.compose.written import Document, read_written
from sim.scenario.load import load_scenario, read_text
from sim.scenario.origins import ABOUT, show_value
from sim.scenario.reading import one_scenario


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant of a scenario file; ``title`` is empty if it has none of its own."""

    name: str
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Change:
    """A key that differs from the base, in words; None where there is no such key."""

    path: str
    base: str | None
    variant: str | None


def variants_of(address: Path | str) -> tuple[Variant, ...]:
    """Return the variants of a scenario file, those that it takes over from others first.

    An address FILE#NAME is a variant itself and has none. Whether they are valid, and whether the
    file is, is seen when they are loaded.

    Raises:
        ScenarioError: the file, or one that it extends, cannot be read.
    """
    path, variant = split_address(address)
    if variant is not None:
        return ()
    found = []
    for name, layers in _extended(path).variants.items():
        titles = [layer.written.document.get("title") for layer in layers]
        said = [title for title in titles if isinstance(title, str)]
        found.append(Variant(name, said[-1] if said else "", variant_address(path, name)))
    return tuple(found)


def changes_of(address: Path | str, overrides: Sequence[str] = ()) -> tuple[Change, ...]:
    """Return what a variant changes against the file itself, in the order of its text; nothing for
    a file itself.

    ``overrides`` go over both. Of where a number comes from nothing is said here.

    Raises:
        ScenarioError: the variant is not valid, or the file itself is not.
    """
    path, name = split_address(address)
    if name is None:
        return ()
    variant = load_scenario(address, overrides).document
    base = load_scenario(path, overrides).document
    said: dict[tuple[str, ...], None] = {}
    for layer in _extended(path).variants[name]:
        said |= dict.fromkeys(removal.path for removal in layer.removals)
        said |= dict.fromkeys(_leaves((), layer.written.document))
    said.pop(("description",), None)
    changes: dict[str, Change] = {}
    for parts in said:
        known = _known(base, parts)
        after = _text(_at(variant, parts), parts[-1])
        if known < len(parts) - 1 and after is None:  # said, and taken out again
            continue
        if known < len(parts) - 1:  # a whole entry is new: what is said of it goes on one line
            whole = ".".join(parts[: known + 1])
            text = f"{'.'.join(parts[known + 1 :])} {after}"
            before = changes.get(whole)
            more = [before.variant] if before and before.variant else []
            changes[whole] = Change(whole, None, ", ".join([*more, text]))
            continue
        was = _text(_at(base, parts), parts[-1])
        if was != after:
            dotted = ".".join(parts)
            changes[dotted] = Change(dotted, was, after)
    return tuple(changes.values())


def _extended(path: Path) -> Extended:
    with one_scenario():
        own = read_written(read_text(path), str(path))
        if isinstance(own, Problem):
            raise ScenarioError([own])
        extended = extend(own, str(path), path.parent, (path.resolve(),))
    if not extended.complete:
        raise ScenarioError(extended.problems)
    return extended


def _leaves(path: tuple[str, ...], table: Document) -> Iterator[tuple[str, ...]]:
    for key, value in table.items():
        if key in ABOUT:
            continue
        if isinstance(value, dict) and not any(each in value for each in WHOLE):
            yield from _leaves((*path, key), value)
        else:
            yield (*path, key)


def _at(document: Document, path: Sequence[str]) -> Any:
    value: Any = document
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _known(document: Document, path: Sequence[str]) -> int:
    """Return how many parts of a path lead somewhere in a document."""
    value: Any = document
    for depth, part in enumerate(path):
        if not isinstance(value, dict) or part not in value:
            return depth
        value = value[part]
    return len(path)


def _text(value: Any, key: str) -> str | None:
    """Return the value of a key in words; of a table of entries, that it is one."""
    if not isinstance(value, dict):
        return None if value is None else show_value(value)
    if "value" in value:
        return show_value(value["value"])
    if not any(key in value for key in WHOLE):
        return f"the table {key}"
    parts = {key: _text(inner, key) for key, inner in value.items() if key not in ABOUT}
    return ", ".join(f"{key} {text}" for key, text in parts.items() if text)
