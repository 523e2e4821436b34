"""A plain station: servers that shipments wait for, first come, first served, with room for all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf
from typing import ClassVar, Protocol

import simpy

from sim.engine.clock import RECEIPT, Clock, Moment
from sim.engine.recorder import BEGAN, DONE, ENDED, Recorder
from sim.engine.service import service_hours
from sim.engine.shifts import span_of
from sim.plan.specs import StationSpec
from sim.streams import Stream

Load = dict[int, int]


class Follower(Protocol):
    """The station after a station: where it ``blocks``, a place must be had before one leaves."""

    @property
    def blocks(self) -> bool: ...

    def reserve(self, trip: int, load: Load, granted: Callable[[], None]) -> None: ...


class Service(Moment):
    """A shipment at a station: the moment at which it has been served and may go.

    It has its ``row``, the ``hours`` of its service, and what it ``needs`` before it leaves: a
    place at a station that may be full (which, trip and load), or None.
    """

    def __init__(
        self, row: list[float], hours: float, needs: tuple[Follower, int, Load] | None
    ) -> None:
        self.callbacks = []
        self.row = row
        self.hours = hours
        self.needs = needs


class Station:
    """One station at one site. A server is held from the start of a service to its end, closing
    times included, and on until there is room at a station after it that may be full."""

    __slots__ = (
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
        self._queue: deque[Service] | None = None  # larger than all else here: few queues form
        self._span = span_of(spec.shift)

    def serve(self, trip: int, load: Load, then: Follower | None = None) -> simpy.Event:
        """Return an event that happens when the shipment of ``trip`` has been served and may go.

        ``load`` is units by product; ``then`` is where it goes without a journey in between. The
        n-th shipment to join takes its draws before the next one does, so its service time does
        not depend on how long the queue is.
        """
        hours = service_hours(self.spec, load, self._stream)
        row = self._recorder.service(self.index, self._site, trip, self._clock.now)
        needs = (then, trip, load) if then is not None and then.blocks else None
        service = Service(row, hours, needs)
        if self._idle > 0:
            if self._begin(service):
                self._idle -= 1
        else:
            if self._queue is None:
                self._queue = deque()
            self._queue.append(service)
        return service

    def reserve(self, trip: int, load: Load, granted: Callable[[], None]) -> None:
        """Call ``granted`` when there is room for the shipment: always at once."""
        granted()

    def _begin(self, service: Service) -> bool:
        """Begin a service and return whether it takes the server."""
        clock = self._clock
        begin, end = self._span(clock.now, service.hours)
        if begin == inf:  # it fits into no opening hours: the shipment stays, the server does not
            return False
        if begin <= clock.horizon:
            service.row[BEGAN] = begin
        if service.needs is None:
            assert service.callbacks is not None
            service.callbacks.insert(0, self._finish)  # the server is free before it goes on
            clock.put(service, end, RECEIPT, self._site)
        else:
            clock.call_at(end, RECEIPT, self._site, lambda _: self._hold_back(service))
        return True

    def _finish(self, served: simpy.Event) -> None:
        """A service ends, and the server is free."""
        assert isinstance(served, Service)
        self._note_end(served)
        self._free()

    def _hold_back(self, service: Service) -> None:
        """A service ends, and the shipment keeps the server until there is a place for it."""
        self._note_end(service)

        def leave() -> None:
            self._free()
            self._clock.schedule(service)

        assert service.needs is not None
        follower, trip, load = service.needs
        follower.reserve(trip, load, leave)

    def _note_end(self, service: Service) -> None:
        service.row[ENDED] = self._clock.now
        service.row[DONE] = 1.0

    def _free(self) -> None:
        """A server is free: the next shipment that can be served begins."""
        while self._queue:
            if self._begin(self._queue.popleft()):
                return
        self._idle += 1
