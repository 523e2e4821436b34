"""Postroad from Python, as a notebook would use it."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pytest

import sim.api as postroad
from sim.errors import ScenarioError, UsageError

SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"
FLEET = "fleets.county-van.vehicles"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> postroad.Result:
    return postroad.run(SMALL, replications=4, out=tmp_path_factory.mktemp("api") / "base")


@pytest.fixture(scope="module")
def more(tmp_path_factory: pytest.TempPathFactory) -> postroad.Result:
    loaded = postroad.load(SMALL, {FLEET: 9, "replications": 4})
    return postroad.run(loaded, out=tmp_path_factory.mktemp("api") / "more")


def test_settings_are_those_of_the_command_line() -> None:
    settings = {FLEET: 9, "fleets.city-van.speed": "30 km/h", "geography.regions": ["Sanya"]}
    loaded = postroad.load(SMALL, settings)
    assert loaded.document["fleets"]["county-van"]["vehicles"]["value"] == 9
    assert loaded.document["fleets"]["city-van"]["speed"] == "30 km/h"
    assert loaded.document["geography"]["regions"] == ["Sanya"]


def test_what_no_setting_is() -> None:
    with pytest.raises(ScenarioError, match=r"--set fleets.county-van.vehicles=-1"):
        postroad.load(SMALL, {FLEET: -1})
    with pytest.raises(UsageError, match=r"fleets.county-van: set the keys of a table one by one"):
        postroad.load(SMALL, {"fleets.county-van": {"vehicles": 3}})
    with pytest.raises(UsageError, match=r"fleets.county-van.vehicles: .*object"):
        postroad.load(SMALL, {FLEET: object()})


def test_tables_are_arrow_and_pandas(base: postroad.Result) -> None:
    frame = base.measures.to_pandas()
    assert {"measure", "mean", "low", "high"} <= set(frame.columns)
    coverage = frame[(frame.measure == "coverage") & (frame.region == "national")]
    assert coverage["runs"].unique().tolist() == [4]


def test_a_result_that_is_there_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first: list[int] = []
    again: list[int] = []
    result = postroad.run(SMALL, replications=2, progress=lambda done, _: first.append(done))
    same = postroad.run(SMALL, replications=2, progress=lambda done, _: again.append(done))
    assert first == [0, 1, 2]
    assert again == []
    assert same.path == result.path
    more: list[int] = []
    postroad.run(SMALL, replications=3, progress=lambda done, _: more.append(done))
    assert more == [2, 3]


def test_processes_give_the_same(base: postroad.Result, tmp_path: Path) -> None:
    other = postroad.run(SMALL, replications=4, out=tmp_path / "two", jobs=2)
    assert other.runs == base.runs


def test_replications_of_a_loaded_scenario_are_its_own() -> None:
    with pytest.raises(UsageError, match=r"replications and seed: give them to load\(\)"):
        postroad.run(postroad.load(SMALL), replications=3, seed=1)


def test_comparisons_are_tables_too(base: postroad.Result, more: postroad.Result) -> None:
    comparison = postroad.compare(base, more, names=("few", "many"))
    table = postroad.differences(comparison)
    frame = table.to_pandas()
    assert set(frame["base"]) == {"few"}
    assert set(frame["variant"]) == {"many"}
    row = frame[(frame.measure == "T90") & (frame.echelon == "clinic")].iloc[0]
    assert row["low"] <= row["difference"] <= row["high"]
    assert row["runs"] == 4
    with pytest.raises(ValueError, match="zip"):
        postroad.compare(base, more, names=("few",))


@pytest.mark.parametrize("kind", ["flow", "coverage", "in-transit", "verdicts"])
def test_figures_of_a_result(base: postroad.Result, kind: str) -> None:
    _, ax = plt.subplots()
    assert postroad.plot(base, kind, ax=ax) is ax
    plt.close("all")


@pytest.mark.parametrize("kind", ["gains", "differences"])
def test_figures_of_a_comparison(base: postroad.Result, more: postroad.Result, kind: str) -> None:
    axes = postroad.plot(postroad.compare(base, more), kind)
    assert axes.figure.axes
    plt.close("all")


def test_a_figure_that_there_is_not(base: postroad.Result) -> None:
    with pytest.raises(UsageError, match=r'no figure "coverige" of a result.*did you mean "cover'):
        postroad.plot(base, "coverige")
