"""``postroad run``: from scenario files to result folders."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
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
from sim.errors import UsageError
from sim.experiment.run import default_folder, prepare, run_experiment
from sim.scenario.load import LoadedScenario
from sim.store.folder import check_usable


@click.command()
@click.argument("scenarios", nargs=-1, required=True, type=click.Path(path_type=Path))
@set_option
@click.option("--replications", type=click.IntRange(min=1), help="How many runs of each scenario.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of all random streams.")
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    default=None,
    help="Worker processes; as many as there are cores unless given.",
)
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
    overrides = (
        *overrides,
        *(() if replications is None else (f"replications={replications}",)),
        *(() if seed is None else (f"seed={seed}",)),
    )
    loaded = load_all(scenarios, overrides)
    folders = _folders(loaded, out)
    for folder in folders:
        check_usable(folder, overwrite=overwrite, resume=resume)
    prose = err_console() if as_json else out_console()
    contradicted = False
    with working("planning"):
        waiting = [prepare(scenario) for scenario in loaded]  # all, before the first one runs
    for scenario, folder in zip(loaded, folders, strict=True):
        prepared = waiting.pop(0)
        print_blocks(prose, [Text(scenario.scenario.title, style="bold")])
        print_blocks(err_console(), [f"note: {note}" for note in prepared.plan.notes])
        with _progress(scenario.name) as progress:
            result = run_experiment(
                prepared,
                folder,
                jobs=jobs or _cores(),
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


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """Show progress with the time left, on a terminal only."""
    console = err_console()
    if not console.is_terminal:
        yield lambda done, total: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("replications, time left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
