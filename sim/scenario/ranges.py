"""Ranges that a scenario declares: which of its numbers are uncertain, and between which ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sim.units import DURATION, LENGTH, RATE, SPEED, VOLUME, WEIGHT, Dimension, split_quantity

_DIMENSIONS = (DURATION, LENGTH, SPEED, VOLUME, WEIGHT, RATE)
#: What :func:`base_text` says of a path at which nothing stands.
NOT_SET = "not set"
_DIGITS = 6  # of a number between the ends: more would say nothing, and files stay readable


@dataclass(frozen=True, slots=True)
class Ranged:
    """A number of a scenario with the ends between which it may lie, all three in ``unit``.

    ``path`` is what ``--set`` takes (of a law it moves the mean). ``unit`` is that of the lower end
    as written, empty for a bare number. ``whole`` numbers are those written so: all three of them.
    ``ends`` are the texts of the ends as written.
    """

    path: str
    value: float
    low: float
    high: float
    ends: tuple[str, str]
    unit: str
    whole: bool
    status: str
    source: str

    def text(self, number: float) -> str:
        """Return a number of this unit as ``--set`` takes it: an end as written, others to six
        digits."""
        for end, text in zip((self.low, self.high), self.ends, strict=True):
            if number == end:
                return text
        if self.whole:
            return str(round(number))
        return write_quantity(number, self.unit)


def write_quantity(number: float, unit: str) -> str:
    """Write a number to six digits with its unit, without an exponent.

    >>> write_quantity(41234567, "/day"), write_quantity(1 / 3, "h"), write_quantity(2.0, "")
    ('41234600/day', '0.333333 h', '2.0')
    """
    plain = format(Decimal(f"{number:.{_DIGITS}g}"), "f")
    if not unit:
        return plain if "." in plain else plain + ".0"
    return plain + unit if unit.startswith("/") else f"{plain} {unit}"


def ranges_of(document: dict[str, Any]) -> list[Ranged]:
    """Return every number of a resolved scenario document that declares a range, in file order.

    The document must be that of a valid scenario. An end with another unit than the lower one is
    turned into that one's. A range without width is none.
    """
    found = (_ranged(path, table) for path, table in _tables((), document))
    return [item for item in found if item.low < item.high]


def range_by_hand(document: dict[str, Any], path: str, text: str) -> Ranged:
    """Return a range ``LOW..HIGH`` for the number at a path; one unit may stand for both ends.

    >>> range_by_hand({"fleet": {"speed": "50 km/h"}}, "fleet.speed", "30..60 km/h").ends
    ('30 km/h', '60 km/h')

    Raises:
        ValueError: it is no such range, its ends are not lowest first, or no number of its unit
            stands at the path.
    """
    low, dots, high = (part.strip() for part in text.partition(".."))
    expected = "expected LOW..HIGH, lowest first, such as 1..8 or 30..60 km/h"
    if not dots:
        raise ValueError(expected)
    low_unit, high_unit = split_quantity(low)[1], split_quantity(high)[1]
    if not low_unit and high_unit:
        low = low + high_unit if high_unit.startswith("/") else f"{low} {high_unit}"
    unit = split_quantity(low)[1]
    first, last = number_of(low, unit), number_of(high, unit)
    if first >= last:
        raise ValueError(expected)
    value = base_number(document, path, unit)
    if value is None:
        what = f"a number of {unit}" if unit else "a number without a unit"
        raise ValueError(f"expected {what} at {path}, found {base_text(document, path)}")
    whole = isinstance(_at(document, path), int) and first.is_integer() and last.is_integer()
    return Ranged(path, value, first, last, (low, high), unit, whole, "", "")


def base_number(document: dict[str, Any], path: str, unit: str) -> float | None:
    """Return the number that stands at a path, in ``unit``; None if there is no such number there.

    A table is read for its ``value``, or for its ``mean``.
    """
    found = _at(document, path)
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        return number_of(found, unit)
    except ValueError:
        return None


def base_text(document: dict[str, Any], path: str) -> str:
    """Return what stands at a path, read as :func:`base_number` does, as a text for people."""
    found = _at(document, path)
    if found is None:
        return NOT_SET
    return str(found).lower() if isinstance(found, bool) else str(found)


def number_of(written: float | str, unit: str) -> float:
    """Return what was written, a number or a quantity, as a number of ``unit``.

    Raises:
        ValueError: it is none, or of another dimension.
    """
    if isinstance(written, int | float):
        number, own = float(written), ""
    else:
        number, own = split_quantity(written)
    if own == unit:
        return number
    dimension = _dimension(own, unit)
    # Twelve digits: 0.2 h are 12 min, not 12.000000000000002.
    return float(f"{number * dimension.units[own] / dimension.units[unit]:.12g}")


def _tables(path: tuple[str, ...], table: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if "range" in table and ("value" in table or "mean" in table):
        yield ".".join(path), table
    for key, inner in table.items():
        if isinstance(inner, dict):
            yield from _tables((*path, key), inner)


def _ranged(path: str, table: dict[str, Any]) -> Ranged:
    low, high = table["range"]
    value = table["value"] if "value" in table else table["mean"]
    unit = split_quantity(low)[1] if isinstance(low, str) else ""
    return Ranged(
        path,
        number_of(value, unit),
        number_of(low, unit),
        number_of(high, unit),
        (str(low), str(high)),
        unit,
        _are_whole((value, low, high)),
        str(table.get("status", "")),
        str(table.get("source", "")),
    )


def _are_whole(numbers: Iterable[Any]) -> bool:
    return all(isinstance(number, int) for number in numbers)


def _at(document: dict[str, Any], path: str) -> Any:
    found: Any = document
    for part in path.split("."):
        found = found.get(part.strip().strip('"')) if isinstance(found, dict) else None
    return found.get("value", found.get("mean")) if isinstance(found, dict) else found


def _dimension(*units: str) -> Dimension:
    for dimension in _DIMENSIONS:
        if all(unit in dimension.units for unit in units):
            return dimension
    raise ValueError(f"{' and '.join(units)} are not units of one dimension")
