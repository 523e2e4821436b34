"""``postroad new``: a scenario of one's own, from one that is there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import click

from sim.errors import UsageError, did_you_mean
from sim.scenario.load import LoadedScenario, load_scenario

SCENARIOS = Path("scenarios")


@click.command()
@click.argument("name")
@click.option(
    "--from",
    "source",
    required=True,
    metavar="SCENARIO",
    help="The scenario to start from: a file, or the name of one in scenarios/.",
)
@click.option(
    "--extends",
    is_flag=True,
    help="Write a short file that says only what is different, instead of a copy.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Where to put it; scenarios/ if there is one here, else this folder.",
)
def new_command(name: str, source: str, *, extends: bool, folder: Path | None) -> None:
    """Make a scenario NAME.toml from another one, to be changed; nothing is ever overwritten.

    A copy has the comments of the original, and the files that it reads go with it.
    """
    if not re.fullmatch("[a-z0-9][a-z0-9-]*", name):
        near = re.sub(r"[^a-z0-9]+", "-", name.lower().removesuffix(".toml")).strip("-")
        hint = f", such as {near}" if near else ""
        raise UsageError(f'a name is of small letters, digits and hyphens{hint}: not "{name}"')
    origin = _find(source)
    loaded = load_scenario(origin)
    if folder is None:
        folder = SCENARIOS if SCENARIOS.is_dir() else Path()
    path = folder / f"{name}.toml"
    files = _files_beside(origin, folder, bring_origin=extends)
    if path.exists() or path in files:
        raise UsageError(f"{path} is there already, and new never overwrites: choose another name")
    different = [target for target, data in files.items() if _holds(target, data) is False]
    if different:
        some = ", ".join(str(target) for target in different)
        raise UsageError(
            f"{some}: a different file of that name is there already, and new never overwrites: "
            "choose another --folder"
        )
    text = _variant(name, _inside(origin, folder), loaded) if extends else origin.read_bytes()
    try:
        folder.mkdir(exist_ok=True)
        missing = {target: data for target, data in files.items() if not target.exists()}
        for target, data in {**missing, path: text}.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                file.write(data)
    except OSError as error:
        raise UsageError(f"cannot write {error.filename or path}: {error.strerror}") from None
    _say(path, origin, missing, files.keys() - missing.keys(), extends=extends)


def _find(source: str) -> Path:
    """Return the file that somebody means by a path, or by a name in scenarios/."""
    path = Path(source)
    if path.is_file():
        return path
    named = SCENARIOS / f"{source}.toml"
    if named.is_file():
        return named
    here = [*SCENARIOS.glob("*.toml"), *Path().glob("*.toml")]
    known = [*(each.stem for each in here), *(str(each) for each in here)]
    hint = did_you_mean(source, known) or "postroad list shows those of a folder"
    raise UsageError(f"there is no scenario {source}: {hint}")


def _files_beside(origin: Path, folder: Path, *, bring_origin: bool) -> dict[Path, bytes]:
    """Return the files that must stand in the folder beside the new one, with what they hold."""
    from sim.scenario.compose.files import files_of

    if bring_origin and origin.resolve().is_relative_to(folder.resolve()):
        return {}  # it is there, and all that it reads
    files = files_of(origin)
    wanted = files if bring_origin else files[1:]
    return {folder / file: (origin.parent / file).read_bytes() for file in wanted}


def _holds(path: Path, data: bytes) -> bool | None:
    """Return whether a file holds these bytes, None if there is none."""
    if not path.exists():
        return None
    return path.is_file() and path.read_bytes() == data


def _inside(origin: Path, folder: Path) -> str:
    """Return the path from the folder to the origin, or to the copy that is made of it there."""
    resolved, root = origin.resolve(), folder.resolve()
    inside = resolved.is_relative_to(root)
    return resolved.relative_to(root).as_posix() if inside else origin.name


def _variant(name: str, base: str, loaded: LoadedScenario) -> bytes:
    """Return the text of a file that extends another one, with an example of a change."""
    import tomli_w

    scenario = loaded.scenario
    counted = [key for key, fleet in scenario.fleets.items() if fleet.vehicles.value < 10**9]
    fleet = counted[-1] if counted else next(iter(scenario.fleets))
    head = tomli_w.dumps({"extends": base, "title": f"{scenario.title} ({name})"})
    example = f"# [fleets.{fleet}]\n# vehicles = 6\n"
    return (
        f"# What stands here goes over what {base} says: tables merge, all else is replaced.\n"
        f"# `postroad explain` tells the whole; write only what is different, such as\n#\n{example}"
        '#\n# Before the tables, remove = ["waves.first"] takes out what is not wanted.\n\n'
        f"{head}"
    ).encode()


def _say(
    path: Path, origin: Path, brought: Iterable[Path], shared: Iterable[Path], *, extends: bool
) -> None:
    brought, how = list(brought), "extends" if extends else "a copy of"
    copied = extends and bool(brought)
    click.echo(f"{path}: {how} {'a copy of ' * copied}{origin}")
    for what, files in (("copied with it", brought), ("it reads, as others do", shared)):
        names = ", ".join(sorted(str(file) for file in files))
        if names:
            click.echo(f"{what}: {names}")
    change = "write into it what is different" if extends else "change it"
    click.echo(f"next: {change}, then postroad explain {path} · postroad run {path}")
