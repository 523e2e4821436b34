"""Measure the national scenario: planning, a replication against the reference twin, memory, help.

    python benchmarks/national.py                    # everything, about a minute
    python benchmarks/national.py --no-twin          # without the twin, which takes most of it

A replication is what every run repeats: simulation, audit and measures. The twin is the slow model
that the tests compare with (``tests/reference``): one SimPy process for each clinic stop, the same
draws. It runs twice, as any Python program does and without the garbage collector, as replications
do. Read the ratios: seconds depend on the machine and on what else it does.
"""

from __future__ import annotations

import argparse
import gc
import os
import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[1]
SCENARIO = ROOT / "scenarios" / "oximeters-2023.toml"
HEAVY = ("numpy", "scipy", "simpy", "networkx", "matplotlib", "pyarrow", "pydantic")
T = TypeVar("T")


def main() -> None:
    """Read the command line, measure, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scenario", type=Path, default=SCENARIO)
    parser.add_argument("--replications", type=int, default=3, help="of which the median counts")
    parser.add_argument("--no-twin", action="store_true", help="leave the reference twin out")
    parser.add_argument("--part", choices=["plan", "run"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        part_of_memory(arguments.part, arguments.scenario, arguments.folder)
        return
    # Memory first: Linux counts what the parent held before it started a child as the child's peak.
    rows = [("what", "measured", "goal"), *memory(arguments.scenario), *help_page()]
    rows += cpu(arguments.scenario, arguments.replications, twin=not arguments.no_twin)
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for name, found, goal in rows:
        print(f"{name:{widths[0]}}  {found:>{widths[1]}}  {goal}".rstrip())


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the CPU seconds of this process that some work takes, and its result."""
    gc.collect()
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


def cpu(path: Path, replications: int, *, twin: bool) -> list[tuple[str, str, str]]:
    """Return rows on CPU time: planning, replications, and the twin."""
    from sim.experiment.replicate import replicate
    from sim.measures.scope import build_scope
    from sim.network import build_network
    from sim.plan import build
    from sim.scenario.load import load_scenario

    load_s, loaded = timed(lambda: load_scenario(path))
    scenario = loaded.scenario
    network_s, network = timed(lambda: build_network(scenario))
    tours_s = [0.0]
    plan_lane_tours = build.plan_lane_tours

    def timed_tours(*given: object) -> object:
        seconds, tours = timed(lambda: plan_lane_tours(*given))  # type: ignore[arg-type]
        tours_s[0] += seconds
        return tours

    build.plan_lane_tours = timed_tours  # type: ignore[assignment]
    plan_s, (plan, scope) = timed(
        lambda: (build.build_plan(scenario, network), build_scope(scenario, network))
    )
    build.plan_lane_tours = plan_lane_tours
    stops = sum(len(tours.facility) for tours in plan.tours)
    tours = sum(len(tours) for tours in plan.tours)
    runs = [replicate(plan, scope, number) for number in range(replications)]
    run_s = statistics.median(run.cpu_s for run in runs)
    rows = [
        ("load and validate the scenario", f"{load_s:.2f} s", ""),
        ("plan: network", f"{network_s:.2f} s", ""),
        (f"plan: {tours:,} tours of {stops:,} stops", f"{tours_s[0]:.2f} s", "at most 5 s"),
        ("plan: all", f"{network_s + plan_s:.2f} s", ""),
        (f"one replication, median of {replications}", f"{run_s:.3f} s", ""),
    ]
    if not twin:
        return rows
    sys.path.insert(0, str(ROOT / "tests"))
    from reference.compare import differences
    from reference.twin import run_twin

    twin_s, done = timed(lambda: run_twin(plan, 0))
    gc.disable()
    bare_s, _ = timed(lambda: run_twin(plan, 0))
    gc.enable()
    gap = differences(done, runs[0].ledger)
    stop_gap = max(gap["stop arrived"], gap["stop delivered"])
    return [
        *rows,
        ("the reference twin, simulation only", f"{twin_s:.1f} s", ""),
        ("twin over replication", f"{twin_s / run_s:.0f} times", "at least 40 times"),
        ("  without the garbage collector", f"{bare_s / run_s:.0f} times", ""),
        ("largest difference of a stop's time", f"{stop_gap:.1e} h", "at most 1e-6 h"),
        ("largest difference of any time", f"{max(gap.values()):.1e} h", "at most 1e-6 h"),
    ]


def memory(path: Path) -> list[tuple[str, str, str]]:
    """Return rows on the memory of a process that plans, and of one that is given the plan, runs
    once and writes the ledger, as the workers of ``run`` do."""
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for part in ("plan", "run"):
            command = [sys.executable, __file__, "--part", part, "--folder", folder]
            done = subprocess.run(
                [*command, "--scenario", str(path)], capture_output=True, text=True, check=True
            )
            found[part] = [float(word) for word in done.stdout.split()]
    return [
        ("peak memory of planning", f"{found['plan'][0]:.0f} MB", ""),
        ("peak memory of a replication", f"{found['run'][0]:.0f} MB", "at most 300 MB"),
        ("its ledger on disk", f"{found['run'][1]:.1f} MB", ""),
    ]


def part_of_memory(part: str, path: Path, folder: Path) -> None:
    """Plan and store the plan, or load it, run once and write the ledger; print peak memory."""
    stored = folder / "plan.pickle"
    if part == "plan":
        from sim.measures.scope import build_scope
        from sim.network import build_network
        from sim.plan.build import build_plan
        from sim.scenario.load import load_scenario

        scenario = load_scenario(path).scenario
        network = build_network(scenario)
        both = build_plan(scenario, network), build_scope(scenario, network)
        print(peak_mb())
        stored.write_bytes(pickle.dumps(both))
        return
    from sim.experiment.replicate import replicate
    from sim.store.ledgers import write_ledger

    with stored.open("rb") as file:
        plan, scope = pickle.load(file)
    ledger = write_ledger(replicate(plan, scope, 0).ledger, plan, folder)
    print(peak_mb(), ledger.stat().st_size / 2**20)


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB of 2^20 bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def help_page() -> list[tuple[str, str, str]]:
    """Return rows on ``postroad --help``: how long it takes and what it imports."""
    postroad = Path(sys.executable).with_name("postroad")
    command = [str(postroad)] if postroad.exists() else [sys.executable, "-m", "sim"]
    bare = statistics.median(wall([sys.executable, "-c", "pass"]) for _ in range(5))
    helped = statistics.median(wall([*command, "--help"]) for _ in range(5))
    script = (
        "import sys\n"
        "from sim.cli.main import main\n"
        "sys.argv = ['postroad', '--help']\n"
        "try:\n"
        "    main()\n"
        "except SystemExit:\n"
        "    pass\n"
        f"print('imported:', *[name for name in {HEAVY} if name in sys.modules])\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = done.stdout.rpartition("imported:")[2].split()
    return [
        ("postroad --help, median of 5", f"{1000 * helped:.0f} ms", "at most 100 ms"),
        ("of which Python itself", f"{1000 * bare:.0f} ms", ""),
        ("heavy packages that it imports", " ".join(imported) or "none", "none"),
    ]


def wall(command: list[str]) -> float:
    """Return the seconds that a command takes, with compiled modules kept as where it is used."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True, env=env)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
