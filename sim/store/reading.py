"""Reading files of result folders, which somebody else may have sent: within bounds, and never as
code. What is missing, damaged or too large is told with the name of the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import UsageError
from sim.scenario.reading import read_bounded

#: Most bytes of a JSON file.
MOST_JSON = 50 * 10**6
#: Most values (rows × columns) of a table that is read as a whole: some gigabytes. A few bytes of
#: Parquet can stand for billions of equal values.
MOST_VALUES = 400_000_000


def read_json(file: Path) -> Any:
    """Return what a JSON file holds.

    Raises:
        FileNotFoundError: there is none.
        UsageError: it is damaged, too large, or no file.
    """
    data = read_bounded(file, MOST_JSON)
    if isinstance(data, tuple):
        raise UsageError(f"{file} cannot be read: expected {data[0]}, found {data[1]}")
    try:
        return json.loads(data.decode("utf-8"))
    except RecursionError:
        raise UsageError(f"{file} cannot be read: it is nested too deeply") from None
    except ValueError as error:
        raise UsageError(f"{file} cannot be read: {error}") from None


def read_parquet(file: Path) -> pa.Table:
    """Return the table of a Parquet file.

    Raises:
        FileNotFoundError: there is none.
        OSError, ValueError, pyarrow.ArrowException: it is damaged, too large, or no file.
    """
    if file.exists() and not file.is_file():
        raise ValueError("it is no file")
    # pyarrow.parquet.read_table would import all of pyarrow.dataset, and pandas with it.
    with pq.ParquetFile(file) as source:
        values = source.metadata.num_rows * max(source.metadata.num_columns, 1)
        if values > MOST_VALUES:
            raise ValueError(f"it says that it holds {values:,} values; at most {MOST_VALUES:,} do")
        return source.read()
