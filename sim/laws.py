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
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv, ndtri
from scipy.special.cython_special import ndtri as ndtri_at

Floats = NDArray[np.float64]

_NEWTON_STEPS = 100  # a bound; measured: at most 14 for a cv up to 1000


class Law(Protocol):
    """A law of a non-negative quantity. Both quantiles raise ValueError unless 0 < u < 1."""

    @property
    def mean(self) -> float: ...

    @property
    def cv(self) -> float:
        """Standard deviation over mean."""
        ...

    @property
    def is_continuous(self) -> bool:
        """Whether two draws are never the same."""
        ...

    def quantile(self, u: ArrayLike) -> Floats: ...

    def quantile_at(self, u: float) -> float: ...

    def scaled(self, factor: float) -> Self:
        """The law of ``factor`` times the quantity: same cv. Raises ValueError if not > 0."""
        ...


class _Inversion:
    """What the laws share: ``_at`` is the formula, in numpy, for one uniform or for many."""

    __slots__ = ()
    is_continuous: ClassVar[bool] = True

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
        scaled: Self = replace(law, mean=law.mean * positive("the factor", factor))
        return scaled

    def _at(self, u: Any) -> Any:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Constant(_Inversion):
    """Always the mean, which may be 0."""

    mean: float
    cv: ClassVar[float] = 0.0
    is_continuous: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.mean != 0.0:
            positive("the mean", self.mean)

    def _at(self, u: Any) -> Any:
        return self.mean + 0.0 * u


@dataclass(frozen=True, slots=True)
class Exponential(_Inversion):
    """Memoryless."""

    mean: float
    cv: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        positive("the mean", self.mean)

    def _at(self, u: Any) -> Any:
        return -self.mean * np.log1p(-u)


@dataclass(frozen=True, slots=True)
class Gamma(_Inversion):
    """Gamma with shape 1 / cv^2; an Erlang law where that is a whole number."""

    mean: float
    cv: float

    def __post_init__(self) -> None:
        positive("the mean", self.mean)
        positive("the cv", self.cv)

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
        positive("the mean", self.mean)
        variance = math.log1p(positive("the cv", self.cv) ** 2)
        object.__setattr__(self, "_sigma", math.sqrt(variance))
        object.__setattr__(self, "_median", self.mean * math.exp(-variance / 2))

    def quantile_at(self, u: float) -> float:
        if not 0.0 < u < 1.0:
            raise ValueError(f"a uniform must lie between 0 and 1, found {u:g}")
        # written out, because engines draw these one by one and numpy is slow at that
        return self._median * math.exp(self._sigma * ndtri_at(u))

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
        positive("the mean", self.mean)
        if positive("the cv", self.cv) < 1.0:
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
        positive("the mean", self.mean)
        at_most("uniform", self.cv, 3)

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
        f = positive("the factor", factor)
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
    is_continuous: ClassVar[bool] = False

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
        f = positive("the factor", factor)
        return replace(self, values=tuple(f * value for value in self.values))


@dataclass(frozen=True, slots=True)
class Geometric(_Inversion):
    """Whole numbers 1, 2, 3, ... that fall off by one factor: P(X > k) = (1 - 1 / mean)^k; the
    mean is above 1 (N. L. Johnson, A. W. Kemp & S. Kotz, Univariate Discrete Distributions, 3rd
    ed., 2005, chapter 5, counted from 1)."""

    mean: float
    is_continuous: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not 1.0 < self.mean < math.inf:
            raise ValueError(f"a geometric law needs a mean above 1, found {self.mean:g}")

    @property
    def cv(self) -> float:
        return math.sqrt(1.0 - 1.0 / self.mean)

    def _at(self, u: Any) -> Any:
        return np.maximum(np.ceil(np.log1p(-u) / math.log1p(-1.0 / self.mean)), 1.0)

    def scaled(self, factor: float) -> Self:
        raise ValueError(f"a geometric law has whole numbers, which cannot take {factor:g} times")


def positive(name: str, value: float) -> float:
    """Return ``value``; raise ValueError unless it is above 0 and finite."""
    if not 0.0 < value < math.inf:
        raise ValueError(f"{name} of a law must be above 0 and finite, found {value:g}")
    return value


def at_most(kind: str, cv: float, square: int) -> float:
    """``cv``, if a law on a symmetric range around its mean stays at 0 or above with it."""
    if positive("the cv", cv) > 1.0 / math.sqrt(square):
        raise ValueError(
            f"a {kind} law with a cv above {1.0 / math.sqrt(square):.6g} would have negative "
            f"values, found {cv:g}; gamma takes any cv"
        )
    return cv
