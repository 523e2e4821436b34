"""What scenario files may not say of supply by lots, of consumption and of disruptions."""

from __future__ import annotations

import tomllib

import pytest
from reference.small import SMALL

from sim.scenario.check_chance import chance_faults
from sim.scenario.schema import Scenario

MILK = """
[supply.milk]
site = "near"
product = "oximeter"
gap = "6 h"
"""
USE = """
[consumption.tests]
echelon = "clinic"
product = "oximeter"
rate = "1/day"
"""
SNOW = """
[disruptions.snow]
kind = "slow-road"
lane = "to-city"
begins = 2023-01-13T00:00:00+08:00
lasts = "1 d"
factor = 2
"""
LISTED = """
[echelons.store]
[sites.shop]
echelon = "store"
at = [30.0, 120.0]
need = { oximeter = 5 }
[sites.kiosk]
echelon = "store"
at = [30.0, 120.0]
[lanes.to-store]
from = "factory"
to = "store"
fleet = "truck"
"""
BOTH = "a time between the start and the horizon, 2023-02-11T00:00:00+08:00"


def faults(text: str) -> list[tuple[str, str, str]]:
    scenario = Scenario.model_validate(tomllib.loads(SMALL + text))
    return [
        (".".join(map(str, fault.path)), fault.expected, fault.found)
        for fault in chance_faults(scenario)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        MILK,
        MILK + 'first = "0 h"\nmost = 3\nbegins = 2023-01-13T00:00:00+08:00\ncalendar = "desk"',
        MILK.replace('gap = "6 h"', "at = [2023-01-12T00:00:00+08:00, 2023-02-11T00:00:00+08:00]"),
        LISTED + MILK.replace("near", "shop"),
        USE,
        USE.replace("rate", 'pattern = "poisson"\nrate'),
        USE.replace('rate = "1/day"', 'pattern = "timetable"\nat = [2023-01-13T00:00:00+08:00]'),
        LISTED + USE.replace("clinic", "store"),
        SNOW,
        SNOW.replace("begins = 2023-01-13T00:00:00+08:00", 'every = "3 d"'),
        SNOW.replace("to-city", "to-store").replace("factor", 'sites = ["shop"]\nfactor') + LISTED,
    ],
)
def test_what_is_right(text: str) -> None:
    assert faults(text) == []


def cut(sites: str, products: str = "") -> str:
    return f"""
[disruptions.power]
kind = "output-cut"
sites = {sites}
begins = 2023-01-13T00:00:00+08:00
lasts = "1 d"
share = 0.5
{products}
"""


def away(fleet: str) -> str:
    return f"""
[disruptions.feast]
kind = "fewer-vehicles"
fleet = "{fleet}"
begins = 2023-01-13T00:00:00+08:00
lasts = "1 d"
vehicles = 1
"""


SHUT = """
[disruptions.shut]
kind = "closed-site"
echelon = "clinic"
begins = 2023-01-13T00:00:00+08:00
lasts = "1 d"
"""
FLU = """
[disruptions.flu]
kind = "sudden-need"
echelon = "clinic"
product = "oximeter"
begins = 2023-01-13T00:00:00+08:00
lasts = "1 d"
factor = 2
"""
IDLE = """
[sites.idle]
echelon = "factory"
at = [30.0, 120.0]
stock = { oximeter = 9 }
"""
UNLIMITED = """
[fleets.taxi]
home = "city"
vehicles = "unlimited"
speed = "50 km/h"
"""

#: What is wrong; the tables; path, what was expected, and what was found.
WRONG: dict[str, tuple[str, tuple[str, str, str]]] = {
    "neither gap nor at": (
        MILK.replace('gap = "6 h"', ""),
        ("supply.milk", 'either "gap" or "at"', "neither"),
    ),
    "gap and at": (
        MILK + "at = [2023-01-13T00:00:00+08:00]",
        ("supply.milk", 'either "gap" or "at"', "both"),
    ),
    "first without a gap": (
        MILK.replace('gap = "6 h"', 'at = [2023-01-13T00:00:00+08:00]\nfirst = "1 h"'),
        ("supply.milk.first", 'this key with "gap" only', 'it with "at"'),
    ),
    "most without a gap": (
        MILK.replace('gap = "6 h"', "at = [2023-01-13T00:00:00+08:00]\nmost = 1"),
        ("supply.milk.most", 'this key with "gap" only', 'it with "at"'),
    ),
    "a calendar without a gap": (
        MILK.replace('gap = "6 h"', 'at = [2023-01-13T00:00:00+08:00]\ncalendar = "desk"'),
        ("supply.milk.calendar", 'this key with "gap" only', 'it with "at"'),
    ),
    "an empty timetable": (
        MILK.replace('gap = "6 h"', "at = []"),
        ("supply.milk.at", "one time or more", "none"),
    ),
    "a lot before the start": (
        MILK.replace('gap = "6 h"', "at = [2023-01-13T00:00:00+08:00, 2023-01-11T00:00:00+08:00]"),
        ("supply.milk.at.1", BOTH, "2023-01-11T00:00:00+08:00"),
    ),
    "lots that begin after the horizon": (
        MILK + "begins = 2023-02-12T00:00:00+08:00",
        ("supply.milk.begins", BOTH, "2023-02-12T00:00:00+08:00"),
    ),
    "lots that end before they begin": (
        MILK + "begins = 2023-01-15T00:00:00+08:00\nends = 2023-01-14T00:00:00+08:00",
        ("supply.milk.ends", "a time after the beginning", "2023-01-14T00:00:00+08:00"),
    ),
    "gaps of nothing": (
        MILK.replace('"6 h"', '{ values = ["0 h"], law = "empirical" }'),
        ("supply.milk.gap", "gaps that are not all 0", "0"),
    ),
    "far too many lots": (
        MILK.replace('"6 h"', '"0.1 s"'),
        ("supply.milk.gap", "at most 10,000,000 lots until the horizon", "more"),
    ),
    "a calendar that never opens": (
        MILK + 'calendar = "never"\n[calendars.never]\nhours = "closed"',
        ("supply.milk.calendar", "a calendar with opening hours", "none"),
    ),
    "lots with nowhere to go": (
        LISTED + MILK.replace("near", "kiosk"),
        ("supply.milk.site", 'a site that a lane leaves, or that needs "oximeter"', '"kiosk"'),
    ),
    "use in the middle": (
        USE.replace("clinic", "city"),
        ("consumption.tests.echelon", "an echelon that no lane leaves: goods end there", '"city"'),
    ),
    "use of what never comes": (
        USE.replace("oximeter", "mask") + "[products.mask]",
        ("consumption.tests.product", 'a product that is due to "clinic"', '"mask"'),
    ),
    "used twice": (
        USE + USE.replace("tests", "more"),
        (
            "consumption.more.product",
            "one consumption of each product at an echelon",
            'another in "tests"',
        ),
    ),
    "no rate": (
        USE.replace('rate = "1/day"', ""),
        ("consumption.tests", 'the key "rate" for the pattern "constant"', "none"),
    ),
    "a rate for a timetable": (
        USE + 'pattern = "timetable"\nat = [2023-01-13T00:00:00+08:00]',
        ("consumption.tests.rate", 'no rate for the pattern "timetable"', "one"),
    ),
    "a timetable without times": (
        USE.replace('rate = "1/day"', 'pattern = "timetable"'),
        ("consumption.tests", 'the key "at" for the pattern "timetable"', "none"),
    ),
    "times for a rate": (
        USE + "at = [2023-01-13T00:00:00+08:00]",
        ("consumption.tests.at", 'no times for the pattern "constant"', "some"),
    ),
    "units for a rate": (
        USE + "units = 3",
        ("consumption.tests.units", 'one unit at a time for the pattern "constant"', "3"),
    ),
    "a rate beyond reason": (
        USE.replace("1/day", "1_000_000/min"),
        ("consumption.tests.rate", "at most 10,000,000 units until the horizon", "more"),
    ),
    "asked for after the horizon": (
        USE.replace('rate = "1/day"', 'pattern = "timetable"\nat = [2023-03-13T00:00:00+08:00]'),
        ("consumption.tests.at.0", BOTH, "2023-03-13T00:00:00+08:00"),
    ),
    "neither begins nor every": (
        SNOW.replace("begins = 2023-01-13T00:00:00+08:00", ""),
        ("disruptions.snow", 'either "begins" or "every"', "neither"),
    ),
    "begins and every": (
        SNOW + 'every = "3 d"',
        ("disruptions.snow", 'either "begins" or "every"', "both"),
    ),
    "the later time first": (
        SNOW.replace(
            "2023-01-13T00:00:00+08:00", "[2023-01-14T00:00:00+08:00, 2023-01-13T00:00:00+08:00]"
        ),
        ("disruptions.snow.begins", "[earliest, latest]", "the later time first"),
    ),
    "begins before the start": (
        SNOW.replace("2023-01-13", "2023-01-10"),
        ("disruptions.snow.begins", BOTH, "2023-01-10T00:00:00+08:00"),
    ),
    "every moment": (
        SNOW.replace("begins = 2023-01-13T00:00:00+08:00", 'every = "0.1 s"'),
        ("disruptions.snow.every", "at most 10,000,000 times until the horizon", "more"),
    ),
    "a site of another echelon": (
        SNOW + 'sites = ["near"]',
        ("disruptions.snow.sites.0", 'a site of "city"', '"near", a site of "factory"'),
    ),
    "closed facilities on tours": (
        SHUT,
        (
            "disruptions.shut.echelon",
            "an echelon of sites",
            '"clinic", whose facilities are visited on tours',
        ),
    ),
    "no output to cut": (
        cut('["near", "idle"]') + IDLE,
        (
            "disruptions.power.sites.1",
            "a site with output, or [supply], to cut",
            '"idle", with none',
        ),
    ),
    "no output of that product": (
        cut('["near"]', 'products = ["mask"]') + "[products.mask]",
        (
            "disruptions.power.sites.0",
            "a site with output, or [supply], to cut",
            '"near", with none',
        ),
    ),
    "none of endless vehicles": (
        away("taxi") + UNLIMITED,
        (
            "disruptions.feast.fleet",
            "a fleet with a number of vehicles",
            '"taxi", which has as many as are needed',
        ),
    ),
    "more of no need": (
        FLU,
        ("disruptions.flu", 'a [consumption] of "oximeter" at "clinic"', "none"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong(case: str) -> None:
    text, expected = WRONG[case]
    assert faults(text) == [expected]


def test_a_supply_at_a_stop_of_tours() -> None:
    text = LISTED.replace(
        'fleet = "truck"', 'fleet = "truck"\ntours = { stops = 2, stop-time = "1 h" }'
    )
    (found,) = faults(text + MILK.replace("near", "shop"))
    assert found == ("supply.milk.site", "a site that is no stop of tours", '"shop"')


def test_all_is_well_with_flu_and_use() -> None:
    assert faults(FLU + USE) == []
    assert faults(cut('["near"]') + away("van")) == []
