"""``postroad plan``: the smallest value, or the cheapest combination, for which goals hold."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from sim.cli.common import (
    drawing,
    err_console,
    json_option,
    out_console,
    print_blocks,
    print_json,
    set_option,
    working,
)
from sim.cli.running import (
    cluster_option,
    jobs_option,
    say_notes,
    seed_option,
    with_options,
    workers_for,
)
from sim.errors import UsageError


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "--choose",
    "choose",
    multiple=True,
    required=True,
    metavar="PATH=VALUES",
    help="What may be chosen: fleets.county-van.vehicles=1:12, =2:12:2 or =2,4,8. Repeatable.",
)
@click.option(
    "--until",
    multiple=True,
    required=True,
    metavar="GOAL",
    help="What must hold in a run: 'coverage(14 d) >= 0.95'. Repeatable; all hold together.",
)
@click.option(
    "--cost",
    "costs",
    multiple=True,
    metavar="PATH=COST",
    help="What one of a choice costs: fleets.county-van.vehicles=300. Repeatable.",
)
@click.option(
    "--probability",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="In which share of runs the goals are to hold.",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="How sure the claim of that is to be.",
)
@click.option(
    "--max-replications",
    type=click.IntRange(min=1),
    help="Most confirming runs of one combination; 208 for 0.95 and 0.95.",
)
@set_option
@seed_option
@jobs_option
@cluster_option
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder; results/plan-... if not given."
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier plan in the folder.")
@click.option("--resume", is_flag=True, help="Go on with a plan that was stopped.")
@click.option("--no-figures", is_flag=True, help="Leave the figures out.")
@click.option(
    "--fail-if-unreachable",
    is_flag=True,
    help="Exit with 3 unless something is shown to be enough.",
)
@json_option
def plan_command(
    scenario: Path,
    choose: tuple[str, ...],
    until: tuple[str, ...],
    costs: tuple[str, ...],
    probability: float,
    confidence: float,
    max_replications: int | None,
    overrides: tuple[str, ...],
    seed: int | None,
    jobs: int | None,
    cluster: str | None,
    out: Path | None,
    overwrite: bool,
    resume: bool,
    no_figures: bool,
    fail_if_unreachable: bool,
    as_json: bool,
) -> None:
    """Find the smallest value of a choice in SCENARIO for which goals hold in enough runs.

    With several choices, each with its cost, it is the cheapest combination. The claim comes with
    its confidence: with 0.95 and 0.95, some sixty runs in a row that all hold.
    """
    from sim.deciding.choices import parse_choices
    from sim.deciding.decide import decide, decision_folder
    from sim.deciding.question import ask_question
    from sim.measures.goals import parse_goals
    from sim.report.planning import decision_json, decision_lines, question_lines
    from sim.store.folder import check_usable

    if overwrite and resume:
        raise UsageError("--overwrite and --resume exclude each other")
    goals = parse_goals(until)
    choices = parse_choices(choose, costs)
    with working("checking the combinations"):
        question = ask_question(
            scenario,
            with_options(overrides, None, seed),
            choices,
            goals,
            probability=probability,
            confidence=confidence,
            most=max_replications,
        )
    folder = out or decision_folder(question)
    check_usable(folder, overwrite=overwrite, resume=resume)
    prose = err_console() if as_json else out_console()
    print_blocks(prose, [Text(question.base.scenario.title, style="bold")])
    print_blocks(prose, [*question_lines(question), ""])
    with workers_for(question.scheme.most, jobs, cluster) as workers, _progress() as progress:
        decision = decide(
            question,
            folder,
            workers=workers,
            overwrite=overwrite,
            resume=resume,
            command=("postroad", *sys.argv[1:]),
            progress=progress,
        )
    say_notes(decision.manifest)
    files = 0
    if not no_figures:
        from sim.plots.deciding.gallery import draw_decision

        with drawing(folder, f"run again with --out {folder} --resume"):
            files = len(draw_decision(decision)) // 3
    if as_json:
        print_json(decision_json(decision))
    print_blocks(prose, decision_lines(decision))
    drawn = f"{files} figure{'' if files == 1 else 's'}, " if files else ""
    print_blocks(prose, ["", f"{folder}: {drawn}plan.json, runs.parquet"])
    if fail_if_unreachable and decision.answer is None:
        raise click.exceptions.Exit(3)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show what is being run, and how far it is, on a terminal only."""
    console = err_console()
    if not console.is_terminal:
        yield lambda what, done, total: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("runs, time left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("planning", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total
        )
