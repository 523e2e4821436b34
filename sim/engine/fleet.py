"""A fleet: the vehicles of one site, lent to whoever asks first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import simpy


class Fleet:
    """Vehicles at one site. Whoever asks waits in one line, whatever lane the vehicle is for."""

    __slots__ = ("_idle", "_waiting")

    def __init__(self, vehicles: float) -> None:
        self._idle = vehicles
        self._waiting: deque[tuple[Callable[[int], None], int]] = deque()

    def request(self, start: Callable[[int], None], job: int) -> None:
        """Call ``start(job)`` as soon as a vehicle is free: at once, or when one comes home."""
        if self._idle > 0:
            self._idle -= 1
            start(job)
        else:
            self._waiting.append((start, job))

    def take(self) -> bool:
        """Take a vehicle if one is free, and say whether it was."""
        if self._idle <= 0:
            return False
        self._idle -= 1
        return True

    def wait(self, clock: simpy.Environment) -> simpy.Event:
        """Return an event that happens when the next vehicle is free, and takes it."""
        taken = simpy.Event(clock)

        def start(_: int) -> None:
            taken.succeed()

        self._waiting.append((start, 0))
        return taken

    def release(self, _: object = None) -> None:
        """A vehicle is home again."""
        if self._waiting:
            start, job = self._waiting.popleft()
            start(job)
        else:
            self._idle += 1
