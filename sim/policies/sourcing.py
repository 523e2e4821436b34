"""Sourcing: which factory supplies which destination with how many units."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class SourcingRule(Protocol):
    """Assign needs to origins.

    Args:
        cost: km (or hours) from each origin to each destination, shape (origins, destinations);
            inf where the one may not supply the other.
        need: units that each destination needs, shape (destinations,).
        capacity: units that each origin can give, shape (origins,); inf is no limit.

    Returns:
        Units from each origin to each destination; every column sums to its need.

    Raises:
        ValueError: a destination that no origin with a capacity may supply.
    """

    def __call__(self, cost: Floats, need: Ints, capacity: Floats) -> Ints: ...


def nearest(cost: Floats, need: Ints, capacity: Floats) -> Ints:
    """Supply every destination from its nearest origin that can give anything at all.

    Capacities only say which origins take part: goods beyond one come later, not from elsewhere.
    """
    able = _able(cost, need, capacity)
    units = np.zeros(cost.shape, np.int64)
    units[able[np.argmin(cost[able], axis=0)], np.arange(len(need))] = need
    return units


def least_cost(cost: Floats, need: Ints, capacity: Floats) -> Ints:
    """Move all units over the fewest unit-kilometres within the capacities (Hitchcock 1941).

    Where the capacities do not cover the need, all finite ones are raised by the same factor: the
    campaign then takes longer, and no factory is favoured. Solved as a transportation problem with
    the HiGHS simplex method, whose vertex solutions are integers.

    Raises:
        ValueError: a destination that no origin with a capacity may supply, or the solver finds no
            optimum.
    """
    able = _able(cost, need, capacity)
    wanting = np.flatnonzero(need > 0)  # who wants nothing must not decide which of equal optima
    if not len(wanting):
        return np.zeros(cost.shape, np.int64)
    part = np.ix_(able, wanting)
    limit = within(capacity[able], int(need.sum()))
    ways = np.isfinite(cost[part])
    solution = _transport(cost[part], ways, need[wanting], limit)
    if solution is None and not ways.all():
        limit = _stretched(capacity[able], ways, need[wanting])
        solution = _transport(cost[part], ways, need[wanting], limit)
    if solution is None:
        raise ValueError("no least-cost sourcing was found")
    units = np.zeros(cost.shape, np.int64)
    units[part] = solution
    if (units.sum(axis=0) != need).any():
        raise ValueError("the least-cost sourcing is not in whole units")
    return units


def _able(cost: Floats, need: Ints, capacity: Floats) -> Ints:
    """Return the origins that can give anything."""
    able = np.flatnonzero(capacity > 0)
    if not (np.isfinite(cost[able]).any(axis=0) | (need == 0)).all():
        raise ValueError("no origin can give anything")
    return able


def _transport(cost: Floats, ways: Flags, need: Ints, limit: Floats) -> Ints | None:
    """Return the cheapest whole units along the ways within the limits, None if there are none."""
    from scipy.optimize import linprog

    departures, arrivals = _sums(ways)
    solution = linprog(
        cost[ways],
        A_ub=departures,
        b_ub=limit,
        A_eq=arrivals,
        b_eq=need,
        method="highs-ds",
    )
    if solution.status == 2:  # infeasible
        return None
    if not solution.success or solution.x is None:
        raise ValueError(f"no least-cost sourcing was found: {solution.message}")
    units = np.zeros(ways.shape, np.int64)
    units[ways] = np.rint(solution.x).astype(np.int64)
    return units


def _stretched(capacity: Floats, ways: Flags, need: Ints) -> Floats:
    """Return capacities raised by the smallest common factor with which they cover every need."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array, hstack

    departures, arrivals = _sums(ways)
    whole = np.minimum(capacity, need.sum())
    shape = (len(need), 1)
    solution = linprog(
        np.append(np.zeros(int(ways.sum())), 1.0),
        A_ub=hstack([departures, coo_array(-whole[:, None])]),
        b_ub=np.zeros(len(capacity)),
        A_eq=hstack([arrivals, coo_array(shape)]),
        b_eq=need,
        method="highs-ds",
    )
    if not solution.success or solution.x is None:
        raise ValueError(f"no least-cost sourcing was found: {solution.message}")
    return np.asarray(np.ceil(whole * max(solution.x[-1], 1.0) - 1e-6))


def _sums(ways: Flags) -> tuple[Any, Any]:
    """Return the matrices that sum the units of all ways by origin and by destination."""
    from scipy.sparse import coo_array

    origin, destination = np.nonzero(ways)
    variable, ones = np.arange(len(origin)), np.ones(len(origin))
    return tuple(
        coo_array((ones, (end, variable)), shape=(size, len(variable)))
        for end, size in ((origin, ways.shape[0]), (destination, ways.shape[1]))
    )  # type: ignore[return-value]


def within(capacity: Floats, total: int) -> Floats:
    """Return whole capacities that cover ``total``: as they are, or raised by one common factor."""
    whole: Floats = np.floor(np.minimum(capacity, total))
    if whole.sum() < total:
        whole = np.ceil(capacity * (total / capacity.sum()))
    return whole


SOURCING_RULES: dict[str, SourcingRule] = {"least-cost": least_cost, "nearest": nearest}
