from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.geography.apportion import share_out, share_out_groups

totals = st.integers(0, 1_000_000)
weights = st.lists(st.integers(0, 100_000), min_size=1, max_size=40).filter(any)


def slow_hamilton(total: int, by: list[int]) -> list[int]:
    """The method in exact fractions, one seat at a time."""
    quotas = [Fraction(total * weight, sum(by)) for weight in by]
    shares = [int(quota) for quota in quotas]
    order = sorted(range(len(by)), key=lambda i: (shares[i] - quotas[i], i))
    for i in order[: total - sum(shares)]:
        shares[i] += 1
    return shares


@given(totals, weights)
def test_sums_exactly_and_equals_the_slow_method(total: int, by: list[int]) -> None:
    shares = share_out(total, by)
    assert shares.dtype == np.int64
    assert shares.sum() == total
    assert shares.tolist() == slow_hamilton(total, by)


@given(totals, weights)
def test_quota_rule(total: int, by: list[int]) -> None:
    for share, weight in zip(share_out(total, by).tolist(), by, strict=True):
        quota = Fraction(total * weight, sum(by))
        assert int(quota) <= share <= -int(-quota // 1)


@given(totals, weights, st.randoms(use_true_random=False))
def test_order_does_not_matter_without_ties(total: int, by: list[int], random: Random) -> None:
    remainders = [total * weight % sum(by) for weight in by]
    assume(len(set(remainders)) == len(remainders))
    order = list(range(len(by)))
    random.shuffle(order)
    shuffled = share_out(total, [by[i] for i in order])
    assert shuffled.tolist() == share_out(total, by)[order].tolist()


@given(
    st.lists(st.tuples(totals, weights), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_groups_are_shared_out_apart(groups: list[tuple[int, list[int]]], random: Random) -> None:
    members = [(group, weight) for group, (_, by) in enumerate(groups) for weight in by]
    random.shuffle(members)
    shares = share_out_groups(
        [total for total, _ in groups],
        [weight for _, weight in members],
        [group for group, _ in members],
    )
    for group, (total, _) in enumerate(groups):
        mine = [i for i, (own, _) in enumerate(members) if own == group]
        assert shares[mine].tolist() == slow_hamilton(total, [members[i][1] for i in mine])


def test_ties_go_to_the_first() -> None:
    assert share_out(2, [1, 1, 1]).tolist() == [1, 1, 0]


def test_weight_zero_gets_nothing() -> None:
    assert share_out(5, [0, 3, 0]).tolist() == [0, 5, 0]


def test_nothing_to_share_needs_no_weight() -> None:
    assert share_out(0, [0, 0]).tolist() == [0, 0]
    assert share_out(0, []).tolist() == []


@pytest.mark.parametrize(
    ("total", "by", "error"),
    [
        (1, [0, 0], ValueError),
        (1, [], ValueError),
        (-1, [1], ValueError),
        (1, [1, -1], ValueError),
        (1, [0.5], TypeError),
        (2**62, [4], ValueError),
    ],
)
def test_refuses(total: int, by: list[int], error: type[Exception]) -> None:
    with pytest.raises(error):
        share_out(total, by)
