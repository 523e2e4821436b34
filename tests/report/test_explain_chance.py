"""Lots, consumption and disruptions in words: each form once."""

from __future__ import annotations

import pytest

from sim.report.explain_chance import (
    sentence_of_consumption,
    sentence_of_disruption,
    sentence_of_lots,
)
from sim.scenario.load import parse_scenario
from sim.scenario.schema import Scenario

TEXT = """
title = "Each form once"
start = 2024-01-01T00:00:00+00:00
horizon = "9 d"
[geography]
nation = "none"
[products.kit]
title = "test kits"
[products.serum]
[products.water]
[calendars.day]
hours = "08:00-18:00"
[echelons.plant]
[echelons.shop]
[sites.mill]
echelon = "plant"
title = "The mill"
output = { kit = "2/h" }
region = "north"
[sites.yard]
echelon = "plant"
stock = { serum = 9, water = 9 }
[sites.corner]
echelon = "shop"
region = "north"
need = { kit = "all", serum = "all", water = "all" }
[sites.market]
echelon = "shop"
region = "south"
need = { kit = "all", serum = "all", water = "all" }
[fleets.van]
home = "plant"
vehicles = 3
[lanes.road]
from = "plant"
to = "shop"
fleet = "van"
time = "1 h"
[supply.gifts]
product = "kit"
site = "mill"
lot = 5
gap = { mean = "2 h", law = "exponential" }
calendar = "day"
first = "1 h"
most = 7
[supply.once]
product = "serum"
site = "yard"
lot = { mean = 5, cv = 0.5 }
first = "30 h"
[supply.listed]
product = "serum"
echelon = "plant"
lot = 2
at = [2024-01-02T00:00:00+00:00, 2024-01-03T00:00:00+00:00, 2024-01-04T00:00:00+00:00,
      2024-01-05T00:00:00+00:00, 2024-01-06T00:00:00+00:00, 2024-01-07T00:00:00+00:00]
[supply.daily]
product = "serum"
echelon = "plant"
lot = 2
gap = "1 d"
begins = 2024-01-02T00:00:00+00:00
ends = 2024-01-05T00:00:00+00:00
most = 3
[consumption.wear]
echelon = "shop"
product = "kit"
pattern = "poisson"
rate = "2/day"
stock = 4
[consumption.meals]
echelon = "shop"
product = "serum"
pattern = "timetable"
at = [2024-01-02T00:00:00+00:00, 2024-01-03T00:00:00+00:00]
units = 3
[consumption.use]
echelon = "shop"
product = "water"
rate = "1/h"
begins = 2024-01-02T00:00:00+00:00
[disruptions.strike]
kind = "closed-site"
echelon = "plant"
begins = 2024-01-02T00:00:00+00:00
lasts = "1 d"
each = true
[disruptions.flood]
kind = "closed-road"
lane = "road"
regions = ["north"]
begins = [2024-01-02T00:00:00+00:00, 2024-01-03T00:00:00+00:00]
lasts = { mean = "1 d", cv = 0.5 }
chance = 0.25
[disruptions.snow]
kind = "slow-road"
lane = "road"
factor = 1.5
every = { mean = "3 d", law = "exponential" }
lasts = "6 h"
[disruptions.outage]
kind = "output-cut"
sites = ["mill"]
products = ["kit"]
share = 0.5
begins = 2024-01-02T00:00:00+00:00
lasts = "1 d"
[disruptions.repairs]
kind = "fewer-vehicles"
fleet = "van"
vehicles = 1
begins = 2024-01-02T00:00:00+00:00
lasts = "2 d"
[disruptions.wave]
kind = "sudden-need"
echelon = "shop"
product = "kit"
sites = ["market"]
factor = 3
begins = 2024-01-02T00:00:00+00:00
lasts = "2 d"
"""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return parse_scenario(TEXT, name="forms", place="forms.toml").scenario


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "gifts",
            (
                "The mill: lots of 5 test kits, one every 2 h on average (exponential) of the "
                "hours of day, the first after 60 min, at most 7"
            ),
        ),
        ("once", "yard: lots of 5 on average (lognormal, cv 0.5) serum, once, after 30 h"),
        (
            "listed",
            (
                "each of the plant: lots of 2 serum at 2 Jan 00:00, 3 Jan 00:00, 4 Jan 00:00, "
                "5 Jan 00:00 and 2 more times"
            ),
        ),
        (
            "daily",
            (
                "each of the plant: lots of 2 serum, one every 24 h, from 2 Jan 00:00, until "
                "5 Jan 00:00, at most 3 each"
            ),
        ),
    ],
)
def test_lots(scenario: Scenario, name: str, said: str) -> None:
    assert sentence_of_lots(scenario, name) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("wear", "2 test kits every 24 h at random moments, beginning with a stock of 4"),
        ("meals", "3 serum at each of 2 times, beginning with a stock of 0"),
        (
            "use",
            (
                "1 water every 60 min at equal intervals from 2 Jan 00:00 on, beginning with a "
                "stock of 0"
            ),
        ),
    ],
)
def test_consumption(scenario: Scenario, name: str, said: str) -> None:
    assert sentence_of_consumption(scenario, name) == f"{name}: shop each use {said}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("strike", "all plant shut, for 24 h, from 2 Jan 00:00, each by itself"),
        (
            "flood",
            (
                "roads of road to north shut, for 24 h on average (lognormal, cv 0.5), from "
                "2 Jan 00:00 to 3 Jan 00:00, with a chance of 25.0 %"
            ),
        ),
        (
            "snow",
            (
                "journeys on road take 1.5 times as long, for 6 h, again 3 d on average "
                "(exponential) after the last"
            ),
        ),
        ("outage", "mill make 50.0 % less of kit, for 24 h, from 2 Jan 00:00"),
        ("repairs", "1 vehicle of van away at every site, for 48 h, from 2 Jan 00:00"),
        ("wave", "market use 3 times as much kit, for 48 h, from 2 Jan 00:00"),
    ],
)
def test_disruptions(scenario: Scenario, name: str, said: str) -> None:
    assert sentence_of_disruption(scenario, name) == f"{name}: {said}"
