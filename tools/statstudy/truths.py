"""What is true of the small systems: means, distributions and deviations, without simulation.

Times are in hours. Laws are those of ``sim.laws``, whose own tests hold them to their moments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import sqrt

import numpy as np
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.optimize import brentq
from scipy.stats import binom, gamma

from sim.laws import Law
from sim.statistics.intervals import probability_interval


def erlang_cdf(number: int, mean: float, phases: int) -> Callable[[float], float]:
    """Return the distribution of a sum of so many Erlang times: an Erlang law itself."""
    law = gamma(number * phases, scale=mean / phases)
    return lambda x: float(law.cdf(x))


def quantile(cdf: Callable[[float], float], p: float, high: float) -> float:
    """Return where a distribution on (0, high) reaches ``p``."""
    return float(brentq(lambda x: cdf(x) - p, 0.0, high, xtol=1e-12))


def deviation_of_difference(base: Law, variant: Law, number: int) -> float:
    """Return the standard deviation of the difference of two sums of so many times, by two laws
    that are fed with the same uniforms: integrals over the uniform."""

    def moment(power: int) -> float:
        def integrand(u: float) -> float:
            return (variant.quantile_at(u) - base.quantile_at(u)) ** power

        parts = (1e-14, 1e-6, 1e-2, 0.5, 0.99, 1 - 1e-6, 1 - 1e-14)
        return sum(quad(integrand, a, b)[0] for a, b in pairwise(parts))

    return sqrt((moment(2) - moment(1) ** 2) * number)


def appointments_mean(lots: int, gap: float, service: float, phases: int = 1) -> float:
    """Return the expected mean time of the first lots at one clerk, who finds a lot every ``gap``
    hours and takes an Erlang time: D/E_k/1 from empty, by its phases.

    A lot adds its phases to those that are left, and they end one after the other at an even rate:
    the chain at arrivals is exact (L. Kleinrock, Queueing Systems 1, 1975, section 4.2).
    """
    most, rate = phases * lots, phases / service
    steps = expm(gap * rate * (np.diag([0.0] + [-1.0] * most) + np.diag([1.0] * most, -1)))
    left, total = np.eye(1, most + 1)[0], 0.0
    for _ in range(lots):
        left = np.concatenate([np.zeros(phases), left[: most + 1 - phases]])
        total += float(left @ np.arange(most + 1)) / rate
        left = left @ steps
    return total / lots


def appointments_mean_clerks(lots: int, gap: float, service: float, clerks: int) -> float:
    """Return the same for several clerks and exponential times: D/M/c from empty."""
    number = np.arange(lots + 1)
    busy = np.minimum(number, clerks) / service
    steps = expm(gap * (np.diag(-busy) + np.diag(busy[1:], -1)))
    times = service + np.maximum(number - clerks, 0) * service / clerks
    there, total = np.eye(1, lots + 1)[0], 0.0
    for _ in range(lots):
        there = np.concatenate([[0.0], there[:lots]])
        total += float(there @ times)
        there = there @ steps
    return total / lots


def service_for(mean: Callable[[float], float], target: float) -> float:
    """Return the service time, in hours, with which a mean time is ``target``."""
    return float(brentq(lambda service: mean(service) - target, 1e-3, 10.0, xtol=1e-14))


def wilson_coverage(n: int, chances: Sequence[float]) -> float:
    """Return how often Wilson's 95 % interval covers, on average over these probabilities: exactly,
    by the binomial law (L. D. Brown, T. T. Cai & A. DasGupta 2001, Statistical Science 16, 101)."""
    bounds = [probability_interval(k, n) for k in range(n + 1)]
    return float(
        np.mean(
            [
                sum(
                    binom.pmf(k, n, p)
                    for k, bound in enumerate(bounds)
                    if bound.low <= p <= bound.high
                )
                for p in chances
            ]
        )
    )
