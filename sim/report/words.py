"""Numbers, times and verdicts as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import isinf, isnan

from sim.scenario.chance import DurationLaw, SizeLaw
from sim.scenario.places import Echelon
from sim.units import show_hours

VERDICT_STYLE = {
    "agrees": "green",
    "within spread": "yellow",
    "contradicted": "red",
    "differs": "red",
    "not judged": "yellow",
    "not recorded": "dim",
}


def plural(count: int, thing: str) -> str:
    """Write a number of things: ``1 vehicle``, ``1,204 vehicles``."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def echelon_title(name: str, echelon: Echelon) -> str:
    """Return what to call an echelon: its title, else what its sites are, else its name."""
    return echelon.title or (echelon.sites or name).replace("-", " ")


def law_words(law: DurationLaw) -> str:
    """Write how long something takes: ``12 min``, or ``12 min on average (lognormal, cv 0.5)``."""
    made = law.make()
    return _varying(show_hours(made.mean), law.kind, made.cv)


def size_words(law: SizeLaw) -> str:
    """Write how many units a lot has."""
    made = law.make()
    return _varying(f"{made.mean:,g}", law.kind, made.cv)


def _varying(mean: str, kind: str, cv: float) -> str:
    if cv == 0:
        return mean
    by_nature = kind in ("exponential", "triangular", "empirical")
    return f"{mean} on average ({kind}{'' if by_nature else f', cv {cv:.3g}'})"


def clock(start: datetime, hours: float | None, *, short: bool = False) -> str:
    """Write the time so many hours after the start: ``15 Jan 16:00``, or ``15 Jan`` if short.

    None, NaN and inf are "after the horizon".
    """
    if hours is None or isnan(hours) or isinf(hours):
        return "after the horizon"
    moment = start + timedelta(hours=round(hours * 60) / 60)
    text = f"{moment.day} {moment:%b}"
    return text if short else f"{text} {moment:%H:%M}"


def number(value: float | None, unit: str) -> str:
    """Write a value of a measure with as many digits as it deserves."""
    if value is None or isnan(value):
        return "-"
    if isinf(value):
        return "never"
    if unit in ("share", "probability"):
        if 0.9995 <= value < 1:
            return ">99.9 %"  # not all, however close
        return f"{value * 100:.1f} %"
    if unit == "gini":
        return f"{value:.3f}"
    if unit == "h":
        return f"{value:,.1f}"
    if abs(value) >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.1f}"


def quantity(start: datetime, value: float | None, unit: str, *, short: bool = False) -> str:
    """Write a reported or modelled value: a time as a date, all else as a number."""
    if unit == "time":
        return clock(start, value, short=short)
    return number(value, unit)


def as_reported(start: datetime, value: float | None, unit: str) -> str:
    """Write what a figure reports: a value, or a dash where only bounds follow from the words."""
    return "-" if value is None or isnan(value) else quantity(start, value, unit)


def span(start: datetime, middle: float, low: float | None, high: float | None) -> str:
    """Write a time with its bounds; on the same day the bounds are times of day only."""
    if low is None or high is None:
        return clock(start, middle)
    day = clock(start, middle, short=True)
    texts = [clock(start, bound) for bound in (low, high)]
    if all(text.startswith(f"{day} ") for text in texts):
        texts = [text.removeprefix(f"{day} ") for text in texts]
    return f"{clock(start, middle)} [{texts[0]}, {texts[1]}]"


def interval(
    start: datetime, middle: float | None, low: float | None, high: float | None, unit: str
) -> str:
    """Write a value with its bounds in brackets."""
    if unit == "time" and middle is not None:
        return span(start, middle, low, high)
    low_text, high_text = quantity(start, low, unit), quantity(start, high, unit)
    return f"{quantity(start, middle, unit)} [{low_text}, {high_text}]"


def tolerance(start: datetime, low: float | None, high: float | None, unit: str) -> str:
    """Write a tolerance: ``450,000 to 550,000``, ``at least 95.0 %``, ``by 18 Jan 10:00``."""
    if low is None and high is None:
        return "any"
    if low is None:
        word = "by" if unit == "time" else "at most"
        return f"{word} {quantity(start, high, unit)}"
    if high is None:
        word = "from" if unit == "time" else "at least"
        return f"{word} {quantity(start, low, unit)}"
    return f"{quantity(start, low, unit)} to {quantity(start, high, unit)}"
