"""The parts of tour planning against slow and obvious versions of themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.geography.distance import great_circle_km
from sim.policies import tour_neighbours, tour_savings
from sim.policies.tour_block import (
    LIMIT,
    Floats,
    Ints,
    TourBlock,
    TourTime,
    check_demand,
    plane,
)
from sim.policies.tour_improve import _made
from sim.policies.tour_moves import CROSS, SHIFT, SWAP, TURN, find_moves
from sim.policies.tour_neighbours import Pairs, each_once, nearest
from sim.policies.tour_savings import savings_tours
from sim.policies.tour_state import TourState
from sim.policies.tour_sweep import sweep_tours


def block_of(
    seed: int, stops: list[int], most: float = 15.0, *, hours: float | None = None
) -> TourBlock:
    rng = np.random.default_rng(seed)
    depot = np.repeat(np.arange(len(stops)), stops)
    lat, lon = 30.0 + rng.normal(0, 0.2, len(depot)), 105.0 + rng.normal(0, 0.2, len(depot))
    demand = check_demand(
        np.full(len(stops), 30.0), np.full(len(stops), 105.0), lat, lon, depot,
        np.stack((np.ones(len(depot)), rng.random(len(depot))), axis=1), [most, 0.6 * most],
        None if hours is None else TourTime(hours, 40.0, rng.random(len(depot)) / 5, 1.3),
    )  # fmt: skip
    ((_, _, block),) = demand.blocks()
    return block


def all_pairs(block: TourBlock) -> Pairs:
    i, j = np.triu_indices(block.stops, 1)
    rows = block.depot[i] == block.depot[j]
    i, j = i[rows], j[rows]
    return Pairs(i, j, np.hypot(block.x[i] - block.x[j], block.y[i] - block.y[j]))


def tour_lists(order: Ints, count: Ints) -> list[list[int]]:
    return [tour.tolist() for tour in np.split(order, np.cumsum(count)[:-1])]


def tour_km(block: TourBlock, tour: list[int]) -> float:
    x = np.concatenate(([0.0], block.x[tour], [0.0]))
    y = np.concatenate(([0.0], block.y[tour], [0.0]))
    return float(np.hypot(np.diff(x), np.diff(y)).sum())


@given(
    lat0=st.floats(-60, 60), lon0=st.floats(-180, 180), seed=st.integers(0, 2**32 - 1),
    spread=st.sampled_from([1e-4, 0.1, 1.0, 5.0]),
)  # fmt: skip
def test_the_plane_keeps_distances(lat0: float, lon0: float, seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    lat, lon = lat0 + spread * rng.uniform(-1, 1, 8), lon0 + spread * rng.uniform(-1, 1, 8)
    x, y = plane(np.full(8, lat0), np.full(8, lon0), lat, lon)
    home = great_circle_km(lat0, lon0, lat, lon)
    np.testing.assert_allclose(np.hypot(x, y), home, rtol=1e-8, atol=1e-9)
    flat = np.hypot(x[:, None] - x, y[:, None] - y)
    sphere = great_circle_km(lat[:, None], lon[:, None], lat, lon)
    assert np.all(flat >= sphere * (1 - 1e-8) - 1e-8)
    assert np.all(flat <= sphere * (1 + (home.max() / 6371.0) ** 2 / 2) + 1e-8)


@pytest.mark.parametrize("few", [0, 128])
@given(seed=st.integers(0, 2**32 - 1), neighbours=st.integers(1, 16))
@settings(max_examples=15, deadline=None)
def test_nearest_neighbours(few: int, seed: int, neighbours: int) -> None:
    rng = np.random.default_rng(seed)
    block = block_of(seed, rng.integers(1, 40, 4).tolist())
    among = np.flatnonzero(rng.random(block.stops) < 0.7)
    ask = among[rng.random(len(among)) < 0.5]
    before = tour_neighbours._FEW
    tour_neighbours._FEW = few
    try:
        found = nearest(block, among, ask, neighbours)
    finally:
        tour_neighbours._FEW = before
    for stop in ask.tolist():
        same = among[block.depot[among] == block.depot[stop]]
        km = np.hypot(block.x[same] - block.x[stop], block.y[same] - block.y[stop])
        expected = same[np.argsort(km)][: neighbours + 1]
        rows = found.i == stop
        # a stop that is alone among its depot's has no pairs, not even with itself
        got = found.j[rows].tolist()
        assert got == expected.tolist() or (not got and len(same) == 1)


def test_each_pair_comes_once() -> None:
    block = block_of(3, [50, 9, 2, 1])
    everyone = np.arange(block.stops)
    listed = nearest(block, everyone, everyone, 5)
    once = each_once(listed, block.stops)
    rows = listed.i != listed.j
    expected = {frozenset(pair) for pair in zip(listed.i[rows], listed.j[rows], strict=True)}
    assert len(once.i) == len(expected)
    assert {frozenset(pair) for pair in zip(once.i, once.j, strict=True)} == expected


def _textbook(block: TourBlock, home: Floats, shape: float) -> list[list[int]]:
    """Clarke & Wright as it is told: all pairs, best first, tours as lists."""
    pairs = all_pairs(block)
    saving = home[pairs.i] + home[pairs.j] - shape * pairs.km
    tours = [[stop] for stop in range(block.stops)]
    for row in np.argsort(-saving).tolist():
        i, j = int(pairs.i[row]), int(pairs.j[row])
        a = next(tour for tour in tours if i in tour)
        b = next(tour for tour in tours if j in tour)
        if a is b or i not in (a[0], a[-1]) or j not in (b[0], b[-1]):
            continue
        if home[i] + home[j] < pairs.km[row] or np.any(block.weight[:, a + b].sum(axis=1) > LIMIT):
            continue
        head, tail = (a if a[-1] == i else a[::-1]), (b if b[0] == j else b[::-1])
        if block.time is not None:
            hours = block.time.per_km[block.depot[i]] * tour_km(block, head + tail)
            if hours + block.time.stop[a + b].sum() > block.time.limit:
                continue
        tours = [tour for tour in tours if tour is not a and tour is not b] + [head + tail]
    return tours


@pytest.mark.parametrize("hours", [None, 4.0])
@pytest.mark.parametrize("shape", [1.0, 1.15])
def test_savings_with_all_neighbours_are_the_textbooks(
    hours: float | None, shape: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tour_savings, "ROUNDS", (1.0,))
    for seed in range(5):
        block = block_of(seed, [17, 12, 1, 3], most=5.0, hours=hours)
        order, count, _ = savings_tours(block, 16, shape)
        got = {min(tuple(tour), tuple(tour[::-1])) for tour in tour_lists(order, count)}
        told = _textbook(block, np.hypot(block.x, block.y), shape)
        assert got == {min(tuple(tour), tuple(tour[::-1])) for tour in told}


@pytest.mark.parametrize("neighbours", [2, 8])
def test_without_limits_each_depot_gets_one_tour(neighbours: int) -> None:
    """A join never costs distance; so near neighbours must not be all that is looked at."""
    block = block_of(6, [400, 300, 1, 2], most=1e9)
    _, count, _ = savings_tours(block, neighbours, 1.15)
    assert count.tolist() == [400, 300, 1, 2]


def test_few_tours_are_left_over() -> None:
    for seed in range(3):
        block = block_of(seed, [600], most=15.0)
        least = -(-int(block.weight.sum(axis=1).max()) // LIMIT)
        _, count, _ = savings_tours(block, 4, 1.15)
        assert least <= len(count) <= 1.06 * least


def _random_tours(block: TourBlock, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Tours at random within the limits; some are empty."""
    order, count = [], []
    for depot in range(len(block.first) - 1):
        stops = rng.permutation(np.arange(*block.first[depot : depot + 2])).tolist()
        while stops:
            size = int(rng.integers(1, 6))
            order += stops[:size]
            count += [len(stops[:size]), *[0] * int(rng.integers(0, 2))]
            stops = stops[size:]
    return np.array(order), np.array(count)


def _hours(block: TourBlock, tour: list[int]) -> float:
    assert block.time is not None
    per_km = block.time.per_km[block.depot[tour[0]]]
    return float(per_km * tour_km(block, tour) + block.time.stop[tour].sum())


@pytest.mark.parametrize("hours", [None, 3.5])
def test_every_move_does_what_it_says(hours: float | None) -> None:
    kinds: set[tuple[int, bool]] = set()
    for seed in range(2):
        rng = np.random.default_rng(seed)
        block = block_of(seed, [15, 9], most=6.0, hours=hours)
        state = TourState(block, *_random_tours(block, rng))
        before = tour_lists(state.order, np.diff(state.first))
        moves = find_moves(state, all_pairs(block))
        assert moves is not None
        for row in range(len(moves.km)):
            move = moves.some([row])
            order, count, changed = _made(state, move)
            after = tour_lists(order, count)
            assert sorted(order.tolist()) == list(range(block.stops))
            assert set(np.flatnonzero(changed).tolist()) == {int(move.a[0]), int(move.b[0])}
            for old, new, differs in zip(before, after, changed.tolist(), strict=True):
                assert differs or old == new
                assert np.all(block.weight[:, new].sum(axis=1) <= LIMIT)
                if hours is not None and differs and new and _hours(block, new) > hours:
                    # such tours may be among the random ones; no move makes them longer
                    assert tour_km(block, new) < tour_km(block, old)
                assert len({int(block.depot[stop]) for stop in new}) <= 1
            change = sum(tour_km(block, t) for t in after) - sum(tour_km(block, t) for t in before)
            assert move.km[0] == pytest.approx(change, abs=1e-9)
            assert change < 0
            kinds.add((int(move.kind[0]), bool(move.a[0] == move.b[0])))
    assert kinds == {
        (TURN, True), (TURN, False), (CROSS, False), (SHIFT, True), (SHIFT, False), (SWAP, False),
    }  # fmt: skip


@pytest.mark.parametrize("hours", [None, 6.0])
def test_no_move_is_missed(hours: float | None) -> None:
    """Whatever a single exchange or relocation between near stops saves, is found."""
    block = block_of(2, [14], most=5.0, hours=hours)
    order, count, _ = savings_tours(block, 3, 1.0)
    state = TourState(block, order, count)
    tours = tour_lists(order, count)
    found = find_moves(state, all_pairs(block))
    best = 0.0 if found is None else float(found.km.min())

    def allowed(tour: list[int]) -> bool:
        if hours is not None and tour and _hours(block, tour) > hours:
            return False
        return bool(np.all(block.weight[:, tour].sum(axis=1) <= LIMIT))

    for a, one in enumerate(tours):
        for two in tours[:a]:
            old = tour_km(block, one) + tour_km(block, two)
            for u in range(len(one) + 1):
                for v in range(len(two) + 1):
                    for new in (
                        (one[:u] + two[v:], two[:v] + one[u:]),
                        (one[:u] + two[:v][::-1], one[u:][::-1] + two[v:]),
                    ):
                        if allowed(new[0]) and allowed(new[1]):
                            saved = tour_km(block, new[0]) + tour_km(block, new[1]) - old
                            assert saved >= best - 1e-6
        for u in range(len(one)):
            for v in range(u + 2, len(one) + 1):
                turned = one[:u] + one[u:v][::-1] + one[v:]
                assert tour_km(block, turned) - tour_km(block, one) >= best - 1e-6


@pytest.mark.parametrize("hours", [None, 4.0])
def test_bookkeeping_equals_a_fresh_start(hours: float | None) -> None:
    rng = np.random.default_rng(9)
    block = block_of(9, [40, 25, 3], most=6.0, hours=hours)
    state = TourState(block, *_random_tours(block, rng))
    for _ in range(8):
        moves = find_moves(state, all_pairs(block))
        if moves is None:
            break
        state.rearrange(*_made(state, moves.some([int(rng.integers(len(moves.km)))])))
        fresh = TourState(block, state.order, np.diff(state.first))
        for name in TourState.__slots__:
            if name not in ("block", "changed"):
                np.testing.assert_array_equal(getattr(state, name), getattr(fresh, name), name)
    total = sum(tour_km(block, tour) for tour in tour_lists(state.order, np.diff(state.first)))
    assert state.km() == pytest.approx(total)


def test_a_sweep_takes_sectors() -> None:
    """On a circle, tours of four are quarters that begin behind the widest gap."""
    angle = np.radians(np.arange(16) * 20.0 + 10.0)  # the widest gap is from 310 to 370 degrees
    shuffled = np.random.default_rng(1).permutation(16)
    demand = check_demand(
        [0.0], [0.0], 0.1 * np.sin(angle[shuffled]), 0.1 * np.cos(angle[shuffled]),
        np.zeros(16, np.int64), np.ones((16, 1)), [4.0], None,
    )  # fmt: skip
    ((_, _, block),) = demand.blocks()
    order, count = sweep_tours(block)
    assert count.tolist() == [4, 4, 4, 4]
    for quarter, tour in enumerate(tour_lists(order, count)):
        assert sorted(shuffled[tour].tolist()) == list(range(4 * quarter, 4 * quarter + 4))
