"""Results against results: what is paired, what holds together, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from comparing.handmade import COVERAGE, T90, write_result
from scipy import stats

from sim.comparing.compare import Comparison, Difference, compare_results
from sim.comparing.ranking import rankings
from sim.errors import UsageError
from sim.statistics.paired import simultaneous_level
from sim.statistics.simultaneous import hold_together
from sim.store.result import Result

NAN = float("nan")
Make = Callable[..., Result]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(name: str, values: Any = None, **options: Any) -> Result:
        return write_result(tmp_path, name, values or {T90: [10.0, 12.0, 11.0]}, **options)

    return made


def only(comparison: Comparison, measure: str = "T90", variant: str = "") -> Difference:
    (row,) = [
        row
        for row in comparison.differences
        if row.measure == measure and variant in ("", row.variant)
    ]
    return row


def test_a_copy_differs_by_exactly_nothing(make: Make) -> None:
    values = {
        T90: [10.1, 12.3, 11.7],
        COVERAGE: [0.9, 1.0, 0.95],
        ("complete", "clinic", ""): [0, 1, 0],
    }
    compared = compare_results([make("base", values), make("copy", values)])
    assert len(compared.differences) == 3
    for row in compared.differences:
        assert (row.difference, row.low, row.high) == (0, 0, 0)
        assert (row.better, row.p, row.p_adjusted) == (0.5, 1, 1)
        assert row.same
        assert not row.clear
        assert row.good is None
        assert row.advised is None
    (note,) = compared.notes
    assert note.startswith("3 replications are few: ")


def test_a_difference_is_that_of_the_t_test_and_pairing_narrows_it(make: Make) -> None:
    rng = np.random.default_rng(1)
    luck, noise = rng.normal(100, 10, 12), rng.normal(-3, 0.5, 12)
    base, variant = luck.tolist(), (luck + noise).tolist()
    row = only(compare_results([make("base", {T90: base}), make("variant", {T90: variant})]))
    low, high = stats.ttest_rel(variant, base).confidence_interval(0.95)
    assert (row.low, row.high) == pytest.approx((low, high))
    assert row.p == pytest.approx(stats.ttest_rel(variant, base).pvalue)
    low, high = stats.ttest_ind(variant, base, equal_var=False).confidence_interval(0.95)
    assert (row.unpaired_low, row.unpaired_high) == pytest.approx((low, high))
    assert row.gain == pytest.approx((high - low) / (row.high - row.low))
    assert row.gain > 10
    assert (row.wins, row.ties, row.good) == (12, 0, True)
    assert row.difference == pytest.approx(row.variant_value - row.base_value)
    assert row.deviation == pytest.approx(np.std(noise, ddof=1))


def test_differences_of_several_variants_hold_together(make: Make) -> None:
    rng = np.random.default_rng(2)
    base = rng.normal(50, 5, 10)
    runs = [(base + rng.normal(shift, 1, 10)).tolist() for shift in (0.2, -1.0, 3.0)]
    results = [make("base", {T90: base.tolist(), COVERAGE: [1.0] * 10})]
    results += [make(f"v{i}", {T90: values}) for i, values in enumerate(runs)]
    compared = compare_results(results, level=0.9)
    rows = [row for row in compared.differences if row.measure == "T90"]
    assert len(rows) == len(compared.differences) == 3, "coverage is in one result only"
    gaps = [np.subtract(values, base) for values in runs]
    together = hold_together(gaps, [row.p for row in rows], 0.9)
    assert compared.each == pytest.approx(simultaneous_level(0.9, 3))
    for row, values, each in zip(rows, runs, together.each, strict=True):
        assert 0.9 < row.level == each < 0.98
        low, high = stats.ttest_rel(values, base).confidence_interval(each)
        assert (row.low, row.high) == pytest.approx((low, high))
    assert [row.p_adjusted for row in rows] == list(together.p)
    assert rows[1].p_adjusted > rows[1].p


def test_a_time_that_did_not_come_is_later_than_any(make: Make) -> None:
    base = make("base", {T90: [30.0, NAN, 32.0, 33.0, 31.0, 30.0, 32.0]})
    variant = make("variant", {T90: [29.0, 30.0, 31.0, 31.0, 30.0, 29.0, 31.0]})
    row = only(compare_results([base, variant]))
    assert (row.base_came, row.variant_came, row.runs) == (6, 7, 7)
    assert row.difference == -1.0
    assert row.low == -math.inf
    assert row.wins == 7
    assert math.isnan(row.base_value)
    assert math.isnan(row.unpaired_low)
    assert math.isnan(row.gain)
    assert row.advised is None


def test_what_had_nothing_to_measure_is_not_late(make: Make) -> None:
    """No trip was made in one run: that says nothing of how full a trip is."""
    fill = ("fill-share", "county", "county-van")
    row = only(
        compare_results([make("a", {fill: [0.5, NAN, 0.6]}), make("b", {fill: [0.4, 0.4, 0.4]})]),
        "fill-share",
    )
    assert math.isnan(row.difference)
    assert math.isnan(row.p)
    assert row.method == "no difference: nothing to measure in 1 of 3 runs"


def test_what_differs_by_rounding_is_the_same(make: Make) -> None:
    km = ("kilometres", "county", "county-van")
    values = [123456.7, 234567.8, 345678.9]
    close = [value * (1 + 3e-16) + 2e-11 for value in values]
    row = only(compare_results([make("a", {km: values}), make("b", {km: close})]), "kilometres")
    assert row.same
    assert row.ties == 3


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"seed": 7}, r"their seeds differ \(0, 7\).*--seed"),
        (
            {"streams": "another scheme"},
            "their random streams are keyed by different .*one version of Postroad",
        ),
        (
            {"change": ("start = 2023-01-07T00", "start = 2023-01-06T00")},
            "they start at different times .*give both the same start",
        ),
    ],
)
def test_what_does_not_share_its_luck_is_refused(
    change: dict[str, Any], why: str, make: Make
) -> None:
    with pytest.raises(UsageError, match=f"base and other cannot be paired: {why}"):
        compare_results([make("base"), make("other", **change)])


def test_a_result_that_does_not_name_its_streams_pairs_only_with_its_like(make: Make) -> None:
    old = make("old", streams=None), make("older", streams=None)
    assert only(compare_results(old)).same
    with pytest.raises(UsageError, match="not recorded"):
        compare_results([make("base"), old[0]])


def test_replications_in_common_are_paired_by_number(make: Make) -> None:
    base = make("base", {T90: [10.0, 20.0, 30.0, 40.0]})
    compared = compare_results([base, make("variant", {T90: [11.0, 22.0]})])
    assert compared.replications == (0, 1)
    row = only(compared)
    assert (row.base_value, row.difference, row.runs) == (15.0, 1.5, 2)
    note, few = compared.notes
    assert few.startswith("2 replications are few")
    assert note == ("replications differ (base 4, variant 2): the 2 that all have are compared")


def test_times_after_the_shorter_horizon_have_not_come(make: Make) -> None:
    longer = make("long", {T90: [100.0, 500.0]}, change=('horizon = "9 d"', 'horizon = "30 d"'))
    compared = compare_results([make("short", {T90: [100.0, NAN]}), longer])
    row = only(compared)
    assert row.variant_came == 1
    assert math.isnan(row.difference), "at the shorter horizon neither has come"
    assert "horizons differ (short 9 d, long 30 d): times after the shortest" in compared.notes[1]


def test_other_versions_are_told(make: Make) -> None:
    compared = compare_results([make("a", commit="1"), make("b", commit="2")])
    assert "made by different versions of Postroad" in compared.notes[1]


def test_one_run_has_no_interval(make: Make) -> None:
    compared = compare_results([make("a", {T90: [10.0]}), make("b", {T90: [12.0]})])
    row = only(compared)
    assert row.difference == 2.0
    assert math.isnan(row.low)
    assert not row.clear
    assert "one replication" in compared.notes[0]


def test_one_result_is_nothing_to_compare(make: Make) -> None:
    with pytest.raises(UsageError, match="at least two"):
        compare_results([make("base")])


def test_variants_are_ranked_with_the_base_among_them(make: Make) -> None:
    times = {"base": 20.0, "late": 25.0, "early": 15.0, "never": NAN}
    results = [
        make(name, {T90: [t, t + 1], COVERAGE: [0.5, 0.5], ("wait-mean", "county", "desk"): [t, t]})
        for name, t in times.items()
    ]
    compared = compare_results(results)
    (ranking,) = rankings(compared)
    assert ranking.key == ("T90", "", "clinic", "national", "")
    assert [place.name for place in ranking.places] == ["early", "base", "late", "never"]
    (ranking,) = rankings(compared, "wait-mean@desk")
    assert [place.name for place in ranking.places][:3] == ["early", "base", "late"]
    with pytest.raises(UsageError, match=r'found "T9" \(did you mean "T90"'):
        rankings(compared, "T9")
    with pytest.raises(UsageError, match="T90 is measured of clinic, not of county"):
        rankings(compared, "T90@county")


def test_more_is_better_where_it_is(make: Make) -> None:
    shares = {"base": 0.8, "less": 0.7, "more": 0.9}
    results = [make(name, {COVERAGE: [s, s + 0.01]}) for name, s in shares.items()]
    (ranking,) = rankings(compare_results(results))
    assert [place.name for place in ranking.places] == ["more", "base", "less"]
