"""Routing: last-mile tours from each depot to all of its stops.

A tour method takes all depots of a nation at once. There are two: savings with local search, which
is meant for use, and the sweep, a simple rule to compare with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from numpy.typing import ArrayLike

from sim.policies.tour_block import Demand, Ints, TourBlock, TourTime, check_demand
from sim.policies.tour_improve import improve
from sim.policies.tour_neighbours import MOST_NEIGHBOURS
from sim.policies.tour_savings import savings_tours
from sim.policies.tour_sweep import pairs_on_tours, sweep_tours
from sim.policies.tours import TOUR_ORDERS, Tours, finished, joined, order_tours

__all__ = [
    "TOUR_METHODS", "TOUR_ORDERS", "TourMethod", "TourTime", "Tours", "order_tours", "plan_sweep",
    "plan_tours",
]  # fmt: skip


class TourMethod(Protocol):
    """Plan the tours of all depots.

    Coordinates are degrees: ``depot_lat``, ``depot_lon`` (depots), ``stop_lat``, ``stop_lon``
    (stops). ``stop_depot`` (stops) is the index of each stop's depot, ascending. ``loads`` (stops,
    dimensions) add up along a tour to at most ``capacity`` (dimensions; inf is no limit) in every
    dimension, to one part in 10^9; the number of stops is limited by a dimension of ones.
    ``longest`` limits the mean time of a tour.

    Each stop is on one tour. A tour runs in the direction in which the distances travelled until
    each stop sum up to less; on a tie, from the end with the lower stop index. The tours of a depot
    are in the order of their lowest stop index. They depend on nothing but the depot and its own
    stops. Raises ValueError for arguments that do not agree and for a stop that alone exceeds the
    capacity.
    """

    def __call__(
        self,
        depot_lat: ArrayLike,
        depot_lon: ArrayLike,
        stop_lat: ArrayLike,
        stop_lon: ArrayLike,
        stop_depot: ArrayLike,
        loads: ArrayLike,
        capacity: ArrayLike,
        *,
        longest: TourTime | None = None,
    ) -> Tours: ...


def plan_tours(
    depot_lat: ArrayLike,
    depot_lon: ArrayLike,
    stop_lat: ArrayLike,
    stop_lon: ArrayLike,
    stop_depot: ArrayLike,
    loads: ArrayLike,
    capacity: ArrayLike,
    *,
    longest: TourTime | None = None,
    neighbours: int = 8,
    shape: float = 1.15,
    rounds: int = 6,
) -> Tours:
    """Tours by savings among the nearest ``neighbours`` (1 to 16), then by local search.

    ``shape`` (0.5 to 2) is the weight of the distance between two stops in their savings,
    ``rounds`` the most rounds of local search. See ``TourMethod`` for all else.
    """
    if not 1 <= neighbours <= MOST_NEIGHBOURS:
        raise ValueError(f"neighbours must be from 1 to {MOST_NEIGHBOURS}, not {neighbours}")
    if not 0.5 <= shape <= 2.0:
        raise ValueError(f"shape must be from 0.5 to 2, not {shape}")

    def solve(block: TourBlock) -> tuple[Ints, Ints]:
        order, count, pairs = savings_tours(block, neighbours, shape)
        return improve(block, order, count, pairs, rounds)

    return _plan(
        check_demand(
            depot_lat, depot_lon, stop_lat, stop_lon, stop_depot, loads, capacity, longest
        ),
        solve,
    )


def plan_sweep(
    depot_lat: ArrayLike,
    depot_lon: ArrayLike,
    stop_lat: ArrayLike,
    stop_lon: ArrayLike,
    stop_depot: ArrayLike,
    loads: ArrayLike,
    capacity: ArrayLike,
    *,
    longest: TourTime | None = None,
    rounds: int = 50,
) -> Tours:
    """Tours by sweeping, each shortened by local search; stops do not change tours.

    ``rounds`` is the most rounds of local search. See ``TourMethod`` for all else.
    """

    def solve(block: TourBlock) -> tuple[Ints, Ints]:
        order, count = sweep_tours(block)
        return improve(block, order, count, pairs_on_tours(block, order, count), rounds)

    return _plan(
        check_demand(
            depot_lat, depot_lon, stop_lat, stop_lon, stop_depot, loads, capacity, longest
        ),
        solve,
    )


TOUR_METHODS: dict[str, TourMethod] = {"savings": plan_tours, "sweep": plan_sweep}


def _plan(demand: Demand, solve: Callable[[TourBlock], tuple[Ints, Ints]]) -> Tours:
    """Solve block by block; ``solve`` returns stops in order of visit, and stops per tour."""
    return joined(
        [
            finished(demand, block, depot, stop, *solve(block))
            for depot, stop, block in demand.blocks()
        ]
    )
