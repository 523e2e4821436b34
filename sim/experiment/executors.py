"""Where replications run: in this process, or spread over worker processes.

The seam is ``concurrent.futures.Executor``: a worker is given the plan once, when it starts, and
then numbers of replications. What it returns depends neither on which worker it was nor on the
order.
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
import sys
import threading
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.errors import RunError
from sim.experiment.replicate import replicate
from sim.measures.scope import Scope
from sim.plan.specs import Plan
from sim.store.folder import keep_part
from sim.store.ledgers import write_ledger
from sim.store.tables import tables_of_run

#: Seconds between looks at whether Ctrl-C was pressed, while replications run elsewhere.
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What a worker needs for any replication of an experiment, and where its results go."""

    plan: Plan
    scope: Scope
    codes: NDArray[np.int64]
    parts: Path
    ledger: Path | None


@dataclass(frozen=True, slots=True)
class Done:
    """A finished replication: its CPU time, and the peak memory so far of the process it ran in."""

    replication: int
    cpu_s: float
    peak_rss_mb: float


def run_one(job: Job, replication: int) -> Done:
    """Run one replication and keep its tables (and its ledger, if asked for) on disk."""
    result = replicate(job.plan, job.scope, replication)
    if job.ledger is not None:
        write_ledger(result.ledger, job.plan, job.ledger)
    tables = tables_of_run(result.measures, result.figures, job.codes)
    keep_part(job.parts, replication, tables)
    return Done(replication, result.cpu_s, peak_rss_mb())


def peak_rss_mb() -> float:
    """Return the peak resident memory of this process in MB (10^6 bytes).

    Linux's own count is read where there is one: what ``getrusage`` says of a process that another
    one started begins with the peak of that other one.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024 / 1e6
    except (OSError, StopIteration):
        scale = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e6


_job: Job | None = None


def _start_worker(job: Job) -> None:
    global _job
    _job = job
    # Ctrl-C goes to the whole group: workers finish what they are at, the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run_in_worker(replication: int) -> Done:
    assert _job is not None
    return run_one(_job, replication)


def run_all(job: Job, replications: Iterable[int], workers: int) -> Generator[Done, None, None]:
    """Run replications on so many processes, and yield each as it finishes.

    With one worker they run in this process, and Ctrl-C loses the one that is under way. With more,
    those that have begun are finished and kept before KeyboardInterrupt goes on.

    Raises:
        RunError: a replication failed, or a worker died.
    """
    if workers == 1:
        for replication in replications:
            yield run_one(job, replication)
        return
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(workers, context, _start_worker, (job,))
    with _interrupts_noted() as pressed:
        try:
            yield from _collect(executor, replications, pressed)
        finally:
            executor.shutdown(wait=True, cancel_futures=True)
    if pressed:  # after the last replication
        raise KeyboardInterrupt


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
    the parent's business.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _collect(executor: Executor, replications: Iterable[int], pressed: list[int]) -> Iterator[Done]:
    from concurrent.futures.process import BrokenProcessPool

    with _processes_without_interrupts():
        pending: set[Future[Done]] = {executor.submit(_run_in_worker, r) for r in replications}
    while pending:
        finished, pending = wait(pending, _LOOK_S, return_when=FIRST_COMPLETED)
        if pressed:
            raise KeyboardInterrupt
        for future in finished:
            try:
                yield future.result()
            except BrokenProcessPool:
                raise RunError(
                    "a worker process died (out of memory, or killed); what was finished is kept: "
                    "run again with --resume, or with fewer --jobs"
                ) from None
