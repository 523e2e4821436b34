"""The memory of steps: shared only where the same would come out, bounded, and never written to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.memo import Memo, digest, recall

#: Of letters that are named here, as hypothesis takes seconds to list those that there are.
WORDS = st.text("a0 ,\n\0é村\U0001f69a")

calls: list[object] = []


def step(numbers: np.ndarray, factor: float, *, shift: int = 0) -> tuple[np.ndarray, float]:
    """A step that notes that it was called."""
    calls.append(factor)
    return numbers * factor + shift, factor


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    calls.clear()


@dataclass(frozen=True)
class Settled:
    a: object
    b: object = None


@dataclass(frozen=True)
class AlsoSettled:
    a: object
    b: object = None


@dataclass
class Loose:
    a: int


class Pair(NamedTuple):
    a: object
    b: object = None


def test_a_step_is_called_once_for_the_same_arguments() -> None:
    memo, numbers = Memo(), np.arange(5.0)
    first = memo.recall(step, numbers, 2.0)
    assert memo.recall(step, numbers.copy(), 2.0) is first
    assert calls == [2.0]
    assert memo.recall(step, numbers, 2.0, shift=1)[0].tolist() == [1, 3, 5, 7, 9]
    numbers[3] = 7.0  # the same array with something else in it
    assert memo.recall(step, numbers, 2.0)[0].tolist() == [0, 2, 4, 14, 8]
    assert len(calls) == 3


def test_without_a_memory_every_call_is_made() -> None:
    one, other = (recall(None, step, np.arange(3.0), 2.0)[0] for _ in range(2))
    assert len(calls) == 2
    one[0] = 9.0
    assert other[0] == 0.0


def test_what_is_shared_cannot_be_written_to() -> None:
    shared, _ = Memo().recall(step, np.arange(3.0), 2.0)
    with pytest.raises(ValueError, match="read-only"):
        shared[0] = 9.0


def test_the_values_used_last_are_kept_within_the_bound() -> None:
    memo, numbers = Memo(most_bytes=2_400), np.arange(100.0)
    for factor in (1.0, 2.0, 3.0, 1.0, 4.0):  # 800 bytes each; 2 was used longest ago
        memo.recall(step, numbers, factor)
    assert calls == [1.0, 2.0, 3.0, 4.0]
    assert (len(memo), memo.held_bytes) == (3, 2_400)
    for factor in (1.0, 3.0, 4.0, 2.0):
        memo.recall(step, numbers, factor)
    assert calls[4:] == [2.0]
    memo.recall(step, np.arange(1_000.0), 1.0)  # more than the bound by itself
    assert (len(memo), memo.held_bytes) == (1, 8_000)


def test_a_step_that_could_know_more_than_its_arguments_is_refused() -> None:
    hidden = 3

    def inner(number: int) -> int:
        return number + hidden

    for refused in (inner, lambda number: number, Loose(1).__eq__, int):
        with pytest.raises(TypeError, match="plain function of a module"):
            Memo().recall(refused, 1)


@pytest.mark.parametrize(
    "unknown", [Loose(1), {1, 2}, object(), np.array([None]), [Settled(Loose(1))]]
)
def test_what_has_no_digest_is_refused(unknown: object) -> None:
    with pytest.raises(TypeError, match="has no digest"):
        digest(unknown)


def test_digests_tell_types_shapes_and_borders_apart() -> None:
    numbers = np.arange(6)
    values = [
        None, True, 1, 1.0, "1", b"1", 0.0, -0.0, (), [], {}, (1,), [1], ((1,), 2), (1, (2,)),
        (1, 2), ("ab", "c"), ("a", "bc"), {"a": 1}, {"a": 2}, {"b": 1},
        Settled(1), Settled(2), Settled(1, 2), AlsoSettled(1), Pair(1), (1, None),
        numbers, numbers.astype(np.int32), numbers.astype(float), numbers.reshape(2, 3),
        numbers.reshape(3, 2), numbers[:5], numbers[::-1], numbers[:0], numbers[:0].reshape(0, 2),
        np.array("ab"), np.array(["ab", "c"]), np.array(["a", "bc"]), np.float64(1), np.array(1.0),
        np.broadcast_to(numbers, (2, 6)), np.broadcast_to(np.int64(1), 3),
        np.broadcast_to(np.int64(1), 4), np.broadcast_to(np.int64(2), 3),
        np.broadcast_to(np.array([[1], [2]]), (2, 2)), np.broadcast_to(np.array([1, 2]), (2, 2)),
    ]  # fmt: skip
    assert len({digest(value) for value in values}) == len(values)


@given(st.lists(st.tuples(st.integers(), st.floats(), WORDS), max_size=5))
def test_equal_values_have_equal_digests(rows: list[tuple[int, float, str]]) -> None:
    again = [tuple(row) for row in rows]
    assert digest(rows) == digest(again)
    wide = np.array([row[1] for row in rows] * 2).reshape(2, -1)
    assert digest(wide.T.copy()) == digest(wide.T)
