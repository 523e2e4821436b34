"""A memory of expensive steps: what was worked out for one scenario and holds for the next one.

A step is a plain function of a module that reads nothing but its arguments and the code. What it
returned is found again by its name and the content of all of its arguments, so that a value can
only be shared where the step would return the same again. Nothing says what a scenario has changed:
that would have to be kept right by hand.
"""

from __future__ import annotations

import hashlib
import struct
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from inspect import isfunction
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

P = ParamSpec("P")
T = TypeVar("T")

#: Bytes of arrays that a memory holds unless told otherwise: the tours of a few national plans.
MOST_BYTES = 64_000_000


class Memo:
    """The values of steps that were used last, up to ``most_bytes`` of arrays in all.

    The value used last stays, whatever its size. Arrays in values are made read-only, since several
    plans share them. Not to be used by two threads at once.
    """

    __slots__ = ("_bytes", "_most", "_values")

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._values: OrderedDict[tuple[str, bytes], tuple[object, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    @property
    def held_bytes(self) -> int:
        """Bytes of the arrays that are held."""
        return self._bytes

    def recall(self, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a step returned for the same arguments, or call it and keep that.

        Raises:
            TypeError: the step is no function of a module, or what an argument holds has no digest.
        """
        if not isfunction(step) or "<" in step.__qualname__:
            raise TypeError(f"a step must be a plain function of a module, not {step!r}")
        key = (f"{step.__module__}.{step.__qualname__}", digest((args, kwargs)))
        if key in self._values:
            self._values.move_to_end(key)
            return cast(T, self._values[key][0])
        value: T = step(*args, **kwargs)
        arrays = list(_arrays_in(value))
        for array in arrays:
            array.setflags(write=False)
        size = sum(array.nbytes for array in arrays)
        self._values[key] = value, size
        self._bytes += size
        while self._bytes > self._most and len(self._values) > 1:
            _, (_, freed) = self._values.popitem(last=False)
            self._bytes -= freed
        return value


def recall(memo: Memo | None, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return a step's value, from the memory if there is one: see ``Memo.recall``."""
    if memo is None:
        return step(*args, **kwargs)
    return memo.recall(step, *args, **kwargs)


def digest(value: object) -> bytes:
    """Return 32 bytes that tell values apart: their types and all that is in them.

    Values are None, booleans, numbers, texts, arrays of numbers, and tuples, lists, dictionaries
    and frozen dataclasses of them. Raises TypeError for others.
    """
    into = hashlib.sha256()
    _add(value, into.update)
    return into.digest()


def _add(value: Any, add: Callable[[Any], None]) -> None:
    """Feed a value's type, size and content; the size says where it ends."""
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if value is None or isinstance(value, bool | int):
        add(f"{name} {value!r};".encode())
    elif isinstance(value, float):
        add(f"{name} ".encode() + struct.pack("<d", value))
    elif isinstance(value, str | bytes):
        content = value.encode() if isinstance(value, str) else value
        add(f"{name} {len(content)} ".encode() + content)
    elif isinstance(value, np.ndarray | np.generic):
        _add_array(np.asarray(value), add)
    elif isinstance(value, tuple | list | dict):
        add(f"{name} {len(value)} ".encode())
        for one in value.items() if isinstance(value, dict) else value:
            _add(one, add)
    elif is_dataclass(value) and kind.__dataclass_params__.frozen:
        add(f"{name} ".encode())
        for field in fields(value):
            _add(getattr(value, field.name), add)
    else:
        raise TypeError(f"a {name} has no digest")


def _add_array(array: NDArray[Any], add: Callable[[Any], None]) -> None:
    if array.dtype.kind not in "biufU":
        raise TypeError(f"an array of {array.dtype} has no digest")
    add(f"array {array.dtype.str} {array.shape} ".encode())
    if array.size:
        # What is broadcast along a dimension is there once.
        rows = tuple(slice(1) if stride == 0 else slice(None) for stride in array.strides)
        once = np.ascontiguousarray(array[rows])
        add(f"{once.shape} ".encode())
        add(once.view(np.uint8).data)


def _arrays_in(value: Any) -> Iterator[NDArray[Any]]:
    """Yield the arrays of a value made of arrays, tuples and dataclasses; others hold none."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _arrays_in(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _arrays_in(getattr(value, field.name))
