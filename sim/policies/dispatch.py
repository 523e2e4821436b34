"""Dispatch: when goods that wait for a destination leave.

A rule answers one question: given the time, since when the first of the goods have waited and
whether they fill a load, at what time are they due to leave? The engine asks again whenever goods
are added, and sets a timer for the answer.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import ceil, inf
from typing import Protocol


class DispatchRule(Protocol):
    """When waiting goods are due to leave. Times are hours since the scenario's start."""

    @property
    def full(self) -> float:
        """Units that count as a full load, whatever a vehicle could carry; inf is no such mark."""
        ...

    @property
    def sends_remainder(self) -> bool:
        """Whether goods beyond full loads leave with them, or wait on."""
        ...

    @property
    def loads(self) -> float:
        """Most loads that leave to a destination at one departure; inf is no limit."""
        ...

    @property
    def runs_empty(self) -> bool:
        """Whether a vehicle goes out at a departure with nothing to carry."""
        ...

    @property
    def cut_off(self) -> float:
        """Hours before a departure by which goods must be there to leave with it."""
        ...

    def due(self, now: float, waiting_since: float, is_full: bool) -> float:
        """Return when the goods leave: ``now``, or a later time; inf is never."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Departing:
    """What a rule need not say: any number of loads, none of them empty, and no cut-off."""

    loads: float = inf
    runs_empty: bool = False
    cut_off: float = 0.0


@dataclass(frozen=True, slots=True)
class OnArrival(_Departing):
    """Goods leave at once."""

    full: float = inf
    sends_remainder: bool = True

    def due(self, now: float, waiting_since: float, is_full: bool) -> float:
        """Return ``now``."""
        return now


@dataclass(frozen=True, slots=True)
class WhenFull(_Departing):
    """Goods leave when they fill a load, and not before."""

    full: float = inf
    sends_remainder: bool = False

    def due(self, now: float, waiting_since: float, is_full: bool) -> float:
        """Return ``now`` for a full load, else never."""
        return now if is_full else inf


@dataclass(frozen=True, slots=True)
class FullOrAfter(_Departing):
    """Goods leave when they fill a load, or ``after`` hours after the first of them came."""

    after: float
    full: float = inf
    sends_remainder: bool = False

    def due(self, now: float, waiting_since: float, is_full: bool) -> float:
        """Return ``now`` for a full load, else the end of the wait."""
        return now if is_full else max(now, waiting_since + self.after)


@dataclass(frozen=True, slots=True)
class Departures(_Departing):
    """Goods leave at ``offset + k × every``, k = 0, 1, ..."""

    every: float
    offset: float = 0.0
    full: float = inf
    sends_remainder: bool = True

    def due(self, now: float, waiting_since: float, is_full: bool) -> float:
        """Return the first departure at or after ``now``."""
        k = max(0, ceil((now - self.offset) / self.every))
        while k and self.offset + (k - 1) * self.every >= now:
            k -= 1  # the division may round up past a departure that is exactly now
        departure = self.offset + k * self.every
        return departure if departure >= now else self.offset + (k + 1) * self.every


@dataclass(frozen=True, slots=True)
class Timetable(_Departing):
    """Goods leave at listed times, ascending hours since the start."""

    times: tuple[float, ...]
    full: float = inf
    sends_remainder: bool = True

    def due(self, now: float, waiting_since: float, is_full: bool) -> float:
        """Return the first listed time at or after ``now``."""
        index = bisect_left(self.times, now)
        return self.times[index] if index < len(self.times) else inf
