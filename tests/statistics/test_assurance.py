"""Bounds and schemes: known tables, exact errors by enumeration, and what is refused."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binom

from sim.statistics.assurance import (
    default_most,
    lower_bound,
    make_scheme,
    runs_needed,
    screening,
    upper_bound,
)
from sim.statistics.schemes import Scheme, binomial


@pytest.mark.parametrize(
    ("failures", "runs"), [(0, 59), (1, 93), (2, 124), (3, 153), (4, 181), (5, 208)]
)
def test_wilks_numbers_of_runs(failures: int, runs: int) -> None:
    """The table of S. S. Wilks (1941) for 95 % with 95 % confidence."""
    assert runs_needed(failures) == runs
    assert lower_bound(runs - failures, runs) >= 0.95
    assert lower_bound(runs - 1 - failures, runs - 1) < 0.95


def test_other_numbers_of_runs() -> None:
    assert runs_needed(0, 0.90, 0.95) == 29
    assert runs_needed(0, 0.99, 0.95) == 299
    assert runs_needed(0, 0.95, 0.99) == 90
    assert default_most() == 208


@pytest.mark.parametrize(("held", "runs"), [(0, 8), (5, 8), (8, 8), (49, 59), (59, 59)])
def test_bounds_are_those_of_clopper_and_pearson(held: int, runs: int) -> None:
    low = 0.0 if held == 0 else beta.ppf(0.05, held, runs - held + 1)
    high = 1.0 if held == runs else beta.ppf(0.95, held + 1, runs - held)
    assert lower_bound(held, runs) == pytest.approx(low)
    assert upper_bound(held, runs) == pytest.approx(high)


def test_the_scheme_of_the_docs() -> None:
    """Changing it changes what plans claim, and how many runs they take."""
    scheme = make_scheme()
    assert scheme.looks == (7, 15, 31, 63, 131, 166, 198)
    assert scheme.claim == (-1, -1, -1, 0, 1, 2, 3)
    assert (scheme.fewest, scheme.most) == (63, 198)
    assert scheme.chances(0.95)["reached"] == pytest.approx(0.05, abs=0.0005)
    assert scheme.chances(0.99)["reached"] == pytest.approx(0.897, abs=0.001)
    assert scheme.expected_runs(1.0) == 63


def test_one_look_where_there_is_room_for_no_more() -> None:
    scheme = make_scheme(most=59)
    assert (scheme.fewest, scheme.most) == (59, 59)
    assert scheme.chances(0.95)["reached"] == pytest.approx(0.95**59)


@pytest.mark.parametrize(
    ("probability", "confidence", "most", "said"),
    [
        (1.0, 0.95, None, "a probability must lie between 0 and 1, found 1"),
        (0.95, 0.5, None, "a confidence must lie between 0.5 and 1, found 0.5"),
        (0.95, 0.95, 58, "0.95 with confidence 0.95 needs 59 runs"),
    ],
)
def test_what_cannot_be_claimed(
    probability: float, confidence: float, most: int | None, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        make_scheme(probability, confidence, most)


def test_a_scheme_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="ascend"):
        Scheme(0.9, 0.9, (4, 4), (0, 0), (1, 1), 0.1)
    with pytest.raises(ValueError, match="both claim and stop"):
        Scheme(0.9, 0.9, (4,), (1,), (1,), 0.1)
    with pytest.raises(ValueError, match="as many"):
        Scheme(0.9, 0.9, (4,), (1,), (), 0.1)


def _small() -> Scheme:
    """A scheme of three looks and at most eleven runs, which can be enumerated."""
    return make_scheme(0.6, 0.8, 11)


def _ends(scheme: Scheme) -> dict[tuple[int, int], list[bool]]:
    """All ends of a scheme with a sequence of runs that leads there."""
    ends = {}
    for sequence in product((False, True), repeat=scheme.most):
        runs: list[bool] = []
        while (look := scheme.next_look(runs)) is not None:
            runs = list(sequence[:look])
        ends[len(runs), sum(runs)] = runs
    return ends


def _distribution(scheme: Scheme, probability: float) -> Counter[tuple[int, int]]:
    """The chance of each end, sequence by sequence."""
    chances: Counter[tuple[int, int]] = Counter()
    for sequence in product((False, True), repeat=scheme.most):
        runs: list[bool] = []
        while (look := scheme.next_look(runs)) is not None:
            runs = list(sequence[:look])
        failed = sum(sequence)
        chance = probability ** (scheme.most - failed) * (1 - probability) ** failed
        chances[len(runs), sum(runs)] += chance  # type: ignore[assignment]
    return chances


def test_errors_and_bounds_hold_by_enumeration() -> None:
    """Whatever the true chance, bounds miss it, and verdicts are wrong, no more often than said."""
    scheme = _small()
    assert len([c for c in scheme.claim if c >= 0]) > 1
    read = {end: scheme.read(runs) for end, runs in _ends(scheme).items()}
    for probability in np.linspace(0.02, 0.98, 25):
        chances = _distribution(scheme, probability)
        assert sum(chances.values()) == pytest.approx(1.0)
        above = sum(c for end, c in chances.items() if read[end].low > probability + 1e-9)
        below = sum(c for end, c in chances.items() if read[end].high < probability - 1e-9)
        assert above <= 0.2 + 1e-9
        assert below <= 0.2 + 1e-9
        said = scheme.chances(float(probability))
        for outcome, chance in said.items():
            counted = sum(c for end, c in chances.items() if read[end].outcome == outcome)
            assert chance == pytest.approx(counted, abs=1e-9)
        if probability < 0.6:
            assert said["reached"] <= 0.2
        else:
            assert said["not reached"] <= 0.8 * 0.2 + 1e-9


def test_a_claim_and_its_lower_bound_agree() -> None:
    scheme = _small()
    for runs in _ends(scheme).values():
        tested = scheme.read(runs)
        assert (tested.outcome == "reached") == (tested.low >= scheme.probability - 1e-9)
        assert tested.low < tested.high


def test_bounds_of_the_scheme_of_the_docs_hold_the_share_that_was_seen() -> None:
    scheme = make_scheme()
    for failures in range(5):
        for early in (True, False):
            runs = [True] * failures + [False] * (200 - failures)
            read = scheme.read(runs if early else [*runs[5:], *[False] * 5])
            assert read.low <= read.held / read.runs <= read.high


@settings(max_examples=20)
@given(
    probability=st.floats(0.5, 0.98),
    confidence=st.floats(0.6, 0.99),
    more=st.integers(0, 150),
)
def test_no_scheme_claims_too_often(probability: float, confidence: float, more: int) -> None:
    scheme = make_scheme(probability, confidence, runs_needed(0, probability, confidence) + more)
    error = 1.0 - confidence
    assert scheme.chances(probability)["reached"] <= error + 1e-9
    assert scheme.chances(probability)["not reached"] <= error + 1e-9
    assert scheme.chances(probability * 0.97)["reached"] <= error + 1e-9
    assert scheme.read([False] * scheme.fewest).outcome == "reached"


def test_a_scheme_goes_on_after_a_failure_and_ends_where_it_must() -> None:
    scheme = make_scheme()
    assert scheme.next_look([]) == 7
    assert scheme.next_look([False] * 31) == 63
    assert scheme.next_look([False] * 63) is None
    assert scheme.next_look([True] + [False] * 62) == 131
    assert scheme.next_look([True] * 4 + [False] * 11) is None  # it is hopeless
    once = scheme.read([True] + [False] * 130)
    assert (once.runs, once.held, once.outcome) == (131, 130, "reached")
    assert once.low == pytest.approx(0.952, abs=0.0005)
    never = scheme.read([True] * 7)
    assert (never.runs, never.held, never.outcome) == (7, 0, "not reached")
    assert never.high < 0.5
    with pytest.raises(ValueError, match="not over"):
        scheme.read([False] * 62)
    assert never.low == 0.0
    always = scheme.read([False] * 70)
    assert always.runs == 63  # runs beyond the end do not count
    assert always.high == 1.0


def test_a_screening_claims_nothing_but_gives_up_the_hopeless() -> None:
    first = screening((8, 16), 0.95, 0.95)
    assert first.looks == (8, 16)
    assert first.next_look([True] * 3 + [False] * 5) is None
    assert first.next_look([True] * 2 + [False] * 6) == 16
    assert first.read([True] * 3 + [False] * 5).outcome == "not reached"
    assert first.read([True] + [False] * 15).outcome == "undecided"
    assert first.read([True] * 2 + [False] * 14).outcome == "undecided"  # a fifth fare no better
    assert first.read([False] * 16).outcome == "reached"
    assert binom.sf(2, 8, 0.05) < 0.01 < binom.sf(1, 8, 0.05)
    assert binom.sf(1, 16, 0.05) == pytest.approx(0.19, abs=0.005)
    assert 0.0 < first.chances(0.95)["not reached"] <= 0.2 * 0.05  # of the error, a fifth


def test_few_failures_are_never_hopeless_if_all_may_fail_by_chance() -> None:
    """Four failures of four come by chance 1/16, too often to give up; so the scheme goes on."""
    scheme = screening([4, 40], 0.5, 0.95)
    assert scheme.next_look([True] * 4) == 40
    assert scheme.next_look([True] * 40) is None


@pytest.mark.parametrize("most", [None, 3, 6, 7, 10])
def test_chances_of_failures_against_scipy(most: int | None) -> None:
    expected = binom.pmf(np.arange(6), 5, 0.3)[:most]
    assert binomial(5, 0.7, most) == pytest.approx(expected)
