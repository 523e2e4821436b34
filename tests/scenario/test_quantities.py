"""Quantities with units: what is read, what is refused and why, and how durations are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.units import (
    DURATION,
    LENGTH,
    RATE,
    SPEED,
    VOLUME,
    WEIGHT,
    Dimension,
    QuantityError,
    show_hours,
)

DIMENSIONS = (DURATION, LENGTH, SPEED, VOLUME, WEIGHT, RATE)


@pytest.mark.parametrize(
    ("dimension", "text", "value"),
    [
        (DURATION, "90 s", 0.025),
        (DURATION, "20 min", 1 / 3),
        (DURATION, "4 h", 4.0),
        (DURATION, "1.5 d", 36.0),
        (DURATION, "1 day", 24.0),
        (DURATION, "2 days", 48.0),
        (DURATION, "1 week", 168.0),
        (DURATION, "2weeks", 336.0),
        (LENGTH, "250 m", 0.25),
        (LENGTH, "1_204.5 km", 1204.5),
        (SPEED, "10 m/s", 36.0),
        (SPEED, "  60   km/h ", 60.0),
        (VOLUME, "500 l", 0.5),
        (VOLUME, "500 L", 0.5),
        (VOLUME, "12 m³", 12.0),
        (WEIGHT, "3 t", 3000.0),
        (WEIGHT, "50 g", 0.05),
        (RATE, "24/day", 1.0),
        (RATE, "24 /d", 1.0),
        (RATE, "40_000/day", 40_000 / 24),
        (RATE, "1/s", 3600.0),
        (RATE, "1/min", 60.0),
        (RATE, "168/week", 1.0),
        (DURATION, "-4 h", -4.0),
        (DURATION, "+4 h", 4.0),
        (DURATION, "1e2 h", 100.0),
        (DURATION, "1.5E-1 h", 0.15),
        (DURATION, ".5 h", 0.5),
    ],
)
def test_reads(dimension: Dimension, text: str, value: float) -> None:
    assert dimension.parse(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("dimension", "text", "why"),
    [
        (DURATION, "4", "it has no unit"),
        (DURATION, "4_000", "it has no unit"),
        (DURATION, "h", "it has no number"),
        (DURATION, "", "it has no number"),
        (DURATION, "   ", "it has no number"),
        (DURATION, "- h", "it has no number"),
        (DURATION, "about 4 h", "it has no number"),
        (DURATION, "_4 h", "it has no number"),
        (DURATION, "4 km", '"km" is not a unit of a duration'),
        (DURATION, "4 H", '"H" is not a unit of a duration'),
        (DURATION, "4 h 30 min", '"h 30 min" is not a unit of a duration'),
        (DURATION, "4,5 h", '",5 h" is not a unit of a duration'),
        (SPEED, "60 km", '"km" is not a unit of a speed'),
        (RATE, "40_000 day", '"day" is not a unit of a rate'),
        (RATE, "40_000", "it has no unit"),
        (VOLUME, "12 m2", '"m2" is not a unit of a volume'),
        (WEIGHT, "nan kg", "it has no number"),
        (WEIGHT, "inf kg", "it has no number"),
    ],
)
def test_refuses(dimension: Dimension, text: str, why: str) -> None:
    with pytest.raises(QuantityError) as raised:
        dimension.parse(text)
    assert raised.value.why == why
    assert raised.value.found == f'"{text}"'
    assert str(raised.value) == (
        f'expected {dimension.name} such as {dimension.example}, found "{text}"'
    )


def test_every_example_is_a_quantity_of_its_dimension() -> None:
    for dimension in DIMENSIONS:
        assert dimension.parse(dimension.example.strip('"')) > 0


numbers = st.floats(min_value=0, max_value=1e12, allow_nan=False)


@given(st.sampled_from(DIMENSIONS), numbers, st.data())
def test_round_trip(dimension: Dimension, number: float, data: st.DataObject) -> None:
    unit = data.draw(st.sampled_from(sorted(dimension.units)))
    blank = data.draw(st.sampled_from(["", " ", "  "]))
    assert dimension.parse(f"{number!r}{blank}{unit}") == number * dimension.units[unit]


@given(st.integers(min_value=0, max_value=10**15), st.sampled_from(DIMENSIONS))
def test_underscores_between_digits_change_nothing(number: int, dimension: Dimension) -> None:
    unit = next(iter(dimension.units))
    assert dimension.parse(f"{number:_} {unit}") == dimension.parse(f"{number} {unit}")


@given(numbers, st.data())
def test_other_dimensions_units_are_refused(number: float, data: st.DataObject) -> None:
    mine = data.draw(st.sampled_from(DIMENSIONS))
    units = {unit for dimension in DIMENSIONS for unit in dimension.units} - set(mine.units)
    unit = data.draw(st.sampled_from(sorted(units)))
    with pytest.raises(QuantityError):
        mine.parse(f"{number!r} {unit}")


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (0, "0 min"),
        (1 / 3600, "1 s"),
        (0.2, "12 min"),
        (1.5, "90 min"),
        (2, "2 h"),
        (71.5, "71.5 h"),
        (72, "3 d"),
        (336, "14 d"),
        (24 * 12_345, "12,345 d"),
        (-0.5, "-30 min"),
    ],
)
def test_durations_for_people(hours: float, text: str) -> None:
    assert show_hours(hours) == text
