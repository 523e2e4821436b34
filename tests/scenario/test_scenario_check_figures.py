"""Faults of waves and reported figures that show only when tables are read together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

#: What it is about; what is changed in the small scenario, from and to, one pair or several; the
#: path of the fault; what is said of it.
CASES: dict[str, tuple[tuple[tuple[str, str], ...], str, str]] = {
    "no wave for the rest": (
        (('regions = "rest"', 'regions = ["Sanya"]'),),
        "waves",
        (
            'expected a wave for the "rest" of the lane "to-city", found none '
            "(regions of no wave would never be released)"
        ),
    ),
    "a release that ends before it begins": (
        (("2023-01-07T12:00:00+08:00]", "2023-01-07T00:00:00+09:00]"),),
        "waves.all.release",
        "expected [earliest, latest], found the later time first",
    ),
    "a release before the start": (
        (("release = [2023-01-07", "release = [2023-01-06"),),
        "waves.all.release",
        (
            "expected a time between the start and the horizon, 2023-01-16T00:00:00+08:00, "
            "found 2023-01-06T00:00:00+08:00"
        ),
    ),
    "a release after the horizon": (
        (("2023-01-07T12:00:00+08:00]", "2023-01-17T12:00:00+08:00]"),),
        "waves.all.release",
        (
            "expected a time between the start and the horizon, 2023-01-16T00:00:00+08:00, "
            "found 2023-01-17T12:00:00+08:00"
        ),
    ),
    "two waves for the rest": (
        (
            (
                "[waves.all]",
                (
                    '[waves.others]\nlane = "to-city"\nregions = "rest"\n'
                    "release = 2023-01-08T00:00:00+08:00\n\n[waves.all]"
                ),
            ),
        ),
        "waves.all.regions",
        'expected one wave for the "rest" of a lane, found another',
    ),
    "a region in two waves": (
        (
            (
                "[waves.all]",
                (
                    '[waves.one]\nlane = "to-city"\nregions = ["Sanya"]\n'
                    "release = 2023-01-08T00:00:00+08:00\n\n"
                    '[waves.two]\nlane = "to-city"\nregions = ["Danzhou", "Sanya"]\n'
                    "release = 2023-01-08T00:00:00+08:00\n\n[waves.all]"
                ),
            ),
        ),
        "waves.two.regions.1",
        'expected a region of one wave, found "Sanya" also in "one"',
    ),
    "a figure without a product": (
        (('measure = "dispatched"\nproduct = "oximeter"', 'measure = "dispatched"'),),
        "reported.dispatched",
        'expected the key "product", found nothing',
    ),
    "a figure without a moment": (
        (("at = 2023-01-09T18:00:00+08:00\n", ""),),
        "reported.dispatched",
        'expected the key "at", found nothing',
    ),
    "a time with a moment": (
        (("share = 0.5", "at = 2023-01-11T00:00:00+08:00"),),
        "reported.half-served.at",
        "expected no such key: the measure is a time, found one",
    ),
    "a moment after the horizon": (
        (("at = 2023-01-09T18", "at = 2023-02-09T18"),),
        "reported.dispatched.at",
        (
            "expected a time between the start and the horizon, 2023-01-16T00:00:00+08:00, "
            "found 2023-02-09T18:00:00+08:00"
        ),
    ),
    "counted since before the start": (
        (("at = 2023-01-09T18", "since = 2023-01-06T00:00:00+08:00\nat = 2023-01-09T18"),),
        "reported.dispatched.since",
        (
            "expected a time between the start and the horizon, 2023-01-16T00:00:00+08:00, "
            "found 2023-01-06T00:00:00+08:00"
        ),
    ),
    "a number that is a time": (
        (("value = 450", "value = 2023-01-11T00:00:00+08:00"),),
        "reported.dispatched.value",
        'expected a number for "dispatched", found 2023-01-11T00:00:00+08:00',
    ),
    "a time that is a number": (
        (("value = 2023-01-11T00:00:00+08:00", "value = 4"),),
        "reported.half-served.value",
        'expected a time with its zone for "receipt-time", found 4',
    ),
    "a share of a time": (
        (("at-most = 2023-01-14T00:00:00+08:00", 'band = "10 %"'),),
        "reported.half-served.band",
        "expected [earliest, latest] for a time, found 10%",
    ),
    "a share of nothing": (
        (("value = 450\n", ""),),
        "reported.dispatched.band",
        'expected a "value" that it is a share of, found none',
    ),
    "two tolerances": (
        (('band = "20 %"', 'band = "20 %"\nat-least = 400'),),
        "reported.dispatched.band",
        'expected either "band" or "at-least" and "at-most", found both',
    ),
    "no tolerance": (
        (('band = "20 %"\n', ""),),
        "reported.dispatched",
        'expected a "band", "at-least" or "at-most", found no tolerance',
    ),
    "limits of another kind in a band": (
        (('band = "20 %"', "band = [400, 2023-01-14T00:00:00+08:00]"),),
        "reported.dispatched.band",
        "expected a number, as the measure is, found 2023-01-14T00:00:00+08:00",
    ),
    "a limit of another kind": (
        (("at-most = 2023-01-14T00:00:00+08:00", "at-most = 14"),),
        "reported.half-served.at-most",
        "expected a time with its zone, as the measure is, found 14",
    ),
    "a band upside down": (
        (('band = "20 %"', "band = [500, 400]"),),
        "reported.dispatched.band",
        "expected the lowest value first, found the highest first",
    ),
    "limits that cross": (
        (('band = "20 %"', "at-least = 500\nat-most = 400"),),
        "reported.dispatched.at-least",
        'expected at most what "at-most" says, found 500',
    ),
    "dispatched where nothing is": (
        (('echelon = "factory"\nat = 2023-01-09', 'echelon = "clinic"\nat = 2023-01-09'),),
        "reported.dispatched.echelon",
        'expected an echelon that sends goods (factory, prefecture, county), found "clinic"',
    ),
    "received where nothing is": (
        (('measure = "dispatched"', 'measure = "received"'),),
        "reported.dispatched.echelon",
        'expected an echelon that receives goods (prefecture, county, clinic), found "factory"',
    ),
    "coverage of counties": (
        (
            ('measure = "dispatched"', 'measure = "coverage"'),
            ('echelon = "factory"\nat = 2023-01-09', 'echelon = "county"\nat = 2023-01-09'),
        ),
        "reported.dispatched.echelon",
        'expected an echelon of facilities, found "county"',
    ),
    "what a site received": (
        (
            ('measure = "dispatched"', 'measure = "received"'),
            (
                'echelon = "factory"\nat = 2023-01-09',
                'site = "maker"\nechelon = "county"\nat = 2023-01-09',
            ),
        ),
        "reported.dispatched.site",
        'expected a site only for what is dispatched, found "maker"',
    ),
    "a site of another echelon": (
        (
            (
                'echelon = "factory"\nat = 2023-01-09',
                'site = "maker"\nechelon = "prefecture"\nat = 2023-01-09',
            ),
        ),
        "reported.dispatched.site",
        'expected a site of the echelon "prefecture", found "maker"',
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_fault(name: str, assert_fault: Callable[..., None]) -> None:
    assert_fault(*CASES[name])
