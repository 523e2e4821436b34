"""What one run attained: the values that goals speak of, found in its tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import nan

import pyarrow as pa
import pyarrow.compute as pc

from sim.errors import UsageError, did_you_mean
from sim.measures.goals import Bound, Goal
from sim.measures.scope import NATIONAL

_COLUMNS = ("product", "echelon", "region", "entity")


@dataclass(frozen=True, slots=True)
class Series:
    """Which row of a table a goal is about: one of ``curves`` or of ``runs``."""

    measure: str
    product: str
    echelon: str
    region: str
    entity: str

    @property
    def text(self) -> str:
        """The measure with all that tells it from others, as a goal would write it."""
        region = "" if self.region == NATIONAL else self.region
        names = (self.echelon, self.product, self.entity, region)
        return "".join([self.measure, *(f"@{name}" for name in names if name)])


def find_series(goal: Goal, runs: pa.Table, curves: pa.Table, ends: Collection[str]) -> Series:
    """Return what a goal is about, given the tables of one run of its scenario.

    ``ends`` are the echelons at which goods end: a goal that names no echelon is about the only one
    of them that has the measure. One that names no region is about all of them together.

    Raises:
        UsageError: the run has no such measure, or a name is unknown; or several rows fit, which
            are listed.
    """
    table = curves if goal.time else runs
    every = [series for series in _distinct(table) if series.measure == goal.measure]
    if not every:
        over = "" if not goal.time else " over time"
        raise UsageError(f"{goal.place}: runs of this scenario have no {goal.measure}{over}")
    for name in goal.names:
        known = {value for series in every for value in _names(series)}
        if name not in known:
            hint = did_you_mean(name, sorted(known)) or _choices(every)
            raise UsageError(
                f"{goal.place}: expected an echelon, product, region or entity that "
                f'{goal.measure} is kept of, found "{name}" ({hint})'
            )
    fit = [series for series in every if set(goal.names) <= _names(series)]
    national = [series for series in fit if series.region == NATIONAL]
    fit = national or fit
    ending = [series for series in fit if series.echelon in ends]
    fit = ending if len(fit) > 1 and len(ending) == 1 else fit
    if len(fit) == 1:
        return fit[0]
    problem = "several are meant" if fit else "none is of all these names"
    raise UsageError(f"{goal.place}: {problem}: {_choices(fit or every)}")


def value_of(bound: Bound, series: Series, runs: pa.Table, curves: pa.Table) -> float:
    """Return the value that a goal speaks of in one run; NaN where the run has none."""
    table = curves if bound.hour is not None else runs
    wanted = pc.equal(table["measure"], series.measure)
    for column in _COLUMNS:
        if column in table.column_names:
            wanted = pc.and_(wanted, pc.equal(table[column], getattr(series, column)))
    if bound.hour is not None:
        wanted = pc.and_(wanted, pc.equal(table["hour"], bound.hour))
    values = table.filter(wanted)["value"].to_pylist()
    return nan if not values or values[0] is None else float(values[0])


def _distinct(table: pa.Table) -> list[Series]:
    columns = [name for name in _COLUMNS if name in table.column_names]
    keys = table.select(["measure", *columns]).group_by(["measure", *columns]).aggregate([])
    found = [
        Series(**{"product": "", "echelon": "", "region": NATIONAL, "entity": "", **row})
        for row in keys.to_pylist()
    ]
    return sorted(found, key=lambda series: series.text)


def _names(series: Series) -> set[str]:
    return {series.product, series.echelon, series.region, series.entity} - {""}


def _choices(series: Sequence[Series] | Iterable[Series], most: int = 8) -> str:
    texts = sorted({each.text for each in series})
    more = f" or one of {len(texts) - most} more" if len(texts) > most else ""
    return "say " + ", ".join(texts[:most]) + more
