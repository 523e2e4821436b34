"""Expected values as a table, the account of a network without an end, and explained networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from report.test_accounts import rows_of, text_of

from sim.experiment.run import prepare, run_experiment, score_expected, verdict_row
from sim.report.explain import explain_facts, explain_text
from sim.report.outcome import outcome_json, outcome_text
from sim.report.theory import digits, theory_table
from sim.scenario.load import parse_scenario

QUEUE = """
title = "A queue"
start = 2024-01-01T00:00:00+00:00
horizon = "200 h"
warm-up = "20 h"
percentiles = [50, 95]
replications = 8

[geography]
nation = "none"

[products.box]
title = "boxes"

[echelons.depot]
[echelons.hub]
[echelons.end]

[sites.depot]
echelon = "depot"

[sites.hub]
echelon = "hub"

[sites.end]
echelon = "end"
need = { box = "all" }

[supply.boxes]
site = "depot"
product = "box"
gap = { mean = "30 min", law = "exponential" }
lot = { mean = 4, law = "uniform", cv = 0.3 }

[stations.desk]
echelon = "hub"
stage = "sign-off"
time-per-lot = { mean = "15 min", law = "exponential" }
yard = 3

[fleets.van]
home = "depot"
vehicles = 2
when-none-free = "lost"

[fleets.cart]
home = "hub"
vehicles = "unlimited"

[lanes.to-hub]
from = "depot"
to = "hub"
fleet = "van"
time = "10 min"
loss = { units = 0.1 }

[lanes.to-end]
from = "hub"
to = "end"
fleet = "cart"
time = "1 h"
dispatch = { rule = "departures", every = "1 h", empty = "run", cut-off = "5 min" }

[disruptions.snow]
kind = "slow-road"
lane = "to-hub"
factor = 2.0
begins = 2024-01-03T00:00:00+00:00
lasts = "5 h"

[expected.departures]
measure = "trips-per-hour"
entity = "cart"
value = 1.0
exact = true
source = "one an hour, empty or not"

[expected.gap]
measure = "throughput"
entity = "desk"
value = 0.5
source = "wrong on purpose"
"""


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Any:
    prepared = prepare(parse_scenario(QUEUE, name="queue", place="queue.toml"))
    return prepared, run_experiment(prepared, tmp_path_factory.mktemp("queue") / "r")


def test_theory_is_stored_and_shown(queue: Any) -> None:
    prepared, result = queue
    departures, gap = result.expected
    assert (departures["verdict"], departures["runs"]) == ("agrees", 8)
    assert gap["verdict"] == "differs"
    assert gap["z"] > 4
    assert [verdict_row(found) for found in score_expected(result)] == result.expected
    assert outcome_json(result)["expected"] == result.expected
    text = text_of(outcome_text(result, prepared), width=200)
    said = rows_of(text, "departures")
    assert said[:5] == ["departures", "trips-per-hour, cart", "1 trips/h", "1", "exact"]
    assert said[5] == "agrees"
    assert rows_of(text, "gap")[-1].startswith("differs")


def test_the_account_of_a_network_without_an_end(queue: Any) -> None:
    prepared, result = queue
    text = text_of(outcome_text(result, prepared), width=200)
    assert "1 depot → 1 hub → 1 end, boxes\n" in text
    lines = {line.partition(":")[0]: line for line in text.splitlines()}
    for name, words in {
        "desk": (" busy", " waiting", " turned away"),
        "van": (" in use", "no vehicle for "),
        "cart": ("1 trips an hour",),
        "box": (" in the network", " units an hour", " units left behind"),
    }.items():
        for word in words:
            assert word in lines[name], name
    assert "covered" not in text


def test_all_of_it_is_explained(queue: Any) -> None:
    prepared, _ = queue
    parts = (prepared.loaded, prepared.network, prepared.plan)
    text = text_of(explain_text(*parts), width=250)
    for words in (
        "the first 20 h are left out of means and rates",
        (
            "depot: lots of 4 on average (uniform, cv 0.3) boxes, one every 30 min on average "
            "(exponential)"
        ),
        "1 end, taking all that comes",
        (
            "desk: 1 at a time, 15 min on average (exponential) a shipment; room for 3 to wait, "
            "others are turned away"
        ),
        "van: 2 vehicles at each site; who finds none free is lost to another carrier",
        "lost on the way: 0.1 of the units",
        "goods leave every 60 min, if they are there 5 min before, even with nothing to carry",
        "snow: journeys on to-hub take 2 times as long, for 5 h, from 3 Jan 00:00",
    ):
        assert words in text, words
    assert rows_of(text, "departures")[1:4] == ["trips-per-hour", "cart", "1, exactly"]
    facts = explain_facts(*parts)
    assert facts["lots"] == [{"name": "boxes", "site": "depot", "product": "box"}]
    assert facts["disruptions"] == [{"name": "snow", "kind": "slow-road"}]


def row(**keys: Any) -> dict[str, Any]:
    plain = {
        "id": "x", "measure": "wait-mean", "product": "", "echelon": "hub", "entity": "desk",
        "unit": "h", "expected": 2.0, "exact": False, "verdict": "agrees", "mean": 2.01,
        "low": 1.9, "high": 2.12, "z": 0.1, "shows_2_percent": True, "why": "",
    }  # fmt: skip
    return plain | keys


@pytest.mark.parametrize(
    ("keys", "cells"),
    [
        ({}, ["2 h", "2.01 [1.9, 2.12]", "+0.10", "agrees"]),
        ({"shows_2_percent": False}, ["2 h", "2.01 [1.9, 2.12]", "+0.10",
                                      "agrees (an error of 2 % might not show)"]),
        ({"exact": True, "z": None, "low": 2.01, "high": 2.01}, ["2 h", "2.01", "exact", "agrees"]),
        ({"verdict": "differs", "z": None}, ["2 h", "2.01 [1.9, 2.12]", "∞", "differs"]),
        ({"verdict": "differs", "z": None, "mean": None, "why": "1 of 3 runs had no value"},
         ["2 h", "no value", "differs (1 of 3 runs had no value)"]),
    ],
)  # fmt: skip
def test_what_a_case_says(keys: dict[str, Any], cells: list[str]) -> None:
    found = rows_of(text_of([theory_table([row(**keys)])], width=160), "x")
    assert found[1:] == ["wait-mean, hub desk", *cells]
    narrow = text_of([theory_table([row(**keys)])], width=60)
    assert narrow.startswith("x (wait-mean, hub desk): ")


def test_six_digits() -> None:
    numbers = [0.0, 1.0, 2.5, 1 / 3, 123456.789, 1234567.89, 0.00001234, 99.99999999, -0.25, None]
    assert [digits(number) for number in numbers] == [
        "0", "1", "2.5", "0.333333", "123,457", "1,234,568", "1.234e-05", "100", "-0.25", "-",
    ]  # fmt: skip


@pytest.mark.usefixtures("few_pixels")
def test_the_figures_of_a_network_without_places(queue: Any) -> None:
    from sim.plots.gallery import draw_figures

    _, result = queue
    drawn = {path.stem for path in draw_figures(result)}
    assert drawn == {"flow", "use"}
    assert all(Path(path).stat().st_size for path in (result.path / "figures").iterdir())
