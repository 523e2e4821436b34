"""The kinds of laws by name, as scenario files give them: by mean and cv, or as the kind asks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sim.errors import did_you_mean
from sim.laws import (
    Constant,
    Empirical,
    Exponential,
    Gamma,
    Geometric,
    Hyperexponential,
    Law,
    Lognormal,
    Triangular,
    Uniform,
    at_most,
    positive,
)

_NO_SPREAD = 1e-15  # a cv below which float64 knows the mean only
_ERLANG_ROUNDING = 1e-5  # a cv written with six digits still means its whole number of stages


@dataclass(frozen=True, slots=True)
class LawKind:
    """One kind of law: what it is in words, the parameters it takes, and its maker."""

    meaning: str
    parameters: tuple[tuple[str, ...], ...]
    make: Callable[..., Law]


def make_law(
    kind: str,
    mean: float | None = None,
    cv: float | None = None,
    *,
    low: float | None = None,
    mode: float | None = None,
    high: float | None = None,
    values: Iterable[float] | None = None,
    weights: Iterable[float] | None = None,
) -> Law:
    """The law of that kind with these parameters; ``LAW_KINDS`` lists what each kind takes.

    ``mean``, ``low``, ``mode``, ``high`` and ``values`` share one unit, the result's. A cv of 0, or
    too small to tell, makes a gamma, lognormal, uniform or triangular law the constant.

    Raises ValueError, with a sentence for people, for an unknown kind, for parameters that the
    kind does not take or lacks, and for values that it cannot have.
    """
    if kind not in LAW_KINDS:
        hint = did_you_mean(kind, list(LAW_KINDS)) or "one of " + ", ".join(LAW_KINDS)
        raise ValueError(f'"{kind}" is not a kind of law: {hint}')
    given: dict[str, Any] = {
        "mean": mean, "cv": cv, "low": low, "mode": mode, "high": high,
        "values": None if values is None else tuple(values),
        "weights": None if weights is None else tuple(weights),
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    known = LAW_KINDS[kind]
    if tuple(given) not in known.parameters:
        wanted = ", or ".join(" and ".join(names) for names in known.parameters)
        found = " and ".join(given) or "nothing"
        raise ValueError(f"a law of kind {kind} takes {wanted}; found {found}")
    return known.make(**given)


def _constant(mean: float, cv: float = 0.0) -> Law:
    if cv != 0.0:
        raise ValueError(f"a constant has a cv of 0, found {cv:g}")
    return Constant(mean)


def _exponential(mean: float, cv: float = 1.0) -> Law:
    if cv != 1.0:
        raise ValueError(f"an exponential law has a cv of 1, found {cv:g}; gamma takes any cv")
    return Exponential(mean)


def _erlang(mean: float, cv: float) -> Law:
    if 0.0 < cv < _NO_SPREAD:
        return Constant(mean)
    stages = 1.0 / positive("the cv", cv) ** 2
    few = max(1, math.floor(stages))
    nearest = min((few, few + 1), key=lambda k: abs(1 / math.sqrt(k) - cv))
    exact = 1.0 / math.sqrt(nearest)
    if abs(cv - exact) > _ERLANG_ROUNDING * exact:
        raise ValueError(
            f"an erlang law has a cv of 1 / sqrt(k) for a whole number k: the nearest to {cv:g} "
            f"is {exact:.6g} (k = {nearest}); gamma takes any cv"
        )
    return Gamma(mean, exact)


def _triangular(**given: float) -> Law:
    if "low" in given:
        return Triangular(**given)
    mean, cv = positive("the mean", given["mean"]), given["cv"]
    if 0.0 <= cv < _NO_SPREAD:
        return Constant(mean)
    half = mean * at_most("triangular", cv, 6) * math.sqrt(6)
    return Triangular(max(mean - half, 0.0), mean, mean + half)


def _or_constant(law: Callable[[float, float], Law]) -> Callable[..., Law]:
    return lambda mean, cv: Constant(mean) if 0.0 <= cv < _NO_SPREAD else law(mean, cv)


LAW_KINDS: dict[str, LawKind] = {
    "constant": LawKind("always the mean", (("mean",), ("mean", "cv")), _constant),
    "exponential": LawKind("memoryless, cv 1", (("mean",), ("mean", "cv")), _exponential),
    "erlang": LawKind("a sum of k equal exponential stages", (("mean", "cv"),), _erlang),
    "gamma": LawKind("positive, any cv", (("mean", "cv"),), _or_constant(Gamma)),
    "lognormal": LawKind("positive, long tail", (("mean", "cv"),), _or_constant(Lognormal)),
    "hyperexponential": LawKind(
        "a mixture of two exponential laws, cv 1 or more", (("mean", "cv"),), Hyperexponential
    ),
    "uniform": LawKind("equally likely in a range", (("mean", "cv"),), _or_constant(Uniform)),
    "triangular": LawKind(
        "a range with a most likely value, symmetric if given by mean and cv",
        (("mean", "cv"), ("low", "mode", "high")),
        _triangular,
    ),
    "geometric": LawKind(
        "whole numbers from 1 on, each less likely than the last", (("mean",),), Geometric
    ),
    "empirical": LawKind("observed values", (("values",), ("values", "weights")), Empirical),
}
