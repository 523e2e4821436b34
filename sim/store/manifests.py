"""Manifests: what a folder holds, how its experiment ended, and the digests of its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.errors import UsageError
from sim.store.files import write_json
from sim.store.reading import read_json
from sim.store.seals import digest_of, digests_of, seal_of

#: Version of the folder's layout; readers refuse a newer one.
LAYOUT = 1
NAME = "manifest.json"
#: Status of a folder whose old content is being removed: nothing in it counts any more.
CLEARING = "clearing"
FINISHED = "finished"
#: What to do about a folder that cannot be trusted.
_AGAIN = "restore it from a copy, or run again with --overwrite"


def read_manifest(path: Path) -> dict[str, Any]:
    """Read the manifest of a folder.

    Raises:
        UsageError: there is none, it is damaged or not as it was written, or it is of a newer
            layout.
    """
    file = path / NAME
    try:
        manifest = read_json(file)
    except FileNotFoundError:
        raise UsageError(f"{path} is not a result folder: it has no {NAME}") from None
    except UsageError as error:
        raise UsageError(f"{error}; {_AGAIN}") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("layout"), int):
        raise UsageError(f"{file} is not the manifest of a result folder")
    if manifest["layout"] > LAYOUT:
        raise UsageError(f"{path} was written by a newer Postroad ({manifest.get('version')})")
    # Folders of before there were seals have neither; the digests of files never come without it.
    if ("seal" in manifest or "files" in manifest) and manifest.get("seal") != seal_of(manifest):
        raise UsageError(f"{file} is not as it was written: {_AGAIN}")
    return manifest


def write_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a folder, sealed."""
    write_json(path / NAME, {**manifest, "seal": seal_of(manifest)})


def list_files(path: Path, manifest: dict[str, Any], names: Iterable[str]) -> None:
    """Put the digests of files into a manifest, beside those that it has."""
    manifest["files"] = {**manifest.get("files", {}), **digests_of(path, names)}


def check_file(path: Path, manifest: Mapping[str, Any], name: str, cure: str = _AGAIN) -> None:
    """Check that a file of a folder is as it was written, if its manifest has its digest.

    ``cure`` says what to do if it is not.

    Raises:
        UsageError: it is not, or it cannot be read.
    """
    wanted = manifest.get("files", {}).get(name)
    if wanted is None:
        return
    file = path / name
    try:
        found = digest_of(file)
    except FileNotFoundError:
        raise UsageError(f"{file} is missing: {cure}") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    if found != wanted:
        raise UsageError(f"{file} is not as it was written (altered, or damaged): {cure}")
