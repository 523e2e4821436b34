"""Tours of which the best, or the exact result, is known."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from sim.geography.distance import great_circle_km
from sim.policies.routing import TOUR_METHODS, plan_sweep, plan_tours

methods = pytest.mark.parametrize("method", list(TOUR_METHODS.values()), ids=list(TOUR_METHODS))


def county(seed: int, stops: int, most: int) -> dict[str, Any]:
    """One depot with stops all around it, at most ``most`` on a tour."""
    place = np.random.default_rng(seed).normal(0.0, 0.3, (stops, 2))
    return {
        "depot_lat": np.array([33.0]),
        "depot_lon": np.array([111.0]),
        "stop_lat": 33.0 + place[:, 0],
        "stop_lon": 111.0 + place[:, 1],
        "stop_depot": np.zeros(stops, dtype=np.int64),
        "loads": np.ones((stops, 1)),
        "capacity": np.array([float(most)]),
    }


def _shortest(km: np.ndarray[Any, Any], stops: tuple[int, ...]) -> float:
    """Length of the best tour from the depot (the last row) by trying all."""
    return min(
        km[-1, order[0]] + km[list(order), [*order[1:], len(km) - 1]].sum()
        for order in itertools.permutations(stops)
        if order[0] <= order[-1]
    )


def _best_plan(km: np.ndarray[Any, Any], most: int) -> float:
    """Length of the best tours of at most ``most`` stops, by dynamic programming over sets."""
    stops = len(km) - 1
    tour = {
        frozenset(some): _shortest(km, some)
        for size in range(1, most + 1)
        for some in itertools.combinations(range(stops), size)
    }
    best = {frozenset[int](): 0.0}
    for size in range(1, stops + 1):
        for some in itertools.combinations(range(stops), size):
            rest = frozenset(some)
            best[rest] = min(
                best[rest - one] + length
                for one, length in tour.items()
                if some[0] in one and one <= rest
            )
    return best[frozenset(range(stops))]


@pytest.mark.parametrize(("most", "each", "mean"), [(7, 1.1, 1.01), (3, 1.1, 1.02)])
def test_small_instances_come_close_to_the_best_plan(most: int, each: float, mean: float) -> None:
    ratios, swept = [], []
    for seed in range(25):
        case = county(seed, 7, most)
        lat = np.append(case["stop_lat"], case["depot_lat"])
        lon = np.append(case["stop_lon"], case["depot_lon"])
        best = _best_plan(great_circle_km(lat[:, None], lon[:, None], lat, lon), most)
        ratios.append(plan_tours(**case).km / best)
        swept.append(plan_sweep(**case).km / best)
    assert min(ratios) >= 1 - 1e-9
    assert max(ratios) <= each
    assert np.mean(ratios) <= mean
    assert min(swept) >= 1 - 1e-9
    assert np.mean(swept) <= 1.25


def test_stops_on_a_ray_make_one_tour_out_and_back() -> None:
    case = county(7, 12, 12)
    case["stop_lat"] = case["depot_lat"] + 0.1 * np.arange(1, 13)[::-1]
    case["stop_lon"] = np.repeat(case["depot_lon"], 12)
    for method in TOUR_METHODS.values():
        tours = method(**case)
        assert len(tours) == 1
        far = great_circle_km(
            case["depot_lat"], case["depot_lon"], case["stop_lat"][:1], case["stop_lon"][:1]
        )
        assert tours.km == pytest.approx(2 * far[0])


@methods
def test_two_towns_make_two_tours(method: Any) -> None:
    rng = np.random.default_rng(8)
    case = county(8, 20, 10)
    side = np.where(np.arange(20) % 2, 1.0, -1.0)
    case["stop_lat"] = case["depot_lat"] + 0.01 * rng.random(20)
    case["stop_lon"] = case["depot_lon"] + side + 0.01 * rng.random(20)
    tours = method(**case)
    assert [sorted(tour.tolist()) for tour in np.split(tours.stop, tours.first[1:-1])] == [
        list(range(0, 20, 2)),
        list(range(1, 20, 2)),
    ]


@methods
def test_stops_at_the_depot_share_tours(method: Any) -> None:
    case = county(9, 30, 15)
    case["stop_lat"] = np.repeat(case["depot_lat"], 30)
    case["stop_lon"] = np.repeat(case["depot_lon"], 30)
    tours = method(**case)
    assert len(tours) == 2
    assert tours.km == 0.0


def test_direction_of_a_symmetric_tour_starts_at_the_lower_index() -> None:
    tours = plan_tours(
        [0.0], [0.0], [0.5, 0.5, 1.0], [1.0, -1.0, 0.0], [0, 0, 0], np.ones((3, 1)), [3.0]
    )
    assert tours.stop.tolist() == [0, 2, 1]
