"""plan: the answer in words and as JSON, figures, exit codes, and what is refused beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reference.known import KNOWN

Call = Callable[..., Any]

CHOOSE = ("--choose", "fleets.van.vehicles=2:5")
UNTIL = ("--until", "received(5 h) >= 12")
QUICK = ("--jobs", "1", "--no-figures", "--probability", "0.8", "--confidence", "0.9")


@pytest.fixture
def known(here: Path) -> Path:
    """A working folder with the campaign whose answer is known."""
    (here / "known.toml").write_text(KNOWN, encoding="utf-8")
    return here


def test_the_answer_in_words(known: Path, call: Call) -> None:
    said = call("plan", "known.toml", *CHOOSE, *UNTIL, *QUICK)
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[:4] == [
        "Twelve loads, an hour out and an hour back",
        "choose  fleets.van.vehicles: 2, 3, 4, 5",
        "until   received(5 h) >= 12, in at least 80 % of runs, with 90 % confidence",
        "first   8 runs of each of 4 values to see where to begin (replications 0 to 7)",
    ]
    assert lines[4].startswith("then    other runs of one value after the other, from large to")
    assert lines[5].startswith("        to be enough: 12 runs if all hold, 25 if all but 1 do, ")
    rows = [line.split() for line in lines if line.strip()[:1] in "2345" and " of " in line]
    assert [row[0] for row in rows] == ["2", "3", "4", "5"]
    assert [" ".join(row[-2:]) for row in rows] == ["not enough"] * 2 + ["0.825 enough"] * 2
    assert (
        "fleets.van.vehicles=4 is enough: in 12 of 12 runs received(5 h) >= 12; the chance is at "
        "least 0.825 with 90 % confidence." in lines
    )
    assert "fleets.van.vehicles=3 is not: in 0 of 8 runs; the chance is at most 0.251." in lines
    assert "Read as received@shop@lot at 1 Jan 05:00 >= 12." in lines
    assert any("postroad sweep" in line for line in lines)
    assert "To check it on other luck: the same with --seed 1." in lines
    (out,) = (known / "results").iterdir()
    assert out.name.startswith("plan-known-")
    assert lines[-1] == f"results/{out.name}: plan.json, runs.parquet"
    again = call("plan", "known.toml", *CHOOSE, *UNTIL, *QUICK)
    assert (again.code, again.out) == (2, "")
    assert "is not empty" in again.err


def test_the_answer_as_json(known: Path, call: Call) -> None:
    said = call("plan", "known.toml", *CHOOSE, *UNTIL, *QUICK, "--json", "--seed", "7")
    whole = json.loads(said.out)
    assert len(said.out.splitlines()) == 1
    assert (whole["scenario"], whole["seed"], whole["outcome"]) == ("known", 7, "reached")
    assert whole["points"][whole["answer"]]["settings"] == {"fleets.van.vehicles": "4"}
    assert whole["points"][whole["answer"]]["confirming"]["held"] == 12
    assert whole["words"][0].startswith("fleets.van.vehicles=4 is enough")
    assert said.err.startswith("Twelve loads")


def test_out_of_range_is_an_answer_and_may_fail(known: Path, call: Call) -> None:
    few = ("--choose", "fleets.van.vehicles=1:2", *UNTIL, *QUICK)
    said = call("plan", "known.toml", *few, "--out", "p")
    assert said.code == 0
    assert "Not reachable within the range: no value is enough." in said.out
    assert "fleets.van.vehicles=2, the largest: in 0 of 8 runs" in said.out
    said = call("plan", "known.toml", *few, "--out", "p", "--overwrite", "--fail-if-unreachable")
    assert said.code == 3


@pytest.mark.usefixtures("no_pixels")
def test_figures_of_two_choices(known: Path, call: Call) -> None:
    two = (
        *("--choose", "fleets.van.vehicles=2:4", "--choose", "lanes.out.time=1 h,2 h"),
        *("--cost", "fleets.van.vehicles=100", "--cost", "lanes.out.time=-20"),
    )
    quick = [each for each in QUICK if each != "--no-figures"]
    said = call("plan", "known.toml", *two, *UNTIL, *quick, "--out", "p")
    assert said.code == 0
    assert "fleets.van.vehicles=4 and lanes.out.time=1 h, at a cost of 380, is enough" in said.out
    assert said.out.splitlines()[-1] == "p: 2 figures, plan.json, runs.parquet"
    names = sorted(file.name for file in (known / "p" / "figures").iterdir())
    assert names == [
        f"{stem}.{end}" for stem in ("chance", "costs") for end in ("csv", "png", "svg")
    ]
    lines = (known / "p" / "figures" / "chance.csv").read_text().splitlines()
    assert lines[0].startswith("panel,settings,cost,use,runs,held,share,low,high,outcome")
    assert any(line.startswith("chance,") for line in lines)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*CHOOSE, "--until", "received(5 h) > "), "column 16: expected a number"),
        ((*CHOOSE, "--until", "recieved(5 h) > 3"), 'did you mean "received"'),
        ((*CHOOSE, "--until", "received(5 h)@shpo > 3"), 'did you mean "shop"'),
        ((*CHOOSE, "--until", "received(3 d) > 3"), "3 d is after the horizon, 30 h"),
        (("--choose", "fleets.van.vehicles", *UNTIL), "expected PATH=VALUES"),
        (("--choose", "fleets.vna.vehicles=1:2", *UNTIL), 'did you mean "van"'),
        (("--choose", "fleets.van.vehicles=0:2", *UNTIL), "vehicles"),
        ((*CHOOSE, *UNTIL, "--cost", "fleets.van.vehicle=3"), 'did you mean "fleets.van.vehicles"'),
        ((*CHOOSE, *UNTIL, "--max-replications", "5"), "even if all hold, 11 are needed"),
        ((*CHOOSE, *UNTIL, "--overwrite", "--resume"), "exclude each other"),
        ((*CHOOSE, *UNTIL, "--probability", "1"), "--probability"),
        (UNTIL, "Missing option '--choose'"),
        (CHOOSE, "Missing option '--until'"),
    ],
)  # fmt: skip
def test_what_is_refused_beforehand(
    known: Path, call: Call, arguments: tuple[str, ...], said: str
) -> None:
    ran = call("plan", "known.toml", *QUICK, *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert not (known / "results").exists()
