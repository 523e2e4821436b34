"""Known answers, exact agreement of the two paths, independence, and statistical sanity.

The statistical tests use fixed seeds, so they either pass always or never; their thresholds are
p-values far below what a sound generator gives, and a broken one fails them at once.
"""

from __future__ import annotations

import math
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim import streams as streams_module
from sim.streams import Stream, Streams, entity_id, entity_ids, philox_block, philox_blocks

IDS = st.integers(0, 2**64 - 1)
SEEDS = st.integers(0, 2**200)
REPLICATIONS = st.integers(0, 2**32 - 1)

# philox4x32 10 of kat_vectors in Random123: counter, key, result
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000",
     "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
     "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
     "d16cfe09 94fdcceb 5001e420 24126ea1"),
]  # fmt: skip


def words(text: str) -> tuple[int, ...]:
    return tuple(int(word, 16) for word in text.split())


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_known_answers(counter: str, key: str, answer: str) -> None:
    assert philox_block(words(counter), words(key)) == words(answer)
    many = np.repeat(np.array(words(counter), dtype=np.uint64)[:, None], 5, axis=1)
    philox_blocks(many, words(key))
    assert [tuple(column) for column in many.T.tolist()] == [words(answer)] * 5


def test_ids_are_pinned() -> None:
    """Ids must never change: stored results name the stream scheme that made them."""
    assert entity_id("") == 13020603013274838756
    assert entity_id("county/410122/van/1") == 12943074084439428151
    names = ["", "county/410122/van/1", "县/中牟县"]
    assert entity_ids(names).tolist() == [entity_id(name) for name in names]
    assert entity_ids([]).shape == (0,)
    assert entity_ids(iter(names)).dtype == np.uint64


def test_draws_are_pinned() -> None:
    stream = Streams(seed=0, replication=0).stream("site/a")
    assert [stream.uniform() for _ in range(3)] == [
        0.8353502590693737,
        0.6533532003150696,
        0.7963828410322521,
    ]


@given(SEEDS, REPLICATIONS, st.lists(IDS, min_size=1, max_size=5), st.integers(0, 7))
def test_scalar_equals_vector(seed: int, replication: int, ids: list[int], first: int) -> None:
    streams = Streams(seed, replication)
    entities = np.array(ids, dtype=np.uint64)
    grid = streams.uniforms(entities[:, None], np.arange(9))
    assert grid.shape == (len(ids), 9)
    assert np.array_equal(streams.table(entities, 9), grid)
    by_id = [Stream(streams.key, entity) for entity in ids]
    alone = [[stream.uniform() for _ in range(9)] for stream in by_id]
    assert alone == grid.tolist()
    banked = streams.bank(entities, first)
    assert [[stream.uniform() for _ in range(9)] for stream in banked] == grid.tolist()
    assert [stream.drawn for stream in banked] == [9] * len(ids)


@given(IDS, st.integers(0, 2**63 - 1))
def test_far_draws_follow_the_documented_layout(entity: int, draw: int) -> None:
    streams = Streams(3, 1)
    block = draw // 2
    counter = (entity & 0xFFFFFFFF, entity >> 32, block & 0xFFFFFFFF, block >> 32)
    low, high = philox_block(counter, streams.key)[2 * (draw % 2) :][:2]
    expected = (((high << 32 | low) >> 12) + 0.5) / 2**52
    assert streams.uniforms(np.uint64(entity), draw).item() == expected


@pytest.mark.parametrize(
    ("word", "expected"), [(0, 0.5 / 2**52), (0xFFFFFFFF, (2**52 - 0.5) / 2**52)]
)
def test_extreme_words_stay_inside_the_open_interval(
    word: int, expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 0.0 < expected < 1.0
    assert (1.0 - expected) + expected == 1.0
    column = np.array([word], dtype=np.uint64)
    assert streams_module._to_unit(column, column).tolist() == [expected]
    monkeypatch.setattr(streams_module, "philox_block", lambda counter, key: (word,) * 4)
    stream = Streams(0, 0).stream("any")
    assert [stream.uniform(), stream.uniform()] == [expected, expected]


@pytest.mark.parametrize("first", [0, 3, 8, 33, 40])
def test_drawing_ahead_does_not_show(first: int) -> None:
    """A stream that has drawn often draws many blocks at once: the same draws, one by one."""
    streams, path, count = Streams(7, 3), "site/a/dock", 700
    entity = entity_id(path)
    (stream,) = streams.bank([entity], first) if first else [streams.stream(path)]
    wanted = streams.uniforms(np.uint64(entity), np.arange(count)).tolist()
    for number in range(count):
        assert stream.drawn == number
        assert stream.uniform() == wanted[number]


@given(st.lists(st.integers(1, 7), max_size=12), st.integers(0, 9))
def test_draws_taken_together_are_the_same(counts: list[int], first: int) -> None:
    streams = Streams(7, 3)
    (together,), (alone,) = streams.bank([5], first), streams.bank([5], 0)
    for count in counts:
        assert together.take(count) == [alone.uniform() for _ in range(count)]
        assert together.drawn == alone.drawn


def test_a_stream_does_not_depend_on_others_or_on_order() -> None:
    streams = Streams(7, 2)
    names = [f"clinic/{number}" for number in range(50)]
    one_by_one = {name: [streams.stream(name).uniform()] for name in names}
    taking_turns = {name: streams.stream(name) for name in reversed(names)}
    for name, stream in taking_turns.items():
        assert stream.uniform() == one_by_one[name][0]
    for name in names[::3]:
        one_by_one[name].append(taking_turns[name].uniform())
    for name, stream in taking_turns.items():
        stream_again = streams.stream(name)
        assert [stream_again.uniform() for _ in one_by_one[name]] == one_by_one[name]
        assert stream.drawn == len(one_by_one[name])
    fewer = streams.uniforms(entity_ids(names[10:20]), 5)
    assert np.array_equal(fewer, streams.uniforms(entity_ids(names), 5)[10:20])


def test_chunks_do_not_show() -> None:
    """More elements than one chunk, in awkward shapes, against the elements one by one."""
    streams = Streams(1, 0)
    ids = np.random.default_rng(5).integers(0, 2**64, 20_001, dtype=np.uint64)
    draws = np.arange(ids.size) % 7
    whole = streams.uniforms(ids, draws)
    assert np.array_equal(whole[::-1], streams.uniforms(ids[::-1], draws[::-1]))
    assert np.array_equal(
        whole[8_190:8_195], streams.uniforms(ids[8_190:8_195], draws[8_190:8_195])
    )
    grid = streams.uniforms(ids[:, None], np.arange(3))
    assert np.array_equal(grid.T, streams.uniforms(ids, np.arange(3)[:, None]))
    assert np.array_equal(grid, streams.table(ids, 3))
    assert streams.uniforms(ids[:0], 0).shape == (0,)
    assert streams.uniforms(ids[0], 0).shape == ()
    assert streams.table(ids[:2], 0).shape == (2, 0)
    assert streams.bank([]) == []


def test_pairs_are_two_draws_of_one_block() -> None:
    streams = Streams(1, 0)
    ids = np.random.default_rng(6).integers(0, 2**64, 8_200, dtype=np.uint64)
    blocks = np.arange(ids.size) % 5
    first, second = streams.pairs(ids, blocks)
    assert np.array_equal(first, streams.uniforms(ids, 2 * blocks))
    assert np.array_equal(second, streams.uniforms(ids, 2 * blocks + 1))
    assert [half.shape for half in streams.pairs([], [])] == [(0,), (0,)]
    with pytest.raises(ValueError, match="as many blocks as ids"):
        streams.pairs(ids, blocks[:1])


def test_scratch_stays_small() -> None:
    streams = Streams(0, 0)
    ids = np.arange(400_000, dtype=np.uint64)
    tracemalloc.start()
    try:
        result = streams.uniforms(ids, 1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak - result.nbytes < 2e6


def test_streams_travel_to_other_processes() -> None:
    streams = Streams(4, 9)
    again = pickle.loads(pickle.dumps(streams))
    assert again == streams
    stream = streams.stream("a")
    first = stream.uniform()
    copy = pickle.loads(pickle.dumps(stream))
    assert copy.uniform() == stream.uniform() != first


def test_refusals() -> None:
    streams = Streams(0, 0)
    with pytest.raises(ValueError, match="seed must be 0 or more, not -1"):
        Streams(-1, 0)
    with pytest.raises(ValueError, match="replication must be 0 or more"):
        Streams(0, -1)
    with pytest.raises(TypeError, match="ids must be integers, not float64"):
        streams.uniforms([1.5], 0)
    with pytest.raises(ValueError, match="draws must be 0 or more, not -3"):
        streams.uniforms(np.uint64(1), [0, -3])
    with pytest.raises(ValueError, match="draws must be below 2"):
        streams.uniforms(np.uint64(1), np.array([2**63], dtype=np.uint64))
    with pytest.raises(ValueError, match="0 or more"):
        streams.bank([1], first=-1)
    with pytest.raises(ValueError, match="0 or more"):
        streams.table([1], -1)


def test_keys_differ_by_seed_and_replication() -> None:
    keys = {Streams(seed, replication).key for seed in range(60) for replication in range(60)}
    keys |= {Streams(2**64 + seed, 0).key for seed in range(60)}
    assert len(keys) == 60 * 60 + 60


def families() -> dict[str, np.ndarray]:
    """Four samples of shape (rows, 40,000): neighbours in each of the stream's coordinates."""
    near = np.arange(120_000, dtype=np.uint64).reshape(3, -1)
    own = Streams(11, 0)
    named = entity_ids(f"county/{number}" for number in range(40_000))
    return {
        "neighbouring ids": own.uniforms(near, 0),
        "draws of one entity": own.uniforms(entity_id("truck/1"), near.astype(int)),
        "draws 0, 1, 2 of named entities": own.table(named, 3).T,
        "replications": np.array([Streams(11, r).uniforms(named, 0) for r in range(3)]),
        "seeds": np.array([Streams(s, 0).uniforms(named, 0) for s in range(3)]),
        "one entity over replications": np.array(
            [[Streams(5, r).stream(name).uniform() for r in range(2_000)] for name in "abc"]
        ),
    }


def test_uniform_and_uncorrelated() -> None:
    for name, sample in families().items():
        for row in sample:
            assert stats.kstest(row, "uniform").pvalue > 1e-3, name
            counts = np.bincount((row * 64).astype(int), minlength=64)
            assert stats.chisquare(counts).pvalue > 1e-3, name
            assert abs(np.corrcoef(row[:-1], row[1:])[0, 1]) < 4 / math.sqrt(row.size), name
        across = np.corrcoef(sample)[np.triu_indices(len(sample), 1)]
        assert np.abs(across).max() < 4 / math.sqrt(sample.shape[1]), name
        pairs = (sample[0] * 8).astype(int) * 8 + (sample[1] * 8).astype(int)
        assert stats.chisquare(np.bincount(pairs, minlength=64)).pvalue > 1e-3, name


def test_bits_are_balanced() -> None:
    """Each of the 52 bits is set in half of the draws, to 5 standard deviations."""
    draws = Streams(0, 0).uniforms(np.arange(50_000, dtype=np.uint64), 0)
    ks = (draws * 2**52 - 0.5).astype(np.uint64)
    share = [np.mean((ks >> np.uint64(bit)) & np.uint64(1)) for bit in range(52)]
    assert np.abs(np.array(share) - 0.5).max() < 5 * 0.5 / math.sqrt(draws.size)
