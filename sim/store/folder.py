"""A result folder while an experiment writes it: nothing is lost, nothing is half-written.

Each finished replication is put into ``parts/`` in one rename. When all are there, the tables are
joined in the order of the replications, the manifest says that it is finished and lists the digests
of all files, and only then ``parts/`` goes away. An interrupted experiment leaves its parts, and
``--resume`` adds what is missing, to the same bytes.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import tomli_w

from sim.errors import UsageError
from sim.measures.summary import summarise
from sim.store.files import (
    TEMPORARY,
    remove_temporary,
    remove_tree,
    write_bytes,
    write_json,
    write_text,
)
from sim.store.manifests import (
    CLEARING,
    FINISHED,
    NAME,
    check_file,
    list_files,
    read_manifest,
    write_manifest,
)
from sim.store.parts import drop_damaged, drop_ledger, held_parts, keep_part, read_part
from sim.store.rowgroups import by_replication, join_tables, values_of_runs
from sim.store.seals import digest_of
from sim.store.tables import BY_RUN, SCHEMAS, part_bytes, summary_table, write_table

#: What must be the same in an experiment that is resumed, and what to call it.
_SAME = {
    "digest": "the digests of the scenarios",
    "seed": "the seeds",
    "layout": "the layouts of the folders",
    "streams": "the schemes of the random streams",
}


class ResultFolder:
    """One result folder, open for writing. ``dropped`` are the replications whose parts were
    damaged when it was resumed: they run again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts = path / "parts"
        self.ledger = path / "ledger"
        self.dropped: tuple[int, ...] = ()

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
                it holds another scenario than the one to resume, or a damaged table, or it cannot
                be written.
        """
        folder = cls(path)
        check_usable(path, overwrite=overwrite, resume=resume)
        try:
            if path.exists() and any(path.iterdir()):
                if resume:
                    folder._make_resumable(manifest)
                else:
                    folder._clear(manifest)
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
        if old.get("status") == CLEARING:
            self._clear(manifest)
            return
        finished = old.get("status") == FINISHED or (
            not self.parts.exists() and (self.path / "runs.parquet").exists()
        )
        held = range(int(old.get("replications", 0))) if finished else self.done()
        if max(held, default=-1) >= manifest["replications"]:
            raise UsageError(
                f"{self.path} holds replications up to number {max(held) + 1}, and "
                f"{manifest['replications']} are asked for: none is thrown away to resume; "
                f"ask for at least {max(held) + 1}, or choose another --out"
            )
        if finished:
            self._take_apart(old)
        remove_temporary(self.path)
        dropped = drop_damaged(self.parts, self.ledger)
        self.dropped = tuple(sorted({*self.dropped, *dropped}))

    def _take_apart(self, old: dict[str, Any]) -> None:
        """Turn the tables of a finished experiment into parts again, to add to them."""
        for name in BY_RUN:
            check_file(self.path, old, f"{name}.parquet")
        listed, damaged = self._listed_ledgers(old)
        temporary = self.path / f".parts{TEMPORARY}"
        remove_tree(temporary)
        temporary.mkdir()
        tables = {name: by_replication(self.path / f"{name}.parquet", name) for name in BY_RUN}
        waiting = {name: next(rows, None) for name, rows in tables.items()}
        for number in range(int(old["replications"])):
            part = {}
            for name in BY_RUN:  # a table may have no rows, as without figures
                found = waiting[name]
                if found is not None and found[0] == number:
                    part[name] = part_bytes(found[1])
                    waiting[name] = next(tables[name], None)
                else:
                    part[name] = part_bytes(pa.Table.from_batches([], SCHEMAS[name]))
            if number not in damaged:
                keep_part(temporary, number, part, listed.get(number))
        for number in damaged:
            drop_ledger(self.ledger, number)
        self.dropped = tuple(damaged)
        remove_tree(self.parts)  # left by a process that was killed when it had finished
        temporary.rename(self.parts)

    def _listed_ledgers(self, old: dict[str, Any]) -> tuple[dict[int, dict[str, str]], list[int]]:
        """Return the digests of ledgers that a manifest has, by replication and name, and the
        replications of which some file is not as it was written."""
        listed: dict[int, dict[str, str]] = {}
        for name, digest in old.get("files", {}).items():
            folder, _, file = name.rpartition("/")
            if folder == self.ledger.name:
                listed.setdefault(int(file.partition(".")[0]), {})[file] = digest
        damaged = [
            number
            for number, files in sorted(listed.items())
            if not all(self._is_ledger(file, digest) for file, digest in files.items())
        ]
        return listed, damaged

    def _is_ledger(self, file: str, digest: str) -> bool:
        try:
            return digest_of(self.ledger / file) == digest
        except OSError:
            return False

    def _clear(self, manifest: dict[str, Any]) -> None:
        """Remove what an earlier experiment wrote, and only that.

        The manifest says so first: what is left, if that is interrupted, is no experiment's.
        """
        self.write_manifest({**manifest, "status": CLEARING})
        for name in ("parts", f".parts{TEMPORARY}", ".parts.old", "figures", "ledger"):
            remove_tree(self.path / name)
        for name in ("scenario.toml", "verdicts.json", "expected.json"):
            (self.path / name).unlink(missing_ok=True)
        for name in (*BY_RUN, "measures"):
            (self.path / f"{name}.parquet").unlink(missing_ok=True)
        remove_temporary(self.path)

    def done(self) -> set[int]:
        """Return the replications that are finished."""
        return held_parts(self.parts)

    def keep(
        self, replication: int, tables: dict[str, bytes], ledger: dict[str, bytes] | None = None
    ) -> None:
        """Keep the tables of one finished replication, given as Parquet files, and its ledger's
        files by their names. Raises OSError."""
        for name, content in (ledger or {}).items():
            self.ledger.mkdir(exist_ok=True)
            write_bytes(self.ledger / name, content, durable=False)
        digests = {
            name: hashlib.sha256(content).hexdigest() for name, content in (ledger or {}).items()
        }
        keep_part(self.parts, replication, tables, digests)

    def runs_of(self, replication: int) -> pa.Table:
        """Return the measures of one finished replication."""
        return read_part(self.parts, replication, "runs")

    def join(self, replications: int) -> None:
        """Join the parts of replications 0 to ``replications`` - 1 and summarise them.

        The parts stay until the folder is finished. What is there of others is left out.

        Raises:
            UsageError: a part is damaged.
            OSError: a table cannot be written.
        """
        for name in BY_RUN:
            parts = (read_part(self.parts, number, name) for number in range(replications))
            join_tables(parts, self.path / f"{name}.parquet", name)
        values = values_of_runs(self.path / "runs.parquet", replications)
        write_table(summary_table(summarise(values)), self.path / "measures.parquet")

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest of a finished experiment, with the digests of all files; then let go
        of the parts, for only then the tables are sure to be there. Raises OSError.

        Ledgers of replications that the result leaves out go away.
        """
        for file in self.ledger.glob("*.parquet"):
            if int(file.name.partition(".")[0]) >= manifest["replications"]:
                file.unlink()
        ledgers = sorted(
            f"{self.ledger.name}/{file.name}" for file in self.ledger.glob("*.parquet")
        )
        files = ("scenario.toml", "verdicts.json", "expected.json")
        tables = (f"{name}.parquet" for name in (*BY_RUN, "measures"))
        manifest.pop("files", None)
        there = [name for name in (*files, *tables, *ledgers) if (self.path / name).is_file()]
        list_files(self.path, manifest, there)
        self.write_manifest(manifest)
        old = self.path / ".parts.old"
        remove_tree(old)
        if self.parts.exists():
            self.parts.rename(old)  # all at once: half of them must not be taken for all
        remove_tree(old)

    def write_scenario(self, document: dict[str, Any]) -> None:
        """Write the resolved scenario."""
        write_text(self.path / "scenario.toml", tomli_w.dumps(document))

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write the manifest."""
        write_manifest(self.path, manifest)

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
    if not (path / NAME).is_file():
        raise UsageError(f"{path} is not a result folder: it will not be overwritten")
