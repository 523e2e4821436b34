"""The oracle: what may become of a file, whatever it holds.

It is valid; or everything wrong with it is told, with its place; or it is valid and cannot be
carried out, which is told in words. Anything else is a defect: another exception, a warning, a word
on the console, a place that is not there, too long, too much memory.
"""

from __future__ import annotations

import io
import re
import signal
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from sim.audit import audit
from sim.cli.common import load_with_variants, with_variants
from sim.engine.model import run_replication
from sim.errors import Problem, ScenarioError, UsageError
from sim.experiment.run import prepare
from sim.measures.run import measure_run
from sim.plan.processes import expected_lots
from sim.plan.size import expected_loads
from sim.plan.specs import Plan
from sim.policies.dispatch import Departures
from sim.scenario.load import LoadedScenario

SECONDS = 10.0  # of CPU for one file, whatever it holds
WAITING = 120.0  # seconds in all: the machine may be busy, but nothing waits for ever
LARGE = 20_000  # lots, loads and departures of a run: larger ones are planned, but not carried out


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: "valid", "planned" or "ran", "refused" for being wrong, "unworkable",
    or "defect"; ``detail`` says what the defect is, ``key`` where it arose."""

    kind: str
    detail: str = ""
    key: str = ""


class TooLong(BaseException):
    """No answer within the time; no handler of ordinary errors stops it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TooLong where the block is, once so much CPU time has passed, or ``WAITING``."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooLong(f"no answer within {seconds:g} s")

    timers = (
        (signal.SIGPROF, signal.ITIMER_PROF, seconds),
        (signal.SIGALRM, signal.ITIMER_REAL, WAITING),
    )
    before = [signal.signal(number, ring) for number, _, _ in timers]
    for _, timer, limit in timers:
        signal.setitimer(timer, limit)
    try:
        yield
    finally:
        for (number, timer, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)


def outcome_of(
    file: Path, *, carry_out: bool, varied: bool = True, seconds: float = SECONDS
) -> Outcome:
    """Do with a file what ``postroad validate`` does, and, if asked, carry out what is valid.

    Whether a file has variants is not looked up for one that is not ``varied``.
    """
    said = io.StringIO()
    try:
        with (
            at_most(seconds),
            warnings.catch_warnings(),
            redirect_stdout(said),
            redirect_stderr(said),
        ):
            warnings.simplefilter("error")
            kind = _judge(file, carry_out=carry_out, varied=varied)
    except ScenarioError as error:
        wrong = [why for problem in error.problems for why in misplaced(problem)]
        if not error.problems:
            wrong.append("refused without a problem")
        if wrong:
            return Outcome("defect", "\n".join([*wrong, str(error)]), wrong[0].partition(":")[0])
        kind = "refused"
    except UsageError as error:
        if not str(error).strip() or "\n  " in str(error):
            return Outcome("defect", f"no words: {error!r}", "words")
        kind = "unworkable"
    except (Exception, TooLong) as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if "/sim/" in frame.filename] or frames
        key = f"{type(error).__name__} {Path(own[-1].filename).name}:{own[-1].lineno}"
        return Outcome("defect", "".join(traceback.format_exception(error))[-6000:], key)
    if said.getvalue():
        return Outcome("defect", f"said {said.getvalue()!r}", "said")
    return Outcome(kind)


def _judge(file: Path, *, carry_out: bool, varied: bool) -> str:
    loaded = load_with_variants(with_variants([file]) if varied else [file], ())
    if not carry_out or any(one.scenario.geography.nation != "none" for one in loaded):
        return "valid"
    for one in loaded:
        _carry_out(one)
    return "ran"


def _carry_out(loaded: LoadedScenario) -> None:
    prepared = prepare(loaded)
    if _events(prepared.plan) > LARGE:
        return
    ledger = run_replication(prepared.plan, 0)
    audit(ledger, prepared.plan)
    measure_run(ledger, prepared.plan, prepared.scope)


def _events(plan: Plan) -> float:
    """Return about how many lots, loads and departures a run has: an honest one may be long."""
    lots = sum(expected_lots(process, plan.horizon) for process in plan.processes)
    asks = [process for spec in plan.requests for process in spec.processes]
    lots += sum(expected_lots(process, plan.horizon) for process in asks)
    lots += sum(len(supply.times) for supply in plan.supplies)
    rules = [lane.dispatch for lane in plan.lanes]
    left = sum(plan.horizon / rule.every for rule in rules if isinstance(rule, Departures))
    return lots + left + sum(min(carried.loads, carried.units) for carried in expected_loads(plan))


def misplaced(problem: Problem) -> Iterator[str]:
    """Return what a problem lacks: a place that is there, and words."""
    if not problem.expected or not (problem.found or problem.hint):
        yield f"no words: {problem!r}"
    if problem.line < 1 or problem.column < 1:
        yield f"no position: {problem!r}"
    file = Path(problem.place)
    if not file.is_file():
        yield f"no file: {problem!r}"
        return
    text = file.read_bytes().decode("utf-8-sig", errors="replace")
    # TOML has no bare carriage return; in a table it ends a line, as editors show it.
    lines = text.split("\n") if file.suffix == ".toml" else re.split("\r\n|\r|\n", text)
    if problem.line > len(lines) or problem.column > len(lines[problem.line - 1]) + 2:
        yield f"no such position: {problem!r}"
