"""The folder of an experiment over points of a scenario: a sweep's, or a plan's.

Beside ``manifest.json`` and ``scenario.toml`` (the scenario that the points change) it holds
``points.json`` and, while the experiment runs, ``parts/``: for each point a folder with a sealed
file of each replication, which is put there in one rename. An interrupted experiment leaves its
parts, and ``--resume`` adds what is missing; a part that is not as it was written counts as
missing. At the end the parts are joined in the order of points and replications, so that the same
bytes come of any number of workers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import tomli_w

from sim.errors import UsageError
from sim.store.files import (
    remove_temporary,
    remove_tree,
    write_bytes,
    write_json,
    write_text,
)
from sim.store.folder import check_usable
from sim.store.manifests import (
    CLEARING,
    FINISHED,
    NAME,
    check_file,
    list_files,
    read_manifest,
    write_manifest,
)
from sim.store.seals import Damaged, sealed, unsealed
from sim.store.tables import READ_ERRORS, table_bytes

#: What must be the same in an experiment that is resumed, and what to call it.
_SAME = {
    "kind": "the kinds of experiment",
    "digest": "the digests of the scenarios",
    "seed": "the seeds",
    "streams": "the schemes of the random streams",
    "experiment": "what is asked",
}


_SUFFIX = ".part"


class PointFolder:
    """The folder of a sweep or a plan, open for writing. ``dropped`` are the points and
    replications whose parts were damaged: they run again. ``holds_runs`` says whether a plan that
    was finished before has its runs in ``runs.parquet``.

    Its manifest has, beside what a result's has, ``kind`` ("sweep" or "plan") and ``experiment``,
    a text or table that says all that decides what is run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts = path / "parts"
        self.dropped: list[tuple[int, int]] = []
        self.holds_runs = False
        self._held: dict[int, set[int]] = {}

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
                    folder._make_resumable(manifest)
                else:
                    folder._check_kind()
                    folder._clear(manifest)
            path.mkdir(parents=True, exist_ok=True)
            folder.write_manifest(manifest)  # first: from here on it can be resumed or overwritten
            write_text(path / "scenario.toml", tomli_w.dumps(document))
            folder.parts.mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot write the folder {path}: {error.strerror}") from None
        return folder

    def _make_resumable(self, manifest: dict[str, Any]) -> None:
        """Check that the folder is of the same experiment. What a plan has finished is in its runs
        alone: their digest goes into the new manifest."""
        old = read_manifest(self.path)
        for key, word in _SAME.items():
            if old.get(key) != manifest.get(key):
                raise UsageError(
                    f"{self.path} holds another experiment, which cannot be resumed as this one: "
                    f"{word} differ; choose another --out"
                )
        if old.get("status") == CLEARING:
            self._clear(manifest)
            return
        runs = "runs.parquet"
        listed = runs in old.get("files", {})
        if manifest.get("kind") == "plan" and (listed or old.get("status") == FINISHED):
            check_file(self.path, old, runs)
            list_files(self.path, manifest, [runs])
            self.holds_runs = True
        remove_temporary(self.path)

    def _check_kind(self) -> None:
        """Check that the folder is of an experiment over points; a damaged one still tells."""
        try:
            ours = "kind" in read_manifest(self.path)
        except UsageError:
            ours = (self.path / "points.json").exists()
        if not ours:
            raise UsageError(f"{self.path} holds the results of a run: it will not be overwritten")

    def _clear(self, manifest: dict[str, Any]) -> None:
        """Remove what an earlier experiment over points wrote, and only that.

        The manifest says so first: what is left, if that is interrupted, is no experiment's.
        """
        self.write_manifest({**manifest, "status": CLEARING})
        for name in ("parts", "figures"):
            remove_tree(self.path / name)
        for pattern in ("*.parquet", "*.csv", "*.json", "scenario.toml"):
            for file in self.path.glob(pattern):
                if file.name != NAME:
                    file.unlink()
        remove_temporary(self.path)

    def write_points(self, points: Sequence[Sequence[tuple[str, str]]]) -> None:
        """Write the settings of all points, in the order of their numbers."""
        write_json(self.path / "points.json", [dict(settings) for settings in points])

    def held(self, point: int) -> set[int]:
        """Return the replications of a point that are finished. Those whose parts are not as they
        were written are removed. Raises OSError."""
        if point not in self._held:
            folder, held = self._of(point), set()
            for file in sorted(folder.iterdir()) if folder.is_dir() else ():
                if self._is_whole(file):
                    held.add(int(file.stem))
                else:
                    file.unlink()
                    if file.stem.isdigit():  # others were being written by a killed process
                        self.dropped.append((point, int(file.stem)))
            self._held[point] = held
        return set(self._held[point])

    def _is_whole(self, file: Path) -> bool:
        try:
            unsealed(file.read_bytes())
        except Damaged:
            return False
        return file.suffix == _SUFFIX and file.stem.isdigit()

    def keep(self, point: int, replication: int, table: pa.Table) -> None:
        """Keep what is wanted of one finished replication. Raises OSError."""
        folder = self._of(point)
        folder.mkdir(exist_ok=True)
        file = folder / f"{replication:06d}{_SUFFIX}"
        write_bytes(file, sealed(table_bytes(table)), durable=False)
        if point in self._held:
            self._held[point].add(replication)

    def read(self, point: int, replications: Iterable[int] | None = None) -> list[pa.Table]:
        """Return what is kept of a point, by replication; of all that are held unless given.

        Raises:
            UsageError: a file cannot be read.
        """
        wanted = sorted(self.held(point)) if replications is None else replications
        return [self._read(self._of(point) / f"{number:06d}{_SUFFIX}") for number in wanted]

    def _read(self, file: Path) -> pa.Table:
        try:
            return pq.read_table(pa.BufferReader(unsealed(file.read_bytes())))
        except Damaged:
            raise UsageError(f"{file} is not as it was written: run again with --resume") from None
        except READ_ERRORS as error:
            said = next(iter(str(error).splitlines()), type(error).__name__)
            raise UsageError(f"{file} cannot be read: {said}; run again with --resume") from None

    def _of(self, point: int) -> Path:
        return self.parts / f"{point:06d}"

    def write_table(self, name: str, table: pa.Table) -> None:
        """Write a finished table."""
        write_bytes(self.path / f"{name}.parquet", table_bytes(table))

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write the manifest."""
        write_manifest(self.path, manifest)

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest of a finished experiment, with the digests of its files. Raises
        OSError."""
        manifest.pop("files", None)
        names = {
            file.name
            for pattern in ("*.parquet", "*.csv", "*.json", "scenario.toml")
            for file in self.path.glob(pattern)
        }
        list_files(self.path, manifest, sorted(names - {NAME}))
        self.write_manifest(manifest)
