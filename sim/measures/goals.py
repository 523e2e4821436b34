"""Goals: what a plan must reach, such as ``coverage(14 d) >= 0.95 and T100 <= 20 d``, as text.

A goal names a measure, a time if it is one that is kept over time, whose it is, and a limit::

    MEASURE [(TIME)] [@NAME ...] OPERATOR VALUE

``TIME`` is a duration since the start or a clock time with its zone; each ``@NAME`` an echelon, a
product, a region, or an entity such as a fleet, station or lane. Without a time, the measure is
that of the whole run, as the table ``runs`` has it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NoReturn, cast

from sim.catalogue import CATALOGUE, Measure, find_measure
from sim.errors import UsageError, did_you_mean
from sim.units import DURATION, QuantityError, show_hours

Operator = Literal[">=", "<=", ">", "<", "="]

#: Measures that are kept at every full hour since the start, with their units.
CURVES: dict[str, str] = {
    "coverage": "share",
    "received": "units",
    "dispatched": "units",
    "in-transit": "units",
    "vehicles-out": "vehicles",
    "servers-busy": "servers",
    "waiting": "shipments",
    "requests-asked": "requests",
    "requests-answered": "requests",
    "requests-served": "requests",
    "requests-withdrawn": "requests",
}
#: Measures that are a time since the start; one that did not come by the horizon is later than any.
TIMES = ("T50", "T90", "T100", "makespan")

_TOKEN = re.compile(
    r"\s*(?:(?P<operator>>=|<=|==|=|>|<|≥|≤)|(?P<at>@)|(?P<time>\([^()]*\)?)"
    r"|(?P<quoted>\"[^\"]*\"?)|(?P<word>[^\s@()<>=≥≤\"]+))"
)
_NUMBER = re.compile(r"[+-]?(?:\d[\d_]*)(?:\.\d+)?(?:[eE][+-]?\d+)?|[+-]?\.\d+")
_OPERATORS: dict[str, Operator] = {"==": "=", "≥": ">=", "≤": "<="}


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal. ``time`` and ``value`` are as written: they become hours, and a number in the
    measure's unit, when a start and a horizon are known (:func:`bind`)."""

    text: str
    measure: str
    time: str
    names: tuple[str, ...]
    operator: Operator
    value: str
    unit: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """A goal of a scenario: ``hour`` since the start, or None for the whole run, and ``limit``."""

    goal: Goal
    hour: float | None
    limit: float

    def holds(self, value: float) -> bool:
        """Return whether a value reaches the goal.

        NaN is a time later than the horizon; of any other measure it is no value, and reaches
        nothing. Values that differ by rounding only are equal.
        """
        if math.isnan(value):
            if self.goal.measure not in TIMES:
                return False
            value = math.inf
        equal = math.isclose(value, self.limit, rel_tol=1e-12, abs_tol=1e-12)
        match self.goal.operator:
            case ">=":
                return equal or value > self.limit
            case "<=":
                return equal or value < self.limit
            case ">":
                return not equal and value > self.limit
            case "<":
                return not equal and value < self.limit
        return equal


def parse_goals(texts: tuple[str, ...] | list[str], option: str = "--until") -> tuple[Goal, ...]:
    """Read goals: each text is one, or several joined by ``and``. All must hold in the same run.

    Raises:
        UsageError: with the text, the column, what was expected and what was found.
    """
    return tuple(goal for text in texts for goal in _Reader(text, option).goals())


def bind(goal: Goal, start: datetime, horizon: float) -> Bound:
    """Return the goal in hours since the start of a scenario.

    Curves are kept at full hours, so its time must be one.

    Raises:
        UsageError: the time is before the start, after the horizon or between full hours; or the
            limit is a time that the horizon cuts off.
    """
    limit = _limit(goal, start)
    if goal.measure in TIMES and limit > horizon + 1e-9:
        raise _beyond(goal, goal.value, limit, horizon)
    if not goal.time:
        return Bound(goal, None, limit)
    hour = _hours(goal.time, start)
    if hour < -1e-9:
        raise UsageError(f"{goal.place}: {goal.time} is before the start, {start.isoformat()}")
    if hour > horizon + 1e-9:
        raise _beyond(goal, goal.time, hour, horizon)
    if abs(hour - round(hour)) > 1e-6:
        raise UsageError(
            f"{goal.place}: expected a full hour since the start, at which curves are kept, found "
            f"{goal.time}, which is {hour:.3f} h: say {math.floor(hour)} h or {math.ceil(hour)} h"
        )
    return Bound(goal, float(round(hour)), limit)


def _beyond(goal: Goal, said: str, hour: float, horizon: float) -> UsageError:
    days = math.floor(hour / 24.0) + 1
    return UsageError(
        f"{goal.place}: {said} is after the horizon, {show_hours(horizon)}, where runs stop: "
        f'give them longer, such as --set "horizon={days} d"'
    )


def _hours(text: str, start: datetime) -> float:
    moment = _moment(text)
    if moment is None:
        return DURATION.parse(text)
    return (moment - start).total_seconds() / 3600.0


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _limit(goal: Goal, start: datetime) -> float:
    if goal.unit == "h":
        return _hours(goal.value, start)
    match = _NUMBER.match(goal.value)
    assert match is not None
    number = float(match[0].replace("_", ""))
    return number / 100.0 if goal.value.endswith("%") else number


class _Reader:
    """Reads one text, and says where in it something is wrong."""

    def __init__(self, text: str, option: str) -> None:
        self.text, self.option = text, option
        self.tokens: list[tuple[str, str, int]] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                self.fail(position, "a goal such as coverage(14 d) >= 0.95", f'"{text[position]}"')
            kind = cast(str, match.lastgroup)
            self.tokens.append((kind, match[kind], match.start(kind)))
            position = match.end()
        self.next = 0

    def goals(self) -> list[Goal]:
        """Return the goals of the text."""
        found = [self.goal()]
        while self.next < len(self.tokens):
            kind, word, at = self.take()
            if (kind, word) != ("word", "and"):
                self.fail(at, '"and" and another goal, or the end', f'"{word}"')
            found.append(self.goal())
        return found

    def goal(self) -> Goal:
        """Read one goal."""
        kind, name, begin = self.take()
        if kind != "word":
            self.fail(begin, "a measure such as coverage or T90", _said(name))
        measure = self.measure(name, begin)
        time, at = "", begin
        if self.kind() == "time":
            _, time, at = self.take()
            time = self.time(name, time, at)
        elif measure is None:
            expected = f"the time at which to read it, such as {name}(14 d)"
            self.fail(begin + len(name), expected, "none")
        names = self.names()
        operator, end = self.operator()
        unit = CURVES[name] if time or measure is None else measure.unit
        value = self.value(name, unit, end)
        last = self.tokens[self.next - 1]
        text = self.text[begin : last[2] + len(last[1])]
        return Goal(text, name, time, names, operator, value, unit, f'{self.option} "{text}"')

    def measure(self, name: str, at: int) -> Measure | None:
        """Return the measure of a name; None if it is known as a curve only."""
        try:
            return find_measure(name)
        except KeyError:
            if name in CURVES:
                return None
            hint = did_you_mean(name, [*CATALOGUE, *CURVES])
            self.fail(at, "a measure such as coverage or T90", f'"{name}"', hint)

    def time(self, name: str, token: str, at: int) -> str:
        """Return the time in brackets."""
        if not token.endswith(")"):
            self.fail(at + len(token), '")" after the time', "the end")
        if name not in CURVES:
            kept = ", ".join(CURVES)
            why = f"{name} is one number of a whole run; over time there are {kept}"
            self.fail(at, "no time", f'"{token}"', why)
        time = token[1:-1].strip()
        if _moment(time) is None:
            try:
                DURATION.parse(time)
            except QuantityError as error:
                expected = "a duration such as 14 d or a time such as 2023-01-22T00:00:00+08:00"
                self.fail(at + 1, expected, f'"{time}"' if time else "nothing", _zone(time, error))
        return time

    def names(self) -> tuple[str, ...]:
        """Read what follows the signs @, if any do."""
        names: list[str] = []
        while self.kind() == "at":
            self.take()
            kind, name, at = self.take()
            if kind not in ("word", "quoted"):
                self.fail(at, "an echelon, product, region or entity after @", _said(name))
            names.append(name.strip('"'))
        return tuple(names)

    def operator(self) -> tuple[Operator, int]:
        """Read the operator; return it and where it ends."""
        kind, sign, at = self.take()
        if kind != "operator":
            self.fail(at, "one of >= <= > < =", _said(sign))
        return cast(Operator, _OPERATORS.get(sign, sign)), at + len(sign)

    def value(self, name: str, unit: str, after: int) -> str:
        """Read the limit: a number with its unit, or a time."""
        words: list[str] = []
        at = self.tokens[self.next][2] if self.next < len(self.tokens) else after
        while self.kind() == "word" and self.tokens[self.next][1] != "and":
            words.append(self.take()[1])
        value = " ".join(words)
        if unit == "h":
            self.hours(name, value, at)
            return value
        number = _NUMBER.match(value)
        example = {"share": "0.95 or 95 %", "probability": "1"}.get(unit, f"1_000 {unit}")
        if number is None:
            self.fail(at, f"a number such as {example}", _said(value))
        rest = value[number.end() :].strip()
        allowed = {"", unit, *(("%",) if unit in ("share", "probability") else ())}
        if rest not in allowed:
            what = "a share" if unit in ("share", "probability") else f"a number of {unit}"
            self.fail(at, f"{what}, such as {example}", f'"{value}"')
        size = float(number[0].replace("_", "")) / (100.0 if rest == "%" else 1.0)
        if unit in ("share", "probability") and not 0.0 <= size <= 1.0:
            self.fail(at, "a share between 0 and 1, such as 0.95 or 95 %", f'"{value}"')
        return number[0] + (" %" if rest == "%" else "")

    def hours(self, name: str, value: str, at: int) -> None:
        """Check a limit of a measure in hours."""
        if name in TIMES and _moment(value) is not None:
            return
        try:
            DURATION.parse(value)
        except QuantityError as error:
            clock = " or a time such as 2023-01-20T18:00+08:00" if name in TIMES else ""
            self.fail(at, f"a duration such as 10 d{clock}", _said(value), _zone(value, error))

    def kind(self) -> str:
        """Return the kind of the next token, "" at the end."""
        return self.tokens[self.next][0] if self.next < len(self.tokens) else ""

    def take(self) -> tuple[str, str, int]:
        """Return the next token: its kind, its text and where it begins."""
        if self.next == len(self.tokens):
            return "", "", len(self.text.rstrip())
        self.next += 1
        return self.tokens[self.next - 1]

    def fail(self, at: int, expected: str, found: str, hint: str = "") -> NoReturn:
        """Say what is wrong with the text at a position.

        Raises:
            UsageError: always.
        """
        more = f" ({hint})" if hint else ""
        raise UsageError(
            f'{self.option} "{self.text}", column {at + 1}: expected {expected}, '
            f"found {found}{more}"
        )


def _said(token: str) -> str:
    return f'"{token}"' if token else "the end"


def _zone(text: str, error: QuantityError) -> str:
    """Return what is wrong with a text that is no duration, nor a clock time in its place."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return error.why
    return "it is a moment, not a length of time" if moment.tzinfo else "it has no zone: +08:00"
