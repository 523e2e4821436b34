"""compare as a user runs it: stored results, and scenarios that are run first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.experiment.run import prepare, run_experiment
from sim.scenario.load import load_scenario

Call = Callable[..., Any]
Files = Callable[[Path], dict[str, bytes]]
SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"
MORE = 'extends = "small.toml"\ntitle = "Three vans"\nfleets.county-van.vehicles = 3\n'


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two finished results, ``plain`` and ``vans``; only for reading."""
    folder = tmp_path_factory.mktemp("stored")
    for name, overrides in (("plain", []), ("vans", ["fleets.county-van.vehicles=3"])):
        loaded = load_scenario(SMALL, [*overrides, "replications=3"])
        run_experiment(prepare(loaded), folder / name)
    return folder


@pytest.fixture
def copy(stored: Path, here: Path, contents: Files) -> Callable[[str], Path]:
    """Copy a stored result into the working folder."""

    def make(name: str) -> Path:
        for file, data in contents(stored / name).items():
            (here / name / file).parent.mkdir(parents=True, exist_ok=True)
            (here / name / file).write_bytes(data)
        return here / name

    return make


@pytest.mark.usefixtures("no_pixels")
def test_compare_says_what_changes_how_sure_that_is_and_draws_it(
    stored: Path, here: Path, call: Call, contents: Files
) -> None:
    before = contents(stored)
    said = call("compare", stored / "plain", stored / "vans", "--out", "c")
    assert said.code == 0
    assert said.err.startswith("note: 3 replications are few: ")
    lines = said.out.splitlines()
    assert lines[0] == "against plain, 3 runs paired, 95 % intervals"
    assert lines[2] == "vans"
    (told,) = [line for line in lines if "brings T50 of the village clinics forward by" in line]
    assert told.endswith("]; better in 3 of 3 runs")
    assert any("pairing narrows the intervals" in line for line in lines)
    head = next(i for i, line in enumerate(lines) if line.startswith("measure "))
    assert lines[head].split() == ["measure", "of", "plain", "vans"]
    changed = {line.split()[0] for line in lines[head + 1 : lines.index("", head)]}
    assert {"vehicle-wait-mean", "worst-decile", "T50"} <= changed
    assert "dispatched" not in changed
    assert any("measures are the same in all runs; --all tells of" in line for line in lines)
    assert [line.split()[0] for line in lines if "agrees" in line] == ["dispatched", "half-served"]
    files = {path.name for path in (here / "c").iterdir()}
    stems = ("flow", "coverage", "gains", "map-vans", "differences", "verdicts")
    kinds = ("png", "svg", "csv")
    assert files == {f"{stem}.{kind}" for stem in stems for kind in kinds} | {"measures.csv"}
    assert lines[-1] == f"c: {len(files)} files"
    assert contents(stored) == before


@pytest.mark.usefixtures("undrawn")
def test_compare_as_json(stored: Path, here: Path, call: Call) -> None:
    both = (stored / "plain", stored / "vans")
    said = call("compare", *both, "--json", "--level", "0.9", "--by", "worst-decile")
    assert said.code == 0
    whole = json.loads(said.out)
    assert [result["name"] for result in whole["results"]] == ["plain", "vans"]
    assert {row["region"] for row in whole["measures"]} == {"national"}
    (wait,) = [row for row in whole["measures"] if row["name"] == "worst-decile"]
    assert wait["values"]["vans"]["mean"] < wait["values"]["plain"]["mean"]
    assert [len(row["verdicts"]) for row in whole["verdicts"]] == [3, 3]
    assert (whole["level"], whole["level_each"], whole["replications"]) == (0.9, 0.9, [0, 1, 2])
    (row,) = [row for row in whole["differences"] if row["measure"] == "worst-decile"]
    assert (row["base"], row["variant"], row["echelon"]) == ("plain", "vans", "clinic")
    assert (row["product"], row["region"], row["entity"], row["unit"]) == ("", "national", "", "h")
    assert row["low"] <= row["difference"] <= row["high"] < 0
    assert (row["better"], row["wins"], row["ties"], row["runs"]) == (1.0, 3, 0, 3)
    assert row["better_low"] < 1.0
    assert 0 < row["p"] == row["p_adjusted"] < 0.1
    gain = (row["unpaired_high"] - row["unpaired_low"]) / (row["high"] - row["low"])
    assert row["gain"] == pytest.approx(gain)
    assert row["clear"] is True
    assert [place["name"] for place in whole["ranking"][0]["places"]] == ["vans", "plain"]
    assert any("T50 of the village clinics" in line for line in whole["summary"][0]["text"])
    everything = json.loads(call("compare", *both, "--json", "--all").out)
    assert len(everything["measures"]) > len(whole["measures"])
    assert "Hainan" in {row["region"] for row in everything["differences"]}


@pytest.mark.usefixtures("undrawn")
def test_a_result_against_itself_differs_by_exactly_nothing(
    stored: Path, here: Path, call: Call
) -> None:
    said = call("compare", stored / "plain", stored / "plain", "--json", "--all")
    assert said.code == 0
    whole = json.loads(said.out)
    assert [result["name"] for result in whole["results"]] == ["plain", "plain (2)"]
    assert len(whole["differences"]) > 80
    for row in whole["differences"]:
        if row["difference"] is not None:
            assert row["difference"] == row["low"] == row["high"] == 0
            assert (row["better"], row["p"]) in ((0.5, 1.0), (None, 1.0))
    said = call("compare", stored / "plain", stored / "plain")
    assert "the same in every run: T50 of the village clinics" in said.out
    assert "clearly different" in said.out
    assert " 0 clearly different, 0 not told apart" in said.out


@pytest.mark.usefixtures("undrawn")
def test_several_variants_are_ranked(stored: Path, here: Path, call: Call) -> None:
    said = call("compare", *(stored / name for name in ("plain", "vans", "plain")), "--by", "T50")
    assert said.code == 0
    lines = said.out.splitlines()
    assert "those of all 2 variants hold together" in lines[1]
    top = next(i for i, line in enumerate(lines) if "by T50 of the village clinics" in line)
    assert [line.split()[:2] for line in lines[top + 1 : top + 4]] == [
        ["1", "vans"],
        ["2", "plain"],
        ["3", "plain"],
    ]


@pytest.mark.usefixtures("undrawn")
def test_scenarios_are_run_first_and_not_again(here: Path, call: Call) -> None:
    (here / "more.toml").write_text(MORE)
    quick = ("--replications", "2", "--jobs", "1")
    said = call("compare", "small.toml", "more.toml", *quick)
    assert said.code == 0
    assert "running small\n" in said.err
    assert "more: Three vans" in said.out
    folders = sorted(path.name for path in (here / "results").iterdir())
    assert [name.rpartition("-")[0] for name in folders] == ["more", "small"]
    tables = {name: (here / "results" / name / "runs.parquet").read_bytes() for name in folders}
    again = call("compare", "small.toml", "more.toml", *quick)
    assert again.out == said.out
    assert "running" not in again.err
    assert f"results/{folders[1]}: 2 replications, not run again" in again.err
    more = call("compare", f"results/{folders[1]}", "more.toml", "--replications", "3", "-j", "1")
    assert more.code == 0
    assert "note: replications differ (small 2, more 3): the 2 that all have" in more.err
    assert (here / "results" / folders[1] / "runs.parquet").read_bytes() == tables[folders[1]]
    manifest = json.loads((here / "results" / folders[0] / "manifest.json").read_text())
    assert manifest["replications"] == 3


@pytest.mark.usefixtures("undrawn")
@pytest.mark.usefixtures("undrawn")
def test_one_file_alone_is_compared_with_its_variants(here: Path, small: str, call: Call) -> None:
    quick = ("--replications", "1", "--jobs", "1", "--json")
    said = call("compare", "small.toml", *quick)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("small.toml holds no variants to compare it with: ")
    vans = "fleets.county-van.vehicles = 3"
    (here / "small.toml").write_text(
        f'{small}\n[variants.more-vans]\ntitle = "Three vans"\n{vans}\n[variants.copy]\n'
    )
    whole = json.loads(call("compare", "small.toml", *quick).out)
    assert [result["name"] for result in whole["results"]] == ["small", "more-vans", "copy"]
    assert whole["level_each"] == 0.975
    one = json.loads(call("compare", "small.toml", "small.toml#more-vans", *quick).out)
    assert [(row["name"], row["title"]) for row in one["summary"]] == [("more-vans", "Three vans")]
    said = call("compare", "small.toml", "small.toml#more-van", *quick)
    assert said.code == 2
    assert "more-vans" in said.err


@pytest.mark.usefixtures("undrawn")
def test_set_changes_scenarios(here: Path, call: Call) -> None:
    set_ = ("--set", "fleets.county-van.vehicles=3", "--replications", "1", "-j", "1", "--json")
    (here / "more.toml").write_text(MORE)
    whole = json.loads(call("compare", "small.toml", "more.toml", *set_).out)
    assert all(row["difference"] in (0, None) for row in whole["differences"])


def test_all_scenarios_are_validated_before_any_runs(here: Path, small: str, call: Call) -> None:
    (here / "bad.toml").write_text(small.replace("drivers = 2", "drivers = 3"))
    (here / "worse.toml").write_text('extends = "nowhere.toml"\n')
    said = call("compare", "small.toml", "bad.toml", "worse.toml")
    assert (said.code, said.out) == (2, "")
    assert [line.split(":")[0] for line in said.err.splitlines()] == ["bad.toml", "worse.toml"]
    assert not (here / "results").exists()


def test_luck_is_compared_before_any_runs(here: Path, small: str, call: Call) -> None:
    (here / "other.toml").write_text(f"seed = 5\n{small}")
    said = call("compare", "small.toml", "other.toml")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("small and other cannot be paired: their seeds differ (0, 5), so")
    assert not (here / "results").exists()


def test_compare_refuses_what_does_not_compare(
    stored: Path, here: Path, small: str, call: Call, copy: Callable[[str], Path]
) -> None:
    said = call("compare", stored / "plain")
    assert (said.code, said.err) == (2, "compare needs at least two results or scenarios\n")
    said = call("compare", stored / "plain", here)
    assert said.code == 2
    assert said.err == f"{here} is not a result folder: it has no manifest.json\n"
    said = call("compare", stored / "plain", stored / "vans", "--seed", "1")
    assert said.code == 2
    assert "only results are given" in said.err
    said = call("compare", stored / "plain", stored / "vans", "--by", "T91")
    assert said.code == 2
    assert "did you mean" in said.err
    later = copy("vans")
    text = (later / "scenario.toml").read_text()
    (later / "scenario.toml").write_text(
        text.replace("start = 2023-01-07 00:00:00", "start = 2023-01-06 12:00:00")
    )
    manifest = json.loads((later / "manifest.json").read_text())
    del manifest["files"], manifest["seal"]  # as if it had been written with that start
    (later / "manifest.json").write_text(json.dumps(manifest))
    said = call("compare", stored / "plain", later)
    assert said.code == 2
    assert "cannot be paired: they start at different times" in said.err
    later = copy("plain")
    manifest = json.loads((later / "manifest.json").read_text())
    del manifest["files"], manifest["seal"]
    (later / "manifest.json").write_text(json.dumps({**manifest, "streams": "older"}))
    said = call("compare", stored / "plain", later)
    assert said.code == 2
    assert "their random streams are keyed by different schemes" in said.err
    assert not (here / "results").exists()


def test_a_folder_with_something_else_is_left_alone(here: Path, call: Call) -> None:
    loaded = load_scenario(SMALL)
    folder = here / "results" / f"small-{loaded.digest[:8]}"
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text("mine")
    said = call("compare", "small.toml", "small.toml")
    assert said.code == 2
    assert (
        f"results/{folder.name}, where the result of small goes, holds something else" in said.err
    )
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


@pytest.mark.usefixtures("undrawn")
def test_compare_does_not_write_into_a_folder_in_use(stored: Path, here: Path, call: Call) -> None:
    (here / "used").mkdir()
    (here / "used" / "x").write_text("mine")
    both = (stored / "plain", stored / "vans", "--out")
    said = call("compare", *both, "used")
    assert said.code == 2
    assert said.err == "used is not empty: choose another --out, or --overwrite it\n"
    assert call("compare", *both, "small.toml").err == (
        "small.toml is a file: choose another --out\n"
    )
    assert call("compare", *both, "used", "--overwrite").code == 0
    assert (here / "used" / "x").read_text() == "mine"
