"""Habits that the commands share: options, consoles, loading all scenarios before any runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console, RenderableType
from rich.text import Text

from sim.errors import Problem, ScenarioError
from sim.scenario.load import LoadedScenario, load_scenario

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


def load_all(paths: Sequence[Path], overrides: Sequence[str]) -> list[LoadedScenario]:
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
