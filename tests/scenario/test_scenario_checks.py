"""Faults that show only when tables are read together: one change of a valid scenario for each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sim.errors import Problem
from sim.scenario.load import LoadedScenario

DEPARTURES = 'fleet = "city-van"\ndispatch = { rule = "departures"'

#: What it is about; what is changed in the small scenario, from and to, one pair or several; the
#: path of the fault; what is said of it.
CASES: dict[str, tuple[tuple[tuple[str, str], ...], str, str]] = {
    "horizon too long": (
        (('horizon = "9 d"', 'horizon = "9_000 d"'),),
        "horizon",
        "expected at most 10 years, found 9,000 d",
    ),
    "a year that is no year of ours": (
        (("start = 2023-", "start = 0023-"),),
        "start",
        "expected a year from 1900 to 2200, found 23",
    ),
    "unknown country": (
        (('country = "CN"', 'country = "XX"'),),
        "calendars.duty.country",
        'expected a country with known holidays, such as "CN" (ISO 3166), found "XX"',
    ),
    "unknown part of a country": (
        (('country = "CN"', 'country = "DE-XX"'),),
        "calendars.duty.country",
        'expected a country with known holidays, such as "CN" (ISO 3166), found "DE-XX"',
    ),
    "listed site of a drawn echelon": (
        (('echelon = "factory"\nat = "H', 'echelon = "county"\nat = "H'),),
        "sites.maker.echelon",
        (
            "expected an echelon whose sites are listed under [sites], "
            'found "county", which is drawn from the geography'
        ),
    ),
    "latitude and longitude the wrong way round": (
        (('at = "Haikou"', "at = [110.3, 20.0]"),),
        "sites.maker.at",
        "expected [latitude, longitude] in degrees, found [110.3, 20.0]",
    ),
    "output by the day in shifts that never open": (
        (
            ('at = "Haikou"', 'at = "Haikou"\nshifts = "never"'),
            ("[calendars.duty]", '[calendars.never]\nhours = "closed"\n\n[calendars.duty]'),
        ),
        "sites.maker.output.oximeter",
        "expected shifts with opening hours, found none",
    ),
    "nobody is to get anything": (
        (
            (
                (
                    'entitlement = { oximeter = { value = 2, status = "reported", '
                    'source = "the announcement" } }'
                ),
                "",
            ),
        ),
        "echelons",
        "expected an echelon with an entitlement, or a site with a need, found none",
    ),
    "facilities without an entitlement": (
        (
            (
                (
                    'entitlement = { oximeter = { value = 2, status = "reported", '
                    'source = "the announcement" } }'
                ),
                "",
            ),
        ),
        "echelons.clinic",
        "expected the entitlement of its facilities, found none",
    ),
    "an echelon without sites": (
        (('[echelons.prefecture]\nsites = "prefectures"', "[echelons.prefecture]"),),
        "echelons.prefecture",
        "expected sites drawn from the geography, or sites of it under [sites], found neither",
    ),
    "tours to counties where goods end": (
        (('sites = "village-clinics"', 'sites = "counties"'),),
        "lanes.to-clinic.tours",
        "expected no such table: goods come to counties trip by trip, found one",
    ),
    "an entitlement of counties that pass goods on": (
        (('sites = "counties"', 'sites = "counties"\nentitlement = { oximeter = 1 }'),),
        "echelons.county.entitlement",
        'expected no such key: goods go on from here along the lane "to-clinic", found one',
    ),
    "a total of counties that pass goods on": (
        (('sites = "counties"', 'sites = "counties"\ntotal = { oximeter = 9 }'),),
        "echelons.county.total",
        'expected no such key: goods go on from here along the lane "to-clinic", found one',
    ),
    "drawn sites called site": (
        (
            ("[echelons.prefecture]", "[echelons.site]"),
            ('to = "prefecture"', 'to = "site"'),
            ('from = "prefecture"', 'from = "site"'),
            ('home = "prefecture"', 'home = "site"'),
            ('echelon = "prefecture"', 'echelon = "site"'),
        ),
        "echelons.site",
        (
            'expected another name for an echelon of drawn sites, found "site" (keys of drawn '
            'sites begin with it, and those of listed ones with "site")'
        ),
    ),
    "facilities that nobody lists": (
        (('sites = "village-clinics"\n', ""),),
        "echelons.clinic",
        "expected sites drawn from the geography, or sites of it under [sites], found neither",
    ),
    "no lane leads to an echelon": (
        (("[echelons.county]", '[echelons.island]\nsites = "counties"\n\n[echelons.county]'),),
        "echelons.island",
        "expected a lane that leads to it, found none",
    ),
    "two lanes lead to an echelon": (
        (
            (
                "[waves.all]",
                '[lanes.more]\nfrom = "factory"\nto = "county"\nfleet = "carrier"\n\n[waves.all]',
            ),
        ),
        "echelons.county",
        "expected one lane that leads to it, as one is of drawn sites, found 2",
    ),
    "a lane that goes back": (
        (('from = "prefecture"\nto = "county"', 'from = "prefecture"\nto = "factory"'),),
        "lanes.to-county.to",
        (
            'expected an echelon listed after "prefecture", found "factory" '
            "(goods pass through the echelons in the order of the file)"
        ),
    ),
    "a lane from drawn to listed sites": (
        (('from = "prefecture"\nto = "county"', 'from = "prefecture"\nto = "factory"'),),
        "lanes.to-county.to",
        (
            'expected an echelon below "prefecture" in the geography, '
            'found "factory", whose sites are listed under [sites]'
        ),
    ),
    "a lane that does not lead down the geography": (
        (('[echelons.county]\nsites = "counties"', '[echelons.county]\nsites = "prefectures"'),),
        "lanes.to-county.to",
        'expected an echelon below "prefecture" in the geography, found "county"',
    ),
    "somebody else's fleet": (
        (('fleet = "city-van"', 'fleet = "county-van"'),),
        "lanes.to-county.fleet",
        'expected a fleet whose home is "prefecture", found "county-van", whose home is "county"',
    ),
    "tours from prefectures": (
        (('[echelons.county]\nsites = "counties"', '[echelons.county]\nsites = "prefectures"'),),
        "lanes.to-clinic.from",
        'expected tours that start at counties, found "county"',
    ),
    "tours from listed sites": (
        (
            ('from = "factory"\nto = "prefecture"', 'from = "factory"\nto = "clinic"'),
            (
                'dispatch = { rule = "full-or-after", after = "6 h" }',
                'tours = { stops = 15, stop-time = "12 min" }',
            ),
        ),
        "lanes.to-city.from",
        'expected tours that start at counties, found "factory"',
    ),
    "facilities without tours": (
        (
            (
                "tours = { stops = 15, stop-time",
                "# tours = { stops = 15, stop-time",
            ),
        ),
        "lanes.to-clinic",
        'expected the table "tours": facilities are visited by tours, found none',
    ),
    "tours to counties": (
        (
            (
                'fleet = "city-van"\n',
                'fleet = "city-van"\ntours = { stops = 2, stop-time = "1 h" }\n',
            ),
        ),
        "lanes.to-county.tours",
        'expected tours only to facilities, found "county"',
    ),
    "tours that wait for a full load": (
        (
            (
                "travel = { cv = 0.2, shared-cv = 0.1 }",
                'dispatch = { rule = "full-or-after", after = "6 h" }',
            ),
        ),
        "lanes.to-clinic.dispatch.rule",
        (
            'expected the rule "on-arrival" for tours, found "full-or-after" '
            "(a tour leaves when its goods and a vehicle are there)"
        ),
    ),
    "departures neither every nor at": (
        (('fleet = "city-van"', DEPARTURES + " }"),),
        "lanes.to-county.dispatch",
        'expected either "every" or "at", found neither',
    ),
    "departures both every and at": (
        (('fleet = "city-van"', DEPARTURES + ', every = "6 h", at = ["08:00"] }'),),
        "lanes.to-county.dispatch",
        'expected either "every" or "at", found both',
    ),
    "a limited volume and cartons without one": (
        (('volume = "0.04 m3", ', ""),),
        "products.oximeter.carton",
        'expected the carton\'s volume: fleet "carrier" limits it, found none',
    ),
    "a limited weight and no cartons": (
        (('carton = { units = 100, volume = "0.04 m3", weight = "7 kg" }', ""),),
        "products.oximeter.carton",
        'expected the carton\'s weight: fleet "carrier" limits it, found none',
    ),
    "a station that takes no time": (
        (('time-per-lot = { mean = "3 h", cv = 0.8 }\n', ""),),
        "stations.sign-off",
        (
            'expected "time-per-vehicle", "time-per-lot", "time-per-unit" or "times", '
            "found none of them"
        ),
    ),
    "sign-off where only tours arrive": (
        (('echelon = "prefecture"\nstage', 'echelon = "clinic"\nstage'),),
        "stations.sign-off.echelon",
        'expected an echelon that a lane without tours leads to, found "clinic"',
    ),
    "loading where only tours leave": (
        (('echelon = "prefecture"\nstage = "sign-off"', 'echelon = "county"\nstage = "loading"'),),
        "stations.sign-off.echelon",
        'expected an echelon that a lane without tours leaves, found "county"',
    ),
    "a product for nobody": (
        (("[products.oximeter]", "[products.mask]\n\n[products.oximeter]"),),
        "products.mask",
        "expected a product that some facility or site is to get, found none",
    ),
    "a product from nowhere": (
        (('at = "Haikou"', 'at = "Haikou"\nclosed = true'),),
        "products.oximeter",
        "expected an open site with stock, output or supply of it, found none",
    ),
    "a product of which there is none": (
        (
            ("oximeter = 200", "oximeter = 0"),
            ('value = "120/day", range = ["80/day"', 'value = "0/day", range = ["0/day"'),
        ),
        "products.oximeter",
        "expected an open site with stock, output or supply of it, found none",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_fault(name: str, assert_fault: Callable[..., None]) -> None:
    assert_fault(*CASES[name])


def test_faults_of_tables_and_of_fields_do_not_hide_overrides(
    small_toml: str, problems_of: Callable[..., tuple[Problem, ...]]
) -> None:
    text = small_toml.replace('band = "20 %"\n', "")
    problems = problems_of(text, "fleets.van.speed=3", "replications=7")
    assert [problem.place for problem in problems] == ["--set fleets.van.speed=3", "test.toml"]
    text = text.replace("replications = 3", "replications = -3")
    problems = problems_of(text, "fleets.van.speed=3")
    assert [problem.path for problem in problems] == ["fleets.van", "replications"]


def test_the_unchanged_scenarios_have_no_fault(
    small_toml: str, rich_toml: str, parse: Callable[..., LoadedScenario]
) -> None:
    assert parse(small_toml).scenario.title == "A small campaign in Hainan"
    assert parse(rich_toml).scenario.seed == 7
