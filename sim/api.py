"""Postroad from Python: load, run, compare, plot. What notebooks need, and no more.

::

    import sim.api as postroad

    base = postroad.run("scenarios/oximeters-2023.toml")
    more = postroad.run("scenarios/oximeters-2023.toml#more-vans")
    comparison = postroad.compare(base, more)
    postroad.differences(comparison).to_pandas()
    postroad.plot(comparison, "gains")

A result's tables (``runs``, ``measures``, ``curves``, ``arrivals``, ``evidence``) are Arrow tables;
their ``to_pandas`` needs pandas, which the extra ``[notebook]`` brings. Errors are those of the
command line, and say the same: :class:`sim.errors.PostroadError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import tomli_w

from sim.comparing.compare import Comparison, Difference, compare_results
from sim.errors import UsageError, did_you_mean
from sim.experiment.executors import Workers, open_workers
from sim.experiment.obtain import as_result
from sim.experiment.run import prepare, run_experiment
from sim.memo import Memo
from sim.report.comparison import name_results
from sim.scenario.load import LoadedScenario, load_scenario
from sim.store.result import Result, open_result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "Comparison",
    "LoadedScenario",
    "Result",
    "compare",
    "differences",
    "load",
    "open_result",
    "plot",
    "run",
]

#: What ``plot`` draws: by what it is drawn of and its kind, module and function.
_PLOTS: dict[type, dict[str, tuple[str, str]]] = {
    Result: {
        "flow": ("sim.plots.curves", "plot_flow"),
        "in-transit": ("sim.plots.curves", "plot_in_transit"),
        "coverage": ("sim.plots.coverage", "plot_coverage"),
        "map": ("sim.plots.countymap", "plot_map"),
        "vehicles": ("sim.plots.use", "plot_vehicles"),
        "station": ("sim.plots.use", "plot_station"),
        "requests": ("sim.plots.requests", "plot_requests"),
        "verdicts": ("sim.plots.verdicts", "plot_verdicts"),
    },
    Comparison: {
        "gains": ("sim.plots.comparing.gaincurves", "plot_gain_curves"),
        "gain-map": ("sim.plots.comparing.gainmap", "plot_gain_map"),
        "differences": ("sim.plots.comparing.forest", "plot_differences"),
    },
}


def load(address: Path | str, settings: Mapping[str, object] | None = None) -> LoadedScenario:
    """Read and validate a scenario: a file, or FILE#NAME for one of its variants.

    ``settings`` change values as ``--set`` does: ``{"fleets.county-van.vehicles": 6}``.

    Raises:
        ScenarioError: with every problem at once.
        UsageError: a setting is no value that TOML has.
    """
    return load_scenario(address, [_override(*item) for item in (settings or {}).items()])


def run(
    scenario: LoadedScenario | Path | str,
    *,
    replications: int | None = None,
    seed: int | None = None,
    out: Path | str | None = None,
    jobs: int = 1,
    cluster: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Result:
    """Run a scenario, loaded or by its address, and return its result.

    Where the finished result of the same scenario, seed and at least as many replications is in its
    folder, that is returned, and replications that are there are not run again. ``replications``
    and ``seed`` are the scenario's unless given, and may be given only with an address. ``out`` is
    the folder, ``results/NAME-DIGEST`` unless given: it must be empty, or hold the same experiment.
    ``jobs`` says how many processes to use, ``cluster`` the address of a Dask scheduler to run on
    instead; a script that uses more than one needs ``if __name__ == "__main__":``. ``progress`` is
    called with the replications done and their number.

    Raises:
        ScenarioError, UsageError: the scenario is not valid, or cannot be carried out, or the
            folder cannot be used.
        RunError: a replication failed; finished ones are kept.
        Interrupted: Ctrl-C; finished ones are kept.
    """
    counts = {"replications": replications, "seed": seed}
    given = {key: value for key, value in counts.items() if value is not None}
    if not isinstance(scenario, LoadedScenario):
        scenario = load(scenario, given)
    elif given:
        raise UsageError(
            f"{' and '.join(given)}: give them to load(), with the scenario's settings"
        )
    prepared = prepare(scenario, Memo())
    with _workers(jobs, cluster) as workers:
        if out is None:
            return as_result(prepared, workers=workers, progress=progress)
        folder = Path(out)
        resume = (folder / "manifest.json").is_file()
        return run_experiment(prepared, folder, workers=workers, resume=resume, progress=progress)


def compare(
    base: Result,
    *variants: Result,
    names: tuple[str, ...] | None = None,
    level: float = 0.95,
    everything: bool = False,
) -> Comparison:
    """Compare results with a base, replication by replication, from their stored tables.

    ``names`` are what to call base and variants, which else go by their scenarios. ``level`` is the
    confidence with which the intervals of one measure hold together; provinces are left out unless
    ``everything`` is asked for.

    Raises:
        UsageError: there is no variant, or the results do not share their luck or their start.
        ValueError: the level lies outside (0, 1), or there are too few or too many names.
    """
    results = name_results([base, *variants])
    if names is not None:
        results = [
            Result(result.path, name, result.manifest)
            for result, name in zip(results, names, strict=True)
        ]
    return compare_results(results, level=level, everything=everything)


def differences(comparison: Comparison) -> pa.Table:
    """Return the differences of a comparison as a table, a row for each measure and variant; its
    columns are the fields of :class:`sim.comparing.compare.Difference`. Null is no value."""
    columns = {
        field.name: [_plain(getattr(row, field.name)) for row in comparison.differences]
        for field in fields(Difference)
    }
    return pa.table(columns)


def plot(
    shown: Result | Comparison, kind: str = "coverage", *, ax: Axes | None = None, **options: Any
) -> Axes:
    """Draw a figure of a result or a comparison on axes, new ones unless given, and return them.

    Of a result: flow, in-transit, coverage, map, vehicles (with ``fleet=``), station (with
    ``station=``), requests (with ``name=``), verdicts. Of a comparison: gains, gain-map,
    differences. ``options`` are those of the function that draws it, ``sim.plots``.

    Raises:
        UsageError: there is no such kind of figure.
        ValueError: there is nothing to draw.
    """
    kinds = next(kinds for type_, kinds in _PLOTS.items() if isinstance(shown, type_))
    if kind not in kinds:
        hint = did_you_mean(kind, list(kinds))
        raise UsageError(
            f'there is no figure "{kind}" of a {type(shown).__name__.lower()}: there are '
            f"{', '.join(kinds)}" + (f" ({hint})" if hint else "")
        )
    module, function = kinds[kind]
    axes: Axes = getattr(import_module(module), function)(shown, ax=ax, **options)
    return axes


def _override(path: str, value: object) -> str:
    if isinstance(value, str):
        return f"{path}={value}"
    try:
        written = tomli_w.dumps({"value": value})
    except TypeError as error:
        raise UsageError(f"{path}: {error}") from None
    key, equals, text = written.partition(" = ")
    if key != "value" or not equals:
        raise UsageError(f"{path}: set the keys of a table one by one")
    return f"{path}={' '.join(text.split())}"


def _plain(value: object) -> object:
    if isinstance(value, float) and value != value:
        return None
    return value


@contextmanager
def _workers(jobs: int, cluster: str | None) -> Iterator[Workers]:
    if jobs < 1:
        raise UsageError(f"jobs must be at least 1, found {jobs}")
    with open_workers(jobs, cluster) as workers:
        yield workers
