"""Faults of stations that show only when several keys, or several tables, are read together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sim.scenario.load import LoadedScenario

OLD = 'stage = "sign-off"\ntime-per-lot = { mean = "3 h", cv = 0.8 }\n'
TIMED = 'stage = "sign-off"\ntime-per-lot = "1 h"\n'


def with_keys(keys: str) -> tuple[tuple[str, str], ...]:
    return ((OLD, TIMED + keys),)


CASES = {
    "no time": (
        ((OLD, 'stage = "sign-off"\n'),),
        "stations.sign-off",
        (
            'expected "time-per-vehicle", "time-per-lot", "time-per-unit" or "times", '
            "found none of them"
        ),
    ),
    "a site of another echelon": (
        with_keys('sites = ["maker"]\n'),
        "stations.sign-off.sites.0",
        'expected a site of the echelon "prefecture", found "maker", a site of "factory"',
    ),
    "loading where nothing leaves but tours": (
        ((OLD, TIMED.replace("sign-off", "sorting")), ('"prefecture"\nstage', '"county"\nstage')),
        "stations.sign-off.echelon",
        'expected an echelon that a lane without tours leaves, found "county"',
    ),
    "unloading where nothing comes": (
        (
            (OLD, TIMED.replace("sign-off", "unloading")),
            ('"prefecture"\nstage', '"factory"\nstage'),
        ),
        "stations.sign-off.echelon",
        'expected an echelon that a lane without tours leads to, found "factory"',
    ),
    "a time for a product that does not stop here": (
        (
            (OLD, 'stage = "sign-off"\nproducts = ["oximeter"]\ntimes = { mask = "1 h" }\n'),
            ("[products.oximeter]", "[products.mask]\n\n[products.oximeter]"),
        ),
        "stations.sign-off.times.mask",
        'expected one of the "products" that stop here, found "mask"',
    ),
    "interruption without priorities": (
        with_keys("preempts = true\n"),
        "stations.sign-off.preempts",
        'expected the order "priority": only a better priority interrupts, found "first-come"',
    ),
    "what happens when no yard is full": (
        with_keys('when-full = "wait"\n'),
        "stations.sign-off.when-full",
        'expected the key "yard": any number may wait, found none',
    ),
    "a yard before unlimited servers": (
        with_keys('servers = "unlimited"\nyard = 3\n'),
        "stations.sign-off.yard",
        "expected no such key: with unlimited servers nobody waits, found one",
    ),
    "breakdowns of unlimited servers": (
        with_keys('servers = "unlimited"\nbreakdowns = { after = "9 h", repair = "1 h" }\n'),
        "stations.sign-off.breakdowns",
        "expected no such table: unlimited servers do not run short, found one",
    ),
    "breakdowns that never stop": (
        with_keys(
            'breakdowns = { after = { law = "empirical", values = ["0 h"] }, repair = "1 h" }\n'
        ),
        "stations.sign-off.breakdowns.after",
        "expected a time above 0, found 0 h",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_fault(name: str, assert_fault: Callable[..., None]) -> None:
    assert_fault(*CASES[name])


GOOD = {
    "every way to state a time": 'time-per-vehicle = "1 h"\ntimes = { oximeter = "5 min" }\n',
    "a yard that is waited for": 'yard = 0\nwhen-full = "wait"\n',
    "priorities with interruption": 'order = "priority"\npreempts = true\n',
    "breakdowns": 'breakdowns = { after = { mean = "9 h", cv = 1 }, repair = "1 h" }\n',
    "another of the same stage": (
        '\n[stations.desk]\nechelon = "prefecture"\nstage = "sign-off"\ntime-per-unit = "1 min"\n'
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_no_fault(name: str, small_toml: str, parse: Callable[..., LoadedScenario]) -> None:
    assert small_toml.count(OLD) == 1
    parse(small_toml.replace(OLD, TIMED + GOOD[name]))
