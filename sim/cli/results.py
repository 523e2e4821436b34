"""Commands that start from stored results."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.common import err_console, json_option, out_console, print_blocks, print_json, working
from sim.errors import UsageError
from sim.store.result import open_result


@click.command()
@click.argument("result", type=click.Path(path_type=Path))
@click.option(
    "--scenario",
    type=click.Path(path_type=Path),
    help="Score against the reported figures and expected values of this file instead of the "
    "result's own.",
)
@json_option
def check_command(result: Path, scenario: Path | None, as_json: bool) -> None:
    """Score RESULT, a result folder, against reported figures and theory again; nothing is run.

    Bands, values and wording may have changed since; a figure that asks for another moment or place
    was not recorded and needs a new run. Exit code 3 if a figure is contradicted, or a measure
    differs from what theory expects.
    """
    from sim.experiment.run import score, score_expected, verdict_row
    from sim.report.outcome import verdict_table
    from sim.report.theory import theory_table
    from sim.scenario.load import load_scenario

    opened = open_result(result)
    asked = load_scenario(scenario) if scenario is not None else None
    verdicts = [verdict_row(verdict) for verdict in score(opened, asked)]
    expected = [verdict_row(found) for found in score_expected(opened, asked)]
    if as_json:
        print_json(
            {
                "scenario": opened.name,
                "out": str(opened.path),
                "verdicts": verdicts,
                "expected": expected,
            }
        )
    else:
        if verdicts:
            out_console().print(verdict_table(opened, verdicts))
        if expected:
            out_console().print(theory_table(expected))
        if not verdicts and not expected:
            click.echo("the scenario reports no figures to check, and expects no values")
    if any(row["verdict"] in ("contradicted", "differs") for row in (*verdicts, *expected)):
        raise click.exceptions.Exit(3)


@click.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for the figures; results/compare-... unless given.",
)
@click.option("--overwrite", is_flag=True, help="Replace figures that are there.")
@click.option("--all", "everything", is_flag=True, help="Compare all measures, provinces too.")
@json_option
def compare_command(
    results: tuple[Path, ...], out: Path | None, overwrite: bool, everything: bool, as_json: bool
) -> None:
    """Set two or more RESULTS side by side: overlaid curves with reported points, and measures."""
    from sim.plots.gallery import draw_comparison
    from sim.report.comparison import comparison_rows, comparison_table, name_results

    if len(results) < 2:
        raise UsageError("compare needs at least two result folders")
    opened = name_results([open_result(path) for path in results])
    starts = {result.start for result in opened}
    if len(starts) > 1:
        raise UsageError("the results start at different times: their curves do not compare")
    folder = out or Path("results") / (
        "compare-" + "-".join(r.manifest["digest"][:8] for r in opened)
    )
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file: choose another --out")
    if folder.exists() and any(folder.iterdir()) and not overwrite:
        raise UsageError(f"{folder} is not empty: choose another --out, or --overwrite it")
    with working("drawing the figures"):
        files = draw_comparison(opened, folder)
    rows = comparison_rows(opened, everything=everything)
    prose = err_console() if as_json else out_console()
    if as_json:
        print_json(
            {
                "results": [{"name": r.name, "out": str(r.path)} for r in opened],
                "out": str(folder),
                "measures": rows,
                "verdicts": [{"name": r.name, "verdicts": r.verdicts} for r in opened],
                "expected": [{"name": r.name, "expected": r.expected} for r in opened],
            }
        )
    else:
        print_blocks(prose, comparison_table(opened, rows))
    print_blocks(prose, ["", f"{folder}: {len(files)} files"])
