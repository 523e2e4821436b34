"""Priorities against conservation laws and Markov chains solved directly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from theory import priorities
from theory.chains import mean, steady
from theory.queues import mg1, mmc

MOST = 45  # lots of a class that the chains hold; the rest is below rounding at these loads


def test_two_classes_two_servers_without_preemption() -> None:
    """State: urgent waiting, others waiting, busy servers."""
    rates = 0.5, 0.4

    def moves(state: tuple[int, int, int]) -> Iterator[tuple[tuple[int, int, int], float]]:
        urgent, other, busy = state
        if busy < 2:
            yield (0, 0, busy + 1), sum(rates)
        else:
            if urgent < MOST:
                yield (urgent + 1, other, 2), rates[0]
            if other < MOST:
                yield (urgent, other + 1, 2), rates[1]
        if urgent:
            yield (urgent - 1, other, busy), 2.0
        elif other:
            yield (0, other - 1, busy), 2.0
        elif busy:
            yield (0, 0, busy - 1), float(busy)

    chances = steady(moves, (0, 0, 0))
    waits = priorities.waits_servers(rates, 1.0, 2)
    for which in (0, 1):
        waiting = mean(chances, lambda state: state[which])  # noqa: B023
        assert waits[which] == pytest.approx(waiting / rates[which], rel=1e-8)


def test_different_services_without_preemption() -> None:
    """State: present of either class, class in service (0 nobody)."""
    rates, means = (0.3, 0.2), (0.8, 1.5)

    def moves(state: tuple[int, int, int]) -> Iterator[tuple[tuple[int, int, int], float]]:
        one, two, now = state
        if one < MOST:
            yield (one + 1, two, now or 1), rates[0]
        if two < MOST:
            yield (one, two + 1, now or 2), rates[1]
        if now == 1:
            yield (one - 1, two, 1 if one > 1 else 2 if two else 0), 1 / means[0]
        elif now == 2:
            yield (one, two - 1, 1 if one else 2 if two > 1 else 0), 1 / means[1]

    chances = steady(moves, (0, 0, 0))
    waits = priorities.waits(rates, means, (1.0, 1.0))
    for which in (0, 1):
        present = mean(chances, lambda state: state[which])  # noqa: B023
        assert waits[which] + means[which] == pytest.approx(present / rates[which], rel=1e-7)


def test_different_services_with_preemption() -> None:
    rates, means = (0.3, 0.2), (0.8, 1.5)

    def moves(state: tuple[int, int]) -> Iterator[tuple[tuple[int, int], float]]:
        one, two = state
        if one < MOST:
            yield (one + 1, two), rates[0]
        if two < MOST:
            yield (one, two + 1), rates[1]
        if one:
            yield (one - 1, two), 1 / means[0]
        elif two:
            yield (0, two - 1), 1 / means[1]

    chances = steady(moves, (0, 0))
    times = priorities.resume_times(rates, means, (1.0, 1.0))
    for which in (0, 1):
        present = mean(chances, lambda state: state[which])  # noqa: B023
        assert times[which] == pytest.approx(present / rates[which], rel=1e-7)


def test_three_servers_with_preemption() -> None:
    rates = 0.9, 0.6

    def moves(state: tuple[int, int]) -> Iterator[tuple[tuple[int, int], float]]:
        one, two = state
        if one < MOST:
            yield (one + 1, two), rates[0]
        if two < MOST:
            yield (one, two + 1), rates[1]
        if one:
            yield (one - 1, two), float(min(one, 3))
        if two and one < 3:
            yield (one, two - 1), float(min(two, 3 - one))

    chances = steady(moves, (0, 0))
    times = priorities.resume_times_servers(rates, 1.0, 3)
    for which in (0, 1):
        present = mean(chances, lambda state: state[which])  # noqa: B023
        assert times[which] == pytest.approx(present / rates[which], rel=1e-7)


def test_one_class_is_no_priority() -> None:
    queue = mg1(0.6, 1.0, 0.4)
    assert priorities.waits([0.6], [1.0], [0.4])[0] == pytest.approx(queue.wait)
    assert priorities.resume_times([0.6], [1.0], [0.4])[0] == pytest.approx(queue.time)
    assert priorities.waits_servers([1.7], 1.0, 2)[0] == pytest.approx(mmc(1.7, 1.0, 2).wait)
    assert priorities.resume_times_servers([1.7], 1.0, 2)[0] == pytest.approx(mmc(1.7, 1.0, 2).time)


def test_work_is_conserved_over_three_classes() -> None:
    """Kleinrock 1965: the sum of load times wait does not depend on the order of the classes."""
    rates, means, cvs = [0.2, 0.3, 0.1], [1.0, 0.5, 2.0], [0.0, 1.0, 0.7]
    sums = []
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        waits = priorities.waits(*([part[k] for k in order] for part in (rates, means, cvs)))
        sums.append(sum(rates[k] * means[k] * w for k, w in zip(order, waits, strict=True)))
    assert sums == pytest.approx([sums[0]] * 3)


def test_pooled_preemption_agrees_with_single_server() -> None:
    rates = 0.2, 0.3, 0.2
    single = priorities.resume_times(rates, [1.0] * 3, [1.0] * 3)
    assert priorities.resume_times_servers(rates, 1.0, 1) == pytest.approx(single)


def test_too_much_work_is_refused() -> None:
    with pytest.raises(ValueError, match="steady state"):
        priorities.waits([0.6, 0.5], [1.0, 1.0], [1.0, 1.0])
