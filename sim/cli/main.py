"""``postroad``: the top of the command line. It imports click only, so that help is quick."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NoReturn

import click

#: Each command's module, and what the list of commands says of it.
COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("sim.cli.inspect", "List the scenarios in a folder, a line each."),
    "new": ("sim.cli.new", "Make a scenario of your own from one that is there."),
    "validate": (
        "sim.cli.inspect",
        "Say all that is wrong with scenario files, or that nothing is.",
    ),
    "explain": (
        "sim.cli.inspect",
        "Tell a scenario in words: what goes where, and what is assumed.",
    ),
    "sites": ("sim.cli.sites", "Print the sites and facilities of a scenario as a table."),
    "run": ("sim.cli.run", "Run scenarios: results, figures and verdicts."),
    "check": ("sim.cli.results", "Score stored results against reported figures and theory again."),
    "compare": ("sim.cli.compare", "Say what variants change, run by run, and how sure that is."),
    "sweep": ("sim.cli.sweep", "Run a scenario at many points: which factor decides what?"),
    "plan": ("sim.cli.plan", "Find the smallest value, or the cheapest, for which a goal holds."),
    "schema": ("sim.cli.inspect", "Print the JSON Schema of scenario files."),
    "show-versions": ("sim.cli.inspect", "Print the versions of Postroad and what it stands on."),
}


class Commands(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, cmd_name.replace("-", "_") + "_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; an unknown one gets a suggestion."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            from sim.errors import did_you_mean

            hint = did_you_mean(name, list(COMMANDS))
            ctx.fail(f'there is no command "{name}"' + (f"; {hint}" if hint else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="postroad", prog_name="postroad")
def postroad() -> None:
    """Simulate a medical-supply campaign: will every clinic have its devices in time, what
    decides it, and what would it take?

    Start with: postroad run scenarios/oximeters-2023.toml
    """


def main() -> NoReturn:
    """Run the command line and leave with its exit code.

    0 good; 1 a run failed or an invariant broke; 2 usage or invalid scenario; 3 a reported figure
    is contradicted or a measure differs from theory (check, run --fail-on-contradicted); 130
    interrupted, finished runs kept.
    """
    try:
        # Without standalone mode click returns the code of ctx.exit() or Exit instead of leaving.
        code = postroad.main(prog_name="postroad", standalone_mode=False)
        sys.stdout.flush()  # here, where it is told if it cannot be written
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        from sim.errors import PostroadError

        if isinstance(error, OSError):
            click.echo(f"cannot go on: {_words(error)}", err=True)
            _leave_out_the_rest()
            sys.exit(1)
        if not isinstance(error, PostroadError):
            raise
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    sys.exit(code if isinstance(code, int) else 0)


def _words(error: OSError) -> str:
    """Return what the system says of a file: a full disk, no permission, and which file."""
    file = f"{error.filename}: " if error.filename else ""
    return f"{file}{error.strerror or error}"


def _leave_out_the_rest() -> None:
    """Forget what could not be written to standard output, else Python tries again as it ends."""
    import os
    from contextlib import suppress

    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
