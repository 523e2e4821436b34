"""Whole numbers shared out in proportion to weights, so that they add up exactly.

The method is Hamilton's, the largest remainder (M. L. Balinski & H. P. Young, "Fair
Representation", 2nd ed. 2001, appendix A): everybody gets the whole part of their quota, and what
is left goes, one each, to the largest fractional parts. Ties go to the lower position. All
arithmetic is on integers, so nothing depends on rounding. Two more ways stand beside it: between a
lowest and a highest share, and along a row as evenly as whole units allow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Int64s = NDArray[np.int64]


def share_out(total: int, weights: ArrayLike) -> Int64s:
    """``total`` units shared out in proportion to ``weights`` (integers, shape (n,)).

    Returns int64 of shape (n,) that sums to ``total``; each share is its quota rounded down or up,
    and a weight of 0 gets nothing. Raises ValueError for a negative total or weight, or for
    something to share with no weight to share it by; TypeError if a weight is not an integer.
    """
    by = _integers(weights, "weights")
    return share_out_groups([total], by, np.zeros(by.size, dtype=np.int64))


def share_out_groups(totals: ArrayLike, weights: ArrayLike, group: ArrayLike) -> Int64s:
    """``share_out`` within many groups at once.

    ``totals`` has shape (groups,), ``weights`` and ``group`` have shape (n,); ``group`` holds the
    group's index of each member. Returns int64 of shape (n,): the members of group g sum to
    ``totals[g]``. Raises as ``share_out`` does.
    """
    total = _integers(totals, "totals")
    weight = _integers(weights, "weights")
    member = _integers(group, "group")
    if weight.size == 0:
        if total.any():
            raise ValueError("there is something to share out, but nobody to get it")
        return np.zeros(0, dtype=np.int64)

    sums = np.zeros(total.size, dtype=np.int64)
    np.add.at(sums, member, weight)
    if np.any((sums == 0) & (total > 0)):
        worst = int(np.flatnonzero((sums == 0) & (total > 0))[0])
        raise ValueError(
            f"group {worst} has {total[worst]} to share out, but the weights of its members are 0"
        )
    if int(total.max()) * int(weight.max()) >= 2**63:
        raise ValueError("total times weight does not fit into 64 bits")

    shares, remainder = np.divmod(total[member] * weight, np.maximum(sums, 1)[member])
    left = total.copy()
    np.subtract.at(left, member, shares)

    # Within each group: largest remainder first, then lowest position.
    order = np.lexsort((-remainder, member))
    counts = np.bincount(member, minlength=total.size)
    first = np.cumsum(counts) - counts
    place = np.arange(member.size) - first[member[order]]
    shares[order[place < left[member[order]]]] += 1
    return shares


def share_out_between(total: int, weights: ArrayLike, fewest: int, most: int) -> Int64s:
    """``total`` units shared out in proportion to ``weights`` (integers, shape (n,)), but from
    ``fewest`` to ``most`` to everybody with a weight above 0.

    Quotas are a multiple of the weights, cut to the limits; the multiple is the one whose quotas
    sum to ``total`` (G. R. Bitran & A. C. Hax, "Disaggregation and resource allocation using convex
    knapsack problems with bounded variables", Management Science 27(4), 1981: who is cut is found
    step by step). Quotas that are not cut are then rounded by largest remainder, ties to the lower
    position; so each share is its quota rounded down or up. Without a limit that cuts this is
    ``share_out``. A weight of 0 gets nothing, and no limit holds for it.

    Returns int64 of shape (n,). Raises ValueError where ``total`` does not lie between the sums of
    the limits, and as ``share_out`` does.
    """
    by = _integers(weights, "weights")
    free = np.flatnonzero(by).tolist()
    lowest, highest = len(free) * fewest, len(free) * most
    if not 0 <= fewest <= most or not lowest <= total <= highest:
        raise ValueError(
            f"{total:,} cannot be shared out with {fewest:,} to {most:,} for each of "
            f"{len(free):,}: that is {lowest:,} to {highest:,} in all"
        )
    shares = np.zeros(by.size, dtype=np.int64)
    rest = total
    while free:
        weight = {row: int(by[row]) for row in free}
        whole = sum(weight.values())
        under = [row for row in free if rest * weight[row] < fewest * whole]
        over = [row for row in free if rest * weight[row] > most * whole]
        missing = sum(fewest * whole - rest * weight[row] for row in under)
        spare = sum(rest * weight[row] - most * whole for row in over)
        cut = {row: fewest for row in under if missing >= spare}
        cut |= {row: most for row in over if spare >= missing}
        if not cut:
            break
        for row, share in cut.items():
            shares[row] = share
        rest -= sum(cut.values())
        free = [row for row in free if row not in cut]
    if free:
        shares[free] = share_out(rest, by[free])
    return shares


def spread_evenly(total: int, count: int) -> Int64s:
    """``total`` units for ``count`` in a row, as evenly as whole units allow.

    The first i together get floor(i × total / count): each gets the mean rounded down or up, and
    any run of neighbours its due share, to within one unit (J. E. Bresenham, "Algorithm for
    computer control of a digital plotter", IBM Systems Journal 4(1), 1965). Returns int64 of shape
    (count,). Raises ValueError for a negative number, or for something to spread over nobody.
    """
    if total < 0 or count < 0 or (total and not count):
        raise ValueError(f"{total} cannot be spread over {count}")
    if total * count >= 2**63:
        raise ValueError("total times count does not fit into 64 bits")
    reached = np.arange(count + 1, dtype=np.int64) * total // max(count, 1)
    return np.diff(reached)


def _integers(values: ArrayLike, name: str) -> Int64s:
    """``values`` as non-negative int64; refuses fractions and negative numbers."""
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers, not {array.dtype}")
    if array.size and array.min() < 0:
        raise ValueError(f"{name} must be 0 or more, not {array.min()}")
    return array.astype(np.int64)
