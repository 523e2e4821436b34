"""Whether intervals became as narrow as was asked, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.measures.asked import text_of
from sim.report.words import plural
from sim.units import show_hours

#: Times since the start, which may lie beyond the horizon.
_TIMES = ("T50", "T90", "T100", "makespan")


def precision_lines(manifest: dict[str, Any]) -> list[str]:
    """Return a line for what a manifest says of precision; nothing if none was asked for.

    ``precise enough after 57 replications: T90@clinic ±5.8 h (6 h asked)``
    """
    found = manifest.get("precision")
    if not isinstance(found, dict):
        return []
    rows, runs = found["measures"], int(manifest["replications"])
    without = [row for row in rows if row["runs_without"]]
    if without:
        said = "; ".join(_without(row, runs) for row in without)
        return [f"not precise enough, and more replications would not help: {said}"]
    if found["reached"]:
        return [f"precise enough after {plural(runs, 'replication')}: {_widths(rows)}"]
    wide = _widths(row for row in rows if not row["reached"]) or _widths(rows)
    most = f"after {plural(runs, 'replication')}, the most that were allowed"
    return [f"not precise enough {most}: {wide}; --max-replications allows more"]


def _without(row: dict[str, Any], runs: int) -> str:
    what = "did not come by the horizon" if row["measure"] in _TIMES else "had no value"
    return f"{_name(row)} has no mean, since it {what} in {row['runs_without']} of {runs} runs"


def _widths(rows: Iterable[dict[str, Any]]) -> str:
    return ", ".join(f"{_name(row)} {_width(row)}" for row in rows)


def _name(row: dict[str, Any]) -> str:
    columns = ("measure", "product", "echelon", "region", "entity")
    measure, product, echelon, region, entity = (str(row[column]) for column in columns)
    return text_of((measure, product, echelon, region, entity))


def _width(row: dict[str, Any]) -> str:
    reached, asked = row["reached_half_width"], row["half_width"]
    if row["relative"]:
        share = reached / abs(row["estimate"]) if reached is not None and row["estimate"] else None
        now = "±?" if share is None else f"±{100 * share:.3g} %"
        return f"{now} of it ({100 * asked:.3g} % asked)"
    now = "±?" if reached is None else f"±{_size(reached, row['unit'])}"
    return f"{now} ({_size(asked, row['unit'])} asked)"


def _size(value: float, unit: str) -> str:
    if unit == "h":
        return show_hours(value)
    number = f"{value:,.3g}"
    return number if unit in ("share", "probability", "gini") else f"{number} {unit}"
