"""run: result folders, JSON, several scenarios at once, and what is refused beforehand."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from rich.console import Console

import sim.cli.running
from sim.cli.common import err_console
from sim.evidence import Verdict

Call = Callable[..., Any]
Files = Callable[[Path], dict[str, bytes]]

QUICK = ("--no-figures", "--jobs", "1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, small: str) -> Path:
    """A working folder that tests of this module share; they only read its results."""
    path = tmp_path_factory.mktemp("run")
    (path / "small.toml").write_text(small, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def json_run(folder: Path, spawn: Call) -> Any:
    """The small scenario run in a process of its own, with JSON asked for."""
    return spawn("run", "small.toml", *QUICK, "--out", "json", "--json", cwd=folder)


def test_json_is_one_object_and_nothing_else_on_standard_output(json_run: Any) -> None:
    assert json_run.code == 0
    assert len(json_run.out.splitlines()) == 1
    said = json.loads(json_run.out)
    assert list(said) == [
        "scenario",
        "digest",
        "out",
        "replications",
        "measures",
        "verdicts",
        "expected",
        "timings",
        "precision",
    ]
    assert (said["scenario"], said["out"], said["replications"]) == ("small", "json", 3)
    assert len(said["digest"]) == 64
    for row in said["measures"]:
        assert {
            "name",
            "product",
            "echelon",
            "region",
            "unit",
            "mean",
            "low",
            "high",
            "method",
        } <= set(row)
    assert {"T50", "coverage", "dispatched", "trips"} <= {row["name"] for row in said["measures"]}
    assert [row["id"] for row in said["verdicts"]] == ["dispatched", "trips", "half-served"]
    for row in said["verdicts"]:
        assert set(row) == set(Verdict.__slots__)
        assert row["verdict"] in ("agrees", "within spread", "contradicted")
    timings = said["timings"]
    assert timings["plan_cpu_s"] > 0
    assert len(timings["run_cpu_s"]) == 3
    assert timings["peak_rss_mb"] > 20


def test_prose_goes_to_standard_error_beside_json(json_run: Any) -> None:
    assert json_run.err.startswith("A small campaign in Hainan\n")
    assert "contradicted" in json_run.err
    assert "\x1b" not in json_run.err
    assert "replications, time left" not in json_run.err  # progress is for terminals


def test_json_has_no_nan(here: Path, call: Call) -> None:
    late = ("--replications", "1", "--set", "sites.maker.output.oximeter=0/day")
    said = call("run", "small.toml", *QUICK, *late, "--json")
    assert said.code == 0
    whole = json.loads(said.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    (t100,) = [
        row
        for row in whole["measures"]
        if (row["name"], row["echelon"], row["region"], row["statistic"])
        == ("T100", "clinic", "national", "mean")
    ]
    assert t100["mean"] is None
    assert "not by the horizon in 1 of 1 run" in said.err
    assert "note: " in said.err


def test_the_folder_that_a_run_writes(folder: Path, json_run: Any) -> None:
    out = folder / "json"
    assert sorted(path.name for path in out.iterdir()) == [
        "arrivals.parquet",
        "curves.parquet",
        "evidence.parquet",
        "expected.json",
        "manifest.json",
        "measures.parquet",
        "runs.parquet",
        "scenario.toml",
        "verdicts.json",
    ]
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["command"] == [
        *("postroad", "run", "small.toml", *QUICK, "--out", "json", "--json")
    ]
    assert manifest["digest"] == json.loads(json_run.out)["digest"]
    assert json.loads((out / "verdicts.json").read_text()) == json.loads(json_run.out)["verdicts"]
    assert str(folder) not in (out / "manifest.json").read_text()


def test_the_account_of_a_run(here: Path, call: Call) -> None:
    said = call("run", "small.toml", *QUICK)
    assert (said.code, said.err) == (0, "")
    (out,) = (here / "results").iterdir()
    assert out.name.startswith("small-")
    lines = said.out.splitlines()
    assert lines[0] == "A small campaign in Hainan"
    assert lines[1] == "1 maker → 2 prefectures → 5 counties → 288 village clinics, 576 oximeters"
    assert lines[2].startswith("planned 22 tours in ")
    assert lines[2].endswith(" s of CPU each")
    assert [line.split("  ")[0] for line in lines[4:8]] == [
        "covered",
        "prefectures",
        "counties",
        "village clinics",
    ]
    table = {line.split()[0]: line.split("  ")[-1] for line in lines if " X0" in line}
    assert list(table) == ["dispatched", "trips", "half-served"]
    assert f"results/{out.name}: verdicts.json, measures.parquet" in lines
    assert max(map(len, lines)) <= 132


def test_the_resolved_scenario_runs_to_the_same_tables(
    folder: Path, json_run: Any, here: Path, call: Call, tables: Files
) -> None:
    said = call("run", folder / "json" / "scenario.toml", *QUICK, "--out", "again")
    assert said.code == 0
    assert tables(here / "again") == tables(folder / "json")


def test_replications_and_seed_are_recorded(here: Path, call: Call) -> None:
    said = call("run", "small.toml", *QUICK, "--replications", "1", "--seed", "5", "--json")
    whole = json.loads(said.out)
    manifest = json.loads((here / whole["out"] / "manifest.json").read_text())
    assert (manifest["replications"], manifest["seed"]) == (1, 5)
    assert "seed = 5\n" in (here / whole["out"] / "scenario.toml").read_text()


def test_a_ledger_is_kept_on_request(here: Path, call: Call) -> None:
    call("run", "small.toml", *QUICK, "--replications", "2", "--ledger", "--out", "r")
    files = sorted((here / "r" / "ledger").iterdir())
    assert [file.name for file in files] == [
        f"00000{number}{table}.parquet" for number in (0, 1) for table in ("", ".services")
    ]
    assert pq.read_table(files[0])["kind"].to_pylist().count("delivered") == 288


def test_more_vehicles_serve_sooner(here: Path, call: Call) -> None:
    """The number that is set is the number that is run."""
    hours = []
    for vehicles in (1, 4):
        vans = ("--set", f"fleets.county-van.vehicles={vehicles}")
        said = call("run", "small.toml", *QUICK, "--json", *vans)
        rows = json.loads(said.out)["measures"]
        (late,) = [row["mean"] for row in rows if row["name"] == "worst-decile"]
        hours.append(late)
    assert hours[1] < hours[0] - 12


def test_a_folder_in_use_is_refused_unless_told(here: Path, call: Call, contents: Files) -> None:
    assert call("run", "small.toml", *QUICK, "--out", "r").code == 0
    before = contents(here)
    said = call("run", "small.toml", *QUICK, "--out", "r")
    assert (said.code, said.out) == (2, "")
    assert said.err == ("r is not empty: choose another --out, or --overwrite it, or --resume it\n")
    assert contents(here) == before
    said = call("run", "small.toml", *QUICK, "--out", "r", "--overwrite", "--replications", "2")
    assert said.code == 0
    assert json.loads((here / "r" / "manifest.json").read_text())["replications"] == 2
    said = call("run", "small.toml", *QUICK, "--out", "r", "--overwrite", "--resume")
    assert (said.code, said.err) == (2, "--overwrite and --resume exclude each other\n")
    said = call("run", "small.toml", *QUICK, "--out", "r", "--resume")
    assert said.code == 0
    said = call("run", "small.toml", *QUICK, "--out", "r", "--resume", "--seed", "9")
    assert said.code == 2
    assert said.err.startswith("r holds another experiment, which cannot be resumed as this one: ")


def test_what_is_no_result_folder_is_not_overwritten(
    here: Path, call: Call, contents: Files
) -> None:
    (here / "thesis").mkdir()
    (here / "thesis" / "chapter.txt").write_text("ten years of work")
    before = contents(here)
    for option in ("--overwrite", "--resume"):
        said = call("run", "small.toml", *QUICK, "--out", "thesis", option)
        assert (said.code, said.out) == (2, "")
        assert "thesis is not a result folder" in said.err
    said = call("run", "small.toml", *QUICK, "--out", "small.toml", "--overwrite")
    assert (said.code, said.err) == (2, "small.toml is a file: choose another --out\n")
    assert contents(here) == before


@pytest.fixture
def three(here: Path, small: str) -> tuple[str, ...]:
    """Three scenarios of one replication."""
    for name, horizon in (("one", "9 d"), ("two", "10 d"), ("three", "11 d")):
        text = small.replace('horizon = "9 d"', f'horizon = "{horizon}"')
        (here / f"{name}.toml").write_text(text.replace("replications = 3", "replications = 1"))
    return ("one.toml", "two.toml", "three.toml")


def test_several_scenarios_get_a_folder_each(
    three: tuple[str, ...], here: Path, call: Call
) -> None:
    said = call("run", *three, *QUICK, "--out", "all", "--json")
    assert said.code == 0
    results = [json.loads(line) for line in said.out.splitlines()]
    assert [result["scenario"] for result in results] == ["one", "two", "three"]
    assert sorted(path.name for path in (here / "all").iterdir()) == sorted(
        f"{result['scenario']}-{result['digest'][:8]}" for result in results
    )
    for result in results:
        assert (here / result["out"] / "verdicts.json").is_file()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("drivers = 2", "drivers = 3", "three.toml:46:1: fleets.carrier.drivers: expected one of"),
        ('weight = "3 t"', 'weight = "1 g"', "three: one unit of"),
    ],
)
def test_all_scenarios_are_validated_before_the_first_one_runs(
    before: str, after: str, said: str, three: tuple[str, ...], here: Path, call: Call
) -> None:
    text = (here / "three.toml").read_text()
    (here / "three.toml").write_text(text.replace(before, after))
    ran = call("run", *three, *QUICK)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith(said)
    assert not (here / "results").exists()


def test_no_scenario_runs_if_a_folder_of_one_is_in_use(
    three: tuple[str, ...], here: Path, call: Call
) -> None:
    assert call("run", three[2], *QUICK).code == 0
    (used,) = (here / "results").iterdir()
    ran = call("run", *three, *QUICK)
    assert ran.code == 2
    assert ran.err.startswith(f"results/{used.name} is not empty")
    (used / "manifest.json").unlink()
    ran = call("run", *three, *QUICK, "--overwrite")
    assert ran.code == 2
    assert "is not a result folder: it will not be overwritten" in ran.err
    assert list((here / "results").iterdir()) == [used]


def test_a_scenario_given_twice_is_refused(here: Path, call: Call) -> None:
    said = call("run", "small.toml", "small.toml", *QUICK)
    assert (said.code, said.err) == (2, "two of the scenarios are the same: give each once\n")


def test_contradicted_figures_can_fail_a_run(here: Path, call: Call) -> None:
    fail = (*QUICK, "--replications", "1", "--fail-on-contradicted")
    assert call("run", "small.toml", *fail, "--out", "r").code == 3
    assert json.loads((here / "r" / "manifest.json").read_text())["status"] == "finished"
    lenient = ("--set", "reported.trips.at-most=99")
    assert call("run", "small.toml", *fail, *lenient, "--out", "s").code == 0


def test_progress_shows_on_a_terminal(
    here: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=100)
    monkeypatch.setattr(sim.cli.running, "err_console", lambda: terminal)
    assert call("run", "small.toml", *QUICK).code == 0
    assert "replications, time left" in screen.getvalue()
    assert not err_console().is_terminal


def test_figures_are_drawn_each_with_what_it_draws(here: Path, call: Call) -> None:
    said = call("run", "small.toml", "--jobs", "1", "--replications", "2", "--out", "r")
    assert said.code == 0
    names = {path.stem for path in (here / "r" / "figures").iterdir()}
    assert {"flow", "coverage", "map", "use", "verdicts"} <= names
    for name in names:
        for ending in ("png", "svg", "csv"):
            assert (here / "r" / "figures" / f"{name}.{ending}").stat().st_size > 100
        data = (here / "r" / "figures" / f"{name}.png").read_bytes()
        assert int.from_bytes(data[16:20], "big") >= 1350  # pixels across: 150 dpi on 9 inches
    assert f"r: {len(names)} figures, verdicts.json, measures.parquet" in said.out
