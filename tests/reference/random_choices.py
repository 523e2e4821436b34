"""Choices of random scenarios, as scenario files write them: durations, laws, sizes, calendars.

Every duration is a multiple of 1/8 h, which float64 adds and halves without rounding. So without
luck simultaneous events abound, and scaled times can be compared to the last bit. Hypothesis makes
a failing example small by choosing what stands first here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
_whole_numbers = cache(st.integers)  # making a strategy takes longer than drawing from it
#: A Monday, so that working days are the same whichever weeks later a run begins.
START = datetime(2030, 1, 7, tzinfo=UTC)
CALENDARS = ("early", "late")


@dataclass(frozen=True, slots=True)
class Wants:
    """What a random scenario may have.

    ``luck`` is anything drawn in a replication; ``clock`` working hours and times of day, which no
    factor can scale; ``rounding`` rules that round shares of units, or draw unit by unit, so that
    twice the units are not twice the outcome.
    """

    luck: bool = True
    clock: bool = True
    rounding: bool = True


class Choices:
    """Draws choices of one scenario; ``wants`` says which there are."""

    def __init__(self, draw: st.DrawFn, wants: Wants) -> None:
        self._draw = draw
        self.wants = wants
        self.horizon = self.of(48, 96, 24, 168)

    def number(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``."""
        return self._draw(_whole_numbers(low, high))

    def of(self, *options: T) -> T:
        """Return one of the options."""
        return options[self._draw(_whole_numbers(0, len(options) - 1))]

    def maybe(self, one_in: int = 2) -> bool:
        """Return true one time in so many."""
        return self._draw(_whole_numbers(0, one_in - 1)) == one_in - 1

    def some(self, options: list[T]) -> list[T]:
        """Return at least one of the options, in their order."""
        chosen = [option for option in options if self.maybe()]
        return chosen or options[:1]

    def hours(self, low: float, high: float) -> str:
        """Return a duration of so many hours, in eighths."""
        return f"{self.number(int(8 * low), int(8 * high)) / 8} h"

    def moment(self, low: float = 0.0, high: float = 0.75) -> datetime:
        """Return a time between two shares of the run."""
        eighths = self.number(int(8 * low * self.horizon), int(8 * high * self.horizon))
        return START + timedelta(hours=eighths / 8)

    def period(self) -> datetime | list[datetime]:
        """Return a time, or with luck the earliest and latest of an uncertain one."""
        begin = self.moment()
        if self.wants.luck and self.maybe(3):
            return [begin, begin + timedelta(hours=self.number(0, 48) / 8)]
        return begin

    def law(self, low: float, high: float) -> Any:
        """Return the law of a duration with a mean between so many hours."""
        mean = self.hours(low, high)
        if not self.wants.luck or self.maybe():
            return mean
        if self.maybe(6):
            return {"values": [mean, self.hours(low, high)], "law": "empirical"}
        if self.maybe(6):
            least, most = sorted((self.number(1, 16), self.number(1, 16)))
            corners = {"low": f"{least / 8} h", "mode": f"{most / 8} h", "high": f"{most / 4} h"}
            return {**corners, "law": "triangular"}
        if mean == "0.0 h":
            return mean
        law, cv = self.of(
            ("lognormal", 0.5), ("exponential", 1.0), ("gamma", 0.25), ("erlang", 0.5),
            ("hyperexponential", 1.5), ("uniform", 0.25), ("triangular", 0.25),
        )  # fmt: skip
        return {"mean": mean, "cv": cv, "law": law}

    def size(self, most: int) -> Any:
        """Return the law of a size from 1 to about ``most`` units."""
        size = self.number(1, most)
        if not self.wants.luck or self.maybe():
            return size
        if not self.wants.rounding or self.maybe(3):
            return {"values": [size, self.number(1, most)], "weights": [1, 3], "law": "empirical"}
        return {"mean": size, "cv": 0.5} if self.maybe() else {"mean": size + 1, "law": "geometric"}

    def share(self) -> float:
        """Return a share strictly between 0 and 1, exact in binary."""
        return self.of(0.5, 0.25, 0.125)

    def calendar(self) -> dict[str, str]:
        """Return the key of a calendar, or nothing."""
        return {"calendar": self.of(*CALENDARS)} if self.wants.clock and self.maybe(3) else {}

    def calendars(self) -> dict[str, Any]:
        """Return the table of calendars."""
        table: dict[str, Any] = {}
        for name in CALENDARS if self.wants.clock else ():
            opening = self.number(0, 10)
            table[name] = {
                "hours": f"{opening:02}:00-{opening + self.number(6, 12):02}:30",
                "days": self.of("every day", "working days", ["mon", "tue", "thu", "sun"]),
                "at-closing": self.of("finish", "pause", "fits"),
            }
            if self.maybe(3):
                day = (START + timedelta(days=self.number(0, 2))).date()
                table[name]["exceptions"] = {
                    day.isoformat(): self.of("closed", ["09:00-11:00", "12:00-20:00"])
                }
        return table
