"""Numbers, times and tolerances as people read them."""

from __future__ import annotations

from datetime import datetime
from math import inf, nan

import pytest

from sim.evidence import AGREES, CONTRADICTED, NOT_RECORDED, WITHIN_SPREAD
from sim.expectation import DIFFERS, NOT_JUDGED
from sim.report.words import (
    VERDICT_STYLE,
    clock,
    echelon_title,
    interval,
    number,
    plural,
    quantity,
    span,
    tolerance,
)
from sim.scenario.places import Echelon

START = datetime.fromisoformat("2023-01-07T00:00:00+08:00")


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (0, "7 Jan 00:00"),
        (18.5, "7 Jan 18:30"),
        (23.9999, "8 Jan 00:00"),  # to the minute
        (24 * 25, "1 Feb 00:00"),
        (-1, "6 Jan 23:00"),
        (None, "after the horizon"),
        (nan, "after the horizon"),
        (inf, "after the horizon"),
    ],
)
def test_clock(hours: float | None, text: str) -> None:
    assert clock(START, hours) == text
    day = text if text == "after the horizon" else text.rpartition(" ")[0]
    assert clock(START, hours, short=True) == day


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "units", "-"),
        (nan, "h", "-"),
        (inf, "h", "never"),
        (0.5, "share", "50.0 %"),
        (1.0, "share", "100.0 %"),
        (0.9999, "share", ">99.9 %"),  # not all, however close
        (0.123, "gini", "0.123"),
        (1234.56, "h", "1,234.6"),
        (3.0, "units", "3"),
        (3.25, "units", "3.2"),
        (1_172_000.0, "units", "1,172,000"),
        (100.4, "trips", "100"),
    ],
)
def test_number(value: float | None, unit: str, text: str) -> None:
    assert number(value, unit) == text
    assert quantity(START, value, unit) == text


def test_a_quantity_of_time_is_a_date() -> None:
    assert quantity(START, 18, "time") == "7 Jan 18:00"
    assert quantity(START, None, "time") == "after the horizon"


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        ((10, 8, 12), "7 Jan 10:00 [08:00, 12:00]"),
        ((10, 8, 30), "7 Jan 10:00 [7 Jan 08:00, 8 Jan 06:00]"),
        ((10, -2, 12), "7 Jan 10:00 [6 Jan 22:00, 7 Jan 12:00]"),
        ((10, 8, inf), "7 Jan 10:00 [7 Jan 08:00, after the horizon]"),
        ((10, None, 12), "7 Jan 10:00"),
        ((10, 8, None), "7 Jan 10:00"),
    ],
)
def test_span(bounds: tuple[float, float | None, float | None], text: str) -> None:
    assert span(START, *bounds) == text


def test_interval() -> None:
    assert interval(START, 3, 1, 5, "trips") == "3 [1, 5]"
    assert interval(START, 0.5, 0.4, 0.6, "share") == "50.0 % [40.0 %, 60.0 %]"
    assert interval(START, 10, 8, 12, "time") == "7 Jan 10:00 [08:00, 12:00]"
    late = interval(START, None, 8, None, "time")
    assert late == "after the horizon [7 Jan 08:00, after the horizon]"


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (450_000, 550_000, "units", "450,000 to 550,000"),
        (0.95, None, "share", "at least 95.0 %"),
        (None, 1, "trips", "at most 1"),
        (None, 18, "time", "by 7 Jan 18:00"),
        (18, None, "time", "from 7 Jan 18:00"),
        (0, 24, "time", "7 Jan 00:00 to 8 Jan 00:00"),
        (None, None, "units", "any"),
    ],
)
def test_tolerance(low: float | None, high: float | None, unit: str, text: str) -> None:
    assert tolerance(START, low, high, unit) == text


def test_plural() -> None:
    assert [plural(count, "tour") for count in (0, 1, 2, 12_345)] == [
        "0 tours",
        "1 tour",
        "2 tours",
        "12,345 tours",
    ]


def test_an_echelon_without_a_title_is_called_what_its_sites_are() -> None:
    assert echelon_title("clinic", Echelon(sites="village-clinics")) == "village clinics"
    assert echelon_title("maker", Echelon()) == "maker"
    assert echelon_title("maker", Echelon(title="makers")) == "makers"


def test_every_verdict_has_a_style() -> None:
    verdicts = {AGREES, WITHIN_SPREAD, CONTRADICTED, NOT_RECORDED, DIFFERS, NOT_JUDGED}
    assert VERDICT_STYLE.keys() == verdicts
