"""Axes: what a sweep varies, between which values, and where the scenario itself stands on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.errors import UsageError
from sim.experiment.factors import Factor
from sim.scenario.ranges import Ranged, base_number, base_text, number_of
from sim.sweeping.designs import level_of, spread_out, whole_number

#: What an axis over ranges of their own counts in: 0 at the lower ends, 1 at the upper ones.
SHARE_OF_RANGE = "share of range"


@dataclass(frozen=True, slots=True)
class Setting:
    """One place on an axis: paths with their values as ``--set`` takes them, the number that stands
    for it in the axis's unit (None if it is no number), and what to call it."""

    values: tuple[tuple[str, str], ...]
    number: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """What a sweep varies. It has ``levels``, or ``ranges`` that move together (mostly one).

    ``base`` is where the scenario stands: it sets nothing. ``log`` spreads a range by ratio.
    """

    name: str
    unit: str
    whole: bool
    base: Setting
    levels: tuple[Setting, ...] = ()
    ranges: tuple[Ranged, ...] = ()
    log: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that it sets."""
        return tuple(item.path for item in self.ranges) or (self.name,)

    @property
    def low(self) -> float:
        """The lower end of its ranges, in its unit."""
        return self.ranges[0].low if self._common else 0.0

    @property
    def high(self) -> float:
        """The upper end of its ranges, in its unit."""
        return self.ranges[0].high if self._common else 1.0

    @property
    def _common(self) -> bool:
        return self.unit != SHARE_OF_RANGE

    def at(self, share: float) -> Setting:
        """Return the setting at a share of its ranges or levels, from 0 to 1."""
        if self.levels:
            return self.levels[level_of(share, len(self.levels))]
        values, texts = [], []
        for item in self.ranges:
            text = item.text(_number_at(item, share, log=self.log))
            values.append((item.path, text))
            texts.append(text)
        if not self._common:
            return Setting(tuple(values), share, f"{share:.0%}")
        number = number_of(texts[0], self.unit)
        if number == self.base.number:
            return self.base
        return Setting(tuple(values), number, texts[0])

    def ends(self) -> tuple[Setting, ...]:
        """Return what one at a time visits: its levels, or its two ends; never the base."""
        settings = self.levels or (self.at(0.0), self.at(1.0))
        return tuple(setting for setting in settings if setting.values)

    def steps(self, count: int) -> tuple[Setting, ...]:
        """Return what a grid visits: its levels, or so many steps from end to end, each once."""
        if self.levels:
            return self.levels
        shares = [index / (count - 1) for index in range(count)] if count > 1 else [0.5]
        return tuple(dict.fromkeys(self.at(share) for share in shares))


def _number_at(item: Ranged, share: float, *, log: bool) -> float:
    if item.whole:
        return whole_number(share, int(item.low), int(item.high), log=log)
    return spread_out(share, item.low, item.high, log=log)


def axis_of_factor(factor: Factor, document: dict[str, Any]) -> Axis:
    """Return an axis with the values of a factor as its levels; the scenario's own sets nothing."""
    standing = base_number(document, factor.path, factor.unit) if factor.numbers else None
    shown = base_text(document, factor.path)
    base = Setting((), standing, shown)
    numbers: Sequence[float | None] = factor.numbers or [None] * len(factor.texts)
    levels = tuple(
        base
        if (number == standing if number is not None else text.strip('"') == shown)
        else Setting(((factor.path, text),), number, text)
        for text, number in zip(factor.texts, numbers, strict=True)
    )
    whole = bool(factor.numbers) and all(number.is_integer() for number in factor.numbers)
    return Axis(factor.path, factor.unit, whole, base, levels)


def axis_of_ranges(name: str, ranges: Sequence[Ranged], *, log: bool = False) -> Axis:
    """Return an axis over ranges that move together, each over its own.

    Raises:
        UsageError: a range that is to be spread by ratio begins at 0.
    """
    for item in ranges:
        if log and item.low <= 0:
            raise UsageError(
                f"{item.path} cannot be spread by ratio: its range begins at {item.low:g}"
            )
    first = ranges[0]
    common = {(item.low, item.high, item.unit) for item in ranges}
    if len(common) > 1:
        return Axis(
            name, SHARE_OF_RANGE, False, Setting((), None, "as it is"), (), tuple(ranges), log
        )
    standing = first.value if len({item.value for item in ranges}) == 1 else None
    whole = all(item.whole for item in ranges)
    text = "as it is" if standing is None else first.text(standing)
    return Axis(name, first.unit, whole, Setting((), standing, text), (), tuple(ranges), log)
