"""Scratch folders: temporary files that go away with their process, at the latest with the next.

A process that is killed cannot tidy up. Its folder stays, but nobody holds the lock in it any more:
whoever makes the next one removes it.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_PREFIX = "postroad-"
_LOCK = ".lock"
#: Seconds that a folder without a lock is left alone: its process may be about to take it.
_YOUNG_S = 60.0


class Scratch:
    """A folder for temporary files where the system has them (TMPDIR)."""

    def __init__(self) -> None:
        """Make it, and remove those of processes that are gone. Raises OSError."""
        _remove_left_over(Path(tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock: IO[bytes] = (self.path / _LOCK).open("wb")
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a scratch folder for the time of a block. Raises OSError if it cannot be made."""
    made = Scratch()
    try:
        yield made.path
    finally:
        made.close()


def _remove_left_over(where: Path) -> None:
    for lock in where.glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(OSError):  # it is another user's, or somebody else is removing it
            if time.time() - lock.stat().st_mtime < _YOUNG_S:
                continue
            with lock.open("rb") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.parent, ignore_errors=True)
