"""The clock: a SimPy environment whose simultaneous events come in one documented order.

At one moment, events come by phase (release → receipt → dispatch → review), then by the id of the
entity; only events of one entity in one phase keep the order in which they were scheduled. What an
event sets off at the same moment (a process that goes on, a queue that moves up) is carried through
before the next timed event.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from enum import IntEnum
from heapq import heappop, heappush
from types import GeneratorType
from typing import Any

import simpy
from simpy.events import NORMAL, EventPriority

#: Priorities in SimPy's queue: below 2 lie its own (URGENT 0, NORMAL 1), of events that happen at
#: once; each phase has room for 2^40 entities. Indexed by phase.
_PRIORITY = tuple(2 + (phase << 40) for phase in range(4))


Action = Callable[[simpy.Event], None]
#: What something does: it yields the events that it waits for, and gets them when they happen.
Steps = Generator[simpy.Event, simpy.Event, None]


class Phase(IntEnum):
    """The order of simultaneous events."""

    RELEASE = 0
    RECEIPT = 1
    DISPATCH = 2
    REVIEW = 3


#: Crews set off, by destination, when all goods that are due have left: these are numbered by link.
CREWS = 1 << 38
#: The phases once more: a member of an enumeration takes longer to look up than an event to make.
RELEASE, RECEIPT, DISPATCH, REVIEW = Phase


class Moment(simpy.Event):
    """An event that is known to happen well, at a time that may be set later; leaner to make than
    SimPy's Timeout."""

    _ok = True
    _value = None

    def __init__(self, callbacks: list[Action]) -> None:
        self.callbacks = callbacks


class Clock(simpy.Environment):
    """SimPy's environment with events at absolute times, until a horizon.

    Events after the horizon are dropped when they are asked for, so a run ends when nothing is
    left to happen. Absolute times go into SimPy's queue as they are: ``now + (time - now)``, which
    ``Environment.schedule`` would compute, may differ from ``time`` in the last bit.
    """

    __slots__ = ("now",)
    #: Hours since the start. SimPy has a property here; a slot is read in a fraction of the time.
    now: float

    def __init__(self, horizon: float) -> None:
        super().__init__()
        self.now = 0.0
        self.horizon = horizon
        self._begun: deque[Steps] = deque()

    def at(self, time: float, phase: Phase, entity: int) -> simpy.Event:
        """Return an event that happens at ``time`` (hours), never if that is past the horizon."""
        event = Moment([])
        if time <= self.horizon:
            priority = _PRIORITY[phase] + entity
            heappush(self._queue, (time, priority, next(self._eid), event))  # type: ignore[misc]
        return event

    def call_at(self, time: float, phase: Phase, entity: int, action: Action) -> None:
        """Call ``action`` at ``time`` (hours), unless that is past the horizon."""
        if time <= self.horizon:
            priority = _PRIORITY[phase] + entity
            moment = Moment([action])
            heappush(self._queue, (time, priority, next(self._eid), moment))  # type: ignore[misc]

    def put(self, moment: Moment, time: float, phase: Phase, entity: int) -> None:
        """Let a moment happen at ``time`` (hours), unless that is past the horizon."""
        if time <= self.horizon:
            priority = _PRIORITY[phase] + entity
            heappush(self._queue, (time, priority, next(self._eid), moment))  # type: ignore[misc]

    def carry_out(self, steps: Steps) -> None:
        """Go through steps, from event to event, beginning when this moment's event is done.

        What ``Environment.process`` does, without what nobody asks for here: processes that others
        wait for, interrupt or look at, and an event for the beginning, which comes before all
        others anyway. It takes a third of the time.
        """
        self._begun.append(steps)

    def schedule(
        self, event: simpy.Event, priority: EventPriority = NORMAL, delay: float = 0.0
    ) -> None:
        """Let an event of SimPy's happen: at once, unless there is a delay."""
        heappush(self._queue, (self.now + delay, priority, next(self._eid), event))

    def run_out(self) -> None:
        """Carry out all events up to the horizon.

        The same as ``Environment.run()``, with its ``step`` written out: a third of a national run
        would be spent on calling it. Steps are told of events as anybody is, by being called; what
        they return is the next event to tell them of.
        """
        queue, begun, pop = self._queue, self._begun, heappop
        while True:
            while begun:
                steps = begun.popleft()
                first = next(steps, None)
                if first is not None:
                    first.callbacks.append(steps.send)  # type: ignore[arg-type]
            if not queue:
                return
            self.now, _, _, event = pop(queue)
            callbacks: list[Any] = event.callbacks
            event.callbacks = None  # type: ignore[assignment]
            for callback in callbacks:
                try:
                    following = callback(event)
                except StopIteration:
                    if isinstance(callback.__self__, GeneratorType):
                        continue  # steps have come to their end
                    raise
                if following is not None:
                    following.callbacks.append(callback)
            if not event._ok and not hasattr(event, "_defused"):
                raise event._value
