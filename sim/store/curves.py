"""Curves and arrivals of a result as arrays: one row a replication."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.store.result import Result

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CurveValues:
    """A curve by replication: ``values`` has a row for each of ``replications`` (ascending) and a
    column for each of ``hours`` since the start."""

    replications: Ints
    hours: Floats
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class PlaceTimes:
    """When nine tenths of the facilities of each place were served, in hours since the start:
    ``ninety`` has a row for each of ``replications`` and a column for each ``code`` (both
    ascending); inf is not by the horizon. ``facilities`` has one value a place."""

    replications: Ints
    code: Ints
    facilities: Ints
    ninety: Floats


def read_curve(
    result: Result, measure: str, *, product: str = "", echelon: str = "", entity: str = ""
) -> CurveValues | None:
    """Return a curve, or None if the result has no such curve.

    Lanes that leave one echelon for several have a curve each; flows are added up, and coverage is
    their mean.
    """
    table = result.curves
    keys = {"measure": measure, "product": product, "echelon": echelon, "entity": entity}
    mask: pa.ChunkedArray | None = None
    for column, wanted in keys.items():
        here = pc.equal(table[column], wanted)
        mask = here if mask is None else pc.and_(mask, here)
    rows = table.select(["replication", "hour", "value"]).filter(mask)
    if not rows.num_rows:
        return None
    replications, run = np.unique(rows["replication"].to_numpy(), return_inverse=True)
    hours, at = np.unique(rows["hour"].to_numpy(), return_inverse=True)
    values = np.zeros((len(replications), len(hours)))
    times = np.zeros_like(values)
    np.add.at(values, (run, at), rows["value"].to_numpy())
    np.add.at(times, (run, at), 1.0)
    if measure == "coverage":
        values /= times
    return CurveValues(replications.astype(np.int64), hours, values)


def read_place_times(result: Result, echelon: str, codes: NDArray[np.integer]) -> PlaceTimes | None:
    """Return when the facilities of one echelon were served, by the place that serves them; places
    whose code is not one of ``codes`` are left out. None if there is none left."""
    table = result.arrivals
    rows = table.filter(pc.equal(table["echelon"], echelon))
    known = np.isin(rows["code"].to_numpy(), codes)
    if not known.any():
        return None
    code, place = np.unique(rows["code"].to_numpy()[known], return_inverse=True)
    runs, run = np.unique(rows["replication"].to_numpy()[known], return_inverse=True)
    times = np.full((len(runs), len(code)), np.inf)
    ninety = rows["ninety"].to_numpy()[known]
    times[run, place] = np.where(np.isnan(ninety), np.inf, ninety)
    facilities = np.zeros(len(code), np.int64)
    facilities[place] = rows["facilities"].to_numpy()[known]
    return PlaceTimes(runs.astype(np.int64), code.astype(np.int64), facilities, times)
