"""Measure experiments on the national scenario: replications a minute, two cores against one, a
Dask cluster on loopback against the process pool, memory of the workers, planning that is shared.

    python benchmarks/experiments.py                     # some minutes, on a machine that rests
    python benchmarks/experiments.py --replications 20   # a rougher look

One core, two cores and the cluster take turns, several times over, so that whatever else the
machine does meets all three. The wall time that counts is the shortest of each; workers are warm:
they hold the plan and have run once. Read the ratios first: seconds depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.experiment.executors import Workers
    from sim.experiment.jobs import Job

ROOT = Path(__file__).parents[1]
SCENARIO = ROOT / "scenarios" / "oximeters-2023.toml"
VANS = "fleets.county-van.vehicles"
PLACES = ("one core", "two cores", "Dask, two workers")


def main() -> None:
    """Read the command line, measure, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scenario", type=Path, default=SCENARIO)
    parser.add_argument("--replications", type=int, default=40, help="of each turn")
    parser.add_argument("--turns", type=int, default=3, help="of which the shortest counts")
    arguments = parser.parse_args()
    rows = [("what", "measured", "goal"), *planning(arguments.scenario)]
    rows += running(arguments.scenario, arguments.replications, arguments.turns)
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for name, found, goal in rows:
        print(f"{name:{widths[0]}}  {found:>{widths[1]}}  {goal}".rstrip())


def planning(path: Path) -> list[tuple[str, str, str]]:
    """Return rows on planning a scenario, and then a second point of a sweep after it."""
    from sim.experiment.run import prepare
    from sim.memo import Memo
    from sim.scenario.load import load_scenario

    memo = Memo()
    first = prepare(load_scenario(path), memo).cpu_s
    again = prepare(load_scenario(path, (f"{VANS}=8",)), memo).cpu_s
    return [
        ("planning, CPU", f"{first:.2f} s", ""),
        ("planning the next point of a sweep over vans", f"{again:.2f} s", ""),
        ("  of the first", f"{again / first:.0%}", ""),
    ]


def running(path: Path, replications: int, turns: int) -> list[tuple[str, str, str]]:
    """Return rows on running replications here, on two processes, and on a cluster of two."""
    from sim.experiment.executors import open_workers
    from sim.experiment.jobs import Job
    from sim.experiment.run import prepare
    from sim.scenario.load import load_scenario
    from sim.store.tables import site_codes

    prepared = prepare(load_scenario(path))
    job = Job(prepared.plan, prepared.scope, site_codes(prepared.network))
    with ExitStack() as stack:
        address = stack.enter_context(cluster())
        places = {
            "one core": stack.enter_context(open_workers(1)),
            "two cores": stack.enter_context(open_workers(2)),
            "Dask, two workers": stack.enter_context(open_workers(1, address)),
        }
        for workers in places.values():
            one_turn(workers, job, 4)
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in PLACES}
        for _ in range(turns):
            for name in PLACES:
                taken[name].append(one_turn(places[name], job, replications))
    best = {name: min(seconds for seconds, _ in found) for name, found in taken.items()}
    peak = max(peak for _, peak in taken["two cores"])
    rate = {name: 60 * replications / seconds for name, seconds in best.items()}
    return [
        ("replications a minute, one core", f"{rate['one core']:.0f}", ""),
        ("replications a minute, two cores", f"{rate['two cores']:.0f}", "at least 350"),
        ("two cores over one", f"{best['one core'] / best['two cores']:.2f} times", "at least 1.8"),
        (
            "Dask on loopback over the process pool, time",
            f"{best['Dask, two workers'] / best['two cores'] - 1:+.0%}",
            "at most +25 %",
        ),
        ("peak memory of a worker", f"{peak:.0f} MB", "at most 300 MB"),
    ]


def one_turn(workers: Workers, job: Job, replications: int) -> tuple[float, float]:
    """Return the seconds that some replications take, and the peak memory of a worker in MB."""
    begun = time.perf_counter()
    peak = max(done.peak_rss_mb for done in workers.run(job, range(replications)))
    return time.perf_counter() - begun, peak


@contextmanager
def cluster() -> Iterator[str]:
    """Start a Dask scheduler and two workers on this machine's loopback; yield the address."""
    from distributed import Client

    with TemporaryDirectory() as folder, ExitStack() as stack:
        file = Path(folder) / "scheduler.json"
        host = ("--host", "127.0.0.1", "--scheduler-file", str(file), "--no-dashboard")
        worker = ("worker", *host, "--nthreads", "1", "--no-nanny")
        commands: list[tuple[str, ...]] = [("scheduler", "--port", "0", *host), worker, worker]
        for words in commands:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            while not file.exists():
                time.sleep(0.05)
        client = Client(  # type: ignore[no-untyped-call]
            scheduler_file=str(file), set_as_default=False
        )
        with client:
            client.wait_for_workers(2)
        address: str = json.loads(file.read_text(encoding="utf-8"))["address"]
        yield address


if __name__ == "__main__":
    main()
