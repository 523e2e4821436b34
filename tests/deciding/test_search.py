"""The search for the cheapest candidate: what it claims, skips and asks, over made-up truths."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy.stats import binom

from sim.deciding.search import Ask, Candidate, Found, Wanted, find_cheapest, plan_path
from sim.statistics.assurance import make_scheme, screening
from sim.statistics.schemes import Reading

SCHEME = make_scheme()
ONE = screening((8,), 0.95, 0.95)
SEVERAL = screening((8, 16), 0.95, 0.95)


def line(count: int) -> list[Candidate]:
    return [Candidate(number, (number,), float(number + 1)) for number in range(count)]


def grid(across: int, up: int, prices: tuple[float, float] = (3.0, 2.0)) -> list[Candidate]:
    return [
        Candidate(i * up + j, (i, j), prices[0] * (i + 1) + prices[1] * (j + 1))
        for i in range(across)
        for j in range(up)
    ]


def asker(
    chances: Sequence[float],
    seed: int,
    log: list[tuple[int, range]] | None = None,
    *,
    shared: bool = True,
) -> Ask:
    """Runs that hold with these chances, by candidate; replication r of all of them draws the same
    number, unless their luck is not shared."""
    draws = np.random.default_rng(seed).random((1 if shared else len(chances), 400))

    def ask(wanted: Wanted) -> dict[int, list[bool]]:
        if log is not None:
            log.extend(wanted)
        return {
            number: [bool(draws[number % len(draws), r] >= chances[number]) for r in runs]
            for number, runs in wanted
        }

    return ask


def search(chances: Sequence[float], seed: int = 0, *, shared: bool = True) -> Found:
    ask = asker(chances, seed, shared=shared)
    return find_cheapest(line(len(chances)), ONE, SCHEME, ask)


def test_the_smallest_that_always_holds_is_found() -> None:
    for edge in range(12):
        found = search([0.0] * edge + [1.0] * (12 - edge))
        assert (found.outcome, found.answer, found.open) == ("reached", edge, ())


def test_not_reachable_and_undecided() -> None:
    assert search([0.2] * 12).outcome == "not reachable"
    found = search([0.0] * 11 + [0.94], seed=3)
    assert (found.outcome, found.answer) == ("undecided", None)
    assert found.open == (11,)


def test_what_is_left_open_below_the_answer_is_said() -> None:
    found = search([0.0, 0.3, 0.955, 1.0, 1.0, 1.0], seed=1)
    assert (found.answer, found.open) == (3, (2,))
    assert found.confirmed[2].outcome == "undecided"


@pytest.mark.parametrize("shared", [True, False], ids=["shared luck", "luck of their own"])
@pytest.mark.parametrize(
    "chances",
    [
        [0.0, 0.3, 0.8, 0.9499, 0.97, 0.99, *[1.0] * 6],
        [0.9499] * 12,
        [0.6, 0.94, 0.9, 0.9499, 0.93, 1.0, 0.9499, 1.0],  # more is not always better
    ],
    ids=["a curve", "all just short", "not monotone"],
)
def test_false_claims_are_rare_enough(chances: list[float], shared: bool) -> None:
    """A value that falls short is named in at most 5 % of plans, up to the luck of this study."""
    studies = 500
    false = sum(
        any(
            tested.outcome == "reached" and chances[number] < 0.95
            for number, tested in search(chances, seed, shared=shared).confirmed.items()
        )
        for seed in range(studies)
    )
    assert false <= binom.ppf(0.9999, studies, 0.05)


def test_false_claims_of_several_choices_are_rare_enough() -> None:
    candidates = grid(6, 5)
    chances = [0.9499 if c.levels[0] + c.levels[1] < 7 else 1.0 for c in candidates]
    studies = 300
    false = 0
    for seed in range(studies):
        found = find_cheapest(candidates, SEVERAL, SCHEME, asker(chances, seed))
        false += any(
            tested.outcome == "reached" and chances[number] < 0.95
            for number, tested in found.confirmed.items()
        )
    assert false <= binom.ppf(0.9999, studies, 0.05)


def test_what_holds_nearly_always_is_nearly_always_found() -> None:
    answers = [search([0.1, 0.5, 0.8, 0.998, *[1.0] * 8], seed).answer for seed in range(200)]
    assert answers.count(3) >= 190


def test_the_cheapest_combination_is_found_and_few_are_run() -> None:
    candidates = grid(12, 10)
    chances = [1.0 if c.levels[0] >= 4 and c.levels[1] >= 3 else 0.1 for c in candidates]
    log: list[tuple[int, range]] = []
    found = find_cheapest(candidates, SEVERAL, SCHEME, asker(chances, 0, log))
    assert found.answer is not None
    assert candidates[found.answer].levels == (4, 3)
    assert found.open == ()
    assert len({number for number, _ in log}) < 40


def test_the_path_ends_at_the_first_that_is_not_shown_to_be_enough() -> None:
    """Else every value on it would be another chance of a false claim."""
    asked = []

    def ask(wanted: Wanted) -> dict[int, list[bool]]:
        asked.extend(number for number, runs in wanted if runs.start >= 8)
        return {number: [number == 3 and r >= 8 for r in runs] for number, runs in wanted}

    found = find_cheapest(line(12), ONE, SCHEME, ask)
    assert found.path == (11, 3, 1, 0)
    assert list(dict.fromkeys(asked)) == [11, 3]
    assert found.answer == 11
    assert set(found.open) == {4, 5, 6, 7, 8, 9, 10}  # below 3, all is taken to do no better


def test_screening_and_confirming_runs_never_mix() -> None:
    log: list[tuple[int, range]] = []
    find_cheapest(line(5), ONE, SCHEME, asker([0, 0, 1.0, 1.0, 1.0], 0, log))
    assert {runs.stop <= 8 or runs.start >= 8 for _, runs in log} == {True}
    confirmed = [number for number, runs in log if runs.start == 8]
    assert confirmed == [4, 3, 2]  # from costly to cheap; 1 is hopeless


def test_many_values_are_not_all_screened() -> None:
    chances = [min(1.0, number / 50) for number in range(200)]
    log: list[tuple[int, range]] = []
    found = find_cheapest(line(200), ONE, SCHEME, asker(chances, 4, log))
    assert found.answer is not None
    assert 45 < found.answer < 60
    assert len(found.screened) < 12
    assert sum(len(runs) for _, runs in log) < 1_500


def seen(outcomes: str) -> dict[int, Reading]:
    """Screenings: g looks good, b is hopeless, ? neither."""
    words: dict[str, Callable[[], Reading]] = {
        "g": lambda: ONE.read([False] * 8),
        "b": lambda: ONE.read([True] * 8),
        "?": lambda: ONE.read([True] + [False] * 7),
    }
    return {number: words[each]() for number, each in enumerate(outcomes) if each != " "}


def numbers(path: Sequence[Candidate]) -> list[int]:
    return [candidate.number for candidate in path]


def test_the_path() -> None:
    assert numbers(plan_path(line(12), seen("bb??gggggggg"))) == [11, 6, 5, 4, 3, 2]
    assert numbers(plan_path(line(4), seen("bbbb"))) == []
    assert numbers(plan_path(line(4), seen("bb??"))) == [3, 2]
    # what looks bad is no rung; what is below the hopeless is not tried, unless it looked good
    assert numbers(plan_path(line(8), seen("?bg?ggbg"))) == [7, 4, 2]
    assert numbers(plan_path(line(1), seen("g"))) == [0]


def test_the_path_of_several_choices_has_the_next_cheapest_before_the_cheapest() -> None:
    candidates = grid(3, 3)  # costs 5 7 9, 8 10 12, 11 13 15
    path = plan_path(candidates, seen("bbgbggb" + "gg"))
    assert [(c.levels, c.cost) for c in path] == [
        ((2, 2), 15.0),
        ((1, 2), 12.0),
        ((1, 1), 10.0),
        ((0, 2), 9.0),
    ]


def test_dearer_candidates_cover_cheaper_ones_part_by_part() -> None:
    assert Candidate(0, (2, 1), 0).covers(Candidate(1, (2, 0), 0))
    assert not Candidate(0, (2, 1), 0).covers(Candidate(1, (0, 2), 0))
