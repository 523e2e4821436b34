"""Departures by the clock or by the load, and batches that end."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import poisson
from theory import batches
from theory.chains import steady
from theory.queues import mdc_wait


def test_capacity_by_iterating_from_empty() -> None:
    rate, interval, capacity, size = 4.5, 2.0, 10, 400
    arrivals = poisson.pmf(np.arange(size), rate * interval)
    left = np.eye(1, size)[0]
    for _ in range(3000):
        found = np.convolve(left, arrivals)[:size]
        left = np.concatenate([[found[: capacity + 1].sum()], found[capacity + 1 :]])
        left = np.pad(left, (0, size - len(left)))
    table = batches.timetable(rate, interval, capacity)
    assert table.left == pytest.approx(float(np.arange(size) @ left), rel=1e-9)
    taken = float(np.minimum(np.arange(size), capacity) @ found)
    assert table.load == pytest.approx(taken, rel=1e-9)
    assert table.full == pytest.approx(float(found[capacity:].sum()), rel=1e-9)
    assert table.leaves == pytest.approx(float(found[capacity + 1 :].sum()), rel=1e-9)
    assert table.empty == pytest.approx(float(found[0]), rel=1e-6)


def test_capacity_is_related_to_constant_service() -> None:
    """Left behind is the queue of M/D/c, so the wait differs by half an interval."""
    table = batches.timetable(2.4, 1.25, 4)
    assert table.wait == pytest.approx(mdc_wait(2.4, 1.25, 4) + 1.25 / 2)


def test_much_room_is_no_limit() -> None:
    wide, free = batches.timetable(3.0, 2.0, 60), batches.timetable_unlimited(3.0, 2.0)
    assert wide.wait == pytest.approx(free.wait)
    assert wide.empty == pytest.approx(free.empty)
    assert free.empty == pytest.approx(math.exp(-6.0))
    with pytest.raises(ValueError, match="below 0"):
        batches.timetable(3.0, 2.0, 6)


@pytest.mark.parametrize(
    ("rate", "load", "patience"), [(1.0, 5, 3.0), (0.3, 4, 1.0), (8.0, 3, 0.5)]
)
def test_full_or_after_by_integrals(rate: float, load: int, patience: float) -> None:
    """The period of a trip and the lot-hours in it as integrals over the time since the first."""

    def there(t: float) -> float:
        return sum(float(poisson.pmf(k, rate * t)) for k in range(load - 1))

    def lots(t: float) -> float:
        return sum((1 + k) * float(poisson.pmf(k, rate * t)) for k in range(load - 1))

    found = batches.full_or_after(rate, load, patience)
    period = 1 / rate + quad(there, 0.0, patience)[0]
    assert found.rate == pytest.approx(1 / period)
    assert found.load == pytest.approx(rate * period)
    assert found.wait == pytest.approx(quad(lots, 0.0, patience)[0] / found.load)
    assert found.full == pytest.approx(1 - there(patience))


def test_full_or_after_by_direct_solution_with_many_stages() -> None:
    """A patience of 200 exponential stages is nearly constant: wait by Little's law."""
    rate, load, patience, stages = 1.0, 4, 2.5, 200

    def moves(state: tuple[int, int]) -> list[tuple[tuple[int, int], float]]:
        n, stage = state
        if n == 0:
            return [((1, 0), rate)]
        more = (n + 1, stage) if n + 1 < load else (0, 0)
        later = (n, stage + 1) if stage + 1 < stages else (0, 0)
        return [(more, rate), (later, stages / patience)]

    chances = steady(moves, (0, 0))
    waiting = sum(n * chance for (n, _), chance in chances.items())
    assert batches.full_or_after(rate, load, patience).wait == pytest.approx(waiting, rel=3e-3)


def test_full_or_after_has_the_right_limits() -> None:
    endless = batches.full_or_after(2.0, 9, math.inf)
    assert endless.wait == pytest.approx(batches.when_full_wait(2.0, 9))
    assert (endless.load, endless.rate, endless.full) == pytest.approx((9.0, 2 / 9, 1.0))
    assert batches.when_full_wait(2.0, 9) == 2.0
    single = batches.full_or_after(2.0, 1, 3.0)
    assert (single.load, single.wait, single.full) == (1.0, 0.0, 1.0)
    never_full = batches.full_or_after(2.0, 500, 3.0)
    assert never_full.load == pytest.approx(1 + 2.0 * 3.0)
    assert never_full.wait == pytest.approx((3.0 + 6.0 * 1.5) / 7.0)  # the first waits 3 hours
    two = batches.full_or_after(1.0, 2, 1.0)
    assert two.load == pytest.approx(2 - math.exp(-1))


def _absorbed(lots: int, service: float, servers: int) -> float:
    """Expected time to absorption from the generator of the pure death process."""
    rates = np.minimum(np.arange(1, lots + 1), servers) / service
    generator = np.diag(-rates) + np.diag(rates[1:], -1)
    return float(-np.linalg.solve(generator, np.ones(lots))[-1])


@pytest.mark.parametrize(("lots", "servers"), [(1, 1), (7, 3), (5, 9), (40, 4)])
def test_makespan_of_a_batch(lots: int, servers: int) -> None:
    assert batches.batch_makespan(lots, 1.5, servers) == pytest.approx(
        _absorbed(lots, 1.5, servers)
    )


def test_makespan_by_hand() -> None:
    assert batches.longest(4, 12.0) == pytest.approx(25.0)  # 12 (1 + 1/2 + 1/3 + 1/4)
    assert batches.batch_makespan(5, 2.0, 1) == pytest.approx(10.0)
    assert batches.batch_wait(5, 2.0, 1) == pytest.approx(4.0)  # 0, 2, 4, 6, 8
    assert batches.batch_wait(3, 2.0, 3) == 0.0
    assert batches.batch_wait(4, 2.0, 2) == pytest.approx((0 + 0 + 1 + 2) / 4)


@pytest.mark.parametrize(("lots", "servers"), [(6, 1), (6, 6)])
def test_law_of_the_makespan(lots: int, servers: int) -> None:
    beyond = quad(lambda t: 1 - batches.batch_makespan_cdf(t, lots, 1.5, servers), 0, 200)[0]
    assert beyond == pytest.approx(batches.batch_makespan(lots, 1.5, servers))
    with pytest.raises(ValueError, match="one server"):
        batches.batch_makespan_cdf(1.0, 6, 1.5, 2)
