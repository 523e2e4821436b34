"""The result of a scenario: run now, or found where an earlier run left it."""

from __future__ import annotations

from collections.abc import Callable

from sim.errors import UsageError
from sim.experiment.executors import Workers
from sim.experiment.run import STREAMS, Prepared, default_folder, run_experiment
from sim.scenario.load import LoadedScenario
from sim.store.manifests import read_manifest
from sim.store.result import Result, open_result


def held_result(loaded: LoadedScenario) -> Result | None:
    """Return the finished result of a scenario in its default folder, if it is of the same seed and
    streams and has at least as many replications."""
    folder = default_folder(loaded)
    if not (folder / "manifest.json").is_file():
        return None
    manifest = read_manifest(folder)
    enough = manifest.get("replications", 0) >= loaded.scenario.replications
    if manifest.get("status") != "finished" or not enough or not _is_of(manifest, loaded):
        return None
    return open_result(folder)


def as_result(
    prepared: Prepared,
    *,
    workers: Workers | None = None,
    command: tuple[str, ...] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Result:
    """Return the result of a scenario: the one that is held, or a new one in the default folder.
    Replications that are there already are kept; ``workers`` run the others, this process unless
    given.

    Raises:
        RunError: a replication failed; finished ones are kept.
        Interrupted: the user pressed Ctrl-C; finished ones are kept.
    """
    held = held_result(prepared.loaded)
    if held is not None:
        return held
    folder = default_folder(prepared.loaded)
    return run_experiment(
        prepared,
        folder,
        workers=workers,
        resume=(folder / "manifest.json").is_file(),
        command=command,
        progress=progress,
    )


def _is_of(manifest: dict[str, object], loaded: LoadedScenario) -> bool:
    known = {"digest": loaded.digest, "seed": loaded.scenario.seed, "streams": STREAMS}
    return all(manifest.get(key) == value for key, value in known.items())


def check_default_folder(loaded: LoadedScenario) -> None:
    """Check that the result of a scenario is, or may go, where results go unless told otherwise.

    Raises:
        UsageError: something else is there.
    """
    folder = default_folder(loaded)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    ours = (folder / "manifest.json").is_file() and _is_of(read_manifest(folder), loaded)
    if not ours:
        raise UsageError(
            f"{folder}, where the result of {loaded.name} goes, holds something else (or was made "
            "with other random streams): move it, or run the scenario with --out and give that "
            "folder"
        )
