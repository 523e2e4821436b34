"""Expectation: what theory says a measure must be against what the replications did.

An exact case must hold in every replication, to 1e-9. A random case is judged by Student's t
(Student 1908, Biometrika 6): (mean − expected) / error, where error is the standard error of the
mean over replications. It differs where a true model would be so far off with a chance of
``FALSE_ALARM`` at most, two-sided, for each case: over a hundred true cases that is below 1 % that
any is said to differ (C. E. Bonferroni 1936).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import copysign, fsum, inf, isclose, isnan, nan, sqrt

from scipy.special import nctdtr, ndtri, stdtr, stdtrit

from sim.catalogue import find_measure
from sim.measures.scope import NATIONAL
from sim.measures.summary import Key
from sim.scenario.expected import Expected

#: The chance that a case is said to differ though the model is right, for each case.
FALSE_ALARM = 1e-4
#: The error, as a share of the expected value, that a random case should be able to show, and the
#: chance with which it should.
SHOWN, POWER = 0.02, 0.8

AGREES, DIFFERS, NOT_JUDGED = "agrees", "differs", "not judged"
_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the replications say to one expected value.

    ``low`` and ``high`` bound the mean with 95 % confidence (of an exact case: the lowest and the
    highest replication). ``z`` is the normal value with the same chance as the t that was found,
    signed like mean − expected; NaN for exact cases. ``shows_2_percent`` says whether an error of
    2 % would be found with a chance of at least 0.8. ``why`` says what is amiss, if something is.
    """

    id: str
    measure: str
    product: str
    echelon: str
    entity: str
    unit: str
    expected: float
    exact: bool
    verdict: str
    mean: float
    low: float
    high: float
    z: float
    shows_2_percent: bool
    runs: int
    why: str
    source: str
    note: str


def critical_z() -> float:
    """Return the size of z above which a case differs."""
    return float(-ndtri(FALSE_ALARM / 2))


def values_of(expected: Expected, runs: Iterable[tuple[Key, list[float]]]) -> list[float]:
    """Return the values by replication of the measure that a case is about; none if the runs do not
    have it, or have several.

    What the case does not say must be the only one there is, or else be empty: the mean wait of a
    station is that of all products unless a product is named.
    """
    wanted = (expected.product or "", expected.echelon or "", expected.entity)
    found = [
        ((product, echelon, entity), values)
        for (measure, product, echelon, region, entity), values in runs
        if measure == expected.measure
        and region == NATIONAL
        and all(
            not want or want == have
            for want, have in zip(wanted, (product, echelon, entity), strict=True)
        )
    ]
    for place in range(3):
        if len(found) > 1 and not wanted[place]:
            found = [row for row in found if not row[0][place]] or found
    return found[0][1] if len(found) == 1 else []


def judge_expected(name: str, expected: Expected, values: Sequence[float]) -> Agreement:
    """Return whether the values of the replications agree with a case."""
    value, runs = expected.value, len(values)
    mean = low = high = z = nan
    shows, why = expected.exact, ""
    missing = sum(isnan(each) for each in values)
    if not runs:
        verdict, why = DIFFERS, "the runs have no such measure, or several"
    elif missing:
        verdict, why = DIFFERS, f"{missing} of {runs} runs had no value"
    elif expected.exact:
        mean, low, high = fsum(values) / runs, min(values), max(values)
        same = all(_same(each, value) for each in values)
        verdict = AGREES if same else DIFFERS
    else:
        mean = fsum(values) / runs
        if runs == 1:
            verdict, why = NOT_JUDGED, "one run says nothing about chance"
        else:
            error = sqrt(fsum((each - mean) ** 2 for each in values) / (runs - 1) / runs)
            half = float(stdtrit(runs - 1, 0.975)) * error
            low, high = mean - half, mean + half
            z = _z(mean, value, error, runs)
            shows = _shows(value, error, runs)
            verdict = AGREES if abs(z) <= critical_z() else DIFFERS
    return Agreement(
        id=name,
        measure=expected.measure,
        product=expected.product or "",
        echelon=expected.echelon or "",
        entity=expected.entity,
        unit=find_measure(expected.measure).unit,
        expected=value,
        exact=expected.exact,
        verdict=verdict,
        mean=mean,
        low=low,
        high=high,
        z=z,
        shows_2_percent=shows,
        runs=runs,
        why=why,
        source=expected.source,
        note=expected.note,
    )


def _same(one: float, other: float) -> bool:
    return isclose(one, other, rel_tol=_EXACT, abs_tol=_EXACT)


def _z(mean: float, expected: float, error: float, runs: int) -> float:
    if error <= 1e-12 * abs(mean):  # no chance in it
        return 0.0 if _same(mean, expected) else copysign(inf, mean - expected)
    gap = mean - expected
    return copysign(float(-ndtri(stdtr(runs - 1, -abs(gap) / error))), gap)


def _shows(expected: float, error: float, runs: int) -> bool:
    """Return whether an error of 2 % would be found: the power of the t test (J. Cohen, Statistical
    Power Analysis, 1988, chapter 2), whose other tail does not matter."""
    if error <= 1e-12 * abs(expected):
        return True
    shift = SHOWN * abs(expected) / error
    limit = float(stdtrit(runs - 1, 1 - FALSE_ALARM / 2))
    if shift > 2 * limit + 10:  # so far out that the law of t has no more digits
        return True
    return 1 - float(nctdtr(runs - 1, shift, limit)) >= POWER
