"""Changes to tours, evaluated for all near pairs of stops at once.

A pair of near stops i, j is worth a look where they are nearer to each other than to a stop next
to them on their tours. Four kinds of moves make them neighbours; Toth & Vigo (eds., 2014), Vehicle
Routing, 2nd ed., section 4.5, describes them all:

- two tours (or one) are cut, and their first parts joined, one of them turned round: 2-opt;
- two tours are cut, and each first part goes on with the other's last part: 2-opt*;
- a stop moves next to another one, on the same tour or not: relocation;
- two stops of different tours change places: exchange.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.policies.tour_block import LIMIT, Bools, Floats, Ints, distance
from sim.policies.tour_neighbours import Pairs
from sim.policies.tour_state import TourState

TURN, CROSS, SHIFT, SWAP = range(4)
_LEAST_KM = 1e-6  # what a move must save; less could be rounding


class Moves(NamedTuple):
    """Moves that shorten tours a and b (or one, a = b) by -``km``; u, v, t are places in the order.

    TURN, CROSS: the last parts begin at u (of a) and v (of b). SHIFT: the stop at u moves before
    the one at v. SWAP: the stops at u and v.
    """

    kind: Ints
    km: Floats
    a: Ints
    b: Ints
    u: Ints
    v: Ints

    def some(self, rows: list[int]) -> Moves:
        """The moves in these rows."""
        a, b, u, v = (column[rows] for column in (self.a, self.b, self.u, self.v))
        return Moves(self.kind[rows], self.km[rows], a, b, u, v)


class _Looks(NamedTuple):
    """Pairs that are worth a look, with the km into and out of both stops."""

    i: Ints
    j: Ints
    km: Floats
    into_i: Floats
    out_i: Floats
    into_j: Floats
    out_j: Floats

    def swapped(self) -> _Looks:
        """The same pairs the other way round."""
        return _Looks(self.j, self.i, self.km, self.into_j, self.out_j, self.into_i, self.out_i)


def find_moves(state: TourState, pairs: Pairs) -> Moves | None:
    """All moves that make stops of one of the ``pairs`` neighbours and save distance."""
    reach = np.maximum(state.into, state.back)
    rows = np.flatnonzero(pairs.km < np.maximum(reach.take(pairs.i), reach.take(pairs.j)))
    i, j, km = pairs.some(rows)
    looks = _Looks(
        i, j, km, state.into.take(i), state.back.take(i), state.into.take(j), state.back.take(j)
    )
    turned = looks.swapped()
    moves = [
        _turns(state, looks, True),
        _turns(state, looks, False),
        _crossings(state, looks),
        _crossings(state, turned),
        *_shifts(state, looks),
        *_shifts(state, turned),
        *_swaps(state, looks),
        *_swaps(state, turned),
    ]
    moves = [some for some in moves if len(some.km)]
    if not moves:
        return None
    return Moves(*(np.concatenate(columns) for columns in zip(*moves, strict=True)))


def _turns(s: TourState, looks: _Looks, after: bool) -> Moves:
    """Cut after both stops and join the first parts, or before both and join the last parts."""
    km_i, km_j = (looks.out_i, looks.out_j) if after else (looks.into_i, looks.into_j)
    x, y = (s.x_after, s.y_after) if after else (s.x_before, s.y_before)
    rows = np.flatnonzero(looks.km < np.maximum(km_i, km_j))
    i, j, near = looks.i.take(rows), looks.j.take(rows), looks.km.take(rows)
    other = distance(x.take(i) - x.take(j), y.take(i) - y.take(j))
    km = near + other - km_i.take(rows) - km_j.take(rows)
    rows = np.flatnonzero(km < -_LEAST_KM)
    i, j, near, other, km = i[rows], j[rows], near[rows], other[rows], km[rows]
    a, b = s.tour[i], s.tour[j]
    same = a == b
    heads = s.carried[:, i] + s.carried[:, j]
    if not after:
        heads -= s.weight[:, i] + s.weight[:, j]
    fits = same | _parts_fit(s, a, b, heads)
    if s.block.time is not None:
        (head_i, tail_i), (head_j, tail_j) = _cut(s, i, a, after), _cut(s, j, b, after)
        heads_join, tails_join = (near, other) if after else (other, near)
        fits &= same | _in_time(
            s, head_i + head_j + s.rate[i] * heads_join, tail_i + tail_j + s.rate[i] * tails_join
        )
    rows = np.flatnonzero(fits)
    u, v = s.place[i[rows]] + after, s.place[j[rows]] + after
    return _moves(TURN, km[rows], a[rows], b[rows], u, v)


def _crossings(s: TourState, looks: _Looks) -> Moves:
    """Cut after i and before j, and let j follow i; what came before j goes on where i did."""
    rows = np.flatnonzero(looks.km < np.maximum(looks.out_i, looks.into_j))
    i, j, near = looks.i.take(rows), looks.j.take(rows), looks.km.take(rows)
    other = distance(s.x_after.take(i) - s.x_before.take(j), s.y_after.take(i) - s.y_before.take(j))
    km = near + other - looks.out_i.take(rows) - looks.into_j.take(rows)
    rows = np.flatnonzero(km < -_LEAST_KM)
    i, j, near, other, km = i[rows], j[rows], near[rows], other[rows], km[rows]
    a, b = s.tour[i], s.tour[j]
    joined = s.carried[:, i] + s.total[:, b] - s.carried[:, j] + s.weight[:, j]
    fits = (a != b) & _parts_fit(s, a, b, joined)
    if s.block.time is not None:
        (head_i, tail_i), (head_j, tail_j) = _cut(s, i, a, True), _cut(s, j, b, False)
        fits &= _in_time(s, head_i + tail_j + s.rate[i] * near, head_j + tail_i + s.rate[i] * other)
    rows = np.flatnonzero(fits)
    return _moves(CROSS, km[rows], a[rows], b[rows], s.place[i[rows]] + 1, s.place[j[rows]])


def _shifts(s: TourState, looks: _Looks) -> Iterator[Moves]:
    """Move i next to j: after it, or before it."""
    detour = s.detour.take(looks.i)
    rows = np.flatnonzero(looks.km < detour)
    all_i, all_j, saved = looks.i[rows], looks.j[rows], looks.km[rows] - detour[rows]
    all_x, all_y = s.x[all_i], s.y[all_i]
    for after in (True, False):
        x, y, beside = (
            (s.x_after, s.y_after, s.after) if after else (s.x_before, s.y_before, s.before)
        )
        link = (looks.out_j if after else looks.into_j)[rows]
        km = saved + distance(all_x - x[all_j], all_y - y[all_j]) - link
        some = np.flatnonzero(km < -_LEAST_KM)
        i, j, km = all_i[some], all_j[some], km[some]
        a, b = s.tour[i], s.tour[j]
        fits = np.all(s.total[:, b] + s.weight[:, i] <= LIMIT, axis=0)
        if s.block.time is not None:
            longer = s.rate[i] * (km + s.detour[i]) + s.service[i]
            fits &= s.hours[b] + longer <= s.block.time.limit
        some = np.flatnonzero((beside[j] != i) & ((a == b) | fits))
        i, j = i[some], j[some]
        yield _moves(SHIFT, km[some], a[some], b[some], s.place[i], s.place[j] + after)


def _swaps(s: TourState, looks: _Looks) -> Iterator[Moves]:
    """Put i next to j in the place of the stop that is after j, or before it."""
    reach = np.maximum(looks.out_i, looks.into_i)
    rows = np.flatnonzero(looks.km < reach)
    rows = rows.compress(s.tour.take(looks.i.take(rows)) != s.tour.take(looks.j.take(rows)))
    all_i, all_j, near = looks.i.take(rows), looks.j.take(rows), looks.km.take(rows)
    links = looks.out_i.take(rows) + looks.into_i.take(rows)
    all_x, all_y = s.x.take(all_i), s.y.take(all_i)
    for after in (True, False):
        beside = s.after if after else s.before
        k = beside.take(all_j)
        end = beside.take(k)
        there = near + distance(all_x - s.x.take(end), all_y - s.y.take(end))
        there -= s.into.take(k) + s.back.take(k)
        some = np.flatnonzero((there - links < -_LEAST_KM) & (k < s.block.stops))
        i, k, there = all_i[some], k[some], there[some]
        x, y = s.x[k], s.y[k]
        here = distance(x - s.x_before[i], y - s.y_before[i])
        here += distance(x - s.x_after[i], y - s.y_after[i])
        here -= links[some]
        some = np.flatnonzero(there + here < -_LEAST_KM)
        i, k, there, here = i[some], k[some], there[some], here[some]
        a, b = s.tour[i], s.tour[k]
        more = s.weight[:, k] - s.weight[:, i]
        fits = np.all((s.total[:, a] + more <= LIMIT) & (s.total[:, b] - more <= LIMIT), axis=0)
        if s.block.time is not None:
            longer = s.service[k] - s.service[i]
            fits &= _in_time(
                s,
                s.hours[a] + s.rate[i] * here + longer,
                s.hours[b] + s.rate[i] * there - longer,
            )
        some = np.flatnonzero(fits)
        i, k = i[some], k[some]
        yield _moves(SWAP, (there + here)[some], a[some], b[some], s.place[i], s.place[k])


def _parts_fit(s: TourState, a: Ints, b: Ints, part: Ints) -> Bools:
    """Whether tours a and b can be split anew into ``part`` (dimensions, moves) and the rest."""
    rest = s.total[:, a] + s.total[:, b] - part
    return np.asarray(np.all((part <= LIMIT) & (rest <= LIMIT), axis=0))


def _cut(s: TourState, stop: Ints, tour: Ints, after: bool) -> tuple[Floats, Floats]:
    """Hours of the parts of tours that are cut after or before a stop, without the link."""
    until = s.from_depot[stop]
    if after:
        return until, s.hours[tour] - until - s.rate[stop] * s.back[stop]
    done = until - s.service[stop]
    return done - s.rate[stop] * s.into[stop], s.hours[tour] - done


def _in_time(s: TourState, one: Floats, other: Floats) -> Bools:
    assert s.block.time is not None
    return np.maximum(one, other) <= s.block.time.limit


def _moves(kind: int, km: Floats, a: Ints, b: Ints, u: Ints, v: Ints) -> Moves:
    return Moves(np.full(len(km), kind), km, a, b, u, v)
