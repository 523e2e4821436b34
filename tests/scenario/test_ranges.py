"""Ranges: which numbers of a scenario are uncertain, as --set takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario.load import load_scenario
from sim.scenario.ranges import base_number, ranges_of, write_quantity
from sim.units import split_quantity

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def test_numbers_quantities_and_laws_are_found_with_their_ends() -> None:
    document = load_scenario(SCENARIOS / "courier-packs-2022.toml").document
    found = {item.path: item for item in ranges_of(document)}
    vehicles = found["fleets.van.vehicles"]
    assert (vehicles.value, vehicles.low, vehicles.high) == (1.0, 1.0, 3.0)
    assert (vehicles.whole, vehicles.unit, vehicles.status) == (True, "", "assumed")
    speed = found["fleets.van.speed"]
    assert (speed.low, speed.high, speed.unit, speed.whole) == (15.0, 35.0, "km/h", False)
    loading = found["fleets.van.loading"]
    assert (loading.value, loading.low, loading.high, loading.unit) == (45.0, 20.0, 90.0, "min")
    stop = found["lanes.round.tours.stop-time"]
    assert (stop.low, stop.high, stop.unit) == (15.0, 60.0, "min"), "1 h is 60 min"
    assert stop.ends == ("15 min", "1 h")
    assert found["echelons.hand-out.entitlement.pack"].status == "derived"
    assert not found["geography.circuity"].whole
    assert list(found) == [item.path for item in ranges_of(document)], "each path once"


@pytest.mark.parametrize("scenario", sorted(SCENARIOS.glob("*.toml")), ids=lambda p: p.stem)
def test_every_range_of_every_scenario_holds_its_value(scenario: Path) -> None:
    document = load_scenario(scenario).document
    for item in ranges_of(document):
        assert item.low <= item.value <= item.high
        assert base_number(document, item.path, item.unit) == item.value
        for end, number in zip(item.ends, (item.low, item.high), strict=True):
            assert item.text(number) == end


@pytest.mark.parametrize("path", ["fleets.van.vehicles", "fleets.van.loading", "fleets.van.speed"])
def test_a_text_between_the_ends_sets_what_it_says(path: str) -> None:
    scenario = SCENARIOS / "courier-packs-2022.toml"
    item = {each.path: each for each in ranges_of(load_scenario(scenario).document)}[path]
    number = item.low + 2 / 3 * (item.high - item.low)
    text = item.text(round(number) if item.whole else number)
    moved = load_scenario(scenario, [f"{path}={text}"])
    assert base_number(moved.document, path, item.unit) == float(text.split()[0])
    assert item.path not in {each.path for each in ranges_of(moved.document)}, "set by hand"


def test_quantities_are_written_without_exponents() -> None:
    assert write_quantity(1e-5, "h") == "0.00001 h"
    assert write_quantity(123456789.0, "/day") == "123457000/day"
    assert write_quantity(3.0, "") == "3.0"
    assert split_quantity(write_quantity(2 / 3, "km/h")) == (0.666667, "km/h")


def test_what_is_no_number_has_no_base() -> None:
    document = {"a": {"b": "all", "c": {"value": "3 h"}, "d": 4, "e": True}}
    assert base_number(document, "a.b", "") is None
    assert base_number(document, "a.e", "") is None
    assert base_number(document, "a.x.y", "") is None
    assert base_number(document, "a.d", "") == 4.0
    assert base_number(document, "a.d", "h") is None
    assert base_number(document, "a.c", "min") == 180.0
