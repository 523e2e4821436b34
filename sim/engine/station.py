"""A station: servers that shipments wait for, first come, first served."""

from __future__ import annotations

from collections import deque
from math import isinf

import simpy

from sim.calendars import CLOSING_RULES
from sim.engine.clock import Clock, Moment, Phase
from sim.engine.recorder import Recorder
from sim.plan.specs import StationSpec
from sim.streams import Stream

#: A shipment at a station: its event, its trip, when it joined, and the hours of its service.
Job = tuple[Moment, int, float, float]


class Station:
    """One station at one site. A server is held from the start of a service to its end, closing
    times included."""

    __slots__ = (
        "_calendar",
        "_clock",
        "_idle",
        "_index",
        "_queue",
        "_recorder",
        "_site",
        "_span",
        "_spec",
        "_stream",
    )

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
        self._spec = spec
        self._index = index
        self._site = site
        self._stream = stream
        self._idle = spec.servers
        self._queue: deque[Job] = deque()
        self._calendar = spec.shift.calendar
        self._span = CLOSING_RULES[spec.shift.closing].span_at

    def serve(self, trip: int, units: int) -> simpy.Event:
        """Return an event that happens when the shipment of ``trip`` has been served.

        The n-th shipment to join takes the n-th draw of the station's stream, so its service time
        does not depend on how long the queue is.
        """
        hours = self._spec.per_unit * units
        if self._spec.per_lot is not None:
            hours += self._spec.per_lot.quantile_at(self._stream.uniform())
        served = Moment(self._clock, [])
        job = (served, trip, self._clock.now, hours)
        if self._idle > 0:
            if self._begin(job):
                self._idle -= 1
        else:
            self._queue.append(job)
        return served

    def _begin(self, job: Job) -> bool:
        """Begin a service and return whether it takes the server."""
        served, trip, joined, hours = job
        begin, end = self._span(self._calendar, self._clock.now, hours)
        if isinf(begin):  # it fits into no opening hours: the shipment stays, the server does not
            return False

        def finish(_: simpy.Event) -> None:
            self._recorder.service(self._index, self._site, trip, joined, begin, end)
            self._free()

        assert served.callbacks is not None
        served.callbacks.insert(0, finish)  # the server is free before the shipment goes on
        self._clock.put(served, end, Phase.RECEIPT, self._site)
        return True

    def _free(self) -> None:
        """A server is free: the next shipment that can be served begins."""
        while self._queue:
            if self._begin(self._queue.popleft()):
                return
        self._idle += 1
