"""Decide: the cheapest combination of values for which goals hold with the asked probability.

What is asked is checked in :mod:`sim.deciding.question`, what to run next is the business of
:mod:`sim.deciding.search`, and :mod:`sim.deciding.trials` runs it; here these come together
in a folder, so that an interrupted plan goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sim.deciding.question import Question
from sim.deciding.search import Found, find_cheapest
from sim.deciding.trials import Jobs, Progress, Trials, read_tables
from sim.errors import Interrupted, RunError
from sim.experiment.executors import ThisProcess, Workers
from sim.experiment.run import manifest_of, now, ran_again
from sim.measures.asked import text_of
from sim.measures.attained import find_key
from sim.measures.summary import Key
from sim.scenario.faults import ends_at
from sim.statistics.schemes import Reading
from sim.store.decisions import Decision, open_decision
from sim.store.files import remove_tree, write_json
from sim.store.manifests import FINISHED
from sim.store.points import PointFolder


def decision_folder(question: Question) -> Path:
    """Return where a plan goes unless told otherwise."""
    text = json.dumps(question.experiment(), sort_keys=True)
    digest = hashlib.sha256(f"{question.base.digest} {text}".encode()).hexdigest()
    return Path("results") / f"plan-{question.base.name}-{digest[:8]}"


def decide(
    question: Question,
    out: Path,
    *,
    workers: Workers | None = None,
    overwrite: bool = False,
    resume: bool = False,
    command: Sequence[str] = (),
    progress: Progress = lambda what, done, total: None,
) -> Decision:
    """Find the cheapest combination that can be claimed, and return the finished plan.

    One run of the costliest combination comes before all: from it is read what the goals mean, so
    that nothing is written if they mean nothing, or several things.

    Raises:
        UsageError: a goal means nothing or several things, the folder cannot be used, or a
            combination cannot be carried out.
        RunError: a replication failed, or its results cannot be written; finished ones are kept.
        Interrupted: the user pressed Ctrl-C; finished ones are kept.
    """
    jobs = Jobs(question)
    keys = _find_all(question, jobs)
    manifest = manifest_of(question.base, command) | {
        "kind": "plan",
        "experiment": question.experiment(),
    }
    folder = PointFolder.create(
        out, question.base.document, manifest, overwrite=overwrite, resume=resume
    )
    runs = Trials(question, keys, folder, workers or ThisProcess(), jobs, progress)

    def end(status: str) -> None:
        notes = [
            ran_again(replication, f" of combination {point}")
            for point, replication in folder.dropped
        ]
        timings = {"plan_cpu_s": round(jobs.cpu_s, 3), "runs": runs.count}
        manifest.update(status=status, ended=now(), timings=timings)
        manifest["notes"] = [*manifest["notes"], *notes]

    status = "failed"
    try:
        folder.write_points([point.settings for point in question.points])
        found = find_cheapest(
            question.choices.candidates, question.screening, question.scheme, runs.ask
        )
        folder.write_table("runs", runs.table())
        write_json(out / "plan.json", _content(question, keys, found))
        end(FINISHED)
        folder.finish(manifest)
        status = FINISHED
        remove_tree(folder.parts)
    except KeyboardInterrupt:
        status = status if status == FINISHED else "interrupted"
        raise Interrupted(
            f"stopped after {runs.count} runs; they are kept in {out}: "
            f"run again with --out {out} --resume"
        ) from None
    except OSError as error:
        raise RunError(
            f"cannot write the results ({error}); runs that were finished are kept in {out}: "
            f"run again with --out {out} --resume"
        ) from None
    finally:
        if status != FINISHED:
            end(status)
            with suppress(OSError):  # the disk may be full; "running" can be resumed as well
                folder.write_manifest(manifest)
    return open_decision(out)


def _find_all(question: Question, jobs: Jobs) -> tuple[Key, ...]:
    """Return what each goal is about, from one run of the costliest combination."""
    top = max(question.choices.candidates, key=lambda each: each.cost).number
    with closing(ThisProcess().run(jobs.of(top), [0])) as runs:
        tables = read_tables(next(runs))
    scenario = question.base.scenario
    ends = [name for name in scenario.echelons if ends_at(scenario, name)]
    return tuple(find_key(goal, tables["runs"], tables["curves"], ends) for goal in question.goals)


def _content(question: Question, keys: Sequence[Key], found: Found) -> dict[str, Any]:
    """Return the answer and all that it rests on, as the file ``plan.json`` has it."""
    bounds = question.bounds[0 if found.answer is None else found.answer]
    candidates = question.choices.candidates
    factors = [choice.factor for choice in question.choices.choices]
    indexes = {point.number: point.settings for point in question.points}
    return {
        "outcome": found.outcome,
        "answer": found.answer,
        "probability": question.scheme.probability,
        "confidence": question.scheme.confidence,
        "priced": question.choices.priced,
        "choices": [factor.path for factor in factors],
        "units": [factor.unit for factor in factors],
        "costs": [choice.cost for choice in question.choices.choices],
        "goals": [
            {
                "text": bound.goal.text,
                "series": text_of(each),
                "operator": bound.goal.operator,
                "limit": bound.limit,
                "unit": bound.goal.unit,
                "hour": bound.hour,
            }
            for bound, each in zip(bounds, keys, strict=True)
        ],
        "path": list(found.path),
        "open": list(found.open),
        "points": [
            {
                "point": number,
                "settings": dict(settings),
                "numbers": [
                    factor.numbers[factor.texts.index(text)]
                    for factor, (_, text) in zip(factors, settings, strict=True)
                ],
                "cost": candidates[number].cost,
                "screening": _tested(found.screened.get(number)),
                "confirming": _tested(found.confirmed.get(number)),
            }
            for number, settings in indexes.items()
        ],
    }


def _tested(tested: Reading | None) -> dict[str, Any] | None:
    return None if tested is None else asdict(tested)
