"""The finished tables of a sweep, joined from what is kept of its points.

All carry a column for each axis, named as the axis: numbers in its unit, or texts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.catalogue import find_measure
from sim.measures.scope import NATIONAL
from sim.measures.summary import Key
from sim.statistics.intervals import Interval, mean_interval, probability_interval
from sim.statistics.paired import paired_difference
from sim.store.files import replacing, write_bytes
from sim.store.manifests import list_files, write_manifest
from sim.store.points import PointFolder
from sim.store.sweeps import KEY, REPORTED, Number, Sweep, Varied
from sim.store.tables import SCHEMAS, table_bytes, values_by_key

_SUMMARY = [
    *((name, pa.string()) for name in KEY),
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
    summaries: list[pa.Table] = []
    base: dict[Key, list[float]] = {}
    with (
        replacing(folder.path / "runs.parquet") as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd", compression_level=6) as writer,
    ):
        for number, row in enumerate(settings):
            parts = pa.concat_tables(folder.read(number, range(runs))).combine_chunks()
            writer.write_table(_at_point(head, number, row, parts))
            values = dict(values_by_key(parts))
            base = base or values
            summaries.append(_at_point(head, number, row, _summarised(values, base, _units(parts))))
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
    keys = zip(*(runs[name].to_pylist() for name in KEY), strict=True)
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


def keep_effects(sweep: Sweep, table: pa.Table) -> None:
    """Write what the axes do to the measures that were asked, beside the other tables."""
    write_bytes(sweep.path / "effects.parquet", table_bytes(table))
    write_csv_of(table, sweep.path / "effects.csv")
    list_files(sweep.path, sweep.manifest, ("effects.parquet", "effects.csv"))
    write_manifest(sweep.path, sweep.manifest)


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
