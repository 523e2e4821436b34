"""Several stations: open networks, closed fleets, and a tandem with little room between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.queues import Queue, mmc

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Open:
    """An open network: one ``Queue`` per station, arrivals there per hour, whole-network means."""

    arrivals: tuple[float, ...]
    queues: tuple[Queue, ...]
    present: float
    time: float


def jackson(
    external_rates: Sequence[float],
    routing: ArrayLike,
    service_means: Sequence[float],
    servers: Sequence[int],
) -> Open:
    """Return the means of an open network of M/M/c stations (J. R. Jackson, Oper. Res. 5, 1957).

    ``routing[i][j]``: chance that a lot goes from station i to j; what a row lacks to 1 leaves.
    Arrivals solve a = external + routing^T a; each station is then an M/M/c of its own. ``time``
    is a lot's mean time in the whole network, by Little's law. A tandem is a chain of ones.
    """
    outside = np.asarray(external_rates, dtype=np.float64)
    moves = np.asarray(routing, dtype=np.float64)
    solved = np.linalg.solve(np.eye(len(outside)) - moves.T, outside)
    arrivals = tuple(float(rate) for rate in solved)
    queues = tuple(map(mmc, arrivals, service_means, servers))
    present = math.fsum(queue.present for queue in queues)
    return Open(arrivals, queues, present, present / float(outside.sum()))


@dataclass(frozen=True, slots=True)
class Stage:
    """A station of a closed network; ``servers`` None means that nobody ever waits there.

    ``service_mean`` in hours per visit, ``visits`` per round of a vehicle.
    """

    service_mean: float
    servers: int | None = 1
    visits: float = 1.0


@dataclass(frozen=True, slots=True)
class Closed:
    """Rounds per hour; per stage the mean hours of one visit, lots present and busy servers."""

    throughput: float
    times: tuple[float, ...]
    present: tuple[float, ...]
    busy: tuple[float, ...]


def closed_network(stages: Sequence[Stage], vehicles: int) -> Closed:
    """Return the means of a closed product-form network.

    They are those of exact mean-value analysis (M. Reiser & S. S. Lavenberg, J. ACM 27, 1980), but
    computed by convolution of the normalising constants G (J. P. Buzen, Comm. ACM 16, 1973):
    throughput G(n - 1) / G(n). It only adds positive numbers, while mean-value analysis with
    several servers loses all digits near saturation. Stages with servers are exponential and FIFO;
    stages without queue may have any law. Raises ValueError for no vehicle.
    """
    if vehicles < 1:
        raise ValueError("a closed network needs at least one vehicle")
    demands = [stage.visits * stage.service_mean for stage in stages]
    unit = max(d / (s.servers or vehicles) for d, s in zip(demands, stages, strict=True))
    weights = [
        _weights(demand / unit, stage.servers, vehicles)
        for demand, stage in zip(demands, stages, strict=True)
    ]
    constants = _convolved(weights)
    throughput = float(constants[-2] / constants[-1]) / unit
    present = []
    for i, own in enumerate(weights):
        others = _convolved([*weights[:i], *weights[i + 1 :], np.eye(1, vehicles + 1)[0]])
        chances = own * others[::-1] / constants[-1]
        present.append(float(np.arange(vehicles + 1) @ chances))
    visits = [throughput * stage.visits for stage in stages]
    times = tuple(lots / rate for lots, rate in zip(present, visits, strict=True))
    busy = tuple(throughput * demand for demand in demands)
    return Closed(throughput, times, tuple(present), busy)


def _weights(demand: float, servers: int | None, vehicles: int) -> Floats:
    """A stage's factor of the product form for 0, 1, ... vehicles there."""
    counts = np.arange(1, vehicles + 1)
    working = counts if servers is None else np.minimum(counts, servers)
    return np.concatenate([[1.0], np.cumprod(demand / working)])


def _convolved(weights: Sequence[Floats]) -> Floats:
    """The normalising constants for 0, 1, ... vehicles."""
    found = weights[0]
    for other in weights[1:]:
        found = np.convolve(found, other)[: len(found)]
    return found


def constant_fleet_throughput(stages: Sequence[Stage], vehicles: int) -> float:
    """Return the rounds per hour of a closed fleet with constant times, in the long run.

    min(vehicles / sum of times, servers / time of each stage): the critical circuit of the event
    graph (F. Baccelli, G. Cohen, G. J. Olsder & J.-P. Quadrat, Synchronization and Linearity,
    1992, chapter 2). One visit per round.
    """
    limits = [s.servers / s.service_mean for s in stages if s.servers and s.service_mean > 0.0]
    return min(vehicles / math.fsum(stage.service_mean for stage in stages), *limits)


def constant_fleet_ends(stages: Sequence[Stage], vehicles: int, rounds: int) -> Floats:
    """Return when each round leaves each stage, shape (rounds * vehicles, stages), in hours.

    All vehicles queue at the first stage at time 0, and run the stages in a circle, FIFO. Nobody
    overtakes, so end[k, i] = max(end[k, i-1], end[k - servers, i]) + time, and round k begins when
    round k - vehicles left the last stage (the same event graph).
    """
    ends = np.zeros((rounds * vehicles, len(stages)))
    for k in range(rounds * vehicles):
        ready = float(ends[k - vehicles, -1]) if k >= vehicles else 0.0
        for i, stage in enumerate(stages):
            if stage.servers is not None and k >= stage.servers:
                ready = max(ready, float(ends[k - stage.servers, i]))
            ready += stage.service_mean
            ends[k, i] = ready
    return ends


def blocking_tandem(first_mean: float, second_mean: float, buffer: int) -> float:
    """Return the lots per hour of two exponential servers in series, the first never starved.

    A lot done at the first server stays there and blocks it while the ``buffer`` places before the
    second are taken (G. C. Hunt, Oper. Res. 4, 1956). The number past the first server's work is a
    birth and death process on 0 .. buffer + 2; lots leave unless it is 0.
    """
    ratio = second_mean / first_mean
    weights = [ratio**count for count in range(buffer + 3)]
    return (1.0 - weights[0] / math.fsum(weights)) / second_mean
