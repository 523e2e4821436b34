from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.geography.apportion import (
    share_out,
    share_out_between,
    share_out_groups,
    spread_evenly,
)

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


# --- between a lowest and a highest share


def slow_between(total: int, by: list[int], fewest: int, most: int) -> list[int]:
    """Quotas are weights times the one factor at which they sum to the total, cut to the limits:
    the factor is found between the points at which somebody is cut. Then largest remainders."""
    cuts = sorted({Fraction(limit, w) for w in by if w for limit in (fewest, most)} | {Fraction(0)})

    def quotas(factor: Fraction) -> list[Fraction]:
        return [min(max(factor * w, Fraction(fewest)), Fraction(most)) if w else Fraction(0)
                for w in by]  # fmt: skip

    low = max(cut for cut in cuts if sum(quotas(cut)) <= total)
    moving = sum(w for w in by if w and fewest <= low * w < most)
    exact = quotas(low + (total - sum(quotas(low))) / moving if moving else low)
    shares = [int(quota) for quota in exact]
    order = sorted(range(len(by)), key=lambda i: (shares[i] - exact[i], i))
    for i in order[: total - sum(shares)]:
        shares[i] += 1
    return shares


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=12).filter(any),
    st.integers(0, 6), st.integers(0, 30), st.floats(0, 1),
)  # fmt: skip
def test_between_limits_equals_the_slow_method(
    by: list[int], fewest: int, wider: int, place: float
) -> None:
    count, most = sum(weight > 0 for weight in by), fewest + wider
    total = count * fewest + round(place * count * wider)
    shares = share_out_between(total, by, fewest, most).tolist()
    assert sum(shares) == total
    assert shares == slow_between(total, by, fewest, most)
    for share, weight in zip(shares, by, strict=True):
        assert fewest <= share <= most if weight else share == 0


@given(totals, weights)
def test_limits_that_cut_nobody_change_nothing(total: int, by: list[int]) -> None:
    assert share_out_between(total, by, 0, total).tolist() == share_out(total, by).tolist()


@given(st.lists(st.integers(1, 60), min_size=2, max_size=12), st.integers(0, 300))
def test_who_weighs_more_never_gets_less(by: list[int], total: int) -> None:
    by, fewest, most = sorted(by), 1, 30
    total = min(max(total, len(by) * fewest), len(by) * most)
    shares = share_out_between(total, by, fewest, most).tolist()
    for i in range(len(by) - 1):
        if by[i] < by[i + 1]:
            assert shares[i] <= shares[i + 1]


def test_between_limits_on_paper() -> None:
    """Quotas of 12 for 1 : 2 : 9 are 1, 2, 9. At most 6: the others share the other 6 as 1 : 2.
    At least 3 as well: 3, 3 and 6."""
    assert share_out_between(12, [1, 2, 9], 0, 12).tolist() == [1, 2, 9]
    assert share_out_between(12, [1, 2, 9], 0, 6).tolist() == [2, 4, 6]
    assert share_out_between(12, [1, 2, 9], 3, 6).tolist() == [3, 3, 6]
    assert share_out_between(0, [0, 0], 3, 5).tolist() == [0, 0]
    # 500 for 160 alike, 3 to 5 each: 3.125, so twenty of them get a fourth.
    assert np.bincount(share_out_between(500, [1] * 160, 3, 5)).tolist() == [0, 0, 0, 140, 20]


@pytest.mark.parametrize(
    ("total", "fewest", "most"), [(5, 2, 3), (10, 2, 3), (6, 3, 2), (6, -1, 9), (-1, 0, 3)]
)
def test_limits_that_cannot_be_kept(total: int, fewest: int, most: int) -> None:
    with pytest.raises(ValueError, match="cannot be shared out with"):
        share_out_between(total, [1, 0, 5, 2], fewest, most)


def test_the_limits_are_told() -> None:
    with pytest.raises(ValueError) as error:
        share_out_between(1_000, [1] * 90, 3, 5)
    assert str(error.value) == (
        "1,000 cannot be shared out with 3 to 5 for each of 90: that is 270 to 450 in all"
    )


# --- along a row


@given(st.integers(0, 10**9), st.integers(1, 400), st.data())
def test_spread_evenly(total: int, count: int, data: st.DataObject) -> None:
    spread = spread_evenly(total, count)
    assert spread.dtype == np.int64
    assert spread.sum() == total
    assert set(spread.tolist()) <= {total // count, -(-total // count)}
    begin = data.draw(st.integers(0, count - 1))
    end = data.draw(st.integers(begin, count))
    due = Fraction(total * (end - begin), count)
    assert abs(spread[begin:end].sum() - due) < 1


def test_spread_of_the_contract() -> None:
    tablets, oximeters = spread_evenly(3_500_000, 5_218), spread_evenly(2_200, 5_218)
    assert (tablets.sum(), set(tablets.tolist())) == (3_500_000, {670, 671})
    assert (oximeters.sum(), set(oximeters.tolist())) == (2_200, {0, 1})
    assert spread_evenly(0, 0).tolist() == []
    assert spread_evenly(3, 4).tolist() == [0, 1, 1, 1]


@pytest.mark.parametrize(("total", "count"), [(1, 0), (-1, 3), (1, -1), (2**40, 2**30)])
def test_spread_refuses(total: int, count: int) -> None:
    with pytest.raises(ValueError):
        spread_evenly(total, count)
