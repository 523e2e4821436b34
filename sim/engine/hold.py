"""What a vehicle holds: how much of what waits is one load, and whether it fills a vehicle."""

from __future__ import annotations

from math import inf, isinf

Load = dict[int, int]

_ROUNDING = 1e-9
_ENOUGH = 1 << 40  # units: no vehicle and no lot is as large


class Hold:
    """The room of one vehicle: units, m³ and kg, each inf where there is no limit.

    ``full`` are units that count as a full load, whatever the vehicle could carry.
    ``load_per_unit`` (products) are units, m³ and kg of one unit.
    """

    __slots__ = ("_filling", "_full", "_limits", "_most", "_per_unit", "_room")

    def __init__(
        self,
        limits: tuple[float, float, float],
        full: float,
        load_per_unit: list[list[float]],
    ) -> None:
        self._limits = limits
        self._full = full
        self._room = (min(limits[0], full), *limits[1:])
        self._per_unit = load_per_unit
        # of each product alone: the most units in a load, and the fewest that fill one
        self._most = [_fitting(inf, per_unit, self._room) for per_unit in load_per_unit]
        self._filling = [self._fewest(product) for product in range(len(load_per_unit))]

    def is_full(self, waiting: Load) -> bool:
        """Return whether goods fill a load."""
        if len(waiting) == 1:
            for product, units in waiting.items():
                return units >= self._filling[product]
        return self._fill(waiting)

    def _fewest(self, product: int) -> float:
        """Return the fewest units of a product that fill a load by themselves; inf if none do."""
        if not self._fill({product: _ENOUGH}):
            return inf
        low, high = 0, _ENOUGH
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._fill({product: middle}) else (middle, high)
        return high

    def _fill(self, waiting: Load) -> bool:
        if sum(waiting.values()) >= self._full:
            return True
        for dimension, limit in enumerate(self._limits):
            if isinf(limit):
                continue
            used = sum(self._per_unit[p][dimension] * units for p, units in waiting.items())
            if used >= limit * (1 - _ROUNDING):
                return True
        return False

    def take(self, waiting: Load) -> Load:
        """Take one vehicle's load from what waits, product by product."""
        if len(waiting) == 1:  # as below, but for the room that is left
            for product, units in waiting.items():
                most = self._most[product]
                if most >= units:
                    waiting.clear()
                    return {product: units}
        room = list(self._room)
        load: Load = {}
        for product in list(waiting):
            per_unit = self._per_unit[product]
            units = int(_fitting(waiting[product], per_unit, room))
            if not units:
                continue
            load[product] = units
            for dimension, used in enumerate(per_unit):
                room[dimension] -= used * units
            left = waiting[product] - units
            if left:
                waiting[product] = left
            else:
                del waiting[product]
        return load


def _fitting(units: float, per_unit: list[float], room: list[float] | tuple[float, ...]) -> float:
    """Return how many of so many units fit into the room that is left."""
    for used, limit in zip(per_unit, room, strict=True):
        if used and not isinf(limit):
            units = min(units, int(limit / used + _ROUNDING))
    return units
