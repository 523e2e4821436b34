"""Ten thousand replications in one command take no more memory than a thousand."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from robustness.commands import begin, end

PAGE = 4096


def resident(pid: int | str) -> int:
    """Return the resident memory of a process in bytes, 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0


def workers_of(pid: int) -> list[str]:
    """Return the worker processes of a process, those of all its threads."""
    try:
        files = Path(f"/proc/{pid}/task").glob("*/children")
        children = [child for file in files for child in file.read_text().split()]
        return [c for c in children if b"spawn_main" in Path(f"/proc/{c}/cmdline").read_bytes()]
    except OSError:
        return []


def watched(runs: int, jobs: int, here: Path) -> tuple[list[tuple[int, ...]], int]:
    """Run so many replications; return, again and again while they run, how many are done and the
    memory of each process, and the most that the command itself ever had."""
    out = here / f"r{runs}"
    process = begin(
        *("run", "road.toml", "--replications", str(runs), "--jobs", str(jobs)),
        *("--no-figures", "--out", out.name),
        cwd=here,
    )
    rows: list[tuple[int, ...]] = []
    most = 0
    while process.poll() is None:
        time.sleep(0.1)
        own = resident(process.pid)
        most = max(most, own)
        parts, manifest = out / "parts", out / ".runs.parquet.tmp"
        if parts.is_dir() and not manifest.exists():
            done = sum(1 for _ in parts.iterdir())
            workers = workers_of(process.pid) if jobs > 1 else []
            if done < runs and len(workers) == (jobs if jobs > 1 else 0):
                rows.append((done, own, *map(resident, workers)))
    said = end(process)
    assert said.code == 0, said.err
    return rows, most


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_memory_does_not_grow_with_replications(jobs: int, here: Path) -> None:
    """Less than 1 kB a replication: in the second half of 10,000, in the command and in each
    worker; and in all, tables joined and measures summarised, from 2,000 to 10,000."""
    _, few = watched(2_000, jobs, here)
    rows, many = watched(10_000, jobs, here)
    half = np.array([row for row in rows if row[0] >= 5_000 and all(row[1:])], float)
    assert len(half) >= 10
    slopes = [float(np.polyfit(half[:, 0], column, 1)[0]) for column in half.T[1:]]
    print(f"bytes a replication: {[round(s) for s in slopes]}, {(many - few) / 8_000:.0f} in all")
    assert max(slopes) < 1000
    assert (many - few) / 8_000 < 1000
