"""Single stations against textbook numbers, limits, and Markov chains solved directly."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma as gamma_law
from scipy.stats import poisson
from theory import gaps
from theory import queues as q
from theory.chains import mean, steady
from theory.walks import poisson_walk, poisson_walk_mean


def test_three_doctors_of_the_textbook() -> None:
    """Gross & Harris, Fundamentals of Queueing Theory, eye clinic: 6 an hour, 20 minutes each."""
    clinic = q.mmc(6.0, 1 / 3, 3)
    assert clinic.waiting == pytest.approx(8 / 9)
    assert clinic.wait == pytest.approx(4 / 27)
    assert clinic.present == pytest.approx(26 / 9)
    assert clinic.time == pytest.approx(13 / 27)


def test_one_server_is_the_schoolbook_queue() -> None:
    queue = q.mmc(0.8, 1.0)
    assert queue.wait_share == pytest.approx(0.8)
    assert queue.wait == pytest.approx(4.0)
    assert queue.present == pytest.approx(4.0)
    assert q.mmc_wait_quantile(0.9, 0.8, 1.0) == pytest.approx(math.log(8) / 0.2)
    assert q.mmc_wait_quantile(0.1, 0.8, 1.0) == 0.0
    at = q.mmc_wait_quantile(0.95, 2.5, 1.0, 3)
    assert q.mmc_wait_cdf(at, 2.5, 1.0, 3) == pytest.approx(0.95)


def test_inspection_with_room_for_seven() -> None:
    """Gross & Harris, car inspection M/M/3/7, 1 a minute, 6 minutes: Lq 3.09, L 6.06."""
    station = q.mmck(60.0, 0.1, 3, 7)
    assert station.present == pytest.approx(6.06, abs=0.005)
    assert station.waiting == pytest.approx(3.09, abs=0.005)


@pytest.mark.parametrize(("servers", "room"), [(1, 1), (2, 5), (3, 3), (4, 9)])
def test_limited_room_by_direct_solution(servers: int, room: int) -> None:
    def moves(n: int) -> Iterator[tuple[int, float]]:
        if n < room:
            yield n + 1, 3.0
        if n:
            yield n - 1, min(n, servers) / 0.7

    chances = steady(moves, 0)
    queue = q.mmck(3.0, 0.7, servers, room)
    assert queue.lost == pytest.approx(chances[room])
    assert queue.throughput == pytest.approx(mean(chances, lambda n: min(n, servers) / 0.7))
    assert queue.waiting == pytest.approx(mean(chances, lambda n: max(0, n - servers)))
    waits = sum(chances[n] for n in range(servers, room)) / (1 - chances[room])
    assert queue.wait_share == pytest.approx(waits)
    if servers == room:
        assert queue.lost == pytest.approx(q.erlang_b(servers, 2.1))


def test_much_room_is_no_limit() -> None:
    limited, free = q.mmck(1.5, 1.0, 2, 400), q.mmc(1.5, 1.0, 2)
    assert limited.wait == pytest.approx(free.wait)
    assert limited.wait_share == pytest.approx(free.wait_share)


@pytest.mark.parametrize(
    ("servers", "load", "lost"),
    [(1, 1.0, 0.5), (2, 1.0, 0.2), (3, 2.0, 4 / 19), (10, 4.461, 0.01), (20, 12.031, 0.01)],
)
def test_loss_tables(servers: int, load: float, lost: float) -> None:
    """The last two from the usual Erlang B table: load carried at 1 % loss."""
    assert q.erlang_b(servers, load) == pytest.approx(lost, abs=5e-6)
    assert q.erlang_b_carried(servers, load) == pytest.approx(load * (1 - lost), abs=1e-4)


def test_few_sources() -> None:
    def moves(busy: int) -> Iterator[tuple[int, float]]:
        if busy < 3:
            yield busy + 1, (7 - busy) * 0.4
        if busy:
            yield busy - 1, busy / 1.3

    chances = steady(moves, 0)
    asked = mean(chances, lambda busy: (7 - busy) * 0.4)
    assert q.engset(3, 7, 0.4, 1.3) == pytest.approx(chances[3] * 4 * 0.4 / asked)
    assert q.engset(3, 10**6, 2.0e-6, 1.0) == pytest.approx(q.erlang_b(3, 2.0), rel=1e-5)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (2, 1.0), (2, 1.8), (3, 2.1), (10, 9.0)])
def test_constant_service_by_the_chain_of_numbers_present(servers: int, load: float) -> None:
    """Crommelin's own equations: who is present a service time later, iterated from empty."""
    size = 400
    arrivals = poisson.pmf(np.arange(size), load)
    present = np.eye(1, size)[0]
    for _ in range(20000):
        left = np.concatenate([[present[: servers + 1].sum()], present[servers + 1 :]])
        after = np.convolve(left, arrivals)[:size]
        moved, present = float(np.abs(after - present).sum()), after
        if moved < 1e-15:
            break
    waiting = float(np.maximum(np.arange(size) - servers, 0) @ present)
    assert q.mdc_wait(load / 2.0, 2.0, servers) == pytest.approx(waiting / (load / 2.0), rel=1e-9)


def test_constant_service_known_number() -> None:
    """M/D/2 at load 1/2 has 0.1767 lots waiting, the number usually tabulated."""
    assert q.mdc_wait(1.0, 1.0, 2) == pytest.approx(0.1767, abs=5e-5)


def test_constant_service_of_one_server_and_near_the_usual_approximation() -> None:
    assert q.mdc_wait(0.7, 1.0) == pytest.approx(q.mg1(0.7, 1.0, 0.0).wait)
    assert q.mg1(0.7, 1.0, 0.0).wait == pytest.approx(0.7 / 0.6)
    # G. P. Cosmetatos 1976, good to about 1 %
    c, rho = 4, 0.9
    factor = 1 + (1 - rho) * (c - 1) * (math.sqrt(4 + 5 * c) - 2) / (16 * rho * c)
    guess = factor * q.mmc(rho * c, 1.0, c).wait / 2
    assert q.mdc_wait(rho * c, 1.0, c) == pytest.approx(guess, rel=0.01)


@pytest.mark.parametrize(("servers", "rate"), [(1, 0.6), (2, 1.5), (3, 2.0)])
def test_law_of_the_wait_with_constant_service(servers: int, rate: float) -> None:
    def beyond(x: float) -> float:
        return 1.0 - q.mdc_wait_cdf(x, rate, 1.0, servers)

    points, weights = np.polynomial.legendre.leggauss(8)  # smooth between whole service times
    pairs = list(zip(points, weights, strict=True))
    waits = [(k + (point + 1) / 2, w / 2) for k in range(20) for point, w in pairs]
    area = sum(weight * beyond(wait) for wait, weight in waits)
    assert area == pytest.approx(q.mdc_wait(rate, 1.0, servers), rel=1e-7)
    assert q.mdc_wait_cdf(-0.1, rate, 1.0, servers) == 0.0
    if servers == 1:
        assert beyond(0.0) == pytest.approx(rate)


def test_walk_by_sum_and_by_chain() -> None:
    chain = poisson_walk(2.7, 3)
    assert float(np.arange(len(chain)) @ chain) == pytest.approx(poisson_walk_mean(2.7, 3))


def test_erlang_service_by_direct_solution() -> None:
    """M/E2/1: the state is the number of stages of work; waiting lots have two each."""

    def moves(stages: int) -> Iterator[tuple[int, float]]:
        if stages < 400:
            yield stages + 2, 0.75
        if stages:
            yield stages - 1, 2.0

    chances = steady(moves, 0)
    waiting = mean(chances, lambda stages: max(0, (stages + 1) // 2 - 1))
    assert q.mg1(0.75, 1.0, math.sqrt(0.5)).wait == pytest.approx(waiting / 0.75)
    assert q.mg1(0.75, 1.0, 1.0).wait == pytest.approx(q.mmc(0.75, 1.0).wait)


@pytest.mark.parametrize(
    ("transform", "density", "low", "high"),
    [
        (gaps.constant(2.0), None, 0.0, 0.0),
        (gaps.exponential(2.0), lambda x: math.exp(-x / 2) / 2, 0.0, math.inf),
        (gaps.erlang(2.0, 3), lambda x: gamma_law.pdf(x, 3, scale=2 / 3), 0.0, math.inf),
        (gaps.gamma(2.0, 0.5), lambda x: gamma_law.pdf(x, 4, scale=0.5), 0.0, math.inf),
        (gaps.uniform(1.0, 3.0), lambda x: 0.5, 1.0, 3.0),
        (
            gaps.hyperexponential(2.0, 1.5),
            lambda x: sum(p / m * math.exp(-x / m) for p, m in zip(*gaps.balanced(2, 1.5))),  # noqa: B905
            0.0,
            math.inf,
        ),
    ],
)
def test_transforms(transform: gaps.Transform, density: object, low: float, high: float) -> None:
    assert transform(0.0) == pytest.approx(1.0)
    step = 1e-5
    assert (1.0 - transform(step)) / step == pytest.approx(2.0, rel=1e-4)
    if callable(density):
        value = quad(lambda x: density(x) * math.exp(-0.7 * x), low, high)[0]
        assert transform(0.7) == pytest.approx(value)


def test_balanced_branches_have_the_cv() -> None:
    chances, means = gaps.balanced(2.0, 3.0)
    second = sum(2 * p * m * m for p, m in zip(chances, means, strict=True))
    assert second == pytest.approx(q.second_moment(2.0, 3.0))
    assert chances[0] * means[0] == pytest.approx(chances[1] * means[1])


def test_roots_that_are_known() -> None:
    assert q.gim1_sigma(gaps.exponential(1.0), 0.8) == pytest.approx(0.8)
    # D/M/1 at load 1/2: sigma = exp(-2 (1 - sigma)) = 0.2032 in every table
    assert q.gim1_sigma(gaps.constant(2.0), 1.0) == pytest.approx(0.203188, abs=1e-6)
    # E2/M/1, load 1/2: sigma (2 - sigma)^2 = 1, that is (1 - sigma)(sigma^2 - 3 sigma + 1) = 0
    assert q.gim1_sigma(gaps.erlang(1.0, 2), 0.5) == pytest.approx((3 - math.sqrt(5)) / 2)
    with pytest.raises(ValueError, match="steady state"):
        q.gim1(gaps.exponential(1.0), 1.0, 1.0)


@pytest.mark.parametrize("kind", ["erlang", "hyperexponential"])
def test_other_arrivals_by_direct_solution(kind: str) -> None:
    """State: lots present and the phase of the next arrival."""
    chances, means = gaps.balanced(1.0, 2.0)

    def moves(state: tuple[int, int]) -> Iterator[tuple[tuple[int, int], float]]:
        n, phase = state
        if n:
            yield (n - 1, phase), 1 / 0.7
        if n >= 400:
            return
        if kind == "erlang":
            yield ((n, 1) if phase == 0 else (n + 1, 0)), 2.0
        else:
            for after in (0, 1):
                yield (n + 1, after), chances[after] / means[phase]

    found = steady(moves, (0, 0))
    waiting = mean(found, lambda state: max(0, state[0] - 1))
    gap = gaps.erlang(1.0, 2) if kind == "erlang" else gaps.mixture(chances, means)
    queue = q.gim1(gap, 1.0, 0.7)
    assert queue.waiting == pytest.approx(waiting, rel=1e-6)
    beyond = 1.0 - 0.9
    at = q.gim1_wait_quantile(0.9, gap, 0.7)
    sigma = queue.wait_share
    assert sigma * math.exp(-(1 - sigma) * at / 0.7) == pytest.approx(beyond)


def test_in_transit_is_poisson() -> None:
    assert q.mg_infinity_mean(4.0, 2.5) == 10.0
    at = q.mg_infinity_quantile(0.95, 4.0, 2.5)
    assert at == 15  # Poisson table, mean 10: 0.9165 at 14, 0.9513 at 15


@pytest.mark.parametrize("rate", [1.0, 1.2])
def test_no_steady_state(rate: float) -> None:
    for refused in (
        lambda: q.mmc(rate, 2.0, 2),
        lambda: q.mdc_wait(rate, 2.0, 2),
        lambda: q.mg1(rate, 1.0, 2.0),
    ):
        with pytest.raises(ValueError, match="steady state"):
            refused()
