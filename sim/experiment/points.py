"""Points: settings of a scenario that a sweep or a plan runs, all with the same luck."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import Problem, ScenarioError, UsageError
from sim.experiment.executors import Workers
from sim.experiment.jobs import Job
from sim.experiment.run import prepare
from sim.memo import Memo
from sim.scenario.load import LoadedScenario, load_scenario
from sim.store.tables import site_codes


@dataclass(frozen=True, slots=True)
class Point:
    """One setting: paths with their values, as ``--set`` takes them."""

    number: int
    settings: tuple[tuple[str, str], ...]

    @property
    def overrides(self) -> tuple[str, ...]:
        """The settings as ``--set`` takes them."""
        return tuple(f"{path}={value}" for path, value in self.settings)


#: A point, its scenario, and the replications of it that are wanted.
Asked = tuple[Point, LoadedScenario, Iterable[int]]


def load_points(
    address: Path | str, overrides: Sequence[str], points: Iterable[Point]
) -> list[LoadedScenario]:
    """Load a scenario once for each point, its settings over ``overrides``.

    Raises:
        ScenarioError: with the problems of all points at once, each said once.
    """
    loaded: list[LoadedScenario] = []
    problems: dict[Problem, None] = {}
    for point in points:
        try:
            loaded.append(load_scenario(address, (*overrides, *point.overrides)))
        except ScenarioError as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise ScenarioError(problems)
    return loaded


def run_points(
    asked: Iterable[Asked], workers: Workers, tables: Sequence[str] = ("runs",)
) -> Generator[tuple[Point, int, dict[str, pa.Table]], None, None]:
    """Run replications of points; yield point, replication and the tables asked for as they finish.

    Points are planned one after the other while workers run those before, and share what their
    planning has in common. Whoever asks keeps what comes in an order of its own. ``asked`` is
    drawn as workers come free.

    Raises:
        UsageError: the scenario of a point is valid, but cannot be carried out.
        RunError, KeyboardInterrupt: as ``Workers.run_many``.
    """
    with closing(workers.run_many(_work(asked, tuple(tables)))) as runs:
        for point, done in runs:
            read = {name: pq.read_table(io.BytesIO(held)) for name, held in done.tables.items()}
            yield point, done.replication, read


def _work(
    asked: Iterable[Asked], tables: tuple[str, ...]
) -> Iterator[tuple[Point, Job, Iterable[int]]]:
    memo = Memo()
    for point, loaded, replications in asked:
        try:
            prepared = prepare(loaded, memo)
        except UsageError as error:
            setting = ", ".join(point.overrides)
            raise UsageError(f"{error}" + (f" (with {setting})" if setting else "")) from None
        codes = site_codes(prepared.network)
        yield point, Job(prepared.plan, prepared.scope, codes, tables), replications
