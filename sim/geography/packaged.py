"""The packaged tables: Parquet files beside this module, in ``data/``."""

from __future__ import annotations

from importlib import resources
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.arrow import numbers_of

Array = TypeVar("Array", bound=NDArray[Any])


def freeze(array: Array) -> Array:
    """The same array, made read-only."""
    array.setflags(write=False)
    return array


class PackagedTable:
    """A packaged table, read column by column, so that little is held twice at a time.

    (With ParquetFile, because read_table would import all of pyarrow.dataset.)
    """

    def __init__(self, name: str) -> None:
        path = resources.files(__package__).joinpath("data", f"{name}.parquet")
        self._file = pq.ParquetFile(pa.BufferReader(path.read_bytes()))
        self.columns: list[str] = self._file.schema_arrow.names

    def __len__(self) -> int:
        return int(self._file.metadata.num_rows)

    def column(self, name: str) -> pa.ChunkedArray:
        return self._file.read(columns=[name], use_threads=False)[name]

    def numbers(self, name: str, dtype: type[np.number[Any]]) -> NDArray[Any]:
        """A numeric column; missing numbers are NaN, or -1 among integers."""
        missing = -1 if np.issubdtype(dtype, np.integer) else np.nan
        return numbers_of(self.column(name), dtype, missing)

    def flags(self, name: str) -> NDArray[np.bool_]:
        return freeze(np.array(self.column(name).to_pylist(), dtype=np.bool_))

    def names(self, name: str) -> tuple[str, ...]:
        return tuple(self.column(name).to_pylist())

    def kinds(self, name: str) -> NDArray[np.str_]:
        """A column of few different strings."""
        return freeze(np.array(self.column(name).to_pylist(), dtype=np.str_))
