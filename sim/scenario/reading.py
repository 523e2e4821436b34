"""Reading files within bounds: what is no file, too large, or one too many is refused in words.

A scenario is data that somebody else may have written. Whatever it holds, reading it takes bounded
time and memory, and opens nothing but files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISBLK, S_ISCHR, S_ISDIR, S_ISFIFO, S_ISREG, S_ISSOCK

#: Most bytes of a scenario file, and of a table beside it. Large networks belong into tables.
MOST_TEXT, MOST_TABLE = 4 * 10**6, 50 * 10**6
#: Most files that one scenario may be read from, each time that it is read, and how many times the
#: most bytes of one file all files of its kind may have.
MOST_FILES, MOST_TIMES_LARGE = 256, 4
#: Most files that may lead from one to the next by "extends", or by [include].
MOST_CHAIN = 20

_KINDS = (
    (S_ISDIR, "a folder"), (S_ISFIFO, "a pipe"), (S_ISCHR, "a device"), (S_ISBLK, "a device"),
    (S_ISSOCK, "a socket"),
)  # fmt: skip


@dataclass(slots=True)
class _Read:
    """What one scenario has been read from so far: files, and bytes by the limit of their kind."""

    files: int = 0
    size: dict[int, int] = field(default_factory=dict)


_read: ContextVar[_Read | None] = ContextVar("files of a scenario", default=None)


@contextmanager
def one_scenario() -> Iterator[None]:
    """Count all files that are read in this block as those of one scenario."""
    if _read.get() is not None:
        yield
        return
    token = _read.set(_Read())
    try:
        yield
    finally:
        _read.reset(token)


def read_bounded(path: Path, most: int, what: str = "a file") -> bytes | tuple[str, str]:
    """Return what a file holds; else what was expected of it, and what was found.

    ``what`` is what it is called.

    Raises:
        FileNotFoundError: there is none.
    """
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):  # to open a pipe would wait for whoever writes to it
            kinds = (word for is_kind, word in _KINDS if is_kind(status.st_mode))
            return f"{what} that can be read", next(kinds, "something else")
        if status.st_size > most:
            return f"{what} of at most {most // 10**6} MB", f"{status.st_size / 1e6:,.0f} MB"
        with path.open("rb") as file:
            data = file.read(most + 1)  # some files are longer than they say
    except FileNotFoundError:
        raise
    except OSError as error:
        return f"{what} that can be read", (error.strerror or str(error)).lower()
    except ValueError:
        return f"{what} that can be read", "a path with a null character"
    if len(data) > most:
        return f"{what} of at most {most // 10**6} MB", "more"
    return _counted(data, most)


def _counted(data: bytes, most: int) -> bytes | tuple[str, str]:
    """Return the data of a file, unless it is too much with all others of its scenario."""
    read = _read.get()
    if read is None:
        return data
    read.files += 1
    if read.files > MOST_FILES:
        return f"at most {MOST_FILES} files in all, each time one is read", "more"
    read.size[most] = read.size.get(most, 0) + len(data)
    if read.size[most] > MOST_TIMES_LARGE * most:
        return f"at most {MOST_TIMES_LARGE * most // 10**6} MB in all files of this kind", "more"
    return data
