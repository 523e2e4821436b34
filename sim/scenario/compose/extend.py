"""``extends`` and ``remove``: a file whose text goes over that of another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from sim.errors import Problem
from sim.scenario.attach import read_beside
from sim.scenario.compose.merge import merge
from sim.scenario.compose.remove import Removal, read_removals, take_out
from sim.scenario.compose.variants import Layer, handed_on, read_variants
from sim.scenario.compose.written import Document, Written, read_written
from sim.scenario.locate import decode
from sim.scenario.reading import MOST_CHAIN, MOST_TEXT
from sim.scenario.values import show


@dataclass(frozen=True, slots=True)
class Extended:
    """A document without ``extends``, ``remove`` and ``variants``: all that the files of a chain
    say.

    ``removals`` that were not found are to be taken out of included scenarios. ``variants`` are the
    texts that would go over the document, by name, one over the other. It is not ``complete`` if a
    file could not be read: then it is not worth judging.
    """

    written: Written
    removals: tuple[Removal, ...] = ()
    variants: Mapping[str, tuple[Layer, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    complete: bool = True


def extend(own: Written, place: str, folder: Path | None, chain: tuple[Path, ...] = ()) -> Extended:
    """Return what a file says over the files that it extends, one over the other.

    ``place`` is what problems call the file, ``folder`` where it stands, and ``chain`` are the
    resolved paths of the file and of those that extend it, first to last.
    """
    document = dict(own.document)
    extends, remove = document.pop("extends", None), document.pop("remove", None)
    variants, problems = read_variants(document.pop("variants", None), own, place)
    mine = Written(document, own.places)
    locate = own.locator(place)
    composed = extends is not None or "include" in document
    of = "what this file builds on" if composed else ""
    removals, said = read_removals(remove, own, place, of)
    problems += said
    if extends is None:
        return Extended(mine, removals, variants, problems)
    if not isinstance(extends, str):
        problem = locate.at(("extends",), "the path of a scenario file", show(extends))
        return Extended(mine, removals, variants, [*problems, problem], complete=False)
    if len(chain) > MOST_CHAIN:
        problem = locate.at(
            ("extends",), f"at most {MOST_CHAIN} files that extend one another", "more"
        )
        return Extended(mine, removals, variants, [*problems, problem], complete=False)
    data = read_beside(extends, folder, MOST_TEXT)
    if isinstance(data, tuple):
        problem = locate.at(("extends",), *data)
        return Extended(mine, removals, variants, [*problems, problem], complete=False)
    assert folder is not None
    path = folder / extends
    if path.resolve() in chain:
        problem = locate.at(
            ("extends",),
            "a file that does not lead back to itself",
            show(extends),
            " extends ".join(each.name for each in (*chain, path)),
        )
        return Extended(mine, removals, variants, [*problems, problem], complete=False)
    text = decode(str(path), data)
    read = text if isinstance(text, Problem) else read_written(text, str(path))
    if isinstance(read, Problem):
        return Extended(mine, removals, variants, [*problems, read], complete=False)
    base = extend(read, str(path), path.parent, (*chain, path.resolve()))
    below = _from(PurePosixPath(extends).parent, base)
    removals, kept, said = handed_on(removals, below.variants)
    written, removals = take_out(below.written, removals)
    return Extended(
        merge(written, mine),
        (*below.removals, *removals),
        {name: (*kept.get(name, ()), *variants.get(name, ())) for name in (kept | variants)},
        [*below.problems, *problems, *said],
        below.complete,
    )


def vary(extended: Extended, name: str) -> Extended:
    """Return a document with one of its variants over it, as a file that extends it would say."""
    written, removals = extended.written, extended.removals
    for layer in extended.variants[name]:
        written, mine = take_out(written, layer.removals)
        written, removals = merge(written, layer.written), (*removals, *mine)
    return replace(extended, written=written, removals=removals)


def _from(folder: PurePosixPath, base: Extended) -> Extended:
    """Return what a file in this folder says, as a file beside the folder would say it."""

    def seen(written: Written) -> Written:
        return Written(rebased(written.document, folder), written.places)

    variants = {
        name: tuple(replace(layer, written=seen(layer.written)) for layer in layers)
        for name, layers in base.variants.items()
    }
    return replace(base, written=seen(base.written), variants=variants)


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
