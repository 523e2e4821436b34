"""Measures of a result as rows, and the few of them that a first look needs."""

from __future__ import annotations

from typing import Any

from sim.store.result import Result

Row = dict[str, Any]


def measure_rows(result: Result) -> list[Row]:
    """Return all measures of a result as dictionaries, ``name`` being the measure."""
    rows = result.measures.to_pylist()
    return [{"name": row.pop("measure"), **row} for row in rows]


def find(rows: list[Row], name: str, **where: str) -> Row | None:
    """Return the first row of a measure with these keys, or None."""
    for row in rows:
        if row["name"] == name and all(row[key] == value for key, value in where.items()):
            return row
    return None
