"""The tables of a result folder, as Arrow tables with fixed schemas.

Equal input gives byte-equal files: schemas, row order and Parquet settings are fixed, and nothing
that depends on the clock or the machine is in them.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.arrow import floats, integers, texts
from sim.catalogue import find_measure
from sim.errors import UsageError
from sim.measures.run import RunMeasures
from sim.measures.summary import Key, SummaryRow
from sim.store.files import write_bytes
from sim.store.reading import read_parquet

if TYPE_CHECKING:
    from sim.network import Network

_KEY = [
    ("measure", pa.string()),
    ("product", pa.string()),
    ("echelon", pa.string()),
    ("region", pa.string()),
    ("entity", pa.string()),
]
SCHEMAS: dict[str, pa.Schema] = {
    # One value of a measure in one replication; null where it did not come by the horizon.
    "runs": pa.schema(
        [("replication", pa.int32()), *_KEY, ("unit", pa.string()), ("value", pa.float64())]
    ),
    # A curve of one replication, at full hours since the start.
    "curves": pa.schema(
        [
            ("replication", pa.int32()),
            ("measure", pa.string()),
            ("product", pa.string()),
            ("echelon", pa.string()),
            ("entity", pa.string()),
            ("hour", pa.float64()),
            ("value", pa.float64()),
        ]
    ),
    # When the facilities of a site were served in one replication; null is not by the horizon.
    "arrivals": pa.schema(
        [
            ("replication", pa.int32()),
            ("echelon", pa.string()),
            ("code", pa.int32()),
            ("facilities", pa.int32()),
            ("received", pa.float64()),
            ("first", pa.float64()),
            ("half", pa.float64()),
            ("ninety", pa.float64()),
            ("last", pa.float64()),
        ]
    ),
    # What one replication says to each reported figure; times are hours, null is never.
    "evidence": pa.schema(
        [("replication", pa.int32()), ("figure", pa.string()), ("value", pa.float64())]
    ),
    # Measures over all replications, with their intervals.
    "measures": pa.schema(
        [
            *_KEY,
            ("statistic", pa.string()),
            ("unit", pa.string()),
            ("mean", pa.float64()),
            ("low", pa.float64()),
            ("high", pa.float64()),
            ("runs", pa.int32()),
            ("method", pa.string()),
        ]
    ),
}
#: Tables that are kept by replication while an experiment runs.
BY_RUN = ("runs", "curves", "arrivals", "evidence")
#: What reading a file that is damaged may raise.
READ_ERRORS = (OSError, ValueError, pa.ArrowException)


def tables_of_run(
    measures: RunMeasures,
    figures: dict[str, float],
    network_codes: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> dict[str, pa.Table]:
    """Return the tables of one replication; ``network_codes`` are the sites' codes."""
    number = measures.replication
    rows = measures.rows
    runs = {
        "replication": np.full(len(rows), number),
        **{name: [getattr(row, name) for row in rows] for name, _ in _KEY},
        "unit": [find_measure(row.measure).unit for row in rows],
        "value": [row.value for row in rows],
    }
    points = [len(curve.values) for curve in measures.curves]
    curves = {
        "replication": np.full(sum(points), number),
        **{
            name: texts([getattr(curve, name) for curve in measures.curves], points)
            for name in ("measure", "product", "echelon", "entity")
        },
        "hour": _joined([np.arange(count) for count in points]),
        "value": _joined([curve.values for curve in measures.curves]),
    }
    sites = [len(item.site) for item in measures.arrivals]
    arrivals = {
        "replication": np.full(sum(sites), number),
        "echelon": texts([item.echelon for item in measures.arrivals], sites),
        "code": _joined([network_codes[item.site] for item in measures.arrivals]),
        **{
            name: _joined([getattr(item, name) for item in measures.arrivals])
            for name in ("facilities", "received", "first", "half", "ninety", "last")
        },
    }
    evidence = {
        "replication": np.full(len(figures), number),
        "figure": list(figures),
        "value": list(figures.values()),
    }
    return {
        "runs": _table("runs", runs),
        "curves": _table("curves", curves),
        "arrivals": _table("arrivals", arrivals),
        "evidence": _table("evidence", evidence),
    }


def site_codes(network: Network) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the administrative code of every site, 0 for listed ones."""
    return network.sites.code


def summary_table(rows: Iterable[SummaryRow]) -> pa.Table:
    """Return the measures over all replications as a table."""
    listed = list(rows)
    columns: dict[str, object] = {
        field.name: [getattr(row, field.name) for row in listed] for field in SCHEMAS["measures"]
    }
    return _table("measures", columns)


def values_by_key(runs: pa.Table) -> list[tuple[Key, list[float]]]:
    """Return, for each measure in the order of its first row, its values by replication.

    A measure that some replications do not have (no trip was made, say) has NaN for these.
    """
    columns = [runs[name].to_pylist() for name, _ in _KEY]
    replications = runs["replication"].to_pylist()
    values = runs["value"].to_pylist()
    count = {number: index for index, number in enumerate(sorted(set(replications)))}
    result: dict[Key, list[float]] = {}
    for measure, product, echelon, region, entity, number, value in zip(
        *columns, replications, values, strict=True
    ):
        key = (measure, product, echelon, region, entity)
        series = result.setdefault(key, [np.nan] * len(count))
        series[count[number]] = np.nan if value is None else value
    return list(result.items())


def table_bytes(table: pa.Table) -> bytes:
    """Return a table as the bytes of a Parquet file."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", compression_level=6)
    return sink.getvalue()


def part_bytes(table: pa.Table) -> bytes:
    """Return a table of one replication as a Parquet file that is soon read again, and joined with
    others: quickly made, rather than small."""
    texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
    sink = io.BytesIO()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        compression_level=1,
        use_dictionary=texts,
        write_statistics=False,
    )
    return sink.getvalue()


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table as Parquet under a temporary name, then put it in place."""
    write_bytes(path, table_bytes(table))


def read_table(path: Path, name: str) -> pa.Table:
    """Read one of the tables.

    Raises:
        UsageError: the file is not there, is damaged, or has other columns.
    """
    try:
        return as_table(read_parquet(path), name)
    except READ_ERRORS as error:
        raise unreadable(path, name, error) from None


def as_table(table: pa.Table, name: str) -> pa.Table:
    """Return a table that was read, with the schema of its name. Raises ValueError if its columns
    are others, or pyarrow.ArrowException if they cannot be cast."""
    if table.schema.names != SCHEMAS[name].names:
        raise ValueError("its columns are not " + ", ".join(SCHEMAS[name].names))
    return table if table.schema == SCHEMAS[name] else table.cast(SCHEMAS[name])


def unreadable(path: Path, name: str, error: BaseException) -> UsageError:
    """Return what to say of a file that cannot be read as a table."""
    if isinstance(error, FileNotFoundError):
        return UsageError(f"{path} is missing: the result is not complete")
    said = next(iter(str(error).splitlines()), type(error).__name__)
    return UsageError(f"{path} cannot be read as the table {name}: {said}")


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0)


def _table(name: str, columns: dict[str, Any]) -> pa.Table:
    schema = SCHEMAS[name]
    return pa.table([_column(columns[field.name], field.type) for field in schema], schema=schema)


def _column(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if kind == pa.float64():
        return floats(values)
    return texts(values) if kind == pa.string() else integers(values, kind)
