"""A fleet: the vehicles of one site, lent to whoever asks first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable


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

    def release(self, _: object = None) -> None:
        """A vehicle is home again."""
        if self._waiting:
            start, job = self._waiting.popleft()
            start(job)
        else:
            self._idle += 1
