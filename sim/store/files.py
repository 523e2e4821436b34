"""Files that are there whole or not at all: written under a temporary name, then renamed.

What is *durable* is on the disk before its name is, so that a power cut leaves the old file or the
new one. That costs some milliseconds a file. What is written by the thousand, and can be made
again, goes without it, and carries a seal instead that tells whether it is whole.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: How temporary names end; what is left of them was being written when its process was killed.
TEMPORARY = ".tmp"


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield the temporary name to write a file under; at the end of the block it becomes ``path``.

    If the block fails, what was written goes away, and a file that was there stays as it was.
    """
    temporary = path.with_name(f".{path.name}{TEMPORARY}")
    try:
        yield temporary
        if durable:
            _sync(temporary)
        temporary.replace(path)
        if durable:
            _sync(path.parent)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file."""
    with replacing(path, durable=durable) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write a text, in UTF-8."""
    write_bytes(path, text.encode())


def write_json(path: Path, content: object) -> None:
    """Write a value as JSON, indented. Raises ValueError for NaN and infinity: JSON has none."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def remove_tree(folder: Path) -> None:
    """Remove a folder with all that is in it, if it is there. Raises OSError if that fails: what
    stays behind could be taken for something else."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


def remove_temporary(folder: Path) -> None:
    """Remove the files of a folder that a process was writing when it was killed."""
    for file in folder.glob(f".*{TEMPORARY}"):
        if file.is_file():
            file.unlink()


def _sync(path: Path) -> None:
    """Have what was written, a file or the names in a folder, on the disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
