"""Compare results: every measure of each variant against the base, paired run by run.

The base is the first result. Of one measure, the differences of all variants from the base are a
family: their intervals hold together with the level asked for, and their p-values are adjusted so
that the chance of any false alarm among them is as small (``sim.statistics.simultaneous``).
Measures are not adjusted for one another: with a hundred of them at 95 %, some five that are alike
look different.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf, nan

from sim.catalogue import MOMENTS, find_measure
from sim.comparing.pairing import (
    check_pairable,
    common_runs,
    luck_of,
    remarks,
    shortest_horizon,
)
from sim.errors import UsageError
from sim.measures.scope import NATIONAL
from sim.measures.summary import Key
from sim.statistics.paired import (
    advised_runs,
    holm,
    paired_difference,
    paired_probability,
    simultaneous_level,
)
from sim.statistics.simultaneous import hold_together
from sim.statistics.unpaired import unpaired_difference
from sim.store.result import Result
from sim.store.tables import values_by_key

_ROUNDING = 1e-9  # of the larger value: sums in another order differ by less


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of a variant less that of the base, in its ``unit``.

    ``base_value`` and ``variant_value`` are means over the ``runs`` that are paired, NaN where in
    some run it did not come by the horizon; ``base_came`` and ``variant_came`` count the runs in
    which it did. ``difference`` lies between ``low`` and ``high``: -inf or inf is beyond the
    horizon, NaN is a bound (or a value) that so few runs cannot give. ``better`` is the probability
    that the variant is better in a run, with its bounds: it was in ``wins`` runs, and in ``ties``
    it was the same; NaN where neither way is better. ``p`` is two-sided, ``p_adjusted``
    takes all variants together. ``unpaired_low`` and ``unpaired_high`` are Welch's bounds, which
    take no notice of shared luck. ``deviation`` is the standard deviation of paired differences.
    """

    measure: str
    product: str
    echelon: str
    region: str
    entity: str
    unit: str
    base: str
    variant: str
    base_value: float
    variant_value: float
    base_came: int
    variant_came: int
    difference: float
    low: float
    high: float
    better: float
    better_low: float
    better_high: float
    wins: int
    ties: int
    p: float
    p_adjusted: float
    method: str
    runs: int
    level: float
    unpaired_low: float
    unpaired_high: float
    deviation: float

    @property
    def key(self) -> Key:
        """The measure, product, echelon, region and entity."""
        return self.measure, self.product, self.echelon, self.region, self.entity

    @property
    def same(self) -> bool:
        """Whether the two are the same in every run."""
        return self.ties == self.runs

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out no difference."""
        return self.low > 0 or self.high < 0

    @property
    def good(self) -> bool | None:
        """Whether the difference is to the better; None if neither way is, or there is none."""
        way = find_measure(self.measure).better
        if not way or not self.difference or math.isnan(self.difference):
            return None
        return (self.difference < 0) == (way == "less")

    @property
    def gain(self) -> float:
        """How many times narrower the paired interval is than the unpaired one; NaN where there is
        no interval, or no spread."""
        paired = self.high - self.low
        if not math.isfinite(paired) or paired <= 0:
            return nan
        return (self.unpaired_high - self.unpaired_low) / paired

    @property
    def advised(self) -> int | None:
        """How many runs would find a difference as large as the one seen with a probability of 0.8;
        None where that cannot be said."""
        usual = math.isfinite(self.difference) and self.difference != 0
        if not usual or not self.deviation > 0 or self.same:
            return None
        return advised_runs(self.deviation, self.difference, level=self.level, pilot=self.runs)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Variants against a base. ``replications`` are those that are paired; the differences of one
    measure hold together with ``level``, each with ``each``. ``notes`` are what a reader has to
    know."""

    base: Result
    variants: tuple[Result, ...]
    level: float
    replications: tuple[int, ...]
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    @property
    def results(self) -> list[Result]:
        """The base and the variants."""
        return [self.base, *self.variants]

    @property
    def each(self) -> float:
        """The level of one interval, such that those of all variants hold together whatever they
        have in common (Dunn 1961): that of curves. Differences of measures need no more."""
        return simultaneous_level(self.level, len(self.variants))

    def of(self, variant: str) -> list[Difference]:
        """Return the differences of one variant, in the order of the base's measures."""
        return [row for row in self.differences if row.variant == variant]


def compare_results(
    results: Sequence[Result], *, level: float = 0.95, everything: bool = False
) -> Comparison:
    """Compare all results with the first, measure by measure, from stored tables alone.

    Names of results are taken to differ. National measures only, unless ``everything`` is asked
    for; one that a result does not have is left out. Replications that not all results hold are
    left out, and the notes say so.

    Raises:
        UsageError: there are fewer than two results, they do not share their luck or their start,
            or have no replication in common.
        ValueError: the level lies outside (0, 1).
    """
    if len(results) < 2:
        raise UsageError("compare needs at least two results")
    if not 0.0 < level < 1.0:
        raise ValueError(f"a level must lie between 0 and 1, found {level:g}")
    check_pairable([luck_of(result) for result in results])
    runs = common_runs(results)
    limit = shortest_horizon(results)
    base, *variants = (_values(result, runs, everything, limit) for result in results)
    names = [result.name for result in results]
    rows: list[Difference] = []
    for key, mine in base.items():
        pairs = [
            ((names[0], name), (mine, theirs[key]))
            for name, theirs in zip(names[1:], variants, strict=True)
            if key in theirs
        ]
        rows += _family(key, pairs, level)
    found = tuple(rows)
    notes = (*remarks(results, len(runs)), *_missing([base, *variants]))
    return Comparison(results[0], tuple(results[1:]), level, tuple(runs), found, notes)


#: The names of a base and a variant, and the values of a measure in both, run by run.
_Pair = tuple[tuple[str, str], tuple[list[float], list[float]]]


def _family(key: Key, pairs: Sequence[_Pair], level: float) -> list[Difference]:
    """Return the differences of all variants in one measure, such that they hold together."""
    alone = [_difference(key, names, values, level) for names, values in pairs]
    p_values = [row.p for row in alone]
    if find_measure(key[0]).kind == "probability":  # exact tests of few values: no t of them
        each, p = [simultaneous_level(level, len(pairs))] * len(pairs), holm(p_values)
    else:
        gaps = [list(_gaps(base, _unrounded(base, variant))) for _, (base, variant) in pairs]
        together = hold_together(gaps, p_values, level)
        each, p = list(together.each), list(together.p)
    return [
        replace(_difference(key, names, values, one), p_adjusted=adjusted)
        for (names, values), one, adjusted in zip(pairs, each, p, strict=True)
    ]


def _missing(values: Sequence[dict[Key, list[float]]]) -> Iterator[str]:
    """Say which measures some result does not have."""
    held = Counter(key for measured in values for key in measured)
    short = [key for key, count in held.items() if count < len(values)]
    some = [" ".join(part for part in key if part not in ("", NATIONAL)) for key in short]
    if some:
        which = ", ".join(some[:3]) + (", ..." if len(some) > 3 else "")
        are = "measure is" if len(some) == 1 else "measures are"
        they = "it is" if len(some) == 1 else "they are"
        yield f"{len(some)} {are} not in all results, and left out where {they} missing: {which}"


def _values(
    result: Result, runs: Sequence[int], everything: bool, limit: float
) -> dict[Key, list[float]]:
    """Return the values of each measure in these replications, NaN where there is none; a moment
    after ``limit`` has none."""
    held = sorted(set(result.runs["replication"].to_pylist()))
    at = [held.index(number) for number in runs]
    found = {}
    for key, values in values_by_key(result.runs):
        if everything or key[3] == NATIONAL:
            chosen = [values[index] for index in at]
            if key[0] in MOMENTS:
                chosen = [value if value <= limit else nan for value in chosen]
            found[key] = chosen
    return found


def _difference(
    key: Key, names: tuple[str, str], values: tuple[list[float], list[float]], level: float
) -> Difference:
    measure = find_measure(key[0])
    base, variant = values[0], _unrounded(*values)
    came = [sum(not math.isnan(value) for value in runs) for runs in (base, variant)]
    n = len(base)
    nothing = key[0] not in MOMENTS and min(came) < n
    known = ([], []) if nothing else (base, variant)
    if measure.kind == "probability":
        found = paired_probability(*known, better=measure.better, level=level)
    else:
        found = paired_difference(*known, better=measure.better, level=level)
    gaps = list(_gaps(*known))
    sign = {"less": -1.0, "more": 1.0, "": 0.0}[measure.better]
    method = found.difference.method
    if nothing:
        method = f"no difference: nothing to measure in {n - min(came)} of {n} runs"
    apart = unpaired_difference(*known, level)
    return Difference(
        *key,
        measure.unit,
        names[0],
        names[1],
        _mean(base),
        _mean(variant),
        came[0],
        came[1],
        found.difference.estimate,
        found.difference.low,
        found.difference.high,
        found.better.estimate,
        found.better.low,
        found.better.high,
        sum(sign * gap > 0 for gap in gaps),
        sum(gap == 0 for gap in gaps),
        found.p,
        found.p,
        method,
        n,
        level,
        apart.low,
        apart.high,
        _deviation(gaps),
    )


def _unrounded(base: list[float], variant: list[float]) -> list[float]:
    """Return the variant's values, the base's own where they differ by rounding only."""
    return [
        b if abs(v - b) <= _ROUNDING * max(abs(b), abs(v)) else v
        for b, v in zip(base, variant, strict=True)
    ]


def _gaps(base: Sequence[float], variant: Sequence[float]) -> Iterator[float]:
    """Return the paired differences; against one that came, one that did not is later than any."""
    for b, v in zip(base, variant, strict=True):
        if math.isnan(b) and math.isnan(v):
            yield nan
        elif math.isnan(b) or math.isnan(v):
            yield inf if math.isnan(v) else -inf
        else:
            yield v - b


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if all(map(math.isfinite, values)) else nan


def _deviation(gaps: Sequence[float]) -> float:
    if len(gaps) < 2 or not all(map(math.isfinite, gaps)):
        return nan
    mean = math.fsum(gaps) / len(gaps)
    return math.sqrt(math.fsum((gap - mean) ** 2 for gap in gaps) / (len(gaps) - 1))
