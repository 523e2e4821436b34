"""Commands that start from stored results."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.common import json_option, out_console, print_json
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
    opened.check()
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
