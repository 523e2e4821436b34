"""A small part of the study, run anew, and the page, held to the committed results."""

from __future__ import annotations

import json
from math import sqrt
from pathlib import Path

import pytest
from reference.tools import load_tool
from statstudy import judge
from statstudy.cells import COVERS, Cell
from statstudy.page import build_page, draw_figure
from statstudy.runs import Values, run_worlds, values_of
from statstudy.worlds import FILES

from sim.scenario.load import load_scenario
from sim.statistics.intervals import mean_interval

ROOT = Path(__file__).parents[2]
FEW = 80  # experiments: four seeds of twenty gates

TOOL = load_tool("study_statistics")


@pytest.fixture(scope="module")
def few() -> Values:
    """The base and the quicker variant of the cartons, 80 experiments of 20 runs."""
    chosen = ("base", "quicker")
    return run_worlds(FEW, 1, ("cartons",), variants=chosen, runs=20)


@pytest.mark.parametrize("variant", ["base", "quicker"])
def test_the_engine_gives_what_theory_says(few: Values, variant: str) -> None:
    values = few["cartons", variant]
    truth = judge.world("cartons").variant(variant).truth
    assert abs(values.mean() - truth) < 4 * values.std() / sqrt(values.size)


def test_luck_is_shared_between_variants_and_not_between_gates(few: Values) -> None:
    base, quicker = few["cartons", "base"], few["cartons", "quicker"]
    assert (quicker - base).std() < base.std() / 2
    tables = base.reshape(-1, 20, 20).mean(axis=2)
    assert tables.shape == (FEW // 20, 20)
    assert len(set(base.ravel().tolist())) == base.size


@pytest.mark.parametrize("part", ["means", "differences", "probabilities", "quantiles"])
def test_intervals_cover_as_claimed(few: Values, part: str) -> None:
    """With 80 experiments, coarsely: within four standard errors of the claim."""
    cells = list(getattr(judge, part)(few))
    assert cells
    for each in cells:
        assert each.experiments == FEW
        assert each.within(4), each


def test_an_interval_half_as_wide_is_noticed(few: Values) -> None:
    """What the test above would say of intervals at the wrong level."""
    base, truth = few["cartons", "base"], judge.world("cartons").variant("base").truth
    held = 0
    for run in base:
        interval = mean_interval(run, 0.68)
        held += interval.low <= truth <= interval.high
    narrow = Cell("mean", "cartons", "base", "20", held, FEW, *COVERS)
    assert not narrow.within(4)


def test_committed_values_are_those_of_the_engine(few: Values) -> None:
    """The first experiments of the study come out as they did."""
    kept = TOOL.read_results()[1]["first"]
    assert few["cartons", "base"][:5].mean(axis=1).tolist() == pytest.approx(kept, rel=1e-9)


def test_the_page_is_that_of_the_committed_results() -> None:
    assert TOOL.PAGE.read_text(encoding="utf-8") == build_page(*TOOL.read_results())


def test_every_claim_holds() -> None:
    cells, _ = TOOL.read_results()
    claimed = [each for each in cells if each.verdict]
    assert {each.part for each in claimed} >= {
        "mean", "difference", "probability", "alarm", "family", "power",
    }  # fmt: skip
    assert all(each.experiments >= 1_000 for each in cells)
    assert [each for each in claimed if each.verdict != "holds"] == []


def test_quantiles_cover_as_often_as_they_say() -> None:
    cells, _ = TOOL.read_results()
    chosen = [each for each in cells if each.part == "quantile"]
    assert len(chosen) >= 6
    for each in chosen:
        assert each.expected is not None
        assert each.expected >= 0.95
        assert each.within(3.5), each


def test_the_results_are_written_as_the_tool_writes_them() -> None:
    text = TOOL.RESULTS.read_text(encoding="utf-8")
    kept = json.loads(text)
    assert kept["cells"] == [Cell(**each).document() for each in kept["cells"]]
    assert json.dumps(kept, indent=1, ensure_ascii=False) + "\n" == text


def test_the_figure_shows_every_claim() -> None:
    cells, _ = TOOL.read_results()
    figure = draw_figure(cells)
    drawn = sum(len(axes.get_yticks()) for axes in figure.axes)
    assert drawn == sum(bool(each.verdict) or each.part == "quantile" for each in cells)


@pytest.mark.parametrize("file", sorted(FILES.glob("*.toml")), ids=lambda file: file.stem)
def test_the_files_are_scenarios_like_any_other(file: Path) -> None:
    assert load_scenario(file).scenario.replications == 20


def test_a_run_without_a_value_is_refused() -> None:
    world = judge.world("rounds")
    variant = world.variant("base")
    short = type(variant)("base", variant.truth, ("horizon=2 h",), 1)
    with pytest.raises(ValueError, match="a run has no value"):
        values_of(world, short, 0)
