"""The finished tables of a sweep, written from its folder and read again.

All carry a column for each axis, named as the axis: numbers in its unit, or texts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.catalogue import find_measure
from sim.errors import UsageError
from sim.measures.intervals import Interval, mean_interval, probability_interval
from sim.measures.paired import paired_difference
from sim.measures.scope import NATIONAL
from sim.measures.summary import Key
from sim.scenario.load import LoadedScenario, load_scenario
from sim.store.files import write_bytes
from sim.store.folder import read_manifest
from sim.store.points import PointFolder
from sim.store.tables import SCHEMAS, values_by_key

#: What a reported figure is called among the measures; its name stands as the entity.
REPORTED = "reported"
_KEY = ("measure", "product", "echelon", "region", "entity")
_SUMMARY = [
    *((name, pa.string()) for name in _KEY),
    ("statistic", pa.string()),
    ("unit", pa.string()),
    ("mean", pa.float64()),
    ("low", pa.float64()),
    ("high", pa.float64()),
    ("runs", pa.int32()),
    ("difference", pa.float64()),
    ("difference-low", pa.float64()),
    ("difference-high", pa.float64()),
    ("better", pa.float64()),
]
Number = float | str | None


@dataclass(frozen=True, slots=True)
class Varied:
    """One axis of a sweep as its folder has it. ``base`` is where the scenario stands, None if that
    is no number; ``low`` and ``high`` are None for levels that are no numbers."""

    name: str
    unit: str
    whole: bool
    log: bool
    low: float | None
    high: float | None
    base: float | None
    base_text: str
    paths: tuple[str, ...]

    @property
    def numeric(self) -> bool:
        """Whether its settings are numbers."""
        return self.low is not None

    @property
    def column(self) -> pa.Field:
        """Its column in the tables."""
        kind = pa.string() if not self.numeric else pa.int64() if self.whole else pa.float64()
        return pa.field(self.name, kind)


@dataclass(frozen=True)
class Sweep:
    """A sweep's folder. Point 0 is the scenario as it is; ``rows`` are the rows of the design as
    numbers of points."""

    path: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of the scenario that is varied."""
        return str(self.manifest["scenario"])

    @property
    def kind(self) -> str:
        """The kind of design."""
        return str(self.manifest["experiment"]["design"])

    @property
    def replications(self) -> int:
        """How many runs each point has."""
        return int(self.manifest["replications"])

    @property
    def rows(self) -> list[int]:
        """The rows of the design, as numbers of points."""
        return list(self.manifest["experiment"]["rows"])

    @cached_property
    def axes(self) -> tuple[Varied, ...]:
        """What is varied."""
        return tuple(
            Varied(**{**axis, "paths": tuple(axis["paths"])})
            for axis in self.manifest["experiment"]["axes"]
        )

    @cached_property
    def loaded(self) -> LoadedScenario:
        """The scenario that is varied, resolved."""
        return load_scenario(self.path / "scenario.toml")

    @cached_property
    def points(self) -> pa.Table:
        """The points: their numbers and settings."""
        return self._read("points")

    @cached_property
    def summary(self) -> pa.Table:
        """Measures of each point over its replications, with differences to point 0."""
        return self._read("summary")

    @property
    def keys(self) -> list[tuple[Key, str]]:
        """The measures that point 0 has, with their units."""
        table = self.summary.filter(pc.equal(self.summary["point"], 0))
        names = [table[name].to_pylist() for name in _KEY]
        return list(zip(zip(*names, strict=True), table["unit"].to_pylist(), strict=True))

    def subject(self, key: Key) -> str:
        """Say what a measure is of: ``T90 of the village clinics``, ``wait-mean of sign-off``."""
        measure, product, echelon, region, entity = key
        if measure == REPORTED:
            return f"reported figure {entity}"
        scenario = self.loaded.scenario
        goods = product if product and len(scenario.products) > 1 else ""
        place = scenario.echelons[echelon].title or echelon if echelon else ""
        of = entity or (f"the {place}" if place else goods)
        text = f"{measure} of {of}" if of else measure
        text += f" for {goods}" if goods and of != goods else ""
        return text if region == NATIONAL else f"{text} in {region}"

    def settings(self, axis: Varied) -> list[Number]:
        """Return where each point stands on an axis."""
        return list(self.points[axis.name].to_pylist())

    def values(self, key: Key) -> NDArray[np.float64]:
        """Return a measure by replication and point, NaN where it has no value."""
        wanted = [(name, "=", word) for name, word in zip(_KEY, key, strict=True)]
        columns = ["point", "replication", "value"]
        table = pq.read_table(self.path / "runs.parquet", columns=columns, filters=wanted)
        found = np.full((self.replications, self.points.num_rows), np.nan)
        rows, points = (table[name].to_numpy() for name in ("replication", "point"))
        found[rows, points] = table["value"].to_numpy()
        return found

    def _read(self, name: str) -> pa.Table:
        try:
            return pq.read_table(self.path / f"{name}.parquet")
        except FileNotFoundError:
            raise UsageError(
                f"{self.path} has no {name}.parquet: run it again with --resume"
            ) from None
        except (OSError, ValueError, pa.ArrowException) as error:
            said = str(error).splitlines()[0]
            raise UsageError(f"{self.path / name}.parquet cannot be read: {said}") from None


def open_sweep(path: Path | str) -> Sweep:
    """Open the folder of a finished sweep.

    Raises:
        UsageError: it is none, or not finished.
    """
    path = Path(path)
    manifest = read_manifest(path)
    if manifest.get("kind") != "sweep":
        raise UsageError(f"{path} holds no sweep")
    if manifest.get("status") != "finished":
        raise UsageError(f"{path} is not finished: run it again with --resume")
    return Sweep(path, manifest)


def part_of(tables: dict[str, pa.Table], units: dict[str, str], *, regions: bool) -> pa.Table:
    """Return what a sweep keeps of one replication: rows of ``runs``, national ones unless all
    regions are wanted, and what it says to reported figures, whose units are given."""
    runs = tables["runs"]
    if not regions:
        runs = runs.filter(pc.equal(runs["region"], NATIONAL))
    evidence = tables["evidence"]
    figures = evidence["figure"].to_pylist()
    count = len(figures)
    said = {
        "replication": evidence["replication"],
        "measure": [REPORTED] * count,
        "product": [""] * count,
        "echelon": [""] * count,
        "region": [NATIONAL] * count,
        "entity": figures,
        "unit": [units[figure] for figure in figures],
        "value": evidence["value"],
    }
    return pa.concat_tables([runs, pa.table(said, schema=SCHEMAS["runs"])]).combine_chunks()


def write_tables(
    folder: PointFolder, axes: Sequence[Varied], settings: Sequence[Sequence[Number]], runs: int
) -> None:
    """Join what is kept of all points, in their order, and summarise it.

    ``settings`` has a row for each point. Writes ``points``, ``runs`` and ``summary``, the first
    and the last as CSV as well.
    """
    columns = [axis.column for axis in axes]
    fields = list(SCHEMAS["runs"])
    head = pa.schema([("point", pa.int32()), *columns])
    schema = pa.schema([*head, *fields])
    path = folder.path / "runs.parquet"
    temporary = path.with_name(".runs.parquet.tmp")
    summaries: list[pa.Table] = []
    base: dict[Key, list[float]] = {}
    with pq.ParquetWriter(temporary, schema, compression="zstd", compression_level=6) as writer:
        for number, row in enumerate(settings):
            parts = pa.concat_tables(folder.read(number, range(runs))).combine_chunks()
            writer.write_table(_at_point(head, number, row, parts))
            values = dict(values_by_key(parts))
            base = base or values
            summaries.append(_at_point(head, number, row, _summarised(values, base, _units(parts))))
    temporary.replace(path)
    summary = pa.concat_tables(summaries).combine_chunks()
    points = pa.table(
        [
            pa.array(range(len(settings)), pa.int32()),
            *(
                pa.array([row[index] for row in settings], column.type)
                for index, column in enumerate(columns)
            ),
        ],
        schema=head,
    )
    for name, table in (("points", points), ("summary", summary)):
        folder.write_table(name, table)
        write_csv_of(table, folder.path / f"{name}.csv")


def _units(runs: pa.Table) -> dict[Key, str]:
    keys = zip(*(runs[name].to_pylist() for name in _KEY), strict=True)
    return dict(zip(keys, runs["unit"].to_pylist(), strict=True))


def _at_point(head: pa.Schema, number: int, row: Sequence[Number], table: pa.Table) -> pa.Table:
    """Return a table with the point and its settings in front of it."""
    front = [
        pa.array([value] * table.num_rows, field.type)
        for field, value in zip(head, (number, *row), strict=True)
    ]
    return pa.table([*front, *table.columns], schema=pa.schema([*head, *table.schema]))


def _summarised(
    values: dict[Key, list[float]],
    base: dict[Key, list[float]],
    units: dict[Key, str],
) -> pa.Table:
    nothing = Interval(np.nan, np.nan, np.nan, 0.95, "")
    rows = []
    for key, runs in values.items():
        measure = None if key[0] == REPORTED else find_measure(key[0])
        if measure is not None and measure.kind == "probability":
            happened = sum(1 for value in runs if value == 1.0)
            found, statistic = probability_interval(happened, len(runs)), "probability"
        else:
            found, statistic = mean_interval(runs), "mean"
        paired = None
        if key in base and values is not base:
            better = "" if measure is None else measure.better
            paired = paired_difference(base[key], runs, better=better)
        by = nothing if paired is None else paired.difference
        share = nothing if paired is None else paired.better
        rows.append(
            (
                *key,
                statistic,
                units[key],
                *(_finite(value) for value in (found.estimate, found.low, found.high)),
                len(runs),
                *(_finite(value) for value in (by.estimate, by.low, by.high, share.estimate)),
            )
        )
    columns = list(zip(*rows, strict=True))
    return pa.table(
        [pa.array(column, kind) for column, (_, kind) in zip(columns, _SUMMARY, strict=True)],
        schema=pa.schema(_SUMMARY),
    )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def write_csv_of(table: pa.Table, path: Path) -> None:
    """Write a table as CSV, numbers to twelve digits, null as nothing."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(table.schema.names)
    columns: Iterable[list[object]] = [table[name].to_pylist() for name in table.schema.names]
    for row in zip(*columns, strict=True):
        writer.writerow(
            "" if cell is None else f"{cell:.12g}" if isinstance(cell, float) else cell
            for cell in row
        )
    write_bytes(path, sink.getvalue().encode())
