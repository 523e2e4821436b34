"""``remove``: keys that a text takes out of what it goes over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.errors import Problem, did_you_mean
from sim.scenario.compose.merge import without
from sim.scenario.compose.written import Document, Written
from sim.scenario.values import show


@dataclass(frozen=True, slots=True)
class Removal:
    """A path that a text takes out of what it goes over, and whether it has been found yet.

    ``of`` says what the text goes over, in words; it is empty if there is no such thing.
    """

    path: tuple[str, ...]
    index: int
    own: Written
    place: str
    of: str
    found: bool = False

    def problem(self, near: Document) -> Problem:
        """Return the problem that the path is nowhere; ``near`` has what is there."""
        expected = f"a key of {self.of}"
        hint = _near(near, self.path)
        if not self.of:
            expected = 'the key "extends" or "include" as well: there is nothing to remove from'
            hint = ""
        locate = self.own.locator(self.place)
        return locate.at(("remove", self.index), expected, show(".".join(self.path)), hint)


def take_out(written: Written, removals: Sequence[Removal]) -> tuple[Written, tuple[Removal, ...]]:
    """Return a document without the paths to remove that it has, and which of them were found."""
    after = []
    for removal in removals:
        less = without(written, removal.path)
        found = removal.found or less is not None
        written = written if less is None else less
        after.append(replace(removal, found=found))
    return written, tuple(after)


def unfound(removals: Sequence[Removal], document: Document) -> list[Problem]:
    """Return the problems of what was to be removed and is nowhere; ``document`` has what is."""
    return [removal.problem(document) for removal in removals if not removal.found]


def read_removals(
    remove: Any, own: Written, place: str, of: str
) -> tuple[tuple[Removal, ...], list[Problem]]:
    """Return what the key ``remove`` of a text takes out of what it goes over, and what is wrong.

    ``place`` is what problems call the file of the text.
    """
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
            removals.append(Removal(parts, index, own, place, of))
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
