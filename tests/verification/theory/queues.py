"""One station in steady state: arrivals, servers and a queue, first come first served.

``arrival_rate`` is per hour, ``service_mean`` in hours, ``servers`` a whole number. Functions
raise ValueError where no steady state exists.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import poisson

from theory.gaps import Transform
from theory.walks import poisson_walk, poisson_walk_mean


@dataclass(frozen=True, slots=True)
class Queue:
    """Waiting at one station: hours for times, lots for numbers, means unless said otherwise.

    ``wait_share``: chance that an admitted lot waits at all. ``waiting``: lots in the queue.
    ``present``: lots in queue and service. ``lost``: share turned away. ``throughput``: per hour.
    """

    wait_share: float
    wait: float
    waiting: float
    time: float
    present: float
    lost: float
    throughput: float


def erlang_b(servers: int, load: float) -> float:
    """Return the share lost in M/G/c/c; load = arrival rate * service mean.

    A. K. Erlang 1917; recursion B(c) = a B(c-1) / (c + a B(c-1)) (Jagerman 1974). Any service law
    with this mean gives the same share (B. A. Sevastyanov 1957).
    """
    lost = 1.0
    for count in range(1, servers + 1):
        lost = load * lost / (count + load * lost)
    return lost


def erlang_b_carried(servers: int, load: float) -> float:
    """Return the mean number of busy servers in M/G/c/c: load * (1 - B) (Erlang 1917)."""
    return load * (1.0 - erlang_b(servers, load))


def erlang_c(servers: int, load: float) -> float:
    """Return the chance of waiting in M/M/c (Erlang 1917): B / (1 - (load/c) (1 - B))."""
    _stable(load / servers)
    lost = erlang_b(servers, load)
    return lost / (1.0 - load / servers * (1.0 - lost))


def mmc(arrival_rate: float, service_mean: float, servers: int = 1) -> Queue:
    """Return M/M/c: wait = C s / (c - a) (Erlang 1917; Gross & Harris 1998, chapter 2)."""
    load = arrival_rate * service_mean
    share = erlang_c(servers, load)
    return _queue(arrival_rate, share, share * service_mean / (servers - load), service_mean)


def mmc_wait_cdf(wait: float, arrival_rate: float, service_mean: float, servers: int = 1) -> float:
    """Return P(wait <= this) in M/M/c: 1 - C exp(-(c - a) wait / s) (Gross & Harris 1998)."""
    load = arrival_rate * service_mean
    return 1.0 - erlang_c(servers, load) * math.exp(-(servers - load) * wait / service_mean)


def mmc_wait_quantile(
    share: float, arrival_rate: float, service_mean: float, servers: int = 1
) -> float:
    """Return the wait that ``share`` of the lots do not exceed: ``mmc_wait_cdf`` inverted.

    With one server this is also the quantile of M/G/1 with exponential service.
    """
    load = arrival_rate * service_mean
    beyond = erlang_c(servers, load) / (1.0 - share)
    return max(0.0, math.log(beyond) * service_mean / (servers - load))


def mmck(arrival_rate: float, service_mean: float, servers: int, room: int) -> Queue:
    """Return M/M/c/K, ``room`` = K lots in queue and service, further ones turned away.

    Birth and death balance (Gross & Harris 1998, chapter 2); wait and time are those of the
    lots admitted, by Little's law with the rate admitted.
    """
    weights = [1.0]
    for count in range(1, room + 1):
        weights.append(weights[-1] * arrival_rate * service_mean / min(count, servers))
    total = math.fsum(weights)
    chances = [weight / total for weight in weights]
    lost = chances[room]
    waiting = math.fsum((n - servers) * chances[n] for n in range(servers, room + 1))
    admitted = arrival_rate * (1.0 - lost)
    share = math.fsum(chances[servers:room]) / (1.0 - lost)
    return _queue(admitted, share, waiting / admitted, service_mean, lost)


def mdc_wait(arrival_rate: float, service: float, servers: int = 1) -> float:
    """Return the mean wait in M/D/c, exactly (C. D. Crommelin, POEEJ 25, 1932).

    The queue seen every ``service`` hours is the walk X' = max(X + A - c, 0), A Poisson with mean
    arrival_rate * service; its mean is Spitzer's sum, and Little's law gives the wait.
    """
    _stable(arrival_rate * service / servers)
    return poisson_walk_mean(arrival_rate * service, servers) / arrival_rate


def mdc_wait_cdf(wait: float, arrival_rate: float, service: float, servers: int = 1) -> float:
    """Return P(wait <= this) in M/D/c (G. J. Franx, Oper. Res. Letters 29, 2001).

    For (k-1) D <= x < k D: exp(-y) times the sum over j < kc of Q[kc-1-j] y^j / j!, where
    y = arrival_rate (kD - x) and Q are the cumulative chances of the queue length.
    """
    if wait < 0.0:
        return 0.0
    _stable(arrival_rate * service / servers)
    k = int(wait // service) + 1
    reached = np.cumsum(poisson_walk(arrival_rate * service, servers))
    j = np.arange(k * servers)
    lengths = np.minimum(k * servers - 1 - j, len(reached) - 1)
    return float(poisson.pmf(j, arrival_rate * (k * service - wait)) @ reached[lengths])


def mg1(arrival_rate: float, service_mean: float, service_cv: float) -> Queue:
    """Return M/G/1: wait = arrival_rate E S^2 / (2 (1 - rho)) (Pollaczek 1930, Khinchine 1932)."""
    rho = arrival_rate * service_mean
    _stable(rho)
    wait = arrival_rate * second_moment(service_mean, service_cv) / (2.0 * (1.0 - rho))
    return _queue(arrival_rate, rho, wait, service_mean)


def second_moment(mean: float, cv: float) -> float:
    """Return E X^2 = mean^2 (1 + cv^2)."""
    return mean * mean * (1.0 + cv * cv)


def gim1_sigma(gaps: Transform, service_mean: float) -> float:
    """Return the root in (0, 1) of sigma = A*((1 - sigma) / service_mean) (D. G. Kendall 1953).

    ``gaps``: Laplace transform A* of the times between arrivals; see ``theory.gaps``.
    """

    def excess(left: float) -> float:
        return gaps(left / service_mean) - 1.0 + left

    # in 1 - sigma: excess is convex, 0 at 0, first below and at last above 0 if there is a root
    low = 1e-9
    if excess(low) >= 0.0:
        raise ValueError("no steady state: the load of GI/M/1 must be below 1")
    return 1.0 - float(brentq(excess, low, 1.0, xtol=1e-15, rtol=1e-14))


def gim1(gaps: Transform, gap_mean: float, service_mean: float) -> Queue:
    """Return GI/M/1: P(wait) = sigma, wait = sigma s / (1 - sigma) (Kendall 1953; Kleinrock 1975,
    chapter 6)."""
    _stable(service_mean / gap_mean)
    sigma = gim1_sigma(gaps, service_mean)
    return _queue(1.0 / gap_mean, sigma, sigma * service_mean / (1.0 - sigma), service_mean)


def gim1_wait_quantile(share: float, gaps: Transform, service_mean: float) -> float:
    """Return the wait not exceeded by ``share``: P(W > x) = sigma exp(-(1 - sigma) x / s)
    (Kleinrock 1975, chapter 6)."""
    sigma = gim1_sigma(gaps, service_mean)
    return max(0.0, math.log(sigma / (1.0 - share)) * service_mean / (1.0 - sigma))


def mg_infinity_mean(arrival_rate: float, service_mean: float) -> float:
    """Return the mean number present in M/G/infinity, which is Poisson (L. Takacs 1962)."""
    return arrival_rate * service_mean


def mg_infinity_quantile(share: float, arrival_rate: float, service_mean: float) -> int:
    """Return the number present not exceeded for ``share`` of the time (Takacs 1962)."""
    return int(poisson.ppf(share, arrival_rate * service_mean))


def engset(servers: int, sources: int, source_rate: float, service_mean: float) -> float:
    """Return the share of requests lost when each idle source asks at ``source_rate`` (T. O.
    Engset 1918): the chance that the other sources - 1 occupy all servers."""
    ask = source_rate * service_mean
    weights: NDArray[np.float64] = np.array(
        [math.comb(sources - 1, k) * ask**k for k in range(servers + 1)]
    )
    return float(weights[-1] / weights.sum())


def _stable(rho: float) -> None:
    if not 0.0 < rho < 1.0:
        raise ValueError(f"no steady state: the load must lie between 0 and 1, found {rho:g}")


def _queue(rate: float, share: float, wait: float, service: float, lost: float = 0.0) -> Queue:
    time = wait + service
    return Queue(share, wait, rate * wait, time, rate * time, lost, rate)
