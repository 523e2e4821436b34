"""``postroad run``: from scenario files to result folders."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.text import Text

from sim.cli.common import (
    err_console,
    json_option,
    load_all,
    out_console,
    print_blocks,
    print_json,
    set_option,
    working,
)
from sim.cli.running import (
    cluster_option,
    jobs_option,
    progress_of,
    replications_option,
    seed_option,
    with_options,
    workers_for,
)
from sim.errors import UsageError
from sim.experiment.run import default_folder, prepare, run_experiment
from sim.memo import Memo
from sim.scenario.load import LoadedScenario
from sim.store.folder import check_usable


@click.command()
@click.argument("scenarios", nargs=-1, required=True, type=click.Path(path_type=Path))
@set_option
@replications_option
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
    replications: int | None,
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

    Every scenario is validated before the first one runs, and each gets its own result folder.
    """
    from sim.report.outcome import outcome_json, outcome_text

    if overwrite and resume:
        raise UsageError("--overwrite and --resume exclude each other")
    loaded = load_all(scenarios, with_options(overrides, replications, seed))
    folders = _folders(loaded, out)
    for folder in folders:
        check_usable(folder, overwrite=overwrite, resume=resume)
    prose = err_console() if as_json else out_console()
    with working("planning"):
        memo = Memo()
        waiting = [prepare(scenario, memo) for scenario in loaded]  # all, before the first one runs
    contradicted = False
    most = max(scenario.scenario.replications for scenario in loaded)
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
                    overwrite=overwrite,
                    resume=resume,
                    ledger=ledger,
                    command=("postroad", *sys.argv[1:]),
                    progress=progress,
                )
            if not no_figures:
                from sim.plots.gallery import draw_figures

                with working("drawing the figures"):
                    draw_figures(result)
            if as_json:
                print_json(outcome_json(result))
            print_blocks(prose, outcome_text(result, prepared))
            contradicted |= any(row["verdict"] == "contradicted" for row in result.verdicts)
            contradicted |= any(row["verdict"] == "differs" for row in result.expected)
    if fail_on_contradicted and contradicted:
        raise click.exceptions.Exit(3)


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
