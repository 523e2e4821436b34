"""``postroad new``: copies and variants that run, and nothing that is there is lost."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.scenario.load import load_scenario

Call = Callable[..., Any]
Contents = Callable[[Path], dict[str, bytes]]

TABLED = """\
# A comment that a copy keeps.
title = "Kits"
start = 2030-04-19T06:00:00+00:00
horizon = "10 d"
replications = 1
files.sites = "tables/sites.csv"
[geography]
nation = "none"
[products.kit]
[echelons.depot]
[echelons.clinic]
[fleets.van]
home = "depot"
vehicles = 2
speed = "30 km/h"
[lanes.serve]
from = "depot"
to = "clinic"
fleet = "van"
"""
SITES = "name,echelon,lat,lon,stock.kit,need.kit\nharbour,depot,4,30,40,\nalder,clinic,4.7,30,,40\n"


@pytest.fixture
def tabled(here: Path) -> Path:
    """A working folder with a scenario in a folder of its own, and its table below that."""
    (here / "kits" / "tables").mkdir(parents=True)
    (here / "kits" / "kits.toml").write_text(TABLED)
    (here / "kits" / "tables" / "sites.csv").write_text(SITES)
    return here


def test_a_copy_is_the_file_with_its_comments(here: Path, call: Call, small: str) -> None:
    said = call("new", "mine", "--from", "small.toml")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "mine.toml: a copy of small.toml\n"
        "next: change it, then postroad explain mine.toml · postroad run mine.toml\n"
    )
    assert (here / "mine.toml").read_text("utf-8") == small
    assert load_scenario(here / "mine.toml").digest == load_scenario(here / "small.toml").digest


def test_a_variant_says_only_what_is_different(here: Path, call: Call) -> None:
    said = call("new", "mine", "--from", "small.toml", "--extends")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("mine.toml: extends small.toml\nnext: write into it what is ")
    text = (here / "mine.toml").read_text("utf-8")
    assert tomllib.loads(text) == {
        "extends": "small.toml",
        "title": "A small campaign in Hainan (mine)",
    }
    assert call("validate", "mine.toml").code == 0
    example = "\n".join(line.removeprefix("# ") for line in text.splitlines() if "[" in line[:3]
                        or "vehicles" in line)  # fmt: skip
    (here / "mine.toml").write_text(text + example)
    assert load_scenario(here / "mine.toml").scenario.fleets["county-van"].vehicles.value == 6


def test_names_are_looked_for_in_scenarios(here: Path, call: Call, small: str) -> None:
    (here / "scenarios").mkdir()
    (here / "scenarios" / "hainan.toml").write_text(small, "utf-8")
    assert call("new", "mine", "--from", "hainan").code == 0
    assert call("new", "other", "--from", "hainan", "--extends").code == 0
    assert {path.name for path in (here / "scenarios").iterdir()} == {
        "hainan.toml", "mine.toml", "other.toml",
    }  # fmt: skip
    assert 'extends = "hainan.toml"' in (here / "scenarios" / "other.toml").read_text()
    said = call("new", "more", "--from", "hainann")
    assert (said.code, said.out) == (2, "")
    assert said.err == 'there is no scenario hainann: did you mean "hainan"?\n'


@pytest.mark.parametrize("extends", [False, True])
def test_what_it_reads_goes_with_it(
    tabled: Path, call: Call, contents: Contents, *, extends: bool
) -> None:
    words = ["--extends"] if extends else []
    said = call("new", "mine", "--from", "kits/kits.toml", "--folder", "own", *words)
    assert (said.code, said.err) == (0, "")
    brought = "own/kits.toml, own/tables/sites.csv" if extends else "own/tables/sites.csv"
    assert f"copied with it: {brought}\n" in said.out
    assert (tabled / "own" / "tables" / "sites.csv").read_text() == SITES
    assert load_scenario(tabled / "own" / "mine.toml").scenario.sites["alder"].need["kit"].value
    before = contents(tabled)
    again = call("new", "more", "--from", "kits/kits.toml", "--folder", "own", *words)
    assert again.code == 0
    assert "it reads, as others do: own/" in again.out
    after = contents(tabled)
    assert {name: data for name, data in after.items() if name in before} == before
    assert set(after) - set(before) == {"own/more.toml"}


def test_files_of_files_go_too(tabled: Path, call: Call) -> None:
    head = TABLED.partition("files.sites")[0] + '[geography]\nnation = "none"\n'
    (tabled / "all.toml").write_text(head + '[include.one]\nscenario = "kits/variant.toml"\n')
    (tabled / "kits" / "variant.toml").write_text('extends = "kits.toml"\n')
    said = call("new", "mine", "--from", "all.toml", "--folder", "own")
    assert "own/kits/kits.toml, own/kits/tables/sites.csv, own/kits/variant.toml\n" in said.out
    assert "one-alder" in load_scenario(tabled / "own" / "mine.toml").scenario.sites


def test_nothing_is_overwritten(tabled: Path, call: Call, contents: Contents) -> None:
    (tabled / "own" / "tables").mkdir(parents=True)
    (tabled / "own" / "tables" / "sites.csv").write_text("mine\n")
    before = contents(tabled)
    for words, why in (
        (("small", "--from", "small.toml"), "small.toml is there already"),
        (("small", "--from", "small.toml", "--extends"), "small.toml is there already"),
        (("mine", "--from", "kits/kits.toml", "--folder", "own"), "a different file of that name"),
        (("kits", "--from", "kits/kits.toml", "--extends", "--folder", "own"),
         "own/kits.toml is there already"),
    ):  # fmt: skip
        said = call("new", *words)
        assert (said.code, said.out) == (2, "")
        assert why in said.err
        assert "never overwrites" in said.err
        assert contents(tabled) == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("Mine", "--from", "small.toml"), 'such as mine: not "Mine"'),
        (("my campaign.toml", "--from", "small.toml"), "such as my-campaign: not"),
        (("../mine", "--from", "small.toml"), "such as mine: not"),
        (("mine", "--from", "broken.toml"), "broken.toml:1:9: expected a TOML file"),
        (("mine", "--from", "small.toml", "--folder", "no/such"), "cannot write"),
        (("mine", "--from", "small.toml", "--folder", "small.toml"), "cannot write"),
        (("mine",), "Missing option '--from'"),
    ],
)
def test_what_cannot_be_made(
    here: Path, call: Call, contents: Contents, words: tuple[str, ...], why: str
) -> None:
    (here / "broken.toml").write_text("title = \n")
    before = contents(here)
    said = call("new", *words)
    assert (said.code, said.out) == (2, "")
    assert why in said.err
    assert contents(here) == before


def test_a_new_scenario_runs_in_a_process_of_its_own(here: Path, spawn: Call, call: Call) -> None:
    made = call("new", "mine", "--from", "small.toml", "--extends")
    assert (made.code, made.err) == (0, "")
    words = ("--replications", "1", "--jobs", "1", "--no-figures", "--out", "result")
    ran = spawn("run", "mine.toml", *words, cwd=here)
    assert ran.code == 0, ran.err
    assert "A small campaign in Hainan (mine)" in ran.out
    resolved = tomllib.loads((here / "result" / "scenario.toml").read_text("utf-8"))
    assert not {"extends", "include", "remove"} & set(resolved)
    assert "extends small.toml" in call("list", ".").out
    assert call("new", "mine", "--from", "small.toml").code == 2
