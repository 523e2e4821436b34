"""Schemes: when to look at runs that hold or fail, and with how many failures to claim or stop.

A scheme is fixed before the first run. Its errors and its bounds are exact: they come from the
distribution of the number of failures, by convolution, and hold in spite of the looks on the way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammaln, xlogy

Outcome = Literal["reached", "not reached", "undecided"]
Floats = NDArray[np.float64]
#: Where a scheme ends: a stage, and the failures seen by then.
End = tuple[int, int]


@dataclass(frozen=True)
class Scheme:
    """After which runs to look, with how many failures to claim, and with how many to stop.

    At the end of stage k, after ``looks[k]`` runs, the probability is claimed with at most
    ``claim[k]`` failures (-1: not yet), and the value is given up with at least ``stop[k]``; else
    the next stage follows. After the last stage all is over. ``refusal`` is the chance that is
    allowed for a false statement that the probability is not reached.
    """

    probability: float
    confidence: float
    looks: tuple[int, ...]
    claim: tuple[int, ...]
    stop: tuple[int, ...]
    refusal: float

    def __post_init__(self) -> None:
        if not len(self.looks) == len(self.claim) == len(self.stop) >= 1:
            raise ValueError("looks, claim and stop must be as many, and at least one")
        if any(a >= b for a, b in pairwise((0, *self.looks))):
            raise ValueError("looks must ascend")
        if any(c >= s for c, s in zip(self.claim, self.stop, strict=True)):
            raise ValueError("a number of failures cannot both claim and stop")

    @property
    def most(self) -> int:
        """The most runs that it takes."""
        return self.looks[-1]

    @property
    def fewest(self) -> int:
        """The fewest runs that can claim."""
        return next(n for n, c in zip(self.looks, self.claim, strict=True) if c >= 0)

    def next_look(self, failed: Sequence[bool]) -> int | None:
        """Return after how many runs to look next, given the runs so far in order; None is over."""
        for look, claim, stop in zip(self.looks, self.claim, self.stop, strict=True):
            if len(failed) < look:
                return look
            failures = sum(failed[:look])
            if failures <= claim or failures >= stop:
                return None
        return None

    def read(self, failed: Sequence[bool]) -> Reading:
        """Return what the runs say, once the scheme is over; those beyond its end do not count.

        Raises ValueError if it is not over.
        """
        if self.next_look(failed) is not None:
            raise ValueError("the scheme is not over")
        for stage, (look, claim, stop) in enumerate(
            zip(self.looks, self.claim, self.stop, strict=True)
        ):
            failures = sum(failed[:look])
            if failures <= claim or failures >= stop or stage == len(self.looks) - 1:
                break
        end = (stage, failures)
        low, high = _bounds(self, end)
        outcome: Outcome = "undecided"
        if failures <= claim:
            outcome = "reached"
        elif end in self._refused:
            outcome = "not reached"
        return Reading(look, look - failures, low, high, outcome)

    def chances(self, probability: float) -> dict[Outcome, float]:
        """Return how probable each outcome is where the goal holds with ``probability``."""
        result: dict[Outcome, float] = {"reached": 0.0, "not reached": 0.0, "undecided": 0.0}
        for (stage, failures), mass in self._ends(probability).items():
            if failures <= self.claim[stage]:
                result["reached"] += mass
            elif (stage, failures) in self._refused:
                result["not reached"] += mass
            else:
                result["undecided"] += mass
        return result

    def expected_runs(self, probability: float) -> float:
        """Return how many runs it takes on average where the goal holds with ``probability``."""
        return sum(self.looks[stage] * mass for (stage, _), mass in self._ends(probability).items())

    @cached_property
    def _ranked(self) -> list[End]:
        """All ends, best first: claimed early and with few failures, ..., given up early with many.

        The order of C. Jennison & B. W. Turnbull (1983, Technometrics 25, 49-58). A run that holds
        instead of failing never leads to a worse end, so each end and all better ones grow more
        probable with the probability, and bounds follow as from a single look.
        """
        ends = self._ends(self.probability)
        claimed = sorted(end for end in ends if end[1] <= self.claim[end[0]])
        others = [end for end in ends if end[1] > self.claim[end[0]]]
        return claimed + sorted(others, key=lambda end: (-end[0], end[1]))

    @cached_property
    def _rank(self) -> dict[End, int]:
        return {end: rank for rank, end in enumerate(self._ranked)}

    @cached_property
    def _refused(self) -> frozenset[End]:
        """The ends so bad that the probability is not reached: worst first, while they and all
        worse ones together have at most the chance ``refusal`` at the asked probability."""
        ends, chance, refused = self._ends(self.probability), 0.0, []
        for end in reversed(self._ranked):
            chance += ends[end]
            if chance > self.refusal or end[1] <= self.claim[end[0]]:
                break
            refused.append(end)
        return frozenset(refused)

    def _ends(self, probability: float) -> dict[End, float]:
        """Return the chance of each end: stage and failures."""
        return _walk(self.looks, self.claim, self.stop, probability)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the runs of one value say: so many of them held, exact one-sided bounds, the outcome."""

    runs: int
    held: int
    low: float
    high: float
    outcome: Outcome


@lru_cache(maxsize=4096)
def _bounds(scheme: Scheme, end: End) -> tuple[float, float]:
    """Return the probabilities at which an end as good, and one as bad, has the chance of the error
    that the confidence leaves."""
    mine, error = scheme._rank[end], 1.0 - scheme.confidence

    def as_good(probability: float) -> float:
        ends = scheme._ends(probability)
        return math.fsum(ends[other] for other in scheme._ranked[: mine + 1]) - error

    def as_bad(probability: float) -> float:
        ends = scheme._ends(probability)
        return math.fsum(ends[other] for other in scheme._ranked[mine:]) - error

    low = 0.0 if as_good(0.0) > 0 else float(brentq(as_good, 0.0, 1.0, xtol=1e-12))
    high = 1.0 if as_bad(1.0) > 0 else float(brentq(as_bad, 0.0, 1.0, xtol=1e-12))
    return low, high


def _walk(
    looks: tuple[int, ...], claim: tuple[int, ...], stop: tuple[int, ...], probability: float
) -> dict[End, float]:
    ends: dict[End, float] = {}
    alive: Floats = np.ones(1)
    before = 0
    for stage, look in enumerate(looks):
        alive = np.convolve(alive, binomial(look - before, probability))
        before = look
        failures = np.arange(len(alive))
        over = (failures <= claim[stage]) | (failures >= stop[stage])
        if stage == len(looks) - 1:
            over[:] = True
        reachable = failures[over & _can_come(looks, claim, stop, stage, len(alive))]
        ends.update({(stage, int(f)): float(alive[f]) for f in reachable})
        alive = np.where(over, 0.0, alive)
    return ends


def _can_come(
    looks: tuple[int, ...], claim: tuple[int, ...], stop: tuple[int, ...], stage: int, size: int
) -> NDArray[np.bool_]:
    """Return which numbers of failures can be seen at a stage at all."""
    failures = np.arange(size)
    if stage == 0:
        return failures <= looks[0]
    least = claim[stage - 1] + 1
    largest = min(stop[stage - 1] - 1, looks[stage - 1]) + looks[stage] - looks[stage - 1]
    return (failures >= least) & (failures <= largest)


def binomial(runs: int, probability: float, most: int | None = None) -> Floats:
    """Return the chances of 0, 1, ..., ``runs`` failures, or of the first ``most`` of them."""
    failures = np.arange(runs + 1 if most is None else min(runs + 1, most), dtype=np.float64)
    ways = gammaln(runs + 1) - gammaln(failures + 1) - gammaln(runs - failures + 1)
    return np.exp(ways + xlogy(runs - failures, probability) + xlogy(failures, 1.0 - probability))
