"""The sequential rule: known answers, the rule written another way, and how often it is right."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.errors import UsageError
from sim.measures.precision import (
    FIRST,
    Rule,
    Stop,
    Target,
    ahead,
    half_width,
    parse_precision,
    runs_needed,
)

Values = list[float]


# --- The rule -------------------------------------------------------------------------------------


def test_values_that_never_vary_need_the_first_counts_and_the_look_ahead() -> None:
    assert runs_needed([[5.0] * 30], [Target(1.0)]) == Stop(FIRST + 5, reached=True)
    assert runs_needed([[5.0] * 30], [Target(1.0)], least=20) == Stop(20, reached=True)
    assert runs_needed([[5.0] * 30], [Target(1.0)], least=20, most=20) == Stop(20, reached=True)
    assert runs_needed([[5.0] * 7], [Target(1.0)]) is None


def test_an_interval_that_gets_wide_again_begins_anew() -> None:
    calm = [0.0, 0.0, 0.0, 0.0]
    assert runs_needed([[*calm, *[0.0] * 4]], [Target(0.5)]) == Stop(8, reached=True)
    burst = [*calm, 3.0, *[0.0] * 40]
    stop = runs_needed([burst], [Target(0.5)])
    assert stop is not None
    widths = [half(burst[:n]) for n in range(5, stop.runs + 1)]
    first = next(n for n, width in enumerate(widths, 5) if width <= 0.5)
    assert first > 8
    assert stop == Stop(first + 5, reached=True)


#: Student's t for 95 %, by the number of values.
T975 = [math.nan, math.nan, *stats.t.ppf(0.975, np.arange(1, 60)).tolist()]


def half(values: Values) -> float:
    """The half-width of Student's t interval, by scipy."""
    if len(values) < 2:
        return math.inf
    deviation = float(np.std(values, ddof=1))
    return T975[len(values)] * deviation / math.sqrt(len(values))


def by_definition(
    series: list[Values], widths: Values, relative: bool, least: int, most: int
) -> Stop | None:
    """The rule as a search over all counts."""

    def fits(n: int) -> bool:
        allowed = [w * abs(float(np.mean(s[:n]))) if relative else w
                   for s, w in zip(series, widths, strict=True)]  # fmt: skip
        return n >= 3 and all(half(s[:n]) <= a for s, a in zip(series, allowed, strict=True))

    narrow = [fits(n) for n in range(1, len(series[0]) + 1)]
    for n in range(least, len(series[0]) + 1):
        for begun in range(3, n + 1):
            wait = 5 if begun <= 100 else begun * 5 // 100
            if n >= begun + wait and all(narrow[begun - 1 : n]):
                return Stop(n, reached=True)
        if n == most:
            return Stop(n, reached=False)
    return None


@settings(max_examples=50)
@given(
    seed=st.integers(0, 10**6),
    widths=st.lists(st.sampled_from([0.31, 0.52, 0.83]), min_size=1, max_size=3),
    relative=st.booleans(),
    least=st.integers(3, 25),
    most=st.integers(25, 45),
)
def test_the_rule_written_another_way(
    seed: int, widths: Values, relative: bool, least: int, most: int
) -> None:
    draws = np.random.default_rng(seed).normal(1.0, 1.0, (len(widths), 40)).tolist()
    targets = [Target(width, relative) for width in widths]
    stop = runs_needed(draws, targets, least=least, most=most)
    assert stop == by_definition(draws, widths, relative, least, most)
    if stop is not None:  # what comes later changes nothing
        cut = [series[: stop.runs] for series in draws]
        assert runs_needed(cut, targets, least=least, most=most) == stop
        other = [[*series, 1e9, math.nan] for series in cut]
        assert runs_needed(other, targets, least=least, most=most) == stop


def test_the_look_ahead_grows_with_the_runs() -> None:
    assert [ahead(n) for n in (3, 100, 101, 120, 400)] == [5, 5, 5, 6, 20]


def test_a_missing_value_ends_it_at_once_but_not_before_the_least() -> None:
    values = [1.0, 1.0, math.nan, *[1.0] * 20]
    fine = [2.0] * 23
    asked = [Target(1.0), Target(1.0)]
    assert runs_needed([fine, values], asked) == Stop(3, reached=False, without=(1,))
    assert runs_needed([fine, values], asked, least=9) == Stop(9, reached=False, without=(1,))


def test_the_most_is_where_it_ends() -> None:
    wide = [0.0, 10.0] * 20
    assert runs_needed([wide], [Target(0.1)], most=12) == Stop(12, reached=False)
    assert runs_needed([wide * 26], [Target(0.1)]) == Stop(1000, reached=False)


def test_a_share_of_the_estimate_and_a_probability() -> None:
    values = [99.0, 101.0] * 50
    assert runs_needed([values], [Target(0.01, relative=True)]) == runs_needed(
        [values], [Target(1.0)]
    )
    coin = [1.0, 0.0] * 300
    stop = runs_needed([coin], [Target(0.05, kind="probability")])
    assert stop is not None
    assert stop.reached
    assert stop.runs == pytest.approx(380 + 19, abs=3)  # 1.96² / (4 × 0.05²) - 1.96², and ahead


def test_the_guess_is_near_the_end() -> None:
    rng = np.random.default_rng(3)
    rule = Rule((Target(1.96 / math.sqrt(90)),), 10, 1000)
    assert rule.expected() >= 10
    stop, guesses = None, []
    while stop is None:
        stop = rule.add([float(rng.standard_normal())])
        guesses.append(rule.expected())
    assert all(10 <= guess <= 1000 for guess in guesses)
    assert guesses[40] == pytest.approx(stop.runs, rel=0.5)
    assert guesses[-1] >= stop.runs


@pytest.mark.parametrize(
    ("draw", "mean", "deviation", "low"),
    [
        (lambda rng: rng.standard_normal(), 0.0, 1.0, 0.92),
        (lambda rng: rng.standard_exponential(), 1.0, 1.0, 0.86),
    ],
    ids=["normal", "skewed"],
)
def test_intervals_at_the_end_cover_slightly_less_often_than_their_level(
    draw: Callable[[np.random.Generator], float], mean: float, deviation: float, low: float
) -> None:
    """Where 30 runs would do: docs/precision.md has the figures of a longer study."""
    rng = np.random.default_rng(0)
    target = Target(1.96 * deviation / math.sqrt(30))
    covered, runs, trials = 0, 0, 400
    for _ in range(trials):
        rule, stop = Rule((target,), 20, 1000), None
        while stop is None:
            stop = rule.add([draw(rng)])
        interval = target.interval(rule.series[0])
        assert target.reached(interval)
        covered += interval.low <= mean <= interval.high
        runs += stop.runs
    assert low < covered / trials < 0.97
    assert 30 < runs / trials < 40


# --- What is asked --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "measure", "target"),
    [
        ("T90@clinic=6 h", "T90", Target(6.0)),
        ("T90@clinic=0.25d", "T90", Target(6.0)),
        ("wait-p95@desk=30 min", "wait-p95", Target(0.5)),
        ("T90=5%", "T90", Target(0.05, relative=True)),
        ("trips = 1_000 trips", "trips", Target(1000.0)),
        ("trips=10", "trips", Target(10.0)),
        ("coverage=0.01", "coverage", Target(0.01)),
        ("complete=0.05", "complete", Target(0.05, kind="probability")),
        ("days-of-stock=2 days", "days-of-stock", Target(2.0)),
    ],
)
def test_what_may_be_asked(text: str, measure: str, target: Target) -> None:
    wanted = parse_precision(text)
    assert (wanted.asked.measure, wanted.target, wanted.text) == (measure, target, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("T90", "--precision T90: expected MEASURE=HALFWIDTH, such as T90@clinic=6h or"),
        ("T90=", "--precision T90=: expected MEASURE=HALFWIDTH"),
        ("T9=1h", '--precision T9: expected a measure such as T90 or wait-mean, found "T9"'),
        ("T90=6", 'T90: expected a half-width above 0 such as 6 h, or 5%, found "6" (it has no'),
        ("T90=-6 h", 'expected a half-width above 0 such as 6 h, or 5%, found "-6 h"'),
        ("T90=0%", 'found "0%"'),
        ("trips=3 h", 'trips: expected a half-width above 0 such as 10, or 5%, found "3 h"'),
        ("trips=inf", 'found "inf"'),
        ("coverage=much", "coverage: expected a half-width above 0 such as 0.01, or 5%"),
    ],
)
def test_what_may_not(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_precision(text)
    assert said in str(caught.value)


def test_three_times_as_narrow_takes_nine_times_the_runs() -> None:
    values = [0.0, 1.0] * 10
    wide = half_width(Target(1.0).interval(values))
    guesses = []
    for size in (wide / 3, wide * 3):
        rule = Rule((Target(size),), 10, 1000)
        for value in values:
            rule.add([value])
        guesses.append(rule.expected())
    assert guesses[0] == pytest.approx(9 * 20 + 9, abs=1)  # and 5 % ahead
    assert guesses[1] == 20
