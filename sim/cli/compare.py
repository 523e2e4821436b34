"""``postroad compare``: results, or scenarios that are run first, against one another."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sim.cli.common import (
    drawing,
    err_console,
    json_option,
    load_with_variants,
    out_console,
    print_blocks,
    print_json,
    set_option,
    with_variants,
    working,
)
from sim.cli.running import (
    cluster_option,
    jobs_option,
    progress_of,
    replications_option,
    say_notes,
    seed_option,
    with_options,
    workers_for,
)
from sim.comparing.pairing import check_pairable, luck_ahead, luck_of
from sim.errors import UsageError
from sim.experiment.executors import Workers
from sim.experiment.obtain import as_result, check_default_folder, held_result
from sim.experiment.run import Prepared, prepare
from sim.memo import Memo
from sim.scenario.load import LoadedScenario
from sim.store.result import Result, open_result

Source = Result | LoadedScenario


@click.command()
@click.argument("addresses", nargs=-1, required=True, metavar="BASE [VARIANT]...")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for the figures; results/compare-... unless given.",
)
@click.option("--overwrite", is_flag=True, help="Replace figures that are there.")
@click.option("--all", "everything", is_flag=True, help="Compare all measures, provinces too.")
@click.option(
    "--by",
    metavar="MEASURE[@WHERE]",
    help="Rank by this measure (of an echelon, product, fleet, station or lane); T90 where goods "
    "end unless given.",
)
@click.option(
    "--level",
    type=click.FloatRange(0.0, 1.0, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Confidence with which the intervals of one measure hold together.",
)
@set_option
@replications_option
@seed_option
@jobs_option
@cluster_option
@json_option
def compare_command(
    addresses: tuple[str, ...],
    out: Path | None,
    overwrite: bool,
    everything: bool,
    by: str | None,
    level: float,
    overrides: tuple[str, ...],
    replications: int | None,
    seed: int | None,
    jobs: int | None,
    cluster: str | None,
    as_json: bool,
) -> None:
    """Say what each VARIANT changes against BASE, run by run, and how sure that is.

    Each is a result folder, or a scenario: FILE, or FILE#NAME for one of its variants. One file
    alone is compared with all of its variants. A scenario is run first, unless its finished result
    is in its folder already; --set, --replications and --seed change scenarios.
    """
    from sim.comparing.compare import compare_results
    from sim.comparing.ranking import rankings
    from sim.plots.comparing.gallery import draw_comparison
    from sim.report.comparison import comparison_json, comparison_text, name_results

    if out is not None:
        _check_out(out, overwrite)
    sources = _sources(addresses, with_options(overrides, replications, seed))
    check_pairable([luck_of(s) if isinstance(s, Result) else luck_ahead(s) for s in sources])
    results = name_results(_obtain(sources, jobs, cluster))
    compared = compare_results(results, level=level, everything=everything)
    ranked = rankings(compared, by)
    folder = out or Path("results") / (
        "compare-" + "-".join(r.manifest["digest"][:8] for r in results)
    )
    _check_out(folder, overwrite)
    with drawing(folder, "compare again with --overwrite"):
        files = draw_comparison(compared, folder)
    prose = err_console() if as_json else out_console()
    print_blocks(err_console(), [f"note: {note}" for note in compared.notes])
    if as_json:
        print_json(comparison_json(compared, ranked, folder, everything=everything))
    else:
        print_blocks(prose, comparison_text(compared, ranked, everything=everything))
    print_blocks(prose, ["", f"{folder}: {len(files)} files"])


def _check_out(folder: Path, overwrite: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file: choose another --out")
    if folder.exists() and any(folder.iterdir()) and not overwrite:
        raise UsageError(f"{folder} is not empty: choose another --out, or --overwrite it")


def _sources(addresses: tuple[str, ...], overrides: tuple[str, ...]) -> list[Source]:
    """Open the results and load the scenarios; nothing is run. One file alone stands for itself and
    its variants.

    Raises:
        UsageError: there is nothing to compare, a folder holds no finished result, there are
            overrides and no scenario, or a scenario's result folder holds something else.
        ScenarioError: with the problems of all scenarios.
    """
    paths = [Path(address) for address in addresses]
    if len(paths) == 1 and not paths[0].is_dir():
        paths = with_variants(paths)
        if len(paths) == 1 and paths[0].exists():
            raise UsageError(
                f"{paths[0]} holds no variants to compare it with: give another scenario or result"
            )
    elif len(paths) == 1:
        raise UsageError("compare needs at least two results or scenarios")
    results = {path: open_result(path) for path in paths if path.is_dir()}
    files = [path for path in paths if path not in results]
    if overrides and not files:
        raise UsageError(
            "--set, --replications and --seed change scenarios, and only results are given: they "
            "are compared as they are"
        )
    loaded = load_with_variants(files, overrides)
    for scenario in loaded:
        check_default_folder(scenario)
    waiting = iter(loaded)
    return [results[path] if path in results else next(waiting) for path in paths]


def _obtain(sources: list[Source], jobs: int | None, cluster: str | None) -> list[Result]:
    """Return the results of all sources; all scenarios are planned before the first one runs."""
    found = [s if isinstance(s, Result) else held_result(s) for s in sources]
    memo = Memo()
    with working("planning"):
        waiting = {
            index: prepare(source, memo)
            for index, source in enumerate(sources)
            if found[index] is None and not isinstance(source, Result)
        }
    for held, source in zip(found, sources, strict=True):
        if held is not None and not isinstance(source, Result):
            said = f"{held.path}: {held.replications} replications, not run again"
            print_blocks(err_console(), [said])
    if waiting:
        most = max(prepared.loaded.scenario.replications for prepared in waiting.values())
        with workers_for(most, jobs, cluster) as workers:
            for index in list(waiting):
                found[index] = _run(waiting.pop(index), workers)  # and let go once it has run
    return [result for result in found if result is not None]


def _run(prepared: Prepared, workers: Workers) -> Result:
    name = prepared.loaded.name
    print_blocks(err_console(), [f"running {name}"])
    print_blocks(err_console(), [f"note: {note}" for note in prepared.plan.notes])
    with progress_of(name) as progress:
        command = ("postroad", *sys.argv[1:])
        result = as_result(prepared, workers=workers, command=command, progress=progress)
    say_notes(result.manifest, besides=prepared.plan.notes)
    print_blocks(err_console(), [f"{result.path}: {result.replications} replications"])
    return result
