"""Laplace transforms E exp(-s X) of the times between arrivals, for GI/M/1.

Textbook forms: L. Kleinrock, Queueing Systems, vol. 1, 1975, appendix I.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Transform = Callable[[float], float]


def constant(mean: float) -> Transform:
    """Return the transform of a constant gap: exp(-s mean)."""
    return lambda s: math.exp(-s * mean)


def exponential(mean: float) -> Transform:
    """Return the transform of an exponential gap: 1 / (1 + s mean)."""
    return lambda s: 1.0 / (1.0 + s * mean)


def erlang(mean: float, stages: int) -> Transform:
    """Return the transform of a sum of equal exponential stages: (1 + s mean / stages)^-stages."""
    return lambda s: (1.0 + s * mean / stages) ** -stages


def gamma(mean: float, cv: float) -> Transform:
    """Return the transform of a gamma law with shape 1 / cv^2."""
    return lambda s: (1.0 + s * mean * cv * cv) ** (-1.0 / (cv * cv))


def mixture(chances: tuple[float, ...], means: tuple[float, ...]) -> Transform:
    """Return the transform of a hyperexponential law: sum of chance / (1 + s mean)."""
    pairs = tuple(zip(chances, means, strict=True))
    return lambda s: math.fsum(chance / (1.0 + s * mean) for chance, mean in pairs)


def balanced(mean: float, cv: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return chances and means of two exponential branches that each give half of the mean.

    cv >= 1 (H. C. Tijms, A First Course in Stochastic Models, 2003, appendix B).
    """
    shift = math.sqrt((cv * cv - 1.0) / (cv * cv + 1.0))
    p = (1.0 + shift) / 2.0
    return (p, 1.0 - p), (mean / (2.0 * p), mean / (2.0 * (1.0 - p)))


def hyperexponential(mean: float, cv: float) -> Transform:
    """Return the transform of the mixture of two exponential laws with balanced means."""
    return mixture(*balanced(mean, cv))


def uniform(low: float, high: float) -> Transform:
    """Return the transform of a uniform gap: (exp(-s low) - exp(-s high)) / (s (high - low))."""

    def transform(s: float) -> float:
        x = s * (high - low)
        return math.exp(-s * low) * (-math.expm1(-x) / x if x else 1.0)

    return transform
