"""Near pairs of stops of the same depot."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from sim.policies.tour_block import Floats, Ints, TourBlock, distance

MOST_NEIGHBOURS = 16  # so that the pairs of a block fit into the 20 bits of the savings' sort key
_FEW, _ASKING, _CHUNK = 128, 24, 4096  # for so few stops, a search tree would cost more


class Pairs(NamedTuple):
    """Stops i and j that may follow each other on a tour, and the km between them."""

    i: Ints
    j: Ints
    km: Floats

    def some(self, rows: Ints) -> Pairs:
        """The pairs in these rows."""
        return Pairs(self.i.take(rows), self.j.take(rows), self.km.take(rows))


def nearest(block: TourBlock, among: Ints, ask: Ints, neighbours: int) -> Pairs:
    """For each stop of ``ask`` its nearest ``neighbours`` of the same depot out of ``among``.

    Both are ascending; ``ask`` is part of ``among``. A stop counts as its own neighbour. The
    pairs of a stop follow each other by distance. Each depot is searched on its own: in a common
    search tree, ties would be broken by what else is in it.
    """
    start = np.searchsorted(among, block.first)
    begin = np.searchsorted(ask, block.first)
    size, asked = np.diff(start), np.diff(begin)
    few = (size <= _FEW) & (asked <= _ASKING)
    points = np.stack((block.x[among], block.y[among]), axis=1)
    asking = np.searchsorted(among, ask)
    trees = np.flatnonzero((asked > 0) & ~few)
    each = np.minimum(size[trees], neighbours + 1)
    kilometres, found = [np.empty(0)], [asking[:0]]
    for low, high, from_, to in zip(
        start[trees].tolist(), start[trees + 1].tolist(),
        begin[trees].tolist(), begin[trees + 1].tolist(), strict=True,
    ):  # fmt: skip
        here = points[low:high]
        query = here if to - from_ == high - low else points[asking[from_:to]]
        tree = cKDTree(here, 12, False, False, False)  # leaf size; not compact, copied, balanced
        km, index = tree.query(query, min(high - low, neighbours + 1))
        kilometres.append(np.ravel(km))
        found.append(np.ravel(index))
    who = ask[np.repeat(~few, asked)]
    i = np.repeat(who, np.repeat(each, asked[trees]))
    j = among[np.concatenate(found) + np.repeat(start[trees], asked[trees] * each)]
    few_ask = ask[np.repeat(few, asked)]
    return _all(
        [
            Pairs(i, j, np.concatenate(kilometres)),
            *(
                _nearest_of_few(block, among, few_ask[low : low + _CHUNK], start, neighbours)
                for low in range(0, len(few_ask), _CHUNK)
            ),
        ]
    )


def _nearest_of_few(
    block: TourBlock, among: Ints, ask: Ints, start: Ints, neighbours: int
) -> Pairs:
    """As ``nearest``, by looking at all stops of the depot: less work where they are few.

    The table of distances has the same width for every depot, so that ties are broken alike.
    """
    low, high = start[block.depot[ask]], start[block.depot[ask] + 1]
    column = low[:, None] + np.arange(_FEW)
    there = among[np.minimum(column, len(among) - 1)]
    km = distance(block.x[there] - block.x[ask, None], block.y[there] - block.y[ask, None])
    km[column >= high[:, None]] = np.inf
    best = np.argpartition(km, neighbours, axis=1)[:, : neighbours + 1]
    by_km = np.argsort(np.take_along_axis(km, best, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(best, by_km, axis=1)
    km, there = np.take_along_axis(km, best, axis=1), np.take_along_axis(there, best, axis=1)
    row, column = np.nonzero(np.isfinite(km))
    return Pairs(ask[row], there[row, column], km[row, column])


def _all(some: list[Pairs]) -> Pairs:
    return Pairs(
        np.concatenate([pairs.i for pairs in some]),
        np.concatenate([pairs.j for pairs in some]),
        np.concatenate([pairs.km for pairs in some]),
    )


def each_once(pairs: Pairs, stops: int) -> Pairs:
    """Each pair once, and no stop with itself; only exact ties may leave a pair twice."""
    radius, farthest = np.zeros(stops), np.zeros(stops, dtype=np.int64)
    radius[pairs.i], farthest[pairs.i] = pairs.km, pairs.j  # the last one, the farthest, stays
    # If i lies within j's radius, then j lists i as well, and the pair is kept where i < j.
    both = (pairs.km < radius.take(pairs.j)) | (pairs.i == farthest.take(pairs.j))
    keep = np.flatnonzero((pairs.i < pairs.j) | ((pairs.i > pairs.j) & ~both))
    return pairs.some(keep)
