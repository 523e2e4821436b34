"""check: it starts from stored results, and runs nothing."""

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


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two finished results, ``plain`` and ``vans``; only for reading."""
    folder = tmp_path_factory.mktemp("stored")
    for name, overrides in (("plain", []), ("vans", ["fleets.county-van.vehicles=3"])):
        loaded = load_scenario(SMALL, [*overrides, "replications=2"])
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


def rows_of(said: Any) -> dict[str, str]:
    return {row["id"]: row["verdict"] for row in json.loads(said.out)["verdicts"]}


def test_check_scores_again_and_exits_with_3_if_a_figure_is_contradicted(
    stored: Path, call: Call, contents: Files
) -> None:
    before = contents(stored)
    said = call("check", stored / "plain")
    assert (said.code, said.err) == (3, "")
    assert [line.split()[0] for line in said.out.splitlines()] == [
        "reported",
        "dispatched",
        "trips",
        "half-served",
    ]
    assert said.out.count("contradicted") == 1
    said = call("check", stored / "plain", "--json")
    assert said.code == 3
    whole = json.loads(said.out)
    assert (whole["scenario"], whole["out"]) == ("small", str(stored / "plain"))
    assert whole["verdicts"] == json.loads((stored / "plain" / "verdicts.json").read_text())
    assert contents(stored) == before


def test_check_against_other_figures(stored: Path, here: Path, small: str, call: Call) -> None:
    lenient = small.replace("at-most = 1\n", "at-most = 99\n")
    (here / "lenient.toml").write_text(lenient)
    said = call("check", stored / "plain", "--scenario", "lenient.toml", "--json")
    assert said.code == 0
    assert set(rows_of(said).values()) == {"agrees"}
    strict = lenient.replace('band = "20 %"', 'band = "0.1 %"')
    (here / "strict.toml").write_text(strict)
    said = call("check", stored / "plain", "--scenario", "strict.toml", "--json")
    assert said.code == 3
    assert rows_of(said)["dispatched"] == "contradicted"


def test_a_new_figure_was_not_recorded_and_fails_nothing(
    stored: Path, here: Path, small: str, call: Call
) -> None:
    moved = small.replace("at-most = 1\n", "at-most = 99\n").replace(
        "at = 2023-01-09T18:00:00+08:00", "at = 2023-01-09T19:00:00+08:00"
    )
    (here / "moved.toml").write_text(moved)
    said = call("check", stored / "plain", "--scenario", "moved.toml")
    assert said.code == 0
    (line,) = [line for line in said.out.splitlines() if line.startswith("dispatched")]
    assert "run again to record it" in line
    assert line.rstrip().endswith("not recorded")
    assert rows_of(call("check", stored / "plain", "--scenario", "moved.toml", "--json")) == {
        "dispatched": "not recorded",
        "trips": "agrees",
        "half-served": "agrees",
    }


def test_check_with_a_faulty_scenario(stored: Path, here: Path, small: str, call: Call) -> None:
    (here / "bad.toml").write_text(small.replace("drivers = 2", "drivers = 3"))
    said = call("check", stored / "plain", "--scenario", "bad.toml")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("bad.toml:46:1: fleets.carrier.drivers: ")


def test_without_figures_there_is_nothing_to_check(here: Path, small: str, call: Call) -> None:
    (here / "bare.toml").write_text(small.partition("[reported.dispatched]")[0])
    quick = ("--no-figures", "--jobs", "1", "--replications", "1", "--out", "r")
    assert call("run", "bare.toml", *quick).code == 0
    said = call("check", "r")
    nothing = "the scenario reports no figures to check, and expects no values\n"
    assert (said.code, said.out) == (0, nothing)
    assert call("run", "bare.toml", *quick, "--resume").code == 0


@pytest.mark.parametrize(
    ("file", "data", "said"),
    [
        ("manifest.json", None, "plain is not a result folder: it has no manifest.json"),
        ("manifest.json", b'{"layout": 1, "sta', "plain/manifest.json cannot be read: "),
        ("manifest.json", b'{"layout": 1}', "plain is not finished (None): run it again with"),
        (
            "manifest.json",
            b'{"layout": 1, "status": "interrupted"}',
            "plain is not finished (interrupted): run it again with --resume",
        ),
        (
            "manifest.json",
            b'{"layout": 99, "version": "7.0"}',
            "plain was written by a newer Postroad (7.0)",
        ),
        ("evidence.parquet", None, "plain/evidence.parquet is missing"),
        ("evidence.parquet", b"PAR1", "plain/evidence.parquet is not as it was written (altered,"),
        ("scenario.toml", None, "plain/scenario.toml is missing: run the same again with --out pl"),
        ("scenario.toml", b"title =", "plain/scenario.toml is not as it was written (altered, or"),
    ],
)
def test_damaged_results_are_told_in_one_line(
    file: str, data: bytes | None, said: str, copy: Callable[[str], Path], call: Call
) -> None:
    path = copy("plain") / file
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)
    ran = call("check", "plain")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(said)
    assert len(ran.err.splitlines()) == 1


def test_a_damaged_table_is_not_resumed(
    copy: Callable[[str], Path], call: Call, contents: Files
) -> None:
    path = copy("plain")
    data = (path / "curves.parquet").read_bytes()
    (path / "curves.parquet").write_bytes(data[:-50])
    before = contents(path)
    resume = ("--out", "plain", "--resume", "--no-figures", "--jobs", "1")
    said = call("run", "small.toml", *resume)
    assert said.code == 2
    assert said.err.startswith("plain/curves.parquet is not as it was written (altered, or ")
    assert contents(path) == before


THEORY = """
[expected.trips]
measure = "trips"
entity = "county-van"
value = {value}
exact = true
source = "counted"
"""


@pytest.mark.parametrize(("value", "code"), [("1", 3), ("{trips}", 0)])
def test_what_differs_from_theory_exits_with_3(
    here: Path, small: str, call: Call, value: str, code: int
) -> None:
    """The tours of a county are planned once, so each run makes as many trips."""
    shrunk = small[: small.index("[reported")]
    (here / "plain.toml").write_text(shrunk)
    quick = ("--replications", "2", "--no-figures", "--jobs", "1")
    found = json.loads(call("run", "plain.toml", *quick, "--json").out)
    (trips,) = [
        row["mean"]
        for row in found["measures"]
        if (row["name"], row["entity"]) == ("trips", "county-van")
    ]
    (here / "theory.toml").write_text(shrunk + THEORY.format(value=value.format(trips=trips)))
    said = call("run", "theory.toml", *quick, "--out", "r", "--fail-on-contradicted")
    assert said.code == code
    assert "trips, county-van" in said.out
    again = call("check", "r", "--json")
    assert again.code == code
    (row,) = json.loads(again.out)["expected"]
    assert row["verdict"] == ("differs" if code else "agrees")
    assert (row["runs"], row["mean"]) == (2, trips)
    assert call("run", "theory.toml", *quick, "--out", "r2").code == 0, "unless it is asked for"
