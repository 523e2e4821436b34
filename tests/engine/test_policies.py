"""Rules of allocation, dispatch and sourcing, each against its definition."""

from __future__ import annotations

from math import inf

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.policies.allocation import (
    ALLOCATION_RULES,
    PRIORITY_ORDERS,
    equal_rounds,
    in_turn,
    proportional,
)
from sim.policies.dispatch import Departures, FullOrAfter, OnArrival, Timetable
from sim.policies.sourcing import SOURCING_RULES, least_cost, nearest, within

owed_units = st.lists(st.integers(0, 40), min_size=1, max_size=8)

# --- allocation


@pytest.mark.parametrize("name", sorted(ALLOCATION_RULES))
@given(available=st.integers(0, 300), owed=owed_units)
def test_shares_are_whole_within_what_is_owed_and_leave_nothing(
    name: str, available: int, owed: list[int]
) -> None:
    shares = ALLOCATION_RULES[name](available, owed)
    assert len(shares) == len(owed)
    assert all(isinstance(share, int) for share in shares)
    assert all(0 <= share <= units for share, units in zip(shares, owed, strict=True))
    assert sum(shares) == min(available, sum(owed))


@pytest.mark.parametrize("name", sorted(ALLOCATION_RULES))
@given(available=st.integers(0, 300), owed=owed_units)
def test_a_unit_more_takes_nothing_from_anybody(name: str, available: int, owed: list[int]) -> None:
    """Resource monotonicity; largest remainders are known to break it (the Alabama paradox)."""
    rule = ALLOCATION_RULES[name]
    slack = 1 if name == "proportional" else 0
    before, after = rule(available, owed), rule(available + 1, owed)
    assert all(a >= b - slack for a, b in zip(after, before, strict=True))


@given(available=st.integers(0, 300), owed=owed_units)
def test_in_turn_fills_the_first_before_the_next(available: int, owed: list[int]) -> None:
    shares = in_turn(available, owed)
    short = [i for i, (share, units) in enumerate(zip(shares, owed, strict=True)) if share < units]
    if short:
        assert shares[: short[0]] == owed[: short[0]]
        assert not any(shares[short[0] + 1 :])


@given(share=st.floats(0, 1), owed=owed_units)
def test_proportional_is_within_one_unit_of_the_exact_share(share: float, owed: list[int]) -> None:
    assume(any(owed))
    available = int(share * sum(owed))
    shares = proportional(available, owed)
    exact = [available * units / sum(owed) for units in owed]
    assert all(abs(mine - e) < 1 for mine, e in zip(shares, exact, strict=True))


def test_proportional_gives_odd_units_to_the_largest_remainders() -> None:
    assert proportional(10, [6, 5, 4]) == [4, 3, 3]  # exactly 4, 3.33, 2.67
    assert proportional(1, [5, 5, 5]) == [1, 0, 0]  # a tie goes to the earlier one
    assert proportional(7, [0, 20]) == [0, 7]


@given(available=st.integers(0, 300), owed=owed_units)
def test_equal_rounds_is_the_result_of_giving_one_unit_at_a_time(
    available: int, owed: list[int]
) -> None:
    shares = [0] * len(owed)
    left = min(available, sum(owed))
    while left:
        for i, units in enumerate(owed):
            if left and shares[i] < units:
                shares[i] += 1
                left -= 1
    assert equal_rounds(available, owed) == shares


def test_orders_of_priority_know_what_they_sort_by() -> None:
    assert {what for what, _ in PRIORITY_ORDERS.values()} == {
        "distance",
        "need",
        "attribute",
    }
    assert PRIORITY_ORDERS["nearest-first"][1] == -PRIORITY_ORDERS["farthest-first"][1] == 1
    assert PRIORITY_ORDERS["smallest-first"][1] == -PRIORITY_ORDERS["largest-first"][1] == 1


# --- dispatch

hours = st.floats(0, 1000, allow_nan=False)


def test_on_arrival_is_now() -> None:
    assert OnArrival().due(3.5, 1.0, is_full=False) == 3.5


@given(now=hours, wait=st.floats(0, 50), after=st.floats(0.01, 50), is_full=st.booleans())
def test_full_or_after(now: float, wait: float, after: float, is_full: bool) -> None:
    due = FullOrAfter(after).due(now, now - wait, is_full)
    assert due >= now
    assert due == (now if is_full else max(now, now - wait + after))


@given(now=hours, every=st.floats(0.01, 50), offset=st.floats(0, 50))
def test_departures_are_the_first_at_or_after_now(now: float, every: float, offset: float) -> None:
    rule = Departures(every, offset)
    due = rule.due(now, 0.0, is_full=True)
    k = round((due - offset) / every)
    assert k >= 0
    assert due == offset + k * every
    assert due >= now
    assert k == 0 or offset + (k - 1) * every < now


@given(k=st.integers(0, 100_000), every=st.floats(0.01, 50), offset=st.floats(0, 50))
def test_a_departure_that_is_exactly_now_is_taken(k: int, every: float, offset: float) -> None:
    now = offset + k * every
    assert Departures(every, offset).due(now, 0.0, is_full=False) == now


@given(times=st.lists(hours, max_size=6, unique=True), now=hours)
def test_a_timetable_is_looked_up(times: list[float], now: float) -> None:
    due = Timetable(tuple(sorted(times))).due(now, 0.0, is_full=True)
    assert due == min((time for time in times if time >= now), default=inf)


def test_only_full_or_after_keeps_a_remainder() -> None:
    rules = (OnArrival(), FullOrAfter(1.0), Departures(1.0), Timetable((1.0,)))
    assert [rule.sends_remainder for rule in rules] == [True, False, True, True]


# --- sourcing


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Return cost, need and capacity of one to three origins and one to four destinations."""
    origins, destinations = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    km = st.integers(1, 2000)
    cost = [[draw(km) for _ in range(destinations)] for _ in range(origins)]
    need = [draw(st.integers(0, 30)) for _ in range(destinations)]
    capacity = [draw(st.sampled_from([0.0, 5.0, 17.0, 40.0, 200.0, inf])) for _ in range(origins)]
    assume(max(capacity) > 0)
    return np.array(cost, np.float64), np.array(need, np.int64), np.array(capacity)


def cheapest(cost: np.ndarray, need: np.ndarray, limit: np.ndarray) -> int:  # type: ignore[type-arg]
    """Return the fewest unit-kilometres by networkx's network simplex."""
    graph: nx.DiGraph[object] = nx.DiGraph()
    total = int(need.sum())
    graph.add_node("source", demand=-total)
    for i, most in enumerate(limit):
        graph.add_edge("source", ("from", i), capacity=int(min(most, total)), weight=0)
        for j in range(len(need)):
            graph.add_edge(("from", i), ("to", j), weight=int(cost[i, j]))
    for j, units in enumerate(need):
        graph.add_node(("to", j), demand=int(units))
    return int(nx.min_cost_flow_cost(graph))


@settings(max_examples=150, deadline=None)
@given(problem=problems())
def test_least_cost_is_the_cheapest_flow(problem) -> None:  # type: ignore[no-untyped-def]
    cost, need, capacity = problem
    units = least_cost(cost, need, capacity)
    able = capacity > 0
    limit = np.zeros(len(capacity))
    limit[able] = within(capacity[able], int(need.sum()))
    assert (units.sum(axis=0) == need).all()
    assert (units >= 0).all()
    assert (units.sum(axis=1) <= limit).all()
    assert int((units * cost).sum()) == cheapest(cost, need, limit)


@given(capacity=st.lists(st.floats(0.5, 500), min_size=1, max_size=6), total=st.integers(0, 4000))
def test_capacities_that_fall_short_are_raised_by_one_factor(
    capacity: list[float], total: int
) -> None:
    given_, whole = np.array(capacity), within(np.array(capacity), total)
    assert (whole == np.round(whole)).all()
    assert whole.sum() >= total
    if np.floor(given_).sum() >= total:
        assert (whole <= given_).all()
    else:
        factor = total / given_.sum()
        assert (np.abs(whole - given_ * factor) <= 1).all()


def test_a_scarce_maker_is_raised_like_the_others() -> None:
    """20 and 10 units for 60 that are needed: both give twice as much, wherever they are."""
    cost = np.array([[1.0, 1.0], [500.0, 500.0]])
    units = least_cost(cost, np.array([30, 30]), np.array([20.0, 10.0]))
    assert units.sum(axis=1).tolist() == [40, 20]


def test_least_cost_trades_a_near_destination_for_two_farther_ones() -> None:
    cost = np.array([[10.0, 20.0], [11.0, 90.0]])
    units = least_cost(cost, np.array([10, 10]), np.array([10.0, 20.0]))
    assert units.tolist() == [[0, 10], [10, 0]]


@settings(max_examples=50, deadline=None)
@given(problem=problems())
def test_nearest_takes_the_nearest_origin_that_gives_anything(problem) -> None:  # type: ignore[no-untyped-def]
    cost, need, capacity = problem
    units = nearest(cost, need, capacity)
    assert (units.sum(axis=0) == need).all()
    for j, much in enumerate(need):
        if much:
            (origin,) = np.flatnonzero(units[:, j])
            assert capacity[origin] > 0
            assert cost[origin, j] == cost[capacity > 0, j].min()


def test_nobody_who_can_give_is_an_error() -> None:
    with pytest.raises(ValueError, match="no origin can give anything"):
        least_cost(np.ones((2, 1)), np.array([3]), np.zeros(2))


def test_the_rules_have_names() -> None:
    assert {"least-cost": least_cost, "nearest": nearest} == SOURCING_RULES


def test_who_wants_nothing_decides_nothing_of_least_cost() -> None:
    """Of equally cheap plans it is the same one, whoever stands beside those that want goods."""
    cost, capacity = np.ones((2, 3)), np.array([3.0, 2.0])
    need = np.array([1, 2, 1])
    alone = least_cost(cost, need, capacity)
    for place in range(4):
        beside = least_cost(
            np.insert(cost, place, 0.5, axis=1), np.insert(need, place, 0), capacity
        )
        assert (np.delete(beside, place, axis=1) == alone).all()
        assert not beside[:, place].any()
    assert not least_cost(cost, np.zeros(3, np.int64), capacity).any()
