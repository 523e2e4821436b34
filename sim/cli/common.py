"""Habits that the commands share: options, consoles, loading all scenarios before any runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click
from rich.console import Console, RenderableType
from rich.text import Text

from sim.errors import Interrupted, Problem, RunError, ScenarioError
from sim.scenario.address import split_address
from sim.scenario.load import LoadedScenario, load_scenario
from sim.scenario.variants import variants_of

set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one value of the scenario, such as fleets.county-van.vehicles=6. Repeatable.",
)
json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON on standard output, prose on standard error.",
)


def out_console() -> Console:
    """Return a console for what was asked for; wide where it is not a terminal."""
    return _console(stderr=False)


def err_console() -> Console:
    """Return a console for progress, warnings and, beside --json, prose."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    # No markup and no emoji: what scenario files say is printed as it stands, brackets and all.
    plain: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False}
    console = Console(stderr=stderr, **plain)
    return console if console.is_terminal else Console(stderr=stderr, width=132, **plain)


def print_blocks(console: Console, blocks: Iterable[RenderableType]) -> None:
    """Print an account block by block; lines of text are wrapped on a terminal only."""
    for block in blocks:
        is_line = isinstance(block, str | Text)
        console.print(block, soft_wrap=is_line and not console.is_terminal)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say what is going on while it takes its time, on a terminal only."""
    console = err_console()
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield


@contextmanager
def drawing(folder: Path, again: str) -> Iterator[None]:
    """Draw figures into a folder, or say what stopped that: the results are there by then.

    ``again`` says what to do.

    Raises:
        RunError: the figures cannot be written.
        Interrupted: the user pressed Ctrl-C.
    """
    try:
        with working("drawing the figures"):
            yield
    except OSError as error:
        said = f"cannot write the figures ({error}); the results are complete"
        raise RunError(f"{said}: free some space, and {again}") from None
    except KeyboardInterrupt:
        raise Interrupted(
            f"stopped while the figures in {folder} were drawn; the results are complete: {again}"
        ) from None


def print_json(value: Any) -> None:
    """Print a value as one line of JSON; there is no NaN in JSON, so it becomes null."""
    click.echo(json.dumps(_plain(value), ensure_ascii=False, allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def load_all(paths: Sequence[Path | str], overrides: Sequence[str]) -> list[LoadedScenario]:
    """Load all scenarios, or raise one ScenarioError with the problems of all of them."""
    loaded: list[LoadedScenario] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            loaded.append(load_scenario(path, overrides))
        except ScenarioError as error:
            problems.extend(error.problems)
    if problems:
        raise ScenarioError(problems)
    return loaded


def with_variants(paths: Iterable[Path]) -> list[Path]:
    """Return the addresses of files, each with those of its variants right after it.

    FILE#NAME stands for itself; so does a file that cannot be read: loading it says why.
    """
    addresses: list[Path] = []
    for path in paths:
        addresses.append(path)
        with suppress(ScenarioError):
            addresses += [Path(variant.address) for variant in variants_of(path)]
    return addresses


def load_with_variants(addresses: Sequence[Path], overrides: Sequence[str]) -> list[LoadedScenario]:
    """Load files and variants, as ``with_variants`` returns them.

    Raises:
        ScenarioError: with the problems of all of them; what is wrong with a file is not said again
            of its variants.
    """
    loaded: list[LoadedScenario] = []
    problems: list[Problem] = []
    told: dict[Path, set[tuple[str, ...]]] = {}
    for address in addresses:
        file, variant = split_address(address)
        try:
            loaded.append(load_scenario(address, overrides))
        except ScenarioError as error:
            said = [
                problem for problem in error.problems if _words(problem) not in told.get(file, ())
            ]
            problems.extend(said)
            if variant is None:
                told[file] = {_words(problem) for problem in said}
    if problems:
        raise ScenarioError(problems)
    return loaded


def _words(problem: Problem) -> tuple[str, ...]:
    """Return what is said of a problem, wherever it stands: a variant may move it."""
    return problem.path, problem.expected, problem.found, problem.hint
