"""Arrow arrays made from buffers are those that pyarrow makes."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.arrow import floats, integers, numbers_of, texts

WORDS = st.lists(st.text(st.sampled_from("a0 ,\n\0é村\U0001f69a"), max_size=5), max_size=20)


@given(st.lists(st.sampled_from([0.0, -1.5, 3.0, nan, inf, -inf]), max_size=40))
def test_floats(values: list[float]) -> None:
    found = floats(values)
    found.validate(full=True)
    assert found.to_pylist() == [v if np.isfinite(v) else None for v in values]
    assert floats(np.array(values)[::-1]).to_pylist() == found.to_pylist()[::-1]


@given(WORDS)
def test_texts(words: list[str]) -> None:
    found = texts(words)
    found.validate(full=True)
    assert found.equals(pa.array(words, pa.string()))
    counts = [index % 3 for index in range(len(words))]
    repeated = [w for w, count in zip(words, counts, strict=True) for _ in range(count)]
    assert texts(words, counts).equals(pa.array(repeated, pa.string()))


@pytest.mark.parametrize("kind", [pa.int8(), pa.int32(), pa.int64()])
def test_integers(kind: pa.DataType) -> None:
    assert integers(np.arange(6)[::2], kind).equals(pa.array([0, 2, 4], kind))
    assert integers([], kind).equals(pa.array([], kind))


@pytest.mark.parametrize("kind", [pa.int32(), pa.int64(), pa.float64()])
def test_numbers_of(kind: pa.DataType) -> None:
    rows: list[Any] = [None, 3, 4, None, 5, 6, 7, 8, 9, None, 11]
    one = pa.chunked_array([pa.array(rows, kind), pa.array([], kind), pa.array(rows, kind)[2:5]])
    whole = rows + rows[2:5]
    expected = [-1 if value is None else value for value in whole]
    assert numbers_of(one, np.int64, -1).tolist() == expected
    found = numbers_of(one, np.float64, nan)
    np.testing.assert_array_equal(found, np.array(whole, float))
    assert numbers_of(pa.chunked_array([], kind), np.int32, -1).tolist() == []
    with pytest.raises(KeyError):
        numbers_of(pa.chunked_array([pa.array(["a"])]), np.int32, -1)
