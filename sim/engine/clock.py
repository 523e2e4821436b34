"""The clock: a SimPy environment whose simultaneous events come in one documented order.

At one moment, events come by phase (release → receipt → dispatch → review), then by the id of the
entity, never by the order in which they were scheduled. What an event sets off at the same moment
(a process that goes on, a queue that moves up) is carried through before the next timed event.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from heapq import heappush

import simpy

#: Below it lie SimPy's own priorities (URGENT 0, NORMAL 1) of events that happen at once.
_TIMED = 2
_PHASE = 1 << 40


class Phase(IntEnum):
    """The order of simultaneous events."""

    RELEASE = 0
    RECEIPT = 1
    DISPATCH = 2
    REVIEW = 3


class Clock(simpy.Environment):
    """SimPy's environment with events at absolute times, until a horizon.

    Events after the horizon are dropped when they are asked for, so a run ends when nothing is
    left to happen. Absolute times go into SimPy's queue as they are: ``now + (time - now)``, which
    ``Environment.schedule`` would compute, may differ from ``time`` in the last bit.
    """

    def __init__(self, horizon: float) -> None:
        super().__init__()
        self.horizon = horizon

    def at(self, time: float, phase: Phase, entity: int) -> simpy.Event:
        """Return an event that happens at ``time`` (hours), never if that is past the horizon."""
        event = simpy.Event(self)
        if time <= self.horizon:
            event._ok = True
            event._value = None
            heappush(
                self._queue,
                (time, _TIMED + phase * _PHASE + entity, next(self._eid), event),  # type: ignore[arg-type]
            )
        return event

    def call_at(
        self, time: float, phase: Phase, entity: int, action: Callable[[simpy.Event], None]
    ) -> None:
        """Call ``action`` at ``time`` (hours), unless that is past the horizon."""
        event = self.at(time, phase, entity)
        assert event.callbacks is not None
        event.callbacks.append(action)
