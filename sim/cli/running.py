"""What the commands share that run replications: options, workers, progress."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sim.cli.common import err_console, print_blocks
from sim.experiment.executors import Workers, open_workers

replications_option = click.option(
    "--replications", type=click.IntRange(min=1), help="How many runs of each scenario."
)
seed_option = click.option("--seed", type=click.IntRange(min=0), help="Seed of all random streams.")
jobs_option = click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    default=None,
    help="Worker processes; as many as there are cores unless given.",
)
cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Run on a Dask cluster, such as tcp://10.0.0.1:8786, instead of on this machine.",
)


def with_options(
    overrides: tuple[str, ...], replications: int | None, seed: int | None
) -> tuple[str, ...]:
    """Return the overrides with what ``--replications`` and ``--seed`` say, which go last."""
    return (
        *overrides,
        *(() if replications is None else (f"replications={replications}",)),
        *(() if seed is None else (f"seed={seed}",)),
    )


@contextmanager
def workers_for(runs: int, jobs: int | None, cluster: str | None) -> Iterator[Workers]:
    """Open the workers that were asked for, and no more than there are runs; at the end, say if any
    were lost.

    Raises:
        UsageError: the cluster cannot be reached, or is not fit.
    """
    with open_workers(min(jobs or cores(), max(runs, 1)), cluster) as workers:
        yield workers
        if workers.losses:
            times = "once" if workers.losses == 1 else f"{workers.losses} times"
            said = f"a worker died {times} (out of memory, or killed): what it was at ran again"
            print_blocks(err_console(), [f"note: {said}"])


def say_notes(manifest: Mapping[str, Any], besides: Sequence[str] = ()) -> None:
    """Say what an experiment noted while it ran; what was said before is left out."""
    notes = [note for note in manifest.get("notes", ()) if note not in besides]
    print_blocks(err_console(), [f"note: {note}" for note in notes])


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def progress_of(
    name: str, what: str = "replications"
) -> Iterator[Callable[[int, int | None], None]]:
    """Show progress with the time left, on a terminal only; call it with what is done, and all."""
    console = err_console()
    if not console.is_terminal:
        yield lambda done, total: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{what}, time left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
