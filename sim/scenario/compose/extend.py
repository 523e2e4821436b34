"""``extends`` and ``remove``: a file whose text goes over that of another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from sim.errors import Problem, did_you_mean
from sim.scenario.attach import read_beside
from sim.scenario.compose.merge import merge, without
from sim.scenario.compose.written import Document, Written, read_written
from sim.scenario.locate import decode
from sim.scenario.values import show


@dataclass(frozen=True, slots=True)
class Removal:
    """A path that a file takes out of what it builds on, and whether it has been found yet."""

    path: tuple[str, ...]
    index: int
    own: Written
    place: str
    found: bool


@dataclass(frozen=True, slots=True)
class Extended:
    """A document without ``extends`` and ``remove``: all that the files of a chain say.

    ``removals`` that were not found are to be taken out of included scenarios. It is not
    ``complete`` if a file could not be read: then it is not worth judging.
    """

    written: Written
    removals: tuple[Removal, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    complete: bool = True


def extend(own: Written, place: str, folder: Path | None, chain: tuple[Path, ...] = ()) -> Extended:
    """Return what a file says over the files that it extends, one over the other.

    ``place`` is what problems call the file, ``folder`` where it stands, and ``chain`` are the
    resolved paths of the file and of those that extend it, first to last.
    """
    document = dict(own.document)
    extends, remove = document.pop("extends", None), document.pop("remove", None)
    mine = Written(document, own.places)
    locate = own.locator(place)
    problems: list[Problem] = []
    removals, said = _removals(remove, own, place)
    problems += said
    if extends is None:
        return Extended(mine, removals, problems)
    if not isinstance(extends, str):
        problem = locate.at(("extends",), "the path of a scenario file", show(extends))
        return Extended(mine, removals, [*problems, problem], complete=False)
    data = read_beside(extends, folder)
    if isinstance(data, tuple):
        return Extended(mine, removals, [*problems, locate.at(("extends",), *data)], complete=False)
    assert folder is not None
    path = folder / extends
    if path.resolve() in chain:
        problem = locate.at(
            ("extends",),
            "a file that does not lead back to itself",
            show(extends),
            " extends ".join(each.name for each in (*chain, path)),
        )
        return Extended(mine, removals, [*problems, problem], complete=False)
    text = decode(str(path), data)
    read = text if isinstance(text, Problem) else read_written(text, str(path))
    if isinstance(read, Problem):
        return Extended(mine, removals, [*problems, read], complete=False)
    base = extend(read, str(path), path.parent, (*chain, path.resolve()))
    below = Written(rebased(base.written.document, PurePosixPath(extends).parent),
                    base.written.places)  # fmt: skip
    below, removals = take_out(below, removals)
    return Extended(
        merge(below, mine), (*base.removals, *removals), base.problems + problems, base.complete
    )


def take_out(written: Written, removals: Sequence[Removal]) -> tuple[Written, tuple[Removal, ...]]:
    """Return a document without the paths to remove that it has, and which of them were found."""
    after = []
    for removal in removals:
        less = without(written, removal.path)
        found = removal.found or less is not None
        written = written if less is None else less
        after.append(Removal(removal.path, removal.index, removal.own, removal.place, found=found))
    return written, tuple(after)


def unfound(removals: Sequence[Removal], document: Document) -> list[Problem]:
    """Return the problems of what was to be removed and is nowhere; ``document`` has what is."""
    problems = []
    for removal in removals:
        if removal.found:
            continue
        if not ({"extends", "include"} & set(removal.own.document)):
            expected = 'the key "extends" or "include" as well: there is nothing to remove from'
            hint = ""
        else:
            expected, hint = "a key of what this file builds on", _near(document, removal.path)
        problems.append(
            removal.own.locator(removal.place).at(
                ("remove", removal.index), expected, show(".".join(removal.path)), hint
            )
        )
    return problems


def _removals(remove: Any, own: Written, place: str) -> tuple[tuple[Removal, ...], list[Problem]]:
    if remove is None:
        return (), []
    locate = own.locator(place)
    expected = 'a list of paths, such as ["lanes.to-county", "waves.second"]'
    if not isinstance(remove, list):
        return (), [locate.at(("remove",), expected, show(remove))]
    removals, problems = [], []
    for index, text in enumerate(remove):
        parts = tuple(part.strip().strip('"') for part in str(text).split("."))
        if isinstance(text, str) and all(parts):
            removals.append(Removal(parts, index, own, place, found=False))
        else:
            said = 'a path, such as "waves.second"'
            problems.append(locate.at(("remove", index), said, show(text)))
    return tuple(removals), problems


def _near(document: Document, path: tuple[str, ...]) -> str:
    table: Any = document
    for depth, part in enumerate(path):
        if not isinstance(table, dict):
            return f"{'.'.join(path[:depth])} is no table"
        if part not in table:
            above = "".join(f"{each}." for each in path[:depth])
            near = did_you_mean(above + part, [above + key for key in table])
            known = ", ".join(list(table)[:8]) + (", ..." if len(table) > 8 else "")
            return near or (f"{above[:-1]} has {known}" if above and known else "")
        table = table[part]
    return ""


def rebased(document: Document, folder: PurePosixPath) -> Document:
    """Return a document whose relative paths count from the folder that ``folder`` lies in."""
    if folder == PurePosixPath("."):
        return document

    def path(value: Any) -> Any:
        if not isinstance(value, str) or PurePosixPath(value).is_absolute():
            return value
        return value if PureWindowsPath(value).anchor else str(folder / value)

    def files(table: Any, keys: Sequence[str] | None = None) -> Any:
        if not isinstance(table, dict):
            return table
        return {
            key: path(value) if keys is None or key in keys else value
            for key, value in table.items()
        }

    result = {**document}
    if "files" in result:
        result["files"] = files(result["files"])
    for name, key in (("areas", "file"), ("include", "scenario")):
        if isinstance(result.get(name), dict):
            result[name] = {entry: files(table, [key]) for entry, table in result[name].items()}
    return result
