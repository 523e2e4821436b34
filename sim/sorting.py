"""Sorting that knows what it sorts: rows that are nearly in order, and single ranks of many."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Up to so many numbers, sorting all of them is less work than looking for a few.
_FEW = 1024


def by_place_and_time(place: Ints, time: Floats) -> Ints:
    """Return the rows by place (0 or more), then time, then row, as ``np.lexsort((time, place))``.

    What happens at a place is most often noted in the order of time. So only those places are
    sorted whose times do not ascend already.
    """
    if not len(place):
        return np.zeros(0, np.int64)
    small = place.astype(np.int16) if place.max() < 1 << 15 else place  # sorted by radix
    grouped: Ints | None = None
    if (place[1:] < place[:-1]).any():
        grouped = np.argsort(small, kind="stable")
        ordered_place, ordered_time = place[grouped], time[grouped]
    else:
        ordered_place, ordered_time = place, time
    falls = ~(ordered_time[1:] >= ordered_time[:-1]) & (ordered_place[1:] == ordered_place[:-1])
    places = np.unique(ordered_place[1:][falls])
    if len(places) * 64 > len(place):
        return np.lexsort((time, small))
    rows = np.arange(len(place)) if grouped is None else grouped
    begins = np.searchsorted(ordered_place, places)
    ends = np.searchsorted(ordered_place, places, side="right")
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        here = slice(begin, end)
        rows[here] = rows[here][np.argsort(ordered_time[here], kind="stable")]
    return rows


def put_ranks_in_place(values: Floats, ranks: Iterable[int]) -> None:
    """Rearrange numbers so that at each of the ranks (from 0) stands what would if all were sorted.

    NaN counts as larger than all others.
    """
    if len(values) <= _FEW:
        values.sort()
        return
    rest = values
    for rank in sorted(set(ranks), reverse=True):
        if rank == len(rest) - 1:
            most = int(rest.argmax())  # of NaN, the first
            rest[most], rest[rank] = rest[rank], rest[most]
        else:
            rest.partition(rank)
        rest = rest[:rank]  # what stands at the ranks above is not less
