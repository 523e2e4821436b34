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
    text = (root / file).read_bytes().decode("utf-8-sig")
    document = rebased(tomllib.loads(text), file.parent)
    extends, included = made_from(document)
    if extends is not None:
        _collect(root, file.parent / extends, found)
    for other in included:
        _collect(root, PurePosixPath(other), found)
    tables = [document.get("files", {}).values()]
    tables.append([area.get("file") for area in document.get("areas", {}).values()])
    for table in tables:
        for other in table:
            if other is not None:
                found.setdefault(PurePosixPath(other))
