"""All tours of a block as arrays, for moves that are evaluated by the ten thousand at once."""

from __future__ import annotations

import numpy as np

from sim.policies.tour_block import Bools, Ints, TourBlock, distance

_TICKS = float(1 << 32)  # per hour; sums of integers do not depend on what else is summed


class TourState:
    """Tours of a block and what their moves need to know, by stop; the last entry is the depot.

    Every depot is the origin of its own plane, so one entry serves for all. ``order`` holds the
    stops tour after tour, ``first`` (tours + 1) the offsets into it, ``place`` each stop's index.
    Tours may become empty; they keep their number.
    """

    __slots__ = (
        "after", "back", "before", "block", "carried", "changed", "detour", "first", "from_depot",
        "hours", "into", "order", "place", "rate", "service", "total", "tour", "weight", "x",
        "x_after", "x_before", "y", "y_after", "y_before",
    )  # fmt: skip

    def __init__(self, block: TourBlock, order: Ints, count: Ints) -> None:
        stops = block.stops
        self.block = block
        self.x, self.y = np.append(block.x, 0.0), np.append(block.y, 0.0)
        self.weight: Ints = np.pad(block.weight, ((0, 0), (0, 1)))
        self.place, self.tour = np.zeros(stops + 1, np.int64), np.full(stops + 1, -1)
        self.after, self.before = np.full(stops + 1, stops), np.full(stops + 1, stops)
        self.x_after, self.y_after = np.zeros(stops + 1), np.zeros(stops + 1)
        self.x_before, self.y_before = np.zeros(stops + 1), np.zeros(stops + 1)
        # km into the stop, km out of it, and km saved if it is left out
        self.into, self.back, self.detour = (np.zeros(stops + 1) for _ in range(3))
        self.carried: Ints = np.zeros_like(self.weight)
        self.rate, self.service = np.zeros(stops + 1), np.zeros(stops + 1)
        self.from_depot, self.hours = np.zeros(stops + 1), np.zeros(0)
        if block.time is not None:
            self.rate[:-1] = block.time.per_km[block.depot]
            self.service[:-1] = block.time.stop
        self.rearrange(order, count, np.ones(len(count), dtype=np.bool_))

    def rearrange(self, order: Ints, count: Ints, changed: Bools) -> None:
        """Take over new tours; only those ``changed`` (tours) differ from the ones before.

        Afterwards, ``changed`` tells which stops are on such a tour.
        """
        stops = len(order)
        self.order = order
        self.first = np.zeros(len(count) + 1, np.int64)
        np.cumsum(count, out=self.first[1:])
        tour = np.repeat(np.arange(len(count)), count)
        self.place[order] = np.arange(stops)

        at = np.flatnonzero(changed[tour])
        stop, tour = order[at], tour[at]
        framed = np.full(stops + 2, stops)
        framed[1:-1] = order
        begins = np.zeros(stops + 1, dtype=np.bool_)
        begins[self.first] = True
        before, after = framed[at], framed[at + 2]
        before[begins[at]] = stops
        after[begins[at + 1]] = stops
        self.tour[stop], self.before[stop], self.after[stop] = tour, before, after

        x, y = self.x[stop], self.y[stop]
        xb, yb, xa, ya = self.x[before], self.y[before], self.x[after], self.y[after]
        into, back = distance(x - xb, y - yb), distance(x - xa, y - ya)
        self.detour[stop] = into + back - distance(xb - xa, yb - ya)
        self.into[stop], self.back[stop] = into, back
        self.x_before[stop], self.y_before[stop] = xb, yb
        self.x_after[stop], self.y_after[stop] = xa, ya
        self.changed = np.zeros(stops + 1, dtype=np.bool_)
        self.changed[stop] = True

        sums = np.zeros((len(self.weight), stops + 1), np.int64)
        np.cumsum(self.weight[:, order], axis=1, out=sums[:, 1:])
        self.total = sums[:, self.first[1:]] - sums[:, self.first[:-1]]
        self.carried[:, stop] = sums[:, at + 1] - sums[:, self.first[tour]]
        if self.block.time is not None:
            self._time(at, stop, tour)

    def km(self) -> float:
        """Length of all tours."""
        ends = self.after == len(self.order)
        return float(self.into[:-1].sum() + self.back[:-1][ends[:-1]].sum())

    def _time(self, at: Ints, stop: Ints, tour: Ints) -> None:
        """Hours from leaving the depot until a stop is done, and of whole tours."""
        hours = (self.rate * self.into + self.service)[self.order]
        sums = np.zeros(len(self.order) + 1, np.int64)
        np.cumsum(np.ceil(hours * _TICKS).astype(np.int64), out=sums[1:])
        self.from_depot[stop] = (sums[at + 1] - sums[self.first[tour]]) / _TICKS
        last = self.order[np.maximum(self.first[1:] - 1, 0)]
        self.hours = (sums[self.first[1:]] - sums[self.first[:-1]]) / _TICKS
        self.hours += np.where(np.diff(self.first) > 0, self.rate[last] * self.back[last], 0.0)
