"""Permutation flow shops: jobs that pass the same machines in the same order, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def ends(times: ArrayLike, order: Sequence[int]) -> Floats:
    """Return when each job in ``order`` leaves each machine, shape (jobs in order, machines).

    ``times[job, machine]`` in hours; unlimited room between machines, all jobs there at 0.
    end[k, m] = max(end[k-1, m], end[k, m-1]) + time (S. M. Johnson, Nav. Res. Log. Q. 1, 1954).
    """
    work = np.asarray(times, dtype=np.float64)[list(order)]
    done = np.zeros((work.shape[0] + 1, work.shape[1] + 1))
    for job in range(work.shape[0]):
        for machine in range(work.shape[1]):
            begin = max(done[job, machine + 1], done[job + 1, machine])
            done[job + 1, machine + 1] = begin + work[job, machine]
    return done[1:, 1:]


def makespan(times: ArrayLike, order: Sequence[int]) -> float:
    """Return when the last job of ``order`` leaves the last machine (Johnson 1954)."""
    return float(ends(times, order)[-1, -1])


def johnson_order(times: ArrayLike) -> tuple[int, ...]:
    """Return the order of least makespan on two machines (Johnson 1954, theorem 1).

    First the jobs that are shorter on the first machine, by rising time there, then the others by
    falling time on the second. Equal jobs keep their order. ``times`` has shape (jobs, 2).
    """
    work = np.asarray(times, dtype=np.float64)
    if work.ndim != 2 or work.shape[1] != 2:
        raise ValueError("Johnson's rule is for two machines")
    first, second = work[:, 0].tolist(), work[:, 1].tolist()
    early = [job for job in range(len(first)) if first[job] <= second[job]]
    late = [job for job in range(len(first)) if first[job] > second[job]]
    early.sort(key=lambda job: first[job])
    late.sort(key=lambda job: -second[job])
    return (*early, *late)


def best_order(times: ArrayLike) -> tuple[tuple[int, ...], float]:
    """Return the first order of least makespan and that makespan, by trying all (9 jobs at most).

    Raises ValueError for more jobs.
    """
    work = np.asarray(times, dtype=np.float64)
    if len(work) > 9:
        raise ValueError(f"trying all orders is for 9 jobs at most, found {len(work)}")
    best = min(permutations(range(len(work))), key=lambda order: makespan(work, order))
    return best, makespan(work, best)


def taillard_times(jobs: int, machines: int, seed: int) -> Floats:
    """Return times of 1 to 99, shape (jobs, machines), by the generator of E. Taillard (EJOR 64,
    1993): x' = 16807 x mod (2^31 - 1), time = 1 + floor(99 x' / (2^31 - 1)), machine by machine."""
    modulus = 2**31 - 1
    drawn = []
    for _ in range(jobs * machines):
        seed = 16807 * seed % modulus
        drawn.append(1 + 99 * seed // modulus)
    return np.array(drawn, dtype=np.float64).reshape(machines, jobs).T
