"""Put the questions of the study to the values of the experiments, by the functions users have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from math import hypot, sqrt

import numpy as np
from numpy.typing import NDArray

from sim.laws import Gamma
from sim.measures.precision import FIRST, Target, runs_needed
from sim.statistics.intervals import (
    Interval,
    mean_interval,
    probability_interval,
    quantile_interval,
)
from sim.statistics.paired import advised_runs, holm, paired_difference, simultaneous_level
from sim.statistics.simultaneous import hold_together
from sim.statistics.unpaired import unpaired_difference
from statstudy import truths
from statstudy.cells import ALARMS, COVERS, FINDS, Cell, cell
from statstudy.contrasts import willink_interval
from statstudy.runs import Values
from statstudy.worlds import (
    CARTONS,
    EACH,
    LEG,
    LEGS,
    LESS,
    PHASES,
    QUICKER_CV,
    STEADY_CV,
    WORLDS,
    World,
)

Floats = NDArray[np.float64]
COUNTS = (10, 20, 50)
USUAL = 20
LEVEL = 0.95
WIDTH = 0.05  # half of the interval that a run with --precision goes on for
CHANCES = tuple(round(0.05 * step, 2) for step in range(1, 20))


def judge(values: Values) -> list[Cell]:
    """Return all cells, part by part."""
    parts: tuple[Callable[[Values], Iterator[Cell]], ...] = (
        means,
        differences,
        probabilities,
        quantiles,
        alarms,
        families,
        powers,
        sequences,
        skewed,
    )
    return [each for part in parts for each in part(values)]


def means(values: Values) -> Iterator[Cell]:
    """Coverage of the interval of a mean."""
    for name in _there(values, "cartons", "appointments", "rounds"):
        base, truth = values[name, "base"], world(name).variant("base").truth
        for runs in _counts(base):
            held = (_covers(mean_interval(run), truth) for run in base[:, :runs])
            yield cell(("mean", name, "base"), runs, held, COVERS)


def differences(values: Values) -> Iterator[Cell]:
    """Coverage of the interval of a paired difference that is not zero."""
    for name in _there(values, "cartons", "appointments", "rounds"):
        base, variant = values[name, "base"], values[name, "quicker"]
        truth = world(name).variant("quicker").truth - world(name).variant("base").truth
        for runs in _counts(base):
            pairs = zip(base[:, :runs], variant[:, :runs], strict=True)
            held = (_covers(paired_difference(*pair).difference, truth) for pair in pairs)
            yield cell(("difference", name, "quicker less base, paired"), runs, held, COVERS)
    steady, quicker = (values.get(("cartons", name)) for name in ("steady", "steady-quicker"))
    if steady is None or quicker is None:
        return
    truth = world("cartons").variant("steady").truth * (LESS - 1)
    for runs in _counts(steady):
        pairs = zip(steady[:, :runs], quicker[:, :runs], strict=True)
        held = (_covers(unpaired_difference(*pair), truth) for pair in pairs)
        where = ("difference", "cartons", "steady and quicker, luck of their own, Welch")
        yield cell(where, runs, held, COVERS)


def probabilities(values: Values) -> Iterator[Cell]:
    """Coverage of the interval of a probability: of a time within one that has the k-th chance."""
    for name in _there(values, "cartons", "rounds"):
        cdf, most = _distributions()[name]
        base = values[name, "base"]
        within = [truths.quantile(cdf, chance, most) for chance in CHANCES]
        for runs in _counts(base):
            chances = [CHANCES[number % len(CHANCES)] for number in range(len(base))]
            held = [
                _covers(
                    probability_interval(int((run <= within[number % len(CHANCES)]).sum()), runs),
                    chance,
                )
                for number, (run, chance) in enumerate(zip(base[:, :runs], chances, strict=True))
            ]
            theory = truths.wilson_coverage(runs, CHANCES)
            where = ("probability", name, "in time, with a chance of 0.05 to 0.95")
            yield cell(where, runs, held, COVERS, theory)


def quantiles(values: Values) -> Iterator[Cell]:
    """Coverage of the interval between order statistics: 95 % or more, and as it says itself."""
    for name in _there(values, "cartons", "rounds"):
        cdf, most = _distributions()[name]
        base = values[name, "base"]
        for p in (0.5, 0.9):
            truth = truths.quantile(cdf, p, most)
            for runs in _counts(base):
                found = [quantile_interval(run, p) for run in base[:, :runs]]
                if np.isnan(found[0].high):
                    continue  # so few runs give no upper bound
                said = found[0].coverage
                held = (_covers(each, truth) for each in found)
                where = ("quantile", name, "median" if p == 0.5 else "ninth decile")
                yield cell(where, runs, held, expected=said)


def alarms(values: Values) -> Iterator[Cell]:
    """False alarms of one comparison; the k-th experiment takes the k-th of the variants alike."""
    for name, beginning in (
        ("cartons", "alike"),
        ("appointments", "alike"),
        ("rounds", "alike"),
        ("copies", "apart"),
    ):
        base, variants = values[name, "base"], world(name).names(beginning)
        found = [
            paired_difference(run, values[name, variants[k % len(variants)]][k, :USUAL]).p
            for k, run in enumerate(base[:, :USUAL])
        ]
        where = ("alarm", name, _beginnings[beginning])
        yield cell(where, USUAL, (p < 1 - LEVEL for p in found), ALARMS)


_beginnings = {"alike": "one variant, shared luck", "apart": "one variant, luck of its own"}
_families = {"alike": "ten variants, shared luck", "apart": "ten variants, luck of their own"}


def families(values: Values) -> Iterator[Cell]:
    """Any false alarm among ten variants, and intervals that hold all together."""
    for name, beginning in (("cartons", "alike"), ("appointments", "alike"), ("copies", "apart")):
        base, names = values[name, "base"], world(name).names(beginning)
        each, dunn, together, alone, bonferroni, sharp = [], [], [], [], [], []
        for k, run in enumerate(base[:, :USUAL]):
            columns = [values[name, variant][k, :USUAL] - run for variant in names]
            p = [paired_difference(np.zeros(USUAL), column).p for column in columns]
            found = hold_together(columns, p)
            each.append(min(p) < 1 - LEVEL)
            bonferroni.append(min(holm(p)) < 1 - LEVEL)
            sharp.append(min(found.p) < 1 - LEVEL)
            alone.append(_all_cover(columns, [LEVEL] * len(columns)))
            dunn.append(
                _all_cover(columns, [simultaneous_level(LEVEL, len(columns))] * len(columns))
            )
            together.append(_all_cover(columns, found.each))
        what = _families[beginning]
        yield cell(("family", name, f"{what}: any alarm, not corrected"), USUAL, each)
        yield cell(("family", name, f"{what}: any alarm, Holm"), USUAL, bonferroni)
        yield cell(("family", name, f"{what}: any alarm, largest t"), USUAL, sharp, ALARMS)
        yield cell(("family", name, f"{what}: all ten intervals, each at 95 %"), USUAL, alone)
        yield cell(("family", name, f"{what}: all ten intervals, Dunn"), USUAL, dunn)
        yield cell(
            ("family", name, f"{what}: all ten intervals, largest t"), USUAL, together, COVERS
        )


def powers(values: Values) -> Iterator[Cell]:
    """How often a difference of 3 % is found at the advised number of replications."""
    laws = Gamma(EACH, PHASES**-0.5), Gamma(LESS * EACH, QUICKER_CV)
    shared = truths.deviation_of_difference(*laws, CARTONS)
    apart = EACH * STEADY_CV * sqrt(CARTONS) * hypot(1.0, LESS)
    for what, pair, deviation in (
        ("shared luck", ("base", "quicker"), shared),
        ("luck of their own", ("steady", "steady-quicker"), apart),
    ):
        base, variant = (values["cartons", name] for name in pair)
        truth = world("cartons").variant(pair[0]).truth * (1 - LESS)
        known = advised_runs(deviation, truth)
        yield _found(base, variant, [known] * len(base), f"{what}, deviation known", FINDS)
        for pilot in (10, 20):
            for allowed in (False, True):
                counts = [
                    _advised(run[:pilot], other[:pilot], pilot if allowed else None)
                    for run, other in zip(base, variant, strict=True)
                ]
                how = "allowed for" if allowed else "taken as known"
                text = f"{what}, deviation of {pilot} runs {how}"
                yield _found(base, variant, counts, text, FINDS if allowed else None)
                if allowed:
                    claim = COVERS if pilot == USUAL else None
                    text = f"{what}, {pilot} runs first"
                    yield _held_at(base, variant, counts, text, truth, claim)


def _found(
    base: Floats, variant: Floats, counts: list[int], what: str, claim: tuple[float, float] | None
) -> Cell:
    held, cut = [], 0
    for run, other, count in zip(base, variant, counts, strict=True):
        cut += count > len(run)
        most = min(count, len(run), len(other))
        found = paired_difference(run[:most], other[:most])
        held.append(found.p < 1 - LEVEL and found.difference.estimate < 0)
    return cell(("power", "cartons", what), _range(counts), held, claim, note=_cut(cut, base))


def _held_at(
    base: Floats,
    variant: Floats,
    counts: list[int],
    what: str,
    truth: float,
    claim: tuple[float, float] | None,
) -> Cell:
    """Coverage at the number advised, by runs that are counted as well."""
    pairs = zip(base, variant, counts, strict=True)
    held = [
        _covers(paired_difference(run[:count], other[:count]).difference, -truth)
        for run, other, count in pairs
    ]
    return cell(("pilot", "cartons", what), _range(counts), held, claim)


def _advised(base: Floats, variant: Floats, pilot: int | None) -> int:
    """Return the runs advised for a difference of 3 % of the base's mean, by these runs; no fewer
    than these."""
    deviation = float(np.std(variant - base, ddof=1))
    difference = (1 - LESS) * float(base.mean())
    return max(len(base), advised_runs(deviation, difference, pilot=pilot))


def sequences(values: Values) -> Iterator[Cell]:
    """Coverage where runs went on until the interval was narrow enough (``run --precision``)."""
    base, truth = values["cartons", "base"], world("cartons").variant("base").truth
    for least in (USUAL, FIRST):
        stops = [
            runs_needed([run], [Target(WIDTH * truth)], least=least, most=len(run)) for run in base
        ]
        counts = [
            len(run) if stop is None else stop.runs for run, stop in zip(base, stops, strict=True)
        ]
        short = sum(stop is None or not stop.reached for stop in stops)
        held = (
            _covers(mean_interval(run[:count]), truth)
            for run, count in zip(base, counts, strict=True)
        )
        what = f"mean within {WIDTH:.0%}, at least {least} runs"
        claim = COVERS if least == USUAL else None
        note = f"{short} not narrow enough after {base.shape[1]}" if short else ""
        yield cell(("precision", "cartons", what), _range(counts), held, claim, note=note)


def skewed(values: Values) -> Iterator[Cell]:
    """Where a run's values are far from symmetric: what the intervals do not promise."""
    base, truth = values["single", "base"], world("single").variant("base").truth
    for runs in _counts(base):
        held = (_covers(mean_interval(run), truth) for run in base[:, :runs])
        yield cell(("skew", "single", "mean of exponential runs, Student"), runs, held)
        held = (_covers(willink_interval(run), truth) for run in base[:, :runs])
        yield cell(("skew", "single", "the same, corrected for skewness"), runs, held)
    for name, variant in (("cartons", "long-tail"), ("appointments", "two-clerks")):
        pairs = zip(values[name, "base"][:, :USUAL], values[name, variant], strict=True)
        held = (paired_difference(*pair).p < 1 - LEVEL for pair in pairs)
        yield cell(("skew", name, f"false alarms, {variant} against the base"), USUAL, held)


@lru_cache(maxsize=8)
def world(name: str) -> World:
    """Return a system by its name."""
    return WORLDS[name]()


@lru_cache(maxsize=1)
def _distributions() -> dict[str, tuple[Callable[[float], float], float]]:
    """Distributions that are known, and times that are never exceeded."""
    return {
        "cartons": (truths.erlang_cdf(CARTONS, EACH, PHASES), 20.0),
        "rounds": (truths.erlang_cdf(LEGS, LEG, PHASES), 100.0),
    }


def _there(values: Values, *names: str) -> list[str]:
    return [name for name in names if (name, "base") in values]


def _counts(values: Floats) -> list[int]:
    return [runs for runs in COUNTS if runs <= values.shape[1]]


def _covers(interval: Interval, truth: float) -> bool:
    return interval.low <= truth <= interval.high


def _all_cover(columns: list[Floats], levels: list[float] | tuple[float, ...]) -> bool:
    zeros = np.zeros(len(columns[0]))
    pairs = zip(columns, levels, strict=True)
    return all(
        _covers(paired_difference(zeros, column, level=level).difference, 0.0)
        for column, level in pairs
    )


def _range(counts: list[int]) -> str:
    if min(counts) == max(counts):
        return str(counts[0])
    return f"{np.mean(counts):.0f} ({min(counts)} to {max(counts)})"


def _cut(cut: int, values: Floats) -> str:
    return f"{cut} asked for more than {values.shape[1]}" if cut else ""
