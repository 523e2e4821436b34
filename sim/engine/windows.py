"""Windows of time [begin, end) in hours: what they close, and what they multiply."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Closures:
    """When something is shut: sorted windows [begin, end) in hours that do not touch."""

    begins: tuple[float, ...]
    ends: tuple[float, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        """The windows as pairs."""
        return tuple(zip(self.begins, self.ends, strict=True))

    def open_at(self, t: float) -> float:
        """Return the first moment from ``t`` on that is not in a window."""
        i = bisect_right(self.begins, t) - 1
        return self.ends[i] if i >= 0 and t < self.ends[i] else t


@dataclass(frozen=True, slots=True)
class Steps:
    """A factor over time: ``factors[i]`` from ``times[i]`` on (hours), and 1 before them all."""

    times: tuple[float, ...]
    factors: tuple[float, ...]

    def at(self, t: float) -> float:
        """Return the factor at ``t``."""
        i = bisect_right(self.times, t) - 1
        return self.factors[i] if i >= 0 else 1.0

    def at_all(self, t: Floats) -> Floats:
        """Return the factor at each of many times."""
        i = np.searchsorted(np.array(self.times), t, side="right")
        return np.array((1.0, *self.factors))[i]


def close(spans: Iterable[Span]) -> Closures:
    """Merge windows that overlap or touch."""
    merged: list[list[float]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    return Closures(tuple(begin for begin, _ in merged), tuple(end for _, end in merged))


def multiply(windows: Sequence[tuple[float, float, float]]) -> Steps:
    """Return the product of the factors of the windows (begin, end, factor) that hold."""
    changes: dict[float, tuple[list[int], list[int]]] = {}
    for index, (begin, end, _) in enumerate(windows):
        changes.setdefault(begin, ([], []))[0].append(index)
        changes.setdefault(end, ([], []))[1].append(index)
    times, factors, holding = [], [], set[int]()
    for time in sorted(changes):
        begun, over = changes[time]
        holding = (holding | set(begun)) - set(over)
        times.append(time)
        factors.append(prod((windows[index][2] for index in sorted(holding)), start=1.0))
    return Steps(tuple(times), tuple(factors))
