"""Where replications run: in this process, or spread over workers behind an executor.

The seam is ``concurrent.futures.Executor``: workers are given a plan once, and then numbers of
replications. What they return depends neither on which worker it was nor on the order, and they
write nothing: whoever asked puts the results in place.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import resource_tracker
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from sim.errors import RunError
from sim.experiment.jobs import Done, Job, run_one
from sim.experiment.scratch import Scratch

K = TypeVar("K")

#: Seconds between looks at whether Ctrl-C was pressed, while replications run elsewhere.
_LOOK_S = 0.1
#: Blocks that are handed out for each worker: enough that none waits for the next plan.
_AHEAD = 4
#: CPU seconds of work in a task, as far as whole replications allow, and the most of them.
_TASK_S = 0.25
_MOST_IN_TASK = 64
#: How often a block may be lost with its worker before the run fails.
_ATTEMPTS = 3


class Workers(ABC):
    """Where replications run; opened once, and used for any number of plans.

    ``losses`` counts how often workers were lost so far; what they were at ran again.
    """

    losses: int = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def run_many(
        self, work: Iterable[tuple[K, Job, Iterable[int]]]
    ) -> Generator[tuple[K, Done], None, None]:
        """Run replications of many jobs; yield each with its job's key as it finishes.

        ``work`` and the numbers in it are drawn as workers come free, so that they may be without
        end: close the generator when enough has come.

        Raises:
            RunError: a replication failed, or workers died again and again at the same ones.
            KeyboardInterrupt: Ctrl-C was pressed; what had begun elsewhere was finished and
                yielded before, the one under way in this process is lost.
        """

    def run(self, job: Job, replications: Iterable[int]) -> Generator[Done, None, None]:
        """Run replications of one job, and yield each as it finishes; see :meth:`run_many`."""
        for _, done in self.run_many([(None, job, replications)]):
            yield done

    def close(self) -> None:  # noqa: B027  (most have something to close, some have not)
        """Let the workers go. They cannot be used again."""


class ThisProcess(Workers):
    """No workers: replications run one after the other in this process."""

    def run_many(
        self, work: Iterable[tuple[K, Job, Iterable[int]]]
    ) -> Generator[tuple[K, Done], None, None]:
        """See :meth:`Workers.run_many`."""
        for key, job, replications in work:
            for replication in replications:
                yield key, run_one(job, replication)


@dataclass(frozen=True, slots=True)
class _Block(Generic[K]):
    """Replications that one task runs; ``attempts`` is how often it was lost with its worker."""

    key: K
    job: Job
    replications: tuple[int, ...]
    attempts: int = 0


class Spread(Workers):
    """Replications spread over the workers of an executor, in blocks: ``block`` of them to a task,
    at first one, then as many as make a quarter of a second.

    What is lost with a worker runs again, and nothing else does.
    """

    #: What an executor raises for tasks that were lost with a worker.
    lost: tuple[type[BaseException], ...] = (BrokenExecutor, CancelledError)

    def __init__(self, workers: int, block: int = 1) -> None:
        self.workers = workers
        self.block = block
        self.losses = 0

    @abstractmethod
    def submit(self, job: Job, replications: tuple[int, ...]) -> Future[list[Done]]:
        """Begin a task; the plan goes to a worker only if it does not have it yet."""

    @abstractmethod
    def recover(self) -> None:
        """Make the executor usable again after a worker was lost."""

    def explain(self, error: BaseException) -> BaseException:
        """Return what to raise for an error of a task."""
        return error

    def run_many(
        self, work: Iterable[tuple[K, Job, Iterable[int]]]
    ) -> Generator[tuple[K, Done], None, None]:
        """See :meth:`Workers.run_many`."""
        with _interrupts_noted() as pressed:
            yield from self._collect(self._blocks(work), pressed)
        if pressed:  # after the last replication
            raise KeyboardInterrupt

    def _blocks(self, work: Iterable[tuple[K, Job, Iterable[int]]]) -> Iterator[_Block[K]]:
        for key, job, replications in work:
            numbers = iter(replications)
            while block := tuple(islice(numbers, self.block)):
                yield _Block(key, job, block)

    def _collect(
        self, blocks: Iterator[_Block[K]], pressed: list[int]
    ) -> Generator[tuple[K, Done], None, None]:
        pending: dict[Future[list[Done]], _Block[K]] = {}
        again: list[_Block[K]] = []  # lost with a worker
        try:
            while True:
                lost = self._fill(pending, again, blocks, pressed)
                if pressed:
                    yield from _last(pending)
                    raise KeyboardInterrupt
                if not pending and not lost:
                    return
                finished, _ = wait(pending, _LOOK_S, return_when=FIRST_COMPLETED)
                for future in finished:
                    block = pending.pop(future)
                    try:
                        results = future.result()
                    except self.lost:
                        lost.append(block)
                        continue
                    except Exception as error:
                        raise self.explain(error) from None
                    self._size(results)
                    for done in results:
                        yield block.key, done
                if lost:
                    again += [_once_more(block) for block in lost + self._take_lost(pending)]
                    self.losses += 1
                    self.recover()
        finally:
            for future in pending:
                future.cancel()

    def _fill(
        self,
        pending: dict[Future[list[Done]], _Block[K]],
        again: list[_Block[K]],
        blocks: Iterator[_Block[K]],
        pressed: list[int],
    ) -> list[_Block[K]]:
        """Hand out blocks until enough are; return the one that found a worker lost, if one did."""
        while len(pending) < _AHEAD * self.workers and not pressed:
            block = again.pop() if again else next(blocks, None)
            if block is None:
                break
            try:
                pending[self.submit(block.job, block.replications)] = block
            except self.lost:
                return [block]
        return []

    def _size(self, results: list[Done]) -> None:
        """Set how many replications make a task, by how long the last ones took."""
        each = max(done.cpu_s for done in results)
        self.block = max(1, min(_MOST_IN_TASK, int(_TASK_S / max(each, 1e-6))))

    def _take_lost(self, pending: dict[Future[list[Done]], _Block[K]]) -> list[_Block[K]]:
        """Take out of ``pending`` the blocks that were lost with the same worker.

        A pool of processes that breaks fails all its tasks, one after the other.
        """
        wait(pending, _LOOK_S)
        gone = [f for f in pending if f.done() and (f.cancelled() or _failed(f, self.lost))]
        return [pending.pop(future) for future in gone]


def _failed(future: Future[list[Done]], kinds: tuple[type[BaseException], ...]) -> bool:
    return isinstance(future.exception(), kinds)


def _last(pending: dict[Future[list[Done]], _Block[K]]) -> Iterator[tuple[K, Done]]:
    """Cancel what has not begun, and yield what had once it is finished."""
    begun = {future: block for future, block in pending.items() if not future.cancel()}
    pending.clear()
    wait(begun)
    for future, block in begun.items():
        if future.exception() is None:
            for done in future.result():
                yield block.key, done


def _once_more(block: _Block[K]) -> _Block[K]:
    attempts = block.attempts + 1
    if attempts == _ATTEMPTS:
        first, last = block.replications[0], block.replications[-1]
        which = f"replication {first}" if first == last else f"replications {first} to {last}"
        raise RunError(
            f"workers died {attempts} times while {which} ran or waited (out of memory, or "
            "killed); what was finished is kept: run again with --resume, or with fewer --jobs"
        )
    return replace(block, attempts=attempts)


class Processes(Spread):
    """Worker processes of this machine. A plan reaches them in a file, once each."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self._scratch = Scratch()
        self._pool: Executor | None = None
        self._sent: tuple[Job, Path] | None = None
        self._count = 0

    def submit(self, job: Job, replications: tuple[int, ...]) -> Future[list[Done]]:
        """See :meth:`Spread.submit`."""
        with _processes_without_interrupts():
            if self._pool is None:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(self.workers, context, _start_worker)
            return self._pool.submit(_run_in_worker, self._file_of(job), replications)

    def _file_of(self, job: Job) -> Path:
        """Return the file with a job; jobs come one after the other, so old files may go."""
        if self._sent is None or self._sent[0] is not job:
            self._count += 1
            file = self._scratch.path / f"{self._count:06d}.pickle"
            try:
                with file.open("wb") as target:
                    pickle.dump(job, target, protocol=pickle.HIGHEST_PROTOCOL)
            except OSError as error:
                raise RunError(
                    f"cannot write the plan for the workers into {file.parent} "
                    f"({error.strerror or error}): free some space there, set TMPDIR to another "
                    "folder, or run with --jobs 1; what was finished is kept"
                ) from None
            self._sent = (job, file)
            old = file.with_name(f"{self._count - _AHEAD * self.workers - 1:06d}.pickle")
            old.unlink(missing_ok=True)  # so many tasks later, none waits that would read it
        return self._sent[1]

    def recover(self) -> None:
        """See :meth:`Spread.recover`."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
            self._sent = None

    def close(self) -> None:
        """Let the workers finish what they are at, and end them."""
        self.recover()
        self._scratch.close()


@contextmanager
def open_workers(jobs: int, cluster: str | None = None) -> Iterator[Workers]:
    """Open workers for the time of a ``with`` block: so many processes, or those of a cluster.

    One job runs in this process. ``cluster`` is the address of a Dask scheduler, such as
    ``tcp://10.0.0.1:8786``.

    Raises:
        UsageError: the cluster cannot be reached, or is not fit.
    """
    with _opened(jobs, cluster) as workers:
        yield workers


def _opened(jobs: int, cluster: str | None) -> Workers:
    if cluster is not None:
        from sim.experiment.cluster import Cluster

        return Cluster(cluster)
    return ThisProcess() if jobs == 1 else Processes(jobs)


#: The job that this worker process was given last, and its file.
_held: tuple[Path, Job] | None = None


def _start_worker() -> None:
    # Ctrl-C goes to the whole group: workers finish what they are at, the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when its parent is gone: killed, it cannot say so, and the worker would wait
    for ever for more to do, with its plan in memory."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_in_worker(file: Path, replications: Sequence[int]) -> list[Done]:
    global _held
    if _held is None or _held[0] != file:
        _held = None  # never two plans at once
        with file.open("rb") as source:
            _held = file, pickle.load(source)
    return [run_one(_held[1], replication) for replication in replications]


@contextmanager
def _interrupts_noted() -> Iterator[list[int]]:
    """Note Ctrl-C in the list that is yielded instead of raising KeyboardInterrupt.

    Raised in the midst of ``concurrent.futures``, it may leave locks held that the pool's own
    threads need, and nothing would ever end. Whoever waits for the pool looks at the list instead.
    """
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield pressed  # Ctrl-C goes to the main thread
        return
    handler = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, handler)


@contextmanager
def _processes_without_interrupts() -> Iterator[None]:
    """Start processes to which Ctrl-C does not come.

    Else it would stop a worker that is still importing, before it can say for itself that Ctrl-C is
    the parent's business. The resource tracker has to be there before: whoever starts it lets
    Ctrl-C through again.
    """
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
