"""Sites that begin later: their stock is there from then on, as their output is."""

from __future__ import annotations

import numpy as np
import pytest
from chains.two_chains import carry_out

from sim.report.explain import explain_facts, explain_text
from sim.scenario.load import parse_scenario

TEXT = """
title = "A maker that begins on the second day"
start = 2030-01-01T00:00:00+00:00
horizon = "9 d"
[geography]
nation = "none"
[products.kit]
[echelons.maker]
[echelons.store]
[sites]
store = { echelon = "store", need = { kit = 100 } }
[sites.maker]
echelon = "maker"
stock = { kit = 30 }
output = { kit = "1/h" }
begins = 2030-01-02T12:00:00+00:00
[fleets.truck]
home = "maker"
vehicles = "unlimited"
[lanes.road]
from = "maker"
to = "store"
fleet = "truck"
time = "2 h"
"""
CUT = """
[disruptions.cut]
kind = "output-cut"
sites = ["maker"]
begins = 2030-01-01T00:00:00+00:00
lasts = "48 h"
share = 1.0
"""
BEGIN = 36.0


def test_nothing_leaves_before_the_site_begins() -> None:
    done = carry_out(TEXT)
    ready, units = done.ledger.trips.ready, done.ledger.loads.units
    assert (ready[0], units[0]) == (BEGIN, 30)
    assert ready[1:].tolist() == [BEGIN + hour for hour in range(1, 71)]
    assert units[1:].tolist() == [1] * 70
    at_once = carry_out(TEXT.replace("begins = 2030-01-02T12", "begins = 2030-01-01T00"))
    assert np.array_equal(at_once.ledger.trips.ready + BEGIN, ready)


def test_stock_that_comes_later_is_still_no_output_to_cut() -> None:
    ready = carry_out(TEXT + CUT).ledger.trips.ready
    assert ready[0] == BEGIN
    assert ready[1] == BEGIN + 12  # of what it makes until the second midnight nothing is left
    assert len(ready) == 1 + 70  # and it goes on until it has made what it owes


def test_stock_after_the_window_does_not_count_for_sourcing() -> None:
    more = '[sites.other]\nechelon = "maker"\nstock = { kit = 100 }\n[sourcing]\nwindow = "1 d"\n'
    links = """links = [
    { from = "maker", to = "store", km = "1 km" },
    { from = "other", to = "store", km = "9 km" },
]
"""
    done = carry_out(TEXT + links + more)
    sent = done.prepared.plan.links
    assert [done.prepared.network.sites.key[i] for i in sent.origin] == ["site/other"]
    early = carry_out(TEXT.replace("2030-01-02T12", "2030-01-01T12") + links + more)
    assert 30 <= early.prepared.plan.links.units[0] < 100


@pytest.mark.parametrize(
    ("begins", "words"),
    [
        ("begins = 2030-01-02T12:00:00+00:00\n", "30 in stock from 2 Jan 12:00"),
        ("", "30 in stock,"),
    ],
)
def test_a_beginning_in_words(begins: str, words: str) -> None:
    text = TEXT.replace("begins = 2030-01-02T12:00:00+00:00\n", begins)
    loaded = parse_scenario(text, name="begins", place="begins.toml")
    prepared = carry_out(text).prepared
    (row,) = explain_facts(loaded, prepared.network, prepared.plan)["supply"]
    assert (row["opening_stock"], row["output"]) == (30, 70)
    assert words in "\n".join(map(str, explain_text(loaded, prepared.network, prepared.plan)))
