"""sweep: what it says, its folder and its JSON, and what is refused before anything runs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]

QUICK = ("--jobs", "1", "--replications", "2")
VANS = ("--set", "fleets.county-van.vehicles=1,2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, small: str) -> Path:
    """A working folder that tests of this module share; they only read its results."""
    path = tmp_path_factory.mktemp("sweep")
    (path / "small.toml").write_text(small, encoding="utf-8")
    return path


@pytest.mark.usefixtures("no_pixels")
def test_a_bare_sweep_is_a_tornado_of_all_assumptions(
    folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    said = call("sweep", "small.toml", *QUICK, "--out", "bare")
    assert said.code == 0, said.err
    assert "3 factors one at a time: 6 points × 2 replications, 12 runs" in said.out
    assert "T90 of the village clinics:" in said.out
    assert "decides it most:" in said.out
    figures = {path.name for path in (folder / "bare" / "figures").iterdir()}
    names = [f"{kind}-T90-clinic" for kind in ("tornado", "response")]
    assert figures == {f"{name}.{end}" for name in names for end in ("png", "svg", "csv")}
    with (folder / "bare" / "figures" / "tornado-T90-clinic.csv").open(encoding="utf-8") as file:
        bars = list(csv.DictReader(file))
    assert {bar["axis"] for bar in bars} >= {"geography.circuity", "fleets.county-van.vehicles"}
    with (folder / "bare" / "summary.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["measure"] == "T90"]
    points = [row["point"] for row in rows if row["echelon"] == "clinic" and not row["difference"]]
    assert points == ["0"], "all others differ from it by so much"


def test_json_holds_points_and_effects(
    folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    options = ("--no-figures", "--measure", "T90@clinic", "--measure", "reported", "--json")
    said = call("sweep", "small.toml", *QUICK, *VANS, *options)
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert found["design"] == "grid"
    assert [point["fleets.county-van.vehicles"] for point in found["points"]] == [1, 2]
    assert {each["measure"] for each in found["measures"]} == {"T90", "reported"}
    effects = found["measures"][0]["effects"]
    assert [row["effect"] for row in effects] == ["first", "total"]
    assert found["out"].startswith("results/sweep-small-")
    assert (folder / found["out"] / "effects.parquet").is_file()
    again = call("sweep", "small.toml", *QUICK, *VANS)
    assert again.code == 2
    assert "--resume" in again.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--set", "fleets.county-van.vehicle=1:4"), ('did you mean "vehicles"?', "(and 3 other")),
        (("--set", "fleets.county-van.vehicles=0:2"), ("vehicles=0", "at least 1")),
        (("--vary", "fleets.county-van.speed"), ("declares no range", "speed=LOW..HIGH")),
        (("--measure", "T9@clinic"), ('did you mean "T90"?',)),
        (("--design", "sobol", "--points", "12"), ("a power of two",)),
        (("--set", "seed=1,2"), ("seed is not varied",)),
        (("--set", "start=2023-01-07T00:00:00+08:00", "--set", "x"), ("PATH=VALUE",)),
        (("--overwrite", "--resume"), ("exclude each other",)),
        (
            ("--vary", "geography.circuity", "--set", "geography.circuity=1.3"),
            ("circuity=LOW..HIGH",),
        ),
        (("--vary", "fleets.county-van.vehicle"), ("declares no range (did you mean",)),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(
    here: Path, call: Call, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    said = call("sweep", "small.toml", *QUICK, *arguments)
    assert said.code == 2
    for word in words:
        assert word in said.err
    assert not (here / "results").exists()


def test_a_scenario_without_ranges_says_what_to_do(here: Path, call: Call, small: str) -> None:
    bare = re.sub(r"range = \[[^]]*\], ", "", small)
    (here / "bare.toml").write_text(bare, encoding="utf-8")
    said = call("sweep", "bare.toml", *QUICK)
    assert said.code == 2
    assert "there is nothing to vary" in said.err
    assert "--vary PATH=LOW..HIGH" in said.err
