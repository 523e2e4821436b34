"""What people read of a sweep: the unit in which a measure reads best, settings and differences."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan

import numpy as np
from numpy.typing import ArrayLike

from sim.store.sweeps import Number

_DAYS_FROM = 72.0  # hours; what is longer reads better in days


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit to draw a measure in, how many of its own unit that is, and what it is called where
    differences are drawn."""

    unit: str
    size: float
    differences: str


def scale_of(unit: str, values: ArrayLike) -> Scale:
    """Return the scale for values, or differences, of a unit; the finite ones decide."""
    numbers = np.abs(np.asarray(values, np.float64))
    largest = float(numbers[np.isfinite(numbers)].max(initial=0.0))
    if unit == "h":
        if largest >= _DAYS_FROM:
            return Scale("days", 24.0, "days")
        return Scale("hours", 1.0, "hours") if largest >= 2 else Scale("minutes", 1 / 60, "minutes")
    if unit in ("share", "probability"):
        return Scale("per cent", 0.01, "percentage points")
    return Scale(unit, 1.0, unit)


def setting_text(setting: Number, unit: str = "") -> str:
    """Write a setting: ``4``, ``0.04 m3``, ``10,000/day``, ``nearest-first``; None is as it is."""
    if setting is None:
        return "as it is"
    if isinstance(setting, str):
        return setting
    if unit.startswith("share of"):
        return f"{setting:.0%}"
    number = f"{setting:,.0f}" if float(setting).is_integer() else f"{setting:,.4g}"
    return f"{number}{unit if unit.startswith('/') else f' {unit}'}" if unit else number


def difference_text(value: float, scale: Scale) -> str:
    """Write a difference with its sign, in the unit of a scale, which is left out."""
    if isnan(value):
        return "not known"
    if not isfinite(value):
        return "beyond the horizon" if value > 0 else "within the horizon"
    number = value / scale.size
    digits = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2
    text = f"{number:+,.{digits}f}"
    return text.lstrip("+-") if not text.strip("+-0.,") else text
