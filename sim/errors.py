"""Problems for people: what was expected, what was found, and where.

A :class:`Problem` is one fault; a :class:`ScenarioError` carries all faults of one input at once.
Failures of a run (not of its input) are :class:`RunError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from difflib import get_close_matches


class PostroadError(Exception):
    """Base of every error that Postroad raises on purpose; ``exit_code`` is the command's."""

    exit_code = 1


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of an input.

    ``place`` is the file (or the ``--set`` argument) it was found in; ``line`` and ``column`` count
    from 1 and are 0 where the place has none. ``path`` is the dotted path of the key.
    """

    place: str
    line: int
    column: int
    path: str
    expected: str
    found: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.place}:{self.line}:{self.column}" if self.line else self.place
        path = f" {self.path}:" if self.path else ""
        found = f", found {self.found}" if self.found else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}:{path} expected {self.expected}{found}{hint}"


class ScenarioError(PostroadError):
    """An input is not valid; ``problems`` holds every fault, in file order."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(PostroadError):
    """A command was asked for something that cannot be done as asked."""

    exit_code = 2


class RunError(PostroadError):
    """A replication failed or an invariant broke; never the user's input."""


class Interrupted(PostroadError):
    """The user stopped an experiment; what was finished is kept."""

    exit_code = 130


#: Most hints that are looked for among names that are spelt alike: each takes milliseconds, and a
#: broken table could ask for millions.
MOST_HINTS = 500

_left: ContextVar[list[int] | None] = ContextVar("hints that are left", default=None)


@contextmanager
def few_hints() -> Iterator[None]:
    """Look for at most ``MOST_HINTS`` names that are spelt alike in this block."""
    token = _left.set([MOST_HINTS])
    try:
        yield
    finally:
        _left.reset(token)


def may_hint(word: str) -> bool:
    """Return whether to look for names that are spelt like a word; counts as having looked."""
    left = _left.get()
    if len(word) > 100 or (left is not None and left[0] <= 0):
        return False
    if left is not None:
        left[0] -= 1
    return True


def did_you_mean(word: str, choices: Sequence[str], *, most: int = 3) -> str:
    """Return ``did you mean …?`` with the nearest choices, or an empty string.

    Comparison ignores case, and treats ``_``, ``-`` and blanks as one.
    """
    if not may_hint(word):
        return ""
    choices = choices[:5000]  # of more, comparing takes seconds

    def plain(text: str) -> str:
        return text.casefold().replace("_", "-").replace(" ", "-")

    by_plain: dict[str, str] = {}
    for choice in choices:
        by_plain.setdefault(plain(choice), choice)
    near = get_close_matches(plain(word), list(by_plain), n=most, cutoff=0.6)
    if not near:
        return ""
    return "did you mean " + " or ".join(f'"{by_plain[name]}"' for name in near) + "?"
