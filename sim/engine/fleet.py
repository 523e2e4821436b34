"""A fleet: the vehicles of one site, lent to whoever asks first."""

from __future__ import annotations

from collections import deque
from math import inf, isinf

import simpy

from sim.engine.shifts import span_of
from sim.plan.specs import FleetSpec


class Fleet:
    """Vehicles at one site. Whoever asks waits in one line, whatever the trip is for."""

    __slots__ = (
        "_absent", "_idle", "_span", "_to_leave", "_waiting", "index", "is_unlimited", "spec",
    )  # fmt: skip

    def __init__(self, spec: FleetSpec, index: int) -> None:
        """``index`` is the fleet's place in the plan."""
        self.spec = spec
        self.index = index
        self.is_unlimited = isinf(spec.vehicles)
        self._span = span_of(spec.shift)
        self._idle = spec.vehicles
        self._waiting: deque[simpy.Event] = deque()
        self._to_leave = 0
        self._absent = 0

    def work(self, now: float, hours: float) -> tuple[float, float]:
        """Return when work of so many hours by a crew can begin (inf is never), and when it ends.

        What fits into no shift is finished all the same: who has set out comes home.
        """
        begin, end = self._span(now, hours)
        if end == inf:
            end = self.spec.shift.calendar.span_finish_at(now, hours)[1]
        return begin, end

    def take(self) -> bool:
        """Take a vehicle if one is free, and say whether it was."""
        if self._idle <= 0:
            return False
        self._idle -= 1
        return True

    def wait(self, event: simpy.Event) -> None:
        """Let ``event`` succeed with this fleet when its next vehicle is free, which it takes.

        One event may wait for several fleets: the first that has a vehicle is taken.
        """
        self._waiting.append(event)

    def release(self) -> None:
        """A vehicle is home again, or was not needed."""
        if self._absent < self._to_leave:
            self._absent += 1
            return
        while self._waiting:
            event = self._waiting.popleft()
            if not event.triggered:
                event.succeed(self)
                return
        self._idle += 1

    def withdraw(self, vehicles: int) -> None:
        """Send vehicles away: idle ones now, others when they are home."""
        self._to_leave += vehicles
        now = max(min(int(self._idle), self._to_leave - self._absent), 0)
        self._idle -= now
        self._absent += now

    def give_back(self, vehicles: int) -> None:
        """Vehicles that were withdrawn are there again."""
        self._to_leave -= vehicles
        while self._absent > self._to_leave and self._waiting:
            self._absent -= 1
            self.release()
        back = max(self._absent - self._to_leave, 0)  # nobody waits for these
        self._absent -= back
        self._idle += back
