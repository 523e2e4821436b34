"""Numbers and texts to Arrow and back, straight from and into their buffers.

``pyarrow.array`` and ``to_numpy`` import pandas wherever it is installed, and with it the functions
of ``pyarrow.compute``: half a second, and 50 MB in every process that has a table to write.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, DTypeLike, NDArray

_KINDS = {
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "float": np.float32,
    "double": np.float64,
}


def floats(values: ArrayLike) -> pa.Array:
    """Return numbers as an array of doubles; what is not finite is null."""
    numbers = np.ascontiguousarray(values, dtype=np.float64)
    there = np.isfinite(numbers)
    known = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    return pa.Array.from_buffers(pa.float64(), len(numbers), [known, pa.py_buffer(numbers)])


def integers(values: ArrayLike, kind: pa.DataType) -> pa.Array:
    """Return whole numbers as an array of a kind of integers."""
    numbers = np.ascontiguousarray(np.asarray(values).astype(_KINDS[str(kind)]))
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(numbers)])


def texts(words: Sequence[str], counts: Sequence[int] | None = None) -> pa.Array:
    """Return texts as an array; with ``counts`` each of them so many times, one after another."""
    encoded = [word.encode() for word in words]
    sizes = np.array([len(word) for word in encoded], np.int64)
    if counts is not None:
        encoded = [word * count for word, count in zip(encoded, counts, strict=True)]
        sizes = np.repeat(sizes, counts)
    ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    return pa.Array.from_buffers(
        pa.string(), len(sizes), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    )


def numbers_of(column: pa.ChunkedArray, kind: DTypeLike, missing: float) -> NDArray[Any]:
    """Return a column of numbers as numbers of a kind, with ``missing`` where it has none.

    Raises:
        KeyError: the column is not one of numbers.
    """
    stored, result = _KINDS[str(column.type)], np.empty(len(column), kind)
    end = 0
    for chunk in column.chunks:
        if not len(chunk):
            continue
        begin, end = end, end + len(chunk)
        known, held = chunk.buffers()
        rows = slice(chunk.offset, chunk.offset + len(chunk))
        values = result[begin:end]
        values[:] = np.frombuffer(held, stored)[rows]
        if chunk.null_count:
            bits = np.unpackbits(np.frombuffer(known, np.uint8), bitorder="little")[rows]
            values[bits == 0] = missing
    return result
