"""run --precision: as many replications as it takes, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
Files = Callable[[Path], dict[str, bytes]]

QUICK = ("--no-figures", "--jobs", "1")


def test_it_runs_until_it_is_precise_and_says_so(here: Path, call: Call, tables: Files) -> None:
    asked = ("--precision", "T90@clinic=8%", "--precision", "trips@county-van=2")
    said = call("run", "small.toml", *QUICK, *asked, "--out", "precise")
    assert said.code == 0
    manifest = json.loads((here / "precise" / "manifest.json").read_text())
    many = manifest["replications"]
    assert manifest["precision"]["needed"] == many > 8
    (line,) = [line for line in said.out.splitlines() if "precise" in line and "±" in line]
    assert line.startswith(f"precise enough after {many} replications: T90@clinic ±")
    assert " % of it (8 % asked), trips@county@county-van ±" in line
    assert line.endswith(" trips (2 trips asked)")
    plain = ("--replications", str(many), "--out", "plain")
    assert call("run", "small.toml", *QUICK, *plain).code == 0
    assert tables(here / "plain") == tables(here / "precise")
    said = call("run", "small.toml", *QUICK, *asked, "--out", "plain", "--resume", "--json")
    assert tables(here / "plain") == tables(here / "precise")
    row = json.loads(said.out)
    assert (row["replications"], row["precision"]["reached"]) == (many, True)


def test_the_most_that_were_allowed(here: Path, call: Call) -> None:
    asked = ("--precision", "T90=1min", "--max-replications", "9")
    said = call("run", "small.toml", *QUICK, *asked, "--out", "out")
    assert said.code == 0
    expected = "not precise enough after 9 replications, the most that were allowed: T90@clinic ±"
    assert expected in said.out
    assert "(1 min asked); --max-replications allows more" in said.out


def test_what_no_number_of_replications_gives(here: Path, call: Call) -> None:
    late = ("--set", "sites.maker.output.oximeter=0/day")
    said = call("run", "small.toml", *QUICK, *late, "--precision", "T100=1h", "--out", "out")
    assert said.code == 0
    assert (
        "not precise enough, and more replications would not help: T100@clinic has no mean, since "
        "it did not come by the horizon in 3 of 3 runs"
    ) in said.out


def test_without_it_nothing_is_said(here: Path, call: Call) -> None:
    said = call("run", "small.toml", *QUICK, "--out", "out", "--json")
    assert json.loads(said.out)["precision"] is None
    assert "precise" not in said.err
    assert json.loads((here / "out" / "manifest.json").read_text())["precision"] is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--precision", "T9=1h"), 'found "T9" (did you mean "T90"?)'),
        (("--precision", "T90"), "expected MEASURE=HALFWIDTH, such as T90@clinic=6h"),
        (("--precision", "T90@clinc=1h"), 'found "clinc" (did you mean "clinic"?)'),
        (("--precision", "trips=5%"), "say trips@county@county-van, trips@factory@carrier"),
        (("--max-replications", "9"), "--max-replications goes with --precision"),
        (("--precision", "T90=1h", "--max-replications", "2"), "run in any case (3)"),
    ],
)
def test_nothing_is_written_if_it_cannot_be(
    options: tuple[str, ...], said: str, here: Path, call: Call
) -> None:
    """Also of the first scenario, if the second one cannot."""
    (here / "other.toml").write_text((here / "small.toml").read_text(), encoding="utf-8")
    told = call("run", "small.toml", "other.toml", *QUICK, *options)
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert not (here / "results").exists()
