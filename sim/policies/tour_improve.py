"""Improvement of all tours of a block at once: in each round, every tour makes its best move."""

from __future__ import annotations

import numpy as np

from sim.policies.tour_block import Bools, Ints, TourBlock
from sim.policies.tour_moves import CROSS, SHIFT, SWAP, TURN, Moves, find_moves
from sim.policies.tour_neighbours import Pairs
from sim.policies.tour_state import TourState


def improve(
    block: TourBlock, order: Ints, count: Ints, pairs: Pairs, rounds: int
) -> tuple[Ints, Ints]:
    """Shorten the tours by local search; returns the new order of stops and stops per tour.

    ``order`` (stops) and ``count`` (tours) as in the result; ``pairs`` are the near stops that may
    become neighbours. In each round the best moves are made that do not touch the same tour. It
    ends after ``rounds`` rounds, or when there are no more moves. Limits hold throughout.
    """
    state = TourState(block, order, count)
    near = pairs
    for _ in range(rounds):
        moves = find_moves(state, near)
        if moves is None:
            break
        state.rearrange(*_made(state, _compatible(moves, len(state.first) - 1)))
        changed = state.changed.take(pairs.i) | state.changed.take(pairs.j)
        near = pairs.some(np.flatnonzero(changed))
    count = np.diff(state.first)
    return state.order, count[count > 0]


def _compatible(moves: Moves, tours: int) -> Moves:
    """The best moves, one by one, that leave alone the tours of those before."""
    best = np.argsort(moves.km, kind="stable")
    taken = bytearray(tours)
    chosen = []
    for move, a, b in zip(
        best.tolist(), moves.a[best].tolist(), moves.b[best].tolist(), strict=True
    ):
        if not (taken[a] or taken[b]):
            taken[a] = taken[b] = 1
            chosen.append(move)
    return moves.some(chosen)


def _made(state: TourState, moves: Moves) -> tuple[Ints, Ints, Bools]:
    """The tours after the moves: order, count, and which tours changed.

    Every new tour is put together from parts of the old order, some of them backwards.
    """
    first, last = state.first[:-1], state.first[1:]
    order = state.order.copy()
    rows = moves.kind == SWAP
    u, v = moves.u[rows], moves.v[rows]
    order[u], order[v] = state.order[v], state.order[u]

    parts: list[tuple[Ints, int, Ints, Ints, int]] = []  # tour, rank, begin, end, direction
    two = moves.a != moves.b
    a, b, u, v = _rows(moves, (moves.kind == TURN) & two)
    parts += [(a, 0, first[a], u, 1), (a, 1, first[b], v, -1)]
    parts += [(b, 0, u, last[a], -1), (b, 1, v, last[b], 1)]
    a, _, u, v = _rows(moves, (moves.kind == TURN) & ~two)
    u, v = np.minimum(u, v), np.maximum(u, v)
    parts += [(a, 0, first[a], u, 1), (a, 1, u, v, -1), (a, 2, v, last[a], 1)]
    a, b, u, v = _rows(moves, moves.kind == CROSS)
    parts += [(a, 0, first[a], u, 1), (a, 1, v, last[b], 1)]
    parts += [(b, 0, first[b], v, 1), (b, 1, u, last[a], 1)]
    a, b, u, v = _rows(moves, (moves.kind == SHIFT) & two)
    parts += [(a, 0, first[a], u, 1), (a, 1, u + 1, last[a], 1)]
    parts += [(b, 0, first[b], v, 1), (b, 1, u, u + 1, 1), (b, 2, v, last[b], 1)]
    a, _, u, v = _rows(moves, (moves.kind == SHIFT) & (moves.a == moves.b) & (moves.u > moves.v))
    parts += [(a, 0, first[a], v, 1), (a, 1, u, u + 1, 1)]
    parts += [(a, 2, v, u, 1), (a, 3, u + 1, last[a], 1)]
    a, _, u, v = _rows(moves, (moves.kind == SHIFT) & (moves.a == moves.b) & (moves.u < moves.v))
    parts += [(a, 0, first[a], u, 1), (a, 1, u + 1, v, 1)]
    parts += [(a, 2, u, u + 1, 1), (a, 3, v, last[a], 1)]

    built = np.zeros(len(first), dtype=np.bool_)
    for part in parts:
        built[part[0]] = True
    whole = np.flatnonzero(~built)
    parts.append((whole, 0, first[whole], last[whole], 1))
    tour, begin, end = (np.concatenate([part[n] for part in parts]) for n in (0, 2, 3))
    rank, way = (np.concatenate([np.full(len(part[0]), part[n]) for part in parts]) for n in (1, 4))
    sort = np.argsort(tour * 4 + rank)
    tour, begin, end, way = tour[sort], begin[sort], end[sort], way[sort]
    length = end - begin
    offset = np.where(way > 0, begin, end - 1) - way * (np.cumsum(length) - length)
    rows = np.repeat(offset, length) + np.repeat(way, length) * np.arange(len(order))
    changed = np.zeros(len(first), dtype=np.bool_)
    changed[moves.a] = changed[moves.b] = True
    count = np.bincount(tour, weights=length, minlength=len(first)).astype(np.int64)
    return order[rows], count, changed


def _rows(moves: Moves, which: Bools) -> tuple[Ints, Ints, Ints, Ints]:
    return moves.a[which], moves.b[which], moves.u[which], moves.v[which]
