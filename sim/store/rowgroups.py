"""Tables of all replications, joined and read a few replications at a time.

Ten thousand replications fit on a disk, but not in memory. A row group holds whole replications,
as many as make some ten thousand rows, in the order of their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.arrow import numbers_of
from sim.measures.summary import Key
from sim.store.files import replacing
from sim.store.tables import READ_ERRORS, SCHEMAS, as_table, unreadable

#: Rows from which a row group is full, and the most tables that go into one.
_ROWS, _TABLES = 1 << 16, 1 << 9
#: Values of measures that are in memory at a time while they are put in order.
_VALUES = 1 << 22
_KEY = ("measure", "product", "echelon", "region", "entity")


def join_tables(tables: Iterable[pa.Table], path: Path, name: str) -> None:
    """Write tables one after the other, as many to a row group as fill it."""
    with (
        replacing(path) as temporary,
        pq.ParquetWriter(
            temporary, SCHEMAS[name], compression="zstd", compression_level=6
        ) as writer,
    ):
        waiting: list[pa.Table] = []
        rows = 0
        for table in tables:
            waiting.append(table)
            rows += table.num_rows
            if rows >= _ROWS or len(waiting) == _TABLES:
                _write(writer, waiting, rows)
                waiting, rows = [], 0
        _write(writer, waiting, rows)


def _write(writer: pq.ParquetWriter, tables: list[pa.Table], rows: int) -> None:
    """Write tables as one row group."""
    if rows:
        writer.write_table(pa.concat_tables(tables), row_group_size=rows)


def row_groups(path: Path, name: str) -> Iterator[pa.Table]:
    """Read one of the tables, a row group at a time.

    Raises:
        UsageError: the file is not there, is damaged, or has other columns.
    """
    try:
        with pq.ParquetFile(path) as file:
            as_table(pa.Table.from_batches([], file.schema_arrow), name)
            for number in range(file.num_row_groups):
                yield as_table(file.read_row_group(number), name)
    except READ_ERRORS as error:
        raise unreadable(path, name, error) from None


def read_where(path: Path, name: str, wanted: Mapping[str, str]) -> pa.Table:
    """Read the rows of one of the tables whose columns have these values; see ``row_groups``."""
    groups = (rows_where(group, wanted) for group in row_groups(path, name))
    return pa.concat_tables([pa.Table.from_batches([], SCHEMAS[name]), *groups])


def rows_where(table: pa.Table, wanted: Mapping[str, str]) -> pa.Table:
    """Return the rows of a table whose columns have these values."""
    import pyarrow.compute as pc  # late: it takes 30 MB

    mask: pa.ChunkedArray | None = None
    for column, value in wanted.items():
        here = pc.equal(table[column], value)
        mask = here if mask is None else pc.and_(mask, here)
    return table if mask is None else table.filter(mask)


def by_replication(path: Path, name: str) -> Iterator[tuple[int, pa.Table]]:
    """Read one of the tables, replication by replication, in the order of its rows; those without
    rows are left out. See ``row_groups``."""
    held: list[pa.Table] = []
    last = -1
    for group in row_groups(path, name):
        numbers = numbers_of(group["replication"], np.int64, -1)
        begins = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
        for begin, end in pairwise(begins):
            if begin == end:
                continue
            if held and numbers[begin] != last:
                yield last, pa.concat_tables(held)
                held = []
            last = int(numbers[begin])
            held.append(group.slice(begin, end - begin))
    if held:
        yield last, pa.concat_tables(held)


def values_of_runs(path: Path, replications: int) -> Iterator[tuple[Key, list[float]]]:
    """Yield each measure of the table ``runs`` in the order of its first row, with its values in
    replications 0 to ``replications`` - 1, NaN where one does not have it.

    That is what ``sim.store.tables.values_by_key`` returns, in little memory: of many measures and
    replications some are put in order at a time, and the file is read again for the others.
    """
    most = max(1, _VALUES // max(replications, 1))
    places: dict[Key, int] = {}
    begin = 0
    while begin == 0 or begin < len(places):
        series: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
        for group in row_groups(path, "runs"):
            keys = zip(*(group[name].to_pylist() for name in _KEY), strict=True)
            numbers = numbers_of(group["replication"], np.int64, -1).tolist()
            values = numbers_of(group["value"], np.float64, np.nan).tolist()
            for key, number, value in zip(keys, numbers, values, strict=True):
                place = places.setdefault(key, len(places)) - begin
                if not 0 <= place < most:
                    continue
                if place == len(series):
                    series.append(np.full(replications, np.nan))
                series[place][number] = value
        listed = list(places)
        for place, held in enumerate(series):
            yield listed[begin + place], held.tolist()
        begin += most
