"""Replications until intervals are narrow enough: what was asked, and what came of it.

The rule itself is ``sim.measures.precision``. Here it is fed with the tables of replications, which
finish in any order: it sees them in the order of their numbers, so that the number needed does not
depend on how many workers there are.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import UsageError
from sim.experiment.replicate import replicate
from sim.measures.asked import find_asked, text_of
from sim.measures.precision import FIRST, LEVEL, LOOK_AHEAD, Rule, Stop, Wanted, half_width
from sim.measures.scope import Scope
from sim.measures.summary import Key
from sim.plan.specs import Plan
from sim.scenario.schema import Scenario, last_echelons
from sim.store.manifests import read_manifest

#: How many replications are run at most unless told otherwise.
MOST = 1000
RULE = (
    f"half-width at most as asked, and so for {LOOK_AHEAD} replications more, or as many in a "
    "hundred (Hoad, Robinson & Davies 2010)"
)


@dataclass(frozen=True, slots=True)
class Precision:
    """What intervals are to be narrow, of which rows of the measures, within ``most`` runs."""

    wanted: tuple[Wanted, ...]
    keys: tuple[Key, ...]
    most: int = MOST


def seek_precision(
    wanted: Sequence[Wanted], scenario: Scenario, plan: Plan, scope: Scope, most: int = MOST
) -> Precision:
    """Return what to look at in the replications of a plan. Its first replication is run for it.

    Raises:
        UsageError: a run has no such measure, or several; or more replications are asked for than
            there may be.
    """
    least = max(scenario.replications, FIRST)
    if least > most:
        raise UsageError(
            f"--max-replications {most:,} is less than the replications that are run in any case "
            f"({least:,})"
        )
    rows = replicate(plan, scope, 0).measures.rows
    known = [(row.measure, row.product, row.echelon, row.region, row.entity) for row in rows]
    ends = last_echelons(scenario)
    keys = []
    for each in wanted:
        try:
            keys.append(find_asked(each.asked, known, ends))
        except UsageError as error:
            raise UsageError(f"--precision {error}") from None
    if len(set(keys)) < len(keys):
        twice = next(text_of(key) for key in keys if keys.count(key) > 1)
        raise UsageError(f"--precision: {twice} is asked for twice")
    return Precision(tuple(wanted), tuple(keys), most)


def held_for_good(out: Path) -> int:
    """Return how many replications of a folder that is resumed are not to be thrown away.

    Those of a result are kept; what a precision had run beyond its need is not.
    """
    try:
        manifest = read_manifest(out)
    except UsageError:
        return 0
    asked = manifest.get("precision")
    if manifest.get("status") == "finished" or not isinstance(asked, dict):
        parts = out / "parts"
        if manifest.get("status") != "finished" and parts.is_dir():
            held = [int(part.name) for part in parts.iterdir() if part.name.isdigit()]
            return max(held, default=-1) + 1
        return int(manifest.get("replications", 0))
    return int(asked.get("least", 0))


class Watch:
    """Sees replications in any order, and says when there are enough."""

    def __init__(self, precision: Precision, least: int) -> None:
        self.precision = precision
        targets = tuple(each.target for each in precision.wanted)
        self.rule = Rule(targets, max(least, FIRST), precision.most)
        self.stop: Stop | None = None
        self._waiting: dict[int, list[float]] = {}

    def see(self, replication: int, runs: bytes | pa.Table) -> None:
        """Take in the measures of a replication: its table ``runs``, or that as a Parquet file."""
        table = pq.read_table(io.BytesIO(runs)) if isinstance(runs, bytes) else runs
        self._waiting[replication] = [_value(table, key) for key in self.precision.keys]
        while self.stop is None and self.rule.runs in self._waiting:
            self.stop = self.rule.add(self._waiting.pop(self.rule.runs))

    @property
    def runs(self) -> int:
        """How many replications the result has."""
        return self.rule.runs if self.stop is None else self.stop.runs

    def expected(self) -> int:
        """Guess how many there will be in all."""
        return self.rule.expected() if self.rule.runs else self.rule.least

    def record(self) -> dict[str, Any]:
        """Return what was asked and what came of it, for the manifest."""
        stop = self.stop
        return {
            "rule": RULE,
            "level": LEVEL,
            "least": self.rule.least,
            "most": self.rule.most,
            "needed": stop.runs if stop is not None and stop.reached else None,
            "reached": stop is not None and stop.reached,
            "measures": [self._row(index) for index in range(len(self.precision.keys))],
        }

    def _row(self, index: int) -> dict[str, Any]:
        wanted, key = self.precision.wanted[index], self.precision.keys[index]
        series = self.rule.series[index]
        interval = wanted.target.interval(series)
        width = half_width(interval)
        missing = sum(not isfinite(value) for value in series)
        return {
            "asked": wanted.text,
            **dict(zip(("measure", "product", "echelon", "region", "entity"), key, strict=True)),
            "unit": wanted.asked.about.unit,
            "half_width": wanted.target.half_width,
            "relative": wanted.target.relative,
            "estimate": interval.estimate if isfinite(interval.estimate) else None,
            "reached_half_width": width if isfinite(width) else None,
            "reached": wanted.target.reached(interval),
            "runs_without": missing,
        }


def _value(table: pa.Table, key: Key) -> float:
    """Return the value of a measure in the table of one replication; NaN where it has none."""
    import pyarrow.compute as pc  # late: it takes 30 MB, and few runs go on until they are precise

    wanted = pc.equal(table["measure"], key[0])
    for column, text in zip(("product", "echelon", "region", "entity"), key[1:], strict=True):
        wanted = pc.and_(wanted, pc.equal(table[column], text))
    values = table.filter(wanted)["value"].to_pylist()
    return nan if not values or values[0] is None else float(values[0])
