"""What is said and drawn of facilities that are to get different amounts."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from network.homes import HOMES, listed, load, one_echelon
from rich.console import Console

from sim.experiment.run import Prepared, prepare, run_experiment
from sim.plots.comparing.overlays import read_comparison
from sim.plots.coverage import read_coverage
from sim.plots.curves import owed_units, read_flow
from sim.plots.places import read_maps
from sim.report.explain import explain_facts, explain_text
from sim.report.outcome import chain_lines
from sim.store.result import Result

FIGURE = """
[reported.half]
use = "predict"
measure = "receipt-time"
product = "thermometer"
echelon = "small"
share = 0.5
value = 2023-01-20T12:00:00+08:00
band = [2023-01-14T00:00:00+08:00, 2023-01-28T00:00:00+08:00]
source = "nobody"
wording = "an example"
"""
SITES = """
[sites.a]
echelon = "home"
at = "Helan, Yinchuan"
need = { oximeter = 3, thermometer = 4 }
[sites.b]
echelon = "home"
at = "Haikou"
[sites.c]
echelon = "home"
at = "Yanchi, Wuzhong"
closed = true
need = { oximeter = 900 }
"""


def text_of(prepared: Prepared) -> str:
    page = StringIO()
    console = Console(file=page, width=300)
    for block in explain_text(prepared.loaded, prepared.network, prepared.plan):
        console.print(block)
    return page.getvalue()


def test_what_is_said_of_them() -> None:
    prepared = prepare(load(HOMES))
    said = text_of(prepared)
    assert (
        "70 nursing homes, each to get 2 oximeter: 140 oximeter in all (where they are, and that "
        "they are the largest, is synthetic)"
    ) in said
    assert (
        "130 nursing homes, each to get 1 oximeter and 7 to 8 thermometer: 130 oximeter and 1,001 "
        "thermometer in all (where they are, and that they are the smallest, is synthetic)"
    ) in said
    assert "the fullest tour is 35.00 of 84 units" in said
    facts = explain_facts(prepared.loaded, prepared.network, prepared.plan)
    small = facts["echelons"][-1]
    assert small["each"] == {"oximeter": [1, 1], "thermometer": [7, 8]}
    assert small["need"] == {"oximeter": 130, "thermometer": 1_001}
    assert facts["echelons"][1]["each"] == {}
    assert [line.rpartition(" → ")[2] for line in chain_lines(prepared)] == [
        "70 nursing homes, 140 oximeter",
        "130 nursing homes, 130 oximeter, 1,001 thermometer",
    ]


def test_what_is_said_of_a_count_and_of_a_list() -> None:
    both = "entitlement = { oximeter = 2, thermometer = 1 }"
    counted = text_of(prepare(load(one_echelon(f'sites = "households"\ncount = 20\n{both}'))))
    assert "20 households, each to get 2 oximeter and 1 thermometer" in counted
    assert "(where they are is synthetic)" in counted
    own = text_of(prepare(load(listed(SITES, both))))
    assert (
        "2 home, each to get 2 to 3 oximeter and 1 to 4 thermometer: 5 oximeter and 5 thermometer "
        "in all\n"
    ) in own


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Result:
    out = tmp_path_factory.mktemp("homes") / "out"
    return run_experiment(prepare(load(HOMES + FIGURE, "replications=2")), out)


def test_what_is_owed(homes: Result, tmp_path: Path) -> None:
    assert owed_units(homes, "oximeter") == 270
    assert owed_units(homes, "oximeter", "large") == 140
    assert owed_units(homes, "oximeter", "county") == 0
    assert owed_units(homes, "thermometer") == 1_001
    assert owed_units(homes, "needle") == 0
    text = listed(SITES, "entitlement = { oximeter = 2, thermometer = 1 }")
    some = prepare(load(text, "replications=1", 'geography.regions=["Ningxia"]'))
    result = run_experiment(some, tmp_path / "listed")
    assert [owed_units(result, product) for product in ("oximeter", "thermometer")] == [3, 4]


def test_what_places_are_owed(tmp_path: Path) -> None:
    """Counties where goods end are no facilities on tours, and count all the same."""
    head, _, rest = HOMES.partition("[echelons.large]")
    text = (
        head.replace(
            'sites = "counties"', 'sites = "counties"\ntotal = { oximeter = 99, thermometer = 200 }'
        )
        + rest[rest.index("[products.oximeter]") :].partition("[lanes.to-large]")[0]
    )
    result = run_experiment(prepare(load(text, "replications=1")), tmp_path / "places")
    assert [owed_units(result, product) for product in ("oximeter", "thermometer")] == [99, 200]
    assert owed_units(result, "oximeter", "county") == 99


def test_figures_of_units_are_not_drawn_as_facilities(homes: Result) -> None:
    """Half of the thermometers are not half of the homes: the point belongs to the units alone."""
    series = {item.echelon: item for item in read_coverage(homes).series}
    assert series["small"].facilities
    assert series["large"].facilities
    assert not series["county"].facilities
    assert series["small"].points == ()
    (received,) = [
        item
        for item in read_flow(homes, "thermometer").cumulative
        if (item.measure, item.echelon) == ("received", "small")
    ]
    assert [(point.name, point.value) for point in received.points] == [("half", 1_001 / 2)]
    units = read_comparison([homes], "received", "small", "thermometer")
    shares = read_comparison([homes], "coverage", "small")
    assert [point.name for point in units.points] == ["half"]
    assert shares.points == ()
    assert [int(data.facilities.sum()) for data in read_maps(homes)] == [70, 130]
