"""Trials: runs of combinations, which are made and kept, or read if they are there already."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from math import nan

import pyarrow as pa
import pyarrow.parquet as pq

from sim.deciding.question import Question
from sim.deciding.search import Wanted
from sim.errors import RunError, UsageError
from sim.experiment.executors import Workers
from sim.experiment.jobs import Done, Job
from sim.experiment.points import load_points
from sim.experiment.run import prepare
from sim.measures.attained import value_of
from sim.measures.summary import Key
from sim.memo import Memo
from sim.store.decisions import CONFIRMING, RUNS, SCREENING, part_of, read_runs
from sim.store.points import PointFolder
from sim.store.tables import site_codes

#: Plans of combinations that are kept in memory.
_KEPT = 16
_TABLES = ("runs", "curves")

#: Told what is being run, and how many of how many runs of that are done.
Progress = Callable[[str, int, int], None]


class Jobs:
    """The plans of combinations, the last few of which are kept; they share what they have in
    common."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._kept: OrderedDict[int, Job] = OrderedDict()
        self._memo = Memo()
        self.cpu_s = 0.0

    def of(self, number: int) -> Job:
        """Return the plan of a combination.

        Raises:
            UsageError: it cannot be carried out.
            RunError: its files have changed since it was checked.
        """
        if number not in self._kept:
            while len(self._kept) >= _KEPT:
                self._kept.popitem(last=False)
            self._kept[number] = self._make(number)
        self._kept.move_to_end(number)
        return self._kept[number]

    def _make(self, number: int) -> Job:
        question, point = self._question, self._question.points[number]
        (loaded,) = load_points(question.address, question.overrides, [point])
        if loaded.digest != question.digests[number]:
            raise RunError(
                f"{question.address} was changed while the plan was under way: run it again"
            )
        try:
            prepared = prepare(loaded, self._memo)
        except UsageError as error:
            raise UsageError(f"{error} (with {', '.join(point.overrides)})") from None
        self.cpu_s += prepared.cpu_s
        return Job(prepared.plan, prepared.scope, site_codes(prepared.network), _TABLES)


class Trials:
    """Runs of combinations: those that are there already are read, the others are made and kept."""

    def __init__(
        self,
        question: Question,
        keys: tuple[Key, ...],
        folder: PointFolder,
        workers: Workers,
        jobs: Jobs,
        progress: Progress,
    ) -> None:
        self._question, self._keys, self._folder = question, keys, folder
        self._workers, self._jobs, self._progress = workers, jobs, progress
        self._values: dict[tuple[int, int], list[float | None]] = {}
        self._finished = self._read_finished()
        self._first = question.screening.most

    @property
    def count(self) -> int:
        """How many runs were asked for and are there."""
        return len(self._values)

    def ask(self, wanted: Wanted) -> Mapping[int, Sequence[bool]]:
        """Return which of the runs failed, making those that are missing."""
        missing: list[tuple[int, list[int]]] = []
        for number, replications in wanted:
            held = self._folder.held(number)
            there = [r for r in replications if r in held or (number, r) in self._finished]
            for replication in there:
                self._values[number, replication] = self._read(number, replication)
            todo = [r for r in replications if (number, r) not in self._values]
            if todo:
                missing.append((number, todo))
        self._make(wanted, missing)
        return {
            number: [not self._held(number, replication) for replication in replications]
            for number, replications in wanted
        }

    def table(self) -> pa.Table:
        """Return all runs, in the order of combinations, replications and goals."""
        rows = [
            {
                "point": number,
                "replication": replication,
                "use": SCREENING if replication < self._first else CONFIRMING,
                "goal": goal,
                "value": value,
                "holds": bound.holds(nan if value is None else value),
            }
            for (number, replication), values in sorted(self._values.items())
            for goal, (bound, value) in enumerate(
                zip(self._question.bounds[number], values, strict=True)
            )
        ]
        return pa.Table.from_pylist(rows, schema=RUNS)

    def _held(self, number: int, replication: int) -> bool:
        values, bounds = self._values[number, replication], self._question.bounds[number]
        return all(
            bound.holds(nan if value is None else value)
            for bound, value in zip(bounds, values, strict=True)
        )

    def _make(self, wanted: Wanted, missing: list[tuple[int, list[int]]]) -> None:
        total = sum(len(replications) for _, replications in wanted)
        done = total - sum(len(todo) for _, todo in missing)
        what = self._what(wanted)
        self._progress(what, done, total)
        if not missing:
            return
        with closing(self._workers.run_many(self._work(missing))) as runs:
            for number, finished in runs:
                tables = read_tables(finished)
                values = [
                    value_of(bound, key, tables["runs"], tables["curves"])
                    for bound, key in zip(self._question.bounds[number], self._keys, strict=True)
                ]
                part = part_of(finished.replication, values)
                self._folder.keep(number, finished.replication, part)
                self._values[number, finished.replication] = part["value"].to_pylist()
                done += 1
                self._progress(what, done, total)

    def _work(self, missing: list[tuple[int, list[int]]]) -> Iterator[tuple[int, Job, list[int]]]:
        for number, todo in missing:
            yield number, self._jobs.of(number), todo

    def _what(self, wanted: Wanted) -> str:
        """Return in words what is run: a first look, or one combination."""
        number, replications = wanted[0]
        if replications.start < self._first:
            return "a first look"
        values = [text for _, text in self._question.points[number].settings]
        return f"confirming {', '.join(values)}"

    def _read(self, number: int, replication: int) -> list[float | None]:
        if (number, replication) in self._finished:
            return self._finished[number, replication]
        (part,) = self._folder.read(number, [replication])
        values: list[float | None] = part["value"].to_pylist()
        return values

    def _read_finished(self) -> dict[tuple[int, int], list[float | None]]:
        """Return the runs of a plan that was finished before, if this one resumes it."""
        found: dict[tuple[int, int], list[float | None]] = {}
        if self._folder.holds_runs:
            for row in read_runs(self._folder.path).to_pylist():
                found.setdefault((row["point"], row["replication"]), []).append(row["value"])
        return found


def read_tables(done: Done) -> dict[str, pa.Table]:
    """Return the tables of a finished replication."""
    return {
        name: pq.ParquetFile(io.BytesIO(held)).read(use_threads=False)
        for name, held in done.tables.items()
    }
