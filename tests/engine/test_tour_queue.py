"""The queue of tours: many sites at once are each the same as by itself, and as simply told."""

from __future__ import annotations

from itertools import pairwise
from math import inf, isnan, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.calendars import CLOSING_RULES, WorkingCalendar, always_open
from sim.engine.tourqueue import TourQueue
from sim.plan.specs import Shift

Floats = NDArray[np.float64]

HORIZON = 200.0
DAYS = WorkingCalendar(
    tuple(24.0 * day + 8.0 for day in range(20)), tuple(24.0 * day + 18.0 for day in range(20))
)
SHIFTS = {
    "always": Shift(always_open(), "finish", always=True),
    **{rule: Shift(DAYS, rule, always=False) for rule in CLOSING_RULES},
}


def told_simply(
    ready: list[float], hours: list[float], vehicles: int, shift: Shift
) -> tuple[list[float], list[float]]:
    """Each tour takes the vehicle that is free first; what fits into no shift leaves it alone."""
    free, began, ended = [0.0] * vehicles, [nan] * len(ready), [nan] * len(ready)
    for tour, since in enumerate(ready):
        if isnan(since):
            break
        free.sort()
        begin, end = CLOSING_RULES[shift.closing].span_at(
            shift.calendar, max(since, free[0]), hours[tour]
        )
        if begin == inf:
            continue
        free[0] = end
        began[tour] = begin if begin <= HORIZON else nan
        ended[tour] = end if end <= HORIZON else nan
    return began, ended


def sites_of(rng: np.random.Generator, sites: int, most: int) -> tuple[Floats, Floats, list[int]]:
    """Tours of many sites: when they are ready (quarters of hours, some never), their hours."""
    ready, counts = list[Floats](), rng.integers(1, most + 1, sites).tolist()
    for count in counts:
        times = np.sort(rng.integers(0, 4 * 220, count) / 4.0)
        times[int(rng.integers(0, count + 1)) if rng.random() < 0.3 else count :] = nan
        ready.append(times)
    hours = rng.integers(1, 4 * 12, sum(counts)) / 4.0
    return np.concatenate(ready), hours, np.concatenate([[0], np.cumsum(counts)]).tolist()


@pytest.mark.parametrize("rule", SHIFTS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), vehicles=st.sampled_from([1, 2, 4]))
def test_many_sites_are_each_as_simply_told(rule: str, seed: int, vehicles: int) -> None:
    rng = np.random.default_rng(seed)
    ready, hours, first = sites_of(rng, sites=60, most=14)
    shift = SHIFTS[rule]
    queue = TourQueue(ready, hours, np.array(first), vehicles, shift, HORIZON)
    queue.send_out(np.arange(60))
    for low, high in pairwise(first):
        began, ended = told_simply(
            ready[low:high].tolist(), hours[low:high].tolist(), vehicles, shift
        )
        np.testing.assert_array_equal(queue.began[low:high], began)
        np.testing.assert_array_equal(queue.ended[low:high], ended)


@pytest.mark.parametrize("rule", SHIFTS)
@pytest.mark.parametrize("vehicles", [1, 3, inf])
def test_a_site_among_many_is_the_same_as_by_itself(rule: str, vehicles: float) -> None:
    ready, hours, first = sites_of(np.random.default_rng(5), sites=80, most=30)
    together = TourQueue(ready, hours, np.array(first), vehicles, SHIFTS[rule], HORIZON)
    together.send_out(np.arange(80))
    apart = TourQueue(ready, hours, np.array(first), vehicles, SHIFTS[rule], HORIZON)
    for site in range(80):
        apart.send_out(np.array([site]))
    np.testing.assert_array_equal(together.began, apart.began)
    np.testing.assert_array_equal(together.ended, apart.ended)
    assert np.isfinite(together.began).sum() > 300


def test_only_the_sites_asked_for_send_out_tours() -> None:
    queue = TourQueue(
        np.zeros(6), np.ones(6), np.array([0, 2, 4, 6]), 1.0, SHIFTS["always"], HORIZON
    )
    queue.send_out(np.array([1]))
    np.testing.assert_array_equal(queue.began, [nan, nan, 0.0, 1.0, nan, nan])
    np.testing.assert_array_equal(queue.ended, [nan, nan, 1.0, 2.0, nan, nan])


@pytest.mark.parametrize("vehicles", [1, 2, 1100])
def test_one_tour_more_than_vehicles_waits_for_the_first_that_is_home(vehicles: int) -> None:
    """Tours of 1, 2, 3, ... hours: the last begins after one hour, wherever else vans go out."""
    tours = vehicles + 1
    hours = np.tile(np.arange(1.0, tours + 1), 2)
    first = np.array([0, tours, 2 * tours])
    queue = TourQueue(np.zeros(2 * tours), hours, first, float(vehicles), SHIFTS["always"], inf)
    queue.send_out(np.arange(2))
    for site in range(2):
        mine = slice(first[site], first[site + 1])
        np.testing.assert_array_equal(queue.began[mine], [*[0.0] * vehicles, 1.0])
        np.testing.assert_array_equal(queue.ended[mine], [*range(1, tours), tours + 1.0])
