"""The finished folder of a plan, read again: what was asked, every run, and what may be claimed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sim.errors import UsageError
from sim.store.manifests import FINISHED, check_file, read_manifest
from sim.store.reading import read_json, read_parquet
from sim.store.resolved import read_resolved
from sim.store.tables import READ_ERRORS

#: One value of one goal in one run of a point; null where it did not come, or there is none.
PART = pa.schema([("replication", pa.int32()), ("goal", pa.int32()), ("value", pa.float64())])
#: All of them, and whether the goal held.
RUNS = pa.schema(
    [
        ("point", pa.int32()),
        ("replication", pa.int32()),
        ("use", pa.string()),
        ("goal", pa.int32()),
        ("value", pa.float64()),
        ("holds", pa.bool_()),
    ]
)
SCREENING, CONFIRMING = "screening", "confirming"


@dataclass(frozen=True, slots=True)
class Runs:
    """What runs of one use say of a combination, with exact one-sided bounds of the probability."""

    runs: int
    held: int
    low: float
    high: float
    outcome: str


@dataclass(frozen=True, slots=True)
class Combination:
    """One combination of values: its settings as numbers by path, what it costs and what was seen.

    ``verdict`` is what its confirming runs say, else its screening ones; "" if it never ran.
    """

    number: int
    settings: tuple[tuple[str, str], ...]
    numbers: tuple[float, ...]
    cost: float
    screening: Runs | None
    confirming: Runs | None

    @property
    def seen(self) -> Runs | None:
        """The runs that count: those that confirm, if there are any."""
        return self.confirming or self.screening

    @property
    def verdict(self) -> str:
        """Reached, not reached, or undecided; a good screening by itself decides nothing."""
        if self.confirming:
            return self.confirming.outcome
        if self.screening and self.screening.outcome == "not reached":
            return "not reached"
        return "undecided" if self.screening else ""


@dataclass(frozen=True, slots=True)
class Aim:
    """A goal as it was understood: ``hour`` since the start, None for the whole run."""

    text: str
    series: str
    operator: str
    limit: float
    unit: str
    hour: float | None


@dataclass(frozen=True)
class Decision:
    """A finished plan."""

    path: Path
    manifest: dict[str, Any]
    content: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of the scenario."""
        return str(self.manifest["scenario"])

    @cached_property
    def start(self) -> datetime:
        """Time zero of the scenario, with its zone."""
        return read_resolved(self.path).scenario.start

    @property
    def outcome(self) -> str:
        """Reached, not reachable, or undecided."""
        return str(self.content["outcome"])

    @property
    def probability(self) -> float:
        """The share of runs in which the goals are to hold."""
        return float(self.content["probability"])

    @property
    def confidence(self) -> float:
        """The confidence with which that is claimed."""
        return float(self.content["confidence"])

    @property
    def priced(self) -> bool:
        """Whether costs were given."""
        return bool(self.content["priced"])

    @property
    def paths(self) -> tuple[str, ...]:
        """What was chosen."""
        return tuple(self.content["choices"])

    @property
    def units(self) -> tuple[str, ...]:
        """The unit of each choice, "" for none."""
        return tuple(self.content["units"])

    @cached_property
    def aims(self) -> tuple[Aim, ...]:
        """The goals, all of which must hold in a run."""
        return tuple(Aim(**goal) for goal in self.content["goals"])

    @cached_property
    def combinations(self) -> tuple[Combination, ...]:
        """All combinations, in the order of their numbers."""
        return tuple(
            Combination(
                point["point"],
                tuple(point["settings"].items()),
                tuple(point["numbers"]),
                point["cost"],
                _runs(point["screening"]),
                _runs(point["confirming"]),
            )
            for point in self.content["points"]
        )

    @property
    def answer(self) -> Combination | None:
        """The cheapest combination that is claimed, if any is."""
        number = self.content["answer"]
        return None if number is None else self.combinations[number]

    @property
    def open(self) -> tuple[Combination, ...]:
        """Cheaper ones of which it is not known whether they would do."""
        return tuple(self.combinations[number] for number in self.content["open"])

    @property
    def walked(self) -> tuple[Combination, ...]:
        """Those that were confirmed, in that order."""
        path = [self.combinations[number] for number in self.content["path"]]
        return tuple(item for item in path if item.confirming)

    @cached_property
    def runs(self) -> pa.Table:
        """Every value of every run."""
        return read_runs(self.path)

    def values(self, goal: int = 0) -> dict[int, list[float]]:
        """Return the values that a goal speaks of, by combination; NaN where there is none."""
        table = self.runs.filter(pc.equal(self.runs["goal"], goal))
        found: dict[int, list[float]] = {}
        for point, value in zip(
            table["point"].to_pylist(), table["value"].to_pylist(), strict=True
        ):
            found.setdefault(point, []).append(math.nan if value is None else value)
        return found


def open_decision(path: Path | str) -> Decision:
    """Open the folder of a finished plan.

    Raises:
        UsageError: it is none, or it is not finished or damaged.
    """
    path = Path(path)
    manifest = read_manifest(path)
    if manifest.get("kind") != "plan":
        raise UsageError(f"{path} is not the folder of a plan")
    if manifest.get("status") != FINISHED:
        raise UsageError(f"{path} is not finished ({manifest.get('status')}): --resume it")
    for name in ("plan.json", "runs.parquet", "scenario.toml"):
        primary = name == "runs.parquet"
        again = "overwrite" if primary else "resume"
        check_file(path, manifest, name, f"run the same again with --out {path} --{again}")
    file = path / "plan.json"
    try:
        content = read_json(file)
    except FileNotFoundError:
        raise UsageError(f"{file} cannot be read: there is no such file") from None
    decision = Decision(path, manifest, content)
    try:
        _ = decision.outcome, decision.probability, decision.confidence, decision.priced
        _ = decision.paths, decision.units, decision.aims, decision.combinations
        _ = decision.answer, decision.open, decision.walked
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise UsageError(f"{file} is damaged: it does not describe a plan ({error})") from None
    return decision


def read_runs(path: Path) -> pa.Table:
    """Read the runs of a finished plan.

    Raises:
        UsageError: they cannot be read.
    """
    file = path / "runs.parquet"
    try:
        return read_parquet(file).cast(RUNS)
    except READ_ERRORS as error:
        said = next(iter(str(error).splitlines()), type(error).__name__)
        raise UsageError(f"{file} cannot be read: {said}") from None


def part_of(replication: int, values: Iterable[float]) -> pa.Table:
    """Return the values of all goals in one run as the table that is kept of it."""
    listed = [None if math.isnan(value) else value for value in values]
    columns = {
        "replication": [replication] * len(listed),
        "goal": list(range(len(listed))),
        "value": listed,
    }
    return pa.table(columns, schema=PART)


def _runs(row: dict[str, Any] | None) -> Runs | None:
    return None if row is None else Runs(**row)
