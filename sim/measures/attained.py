"""What one run attained: the values that goals speak of, found in its tables."""

from __future__ import annotations

from collections.abc import Collection
from math import nan

import pyarrow as pa
import pyarrow.compute as pc

from sim.measures.asked import Asked, find_asked
from sim.measures.goals import Bound, Goal
from sim.measures.scope import NATIONAL
from sim.measures.summary import Key

_COLUMNS = ("measure", "product", "echelon", "region", "entity")


def find_key(goal: Goal, runs: pa.Table, curves: pa.Table, ends: Collection[str]) -> Key:
    """Return which row a goal is about, given the tables of one run of its scenario.

    That is one of ``curves`` where the goal has a time, else of ``runs``; ``ends`` are the echelons
    at which goods end.

    Raises:
        UsageError: as :func:`sim.measures.asked.find_asked`.
    """
    keys = _keys(curves if goal.time else runs)
    return find_asked(Asked(goal.place, goal.measure, goal.names), keys, ends)


def value_of(bound: Bound, key: Key, runs: pa.Table, curves: pa.Table) -> float:
    """Return the value that a goal speaks of in one run; NaN where the run has none."""
    table = curves if bound.hour is not None else runs
    told: dict[str, str | float] = dict(zip(_COLUMNS, key, strict=True))
    if bound.hour is not None:
        told["hour"] = bound.hour
    for column, wanted in told.items():
        if column in table.column_names:
            table = table.filter(pc.equal(table[column], wanted))
    values = table["value"].to_pylist()
    return nan if not values or values[0] is None else float(values[0])


def _keys(table: pa.Table) -> list[Key]:
    """Return the distinct rows of a table of one run; curves are of all regions together."""
    columns = [name for name in _COLUMNS if name in table.column_names]
    found = table.select(columns).group_by(columns).aggregate([]).to_pylist()
    rows = [{"region": NATIONAL, **row} for row in found]
    return sorted(tuple(row[name] for name in _COLUMNS) for row in rows)
