"""Whole numbers shared out in proportion to weights, so that they add up exactly.

The method is Hamilton's, the largest remainder (M. L. Balinski & H. P. Young, "Fair
Representation", 2nd ed. 2001, appendix A): everybody gets the whole part of their quota, and what
is left goes, one each, to the largest fractional parts. Ties go to the lower position. All
arithmetic is on integers, so nothing depends on rounding.
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


def spread_evenly(total: int, n: int) -> Int64s:
    """``total`` units spread over ``n`` places in their order, as evenly as whole units allow.

    Returns int64 of shape (n,) that sums to ``total``: place i gets floor((i+1)·total/n) −
    floor(i·total/n), so that every run of places has its share to within a unit (J. E. Bresenham,
    IBM Systems Journal 4, 1965). Raises ValueError for a negative number, for something to spread
    over no place, or if total times n does not fit into 64 bits.
    """
    if total < 0 or n < 0:
        raise ValueError(f"total and places must be 0 or more, not {total} and {n}")
    if n == 0:
        if total:
            raise ValueError("there is something to spread, but no place to get it")
        return np.zeros(0, dtype=np.int64)
    if total * n >= 2**63:
        raise ValueError("total times places does not fit into 64 bits")
    return np.diff(np.arange(n + 1, dtype=np.int64) * total // n)


def _integers(values: ArrayLike, name: str) -> Int64s:
    """``values`` as non-negative int64; refuses fractions and negative numbers."""
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers, not {array.dtype}")
    if array.size and array.min() < 0:
        raise ValueError(f"{name} must be 0 or more, not {array.min()}")
    return array.astype(np.int64)
