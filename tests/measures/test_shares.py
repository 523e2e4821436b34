"""When a share of facilities or units has come: ranks, groups and units against plain Python."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, inf, isnan

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from measures.handmade import COUNTY, paper_campaign

from sim.measures.coverage import (
    SHARES,
    Completed,
    arrivals_by_site,
    assigned_units,
    completion_times,
    grouped_share_times,
    share_times,
)
from sim.measures.equity import worst_share_mean
from sim.measures.flow import Flow, flows_of, time_of_share, units_by
from sim.measures.leadtime import weighted_quantile

TIMES = st.one_of(st.floats(0.0, 840.0), st.just(inf), st.integers(0, 5).map(float))
#: Shares as people write them, and the exact fraction that they mean.
PERCENT = st.integers(0, 100).map(lambda k: (k / 100, Fraction(k, 100)))


def ranked(times: list[float], share: Fraction) -> float:
    """The ceil(q n)-th smallest, in exact arithmetic; the first for a share of 0."""
    return sorted(times)[max(ceil(share * len(times)), 1) - 1]


@pytest.mark.parametrize(
    ("n", "ranks"),
    [
        (1, (1, 1, 1)),
        (2, (1, 2, 2)),
        (3, (2, 3, 3)),
        (10, (5, 9, 10)),
        (11, (6, 10, 11)),
        (20, (10, 18, 20)),
        (30, (15, 27, 30)),  # 0.9 * 30 is a little above 27 in binary
        (70, (35, 63, 70)),
    ],
)
def test_ranks_by_hand(n: int, ranks: tuple[int, int, int]) -> None:
    times = np.arange(n, 0, -1, dtype=np.float64)  # 1 to n, the last one first
    assert share_times(times) == dict(zip(SHARES, map(float, ranks), strict=True))


@given(st.lists(TIMES, min_size=1, max_size=60), PERCENT)
def test_share_times_against_exact_ranks(
    times: list[float], percent: tuple[float, Fraction]
) -> None:
    share, exact = percent
    assert share_times(np.array(times), {"q": share}) == {"q": ranked(times, exact)}


def test_no_site_at_all_is_never_complete() -> None:
    assert share_times(np.empty(0)) == {"T50": inf, "T90": inf, "T100": inf}


@given(st.lists(st.tuples(TIMES, st.integers(0, 5)), min_size=1, max_size=60))
@example([(inf, 0), (inf, 2)])
@example([(0.0, 1), (inf, 1), (840.0, 3)])
def test_groups_against_each_group_alone(rows: list[tuple[float, int]]) -> None:
    times, group = np.array([t for t, _ in rows]), np.array([g for _, g in rows])
    shares = SHARES | {"first": 0.0}
    each = Completed(times.copy(), np.arange(len(times)), np.arange(len(times) + 1))
    found = grouped_share_times(*each.in_groups(group, 6), shares)
    assert found.keys() == shares.keys()
    for one in range(6):
        mine = times[group == one]
        if not len(mine):
            assert all(isnan(found[name][one]) for name in shares)
            continue
        # 6 groups span some 5,000 hours, which a float64 resolves to 1e-12.
        expected = share_times(mine, shares)
        assert {name: found[name][one] for name in shares} == pytest.approx(expected, abs=1e-10)


def test_groups_at_the_size_of_a_nation() -> None:
    """2,850 counties and 200,000 clinics: still exact to far below a second."""
    generator = np.random.default_rng(1)
    group = np.sort(generator.integers(0, 2850, 200_000))
    times = generator.uniform(0, 840, len(group))
    times[generator.random(len(group)) < 0.05] = inf
    first = np.searchsorted(group, np.arange(2851))
    found = grouped_share_times(times.copy(), first)
    for one in range(0, 2850, 97):
        expected = share_times(times[group == one])
        assert {name: found[name][one] for name in SHARES} == pytest.approx(expected, abs=1e-8)


def test_times_of_groups_keep_the_digits_that_kept_results_have() -> None:
    """All times span 62 h and 2 more: group 2 is counted from hour 128, where numbers are 2^-45
    apart. Fewer digits or more would be another result."""
    (found,) = grouped_share_times(np.array([62.0, 1.0, 0.3]), np.arange(4), {"T": 1.0}).values()
    assert found.tolist() == [62.0, 1.0, round(0.3 * 2**45) / 2**45]
    assert found[2] != 0.3


LOTS = st.lists(st.tuples(TIMES, st.integers(1, 9)), min_size=1, max_size=40)


def first_time_of_units(lots: list[tuple[float, int]], wanted: Fraction) -> float:
    came = 0
    for time, units in sorted(lots):
        came += units
        if came >= wanted:
            return time
    return inf


@given(LOTS, PERCENT, st.integers(0, 30))
def test_time_of_a_share_of_units(
    lots: list[tuple[float, int]], percent: tuple[float, Fraction], missing: int
) -> None:
    """Lots of unequal sizes; ``whole`` may be more than what moved at all."""
    share, exact = percent
    times, units = np.array([t for t, _ in lots]), np.array([u for _, u in lots])
    whole = int(units.sum()) + missing
    expected = first_time_of_units(lots, max(exact * whole, Fraction(1)))
    assert time_of_share(times, units, share, whole) == expected


@given(st.lists(TIMES, min_size=1, max_size=40), st.integers(1, 9), PERCENT, st.integers(0, 30))
def test_both_branches_of_time_of_share_agree(
    times: list[float], size: int, percent: tuple[float, Fraction], missing: int
) -> None:
    """Lots of one size take a shorter way; cutting one lot in two must not change the answer."""
    share = percent[0]
    whole = size * len(times) + missing
    units = np.full(len(times), size)
    alike = time_of_share(np.array(times), units, share, whole)
    expected = first_time_of_units(
        [(time, size) for time in times], max(percent[1] * whole, Fraction(1))
    )
    assert alike == expected
    if size > 1:
        cut_times = np.array([*times, times[0]])
        cut_units = np.array([1, *[size] * (len(times) - 1), size - 1])
        assert time_of_share(cut_times, cut_units, share, whole) == alike


def test_time_of_share_by_hand() -> None:
    times, units = np.array([9.0, 3.0, inf, 5.0]), np.array([2, 4, 3, 1])
    assert time_of_share(times, units, 0.0, 10) == 3  # the first unit
    assert time_of_share(times, units, 0.4, 10) == 3
    assert time_of_share(times, units, 0.41, 10) == 5
    assert time_of_share(times, units, 0.7, 10) == 9
    assert time_of_share(times, units, 0.71, 10) == inf
    assert time_of_share(np.empty(0), np.empty(0, np.int64), 0.0, 0) == inf


def test_units_by_a_moment_count_that_moment() -> None:
    times, units = np.array([1.0, 2.0, 2.0, inf]), np.array([1, 2, 4, 8])
    assert [units_by(times, units, moment) for moment in (0.5, 1.0, 1.5, 2.0, 99.0)] == [
        0, 1, 1, 7, 7,
    ]  # fmt: skip


@given(LOTS, PERCENT)
def test_weighted_quantile_is_that_of_single_units(
    lots: list[tuple[float, int]], percent: tuple[float, Fraction]
) -> None:
    values, units = np.array([t for t, _ in lots]), np.array([u for _, u in lots])
    singles = [value for value, count in lots for _ in range(count)]
    assert weighted_quantile(values, units, percent[0]) == ranked(singles, percent[1])


def test_weighted_quantile_of_nothing() -> None:
    assert isnan(weighted_quantile(np.empty(0), np.empty(0, np.int64), 0.5))


@given(st.lists(st.floats(0, 840), min_size=1, max_size=50), st.sampled_from([0.1, 0.25, 0.5, 1]))
def test_worst_share_mean(times: list[float], share: float) -> None:
    count = ceil(Fraction(str(share)) * len(times))
    expected = sum(sorted(times)[-count:]) / count
    assert worst_share_mean(np.array(times), share) == pytest.approx(expected)


RECEIPTS = st.lists(
    st.tuples(st.integers(1, 3), TIMES, st.integers(1, 9)), min_size=0, max_size=30
)  # site, time, units
DUES = st.tuples(*[st.integers(0, 20)] * 3)


@given(RECEIPTS, DUES)
def test_when_sites_are_complete(
    receipts: list[tuple[int, float, int]], dues: tuple[int, int, int]
) -> None:
    """A site is complete when its receipts add up to what the plan assigns to it."""
    case = paper_campaign(
        echelon=(0, 1, 1, 1), region=(0,) * 4, trips=(), tours=(), services=(),
        links=tuple((0, 1 + i, 0, due) for i, due in enumerate(dues) if due),
    )  # fmt: skip
    place, got, units = (
        np.array([row[i] for row in receipts], kind)
        for i, kind in enumerate((np.int64, np.float64, np.int64))
    )
    never = np.full(len(place), np.inf)
    sender = np.zeros(len(place), np.int64)
    flow = Flow(0, 0, 1, 0, sender, place, got, got, got, units, units, never)
    assert assigned_units(flow, case.plan).tolist() == [0, *dues]
    completed = completion_times(1, (flow,), case.plan)
    assert (
        completed.sites.tolist()
        == completed.site.tolist()
        == [1 + i for i, due in enumerate(dues) if due]
    )
    expected = [
        first_time_of_units(
            [(time, much) for site, time, much in receipts if site == 1 + i], Fraction(due)
        )
        for i, due in enumerate(dues)
        if due
    ]
    assert completed.times.tolist() == expected


def test_completion_at_the_last_mile_is_by_stop() -> None:
    case = paper_campaign()
    completed = completion_times(COUNTY + 1, flows_of(case.ledger, case.plan), case.plan)
    assert completed.times.tolist() == [15, 16, 17, inf, inf, inf]
    assert completed.site.tolist() == [3, 3, 3, 3, 4, 4]
    assert (completed.sites.tolist(), completed.first.tolist()) == ([3, 4], [0, 4, 6])


def test_arrivals_have_the_first_facility_too() -> None:
    case = paper_campaign()
    ((echelon, sites, by_share, first),) = arrivals_by_site(case.ledger, case.plan)
    assert (echelon, sites.tolist(), first.tolist()) == (3, [3, 4], [15, inf])
    assert by_share.keys() == SHARES.keys()
