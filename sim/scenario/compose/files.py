"""The files that a scenario file is made of."""

from __future__ import annotations

import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

from sim.scenario.compose.extend import rebased


def files_of(path: Path) -> list[PurePosixPath]:
    """Return the files that a valid scenario file reads, itself first, each once.

    They are scenarios that it extends or includes and tables, at all removes; relative to its
    folder.

    Raises:
        OSError: one cannot be read.
        tomllib.TOMLDecodeError: a scenario file is no TOML.
    """
    found: dict[PurePosixPath, None] = {}
    _collect(path.parent, PurePosixPath(path.name), found)
    return list(found)


def made_from(document: dict[str, Any]) -> tuple[str | None, list[str]]:
    """Return which file a scenario file extends, and which it includes, as it writes them."""
    extends, include = document.get("extends"), document.get("include")
    tables = include.values() if isinstance(include, dict) else ()
    named = [table.get("scenario") for table in tables if isinstance(table, dict)]
    return (
        extends if isinstance(extends, str) else None,
        [name for name in named if isinstance(name, str)],
    )


def _collect(root: Path, file: PurePosixPath, found: dict[PurePosixPath, None]) -> None:
    if file in found:
        return
    found[file] = None
    document = tomllib.loads((root / file).read_bytes().decode("utf-8-sig"))
    variants = document.pop("variants", {}).values()
    document = rebased(document, file.parent)
    extends, included = made_from(document)
    if extends is not None:
        _collect(root, file.parent / extends, found)
    for other in included:
        _collect(root, PurePosixPath(other), found)
    for text in (document, *(rebased(variant, file.parent) for variant in variants)):
        for table in _tables(text):
            found.setdefault(table)


def _tables(document: dict[str, Any]) -> list[PurePosixPath]:
    areas = [area.get("file") for area in document.get("areas", {}).values()]
    named = [*document.get("files", {}).values(), *areas]
    return [PurePosixPath(name) for name in named if name is not None]
