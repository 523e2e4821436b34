"""Breakdowns against Markov chains solved directly, and limits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from theory.breakdowns import by_calendar, while_working
from theory.chains import mean, steady
from theory.queues import mg1

RATE, SERVICE, FAILURES, REPAIR = 0.5, 1.0, 0.2, 1.5


@pytest.mark.parametrize("calendar", [True, False])
def test_exponential_laws_by_direct_solution(calendar: bool) -> None:
    """State: lots present, and whether the server is up."""

    def moves(state: tuple[int, bool]) -> Iterator[tuple[tuple[int, bool], float]]:
        n, up = state
        if n < 500:
            yield (n + 1, up), RATE
        if up and n:
            yield (n - 1, True), 1 / SERVICE
        if up and (n or calendar):
            yield (n, False), FAILURES
        if not up:
            yield (n, True), 1 / REPAIR

    chances = steady(moves, (0, True))
    model = by_calendar if calendar else while_working
    found = model(RATE, SERVICE, 1.0, FAILURES, REPAIR, 1.0)
    assert found.time == pytest.approx(mean(chances, lambda state: state[0]) / RATE)
    repairing = mean(chances, lambda state: not state[1])
    assert found.repairing == pytest.approx(repairing)
    assert found.working == pytest.approx(mean(chances, lambda state: state[1] and state[0] > 0))
    if calendar:
        assert found.availability == pytest.approx(1 - repairing)
    else:
        assert found.availability == pytest.approx(found.working / (found.working + repairing))


@pytest.mark.parametrize("calendar", [True, False])
def test_two_stage_repairs_by_direct_solution(calendar: bool) -> None:
    """Erlang repairs with two stages; phase 0 is up."""

    def moves(state: tuple[int, int]) -> Iterator[tuple[tuple[int, int], float]]:
        n, phase = state
        if n < 500:
            yield (n + 1, phase), RATE
        if not phase and n:
            yield (n - 1, 0), 1 / SERVICE
        if not phase and (n or calendar):
            yield (n, 1), FAILURES
        if phase:
            yield (n, (phase + 1) % 3), 2 / REPAIR

    chances = steady(moves, (0, 0))
    model = by_calendar if calendar else while_working
    found = model(RATE, SERVICE, 1.0, FAILURES, REPAIR, 0.5**0.5)
    assert found.time == pytest.approx(mean(chances, lambda state: state[0]) / RATE)


def test_a_server_that_never_fails() -> None:
    found = by_calendar(0.7, 1.0, 0.3, 0.0, 5.0, 1.0)
    assert found.wait == pytest.approx(mg1(0.7, 1.0, 0.3).wait)
    assert (found.availability, found.completion, found.repairing) == (1.0, 1.0, 0.0)


def test_many_short_repairs_only_slow_the_server_down() -> None:
    """With infinitely many, infinitely short repairs the service takes 1 + b r times as long."""
    slow = mg1(0.5, 1.4, 0.6)
    for model in (by_calendar, while_working):
        found = model(0.5, 1.0, 0.6, 4e5, 1e-6, 1.0)
        assert found.time == pytest.approx(slow.time, rel=1e-5)


def test_repairs_use_up_the_server() -> None:
    with pytest.raises(ValueError, match="steady state"):
        while_working(0.8, 1.0, 1.0, 0.5, 1.0, 1.0)
