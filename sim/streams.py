"""Named random streams: every entity has its own, and they can be drawn for many at once.

A stream is a pure function of four things: the experiment's seed, the replication, the entity's
path name and the number of the draw. Nothing else enters, so adding a truck or a county changes
no other entity's luck, and two scenarios that share names share their luck.

Generator: Philox4x32-10 (J. K. Salmon, M. A. Moraes, R. O. Dror & D. E. Shaw, "Parallel random
numbers: as easy as 1, 2, 3", SC '11, 2011, section 3.3). It turns a 128-bit counter and a 64-bit
key into 128 random bits without any state:

- key: 64 bits of ``numpy.random.SeedSequence(seed, spawn_key=(replication,))``;
- counter: the entity's id in the low 64 bits, the number of the block in the high 64 bits;
- block b of an entity holds its draws 2 b and 2 b + 1.

Each draw takes the upper 52 of its 64 bits as k and returns u = (k + 0.5) / 2^52. With 52 bits
every such value is a float64 exactly, so 0 and 1 never occur, and 1 - u is as exact as u. (With
53 bits, k + 0.5 would need 54 significant bits, and the largest k would round to u = 1.)

Ids are 64-bit hashes. Among 600,000 names two share an id with probability about 1e-8.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

UInts = NDArray[np.uint64]
Floats = NDArray[np.float64]
Block = tuple[int, int, int, int]
Key = tuple[int, int]

ROUNDS = 10
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)

_MASK = 0xFFFFFFFF
_U32 = np.uint64(_MASK)
_32 = np.uint64(32)
_12 = np.uint64(12)
_M0, _M1 = (np.uint64(m) for m in MULTIPLIERS)
_ONE_BITS = np.uint64(0x3FF0_0000_0000_0000)  # the bits of 1.0: exponent 0, empty mantissa
_BELOW_ONE = 1.0 - 2.0**-53
_FEW = 16  # blocks that a stream draws one by one before it draws many at once
_AHEAD = 128  # blocks drawn at once then: numpy takes some 0.1 ms however few they are
_CHUNK = 8192  # elements worked on at once: their scratch (about 0.4 MB) stays in cache


def entity_id(path: str) -> int:
    """The 64-bit id of a path name: its 8-byte BLAKE2b digest, read little endian."""
    return int.from_bytes(blake2b(path.encode(), digest_size=8).digest(), "little")


def entity_ids(paths: Iterable[str]) -> UInts:
    """The ids of many path names, in their order; shape (number of paths,)."""
    digests = b"".join([blake2b(path.encode(), digest_size=8).digest() for path in paths])
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def philox_block(counter: Block, key: Key) -> Block:
    """One Philox4x32-10 block of four 32-bit words, in plain Python integers."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    m0, m1 = MULTIPLIERS
    step0, step1 = KEY_STEPS
    for _ in range(ROUNDS):
        p0 = m0 * c0
        p1 = m1 * c2
        c0 = (p1 >> 32) ^ c1 ^ k0
        c1 = p1 & _MASK
        c2 = (p0 >> 32) ^ c3 ^ k1
        c3 = p0 & _MASK
        k0 = (k0 + step0) & _MASK
        k1 = (k1 + step1) & _MASK
    return c0, c1, c2, c3


def philox_blocks(counters: UInts, key: Key, spare: UInts | None = None) -> None:
    """Many Philox4x32-10 blocks, in place.

    ``counters`` has shape (4, n) and holds one 32-bit word per uint64; on return it holds the
    random words instead. ``spare`` is optional scratch of shape (2, n).
    """
    c0, c1, c2, c3 = counters
    p0, p1 = np.empty_like(counters[:2]) if spare is None else spare
    k0, k1 = key
    for _ in range(ROUNDS):
        np.multiply(c0, _M0, out=p0)
        np.multiply(c2, _M1, out=p1)
        np.right_shift(p1, _32, out=c0)
        np.bitwise_xor(c0, c1, out=c0)
        np.bitwise_xor(c0, np.uint64(k0), out=c0)
        np.bitwise_and(p1, _U32, out=c1)
        np.right_shift(p0, _32, out=c2)
        np.bitwise_xor(c2, c3, out=c2)
        np.bitwise_xor(c2, np.uint64(k1), out=c2)
        np.bitwise_and(p0, _U32, out=c3)
        k0 = (k0 + KEY_STEPS[0]) & _MASK
        k1 = (k1 + KEY_STEPS[1]) & _MASK


class Stream:
    """One entity's draws in order. It counts its own draws; create one per entity and run."""

    __slots__ = ("_draws", "_end", "_entity", "_key", "_next", "_next_block")

    def __init__(
        self, key: Key, entity: int, draws: Sequence[float] = (), begin: int = 0, end: int = 0
    ) -> None:
        """``draws`` may hold the draws of the first blocks, from ``begin`` until ``end``."""
        self._key = key
        self._entity = entity
        self._draws = draws
        self._next = begin
        self._end = end
        self._next_block = (end - begin) // 2

    @property
    def drawn(self) -> int:
        """How many draws have been taken so far."""
        return 2 * self._next_block - (self._end - self._next)

    def uniform(self) -> float:
        """The entity's next draw, uniform on the open interval (0, 1)."""
        at = self._next
        if at >= self._end:
            self._draw_more()
            at = 0
        self._next = at + 1
        return self._draws[at]

    def take(self, count: int) -> list[float]:
        """The entity's next ``count`` draws, in order."""
        at = self._next
        if at + count > self._end:
            return [self.uniform() for _ in range(count)]
        self._next = at + count
        return list(self._draws[at : at + count])

    def _draw_more(self) -> None:
        """Draw the next block, or many: who has drawn so often goes on drawing."""
        block = self._next_block
        if block >= _FEW:
            self._draw_ahead()
            return
        counter = (self._entity & _MASK, self._entity >> 32, block & _MASK, block >> 32)
        x0, x1, x2, x3 = philox_block(counter, self._key)
        first = ((x1 << 20 | x0 >> 12) + 0.5) * 2.0**-52
        self._draws = (first, ((x3 << 20 | x2 >> 12) + 0.5) * 2.0**-52)
        self._next, self._end = 0, 2
        self._next_block = block + 1

    def _draw_ahead(self) -> None:
        """Draw many blocks at once."""
        blocks = np.arange(self._next_block, self._next_block + _AHEAD, dtype=np.uint64)
        words = np.empty((4, _AHEAD), dtype=np.uint64)
        words[0], words[1] = self._entity & _MASK, self._entity >> 32
        np.bitwise_and(blocks, _U32, out=words[2])
        np.right_shift(blocks, _32, out=words[3])
        philox_blocks(words, self._key)
        draws = np.empty(2 * _AHEAD)
        draws[0::2] = _to_unit(words[0], words[1])
        draws[1::2] = _to_unit(words[2], words[3])
        self._draws = array("d", draws.tobytes())
        self._next, self._end = 0, 2 * _AHEAD
        self._next_block += _AHEAD


@dataclass(frozen=True, slots=True)
class Streams:
    """All streams of one replication. Raises ValueError for a negative seed or replication."""

    seed: int
    replication: int
    key: Key = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name, value in (("seed", self.seed), ("replication", self.replication)):
            if value < 0:
                raise ValueError(f"{name} must be 0 or more, not {value}")
        sequence = np.random.SeedSequence(self.seed, spawn_key=(self.replication,))
        low, high = sequence.generate_state(2, np.uint32).tolist()
        object.__setattr__(self, "key", (low, high))

    def uniforms(self, ids: ArrayLike, draws: ArrayLike) -> Floats:
        """Draw number ``draws`` of entity ``ids``; both broadcast against each other.

        Each element costs one block. For all the first draws of many entities, ``table`` uses
        both halves of a block. Raises TypeError unless both hold integers, ValueError for a
        negative draw or id.
        """
        entities, numbers = _whole(ids, "ids", np.uint64), _whole(draws, "draws", np.int64)
        steps = np.nditer(
            [entities, numbers, None],
            flags=["external_loop", "buffered", "zerosize_ok"],
            op_flags=[["readonly"], ["readonly"], ["writeonly", "allocate"]],
            op_dtypes=[np.uint64, np.int64, np.float64],
            order="C",
            buffersize=_CHUNK,
        )
        scratch = np.empty((6, _CHUNK), dtype=np.uint64)
        with steps:
            for entity, number, out in steps:
                words = self._blocks(entity, (number >> 1).view(np.uint64), scratch)
                odd = (number & 1).astype(np.bool_)
                low = np.where(odd, words[2], words[0])
                high = np.where(odd, words[3], words[1])
                out[...] = _to_unit(low, high)
            return np.asarray(steps.operands[2])

    def table(self, ids: ArrayLike, count: int) -> Floats:
        """The first ``count`` draws of each entity; shape (number of ids, count)."""
        if count < 0:
            raise ValueError(f"the number of draws must be 0 or more, not {count}")
        entities = _whole(ids, "ids", np.uint64).ravel()
        result = np.empty((entities.size, count), dtype=np.float64)
        scratch = np.empty((6, _CHUNK), dtype=np.uint64)
        for start in range(0, entities.size, _CHUNK):
            rows = slice(start, start + _CHUNK)
            for block in range((count + 1) // 2):
                words = self._blocks(entities[rows], np.uint64(block), scratch)
                result[rows, 2 * block] = _to_unit(words[0], words[1])
                if 2 * block + 1 < count:
                    result[rows, 2 * block + 1] = _to_unit(words[2], words[3])
        return result

    def pairs(self, ids: ArrayLike, blocks: ArrayLike) -> tuple[Floats, Floats]:
        """Draws 2 × ``blocks`` and 2 × ``blocks`` + 1 of each entity; arrays of equal shape (n,).

        Both halves of each block are used, so a pair costs what one draw costs in ``uniforms``.
        """
        entities = _whole(ids, "ids", np.uint64).ravel()
        numbers = _whole(blocks, "blocks", np.int64).ravel().view(np.uint64)
        if entities.size != numbers.size:
            raise ValueError("there must be as many blocks as ids")
        first, second = np.empty((2, entities.size), dtype=np.float64)
        scratch = np.empty((6, _CHUNK), dtype=np.uint64)
        for start in range(0, entities.size, _CHUNK):
            rows = slice(start, start + _CHUNK)
            words = self._blocks(entities[rows], numbers[rows], scratch)
            first[rows] = _to_unit(words[0], words[1])
            second[rows] = _to_unit(words[2], words[3])
        return first, second

    def stream(self, path: str) -> Stream:
        """The stream of the entity with this path name, from its first draw."""
        return Stream(self.key, entity_id(path))

    def bank(self, ids: ArrayLike, first: ArrayLike = 4) -> list[Stream]:
        """One stream per id, in their order, with at least ``first`` draws made beforehand; one
        number for all of them, or one for each.

        The draws are the same as without; only the time they take differs. Raises ValueError
        if any of ``first`` is negative.
        """
        entities = _whole(ids, "ids", np.uint64).ravel()
        counts = np.broadcast_to(_whole(first, "first", np.int64), entities.shape)
        blocks = np.maximum(1, (counts + 1) // 2)
        ends = np.cumsum(blocks)
        number = np.arange(blocks.sum()) - np.repeat(ends - blocks, blocks)
        pairs = np.column_stack(self.pairs(np.repeat(entities, blocks), number))
        draws = array("d", pairs.tobytes())  # far less than lists of numbers
        columns = entities, 2 * (ends - blocks), 2 * ends
        entity, begin, end = (column.tolist() for column in columns)
        return list(map(Stream, repeat(self.key), entity, repeat(draws), begin, end))

    def _blocks(self, ids: UInts, blocks: UInts | np.uint64, scratch: UInts) -> UInts:
        """The words, shape (4, n), of one block per id; they live in ``scratch`` (6, >= n)."""
        words, spare = scratch[:4, : ids.size], scratch[4:, : ids.size]
        np.bitwise_and(ids, _U32, out=words[0])
        np.right_shift(ids, _32, out=words[1])
        np.bitwise_and(blocks, _U32, out=words[2])
        np.right_shift(blocks, _32, out=words[3])
        philox_blocks(words, self.key, spare)
        return words


def _to_unit(low: UInts, high: UInts) -> Floats:
    """(k + 0.5) / 2^52 with k the upper 52 bits of high:low, both 32-bit words.

    k becomes the mantissa of a float64 in [1, 2); subtracting 1 - 2^-53 is exact.
    """
    bits = (high << np.uint64(20)) | (low >> _12)
    bits |= _ONE_BITS
    return np.asarray(bits.view(np.float64) - _BELOW_ONE)


def _whole(values: ArrayLike, name: str, dtype: type[np.integer[Any]]) -> NDArray[Any]:
    """``values`` as an integer array; refuses what a cast would quietly change."""
    array = np.asarray(values)
    if array.size == 0:
        return array.astype(dtype)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers, not {array.dtype}")
    if array.dtype.kind == "i" and array.min() < 0:
        raise ValueError(f"{name} must be 0 or more, not {array.min()}")
    if dtype is np.int64 and array.dtype == np.uint64 and array.max() >= 2**63:
        raise ValueError(f"{name} must be below 2^63, not {array.max()}")
    return array.astype(dtype, copy=False)
