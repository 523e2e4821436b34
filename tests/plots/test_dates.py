"""Axes of dates and the words for times and quantities."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.dates import date2num

from sim.plots.dates import date_axis, date_number, dates_of, tick_text
from sim.plots.style import axes_or_new, styled
from sim.plots.words import (
    moment_text,
    quantity,
    span_text,
    tolerance_text,
    zone_text,
)

CHINA = timezone(timedelta(hours=8))
START = datetime(2023, 1, 7, tzinfo=CHINA)


def _ticks(start: datetime, end: datetime) -> tuple[list[str], str]:
    with styled():
        ax = axes_or_new(None)
        date_axis(ax, start, end)
        low, high = ax.get_xlim()
        shown = [x for x in ax.get_xticks() if low <= x <= high]
        return [tick_text(x, start.tzinfo) for x in shown], ax.get_xlabel()


@given(st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)))  # noqa: DTZ001
def test_positions_are_those_of_matplotlib(moment: datetime) -> None:
    assert date_number(moment.replace(tzinfo=UTC)) == pytest.approx(
        float(date2num(moment)), abs=1e-9
    )


def test_hours_are_added_in_days() -> None:
    assert dates_of(START, [0.0, 36.0]).tolist() == pytest.approx(
        [date_number(START), date_number(START) + 1.5]
    )


@pytest.mark.parametrize("offset", [8.0, -3.5, 5.75, 0.0])
def test_ticks_stand_at_local_midnights(offset: float) -> None:
    start = datetime(2023, 1, 7, 15, 20, tzinfo=timezone(timedelta(hours=offset)))
    ticks, _ = _ticks(start, start + timedelta(days=12))
    assert ticks[:3] == ["8 Jan", "9 Jan", "10 Jan"]
    assert not any(":" in tick for tick in ticks)


def test_a_short_span_has_hours() -> None:
    ticks, label = _ticks(START, START + timedelta(hours=30))
    assert ticks[:4] == ["7 Jan", "03:00", "06:00", "09:00"]
    assert "8 Jan" in ticks
    assert label == "date in 2023 (UTC+8)"


def test_a_long_span_has_fewer_ticks_and_both_years() -> None:
    start = datetime(2022, 12, 1, tzinfo=CHINA)
    ticks, label = _ticks(start, start + timedelta(days=90))
    assert 5 <= len(ticks) <= 15
    assert label == "date in 2022 and 2023 (UTC+8)"


def test_zones() -> None:
    assert zone_text(START) == "UTC+8"
    assert zone_text(START.astimezone(UTC)) == "UTC"
    assert zone_text(START.astimezone(timezone(-timedelta(hours=3, minutes=30)))) == "UTC-3:30"


def test_moments_are_rounded_to_the_minute() -> None:
    assert moment_text(datetime(2023, 1, 9, 23, 59, 40, tzinfo=CHINA)) == "10 Jan 00:00"
    assert moment_text(datetime(2023, 1, 9, 18, 0, 29, tzinfo=CHINA)) == "9 Jan 18:00"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1_234_567.4, "units", "1,234,567"),
        (46.5, "sites", "46.5"),
        (49.0, "sites", "49"),
        (0.9541, "share", "95.4 %"),
        (1.0, "share", "100 %"),
        (66.0, "time", "9 Jan 18:00"),
        (None, "time", "after the horizon"),
        (float("inf"), "time", "after the horizon"),
    ],
)
def test_quantities(value: float | None, unit: str, text: str) -> None:
    assert quantity(START, value, unit) == text


def test_spans_of_one_day_share_its_date() -> None:
    assert span_text(START, 66.0, 65.0, 67.5, "time") == "9 Jan 18:00 [17:00, 19:30]"
    assert span_text(START, 66.0, 40.0, 67.5, "time") == "9 Jan 18:00 [8 Jan 16:00, 9 Jan 19:30]"
    assert span_text(START, 66.0, 65.0, None, "time").endswith("after the horizon]")
    assert span_text(START, 5.0, 5.0, 5.0, "trips") == "5"


def test_a_day_is_not_taken_for_a_longer_one() -> None:
    text = span_text(datetime(2023, 1, 1, tzinfo=CHINA), 10.0, 9.0, 10 * 24 + 9.0, "time")
    assert text == "1 Jan 10:00 [1 Jan 09:00, 11 Jan 09:00]"


def test_tolerances() -> None:
    assert tolerance_text(START, 450_000, 550_000, "units") == "450,000 to 550,000"
    assert tolerance_text(START, 0.9, 1.0, "share") == "90 to 100 %"
    assert tolerance_text(START, 0.95, None, "share") == "at least 95 %"
    assert tolerance_text(START, None, 66.0, "time") == "by 9 Jan 18:00"
    assert tolerance_text(START, None, None, "units") == "any"
