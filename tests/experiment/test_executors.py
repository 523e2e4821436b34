"""Workers: Ctrl-C at the worst moment, workers that die, work without end."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor, _base
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from sim.errors import Interrupted, RunError
from sim.experiment.executors import Spread, open_workers
from sim.experiment.jobs import Done, Job
from sim.experiment.run import prepare, run_experiment
from sim.scenario.load import load_scenario

JOB = cast(Job, object())
SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"


def test_ctrl_c_while_the_pool_holds_locks_stops_the_run_and_hangs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``concurrent.futures.wait`` takes the locks of all futures; an exception midway keeps them,
    and the pool's own thread would wait for them for ever."""
    take = _base._AcquireFutures.__enter__  # type: ignore[attr-defined]
    pressed = []

    def take_and_press(self: Any) -> None:
        take(self)
        if not pressed:
            pressed.append(True)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(_base._AcquireFutures, "__enter__", take_and_press)  # type: ignore[attr-defined]
    handler = signal.getsignal(signal.SIGINT)
    prepared = prepare(load_scenario(SMALL, ["replications=20"]))
    with (
        pytest.raises(Interrupted, match="of 20 replications finished"),
        open_workers(2) as workers,
    ):
        run_experiment(prepared, tmp_path / "stopped", workers=workers)
    assert pressed
    assert signal.getsignal(signal.SIGINT) is handler
    done = [path for path in (tmp_path / "stopped" / "parts").iterdir() if path.name.isdigit()]
    assert len(done) < 20


def test_workers_are_started_without_ctrl_c_in_a_process_that_had_none_before() -> None:
    """Whoever starts the resource tracker of ``multiprocessing`` lets Ctrl-C through again."""
    script = """
import multiprocessing, signal
from sim.experiment.executors import _processes_without_interrupts
with _processes_without_interrupts():
    multiprocessing.get_context("spawn").Lock()
    assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
"""
    subprocess.run([sys.executable, "-c", script], check=True)


class Dying(Spread):
    """An executor of threads whose workers die at some replications, so many times each."""

    def __init__(self, dies: dict[int, int], block: int = 1) -> None:
        super().__init__(2, block)
        self.dies = dict(dies)
        self.pool = ThreadPoolExecutor(2)
        self.ran: list[int] = []

    def submit(self, job: Job, replications: tuple[int, ...]) -> Future[list[Done]]:
        return self.pool.submit(self._work, replications)

    def _work(self, replications: tuple[int, ...]) -> list[Done]:
        for number in replications:
            if self.dies.get(number, 0):
                self.dies[number] -= 1
                raise BrokenExecutor
        self.ran += replications
        return [Done(number, 1.0, 0.0, {}) for number in replications]

    def recover(self) -> None:
        pass


@pytest.mark.parametrize("block", [1, 3])
def test_what_is_lost_with_a_worker_runs_again_and_nothing_else_does(block: int) -> None:
    workers = Dying({4: 1, 11: 2}, block)
    done = [each.replication for each in workers.run(JOB, range(20))]
    assert sorted(done) == list(range(20))
    assert sorted(workers.ran) == list(range(20))
    assert 2 <= workers.losses <= 3  # two at the same time count as one


def test_a_replication_at_which_every_worker_dies_fails_the_run() -> None:
    runs = Dying({4: 99}).run(JOB, range(20))
    with pytest.raises(RunError, match=r"workers died 3 times while replication 4 ran or waited"):
        list(runs)


def test_many_jobs_and_numbers_without_end_are_drawn_as_workers_come_free() -> None:
    workers = Dying({})
    drawn: list[int] = []

    def numbers() -> Iterator[int]:
        for number in count():
            drawn.append(number)
            yield number

    work = [("a", JOB, range(3)), ("b", JOB, numbers())]
    runs = workers.run_many(work)
    found = [next(runs) for _ in range(10)]
    runs.close()
    assert sorted(each.replication for key, each in found if key == "a") == [0, 1, 2]
    assert len(drawn) <= 7 + 8  # those that came, and those that were handed out ahead
