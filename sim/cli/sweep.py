"""``postroad sweep``: a scenario at many points, and which factor decides what."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
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
    progress_of,
    replications_option,
    say_notes,
    seed_option,
    with_options,
    workers_for,
)
from sim.errors import UsageError
from sim.store.folder import check_usable
from sim.sweeping.layout import KINDS, Kind, lay_out
from sim.units import show_hours

#: Seconds of runs after which the rest is estimated, where there is as much of it.
_ESTIMATE_AFTER_S = 10.0


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@set_option
@click.option(
    "--vary",
    multiple=True,
    metavar="PATH[=LOW..HIGH]",
    help="Vary a value over the range that it declares, or over one given here; * in PATH stands "
    "for any letters. Repeatable.",
)
@click.option(
    "--together",
    multiple=True,
    metavar="PATTERN",
    help="Vary all values that fit as one factor, each over its own range. Repeatable.",
)
@click.option("--assumptions", is_flag=True, help="Vary all assumed values that declare ranges.")
@click.option("--all-ranges", is_flag=True, help="Vary derived and reported values as well.")
@click.option(
    "--log", multiple=True, metavar="PATH", help="Spread this range by ratio. Repeatable."
)
@click.option(
    "--design",
    type=click.Choice(KINDS),
    help="Which points: one-at-a-time unless only --set varies, which makes a grid.",
)
@click.option(
    "--points",
    type=click.IntRange(min=1),
    help="Steps of a range in a grid, points of a Latin hypercube, or rows of a block of a Sobol "
    "design, which has a block for each factor and two more.",
)
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="MEASURE[@WHERE]",
    help="What to account for and draw, such as T90@clinic. Repeatable.",
)
@click.option("--regions", is_flag=True, help="Keep the measures of regions as well.")
@replications_option
@seed_option
@jobs_option
@cluster_option
@click.option("--out", type=click.Path(path_type=Path), help="Result folder.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier sweep in the folder.")
@click.option("--resume", is_flag=True, help="Run only what is missing there.")
@click.option("--no-figures", is_flag=True, help="Leave the figures out.")
@json_option
def sweep_command(
    scenario: Path,
    overrides: tuple[str, ...],
    vary: tuple[str, ...],
    together: tuple[str, ...],
    assumptions: bool,
    all_ranges: bool,
    log: tuple[str, ...],
    design: Kind | None,
    points: int | None,
    measures: tuple[str, ...],
    regions: bool,
    replications: int | None,
    seed: int | None,
    jobs: int | None,
    cluster: str | None,
    out: Path | None,
    overwrite: bool,
    resume: bool,
    no_figures: bool,
    as_json: bool,
) -> None:
    """Run SCENARIO at many points, all with the same luck, and say which factor decides what.

    --set PATH=1,2,4 or PATH=1:12 varies a value; one value fixes it, as everywhere, and so does a
    list in brackets. Without anything to vary, every assumed value that declares a range is set to
    either end of it, one at a time. Every point is validated before the first one runs.
    """
    from sim.report.sweeps import plan_text, sweep_json, sweep_text
    from sim.scenario.load import load_scenario
    from sim.store.sweeptables import keep_effects
    from sim.sweeping.choose import Wanted, choose_axes, split_sets
    from sim.sweeping.effects import effects_of, effects_table
    from sim.sweeping.measured import check_measures, choose_measures
    from sim.sweeping.sweep import check_points, run_sweep, sweep_folder

    if overwrite and resume:
        raise UsageError("--overwrite and --resume exclude each other")
    fixed, factors = split_sets(overrides)
    fixed = with_options(fixed, replications, seed)
    loaded = load_scenario(scenario, fixed)
    check_measures(measures, loaded.scenario, regions=regions)
    wanted = Wanted(factors, vary, together, assumptions, all_ranges, log)
    axes = choose_axes(loaded.document, wanted)
    only_sets = bool(factors) and len(axes) == len(factors)
    layout = lay_out(
        design or ("grid" if only_sets else "one-at-a-time"), axes, points, loaded.scenario.seed
    )
    with working("checking all points"):
        checked = check_points(scenario, fixed, layout)
    folder = out or sweep_folder(checked, regions=regions)
    check_usable(folder, overwrite=overwrite, resume=resume)
    prose = err_console() if as_json else out_console()
    count, runs = len(layout.points), loaded.scenario.replications
    print_blocks(prose, [Text(loaded.scenario.title, style="bold")])
    print_blocks(prose, [plan_text(len(axes), layout.kind, count, runs), ""])
    with (
        workers_for(count * runs, jobs, cluster) as workers,
        progress_of(loaded.name) as progress,
    ):
        sweep = run_sweep(
            checked,
            folder,
            workers=workers,
            overwrite=overwrite,
            resume=resume,
            regions=regions,
            command=("postroad", *sys.argv[1:]),
            progress=_estimated(progress, runs),
        )
    say_notes(sweep.manifest)
    with drawing(folder, f"run again with --out {folder} --resume"):
        asked = choose_measures(measures, sweep.keys, loaded.scenario)
        effects = [effects_of(sweep, key, unit) for key, unit in asked]
        keep_effects(sweep, effects_table(sweep, effects))
        if not no_figures:
            from sim.plots.sweeping.gallery import draw_sweep

            draw_sweep(sweep, effects)
    if as_json:
        print_json(sweep_json(sweep, effects))
    print_blocks(prose, sweep_text(sweep, effects))


def _estimated(progress: Callable[[int, int], None], runs: int) -> Callable[[int, int], None]:
    """Return a progress that says once how long the rest will take, when the first points are
    through; the first of ``runs`` runs bears what is done once, and does not count."""
    times: list[tuple[float, int]] = []
    said: list[str] = []

    def report(done: int, total: int) -> None:
        progress(done, total)
        times.append((time.monotonic(), done))
        if said or len(times) < runs + 3 or done == total:
            return
        (begun, before), (now, _) = times[1], times[-1]
        left_s = (now - begun) / (done - before) * (total - done)
        if now - begun >= _ESTIMATE_AFTER_S and left_s >= _ESTIMATE_AFTER_S:
            left = show_hours(left_s / 3600)
            said.append(f"note: {done:,} of {total:,} runs so far, about {left} left")
            print_blocks(err_console(), said)

    return report
