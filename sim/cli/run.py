"""``postroad run``: from scenario files to result folders."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import RenderableType
from rich.text import Text

from sim.cli.common import (
    drawing,
    err_console,
    json_option,
    load_all,
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
from sim.errors import UsageError
from sim.experiment.precision import MOST, Precision, seek_precision
from sim.experiment.run import Prepared, default_folder, prepare, run_experiment
from sim.measures.precision import Wanted, parse_precision
from sim.memo import Memo
from sim.scenario.address import split_address
from sim.scenario.load import LoadedScenario
from sim.store.folder import check_usable


@click.command()
@click.argument("scenarios", nargs=-1, required=True, type=click.Path(path_type=Path))
@set_option
@click.option("--variants", is_flag=True, help="Run all variants of each file too.")
@replications_option
@click.option(
    "--precision",
    "precisions",
    multiple=True,
    metavar="MEASURE=WIDTH",
    help="Run until the mean of a measure is known to so much on either side with 95 % confidence, "
    "such as T90@clinic=6h or trips=5%. Repeatable.",
)
@click.option(
    "--max-replications",
    type=click.IntRange(min=1),
    help=f"Most runs of each scenario that --precision makes; {MOST:,} unless given.",
)
@seed_option
@jobs_option
@cluster_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Result folder; with several scenarios, the folder that gets one for each.",
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier result in the folder.")
@click.option("--resume", is_flag=True, help="Run only the replications that are missing there.")
@click.option("--ledger", is_flag=True, help="Keep every event of every run (10 MB if national).")
@click.option("--no-figures", is_flag=True, help="Leave the figures out.")
@click.option(
    "--fail-on-contradicted",
    is_flag=True,
    help="Exit with 3 if a reported figure is contradicted, or a measure differs from theory.",
)
@json_option
def run_command(
    scenarios: tuple[Path, ...],
    overrides: tuple[str, ...],
    variants: bool,
    replications: int | None,
    precisions: tuple[str, ...],
    max_replications: int | None,
    seed: int | None,
    jobs: int | None,
    cluster: str | None,
    out: Path | None,
    overwrite: bool,
    resume: bool,
    ledger: bool,
    no_figures: bool,
    fail_on_contradicted: bool,
    as_json: bool,
) -> None:
    """Run SCENARIOS: replications, measures with intervals, verdicts and figures.

    A scenario is a file, or FILE#NAME for one of its [variants]. Every scenario is validated before
    the first one runs, and each gets its own result folder.
    """
    from sim.report.outcome import next_lines, outcome_json, outcome_text

    if overwrite and resume:
        raise UsageError("--overwrite and --resume exclude each other")
    if max_replications is not None and not precisions:
        raise UsageError("--max-replications goes with --precision; without it, say --replications")
    wanted = [parse_precision(text) for text in precisions]
    settings = with_options(overrides, replications, seed)
    loaded = _with_variants(scenarios, settings) if variants else load_all(scenarios, settings)
    folders = _folders(loaded, out)
    for folder in folders:
        check_usable(folder, overwrite=overwrite, resume=resume)
    prose = err_console() if as_json else out_console()
    with working("planning"):
        memo = Memo()  # variants plan most of the same
        waiting = [prepare(scenario, memo) for scenario in loaded]  # all, before the first one runs
        del memo
        sought = [_sought(prepared, wanted, max_replications or MOST) for prepared in waiting]
    contradicted = False
    most = max(scenario.scenario.replications for scenario in loaded)
    most = max([most, *(precision.most for precision in sought if precision is not None)])
    with workers_for(most, jobs, cluster) as workers:
        for folder in folders:
            prepared = waiting.pop(0)  # and let go once it has run
            print_blocks(prose, [Text(prepared.loaded.scenario.title, style="bold")])
            print_blocks(err_console(), [f"note: {note}" for note in prepared.plan.notes])
            with progress_of(prepared.loaded.name) as progress:
                result = run_experiment(
                    prepared,
                    folder,
                    workers=workers,
                    precision=sought.pop(0),
                    overwrite=overwrite,
                    resume=resume,
                    ledger=ledger,
                    command=("postroad", *sys.argv[1:]),
                    progress=progress,
                )
            say_notes(result.manifest, besides=prepared.plan.notes)
            if not no_figures:
                from sim.plots.gallery import draw_figures

                with drawing(folder, f"run again with --out {folder} --resume"):
                    draw_figures(result)
            if as_json:
                print_json(outcome_json(result))
            print_blocks(prose, outcome_text(result, prepared))
            if len(loaded) == 1:
                print_blocks(prose, next_lines(result))
            contradicted |= any(row["verdict"] == "contradicted" for row in result.verdicts)
            contradicted |= any(row["verdict"] == "differs" for row in result.expected)
    if len(loaded) > 1:
        print_blocks(prose, _where(loaded, folders))
    if fail_on_contradicted and contradicted:
        raise click.exceptions.Exit(3)


def _sought(prepared: Prepared, wanted: list[Wanted], most: int) -> Precision | None:
    """Return what ``--precision`` asks of a scenario; None if it asks nothing."""
    if not wanted:
        return None
    scenario = prepared.loaded.scenario
    return seek_precision(wanted, scenario, prepared.plan, prepared.scope, most)


def _with_variants(files: tuple[Path, ...], overrides: tuple[str, ...]) -> list[LoadedScenario]:
    """Load files and all of their variants."""
    addresses = with_variants(files)
    loaded = load_with_variants(addresses, overrides)
    if len(addresses) == len(files) and not any(split_address(file)[1] for file in files):
        several = "none of these files has" if len(files) > 1 else f"{files[0]} has no"
        raise UsageError(f"{several} variants: a table [variants.NAME] in it would say one")
    return loaded


def _where(loaded: list[LoadedScenario], folders: list[Path]) -> list[RenderableType]:
    """Say where the results of several scenarios are, and how to set them side by side."""
    width = max(len(scenario.name) for scenario in loaded)
    lines: list[RenderableType] = [
        f"{scenario.name:<{width}}  {folder}"
        for scenario, folder in zip(loaded, folders, strict=True)
    ]
    lines.append(Text(f"next: postroad compare {' '.join(map(str, folders))}", style="dim"))
    return ["", *lines]


def _folders(loaded: list[LoadedScenario], out: Path | None) -> list[Path]:
    if out is None:
        folders = [default_folder(scenario) for scenario in loaded]
    elif len(loaded) == 1:
        folders = [out]
    else:
        folders = [out / f"{scenario.name}-{scenario.digest[:8]}" for scenario in loaded]
    if len(set(folders)) < len(folders):
        raise UsageError("two of the scenarios are the same: give each once")
    return folders
