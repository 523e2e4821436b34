"""A document and where its parts stand: what is read from one file, or composed of several."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.errors import Problem
from sim.scenario.locate import Locator, Place, problem_after
from sim.scenario.nesting import MOST_LEVELS, too_deep
from sim.scenario.positions import Path, Positions, read_positions
from sim.scenario.values import show

Document = dict[str, Any]

_MANY_DIGITS = re.compile(rf"[0-9](?:_?[0-9]){{{sys.get_int_max_str_digits()},}}")


@dataclass(frozen=True, slots=True)
class Written:
    """A document, and the file, line and column at which each of its paths stands."""

    document: Document
    places: Mapping[Path, Place] = field(default_factory=dict)

    def locator(self, place: str, overridden: Mapping[Path, str] | None = None) -> Locator:
        """Return what turns paths into places; ``place`` is the file that all of it makes up."""
        return Locator(place, Positions({}), overridden or {}, self.document, self.places)


def read_written(text: str, place: str) -> Written | Problem:
    """Return the document of a text, or the problem that it is no TOML."""
    deep = too_deep(text)
    if deep is not None:
        expected = f"tables, lists and keys nested at most {MOST_LEVELS} deep"
        return problem_after(place, text[:deep], expected, "more")
    try:
        document = tomllib.loads(text)
    except ValueError as error:
        return _syntax_problem(place, text, error)
    at = read_positions(text).at
    return Written(document, {path: (place, *spot) for path, spot in at.items()})


def _syntax_problem(place: str, text: str, error: ValueError) -> Problem:
    expected = "a TOML file"
    message = str(error)
    digits = _MANY_DIGITS.search(text) if "set_int_max_str_digits" in message else None
    if digits is not None:
        found = f"{show(digits[0])}, of {len(digits[0]):,} digits"
        return problem_after(place, text[: digits.start()], "a number that can be read", found)
    match = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if not match:
        return problem_after(place, text, expected, "the end of the file", _tidy(message))
    line, column = int(match[1]), int(match[2])
    wrong = text.split("\n")[line - 1].strip()
    found = f"`{wrong if len(wrong) <= 80 else wrong[:77] + '...'}`"
    return Problem(place, line, column, "", expected, found, _tidy(message[: match.start()]))


def _tidy(message: str) -> str:
    """Return a message of tomllib without Python's way of writing keys: a.b for ('a', 'b')."""
    message = message.removesuffix(" (at end of document)")
    keys = re.search(r"\(('[^)]*)\)", message)
    if keys:
        dotted = ".".join(re.findall(r"'([^']*)'", keys[1]))
        message = message.replace(keys[0], f'"{dotted}"')
    return message[0].lower() + message[1:]
