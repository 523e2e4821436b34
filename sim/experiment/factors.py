"""Factors: what a sweep or a plan varies, a path of the scenario and the values it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sim.errors import UsageError

_NUMBER = re.compile(r"\s*([+-]?[0-9][0-9_]*(?:\.[0-9_]+)?(?:[eE][+-]?[0-9]+)?)\s*([^\s0-9].*)?$")
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Factor:
    """A path, as ``--set`` takes it, and its values as texts, likewise.

    ``numbers`` are the values in ``unit``, as they are written ("30 km/h" is 30 of km/h); without
    any where the values are not numbers of one unit.
    """

    path: str
    texts: tuple[str, ...]
    numbers: tuple[float, ...] = ()
    unit: str = ""


def parse_factor(text: str) -> Factor:
    """Read a factor: values apart by commas, or numbers from low to high with a step (of 1).

    >>> parse_factor("fleets.county-van.vehicles=1:4").texts
    ('1', '2', '3', '4')
    >>> parse_factor("lanes.to-county.speed=30:60:15 km/h").texts
    ('30 km/h', '45 km/h', '60 km/h')
    >>> parse_factor("lanes.to-county.speed=30 km/h, 60 km/h").numbers
    (30.0, 60.0)

    Raises:
        UsageError: there is no path or no value, or a range is none.
    """
    path, equals, values = text.partition("=")
    path = path.strip()
    if not equals or not path or not values.strip():
        expected = "PATH=VALUES, such as fleets.county-van.vehicles=1:12 or =2,4,8"
        raise UsageError(f'expected {expected}, found "{text}"')
    pieces = split_values(values)
    texts: list[str] = []
    for piece in pieces:
        texts += _range(piece, text) if _is_range(piece) else [piece.strip()]
    if "" in texts:
        raise UsageError(f'{path}: expected values apart by commas, found "{values}"')
    if len(set(texts)) < len(texts):
        twice = next(each for each in texts if texts.count(each) > 1)
        raise UsageError(f"{path}: {twice} is given twice")
    read = [_NUMBER.match(each) for each in texts]
    numbers = [(float(each[1].replace("_", "")), (each[2] or "").strip()) for each in read if each]
    units = {unit for _, unit in numbers}
    if len(numbers) < len(texts) or len(units) > 1:
        return Factor(path, tuple(texts))
    return Factor(path, tuple(texts), tuple(number for number, _ in numbers), units.pop())


def split_values(text: str) -> list[str]:
    """Split at commas that stand in no brackets and no quotes.

    >>> split_values('["Hebei", "Henan"], ["Hunan"]')
    ['["Hebei", "Henan"]', ' ["Hunan"]']
    """
    pieces, depth, quote, begin = [], 0, "", 0
    for index, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "[{":
            depth += 1
        elif letter in "]}":
            depth -= 1
        elif letter == "," and depth == 0:
            pieces.append(text[begin:index])
            begin = index + 1
    return [*pieces, text[begin:]]


def _is_range(piece: str) -> bool:
    parts = piece.split(":")
    return len(parts) in (2, 3) and all(_NUMBER.match(part) for part in parts)


def _range(piece: str, text: str) -> list[str]:
    """Write out ``low:high`` or ``low:high:step``; the unit, if any, stands after the last."""
    read = [_NUMBER.match(part) for part in piece.split(":")]
    written = [each[1].replace("_", "") for each in read if each]
    units = {(each[2] or "").strip() for each in read if each} - {""}
    low, high, step = (*map(float, written), 1.0)[:3]
    if len(units) > 1 or low > high or step <= 0:
        expected = "a range LOW:HIGH or LOW:HIGH:STEP, lowest first, with one unit"
        raise UsageError(f'expected {expected}, found "{piece.strip()}" in "{text}"')
    count = int((high - low) / step + 1e-9) + 1
    if count > _MOST:
        raise UsageError(f'"{text}" has {count:,} values: the most is {_MOST:,}')
    unit = "".join(f" {unit}" for unit in units)
    whole = all(re.fullmatch(r"[+-]?[0-9]+", each) for each in written)
    values = [low + index * step for index in range(count)]
    return [(str(round(value)) if whole else f"{value:.12g}") + unit for value in values]
