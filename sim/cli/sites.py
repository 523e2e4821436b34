"""``postroad sites``: the sites and facilities of a scenario as a table that can be read back."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.common import set_option, working
from sim.errors import UsageError, did_you_mean
from sim.scenario.load import load_scenario


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@set_option
@click.option("--echelon", help="Only the sites or facilities of this echelon.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file instead.")
@click.option("--overwrite", is_flag=True, help="Replace the file if there is one.")
def sites_command(
    scenario: Path,
    overrides: tuple[str, ...],
    echelon: str | None,
    out: Path | None,
    overwrite: bool,
) -> None:
    """Print the sites and facilities of SCENARIO as a CSV table, drawn ones included.

    Change what you know better, name the table under [files] as its sites, and take "sites" and
    what it draws by out of the echelon: then these are its facilities.
    """
    from sim.network import build_network
    from sim.report.sites import site_rows, site_table

    loaded = load_scenario(scenario, overrides)
    echelons = list(loaded.scenario.echelons)
    if echelon is not None and echelon not in echelons:
        hint = did_you_mean(echelon, echelons) or f"there are {', '.join(echelons)}"
        raise UsageError(f'{loaded.name} has no echelon "{echelon}"; {hint}')
    if out is not None and out.exists() and not overwrite:
        raise UsageError(f"{out} is there already: say --overwrite to replace it")
    with working("laying out the network"):
        try:
            network = build_network(loaded.scenario)
        except ValueError as error:
            raise UsageError(f"{loaded.name}: {error}") from None
    for note in network.notes:
        click.echo(f"note: {note}", err=True)
    rows = site_rows(loaded.scenario, network, echelon)
    text = site_table(rows)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written: {(error.strerror or str(error)).lower()}"
        ) from None
    click.echo(f"{out}: {len(rows):,} rows", err=True)
