"""Help is quick and complete; an unknown command is answered with a known one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from sim.cli.main import COMMANDS, main, postroad

HEAVY = ("numpy", "simpy", "networkx", "matplotlib", "scipy", "pyarrow", "pydantic", "rich")


def test_help_lists_every_command_and_imports_nothing_heavy(tmp_path: Path) -> None:
    probe = (
        "import sys\n"
        "from sim.cli.main import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as stopped:\n"
        "    print('exit', stopped.code)\n"
        f"print('imported', sorted(set({HEAVY!r}) & set(sys.modules)))\n"
    )
    for argument in ("--help", "-h", "--version"):
        done = subprocess.run(
            [sys.executable, "-c", probe, argument],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stderr == ""
        assert done.stdout.splitlines()[-2:] == ["exit 0", "imported []"]
        if argument != "--version":
            listed = done.stdout.partition("Commands:\n")[2].partition("exit 0")[0]
            assert [line.split()[0] for line in listed.splitlines() if line[2:3].isalpha()] == list(
                COMMANDS
            )


def test_the_command_is_installed_under_its_name() -> None:
    (script,) = entry_points(group="console_scripts", name="postroad")
    assert script.load() is main


def test_no_command_shows_help(call: Callable[..., object]) -> None:
    said = call()
    assert said.code == 2
    assert "Start with: postroad run" in said.out + said.err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, call: Callable[..., object]) -> None:
    said = call(command, "--help")
    assert said.code == 0
    assert said.err == ""
    assert said.out.startswith(f"Usage: postroad {command} [OPTIONS]")
    assert len(said.out.split("Options:")[0].splitlines()) >= 4


def test_every_option_says_what_it_does() -> None:
    context = postroad.make_context("postroad", ["list"], resilient_parsing=True)
    options = {
        f"{name} {option.name}": option
        for name in COMMANDS
        for option in postroad.get_command(context, name).params  # type: ignore[union-attr]
        if option.param_type_name == "option"
    }
    assert len(options) > 20
    assert [name for name, option in options.items() if not getattr(option, "help", "")] == []
    flags = {flag for option in options.values() for flag in option.opts if flag.startswith("--")}
    assert [flag for flag in flags if flag != flag.lower() or "_" in flag] == []  # kebab-case


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("vaildate", 'there is no command "vaildate"; did you mean "validate"?'),
        ("show_versions", 'there is no command "show_versions"; did you mean "show-versions"?'),
        ("frobnicate", 'there is no command "frobnicate"'),
    ],
)
def test_an_unknown_command_suggests_one(word: str, hint: str, call: Callable[..., object]) -> None:
    said = call(word, "x.toml")
    assert said.code == 2
    assert said.out == ""
    assert said.err.splitlines()[-1] == f"Error: {hint}"


@pytest.mark.parametrize(
    "arguments",
    [
        ("validate",),
        ("run",),
        ("run", "x.toml", "--jobs", "0"),
        ("run", "x.toml", "--replications", "none"),
        ("run", "x.toml", "--seed", "-1"),
        ("run", "x.toml", "--frob"),
        ("--frob",),
    ],
)
def test_wrong_usage_exits_with_2(arguments: tuple[str, ...], call: Callable[..., object]) -> None:
    said = call(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert "Error: " in said.err
