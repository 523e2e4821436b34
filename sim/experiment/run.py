"""Run an experiment: a scenario's replications from file to finished result folder."""

from __future__ import annotations

import platform
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from math import isinf, isnan
from pathlib import Path
from typing import Any

import pyarrow as pa

import sim
from sim.errors import Interrupted, RunError, UsageError
from sim.evidence import Verdict, judge, probe_key
from sim.expectation import Agreement, judge_expected, values_of
from sim.experiment.executors import ThisProcess, Workers
from sim.experiment.jobs import Job, peak_rss_mb
from sim.experiment.precision import Precision, Watch, held_for_good
from sim.geography.nation import load_nation
from sim.measures.scope import Scope, build_scope
from sim.memo import Memo
from sim.network import Network, build_network
from sim.plan.build import build_plan
from sim.plan.specs import Plan
from sim.scenario.counties import CountySet, county_sets
from sim.scenario.load import LoadedScenario
from sim.scenario.schema import Scenario
from sim.store.folder import ResultFolder
from sim.store.manifests import FINISHED, LAYOUT
from sim.store.result import Result, open_result
from sim.store.tables import site_codes, values_by_key

#: Names the scheme by which random streams are keyed; results of different schemes never pair.
STREAMS = "philox4x32-10/blake2b-64/1"
_PACKAGES = ("numpy", "scipy", "simpy", "networkx", "pyarrow", "pydantic", "holidays", "matplotlib")


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A scenario that is ready to run: network, plan and scope, and the CPU time that took."""

    loaded: LoadedScenario
    network: Network
    plan: Plan
    scope: Scope
    cpu_s: float


def prepare(loaded: LoadedScenario, memo: Memo | None = None) -> Prepared:
    """Build the network and the plan of a scenario.

    A ``memo`` that has seen other scenarios saves what they have in common: the same points of
    facilities, the same tours. What comes out is the same as without it.

    Raises:
        UsageError: the scenario is valid, but cannot be carried out.
    """
    begun = time.process_time()
    try:
        network = build_network(loaded.scenario, memo)
        pa.default_memory_pool().release_unused()  # what the nation's tables were read into
        plan = build_plan(loaded.scenario, network, memo)
    except (ValueError, UsageError) as error:
        raise UsageError(f"{loaded.name}: {error}") from None
    scope = build_scope(loaded.scenario, network)
    return Prepared(loaded, network, plan, scope, time.process_time() - begun)


def default_folder(loaded: LoadedScenario) -> Path:
    """Return where a scenario's results go unless told otherwise."""
    return Path("results") / f"{loaded.name}-{loaded.digest[:8]}"


def run_experiment(
    prepared: Prepared,
    out: Path,
    *,
    workers: Workers | None = None,
    precision: Precision | None = None,
    overwrite: bool = False,
    resume: bool = False,
    ledger: bool = False,
    command: tuple[str, ...] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Result:
    """Run all replications of a scenario into a result folder and return the result.

    ``workers`` say where they run: in this process unless given. With a ``precision`` there are as
    many as it needs, the scenario's number at least; what ran beyond is left out, so that the
    result is that of so many replications, whatever the workers. ``progress`` is called with the
    replications done and their number, or a guess of it. ``command`` is recorded.

    Raises:
        UsageError: the folder cannot be used.
        RunError: a replication failed, or its results cannot be written; finished ones are kept.
        Interrupted: the user pressed Ctrl-C; finished ones are kept.
    """
    total, watch = prepared.loaded.scenario.replications, None
    manifest = manifest_of(prepared.loaded, command, prepared.plan.notes)
    if precision is not None:
        watch = Watch(precision, max(total, held_for_good(out) if resume else 0))
        total = precision.most
        manifest["replications"] = total
    manifest["precision"] = None if watch is None else watch.record()
    document = prepared.loaded.document
    folder = ResultFolder.create(out, document, manifest, overwrite=overwrite, resume=resume)
    manifest["notes"] += [ran_again(number) for number in folder.dropped]
    done = {number for number in folder.done() if number < total}
    job = Job(
        prepared.plan,
        prepared.scope,
        site_codes(prepared.network),
        ledger=ledger,
    )
    run_cpu: dict[int, float] = {}
    peak = 0.0

    def end(status: str) -> None:
        manifest["status"] = status
        manifest["timings"] = {
            "plan_cpu_s": round(prepared.cpu_s, 4),
            "run_cpu_s": [run_cpu[number] for number in sorted(run_cpu)],
            "peak_rss_mb": round(max(peak, peak_rss_mb()), 1),
        }
        manifest["ended"] = now()

    status = "failed"
    try:
        if watch is not None:
            for number in sorted(done):
                watch.see(number, folder.runs_of(number))
        progress(len(done), total if watch is None else watch.expected())
        with closing((workers or ThisProcess()).run(job, _missing(done, total, watch))) as runs:
            for finished in runs:
                folder.keep(finished.replication, finished.tables, finished.ledger)
                run_cpu[finished.replication] = round(finished.cpu_s, 4)
                peak = max(peak, finished.peak_rss_mb)
                if watch is not None:
                    watch.see(finished.replication, finished.tables["runs"])
                ran = len(done) + len(run_cpu)
                progress(ran, total if watch is None else max(ran, watch.expected()))
                if watch is not None and watch.stop is not None:
                    break
        if watch is not None:
            total = manifest["replications"] = watch.runs
            manifest["precision"] = watch.record()
            folder.write_scenario({**document, "replications": total})
        folder.join(total)
        stored = Result(out, prepared.loaded.name, manifest)
        folder.write_verdicts([verdict_row(verdict) for verdict in score(stored)])
        folder.write_expected([verdict_row(found) for found in score_expected(stored)])
        end(FINISHED)
        folder.finish(manifest)
        status = FINISHED
    except KeyboardInterrupt:
        status = status if status == FINISHED else "interrupted"
        kept = max(len(folder.done()), len(done) + len(run_cpu))
        many = f"{kept} of {total}" if watch is None else f"{kept}"
        again = "run again with" if watch is None else "run the same again with"
        raise Interrupted(
            f"stopped with {many} replications finished; they are kept in {out}: "
            f"{again} --out {out} --resume"
        ) from None
    except OSError as error:
        raise RunError(
            f"cannot write the results ({error}); replications that were finished are kept in "
            f"{out}: run again with --out {out} --resume"
        ) from None
    finally:
        if status != FINISHED:
            end(status)
            with suppress(OSError):  # the disk may be full; "running" can be resumed as well
                folder.write_manifest(manifest)
    return open_result(out)


def ran_again(replication: int, of: str = "") -> str:
    """Return the note on a replication whose results were damaged when they were to be resumed."""
    return (
        f"the results of replication {replication}{of} were damaged (by a power cut, perhaps): "
        "it ran again"
    )


def _missing(done: set[int], total: int, watch: Watch | None) -> Iterator[int]:
    """Return the numbers of the replications to run, until the watch has seen enough."""
    for number in range(total):
        if watch is not None and watch.stop is not None:
            return
        if number not in done:
            yield number


def score(result: Result, figures_of: LoadedScenario | None = None) -> list[Verdict]:
    """Return the verdicts on stored runs, without running anything.

    ``figures_of`` is a scenario whose reported figures to score instead of the result's own. A
    figure is scored where the runs recorded the same value for some figure, whatever its name, band
    or source; others are "not recorded".
    """
    own = result.scenario
    asked = own if figures_of is None else figures_of.scenario
    areas = _areas_of(own)
    recorded = {probe_key(figure, areas): name for name, figure in own.reported.items()}
    if asked is not own:
        areas = _areas_of(asked)
    values: dict[str, list[float]] = {}
    table = result.evidence
    for name, value in zip(table["figure"].to_pylist(), table["value"].to_pylist(), strict=True):
        values.setdefault(name, []).append(float("nan") if value is None else value)
    verdicts = []
    for name, figure in asked.reported.items():
        stored = recorded.get(probe_key(figure, areas))
        same_start = asked.start == own.start
        runs = values.get(stored, []) if stored is not None and same_start else []
        verdicts.append(judge(name, figure, runs, own.start))
    return verdicts


def _areas_of(scenario: Scenario) -> dict[str, CountySet]:
    return county_sets(scenario.areas, load_nation(scenario.geography.nation))


def score_expected(result: Result, expected_of: LoadedScenario | None = None) -> list[Agreement]:
    """Return what stored runs say to expected values, without running anything.

    ``expected_of`` is a scenario whose expected values to judge by instead of the result's own.
    """
    asked = result.scenario if expected_of is None else expected_of.scenario
    if not asked.expected:
        return []
    runs = values_by_key(result.runs)
    return [
        judge_expected(name, case, values_of(case, runs)) for name, case in asked.expected.items()
    ]


def verdict_row(verdict: Verdict | Agreement) -> dict[str, Any]:
    """Return a verdict, or an agreement, as a JSON object: no bound, or later than the horizon, is
    null."""
    return {
        key: None if isinstance(value, float) and (isinf(value) or isnan(value)) else value
        for key, value in asdict(verdict).items()
    }


def manifest_of(
    loaded: LoadedScenario, command: Sequence[str], notes: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the manifest of an experiment that begins now; ``notes`` are those of its plan."""
    scenario = loaded.scenario
    return {
        "layout": LAYOUT,
        "status": "running",
        "scenario": loaded.name,
        "title": scenario.title,
        "digest": loaded.digest,
        "seed": scenario.seed,
        "streams": STREAMS,
        "replications": scenario.replications,
        "command": list(command),
        "version": sim.__version__,
        "commit": _commit(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "notes": list(notes),
        "started": now(),
    }


def now() -> str:
    """Return the time of day, for manifests only."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _commit() -> str | None:
    """Return the commit of the working copy that Postroad runs from, if it is one."""
    try:
        found = subprocess.run(
            ["git", "-C", str(Path(sim.__file__).parent), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip()
