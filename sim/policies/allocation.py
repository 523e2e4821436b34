"""Allocation: how goods that are scarce at a site are shared among its destinations.

A rule is a pure function of what is available and what each destination is still owed, in order of
priority; it returns what each gets. The engine calls it whenever goods arrive, wave by wave.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class AllocationRule(Protocol):
    """Share ``available`` units among destinations that are owed ``owed``, first one first.

    Returns units for each destination: integers of at least 0, at most what is owed, that sum to
    the smaller of ``available`` and the sum of ``owed``.
    """

    def __call__(self, available: int, owed: Sequence[int]) -> list[int]: ...


def in_turn(available: int, owed: Sequence[int]) -> list[int]:
    """Fill one destination after the other."""
    shares = [0] * len(owed)
    for index, units in enumerate(owed):
        if units >= available:
            shares[index] = available
            break
        shares[index] = units
        available -= units
    return shares


def proportional(available: int, owed: Sequence[int]) -> list[int]:
    """Share by what is owed, rounded by largest remainder; ties to the earlier destination."""
    total = sum(owed)
    if available >= total:
        return list(owed)
    shares = [available * units // total for units in owed]
    left = available - sum(shares)
    remainders = [available * units % total for units in owed]
    for index in sorted(range(len(owed)), key=lambda i: -remainders[i])[:left]:
        shares[index] += 1
    return shares


def equal_rounds(available: int, owed: Sequence[int]) -> list[int]:
    """Give every destination the same until it has its due; odd units to the earlier ones.

    The level is the largest at which everybody's share, cut to what is owed, is affordable (the
    constrained equal awards rule; Thomson 2003, Mathematical Social Sciences 45, 249-297).
    """
    if available >= sum(owed):
        return list(owed)
    level, before, waiting = 0, 0, len(owed)
    for units in sorted(owed):
        step = units - level
        if before + step * waiting > available:
            break
        before += step * waiting
        level, waiting = units, waiting - 1
    level += (available - before) // waiting
    shares = [min(units, level) for units in owed]
    left = available - sum(shares)
    for index, units in enumerate(owed):
        if left and units > level:
            shares[index] += 1
            left -= 1
    return shares


def neediest_first(available: int, owed: Sequence[int]) -> list[int]:
    """Fill whoever is owed most, then the next; ties to the earlier destination."""
    shares = [0] * len(owed)
    for index in sorted(range(len(owed)), key=lambda i: -owed[i]):
        shares[index] = min(owed[index], available)
        available -= shares[index]
    return shares


ALLOCATION_RULES: dict[str, AllocationRule] = {
    "in-turn": in_turn,
    "proportional": proportional,
    "equal-rounds": equal_rounds,
    "neediest-first": neediest_first,
}

#: How destinations are put in order within a wave: by distance (km), by need (units) or by an
#: attribute; the sign is that of the sort. Ties go to the destination that comes first in the
#: network.
PRIORITY_ORDERS: dict[str, tuple[str, int]] = {
    "nearest-first": ("distance", 1),
    "farthest-first": ("distance", -1),
    "largest-first": ("need", -1),
    "smallest-first": ("need", 1),
    "highest-first": ("attribute", -1),
    "lowest-first": ("attribute", 1),
}
