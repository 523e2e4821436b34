"""Cells of the study: what was asked, how often it held, and what is claimed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import inf, sqrt
from typing import Any

#: Claims of the project, as shares: between these bounds, inclusive.
COVERS, ALARMS, FINDS = (0.936, 0.964), (0.036, 0.064), (0.8, inf)


@dataclass(frozen=True, slots=True)
class Cell:
    """One question put to one system: ``held`` of ``experiments``, and the bounds of the claim.

    Without bounds nothing is claimed, and the cell shows a limit or a contrast. ``expected`` is
    what theory says the share is, where it says so; ``note`` is for people.
    """

    part: str
    system: str
    what: str
    runs: str
    held: int
    experiments: int
    low: float | None = None
    high: float | None = None
    expected: float | None = None
    note: str = ""

    @property
    def share(self) -> float:
        """How often it held."""
        return self.held / self.experiments

    @property
    def verdict(self) -> str:
        """Whether the claim holds; empty where nothing is claimed."""
        if self.low is None:
            return ""
        high = inf if self.high is None else self.high
        inside = self.low - 1e-12 <= self.share <= high + 1e-12
        return "holds" if inside else "does not hold"

    def within(self, errors: float) -> bool:
        """Whether the share lies within so many standard errors of what is claimed or expected."""
        share = self.share
        lowest = self.low if self.expected is None else self.expected
        highest = self.high if self.expected is None else self.expected
        low, high = lowest or 0.0, 1.0 if highest is None else highest
        slack = errors * sqrt(max(share * (1 - share), 0.02) / self.experiments)
        return low - slack <= share <= high + slack

    def document(self) -> dict[str, Any]:
        """Return the cell as JSON keeps it, without what is empty."""
        return {key: value for key, value in asdict(self).items() if value not in (None, "")}


def cell(
    where: tuple[str, str, str],
    runs: int | str,
    held: Iterable[bool],
    claim: tuple[float, float] | None = None,
    expected: float | None = None,
    note: str = "",
) -> Cell:
    """Return the cell of a part, a system and a question, from what held in each experiment."""
    answers = [bool(each) for each in held]
    low, high = claim if claim else (None, None)
    high = None if high == inf else high
    total = sum(answers)
    return Cell(*where, str(runs), total, len(answers), low, high, expected, note)
