"""Quantities with units, as people write them: ``"60 km/h"``, ``"40_000/day"``, ``"12 m3"``.

Inside Postroad everything is a float in one unit a dimension: hours, kilometres, km/h, m³, kg, and
counts; rates are counts per hour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: A need, or the units of a link, without end: far above all that a run moves, and sums still fit.
OPEN = 10**15

_NUMBER = re.compile(r"^\s*([+-]?(?:\d[\d_]*)?(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(.*?)\s*$")

_TIME = {
    "s": 1 / 3600,
    "min": 1 / 60,
    "h": 1.0,
    "d": 24.0,
    "day": 24.0,
    "days": 24.0,
    "week": 168.0,
    "weeks": 168.0,
}


@dataclass(frozen=True, slots=True)
class Dimension:
    """A kind of quantity: its name for people, an example, and each unit's size in ours."""

    name: str
    example: str
    units: dict[str, float]

    def parse(self, text: str) -> float:
        """Return the quantity that ``text`` states, in Postroad's own unit.

        Raises:
            QuantityError: no number, no unit, or a unit of another dimension.
        """
        match = _NUMBER.match(text)
        if match is None or match.group(1) in ("", "+", "-"):
            raise QuantityError(self, f'"{text}"', "it has no number")
        unit = match.group(2)
        if unit not in self.units:
            why = "it has no unit" if not unit else f'"{unit}" is not a unit of {self.name}'
            raise QuantityError(self, f'"{text}"', why)
        return float(match.group(1).replace("_", "")) * self.units[unit]


class QuantityError(ValueError):
    """A text is not a quantity of the wanted dimension."""

    def __init__(self, dimension: Dimension, found: str, why: str) -> None:
        self.dimension = dimension
        self.found = found
        self.why = why
        super().__init__(f"expected {dimension.name} such as {dimension.example}, found {found}")


DURATION = Dimension("a duration", '"4 h"', _TIME)
LENGTH = Dimension("a distance", '"12 km"', {"m": 1e-3, "km": 1.0})
SPEED = Dimension("a speed", '"60 km/h"', {"km/h": 1.0, "m/s": 3.6})
VOLUME = Dimension("a volume", '"12 m3"', {"m3": 1.0, "m³": 1.0, "l": 1e-3, "L": 1e-3})
WEIGHT = Dimension("a weight", '"3 t"', {"g": 1e-3, "kg": 1.0, "t": 1000.0})
RATE = Dimension(
    "a rate",
    '"40_000/day"',
    {f"/{unit}": 1 / hours for unit, hours in _TIME.items() if unit != "days" and unit != "weeks"},
)


def split_quantity(text: str) -> tuple[float, str]:
    """Return the number that a text begins with and the unit behind it, empty if there is none.

    >>> split_quantity("40_000/day"), split_quantity("2.5 h"), split_quantity("7")
    ((40000.0, '/day'), (2.5, 'h'), (7.0, ''))

    Raises:
        ValueError: it begins with no number.
    """
    match = _NUMBER.match(text)
    if match is None or match.group(1) in ("", "+", "-"):
        raise ValueError(f'"{text}" has no number')
    return float(match.group(1).replace("_", "")), match.group(2)


def show_hours(hours: float) -> str:
    """Write a duration for people: minutes below 2 h, hours below 3 days, days above.

    >>> show_hours(0.01), show_hours(0.2), show_hours(6), show_hours(336)
    ('36 s', '12 min', '6 h', '14 d')
    """
    if 0 < abs(hours) < 1 / 60:
        return f"{hours * 3600:.3g} s"
    if abs(hours) < 2:
        return f"{hours * 60:.3g} min"
    if abs(hours) < 72:
        return f"{hours:.3g} h"
    days = hours / 24
    return f"{days:.3g} d" if abs(days) < 1000 else f"{days:,.0f} d"
