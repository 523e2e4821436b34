"""Effects: what each axis of a sweep does to a measure, and which of them decides it.

What is said depends on the design. One at a time: the paired difference of each setting to the
scenario as it is. A Latin hypercube: slopes and rank correlations. A Sobol design, and a full grid:
shares of the variance between points, each alone and with all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite, isnan, nan

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.catalogue import find_measure
from sim.measures.summary import Key
from sim.scenario.ranges import number_of
from sim.statistics.intervals import Interval
from sim.statistics.paired import paired_difference
from sim.statistics.sensitivity import grid_indices, indices, noise_share, screen
from sim.store.sweeps import REPORTED, Number, Sweep
from sim.sweeping.designs import generator

Floats = NDArray[np.float64]

#: Measures that are moments: one without a value had not come by the horizon.
_MOMENTS = ("T50", "T90", "T100", "makespan")
#: Straight lines that explain so much say what decides; else ranks do.
STRAIGHT = 0.7


@dataclass(frozen=True, slots=True)
class Effect:
    """One number about one axis. ``kind`` is difference (to the scenario as it is, in the unit of
    the measure, at ``setting``), first or total (shares of the variance), slope or rank."""

    axis: str
    kind: str
    setting: Number
    found: Interval


@dataclass(frozen=True, slots=True)
class Effects:
    """What all axes do to one measure.

    ``weights`` says by axis how much it decides: the swing between its settings in the unit of the
    measure, its total share, or the size of its slope or rank. ``late`` of ``runs`` runs had not
    come by the horizon and count as having come then; ``noise`` is the share of the variance that
    is luck; ``explained`` that which straight lines explain, of the values or of their ranks as
    ``by`` says. ``why`` says why there is nothing.
    """

    key: Key
    unit: str
    kind: str
    rows: tuple[Effect, ...] = ()
    weights: tuple[tuple[str, float], ...] = ()
    late: int = 0
    runs: int = 0
    noise: float = nan
    by: str = ""
    explained: float = nan
    why: str = ""

    def of(self, axis: str, kind: str) -> list[Effect]:
        """Return the effects of one axis of one kind."""
        return [row for row in self.rows if row.axis == axis and row.kind == kind]

    @property
    def ranked(self) -> list[str]:
        """The axes, the one that decides most first; in their order where they decide alike."""
        order = sorted(self.weights, key=lambda pair: -pair[1] if not isnan(pair[1]) else inf)
        return [axis for axis, _ in order]


def effects_of(sweep: Sweep, key: Key, unit: str) -> Effects:
    """Return what the axes of a sweep do to one measure."""
    values = sweep.values(key)
    base = Effects(key, unit, sweep.kind, runs=int(values.size))
    if sweep.kind == "one-at-a-time":
        return _one_at_a_time(sweep, base, values)
    late = int(np.isnan(values).sum())
    if late and not is_moment(key, unit):
        why = f"in {late:,} of {values.size:,} runs it had no value"
        return replace(base, late=late, why=why)
    values = np.where(np.isnan(values), _horizons(sweep), values)
    design = values[:, sweep.rows]
    noise = noise_share(values[:, sorted(set(sweep.rows))])
    if np.ptp(design.mean(axis=0)) <= 1e-12 * max(1.0, float(np.abs(design).max())):
        return replace(base, late=late, why="it is the same at all points")
    found = replace(base, late=late, noise=noise)
    return {"sobol": _sobol, "grid": _grid, "latin": _latin}[sweep.kind](sweep, found, design)


def is_moment(key: Key, unit: str) -> bool:
    """Whether a measure is a moment, which a run may not see before its horizon."""
    return key[0] in _MOMENTS or (key[0] == REPORTED and unit == "h")


def _one_at_a_time(sweep: Sweep, base: Effects, values: Floats) -> Effects:
    better = "" if base.key[0] == REPORTED else find_measure(base.key[0]).better
    rows: list[Effect] = []
    weights: list[tuple[str, float]] = []
    for axis in sweep.axes:
        settings = sweep.settings(axis)
        reached = [0.0]
        for point in sweep.rows:
            if settings[point] == settings[0]:
                continue
            pair = paired_difference(values[:, 0], values[:, point], better=better)
            rows.append(Effect(axis.name, "difference", settings[point], pair.difference))
            if not isnan(pair.difference.estimate):
                reached.append(pair.difference.estimate)
        weights.append((axis.name, max(reached) - min(reached)))
    why = "" if any(not isnan(row.found.estimate) for row in rows) else "no difference can be told"
    late = int(np.isnan(values).sum())
    return replace(base, rows=tuple(rows), weights=tuple(weights), late=late, why=why)


def _sobol(sweep: Sweep, base: Effects, design: Floats) -> Effects:
    seed = int(sweep.manifest["seed"])
    rng = generator(seed, "bootstrap/" + "/".join(base.key))
    return _shares(sweep, base, [(i.first, i.total) for i in indices(design, len(sweep.axes), rng)])


def _grid(sweep: Sweep, base: Effects, design: Floats) -> Effects:
    levels = _levels(sweep)
    method = "all combinations, no estimate"
    found = [
        tuple(Interval(share, nan, nan, 0.95, method) for share in pair)
        for pair in grid_indices(design.mean(axis=0), levels)
    ]
    return _shares(sweep, base, [(first, total) for first, total in found])


def _levels(sweep: Sweep) -> list[int]:
    """Return how many settings each axis has among the rows of a grid."""
    return [
        len({settings[point] for point in sweep.rows})
        for settings in map(sweep.settings, sweep.axes)
    ]


def _shares(sweep: Sweep, base: Effects, found: Sequence[tuple[Interval, Interval]]) -> Effects:
    rows = [
        Effect(axis.name, kind, None, interval)
        for axis, pair in zip(sweep.axes, found, strict=True)
        for kind, interval in zip(("first", "total"), pair, strict=True)
    ]
    weights = [(row.axis, row.found.estimate) for row in rows if row.kind == "total"]
    return replace(base, rows=tuple(rows), weights=tuple(weights))


def _latin(sweep: Sweep, base: Effects, design: Floats) -> Effects:
    axes = [axis for axis in sweep.axes if axis.numeric]
    columns = [[sweep.settings(axis)[point] for point in sweep.rows] for axis in axes]
    screened = screen(np.array(columns, np.float64).T, design)
    rows = [
        Effect(axis.name, kind, None, interval)
        for axis, effect in zip(axes, screened.factors, strict=True)
        for kind, interval in (("slope", effect.slope), ("rank", effect.rank))
    ]
    wanted = "slope" if screened.explained >= STRAIGHT else "rank"
    weights = [(row.axis, abs(row.found.estimate)) for row in rows if row.kind == wanted]
    why = "" if any(not isnan(weight) for _, weight in weights) else rows[0].found.method
    explained = screened.explained if wanted == "slope" else screened.rank_explained
    return replace(
        base, rows=tuple(rows), weights=tuple(weights), by=wanted, explained=explained, why=why
    )


def _horizons(sweep: Sweep) -> Floats:
    """Return the horizon of each point, in hours."""
    hours = sweep.loaded.scenario.horizon.value
    points = sweep.points.num_rows
    varied = next((axis for axis in sweep.axes if axis.name == "horizon"), None)
    if varied is None:
        return np.full(points, hours)
    return np.array(
        [
            number_of(f"{setting} {varied.unit}", "h") if varied.numeric else nan
            for setting in sweep.settings(varied)
        ]
    )


#: Columns of the table of effects.
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("measure", "product", "echelon", "region", "entity")),
        ("unit", pa.string()),
        ("axis", pa.string()),
        ("axis-unit", pa.string()),
        ("effect", pa.string()),
        ("setting", pa.string()),
        ("estimate", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("rank", pa.int32()),
        ("method", pa.string()),
    ]
)


def effects_table(sweep: Sweep, effects: Sequence[Effects]) -> pa.Table:
    """Return effects as a table: ``rank`` is the place of the axis among those that decide the
    measure; a difference beyond the horizon, and a bound that there is not, are null."""
    units = {axis.name: axis.unit for axis in sweep.axes}
    rows = []
    for each in effects:
        places = {axis: place for place, axis in enumerate(each.ranked, 1)}
        for row in each.rows:
            bounds = (row.found.estimate, row.found.low, row.found.high)
            shares = row.kind in ("first", "total", "slope", "rank")
            rows.append(
                (
                    *each.key,
                    "" if shares else each.unit,
                    row.axis,
                    units[row.axis],
                    row.kind,
                    None if row.setting is None else f"{row.setting}",
                    *(value if isfinite(value) else None for value in bounds),
                    places.get(row.axis),
                    row.found.method,
                )
            )
    columns: list[Sequence[object]] = list(zip(*rows, strict=True)) or [()] * len(SCHEMA)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)],
        schema=SCHEMA,
    )
