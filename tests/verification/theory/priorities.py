"""Classes of lots, the first one most urgent: steady-state means by class, in hours.

``arrival_rates``, ``service_means`` (hours) and ``service_cvs`` have one entry per class. Within a
class first come is first served. ValueError where there is no steady state.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from theory.queues import erlang_c, mmc, second_moment


def waits(
    arrival_rates: Sequence[float], service_means: Sequence[float], service_cvs: Sequence[float]
) -> tuple[float, ...]:
    """Return the mean wait by class in M/G/1 without pre-emption.

    A. Cobham (Oper. Res. 2, 1954): W0 / ((1 - s[k-1]) (1 - s[k])), where
    W0 = sum of rate E S^2 / 2 over all classes and s[k] the load of classes 1 to k.
    """
    loads = _loads(arrival_rates, service_means)
    rest = sum(_rests(arrival_rates, service_means, service_cvs))
    return tuple(rest / ((1.0 - before) * (1.0 - upto)) for before, upto in loads)


def waits_servers(
    arrival_rates: Sequence[float], service_mean: float, servers: int
) -> tuple[float, ...]:
    """Return the mean wait by class in M/M/c without pre-emption, one service law for all.

    Cobham 1954, several channels: (C s / c) / ((1 - s[k-1]) (1 - s[k])), C Erlang's
    chance of waiting.
    """
    loads = _loads(arrival_rates, [service_mean / servers] * len(arrival_rates))
    rest = erlang_c(servers, sum(arrival_rates) * service_mean) * service_mean / servers
    return tuple(rest / ((1.0 - before) * (1.0 - upto)) for before, upto in loads)


def resume_times(
    arrival_rates: Sequence[float], service_means: Sequence[float], service_cvs: Sequence[float]
) -> tuple[float, ...]:
    """Return the mean time in system by class in M/G/1 with pre-emption, work being resumed.

    H. White & L. S. Christie (Oper. Res. 6, 1958); R. W. Conway, W. L. Maxwell & L. W. Miller,
    Theory of Scheduling, 1967, chapter 8: s / (1 - s[k-1]) + W0[k] / ((1 - s[k-1]) (1 - s[k])),
    where W0[k] counts only classes 1 to k.
    """
    loads = _loads(arrival_rates, service_means)
    rests = accumulate(_rests(arrival_rates, service_means, service_cvs))
    return tuple(
        service / (1.0 - before) + rest / ((1.0 - before) * (1.0 - upto))
        for (before, upto), rest, service in zip(loads, rests, service_means, strict=True)
    )


def resume_times_servers(
    arrival_rates: Sequence[float], service_mean: float, servers: int
) -> tuple[float, ...]:
    """Return the mean time in system by class in M/M/c with pre-emption, one service law.

    Classes 1 to k together are an M/M/c that does not notice the others, so the number present
    of class k is a difference of two M/M/c (J. P. Buzen & A. B. Bondi, Oper. Res. 31, 1983).
    """
    present = [mmc(rate, service_mean, servers).present for rate in accumulate(arrival_rates)]
    before = [0.0, *present[:-1]]
    return tuple(
        (upto - less) / rate
        for upto, less, rate in zip(present, before, arrival_rates, strict=True)
    )


def _loads(rates: Sequence[float], means: Sequence[float]) -> list[tuple[float, float]]:
    """The load of the classes before each class, and of those up to it."""
    upto = list(accumulate(rate * mean for rate, mean in zip(rates, means, strict=True)))
    if upto[-1] >= 1.0:
        raise ValueError(f"no steady state: the load must be below 1, found {upto[-1]:g}")
    return list(zip([0.0, *upto[:-1]], upto, strict=True))


def _rests(rates: Sequence[float], means: Sequence[float], cvs: Sequence[float]) -> list[float]:
    """Mean remaining service found by an arrival, by the class in service."""
    classes = zip(rates, means, cvs, strict=True)
    return [rate * second_moment(mean, cv) / 2.0 for rate, mean, cv in classes]
