"""Holidays found in the scenario's own calendars."""

from __future__ import annotations

from datetime import datetime

import pytest

from sim.plots.closures import Closure, closure_text, closures
from sim.scenario.load import parse_scenario
from sim.store.result import Result


def _spans(result: Result, old: str = "", new: str = "") -> list[tuple[datetime, datetime]]:
    text = (result.path / "scenario.toml").read_text(encoding="utf-8")
    assert not old or old in text
    scenario = parse_scenario(text.replace(old, new), name="s", place="s").scenario
    return [
        (result.time(closure.begin), result.time(closure.end)) for closure in closures(scenario)
    ]


def _day(result: Result, month: int, day: int) -> datetime:
    return datetime(2023, month, day, tzinfo=result.start.tzinfo)


def test_the_spring_festival_of_2023(kits: Result) -> None:
    """21 to 27 January, though the horizon is the 25th: the notice of the State Council."""
    assert _spans(kits) == [(_day(kits, 1, 21), _day(kits, 1, 28))]
    (closure,) = closures(kits.scenario)
    assert closure.calendars == ("crews",)
    assert closure_text(kits.start, closure) == "closed 21–27 Jan"


def test_without_a_country_nothing_closes(kits: Result) -> None:
    assert _spans(kits, 'country = "CN"\n', "") == []
    assert _spans(kits, 'country = "CN"\n', 'country = "CN"\nholidays = false\n') == []


def test_a_calendar_that_nobody_uses_does_not_count(kits: Result) -> None:
    assert _spans(kits, 'calendar = "crews"\n', "") == []


def test_weekends_count_only_with_a_holiday(kits: Result) -> None:
    days = 'country = "CN"\ndays = "working days"\n'
    assert _spans(kits, 'country = "CN"\n', days) == [(_day(kits, 1, 21), _day(kits, 1, 28))]
    assert _spans(kits, 'country = "CN"\n', 'days = "working days"\n') == []


def test_a_single_day_of_exception(kits: Result) -> None:
    closed = 'exceptions = { 2023-01-19 = "closed" }\n'
    assert _spans(kits, 'country = "CN"\n', closed) == [(_day(kits, 1, 19), _day(kits, 1, 20))]


@pytest.mark.parametrize(
    ("begin", "end", "text"),
    [
        (0.0, 24.0, "closed 17 Jan"),
        (0.0, 48.0, "closed 17–18 Jan"),
        (0.0, 480.0, "closed 17 Jan – 5 Feb"),
    ],
)
def test_closures_in_words(kits: Result, begin: float, end: float, text: str) -> None:
    assert closure_text(kits.start, Closure(begin, end, ())) == text
