"""A station: servers that shipments wait for, first come, first served."""

from __future__ import annotations

from collections import deque

import simpy

from sim.calendars import CLOSING_RULES
from sim.engine.clock import Clock, Phase
from sim.engine.recorder import Recorder
from sim.plan.specs import StationSpec
from sim.streams import Stream


class Station:
    """One station at one site. A server is held from the start of a service to its end, closing
    times included."""

    __slots__ = ("_calendar", "_clock", "_idle", "_index", "_queue", "_recorder", "_site", "_span",
                 "_spec", "_stream")

    def __init__(
        self, clock: Clock, recorder: Recorder, spec: StationSpec, index: int, site: int,
        stream: Stream,
    ) -> None:
        self._clock = clock
        self._recorder = recorder
        self._spec = spec
        self._index = index
        self._site = site
        self._stream = stream
        self._idle = spec.servers
        self._queue: deque[tuple[simpy.Event, int, float, float]] = deque()
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
        served = simpy.Event(self._clock)
        job = (served, trip, self._clock.now, hours)
        if self._idle > 0:
            self._idle -= 1
            self._begin(job)
        else:
            self._queue.append(job)
        return served

    def _begin(self, job: tuple[simpy.Event, int, float, float]) -> None:
        served, trip, joined, hours = job
        begin, end = self._span(self._calendar, self._clock.now, hours)

        def finish(_: simpy.Event) -> None:
            self._recorder.service(self._index, self._site, trip, joined, begin, end)
            if self._queue:
                self._begin(self._queue.popleft())
            else:
                self._idle += 1
            served.succeed()

        self._clock.call_at(end, Phase.RECEIPT, self._site, finish)
