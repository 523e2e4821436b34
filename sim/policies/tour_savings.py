"""Tours by savings: begin with one tour per stop and join the two that save most, again and again.

Clarke & Wright (1964), Operations Research 12(4), 568-581, in its parallel form, among near
neighbours only. Only the two ends of a tour can be joined, so near neighbours run out as tours
grow. That is why the best joins are made first, in rounds, and between rounds the ends with few
partners left get new ones: the nearest among all ends that are left. It ends, depot by depot, when
new neighbours bring no more joins.
"""

from __future__ import annotations

from itertools import count
from typing import NamedTuple

import numpy as np

from sim.policies.tour_block import LIMIT, Bools, Floats, Ints, TourBlock, distance
from sim.policies.tour_neighbours import Pairs, each_once, nearest

ROUNDS = (0.5, 0.5, 1.0)  # share of a depot's joins that each round looks at, best first
HUNGRY = 4  # ends with fewer possible joins than this get new neighbours
_STEP_KM = 1e-4  # joins are ranked by savings in steps of 10 cm, then by position
_TOP = 1 << 29  # more than the largest saving on Earth in such steps


class _Joins(NamedTuple):
    """Stops i and j at which tours may be joined, the km saved, and the savings they rank by."""

    i: Ints
    j: Ints
    km: Floats
    saving: Floats

    def some(self, rows: Ints) -> _Joins:
        """The joins in these rows."""
        return _Joins(
            self.i.take(rows), self.j.take(rows), self.km.take(rows), self.saving.take(rows)
        )


class _Growing(NamedTuple):
    """Growing tours, by stop; only the entries of their two ends are up to date.

    Lists, since they are read and written one by one.
    """

    other: list[int]
    """The other end of the tour (a stop alone is its own); -1 for a stop that is no end."""
    load: list[list[int]]
    """For each dimension, the load of the tour."""
    hours: list[float]
    """The time that the tour takes, if that is limited."""
    links: list[int]
    """The stops i, j that follow each other on a tour so far, as i x stops + j."""


class _Grown(NamedTuple):
    """The growing tours as they are at one moment, by stop, as arrays: see ``_Growing``."""

    other: Ints
    load: list[Ints]
    hours: Floats


def savings_tours(block: TourBlock, neighbours: int, shape: float) -> tuple[Ints, Ints, Pairs]:
    """Tours of a block: stops in order of visit, stops per tour, and the pairs of near stops.

    Joins of stops i and j are ranked by d(0, i) + d(0, j) - ``shape`` x d(i, j), the parameter of
    Gaskell (1967) and Yellow (1970), and made where they save distance or none.
    """
    stops, time = block.stops, block.time
    home = distance(block.x.copy(), block.y.copy())
    alone = np.zeros(0)
    if time is not None:
        alone = 2.0 * home * time.per_km[block.depot] + time.stop
    everyone = np.arange(stops)
    growing = _Growing(everyone.tolist(), block.weight.tolist(), alone.tolist(), [])
    near = each_once(nearest(block, everyone, everyone, neighbours), stops)
    grown = _Grown(everyone, list(block.weight), alone)
    pool = _possible(block, _joins(near, home, shape), grown)
    for number in count():
        share = ROUNDS[min(number, len(ROUNDS) - 1)]
        pool = pool.some(_best_first(block.depot.take(pool.i), pool.saving))
        now = _leading(block.depot.take(pool.i), share)
        made = len(growing.links)
        _join(block, pool.some(np.flatnonzero(now)), growing)
        grown = _grown(block, growing)
        pool = _possible(block, pool.some(np.flatnonzero(~now)), grown)
        ends = _open_ends(block, grown)
        if share == 1.0:  # go on where the round was of use
            of_use = np.zeros(len(block.first), dtype=np.bool_)
            of_use[block.depot[_array(growing.links[made:]) // stops]] = True
            ends = ends[of_use[block.depot[ends]]]
            if not len(ends):
                break
        joins = np.bincount(pool.i, minlength=stops) + np.bincount(pool.j, minlength=stops)
        found = nearest(block, ends, ends[joins[ends] < HUNGRY], neighbours)
        more = _possible(block, _joins(found, home, shape), grown)
        pool = _Joins(*(np.concatenate(columns) for columns in zip(pool, more, strict=True)))
    return *_walked(growing), near


def _grown(block: TourBlock, growing: _Growing) -> _Grown:
    hours = np.zeros(0)
    if block.time is not None:
        hours = np.fromiter(growing.hours, np.float64, block.stops)
    return _Grown(_array(growing.other), [_array(load) for load in growing.load], hours)


def _open_ends(block: TourBlock, grown: _Grown) -> Ints:
    """The ends of tours that could hold the smallest tour of their depot as well."""
    ends = np.flatnonzero(grown.other >= 0)
    depot = block.depot[ends]
    first = np.flatnonzero(np.diff(depot, prepend=-1))
    size = np.diff(np.append(first, len(depot)))
    is_open = np.ones(len(ends), dtype=np.bool_)
    for load in grown.load:
        of_tour = load[ends]
        is_open &= of_tour + np.repeat(np.minimum.reduceat(of_tour, first), size) <= LIMIT
    return ends[is_open]


def _joins(pairs: Pairs, home: Floats, shape: float) -> _Joins:
    """The pairs at which a join saves distance or none."""
    both = home.take(pairs.i) + home.take(pairs.j)
    joins = _Joins(pairs.i, pairs.j, both - pairs.km, both - shape * pairs.km)
    return joins.some(np.flatnonzero(joins.km >= 0.0))


def _best_first(depot: Ints, saving: Floats) -> Ints:
    """The order by depot, falling saving, and position, from one sort of 64-bit integers."""
    bits = max(20, len(saving).bit_length())
    key = (depot << (30 + bits)) | np.arange(len(saving))
    key |= (_TOP - np.rint(saving / _STEP_KM).astype(np.int64)) << bits
    key.sort()
    return np.asarray(key & ((1 << bits) - 1))


def _leading(depot: Ints, share: float) -> Bools:
    """Which of the pairs, sorted by depot, belong to the first ``share`` of their depot's."""
    count = np.bincount(depot)
    place = np.arange(len(depot)) - (np.cumsum(count) - count)[depot]
    return np.asarray(place < np.ceil(share * count)[depot])


def _possible(block: TourBlock, joins: _Joins, grown: _Grown) -> _Joins:
    """The joins whose stops are ends of two tours that fit together."""
    i, j, other = joins.i, joins.j, grown.other
    beyond = other.take(i)
    possible = (beyond >= 0) & (other.take(j) >= 0) & (beyond != j) & (i != j)
    for load in grown.load:
        possible &= load.take(i) + load.take(j) <= LIMIT
    if block.time is not None:
        saved = joins.km * block.time.per_km[block.depot.take(i)]
        possible &= grown.hours.take(i) + grown.hours.take(j) - saved <= block.time.limit
    return joins.some(np.flatnonzero(possible))


def _join(block: TourBlock, joins: _Joins, growing: _Growing) -> None:
    """Join tours at pair by pair of stops, wherever both are ends and the tours fit together."""
    first, second = joins.i.tolist(), joins.j.tolist()
    other, load, limit, linked = growing.other, growing.load[0], LIMIT, growing.links.append
    stops = len(other)
    if block.time is None and len(growing.load) == 1:
        for i, j in zip(first, second, strict=True):
            a = other[i]
            if a < 0 or a == j:
                continue
            b = other[j]
            if b < 0:
                continue
            both = load[i] + load[j]
            if both > limit:
                continue
            other[i] = other[j] = -1
            other[a], other[b] = b, a
            load[a] = load[b] = both
            linked(i * stops + j)
        return

    time, further = block.time, growing.load[1:]
    hours, most, saved = [0.0] * stops, 0.0, [0.0] * len(first)
    if time is not None:
        hours, most = growing.hours, time.limit
        saved = (joins.km * time.per_km[block.depot.take(joins.i)]).tolist()
    for i, j, less in zip(first, second, saved, strict=True):
        a = other[i]
        if a < 0 or a == j:
            continue
        b = other[j]
        if b < 0:
            continue
        both = load[i] + load[j]
        both_hours = hours[i] + hours[j] - less
        if both > limit or both_hours > most:
            continue
        if further and any(one[i] + one[j] > limit for one in further):
            continue
        other[i] = other[j] = -1
        other[a], other[b] = b, a
        load[a] = load[b] = both
        hours[a] = hours[b] = both_hours
        for one in further:
            one[a] = one[b] = one[i] + one[j]
        linked(i * stops + j)


def _walked(growing: _Growing) -> tuple[Ints, Ints]:
    """The stops of all tours in order, each from its lower end, and the stops per tour."""
    stops = len(growing.other)
    links = np.stack(np.divmod(_array(growing.links), stops), axis=1)
    side = np.full((stops, 2), stops)
    ends, beside = links.ravel(), links[:, ::-1].ravel()
    sort = np.argsort(ends, kind="stable")
    ends, beside = ends[sort], beside[sort]
    second = np.zeros(len(ends), dtype=np.int64)
    second[1:] = ends[1:] == ends[:-1]
    side[ends, second] = beside

    other = _array(growing.other)
    at = np.flatnonzero(other >= np.arange(stops))
    tour, before = np.arange(len(at)), np.full(len(at), stops)
    steps = [(tour, at)]
    while len(at):
        step = side[at]
        ahead = np.where(step[:, 0] == before, step[:, 1], step[:, 0])
        rows = np.flatnonzero(ahead < stops)
        tour, before, at = tour[rows], at[rows], ahead[rows]
        steps.append((tour, at))
    tours = np.concatenate([step[0] for step in steps])
    sort = np.argsort(tours, kind="stable")
    return np.concatenate([step[1] for step in steps])[sort], np.bincount(tours)


def _array(values: list[int]) -> Ints:
    return np.fromiter(values, np.int64, len(values))
