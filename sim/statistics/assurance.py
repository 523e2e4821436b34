"""Assurance: how many runs must hold before a probability may be claimed, and with what confidence.

A goal holds in a run or it does not. What is to be claimed is a probability: "in at least 95 of
100 runs, and we are 95 % sure of that". Here are the bounds for a number of runs fixed beforehand,
and the schemes that go on where a failure or two came among the first runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from scipy.special import bdtr

from sim.statistics.intervals import probability_interval
from sim.statistics.schemes import Scheme, binomial

#: Failures that the default number of runs would forgive if they were looked at only once.
FORGIVEN = 5
#: What a scheme of several looks may spend of its error on runs without a failure; and the share of
#: the error of a refusal that is left for it when a screening came before.
_FIRST = 0.8
#: The share of the error at which a value is hopeless: so seldom would one fail so often that
#: reaches the probability (one in a hundred for 0.95).
_HOPELESS = 0.2


def lower_bound(held: int, runs: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided lower bound of a probability seen in ``held`` of ``runs`` runs.

    C. J. Clopper & E. S. Pearson (1934, Biometrika 26, 404-413). The runs are a number fixed
    beforehand; for those of a :class:`Scheme`, use its own bounds.
    """
    return probability_interval(held, runs, 2 * confidence - 1, method="clopper-pearson").low


def upper_bound(held: int, runs: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided upper bound, as :func:`lower_bound`."""
    return probability_interval(held, runs, 2 * confidence - 1, method="clopper-pearson").high


def runs_needed(failures: int, probability: float = 0.95, confidence: float = 0.95) -> int:
    """Return the fewest runs that claim a probability in spite of so many failures.

    The smallest n with P(B <= failures) <= 1 - confidence for B binomial (n, 1 - probability)
    (S. S. Wilks, 1941, Annals of Mathematical Statistics 12, 91-96): 59 without a failure for 0.95
    and 0.95, 93 with one, 124 with two. Raises ValueError as :func:`make_scheme`.
    """
    _check(probability, confidence)
    return _fewest(failures, probability, 1.0 - confidence)


def default_most(probability: float = 0.95, confidence: float = 0.95) -> int:
    """Return how many runs of one value a scheme may take unless told otherwise: 208."""
    return runs_needed(FORGIVEN, probability, confidence)


def make_scheme(
    probability: float = 0.95, confidence: float = 0.95, most: int | None = None
) -> Scheme:
    """Return the scheme that claims ``probability`` with ``confidence`` from at most ``most`` runs.

    It looks whenever one more failure could be forgiven. Runs without a failure may spend four
    fifths of the error (63 for 0.95 and 0.95, instead of the 59 of a single look); what is left is
    shared by the later looks, each by the same binomial tail, as large as the whole error allows.
    The chance of a claim at the asked probability is worked out without the early stops, so that it
    is an upper limit whether or not they are obeyed. Where ``most`` leaves room for one look only,
    all of the error is spent there. A value is given up when it is hopeless, not already when it
    can no longer be claimed: whether it falls short is worth knowing too.

    Raises ValueError for a probability outside (0, 1), a confidence outside (0.5, 1), or when
    ``most`` is too few for any claim.
    """
    _check(probability, confidence)
    error = 1.0 - confidence
    most = default_most(probability, confidence) if most is None else most
    single = _fewest(0, probability, error)
    if most < single:
        raise ValueError(f"{probability:g} with confidence {confidence:g} needs {single} runs")
    looks = _looks(_fewest(0, probability, _FIRST * error), probability, error, most)
    return _scheme(probability, confidence, looks if len(looks) > 1 else [single])


def screening(runs: Iterable[int], probability: float, confidence: float) -> Scheme:
    """Return a scheme that claims nothing by itself: a first impression of a value.

    After each look but the last, a value that is hopeless is given up; at the end one is "reached",
    that is, looks good, if its share of failures is no larger than the probability allows.
    """
    looks = tuple(runs)
    good = tuple(
        math.floor(look * (1.0 - probability) + 1e-9) if look == looks[-1] else -1 for look in looks
    )
    stop = tuple(
        max(_hopeless(look, probability, confidence), c + 1)
        for look, c in zip(looks, good, strict=True)
    )
    refusal = (1.0 - _FIRST) * (1.0 - confidence)
    return Scheme(probability, confidence, looks, good, stop, refusal)


def _scheme(probability: float, confidence: float, looks: list[int]) -> Scheme:
    early = [n for n in (looks[0] // 8, looks[0] // 4, looks[0] // 2) if n >= 4]
    stages = sorted({*early, *looks})
    claim = [sum(look <= n for look in looks) - 1 for n in stages]
    stop = [
        max(_hopeless(n, probability, confidence), c + 1)
        for n, c in zip(stages, claim, strict=True)
    ]
    refusal = _FIRST * (1.0 - confidence)
    return Scheme(probability, confidence, tuple(stages), tuple(claim), tuple(stop), refusal)


def _hopeless(runs: int, probability: float, confidence: float) -> int:
    """Return the fewest failures in so many runs that hardly ever come at the probability."""
    tail = _HOPELESS * (1.0 - confidence)
    return next(
        (f for f in range(1, runs + 1) if 1.0 - bdtr(f - 1, runs, 1.0 - probability) <= tail),
        runs + 1,
    )


def _looks(first: int, probability: float, error: float, most: int) -> list[int]:
    """Return the looks whose chance of a claim is as near to ``error`` as it can be from below."""

    def looks_with(tail: float) -> list[int]:
        looks = [first]
        while (needed := max(_fewest(len(looks), probability, tail), looks[-1] + 1)) <= most:
            looks.append(needed)
        return looks

    best, low, high = [first], 0.0, error
    for _ in range(40):  # bisection on the tail that each of the later looks may spend
        tail = (low + high) / 2
        if _claims(looks_with(tail), probability) <= error:
            low, best = tail, looks_with(tail)
        else:
            high = tail
    return best


def _claims(looks: list[int], probability: float) -> float:
    """Return the chance of ever claiming at these looks, where nothing stops before."""
    chance, alive, before = 0.0, np.ones(1), 0
    for forgiven, look in enumerate(looks):
        alive = np.convolve(alive, binomial(look - before, probability, len(looks)))[: len(looks)]
        before = look
        chance += float(alive[: forgiven + 1].sum())
        alive[: forgiven + 1] = 0.0
    return chance


def _fewest(failures: int, probability: float, tail: float) -> int:
    """Return the smallest n with P(B <= failures) <= tail, B binomial (n, 1 - probability)."""
    low, high = failures, failures + 1
    while bdtr(failures, high, 1.0 - probability) > tail:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if bdtr(failures, middle, 1.0 - probability) > tail:
            low = middle
        else:
            high = middle
    return high


def _check(probability: float, confidence: float) -> None:
    if not 0.0 < probability < 1.0:
        raise ValueError(f"a probability must lie between 0 and 1, found {probability:g}")
    if not 0.5 < confidence < 1.0:
        raise ValueError(f"a confidence must lie between 0.5 and 1, found {confidence:g}")
