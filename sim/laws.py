"""Probability laws for durations and sizes, given by their mean and coefficient of variation (cv).

Every law is drawn by inversion: one uniform u in the open interval (0, 1) becomes
``quantile(u)``, which never falls as u rises. So a draw costs one uniform whatever the law, and
two laws fed with the same uniforms stay as close as they can (common random numbers).

``quantile`` takes arrays of any shape, ``quantile_at`` one number; one formula serves both. No law
ever gives a negative value. For many entities with means of their own and one cv, multiply the
means with the quantiles of a law of mean 1.

Formulas: N. L. Johnson, S. Kotz & N. Balakrishnan, Continuous Univariate Distributions, vol. 1,
2nd ed. (1994) and vol. 2 (1995), unless a class names another source.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv, ndtri

from sim.errors import did_you_mean

Floats = NDArray[np.float64]

_ERLANG_ROUNDING = 1e-5  # a cv written with six digits still means its whole number of stages
_NEWTON_STEPS = 100  # a bound; measured: at most 14 for a cv up to 1000


class Law(Protocol):
    """A law of a non-negative quantity. Both quantiles raise ValueError unless 0 < u < 1."""

    @property
    def mean(self) -> float: ...

    @property
    def cv(self) -> float:
        """Standard deviation over mean."""
        ...

    def quantile(self, u: ArrayLike) -> Floats: ...

    def quantile_at(self, u: float) -> float: ...

    def scaled(self, factor: float) -> Self:
        """The law of ``factor`` times the quantity: same cv. Raises ValueError if not > 0."""
        ...


class _Inversion:
    """What the laws share: ``_at`` is the formula, in numpy, for one uniform or for many."""

    __slots__ = ()

    def quantile(self, u: ArrayLike) -> Floats:
        chances = np.asarray(u, dtype=np.float64)
        if not ((chances > 0.0) & (chances < 1.0)).all():
            raise ValueError("uniforms must lie between 0 and 1")
        return np.asarray(self._at(chances))

    def quantile_at(self, u: float) -> float:
        if not 0.0 < u < 1.0:
            raise ValueError(f"a uniform must lie between 0 and 1, found {u:g}")
        return float(self._at(u))

    def scaled(self, factor: float) -> Self:
        law: Any = self
        scaled: Self = replace(law, mean=law.mean * _positive("the factor", factor))
        return scaled

    def _at(self, u: Any) -> Any:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Constant(_Inversion):
    """Always the mean, which may be 0."""

    mean: float
    cv: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        if self.mean != 0.0:
            _positive("the mean", self.mean)

    def _at(self, u: Any) -> Any:
        return self.mean + 0.0 * u


@dataclass(frozen=True, slots=True)
class Exponential(_Inversion):
    """Memoryless."""

    mean: float
    cv: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        _positive("the mean", self.mean)

    def _at(self, u: Any) -> Any:
        return -self.mean * np.log1p(-u)


@dataclass(frozen=True, slots=True)
class Gamma(_Inversion):
    """Gamma with shape 1 / cv^2; an Erlang law where that is a whole number."""

    mean: float
    cv: float

    def __post_init__(self) -> None:
        _positive("the mean", self.mean)
        _positive("the cv", self.cv)

    def _at(self, u: Any) -> Any:
        square = self.cv**2
        return self.mean * square * gammaincinv(1.0 / square, u)


@dataclass(frozen=True, slots=True)
class Lognormal(_Inversion):
    """exp of a normal variable of variance log(1 + cv^2)."""

    mean: float
    cv: float
    _median: float = field(init=False, repr=False, compare=False)
    _sigma: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _positive("the mean", self.mean)
        variance = math.log1p(_positive("the cv", self.cv) ** 2)
        object.__setattr__(self, "_sigma", math.sqrt(variance))
        object.__setattr__(self, "_median", self.mean * math.exp(-variance / 2))

    def quantile_at(self, u: float) -> float:
        if not 0.0 < u < 1.0:
            raise ValueError(f"a uniform must lie between 0 and 1, found {u:g}")
        return self._median * math.exp(self._sigma * float(ndtri(u)))  # engines draw these one by one

    def _at(self, u: Any) -> Any:
        return self._median * np.exp(self._sigma * ndtri(u))


@dataclass(frozen=True, slots=True)
class Hyperexponential(_Inversion):
    """A mixture of two exponential laws with balanced means; cv >= 1.

    Branch i is taken with probability p_i and has rate 2 p_i / mean, where
    p_1 = (1 + sqrt((cv^2 - 1) / (cv^2 + 1))) / 2 (H. C. Tijms, A First Course in Stochastic Models,
    2003, appendix B). The quantile solves log S(x) = log(1 - u), S the survival function,
    by Newton's method. log S is convex (the hazard rate falls), so from a lower bound on x the
    steps rise to the root and never pass it.
    """

    mean: float
    cv: float
    _branches: tuple[tuple[float, float], tuple[float, float]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        _positive("the mean", self.mean)
        if _positive("the cv", self.cv) < 1.0:
            raise ValueError(
                f"a hyperexponential law needs a cv of 1 or more, found {self.cv:g}; "
                f"gamma takes any cv"
            )
        shift = math.sqrt((self.cv**2 - 1.0) / (self.cv**2 + 1.0))
        # 1 - shift without the cancellation that a large cv would bring
        rest = 2.0 / ((self.cv**2 + 1.0) * (1.0 + shift))
        chances = (1.0 + shift) / 2.0, rest / 2.0
        branches = tuple((chance, 2.0 * chance / self.mean) for chance in chances)
        object.__setattr__(self, "_branches", branches)

    def _at(self, u: Any) -> Any:
        (p, fast), (q, slow) = self._branches
        target = np.log1p(-u)
        x = np.maximum((math.log(p) - target) / fast, (math.log(q) - target) / slow)
        x = np.maximum(x, -target / (p * fast + q * slow))
        for _ in range(_NEWTON_STEPS):
            first, second = p * np.exp(-fast * x), q * np.exp(-slow * x)
            survival = first + second
            step = (np.log(survival) - target) * survival / (fast * first + slow * second)
            going = step > 1e-15 * (self.mean + x)
            if not np.any(going):
                break
            x = np.where(going, x + step, x)  # who has arrived stays, whatever others need
        return x


@dataclass(frozen=True, slots=True)
class Uniform(_Inversion):
    """Uniform on mean (1 - sqrt(3) cv) to mean (1 + sqrt(3) cv); cv at most 1 / sqrt(3)."""

    mean: float
    cv: float

    def __post_init__(self) -> None:
        _positive("the mean", self.mean)
        _at_most("uniform", self.cv, 3)

    def _at(self, u: Any) -> Any:
        half = self.mean * self.cv * math.sqrt(3)
        return np.maximum(self.mean + half * (2.0 * u - 1.0), 0.0)


@dataclass(frozen=True, slots=True)
class Triangular(_Inversion):
    """From ``low`` to ``high``, most likely at ``mode``; 0 <= low <= mode <= high, low < high."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        if not (0 <= self.low <= self.mode <= self.high < math.inf and self.low < self.high):
            raise ValueError(
                "a triangular law needs 0 <= low <= mode <= high and low < high, found "
                f"low {self.low:g}, mode {self.mode:g}, high {self.high:g}"
            )

    @property
    def mean(self) -> float:
        return (self.low + self.mode + self.high) / 3

    @property
    def cv(self) -> float:
        a, b, c = self.mode - self.low, self.high - self.mode, self.high - self.low
        return math.sqrt((a * a + b * b + c * c) / 36) / self.mean

    def _at(self, u: Any) -> Any:
        left, right, width = self.mode - self.low, self.high - self.mode, self.high - self.low
        rising = self.low + np.sqrt(u * (width * left))
        falling = self.high - np.sqrt((1.0 - u) * (width * right))
        return np.where(u * width < left, rising, falling)

    def scaled(self, factor: float) -> Self:
        f = _positive("the factor", factor)
        return replace(self, low=f * self.low, mode=f * self.mode, high=f * self.high)


@dataclass(frozen=True, slots=True)
class Empirical(_Inversion):
    """The given values with the given weights, equal ones if there are none; no interpolation."""

    values: tuple[float, ...]
    weights: tuple[float, ...] = ()
    mean: float = field(init=False, repr=False, compare=False)
    cv: float = field(init=False, repr=False, compare=False)
    _sorted: Floats = field(init=False, repr=False, compare=False)
    _reached: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        weights = self.weights or (1.0,) * len(self.values)
        if not self.values or len(weights) != len(self.values):
            raise ValueError(
                f"an empirical law needs values and one weight for each, found "
                f"{len(self.values)} values and {len(self.weights)} weights"
            )
        for name, numbers in (("values", self.values), ("weights", weights)):
            if not all(0 <= number < math.inf for number in numbers):
                raise ValueError(f"the {name} of an empirical law must be finite and 0 or more")
        total = math.fsum(weights)
        if total == 0:
            raise ValueError("an empirical law needs a weight above 0")
        pairs = sorted((v, w / total) for v, w in zip(self.values, weights, strict=True) if w > 0)
        ordered = np.array([value for value, _ in pairs], dtype=np.float64)
        reached = np.cumsum([weight for _, weight in pairs])
        reached[-1] = 1.0
        mean = math.fsum(value * weight for value, weight in pairs)
        variance = math.fsum(weight * (value - mean) ** 2 for value, weight in pairs)
        object.__setattr__(self, "_sorted", ordered)
        object.__setattr__(self, "_reached", reached)
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "cv", math.sqrt(variance) / mean if mean > 0 else 0.0)

    def _at(self, u: Any) -> Any:
        return self._sorted[np.searchsorted(self._reached, u)]

    def scaled(self, factor: float) -> Self:
        f = _positive("the factor", factor)
        return replace(self, values=tuple(f * value for value in self.values))


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

    ``mean``, ``low``, ``mode``, ``high`` and ``values`` share one unit, the result's. A cv of 0
    makes a gamma, lognormal, uniform or triangular law the constant.

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
    stages = 1.0 / _positive("the cv", cv) ** 2
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
    mean, cv = _positive("the mean", given["mean"]), given["cv"]
    if cv == 0.0:
        return Constant(mean)
    half = mean * _at_most("triangular", cv, 6) * math.sqrt(6)
    return Triangular(max(mean - half, 0.0), mean, mean + half)


def _or_constant(law: Callable[[float, float], Law]) -> Callable[..., Law]:
    return lambda mean, cv: Constant(mean) if cv == 0.0 else law(mean, cv)


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
    "empirical": LawKind("observed values", (("values",), ("values", "weights")), Empirical),
}


def _positive(name: str, value: float) -> float:
    if not 0.0 < value < math.inf:
        raise ValueError(f"{name} of a law must be above 0 and finite, found {value:g}")
    return value


def _at_most(kind: str, cv: float, square: int) -> float:
    """``cv``, if a law on a symmetric range around its mean stays at 0 or above with it."""
    if _positive("the cv", cv) > 1.0 / math.sqrt(square):
        raise ValueError(
            f"a {kind} law with a cv above {1.0 / math.sqrt(square):.6g} would have negative "
            f"values, found {cv:g}; gamma takes any cv"
        )
    return cv
