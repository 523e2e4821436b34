"""Networks against product forms summed directly, Markov chains and plain recursions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from theory import networks as net
from theory.chains import mean, steady
from theory.networks import Stage
from theory.queues import mmc


def test_tandem_is_the_sum_of_its_stations() -> None:
    found = net.jackson([1.5, 0.0, 0.0], np.eye(3, k=1), [0.5, 1.0, 0.4], [1, 2, 1])
    alone = [mmc(1.5, 0.5, 1), mmc(1.5, 1.0, 2), mmc(1.5, 0.4, 1)]
    assert found.arrivals == pytest.approx((1.5, 1.5, 1.5))
    assert found.time == pytest.approx(sum(queue.time for queue in alone))


def test_split_and_rework_by_direct_solution() -> None:
    """Station 0 sends 30 % to station 1; a quarter of those come back."""

    def moves(state: tuple[int, int]) -> Iterator[tuple[tuple[int, int], float]]:
        a, b = state
        if a < 50:
            yield (a + 1, b), 0.4
        if a:
            yield (a - 1, b), 0.7 * 1.0
            if b < 50:
                yield (a - 1, b + 1), 0.3 * 1.0
        if b:
            yield (a, b - 1), 0.75 * min(b, 2) * 0.25
            if a < 50:
                yield (a + 1, b - 1), 0.25 * min(b, 2) * 0.25

    chances = steady(moves, (0, 0))
    found = net.jackson([0.4, 0.0], [[0.0, 0.3], [0.25, 0.0]], [1.0, 4.0], [1, 2])
    for which in (0, 1):
        present = mean(chances, lambda state: state[which])  # noqa: B023
        assert found.queues[which].present == pytest.approx(present, rel=1e-7)
    assert found.time == pytest.approx(mean(chances, sum) / 0.4, rel=1e-7)


FLEET = [Stage(0.5, 1), Stage(3.0, None), Stage(1.2, 2), Stage(0.9, 3, visits=1.5)]


def _summed(stages: list[Stage], vehicles: int) -> tuple[float, list[float]]:
    """Throughput and numbers present by summing the product form over all states."""
    total, present = 0.0, [0.0] * len(stages)
    below = 0.0
    for state in product(range(vehicles + 1), repeat=len(stages)):
        if sum(state) not in (vehicles, vehicles - 1):
            continue
        weight = 1.0
        for stage, n in zip(stages, state, strict=True):
            demand = stage.visits * stage.service_mean
            for k in range(1, n + 1):
                weight *= demand / min(k, stage.servers or k)
        if sum(state) == vehicles:
            total += weight
            present = [so_far + weight * n for so_far, n in zip(present, state, strict=True)]
        else:
            below += weight
    return below / total, [part / total for part in present]


@pytest.mark.parametrize("vehicles", [1, 2, 3, 7])
def test_closed_fleet_by_the_product_form(vehicles: int) -> None:
    found = net.closed_network(FLEET, vehicles)
    throughput, present = _summed(FLEET, vehicles)
    assert found.throughput == pytest.approx(throughput)
    assert found.present == pytest.approx(present)
    assert sum(found.present) == pytest.approx(vehicles)


def _mean_values(demands: list[float], delay: float, vehicles: int) -> float:
    """Throughput with single servers and a delay by Reiser & Lavenberg's recursion (1980)."""
    present = np.zeros(len(demands))
    rate = 0.0
    for count in range(1, vehicles + 1):
        times = np.array(demands) * (1.0 + present)
        rate = count / (delay + float(times.sum()))
        present = rate * times
    return rate


@pytest.mark.parametrize("vehicles", [1, 5, 20, 200])
def test_single_servers_by_mean_value_analysis(vehicles: int) -> None:
    stages = [Stage(0.8), Stage(4.0, None), Stage(0.25, 1, visits=3.0), Stage(0.8)]
    found = net.closed_network(stages, vehicles)
    expected = _mean_values([0.8, 0.75, 0.8], 4.0, vehicles)
    assert found.throughput == pytest.approx(expected, rel=1e-12)
    assert sum(found.present) == pytest.approx(vehicles)


@pytest.mark.parametrize("servers", [2, 16])
def test_a_large_fleet_keeps_the_narrowest_stage_busy(servers: int) -> None:
    """Where mean-value analysis with several servers would be lost in rounding."""
    stages = [Stage(0.8, servers), Stage(4.0, None), Stage(1.32, servers)]
    found = net.closed_network(stages, 400)
    assert found.throughput == pytest.approx(servers / 1.32)
    assert found.times[0] == pytest.approx(mmc(servers / 1.32, 0.8, servers).time)


def test_machine_repair_is_a_closed_fleet() -> None:
    """Two stages, delay and one server: Erlang's loss formula gives the share of idleness."""
    found = net.closed_network([Stage(5.0, None), Stage(1.0, 1)], 6)
    idle = 1.0 / sum(math.perm(6, k) * 0.2**k for k in range(7))
    assert found.busy[1] == pytest.approx(1.0 - idle)
    assert net.closed_network(FLEET, 1).times == pytest.approx((0.5, 3.0, 1.2, 0.9))


@pytest.mark.parametrize("vehicles", [1, 2, 4, 5, 6, 9])
def test_constant_fleet_in_the_long_run(vehicles: int) -> None:
    stages = [Stage(0.5, 1), Stage(3.0, None), Stage(1.25, 2), Stage(0.75, 1)]
    ends = net.constant_fleet_ends(stages, vehicles, 40)[:, -1]
    rate = net.constant_fleet_throughput(stages, vehicles)
    assert rate == pytest.approx(min(vehicles / 5.5, 1 / 0.75))
    rounds = 10 * vehicles  # long after the start, over whole rounds
    assert (ends[-1] - ends[-1 - rounds]) / rounds == pytest.approx(1.0 / rate)


def test_constant_fleet_by_hand() -> None:
    """Two trucks, a dock of 1 hour, a drive of 3 hours: the second always an hour behind."""
    ends = net.constant_fleet_ends([Stage(1.0, 1), Stage(3.0, None)], 2, 3)
    assert ends[:, 1].tolist() == [4.0, 5.0, 8.0, 9.0, 12.0, 13.0]
    ends = net.constant_fleet_ends([Stage(2.0, 1), Stage(1.0, None)], 2, 2)
    assert ends[:, 0].tolist() == [2.0, 4.0, 6.0, 8.0]
    assert ends[:, 1].tolist() == [3.0, 5.0, 7.0, 9.0]


@pytest.mark.parametrize(("buffer", "rate"), [(0, 2 / 3), (1, 3 / 4), (5, 7 / 8)])
def test_two_equal_stations_with_blocking(buffer: int, rate: float) -> None:
    assert net.blocking_tandem(1.0, 1.0, buffer) == pytest.approx(rate)
    assert net.blocking_tandem(0.25, 0.25, buffer) == pytest.approx(4 * rate)


def test_blocking_by_direct_solution_and_without_limit() -> None:
    """State: lots at the second station, and whether the first is blocked."""

    def moves(state: tuple[int, bool]) -> Iterator[tuple[tuple[int, bool], float]]:
        n, blocked = state
        if not blocked:
            yield ((n + 1, False) if n < 3 else (3, True)), 1 / 0.8
        if blocked:
            yield (3, False), 1.0
        elif n:
            yield (n - 1, False), 1.0

    chances = steady(moves, (0, False))
    rate = mean(chances, lambda state: state[0] > 0)
    assert net.blocking_tandem(0.8, 1.0, 2) == pytest.approx(rate)
    assert net.blocking_tandem(1.3, 1.0, 300) == pytest.approx(1 / 1.3)
