"""A route: the stations that a shipment passes on its trip, stage by stage."""

from __future__ import annotations

from itertools import pairwise

from sim.engine.workplace import AnyStation

Load = dict[int, int]
#: A station with the one that follows it on the trip, if that one may hold a shipment back.
Stop = tuple[AnyStation, AnyStation | None]
Stages = tuple[list[Stop], ...]


class Stage:
    """The stations of one stage at one site; all routes through it share them."""

    __slots__ = ("is_plain", "stations", "stops")

    def __init__(self, stations: list[AnyStation]) -> None:
        self.stations = stations
        self.stops: list[Stop] = [(station, None) for station in stations]
        self.is_plain = not any(s.blocks or s.spec.products for s in stations)


#: Stages that follow one another at once, at one place: only there can one hold back another.
_TOGETHER = ((0,), (1,), (2, 3, 4))


class Route:
    """The stations between two sites; which of them a shipment passes may depend on its goods."""

    __slots__ = ("_fixed", "_stages")

    def __init__(self, stages: tuple[Stage, ...]) -> None:
        self._stages = stages
        self._fixed: Stages | None = None
        loading, sorting, unloading, inspection, sign_off = stages
        if (
            loading.is_plain and sorting.is_plain and unloading.is_plain and inspection.is_plain
            and sign_off.is_plain
        ):  # fmt: skip
            self._fixed = (
                loading.stops, sorting.stops, unloading.stops, inspection.stops, sign_off.stops,
            )  # fmt: skip

    def stages(self, load: Load) -> Stages:
        """Return the stations that a load passes, by stage."""
        if self._fixed is not None:
            return self._fixed
        passed = [
            [
                s
                for s in stage.stations
                if not s.spec.products or not load.keys().isdisjoint(s.spec.products)
            ]
            for stage in self._stages
        ]
        following: dict[AnyStation, AnyStation] = {}
        for group in _TOGETHER:
            following |= dict(pairwise([station for stage in group for station in passed[stage]]))
        return tuple([(s, following.get(s)) for s in stage] for stage in passed)
