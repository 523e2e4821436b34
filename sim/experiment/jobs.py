"""What is asked of whoever runs a replication, and what comes back: bytes, ready to be kept."""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.experiment.replicate import replicate
from sim.experiment.scratch import scratch
from sim.ledger import Ledger
from sim.measures.scope import Scope
from sim.plan.specs import Plan
from sim.store.ledgers import write_ledger
from sim.store.tables import BY_RUN, part_bytes, tables_of_run


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What is needed for any replication of a scenario, and which tables of it are wanted."""

    plan: Plan
    scope: Scope
    codes: NDArray[np.int64]
    tables: tuple[str, ...] = BY_RUN
    ledger: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """A finished replication: its CPU time, the peak memory so far of the process it ran in, and
    the bytes of its Parquet files: tables by name, and those of its ledger by file name."""

    replication: int
    cpu_s: float
    peak_rss_mb: float
    tables: dict[str, bytes]
    ledger: dict[str, bytes] = field(default_factory=dict)


def run_one(job: Job, replication: int) -> Done:
    """Run one replication and return its tables, and its ledger if that was asked for.

    Raises:
        RunError: the audit found a breach of conservation.
    """
    result = replicate(job.plan, job.scope, replication)
    tables = tables_of_run(result.measures, result.figures, job.codes)
    return Done(
        replication,
        result.cpu_s,
        peak_rss_mb(),
        {name: part_bytes(tables[name]) for name in job.tables},
        _ledger_files(result.ledger, job.plan) if job.ledger else {},
    )


def _ledger_files(ledger: Ledger, plan: Plan) -> dict[str, bytes]:
    with scratch() as folder:
        write_ledger(ledger, plan, folder / "ledger")
        files = sorted((folder / "ledger").iterdir())
        return {file.name: file.read_bytes() for file in files}


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
