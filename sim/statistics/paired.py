"""Differences between two variants that shared their luck, replication by replication.

Under common random numbers the r-th run of one variant and the r-th of the other meet the same
weather, the same sign-offs and the same breakdowns, so their difference varies far less than either
(A. M. Law, Simulation Modeling and Analysis, 5th ed. 2015, sections 10.2 and 11.2).

One value per replication goes in, NaN where the event did not come by the horizon. Such a run is
never dropped: against a run in which the event came it counts as later than any time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.special import ndtri, stdtr, stdtrit

from sim.statistics.intervals import (
    Interval,
    Values,
    mean_interval,
    probability_interval,
    quantile_interval,
)

Better = Literal["less", "more", ""]


@dataclass(frozen=True, slots=True)
class Paired:
    """How a variant differs from the base: variant less base, in the unit of the values.

    ``difference`` is the mean of the paired differences, or their median where some are without end
    (its ``method`` says which). ``better`` is the share of replications in which the variant was
    better, ties counted half, with its bounds; NaN where neither way is better. ``p`` is the
    two-sided p-value of no difference.
    """

    difference: Interval
    better: Interval
    p: float
    runs: int


def paired_difference(
    base: Values, variant: Values, *, better: Better = "less", level: float = 0.95
) -> Paired:
    """Return how a variant differs from the base, from their values by replication.

    Where all differences are finite: their mean with Student's t interval and the t-test (Student
    1908). Where in some runs only one of the two came by the horizon: the median between order
    statistics, and the sign test (W. J. Conover, Practical Nonparametric Statistics, 3rd ed. 1999,
    sections 3.2 and 3.4), for which a difference without end is only a very large one. Where in
    some run neither came, nothing can be said.

    Raises ValueError for different numbers of runs, or a level outside (0, 1).
    """
    pairs = list(zip(_late(base), _late(variant), strict=False))
    if len(base) != len(variant):
        raise ValueError(f"runs must be paired, found {len(base)} and {len(variant)}")
    neither = sum(math.isinf(a) and math.isinf(b) for a, b in pairs)
    if neither or not pairs:
        why = f"in {neither} of {len(pairs)} runs it came in neither" if pairs else "no runs"
        nothing = Interval(math.nan, math.nan, math.nan, level, f"no difference: {why}")
        return Paired(nothing, nothing, math.nan, len(pairs))
    differences = [b - a for a, b in pairs]
    favour = probability_better(differences, better, level)
    if not any(map(math.isinf, differences)):
        found = mean_interval(differences, level)
        return Paired(found, favour, _t_test(differences), len(pairs))
    return Paired(_median(differences, level), favour, _sign_test(differences), len(pairs))


def paired_probability(
    base: Values, variant: Values, *, better: Better = "more", level: float = 0.95
) -> Paired:
    """Return how the probability of an event differs, from whether it happened (1) or not (0) in
    each run of the two.

    Only runs in which it happened in one of the two tell anything. The p-value is exact (Q.
    McNemar 1947, Psychometrika 12, 153-157, by the binomial law), the interval that of D. G. Bonett
    & R. M. Price (2012, JEBS 37, 479-488): Wald's, after one run is added to either kind of these.
    Where there is no such run, the two are the same in all runs, and the interval is [0, 0].

    Raises ValueError for different numbers of runs, or a level outside (0, 1).
    """
    found = paired_difference(base, variant, better=better, level=level)
    n, estimate = found.runs, found.difference.estimate
    differences = [float(b - a) for a, b in zip(base, variant, strict=True)]
    if math.isnan(estimate) or not any(differences):
        return found
    won, lost = ((sum(each == sign for each in differences) + 1) / (n + 2) for sign in (1, -1))
    half = float(ndtri((1 + level) / 2)) * math.sqrt((won + lost - (won - lost) ** 2) / (n + 2))
    low, high = max(won - lost - half, -1.0), min(won - lost + half, 1.0)
    method = f"difference of probabilities over {n} runs, Bonett-Price"
    interval = Interval(estimate, low, high, level, method)
    return Paired(interval, found.better, _sign_test(differences), n)


def probability_better(
    differences: Sequence[float], better: Better, level: float = 0.95
) -> Interval:
    """Return the share of runs in which the variant was better, ties counted half.

    The bounds are Wilson's of twice as many half wins, cut down to the number of runs.
    """
    n = len(differences)
    if not better or not n:
        why = "neither way is better" if n else "no runs"
        return Interval(math.nan, math.nan, math.nan, level, f"no probability: {why}")
    sign = -1.0 if better == "less" else 1.0
    wins = sum(sign * each > 0 for each in differences)
    ties = sum(each == 0 for each in differences)
    share = (wins + ties / 2) / n
    low = probability_interval(wins + ties // 2, n, level).low
    high = probability_interval(wins + (ties + 1) // 2, n, level).high
    return Interval(share, low, high, level, f"Wilson, {wins} wins and {ties} ties of {n} runs")


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that the chance of any false alarm stays below the level.

    The step-down method of S. Holm (1979, Scandinavian Journal of Statistics 6, 65-70); NaN stays
    NaN and does not count as a comparison.
    """
    asked = [index for index, p in enumerate(p_values) if not math.isnan(p)]
    adjusted = [math.nan] * len(p_values)
    reached = 0.0
    for rank, index in enumerate(sorted(asked, key=lambda i: p_values[i])):
        reached = max(reached, min(1.0, (len(asked) - rank) * p_values[index]))
        adjusted[index] = reached
    return adjusted


def simultaneous_level(level: float, comparisons: int) -> float:
    """Return the level of each interval so that all of them hold together with ``level``.

    O. J. Dunn (1961, JASA 56, 52-64), by Bonferroni's inequality.
    """
    return 1.0 - (1.0 - level) / max(comparisons, 1)


def advised_runs(
    deviation: float,
    difference: float,
    *,
    level: float = 0.95,
    power: float = 0.8,
    pilot: int | None = None,
) -> int:
    """Return how many paired runs find a true ``difference`` with probability ``power``.

    ``deviation`` is the standard deviation of paired differences. Where it is known: by the normal
    approximation with the correction z²/2 for Student's t (W. C. Guenther 1981, The American
    Statistician 35, 243). Where it was estimated from ``pilot`` runs, which may be counted: with
    Student's quantiles in place of normal ones, so that the power holds on average over what such
    runs may estimate (C. Stein 1945, Annals of Mathematical Statistics 16, 243-258).

    Raises ValueError for a pilot of fewer than two runs.
    """
    if pilot is not None and pilot < 2:
        raise ValueError(f"a deviation takes two runs or more, found {pilot}")
    if deviation == 0:
        return 2
    chances = (1 + level) / 2, power
    if pilot is None:
        alpha, beta = (float(ndtri(chance)) for chance in chances)
        correction = alpha**2 / 2
    else:
        alpha, beta = (float(stdtrit(pilot - 1, chance)) for chance in chances)
        correction = 0.0  # which the quantiles hold already
    return max(2, math.ceil(((alpha + beta) * deviation / difference) ** 2 + correction))


def _late(values: Values) -> list[float]:
    return [math.inf if math.isnan(value) else float(value) for value in values]


def _t_test(differences: list[float]) -> float:
    n = len(differences)
    mean = math.fsum(differences) / n
    if n == 1:
        return math.nan
    spread = math.sqrt(math.fsum((each - mean) ** 2 for each in differences) / (n - 1))
    if spread == 0:
        return 1.0 if mean == 0 else 0.0
    return 2.0 * float(stdtr(n - 1, -abs(mean) / spread * math.sqrt(n)))


def _median(differences: list[float], level: float) -> Interval:
    """Return the median of differences of which some are without end, on either side."""
    most = max((abs(each) for each in differences if not math.isinf(each)), default=0.0)
    # Keeps the order, and even half way to it from -most lies beyond most; taken back below.
    beyond = 4.0 * most + 1.0
    ranked = [math.copysign(beyond, each) if math.isinf(each) else each for each in differences]
    found = quantile_interval(ranked, 0.5, level)

    def back(value: float) -> float:
        return math.copysign(math.inf, value) if abs(value) > most + 0.25 else value

    middle, low, high = back(found.estimate), back(found.low), back(found.high)
    return Interval(middle, low, high, level, f"median, {found.method}", found.coverage)


def _sign_test(differences: list[float]) -> float:
    from scipy.special import bdtr

    signs = [each for each in differences if each != 0]
    if not signs:
        return 1.0
    fewer = min(sum(each > 0 for each in signs), sum(each < 0 for each in signs))
    return min(1.0, 2.0 * float(bdtr(fewer, len(signs), 0.5)))
