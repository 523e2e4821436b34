"""Markov chains in continuous time, solved directly: what closed forms are checked with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

import numpy as np
from scipy.sparse import csc_array
from scipy.sparse.linalg import spsolve

State = TypeVar("State", bound=Hashable)


def steady(
    moves: Callable[[State], Iterable[tuple[State, float]]], start: State
) -> dict[State, float]:
    """Return the long-run chance of every state that can be reached from ``start``.

    ``moves(state)`` gives pairs of next state and rate per hour. Global balance, one equation
    replaced by the sum of the chances (W. J. Stewart, Introduction to the Numerical Solution of
    Markov Chains, 1994, chapter 2). The states must be finite in number and form one class.
    """
    numbers = {start: 0}
    states = [start]
    rows, columns, rates = [0], [0], [1.0]
    for state in states:  # grows while it is read
        here = numbers[state]
        for after, rate in moves(state):
            if after not in numbers:
                numbers[after] = len(states)
                states.append(after)
            there = numbers[after]
            rows += [there, here]
            columns += [here, here]
            rates += [rate, -rate]
    size = len(states)
    kept = np.array(rows) != 0  # row 0 becomes the sum
    balance = csc_array(
        (
            np.concatenate([np.array(rates)[kept], np.ones(size)]),
            (
                np.concatenate([np.array(rows)[kept], np.zeros(size, dtype=np.int64)]),
                np.concatenate([np.array(columns)[kept], np.arange(size)]),
            ),
        ),
        shape=(size, size),
    )
    right = np.zeros(size)
    right[0] = 1.0
    chances = np.asarray(spsolve(balance, right), dtype=np.float64)
    return dict(zip(states, chances.tolist(), strict=True))


def mean(chances: dict[State, float], value: Callable[[State], float]) -> float:
    """Return the mean of ``value`` over the chances."""
    return sum(chance * value(state) for state, chance in chances.items())
