"""A fleet: the vehicles of one site, lent to whoever asks first."""

from __future__ import annotations

from collections import deque

import simpy


class Fleet:
    """Vehicles at one site. Whoever asks waits in one line, whatever the trip is for."""

    __slots__ = ("_idle", "_waiting")

    def __init__(self, vehicles: float) -> None:
        self._idle = vehicles
        self._waiting: deque[simpy.Event] = deque()

    def take(self) -> bool:
        """Take a vehicle if one is free, and say whether it was."""
        if self._idle <= 0:
            return False
        self._idle -= 1
        return True

    def wait(self, clock: simpy.Environment) -> simpy.Event:
        """Return an event that happens when the next vehicle is free, and takes it."""
        taken = simpy.Event(clock)
        self._waiting.append(taken)
        return taken

    def release(self) -> None:
        """A vehicle is home again, or was not needed."""
        if self._waiting:
            self._waiting.popleft().succeed()
        else:
            self._idle += 1
