"""What came of a run, in words: coverage, what held it up, verdicts, and results side by side."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, RenderableType

from sim.comparing.compare import compare_results
from sim.experiment.run import Prepared, prepare, run_experiment
from sim.report.comparison import comparison_rows, comparison_text, name_results
from sim.report.explain import explain_facts, explain_text
from sim.report.outcome import outcome_json, outcome_text, verdict_table
from sim.report.rows import find, measure_rows
from sim.scenario.load import load_scenario
from sim.store.result import Result

DATA = Path(__file__).parents[1] / "scenario" / "data"


def text_of(blocks: Iterable[RenderableType], width: int = 120) -> str:
    """What a console of the command line prints."""
    page = io.StringIO()
    console = Console(file=page, width=width, markup=False, emoji=False, highlight=False)
    for block in blocks:
        console.print(block)
    return page.getvalue()


def rows_of(text: str, first: str) -> list[str]:
    """The cells of the line of a table that begins with a word."""
    (line,) = [line for line in text.splitlines() if line.split("  ")[0] == first]
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> tuple[Prepared, Result]:
    """A run that is over before all clinics are served."""
    overrides = ["horizon=5 d", "replications=2"]
    prepared = prepare(load_scenario(DATA / "small.toml", overrides))
    return prepared, run_experiment(prepared, tmp_path_factory.mktemp("short") / "r")


def test_the_account_of_a_finished_campaign(result: Result, prepared: Prepared) -> None:
    text = text_of(outcome_text(result, prepared))
    cells = rows_of(text, "village clinics")
    assert len(cells) == 4
    assert all(" Jan " in cell and "[" in cell for cell in cells[1:])
    assert "held up by  county-van (" in text
    assert " % in use)" in text
    assert rows_of(text, "dispatched")[1:5] == ["X01", "fit", "450", "360 to 540"]
    assert rows_of(text, "trips")[-1] == "contradicted"
    assert f"{result.path}: verdicts.json, measures.parquet" in text.replace("\n", "")


def test_what_did_not_come_by_the_horizon_is_said_with_how_often(
    short: tuple[Prepared, Result],
) -> None:
    prepared, result = short
    text = text_of(outcome_text(result, prepared), width=200)
    half, ninety, whole = rows_of(text, "village clinics")[1:]
    assert " Jan " in half
    assert ninety == "not by the horizon in 2 of 2 runs"
    coverage = find(measure_rows(result), "coverage", echelon="clinic", region="national")
    assert coverage is not None
    assert whole == f"not by the horizon in 2 of 2 runs ({coverage['mean'] * 100:.1f} % covered)"


def test_every_share_says_its_own_lateness(short: tuple[Prepared, Result]) -> None:
    """A half that came in all runs is not called late because the whole did not come."""
    prepared, result = short
    table = result.runs.to_pylist()
    for row in table:
        if (row["measure"], row["echelon"], row["region"]) == ("T90", "clinic", "national"):
            row["value"] = None if row["replication"] == 0 else 100.0
    changed = replace(result)
    changed.__dict__["runs"] = result.runs.from_pylist(table, schema=result.runs.schema)
    text = text_of(outcome_text(changed, prepared), width=200)
    assert rows_of(text, "village clinics")[2] == "not by the horizon in 1 of 2 runs"


def row(**keys: Any) -> dict[str, Any]:
    plain = {
        "id": "x",
        "row": "",
        "use": "fit",
        "unit": "time",
        "reported": 10.0,
        "low": None,
        "high": 20.0,
        "model_median": 12.0,
        "model_low": 11.0,
        "model_high": 13.0,
        "runs": 3,
        "verdict": "agrees",
    }
    return plain | keys


@pytest.mark.parametrize(
    ("keys", "model"),
    [
        ({}, "7 Jan 12:00 [11:00, 13:00]"),
        ({"runs": 1}, "7 Jan 12:00"),
        ({"model_high": None}, "7 Jan 12:00"),
        (
            {"model_median": None, "model_high": None},
            "after the horizon [7 Jan 11:00, after the horizon]",
        ),
        ({"model_median": None, "model_low": None, "model_high": None}, "after the horizon"),
        ({"verdict": "not recorded", "runs": 0, "model_median": None}, "run again to record it"),
        ({"unit": "units", "model_median": 3.0, "model_low": 1.0, "model_high": 5.0}, "3 [1, 5]"),
    ],
)
def test_what_the_model_says_to_a_figure(keys: dict[str, Any], model: str, result: Result) -> None:
    text = text_of([verdict_table(result, [row(**keys)])], width=160)
    assert model in rows_of(text, "x")


def test_where_a_table_does_not_fit_nothing_is_cut_off(result: Result, prepared: Prepared) -> None:
    long = row(id="signed-for-in-the-four-provinces-of-the-east", row="C02")
    wide, narrow = (text_of([verdict_table(result, [long])], width) for width in (200, 70))
    assert len(wide.splitlines()) == 2
    assert [line.strip() for line in narrow.splitlines()] == [
        "signed-for-in-the-four-provinces-of-the-east (C02, fit): agrees",
        "reported 7 Jan 10:00, tolerance by 7 Jan 20:00",
        "model 7 Jan 12:00 [11:00, 13:00]",
    ]
    assert "…" not in narrow
    parts = (prepared.loaded, prepared.network, prepared.plan)
    explained = text_of(explain_text(*parts), width=80)
    assert "…" not in explained
    assert "  fleets.county-van.vehicles = 1 (1 to 6), assumed: no document" in explained
    assert max(map(len, explained.splitlines())) <= 80


def test_the_json_of_a_result(result: Result) -> None:
    whole = outcome_json(result)
    assert whole["out"] == str(result.path)
    assert len(whole["measures"]) == result.measures.num_rows
    assert find(whole["measures"], "T50", echelon="clinic", region="national") is not None
    assert find(whole["measures"], "T50", echelon="moon") is None


def test_results_are_named_apart(result: Result) -> None:
    other = replace(result, name="other")
    assert [named.name for named in name_results([result, other])] == ["small", "other"]
    moved = replace(result, path=Path("results") / "second")
    named = name_results([result, moved, moved])
    assert [each.name for each in named] == [result.path.name, "second", "second (2)"]


def test_results_side_by_side(result: Result, short: tuple[Prepared, Result]) -> None:
    results = name_results([result, replace(short[1], name="short")])
    rows = comparison_rows(results)
    assert {row["region"] for row in rows} == {"national"}
    coverage = find(rows, "coverage", echelon="clinic")
    assert coverage is not None
    assert coverage["values"]["small"]["mean"] == 1.0
    assert coverage["values"]["short"]["mean"] < 1.0
    compared = compare_results(results)
    assert any(note.startswith("horizons differ (small 9 d, short 5 d)") for note in compared.notes)
    text = text_of(comparison_text(compared, []))
    lines = [line.split() for line in text.splitlines()]
    assert ["coverage", "clinic", "100.0", "%"] in [line[:4] for line in lines]
    late = "T90 of the village clinics: it does not come by the horizon in any run of either"
    assert late in text, "the shorter horizon holds for both"
    assert "measures are the same in all runs" in text
    assert rows_of(text, "reported figure") == ["reported figure", "small", "short"]


def test_a_measure_that_a_result_does_not_have_is_told_and_not_compared(result: Result) -> None:
    other = replace(result, name="other")
    table = result.runs
    keep = [measure != "kilometres" for measure in table["measure"].to_pylist()]
    other.__dict__["runs"] = table.filter(keep)
    compared = compare_results([result, other])
    assert "kilometres" not in {row.measure for row in compared.differences}
    assert (
        "3 measures are not in all results, and left out where they are missing: "
        in (compared.notes[-1])
    )
    both = compare_results([result, other, replace(result, name="copy")])
    assert {row.variant for row in both.differences if row.measure == "kilometres"} == {"copy"}


@pytest.fixture(scope="module")
def rich() -> tuple[str, dict[str, Any]]:
    """The account of the scenario that uses nearly every key."""
    prepared = prepare(load_scenario(DATA / "rich.toml"))
    parts = (prepared.loaded, prepared.network, prepared.plan)
    return text_of(explain_text(*parts), width=200), explain_facts(*parts)


@pytest.mark.parametrize(
    "words",
    [
        "Two devices for every clinic, 海南",
        "each to get 2 oximeters and 10 mask",
        "the maker, 海口: ",
        "dock: 2 at a time, 30 min a shipment and 1 s a unit",
        "sorting: no queue, 4 h on average (exponential) a shipment",
        "goods leave when they are 400 units, or after 6 h",
        "shared in proportion to what is owed, farthest first",
        "goods leave every 6 h, the first 2 h after the start",
        "goods leave daily at 08:00, 14:30; while they are scarce they are shared in equal rounds",
        "rest: ",
        "first: ",
    ],
)
def test_explain_has_words_for_every_rule(words: str, rich: tuple[str, dict[str, Any]]) -> None:
    assert words in rich[0]


def test_explain_lists_every_origin_and_figure(rich: tuple[str, dict[str, Any]]) -> None:
    text, facts = rich
    for origin in facts["origins"]:
        cells = rows_of(text, origin["path"])
        assert cells[0] == origin["path"]
        assert origin["status"] in cells
    assert [figure["id"] for figure in facts["reported"]][:2] == ["dispatched", "received"]
    assert rows_of(text, "covered")[1:4] == ["predict", "100.0 %", "at least 95.0 %"]
    assert rows_of(text, "half-served")[2:4] == ["12 Jan 00:00", "by 14 Jan 00:00"]
