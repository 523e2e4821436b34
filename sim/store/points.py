"""The folder of an experiment over points of a scenario: a sweep's, or a plan's.

Beside ``manifest.json`` and ``scenario.toml`` (the scenario that the points change) it holds
``points.json`` and, while the experiment runs, ``parts/``: for each point a folder with a Parquet
file of each replication, which is put there in one rename. An interrupted experiment leaves its
parts, and ``--resume`` adds what is missing. At the end the parts are joined in the order of points
and replications, so that the same bytes come of any number of workers.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import tomli_w

from sim.errors import UsageError
from sim.store.files import write_bytes, write_json, write_text
from sim.store.folder import check_usable, read_manifest
from sim.store.reading import read_parquet
from sim.store.tables import table_bytes

#: What must be the same in an experiment that is resumed, and what to call it.
_SAME = {
    "kind": "the kinds of experiment",
    "digest": "the digests of the scenarios",
    "seed": "the seeds",
    "streams": "the schemes of the random streams",
    "experiment": "what is asked",
}


class PointFolder:
    """The folder of a sweep or a plan, open for writing.

    Its manifest has, beside what a result's has, ``kind`` ("sweep" or "plan") and ``experiment``,
    a text or table that says all that decides what is run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts = path / "parts"

    @classmethod
    def create(
        cls,
        path: Path,
        document: dict[str, Any],
        manifest: dict[str, Any],
        *,
        overwrite: bool = False,
        resume: bool = False,
    ) -> PointFolder:
        """Make a folder, or open one to resume; a finished one resumes with all that it holds.

        Raises:
            UsageError: the folder is not empty and neither overwriting nor resuming was asked for,
                it holds another experiment than the one to resume, or it cannot be written.
        """
        folder = cls(path)
        check_usable(path, overwrite=overwrite, resume=resume)
        try:
            if path.exists() and any(path.iterdir()):
                if resume:
                    folder._check_same(manifest)
                else:
                    folder._clear()
            path.mkdir(parents=True, exist_ok=True)
            folder.write_manifest(manifest)  # first: from here on it can be resumed or overwritten
            write_text(path / "scenario.toml", tomli_w.dumps(document))
            folder.parts.mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot write the folder {path}: {error.strerror}") from None
        return folder

    def _check_same(self, manifest: dict[str, Any]) -> None:
        old = read_manifest(self.path)
        for key, word in _SAME.items():
            if old.get(key) != manifest.get(key):
                raise UsageError(
                    f"{self.path} holds another experiment, which cannot be resumed as this one: "
                    f"{word} differ; choose another --out"
                )

    def _clear(self) -> None:
        """Remove what an earlier experiment over points wrote, and only that."""
        if "kind" not in read_manifest(self.path):
            raise UsageError(f"{self.path} holds the results of a run: it will not be overwritten")
        for name in ("parts", "figures"):
            shutil.rmtree(self.path / name, ignore_errors=True)
        for pattern in ("*.parquet", "*.csv", "*.json", "scenario.toml"):
            for file in self.path.glob(pattern):
                file.unlink()

    def write_points(self, points: Sequence[Sequence[tuple[str, str]]]) -> None:
        """Write the settings of all points, in the order of their numbers."""
        write_json(self.path / "points.json", [dict(settings) for settings in points])

    def held(self, point: int) -> set[int]:
        """Return the replications of a point that are finished."""
        folder = self._of(point)
        if not folder.is_dir():
            return set()
        return {int(file.stem) for file in folder.iterdir() if file.name[0] != "."}

    def keep(self, point: int, replication: int, table: pa.Table) -> None:
        """Keep what is wanted of one finished replication."""
        folder = self._of(point)
        folder.mkdir(exist_ok=True)
        write_bytes(folder / f"{replication:06d}.parquet", table_bytes(table))

    def read(self, point: int, replications: Iterable[int] | None = None) -> list[pa.Table]:
        """Return what is kept of a point, by replication; of all that are held unless given.

        Raises:
            UsageError: a file cannot be read.
        """
        wanted = sorted(self.held(point)) if replications is None else replications
        return [self._read(self._of(point) / f"{number:06d}.parquet") for number in wanted]

    def _read(self, file: Path) -> pa.Table:
        try:
            return read_parquet(file)
        except (OSError, ValueError, pa.ArrowException) as error:
            said = str(error).splitlines()[0]
            raise UsageError(f"{file} cannot be read: {said}; remove it and --resume") from None

    def _of(self, point: int) -> Path:
        return self.parts / f"{point:06d}"

    def write_table(self, name: str, table: pa.Table) -> None:
        """Write a finished table."""
        write_bytes(self.path / f"{name}.parquet", table_bytes(table))

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write the manifest."""
        write_json(self.path / "manifest.json", manifest)
