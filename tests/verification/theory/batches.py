"""Departures by the clock or by the load, and batches that end. Lots are single units."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc
from scipy.stats import poisson

from theory.walks import poisson_tail, poisson_walk, poisson_walk_mean


@dataclass(frozen=True, slots=True)
class Timetable:
    """Means over departures. ``left``: lots left behind; ``load``: lots taken, empty trips counted;
    ``wait``: hours from arrival to departure; ``full`` and ``empty``: shares of departures;
    ``leaves``: share of departures that leave somebody behind."""

    left: float
    wait: float
    load: float
    full: float
    empty: float
    leaves: float


def timetable(arrival_rate: float, interval: float, capacity: int) -> Timetable:
    """Return Poisson arrivals and a vehicle for ``capacity`` lots every ``interval`` hours.

    N. T. J. Bailey (J. Roy. Stat. Soc. B 16, 1954): left' = max(left + A - capacity, 0), A Poisson.
    Mean by Spitzer's sum, chances by solving the chain; Little's law over an interval gives
    wait = left / arrival_rate + interval / 2. Raises ValueError if the vehicles cannot keep up.
    """
    mean = arrival_rate * interval
    left = poisson_walk_mean(mean, capacity)
    behind = poisson_walk(mean, capacity)
    found = np.convolve(behind, poisson.pmf(np.arange(poisson_tail(mean) + 1), mean))
    return Timetable(
        left=left,
        wait=left / arrival_rate + interval / 2.0,
        load=mean,
        full=float(found[capacity:].sum()),
        empty=float(found[0]),
        leaves=float(found[capacity + 1 :].sum()),
    )


def timetable_unlimited(arrival_rate: float, interval: float) -> Timetable:
    """Return the same with room for all: each lot waits uniformly on (0, interval).

    Arrivals of a Poisson process in an interval are uniform (S. M. Ross, Stochastic
    Processes, 1996, section 2.3).
    """
    mean = arrival_rate * interval
    return Timetable(0.0, interval / 2.0, mean, 0.0, math.exp(-mean), 0.0)


@dataclass(frozen=True, slots=True)
class Trips:
    """Means: lots per trip, hours a lot waits, trips per hour; ``full``: share that leave full."""

    load: float
    wait: float
    rate: float
    full: float


def full_or_after(arrival_rate: float, load: int, patience: float) -> Trips:
    """Return a trip that leaves with ``load`` lots or ``patience`` hours after the first waiting.

    Renewal reward over the trips (S. M. Ross, Stochastic Processes, 1996, section 3.6). With N
    the Poisson arrivals within ``patience`` of the first lot and j from 1 to load - 1, the load is
    1 + sum P(N >= j), the trip's period load / arrival_rate, and the lot-hours waited
    sum j P(N >= j) / arrival_rate. ``patience`` may be inf: when full.
    """
    counts = np.arange(1, load)
    reached = (
        poisson.sf(counts - 1, arrival_rate * patience) if patience < math.inf else 1.0 + 0 * counts
    )
    taken = 1.0 + float(np.sum(reached))
    waited = float(np.sum(counts * reached)) / arrival_rate
    full = float(reached[-1]) if load > 1 else 1.0
    return Trips(taken, waited / taken, arrival_rate / taken, full)


def when_full_wait(arrival_rate: float, load: int) -> float:
    """Return the mean wait for a trip that leaves with ``load`` lots: (load - 1) / (2 rate).

    The j-th of them waits for load - j more gaps: elementary.
    """
    return (load - 1) / (2.0 * arrival_rate)


def batch_makespan(lots: int, service_mean: float, servers: int) -> float:
    """Return the mean time to serve ``lots`` that are there at 0, exponential, ``servers`` at once.

    Pure death process: the sum over k of service_mean / min(k, servers) (W. Feller, vol. 1,
    1968, chapter XVII). With a server each it is the largest of n exponentials, mean
    times H_n (A. Renyi 1953).
    """
    return service_mean * math.fsum(1.0 / min(left, servers) for left in range(1, lots + 1))


def longest(lots: int, service_mean: float) -> float:
    """Return the mean of the largest of ``lots`` exponential times: mean times H_n (Renyi 1953)."""
    return batch_makespan(lots, service_mean, lots)


def batch_wait(lots: int, service_mean: float, servers: int) -> float:
    """Return the mean wait of ``lots`` there at 0: lot k > servers starts at end k - servers.

    While all servers work, ends are service_mean / servers apart in the mean (Feller 1968).
    """
    behind = max(0, lots - servers)
    return service_mean / servers * behind * (behind + 1) / 2.0 / lots


def batch_makespan_cdf(time: float, lots: int, service_mean: float, servers: int) -> float:
    """Return P(all done by ``time``): the death process' law, for one server or one per lot.

    Erlang with ``lots`` stages, or (1 - exp(-t/s))^lots (Renyi 1953). ValueError in between.
    """
    if servers >= lots:
        return float((-math.expm1(-time / service_mean)) ** lots)
    if servers == 1:
        return float(gammainc(lots, time / service_mean))
    raise ValueError("only one server, or one for each lot")
