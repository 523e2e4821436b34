"""What the page says of the systems beside the cells: their truths against what was simulated."""

from __future__ import annotations

from math import sqrt
from typing import Any

from scipy.stats import skew

from statstudy.judge import USUAL, world
from statstudy.runs import Values


def facts_of(values: Values) -> dict[str, Any]:
    """Return the number of experiments, and by system the truth, what all runs say of it, and how
    skewed a run's values and differences are."""
    facts: dict[str, Any] = {
        "experiments": max(map(len, values.values())),
        "variants": len(values),
        "replications": sum(table.size for table in values.values()),
    }
    furthest = 0.0
    for (name, variant), table in values.items():
        truth = world(name).variant(variant).truth
        z = (float(table.mean()) - truth) / (float(table.std()) / sqrt(table.size))
        furthest = max(furthest, abs(z))
        facts[f"{name}_{variant}".replace("-", "_")] = {
            "truth": round(truth, 6),
            "mean": round(float(table.mean()), 6),
            "z": round(z, 2),
            "cv": round(float(table.std()) / truth, 3),
            "skew": round(float(skew(table.ravel())), 2),
            "difference_skew": _difference_skew(values, name, variant),
        }
    if ("cartons", "base") in values:
        facts["first"] = values["cartons", "base"][:5, :USUAL].mean(axis=1).tolist()
    facts["furthest"] = round(furthest, 2)
    return facts


def _difference_skew(values: Values, name: str, variant: str) -> float | None:
    if variant == "base" or (name, "base") not in values:
        return None
    mine, base = values[name, variant], values[name, "base"]
    most = min(mine.shape[1], base.shape[1], USUAL)
    return round(float(skew((mine[:, :most] - base[:, :most]).ravel())), 2)
