"""Find the region that somebody wrote: in pinyin, in Chinese, or as a code.

Without a level, a name means the highest level that knows it: "Jilin" is the province, not the
city in it. Towns are looked for only on request (``level="town"``), after a comma ("Xinshi,
Anlu, Hubei") or by their nine-digit code, because their names repeat endlessly.
"""

from __future__ import annotations

import difflib
import functools
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import may_hint
from sim.geography.names import is_chinese, match_key, stated_levels, stem_zh
from sim.geography.nation import LEVELS, Nation

Candidate = tuple[str, int]  # level, index

_UPPER = LEVELS[:3]
_SHOWN = 12  # choices spelled out in a message


@dataclass(frozen=True, slots=True)
class Region:
    """One unit: its level, its index in that level's table, its code and its name."""

    level: str
    index: int
    code: int
    name: str


class UnknownRegion(ValueError):
    """No unit has that name or code; ``suggestions`` are names that are spelt alike."""

    def __init__(self, text: str, suggestions: Iterable[str] = ()) -> None:
        self.text = text
        self.suggestions: tuple[str, ...] = tuple(suggestions)
        hint = f"; did you mean {'; '.join(self.suggestions)}?" if self.suggestions else ""
        super().__init__(f"there is no region {text!r}{hint}")


class AmbiguousRegion(ValueError):
    """Several units of one level have that name; each of ``choices`` names one of them."""

    def __init__(self, text: str, choices: Iterable[str]) -> None:
        self.text = text
        self.choices: tuple[str, ...] = tuple(choices)
        more = len(self.choices) - _SHOWN
        shown = "; ".join(self.choices[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
        super().__init__(f"{text!r} may be: {shown}")


def resolve(nation: Nation, text: str | int, level: str | None = None) -> Region:
    """The region called ``text``: a name in pinyin or Chinese, or a code (int or digits).

    Names may be followed by the units they lie in, after commas: "Suzhou, Jiangsu". Case, accents,
    apostrophes and the kind of unit ("省", "Province") may be left out. Codes have 2, 4, 6 or 9
    digits. ``level`` is "province", "prefecture", "county", "town", or None for the highest of the
    first three that fits. Raises UnknownRegion or AmbiguousRegion (both ValueError); ValueError
    for another level.
    """
    if level is not None and level not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(LEVELS)}, not {level!r}")
    written = str(text).strip()
    if written.isascii() and written.isdigit():
        return _by_code(nation, written, level)

    name, *within = (part.strip() for part in re.split("[,，]", written))
    levels = (level,) if level else stated_levels(name) or (LEVELS if within else _UPPER)
    for key, candidate_level in itertools.product(_keys(name), levels):
        found = [
            (candidate_level, index)
            for index in _names(nation, candidate_level).get(key, ())
            if all(_lies_in(nation, (candidate_level, index), outer) for outer in within)
        ]
        if len(found) == 1:
            return region(nation, *found[0])
        if found:
            raise AmbiguousRegion(written, unique_names(nation, found))
    asked = [each for each in levels if each in (*_UPPER, level)]
    raise UnknownRegion(written, _suggestions(nation, name, asked))


def region(nation: Nation, level: str, index: int) -> Region:
    """The unit number ``index`` of ``level``; raises ValueError or IndexError if there is none."""
    places = nation.level(level)
    if not 0 <= index < len(places):
        raise IndexError(f"there is no {level} number {index}")
    return Region(level, index, int(places.code[index]), places.name[index])


def qualified_name(nation: Nation, level: str, index: int) -> str:
    """A name with the units that the place lies in: "Wujiang, Suzhou, Jiangsu".

    Pseudo-prefectures are left out between others: "Dongcheng, Beijing".
    """
    return ", ".join(
        nation.level(outer_level).name[outer]
        for outer_level, outer in _upwards(nation, level, index)
        if outer_level == level
        or outer_level != "prefecture"
        or not nation.prefectures.pseudo[outer]
    )


def unique_names(nation: Nation, candidates: Iterable[Candidate]) -> tuple[str, ...]:
    """Qualified names of the candidates, sorted; in Chinese where two would be spelt alike."""
    places = tuple(candidates)
    names = [qualified_name(nation, *place) for place in places]
    keys = [match_key(name) for name in names]
    return tuple(
        sorted(
            name
            if keys.count(match_key(name)) == 1
            else f"{nation.level(level).name_zh[index]}, {name.partition(', ')[2]}"
            for name, (level, index) in zip(names, places, strict=True)
        )
    )


def children(nation: Nation, level: str, index: int) -> NDArray[np.int64]:
    """Indexes of the units directly below: a province's prefectures, a county's towns, ...

    Raises ValueError for towns, which have none.
    """
    if level == "town":
        raise ValueError("towns have nothing below them in the tables")
    parent = nation.level(LEVELS[LEVELS.index(level) + 1]).parent
    first, last = np.searchsorted(parent, (index, index + 1))
    return np.arange(first, last, dtype=np.int64)


def members(nation: Nation, level: str, index: int, of: str) -> NDArray[np.int64]:
    """Indexes of all units of level ``of`` inside a unit, itself included: a province's towns.

    Raises ValueError if ``of`` lies above ``level``.
    """
    start, stop = LEVELS.index(level), LEVELS.index(of)
    if stop < start:
        raise ValueError(f"a {level} has no {of} inside it")
    first, last = index, index + 1
    for below in LEVELS[start + 1 : stop + 1]:
        parent = nation.level(below).parent
        first, last = (int(i) for i in np.searchsorted(parent, (first, last)))
    return np.arange(first, last, dtype=np.int64)


def _upwards(nation: Nation, level: str, index: int) -> Iterable[Candidate]:
    """The unit itself and all units that it lies in, from the inside out."""
    for outer in reversed(LEVELS[: LEVELS.index(level) + 1]):
        yield outer, index
        index = int(nation.level(outer).parent[index])


def _lies_in(nation: Nation, candidate: Candidate, outer: str) -> bool:
    inside = list(_upwards(nation, *candidate))[1:]
    keys = _keys(outer)
    return any(
        index in _names(nation, level).get(key, ()) for level, index in inside for key in keys
    )


def _by_code(nation: Nation, digits: str, level: str | None) -> Region:
    """The unit with that code. A few codes stand for two levels: the highest is meant."""
    if len(digits) not in (2, 4, 6, 9):
        raise UnknownRegion(digits)
    code = int(digits.ljust(6, "0"))
    for candidate_level in (level,) if level else LEVELS[3:] if len(digits) == 9 else _UPPER:
        index = _find(nation.level(candidate_level).code, code)
        if index is not None:
            return region(nation, candidate_level, index)
    raise UnknownRegion(digits)


def _find(codes: NDArray[np.int32], code: int) -> int | None:
    """The position of ``code`` in sorted ``codes``, None if it is not there."""
    index = int(np.searchsorted(codes, code))
    return index if index < codes.size and codes[index] == code else None


def _keys(text: str) -> tuple[str, ...]:
    """The keys to look a name up by: a full Chinese name goes before its stem."""
    return (text, stem_zh(text)) if is_chinese(text) else (match_key(text),)


@functools.cache
def _names(nation: Nation, level: str) -> dict[str, tuple[int, ...]]:
    """Everything that units of a level are called, as keys, with the units' indexes."""
    places = nation.level(level)
    table: dict[str, set[int]] = {}
    for index, (name, name_zh) in enumerate(zip(places.name, places.name_zh, strict=True)):
        for key in (match_key(name), name_zh, stem_zh(name_zh)):
            table.setdefault(key, set()).add(index)
    for code, alias in (*nation.aliases, *_municipalities(nation, level)):
        at = _find(places.code, code)
        if at is not None:
            table.setdefault(alias if is_chinese(alias) else match_key(alias), set()).add(at)
    return {key: tuple(sorted(indexes)) for key, indexes in table.items()}


def _municipalities(nation: Nation, level: str) -> Iterable[tuple[int, str]]:
    """A municipality's pseudo-prefectures answer to the municipality's names."""
    if level != "prefecture":
        return
    for index, name in enumerate(nation.provinces.name):
        below = children(nation, "province", index)
        if nation.prefectures.pseudo[below].all():
            name_zh = nation.provinces.name_zh[index]
            for code in nation.prefectures.code[below].tolist():
                yield from ((code, name), (code, name_zh), (code, stem_zh(name_zh)))


def _suggestions(nation: Nation, name: str, levels: Iterable[str]) -> tuple[str, ...]:
    """Up to three names that are spelt much like ``name``, higher levels first among equals."""
    if not may_hint(name):
        return ()
    wanted = _keys(name)[-1]
    cutoff = 0.5 if is_chinese(wanted) else 0.7  # most Chinese names have two characters
    close: dict[str, float] = {}
    for level in levels:
        table = _names(nation, level)
        for key in difflib.get_close_matches(wanted, table, n=3, cutoff=cutoff):
            score = difflib.SequenceMatcher(None, wanted, key).ratio()
            indexes = table[key][:3]
            alone = len(table[key]) == 1 and all(
                match_key(nation.level(level).name[indexes[0]]) not in _names(nation, other)
                for other in LEVELS[: LEVELS.index(level)]
            )
            for index in indexes:
                plain = nation.level(level).name[index]
                close.setdefault(plain if alone else qualified_name(nation, level, index), score)
    return tuple(sorted(close, key=lambda shown: -close[shown])[:3])
