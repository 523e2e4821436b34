"""Crash points: what is on the disk before each step that changes a folder.

A process that is killed leaves one of these states behind. They are found by Python's audit hook,
which is told of every file that is opened, renamed or removed before that happens.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_EVENTS = ("os.mkdir", "os.rename", "os.remove", "os.rmdir")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_watch: list[Callable[[str], None]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watch:
        return
    if event == "open":
        path, _, flags = arguments
        changes = isinstance(path, str | os.PathLike) and bool(flags & _WRITING)
    else:
        changes = event in _EVENTS
        path = arguments[0] if arguments else ""
    if changes:
        watch = _watch.pop()  # what it does itself is not told
        try:
            watch(os.fspath(path))
        finally:
            _watch.append(watch)


sys.addaudithook(_hook)  # there is no way to remove it: it does nothing unless somebody watches


@contextmanager
def watching(told: Callable[[str], None]) -> Iterator[None]:
    """Tell of each path that is about to be changed."""
    _watch.append(told)
    try:
        yield
    finally:
        _watch.clear()


def states_of(work: Callable[[], object], folder: Path, into: Path) -> list[Path]:
    """Do some work, and return copies of what a folder held before each of its steps, and after."""
    states: list[Path] = []

    def copy(path: str = "") -> None:
        states.append(into / f"{len(states):04d}" / folder.name)
        states[-1].parent.mkdir(parents=True)
        if folder.exists():
            shutil.copytree(folder, states[-1])

    with watching(copy):
        work()
    copy()
    return states


@contextmanager
def full_disk(reaching: str) -> Iterator[list[str]]:
    """Let the disk be full from the first path on that holds a text; yields the paths refused.

    Removing still works, as on a disk.
    """
    refused: list[str] = []

    def refuse(path: str) -> None:
        if (refused or reaching in path) and not path.endswith((".pyc", ".pickle")):
            refused.append(path)
            if sys._getframe(2).f_code.co_name not in ("unlink", "rmtree", "_rmtree_safe_fd"):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    with watching(refuse):
        yield refused
