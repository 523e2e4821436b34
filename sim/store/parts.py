"""Parts: what is kept of each finished replication until its experiment is finished.

A part is a folder with a sealed file for each table, put in place in one rename. It is not made
durable: that would take longer than a small replication. A power cut may cost the last few, then;
their seals tell, and they run again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import UsageError
from sim.store.files import TEMPORARY, remove_tree
from sim.store.seals import Damaged, digest_of, sealed, unsealed
from sim.store.tables import BY_RUN, READ_ERRORS, as_table, unreadable

_SUFFIX = ".part"
#: The file of a part that holds the digests of its ledger's files.
_LEDGER = f"ledger{_SUFFIX}"


def part_of(parts: Path, replication: int) -> Path:
    """Return the folder of one replication."""
    return parts / f"{replication:06d}"


def held_parts(parts: Path) -> set[int]:
    """Return the numbers of the replications that there are parts of."""
    if not parts.is_dir():
        return set()
    return {int(part.name) for part in parts.iterdir() if part.name.isdigit()}


def keep_part(
    parts: Path,
    replication: int,
    tables: Mapping[str, bytes],
    ledger: Mapping[str, str] | None = None,
) -> None:
    """Put the tables of one replication, given as Parquet files, in place in one rename; a part
    that is there stays. ``ledger`` has the digests of its ledger's files, by their names.

    Raises:
        OSError: it cannot be written; nothing is left of it then.
    """
    final = part_of(parts, replication)
    temporary = parts / f".{replication:06d}.{os.getpid()}{TEMPORARY}"
    remove_tree(temporary)
    temporary.mkdir()
    try:
        for name, content in tables.items():
            (temporary / f"{name}{_SUFFIX}").write_bytes(sealed(content))
        if ledger:
            (temporary / _LEDGER).write_bytes(sealed(json.dumps(dict(ledger)).encode()))
        if not final.exists():
            temporary.rename(final)
    finally:
        remove_tree(temporary)


def read_part(parts: Path, replication: int, name: str) -> pa.Table:
    """Read one of the tables of a replication.

    Raises:
        UsageError: it is not there, or not as it was written.
    """
    file = part_of(parts, replication) / f"{name}{_SUFFIX}"
    try:
        content = unsealed(file.read_bytes())
        return as_table(pq.ParquetFile(pa.BufferReader(content)).read(), name)
    except Damaged:
        raise UsageError(f"{file} is not as it was written: run again with --resume") from None
    except READ_ERRORS as error:
        raise unreadable(file, name, error) from None


def is_whole(parts: Path, replication: int, ledger: Path) -> bool:
    """Return whether a part, and what it has in the folder ``ledger``, is as it was written."""
    part = part_of(parts, replication)
    try:
        for name in BY_RUN:
            unsealed((part / f"{name}{_SUFFIX}").read_bytes())
        if not (part / _LEDGER).exists():
            return True
        listed = json.loads(unsealed((part / _LEDGER).read_bytes()))
        return all(digest_of(ledger / name) == digest for name, digest in listed.items())
    except (OSError, Damaged):
        return False


def drop_damaged(parts: Path, ledger: Path) -> list[int]:
    """Remove the parts that are not as they were written, each with its files in the folder
    ``ledger``, and what a killed process was writing; return their numbers. Raises OSError."""
    dropped = [n for n in sorted(held_parts(parts)) if not is_whole(parts, n, ledger)]
    for number in dropped:
        drop_ledger(ledger, number)
        remove_tree(part_of(parts, number))
    if parts.is_dir():
        for left in parts.glob(f".*{TEMPORARY}"):
            remove_tree(left)
    return dropped


def drop_ledger(ledger: Path, replication: int) -> None:
    """Remove the files of a replication's ledger, if there are any."""
    for file in ledger.glob(f"{replication:06d}.*"):
        file.unlink()
