"""Sourcing: which factory supplies which destination with how many units."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class SourcingRule(Protocol):
    """Assign needs to origins.

    Args:
        cost: km from each origin to each destination, shape (origins, destinations).
        need: units that each destination needs, shape (destinations,).
        capacity: units that each origin can give, shape (origins,); inf is no limit.

    Returns:
        Units from each origin to each destination; every column sums to its need.
    """

    def __call__(self, cost: Floats, need: Ints, capacity: Floats) -> Ints: ...


def nearest(cost: Floats, need: Ints, capacity: Floats) -> Ints:
    """Supply every destination from its nearest origin that can give anything at all.

    Capacities only say which origins take part: goods beyond one come later, not from elsewhere.
    """
    able = np.flatnonzero(capacity > 0)
    units = np.zeros(cost.shape, np.int64)
    units[able[np.argmin(cost[able], axis=0)], np.arange(len(need))] = need
    return units


def least_cost(cost: Floats, need: Ints, capacity: Floats) -> Ints:
    """Move all units over the fewest unit-kilometres within the capacities (Hitchcock 1941).

    Where the capacities do not cover the need, all finite ones are raised by the same factor: the
    campaign then takes longer, and no factory is favoured. Solved as a transportation problem with
    the HiGHS simplex method, whose vertex solutions are integers.

    Raises:
        ValueError: no origin can give anything, or the solver finds no optimum.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    able = np.flatnonzero(capacity > 0)
    if not len(able):
        raise ValueError("no origin can give anything")
    limit = within(capacity[able], int(need.sum()))
    origins, destinations = len(able), len(need)
    variable = np.arange(origins * destinations)
    ones = np.ones(len(variable))
    shape = (destinations, len(variable))
    arrivals = coo_array((ones, (variable % destinations, variable)), shape=shape)
    shape = (origins, len(variable))
    departures = coo_array((ones, (variable // destinations, variable)), shape=shape)
    solution = linprog(
        cost[able].ravel(),
        A_ub=departures,  # type: ignore[call-overload]
        b_ub=limit,
        A_eq=arrivals,
        b_eq=need,
        method="highs-ds",
    )
    if not solution.success:
        raise ValueError(f"no least-cost sourcing was found: {solution.message}")
    units = np.zeros(cost.shape, np.int64)
    units[able] = np.rint(solution.x).astype(np.int64).reshape(origins, destinations)
    if (units.sum(axis=0) != need).any():
        raise ValueError("the least-cost sourcing is not in whole units")
    return units


def within(capacity: Floats, total: int) -> Floats:
    """Return whole capacities that cover ``total``: as they are, or raised by one common factor."""
    whole: Floats = np.floor(np.minimum(capacity, total))
    if whole.sum() < total:
        whole = np.ceil(capacity * (total / capacity.sum()))
    return whole


SOURCING_RULES: dict[str, SourcingRule] = {"least-cost": least_cost, "nearest": nearest}
