"""A plain station: servers that shipments wait for, first come, first served, with room for all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import isinf
from typing import ClassVar, Protocol

import simpy

from sim.calendars import CLOSING_RULES
from sim.engine.clock import RECEIPT, Clock, Moment
from sim.engine.recorder import BEGAN, DONE, ENDED, Recorder
from sim.engine.service import service_hours
from sim.plan.specs import StationSpec
from sim.streams import Stream

Load = dict[int, int]


class Follower(Protocol):
    """The station after a station: where it ``blocks``, a place must be had before one leaves."""

    @property
    def blocks(self) -> bool: ...

    def reserve(self, trip: int, load: Load, granted: Callable[[], None]) -> None: ...


#: A shipment at a station: its event, its row, the hours of its service, and what it must have
#: before it leaves, a place at a station that may be full (which, trip and load), or None.
Job = tuple[Moment, list[float], float, tuple[Follower, int, Load] | None]


class Station:
    """One station at one site. A server is held from the start of a service to its end, closing
    times included, and on until there is room at a station after it that may be full."""

    __slots__ = (
        "_calendar",
        "_clock",
        "_idle",
        "_queue",
        "_recorder",
        "_site",
        "_span",
        "_stream",
        "index",
        "spec",
    )

    blocks: ClassVar[bool] = False

    def __init__(
        self,
        clock: Clock,
        recorder: Recorder,
        spec: StationSpec,
        index: int,
        site: int,
        stream: Stream,
    ) -> None:
        self._clock = clock
        self._recorder = recorder
        self.spec = spec
        self.index = index
        self._site = site
        self._stream = stream
        self._idle = spec.servers
        self._queue: deque[Job] = deque()
        self._calendar = spec.shift.calendar
        self._span = CLOSING_RULES[spec.shift.closing].span_at

    def serve(self, trip: int, load: Load, then: Follower | None = None) -> simpy.Event:
        """Return an event that happens when the shipment of ``trip`` has been served and may go.

        ``load`` is units by product; ``then`` is where it goes without a journey in between. The
        n-th shipment to join takes its draws before the next one does, so its service time does
        not depend on how long the queue is.
        """
        hours = service_hours(self.spec, load, self._stream)
        row = self._recorder.service(self.index, self._site, trip, self._clock.now)
        served = Moment([])
        needs = (then, trip, load) if then is not None and then.blocks else None
        job = (served, row, hours, needs)
        if self._idle > 0:
            if self._begin(job):
                self._idle -= 1
        else:
            self._queue.append(job)
        return served

    def reserve(self, trip: int, load: Load, granted: Callable[[], None]) -> None:
        """Call ``granted`` when there is room for the shipment: always at once."""
        granted()

    def _begin(self, job: Job) -> bool:
        """Begin a service and return whether it takes the server."""
        served, row, hours, needs = job
        begin, end = self._span(self._calendar, self._clock.now, hours)
        if isinf(begin):  # it fits into no opening hours: the shipment stays, the server does not
            return False
        if begin <= self._clock.horizon:
            row[BEGAN] = begin

        def finish(_: simpy.Event) -> None:
            row[ENDED] = end
            row[DONE] = 1.0
            if needs is None:
                self._free()
            else:
                follower, trip, load = needs
                follower.reserve(trip, load, leave)

        def leave() -> None:
            self._free()
            self._clock.schedule(served)

        if needs is None:
            assert served.callbacks is not None
            served.callbacks.insert(0, finish)  # the server is free before the shipment goes on
            self._clock.put(served, end, RECEIPT, self._site)
        else:
            self._clock.call_at(end, RECEIPT, self._site, finish)
        return True

    def _free(self) -> None:
        """A server is free: the next shipment that can be served begins."""
        while self._queue:
            if self._begin(self._queue.popleft()):
                return
        self._idle += 1
