"""Which results may be paired run by run, and what has to be said of those that may.

Two results share their luck only if they were run with one seed and one scheme of random streams,
and hours since the start are the same hours only if they begin at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sim.errors import UsageError
from sim.experiment.run import STREAMS
from sim.scenario.load import LoadedScenario
from sim.scenario.schema import Scenario
from sim.store.result import Result
from sim.units import show_hours

#: Fewer replications than these are remarked on.
_FEW = 5


@dataclass(frozen=True, slots=True)
class Luck:
    """What decides whether a result, or a scenario before it is run, may be paired."""

    name: str
    seed: int | None
    streams: str | None
    start: datetime


def luck_of(result: Result) -> Luck:
    """Return what a result says of its luck."""
    manifest = result.manifest
    return Luck(result.name, manifest.get("seed"), manifest.get("streams"), result.start)


def luck_ahead(loaded: LoadedScenario) -> Luck:
    """Return the luck that a scenario will have once it is run."""
    return Luck(loaded.name, loaded.scenario.seed, STREAMS, loaded.scenario.start)


def check_pairable(lucks: Sequence[Luck]) -> None:
    """Check that all may be paired with the first.

    Raises:
        UsageError: a seed, a scheme of streams or a start differs; it says why that matters and
            what to do.
    """
    base, *others = lucks
    for other in others:
        both = f"{base.name} and {other.name} cannot be paired"
        if other.streams != base.streams:
            raise UsageError(
                f"{both}: their random streams are keyed by different schemes "
                f"({base.streams or 'not recorded'}, {other.streams or 'not recorded'}), so run by "
                "run they do not share their luck; run both with one version of Postroad"
            )
        if other.seed != base.seed:
            raise UsageError(
                f"{both}: their seeds differ ({base.seed}, {other.seed}), so run by run they do "
                "not share their luck; run one of them again with the other's --seed"
            )
        if other.start != base.start:
            raise UsageError(
                f"{both}: they start at different times ({base.start.isoformat()}, "
                f"{other.start.isoformat()}), so hours since the start are not the same hours; "
                "give both the same start"
            )


def common_runs(results: Sequence[Result]) -> list[int]:
    """Return the numbers of the replications that all results hold, ascending.

    Raises:
        UsageError: there are none.
    """
    held = [set(result.runs["replication"].to_pylist()) for result in results]
    shared = sorted(set.intersection(*held))
    if not shared:
        raise UsageError("the results have no replication in common: there is nothing to pair")
    return shared


def remarks(results: Sequence[Result], runs: int) -> list[str]:
    """Return what a reader has to know of results of which so many runs are paired: what does not
    measure the same, and what is not of the same making."""
    notes = []
    if any(result.replications != runs for result in results):
        held = _named(results, lambda r: str(r.replications))
        notes.append(f"replications differ ({held}): the {runs} that all have are compared")
    if runs == 1:
        notes.append("one replication: there are no intervals; run more with --replications")
    elif runs < _FEW:
        notes.append(
            f"{runs} replications are few: a difference that happens to be the same in all of them "
            "looks certain; run more with --replications"
        )
    spans = {_horizon(result.scenario) for result in results}
    if len(spans) > 1:
        held = _named(results, lambda r: show_hours(_horizon(r.scenario)))
        notes.append(
            f"horizons differ ({held}): times after the shortest count as not reached; what counts "
            "until the horizon, such as coverage, units and trips, is of different spans"
        )
    if len({result.scenario.stop for result in results}) > 1:
        held = _named(results, lambda r: str(r.scenario.stop))
        notes.append(
            f"runs end by different rules ({held}): what is counted, or averaged over time, until "
            "the end is of different spans; the times of coverage compare"
        )
    if len({result.scenario.warm_up.value for result in results}) > 1:
        held = _named(results, lambda r: show_hours(r.scenario.warm_up.value))
        notes.append(
            f"warm-ups differ ({held}): means, percentiles and rates are of different spans"
        )
    made = {(r.manifest.get("version"), r.manifest.get("commit")) for r in results}
    if len(made) > 1:
        notes.append(
            "made by different versions of Postroad: what differs may come from the program; "
            "run them again with one version to be sure"
        )
    return notes


def shortest_horizon(results: Sequence[Result]) -> float:
    """Return the earliest horizon of all results, in hours since the start."""
    return min(_horizon(result.scenario) for result in results)


def _horizon(scenario: Scenario) -> float:
    return float(scenario.horizon.value)


def _named(results: Sequence[Result], say: Callable[[Result], str]) -> str:
    return ", ".join(f"{result.name} {say(result)}" for result in results)
