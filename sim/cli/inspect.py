"""Commands that look at scenarios without running them."""

from __future__ import annotations

import json
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from sim.cli.common import (
    json_option,
    load_with_variants,
    out_console,
    print_blocks,
    print_json,
    set_option,
    with_variants,
    working,
)
from sim.errors import Problem, ScenarioError, UsageError
from sim.scenario.load import LoadedScenario, load_scenario
from sim.scenario.schema import last_echelons
from sim.scenario.variants import changes_of, variants_of

#: Room for a table where nobody reads it on a terminal: every row is one whole line.
_WHOLE = 1000


@click.command()
@click.argument("folder", default="scenarios", type=click.Path(path_type=Path))
@json_option
def list_command(folder: Path, as_json: bool) -> None:
    """List the scenario files in FOLDER (scenarios/ unless given), a line each.

    It says when each starts, where its goods end, and which other files it extends or includes.
    Below a file stand its variants: #NAME is run as FILE#NAME, all of them with --variants.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}: name one, as in postroad list FOLDER")
    rows = [_listed(path) for path in sorted(folder.glob("*.toml"))]
    if as_json:
        print_json(rows)
        return
    if not rows:
        raise UsageError(f"there are no scenario files (*.toml) in {folder}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = ["scenario", "title", "start", "ends at"]
    if any(row["extends"] or row["includes"] for row in rows):
        columns.append("made from")
    for column in columns:
        table.add_column(column, no_wrap=column in ("scenario", "start"), overflow="fold")
    for row in rows:
        made = [f"extends {row['extends']}"] if row["extends"] else []
        several = len(row["includes"]) > 2
        named = f"{len(row['includes'])} scenarios" if several else ", ".join(row["includes"])
        made += [f"includes {named}"] if row["includes"] else []
        cells = (row["name"], row["title"], (row["start"] or "")[:10], ", ".join(row["ends"]))
        table.add_row(*cells, *["; ".join(made)][: len(columns) - len(cells)])
        for variant in row["variants"]:
            table.add_row(f"  #{variant['name']}", variant["title"])
    console = out_console()
    if not console.is_terminal:
        console.width = _WHOLE
    console.print(table)


def _listed(path: Path) -> dict[str, Any]:
    """Return what there is to say of a scenario file without planning it."""
    from sim.report.words import echelon_title
    from sim.scenario.compose.files import made_from
    from sim.scenario.compose.written import read_written
    from sim.scenario.load import read_text

    extends, includes = None, list[str]()
    with suppress(ScenarioError):  # loading it will say why
        written = read_written(read_text(path), str(path))
        if not isinstance(written, Problem):
            extends, includes = made_from(written.document)
    row: dict[str, Any] = {"name": path.stem, "title": "", "file": str(path), "start": None}
    row |= {"ends": [], "extends": extends, "includes": includes, "variants": []}
    try:
        row["variants"] = [
            {"name": variant.name, "title": variant.title} for variant in variants_of(path)
        ]
        scenario = load_scenario(path).scenario
    except ScenarioError as error:
        count = len(error.problems)
        row["title"] = f"not valid: {count} problem{'s' * (count > 1)}, see postroad validate"
        return row
    ends = [echelon_title(name, scenario.echelons[name]) for name in last_echelons(scenario)]
    return {
        **row,
        "title": scenario.title,
        "start": scenario.start.isoformat(),
        "ends": ends,
    }


@click.command()
@click.argument("scenarios", nargs=-1, required=True, type=click.Path(path_type=Path))
@set_option
@json_option
def validate_command(
    scenarios: tuple[Path, ...], overrides: tuple[str, ...], as_json: bool
) -> None:
    """Check scenario files and all of their variants; every problem is told at once, with its
    place. Exit code 2 if any.

    A scenario is a file, or FILE#NAME for one of its variants alone.
    """
    from dataclasses import asdict

    addresses = with_variants(scenarios)
    try:
        problems = _unworkable(addresses, load_with_variants(addresses, overrides))
    except ScenarioError as error:
        if as_json:
            print_json([asdict(problem) for problem in error.problems])
        raise
    if as_json:
        print_json([asdict(problem) for problem in problems])
    if problems:
        raise UsageError("\n".join(problem.found for problem in problems))
    if not as_json:
        for address in addresses:
            click.echo(f"{address} is valid")


def _unworkable(addresses: list[Path], loaded: list[LoadedScenario]) -> list[Problem]:
    """Return which valid scenarios cannot be carried out; the same is said but once."""
    from sim.experiment.run import prepare
    from sim.memo import Memo

    memo = Memo()  # variants plan most of the same
    expected = "a scenario that can be carried out"
    problems: dict[str, Problem] = {}
    for address, scenario in zip(addresses, loaded, strict=True):
        with working(f"planning {address}"):
            try:
                prepare(scenario, memo)
            except UsageError as error:
                why = str(error).removeprefix(f"{scenario.name}: ")
                problem = Problem(str(address), 0, 0, "", expected, str(error))
                problems.setdefault(why, problem)
    return list(problems.values())


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@set_option
@json_option
def explain_command(scenario: Path, overrides: tuple[str, ...], as_json: bool) -> None:
    """Tell SCENARIO in words: echelons, lanes, quantities, loads and capacities, assumptions.

    It names the variants of a file, and of FILE#NAME it tells what that variant changes.
    """
    from sim.experiment.run import prepare
    from sim.report.explain import explain_facts, explain_text
    from sim.report.explain_variants import variant_blocks, variant_facts

    loaded = load_scenario(scenario, overrides)
    variants, changes = variants_of(scenario), changes_of(scenario, overrides)
    with working("planning"):
        prepared = prepare(loaded)
    if as_json:
        facts = explain_facts(prepared.loaded, prepared.network, prepared.plan)
        print_json({**facts, **variant_facts(scenario, variants, changes)})
        return
    blocks = explain_text(prepared.loaded, prepared.network, prepared.plan)
    print_blocks(out_console(), [*blocks, *variant_blocks(scenario, variants, changes)])


@click.command()
def schema_command() -> None:
    """Print the JSON Schema of scenario files, for editors and other programs."""
    from sim.scenario.export import file_schema

    click.echo(json.dumps(file_schema(), indent=2, ensure_ascii=False))


@click.command()
@json_option
def show_versions_command(as_json: bool) -> None:
    """Print the versions of Postroad, Python and the packages it stands on."""
    packages = (
        "postroad",
        "simpy",
        "numpy",
        "networkx",
        "matplotlib",
        "scipy",
        "pydantic",
        "click",
        "rich",
        "pyarrow",
        "holidays",
        "tree-sitter",
        "tree-sitter-toml",
        "tomli-w",
    )
    versions = {"python": platform.python_version(), "system": platform.system()}
    for package in packages:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    if as_json:
        print_json(versions)
        return
    width = max(map(len, versions))
    for name, number in versions.items():
        click.echo(f"{name:<{width}}  {number}")
