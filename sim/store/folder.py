"""A result folder while an experiment writes it: nothing is lost, nothing is half-written.

Each finished replication is put into ``parts/`` in one rename. When all are there, the tables are
joined in the order of the replications and ``parts/`` goes away. An interrupted experiment leaves
its parts, and ``--resume`` adds what is missing, to the same bytes.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import tomli_w

from sim.errors import UsageError
from sim.measures.summary import summarise
from sim.store.files import write_bytes, write_json, write_text
from sim.store.reading import read_json
from sim.store.tables import (
    BY_RUN,
    join_tables,
    read_table,
    summary_table,
    values_by_key,
    write_table,
)

#: Version of the folder's layout; readers refuse a newer one.
LAYOUT = 1

#: What must be the same in an experiment that is resumed, and what to call it.
_SAME = {
    "digest": "the digests of the scenarios",
    "seed": "the seeds",
    "layout": "the layouts of the folders",
    "streams": "the schemes of the random streams",
}


class ResultFolder:
    """One result folder, open for writing."""

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
    ) -> ResultFolder:
        """Make a folder, or open one to resume.

        Raises:
            UsageError: the folder is not empty and neither overwriting nor resuming was asked for,
                it holds another scenario than the one to resume, or it cannot be written.
        """
        folder = cls(path)
        check_usable(path, overwrite=overwrite, resume=resume)
        try:
            if path.exists() and any(path.iterdir()):
                if resume:
                    folder._make_resumable(manifest)
                else:
                    folder._clear()
            path.mkdir(parents=True, exist_ok=True)
            folder.write_manifest(manifest)  # first: from here on it can be resumed or overwritten
            folder.write_scenario(document)
            folder.parts.mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot write the result folder {path}: {error.strerror}") from None
        return folder

    def _make_resumable(self, manifest: dict[str, Any]) -> None:
        """Check that the folder is of the same experiment, and take a finished one apart."""
        old = read_manifest(self.path)
        for key, word in _SAME.items():
            if old.get(key) != manifest.get(key):
                raise UsageError(
                    f"{self.path} holds another experiment, which cannot be resumed as this one: "
                    f"{word} differ ({old.get(key)}, now {manifest.get(key)}); choose another --out"
                )
        finished = not self.parts.exists() and (self.path / "runs.parquet").exists()
        held = range(int(old.get("replications", 0))) if finished else self.done()
        if max(held, default=-1) >= manifest["replications"]:
            raise UsageError(
                f"{self.path} holds replications up to number {max(held) + 1}, and "
                f"{manifest['replications']} are asked for: none is thrown away to resume; "
                f"ask for at least {max(held) + 1}, or choose another --out"
            )
        if finished:
            self._take_apart()

    def _take_apart(self) -> None:
        """Turn the tables of a finished experiment into parts again, to add to them."""
        import pyarrow.compute as pc  # late: it takes 30 MB, and only this asks for it

        temporary = self.path / ".parts.tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        tables = {name: read_table(self.path / f"{name}.parquet", name) for name in BY_RUN}
        for number in sorted(set(tables["runs"]["replication"].to_pylist())):
            part = temporary / f"{number:06d}"
            part.mkdir(parents=True)
            for name, table in tables.items():  # a table may have no rows, as without figures
                rows = table.filter(pc.equal(table["replication"], number))
                write_table(rows, part / f"{name}.parquet")
        temporary.rename(self.parts)

    def _clear(self) -> None:
        """Remove what an earlier experiment wrote, and only that."""
        for name in ("parts", ".parts.tmp", ".parts.old", "figures", "ledger"):
            shutil.rmtree(self.path / name, ignore_errors=True)
        for name in ("manifest.json", "scenario.toml", "verdicts.json", "expected.json"):
            (self.path / name).unlink(missing_ok=True)
        for name in (*BY_RUN, "measures"):
            (self.path / f"{name}.parquet").unlink(missing_ok=True)

    def done(self) -> set[int]:
        """Return the replications that are finished."""
        if not self.parts.is_dir():
            return set()
        return {int(part.name) for part in self.parts.iterdir() if part.name.isdigit()}

    def keep(
        self, replication: int, tables: dict[str, bytes], ledger: dict[str, bytes] | None = None
    ) -> None:
        """Keep the tables of one finished replication, given as Parquet files, and its ledger's
        files by their names."""
        if ledger:
            (self.path / "ledger").mkdir(exist_ok=True)
            for name, content in ledger.items():
                write_bytes(self.path / "ledger" / name, content)
        keep_part(self.parts, replication, tables)

    def runs_of(self, replication: int) -> pa.Table:
        """Return the measures of one finished replication."""
        return read_table(self.parts / f"{replication:06d}" / "runs.parquet", "runs")

    def finish(self, replications: int) -> None:
        """Join the parts of replications 0 to ``replications`` - 1 and summarise them.

        What is there of others is left out, and so are their ledgers.
        """
        for name in BY_RUN:
            parts = (
                read_table(self.parts / f"{number:06d}" / f"{name}.parquet", name)
                for number in range(replications)
            )
            join_tables(parts, self.path / f"{name}.parquet", name)
        runs = read_table(self.path / "runs.parquet", "runs")
        write_table(summary_table(summarise(values_by_key(runs))), self.path / "measures.parquet")
        old = self.path / ".parts.old"
        shutil.rmtree(old, ignore_errors=True)
        self.parts.rename(old)  # all at once: a part is there with all its tables, or not at all
        shutil.rmtree(old)
        for file in (self.path / "ledger").glob("*.parquet"):
            if int(file.name.partition(".")[0]) >= replications:
                file.unlink()

    def write_scenario(self, document: dict[str, Any]) -> None:
        """Write the resolved scenario."""
        write_text(self.path / "scenario.toml", tomli_w.dumps(document))

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write the manifest."""
        write_json(self.path / "manifest.json", manifest)

    def write_verdicts(self, verdicts: list[dict[str, Any]]) -> None:
        """Write the verdicts."""
        write_json(self.path / "verdicts.json", verdicts)

    def write_expected(self, agreements: list[dict[str, Any]]) -> None:
        """Write what the runs say to expected values."""
        write_json(self.path / "expected.json", agreements)


def check_usable(path: Path, *, overwrite: bool = False, resume: bool = False) -> None:
    """Check that results may be written to ``path``.

    Raises:
        UsageError: it is a file; it is not empty, and neither overwriting nor resuming was asked
            for; or it is not a result folder.
    """
    if not path.exists():
        return
    if not path.is_dir():
        raise UsageError(f"{path} is a file: choose another --out")
    try:
        empty = next(path.iterdir(), None) is None
    except OSError as error:
        raise UsageError(f"cannot read the folder {path}: {error.strerror}") from None
    if empty:
        return
    if resume:
        read_manifest(path)
        return
    if not overwrite:
        raise UsageError(
            f"{path} is not empty: choose another --out, or --overwrite it, or --resume it"
        )
    if not (path / "manifest.json").is_file():
        raise UsageError(f"{path} is not a result folder: it will not be overwritten")


def keep_part(parts: Path, replication: int, tables: dict[str, bytes]) -> None:
    """Put the tables of one replication in place in one rename; a part that is there stays."""
    final = parts / f"{replication:06d}"
    temporary = parts / f".{replication:06d}.{os.getpid()}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    for name, content in tables.items():
        (temporary / f"{name}.parquet").write_bytes(content)
    if final.exists():
        shutil.rmtree(temporary)
        return
    temporary.rename(final)


def read_manifest(path: Path) -> dict[str, Any]:
    """Read the manifest of a result folder.

    Raises:
        UsageError: there is none, it is damaged, or it is of a newer layout.
    """
    file = path / "manifest.json"
    try:
        manifest = read_json(file)
    except FileNotFoundError:
        raise UsageError(f"{path} is not a result folder: it has no manifest.json") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("layout"), int):
        raise UsageError(f"{file} is not the manifest of a result folder")
    if manifest["layout"] > LAYOUT:
        raise UsageError(f"{path} was written by a newer Postroad ({manifest.get('version')})")
    return manifest
