"""Ranges that a scenario declares: which of its numbers are uncertain, and between which ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sim.units import DURATION, LENGTH, RATE, SPEED, VOLUME, WEIGHT, Dimension, split_quantity

_DIMENSIONS = (DURATION, LENGTH, SPEED, VOLUME, WEIGHT, RATE)
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


def base_number(document: dict[str, Any], path: str, unit: str) -> float | None:
    """Return the number that stands at a path, in ``unit``; None if there is no such number there.

    A table is read for its ``value``, or for its ``mean``.
    """
    found: Any = document
    for part in path.split("."):
        found = found.get(part.strip().strip('"')) if isinstance(found, dict) else None
    if isinstance(found, dict):
        found = found.get("value", found.get("mean"))
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        return _in_unit(found, unit)
    except ValueError:
        return None


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
        _in_unit(value, unit),
        _in_unit(low, unit),
        _in_unit(high, unit),
        (str(low), str(high)),
        unit,
        _are_whole((value, low, high)),
        str(table.get("status", "")),
        str(table.get("source", "")),
    )


def _are_whole(numbers: Iterable[Any]) -> bool:
    return all(isinstance(number, int) for number in numbers)


def _in_unit(written: float | str, unit: str) -> float:
    """Return what was written as a number of ``unit``.

    Raises:
        ValueError: it is of another dimension.
    """
    if isinstance(written, int | float):
        if unit:
            raise ValueError(f"{written} has no unit, and {unit} is asked for")
        return float(written)
    number, own = split_quantity(written)
    if own == unit:
        return number
    dimension = _dimension(own, unit)
    # Rates of "/day" and "/h" are of hours alike; working days are the scenario's own business.
    return float(Decimal(f"{number * dimension.units[own] / dimension.units[unit]:.12g}"))


def _dimension(*units: str) -> Dimension:
    for dimension in _DIMENSIONS:
        if all(unit in dimension.units for unit in units):
            return dimension
    raise ValueError(f"{' and '.join(units)} are not units of one dimension")
