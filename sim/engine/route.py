"""A route: the stations that a shipment passes on its trip, stage by stage."""

from __future__ import annotations

from itertools import pairwise

from sim.engine.workplace import AnyStation

Load = dict[int, int]
#: A station with the one that follows it on the trip, if that one may hold a shipment back.
Stop = tuple[AnyStation, AnyStation | None]
Stages = tuple[list[Stop], ...]

#: Stages that follow one another at once, at one place: only there can one hold back another.
_TOGETHER = ((0,), (1,), (2, 3, 4))


class Stretch:
    """The stations at one end of a lane, stage by stage; all hauls that pass them share them."""

    __slots__ = ("is_plain", "stages", "stops")

    def __init__(self, stages: list[list[AnyStation]]) -> None:
        self.stages = stages
        self.is_plain = True
        stops = []
        for stage in stages:
            passed: list[Stop] = []
            for station in stage:
                passed.append((station, None))
                if station.blocks or station.spec.products:
                    self.is_plain = False
            stops.append(passed)
        self.stops: Stages = tuple(stops)


def stages_of(here: Stretch, there: Stretch, load: Load) -> Stages:
    """Return the stations that a load passes from one end to the other, by stage: loading and
    sorting, then unloading, inspection and sign-off."""
    if here.is_plain and there.is_plain:
        return here.stops + there.stops
    passed = [
        [s for s in stage if not s.spec.products or not load.keys().isdisjoint(s.spec.products)]
        for stage in here.stages + there.stages
    ]
    following: dict[AnyStation, AnyStation] = {}
    for group in _TOGETHER:
        following |= dict(pairwise([station for stage in group for station in passed[stage]]))
    return tuple([(s, following.get(s)) for s in stage] for stage in passed)
