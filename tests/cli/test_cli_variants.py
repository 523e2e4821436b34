"""Variants on the command line: FILE#NAME, all of a file at once, and what is said of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
Files = Callable[[Path], dict[str, bytes]]

QUICK = ("--no-figures", "--jobs", "1", "--replications", "2")
VARIANTS = """
[variants.more-vans]
title = "More vans"
fleets.county-van.vehicles = { value = 6, status = "assumed", source = "a question" }
[variants.no-wave]
remove = ["waves.all"]
"""


@pytest.fixture
def varied(here: Path, small: str) -> Path:
    """A working folder with ``varied.toml``, which has two variants, beside ``small.toml``."""
    (here / "varied.toml").write_text(small + VARIANTS, encoding="utf-8")
    return here


def test_a_variant_runs_as_the_file_that_extends_would(
    varied: Path, call: Call, tables: Files
) -> None:
    said = call("run", "varied.toml#more-vans", *QUICK)
    assert said.code == 0
    (folder,) = (varied / "results").iterdir()
    assert folder.name.startswith("varied-more-vans-")
    assert "More vans" in said.out
    vans = '{ value = 6, status = "assumed", source = "a question" }'
    extending = f'extends = "varied.toml"\ntitle = "More vans"\nfleets.county-van.vehicles = {vans}'
    (varied / "extending.toml").write_text(extending)
    assert call("run", "extending.toml", *QUICK, "--out", "other").code == 0
    assert tables(folder) == tables(varied / "other")


@pytest.mark.usefixtures("undrawn")
def test_a_file_runs_alone_unless_its_variants_are_asked_for(varied: Path, call: Call) -> None:
    said = call("run", "varied.toml", *QUICK, "--json")
    assert [json.loads(line)["scenario"] for line in said.out.splitlines()] == ["varied"]
    said = call("run", "varied.toml", "--variants", *QUICK, "--out", "all", "--json")
    assert said.code == 0
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert [row["scenario"] for row in rows] == ["varied", "varied-more-vans", "varied-no-wave"]
    folders = [row["out"] for row in rows]
    assert sorted(folders) == [f"all/{path.name}" for path in sorted((varied / "all").iterdir())]
    assert said.err.splitlines()[-5:] == [
        "",
        f"varied            {folders[0]}",
        f"varied-more-vans  {folders[1]}",
        f"varied-no-wave    {folders[2]}",
        f"next: postroad compare {' '.join(folders)}",
    ]
    assert "OTHER-RESULT" not in said.err
    compared = call(*said.err.splitlines()[-1].removeprefix("next: postroad ").split())
    assert compared.code == 0


def test_several_files_with_variants_and_without(varied: Path, call: Call) -> None:
    said = call("run", "small.toml", "varied.toml#no-wave", "--variants", *QUICK, "--json")
    names = [json.loads(line)["scenario"] for line in said.out.splitlines()]
    assert names == ["small", "varied-no-wave"]


def test_nothing_runs_if_one_variant_is_not_valid(varied: Path, call: Call) -> None:
    with (varied / "varied.toml").open("a") as file:
        file.write("[variants.none]\nfleets.county-van.vehicles = 0\n")
    for addresses in (("varied.toml", "--variants"), ("varied.toml", "varied.toml#none")):
        said = call("run", *addresses, *QUICK)
        assert (said.code, said.out) == (2, "")
        assert "fleets.county-van.vehicles: expected a whole number" in said.err
    assert not (varied / "results").exists()
    assert call("run", "varied.toml", *QUICK).code == 0  # nobody asks for that one


def test_variants_that_are_not_there(varied: Path, call: Call) -> None:
    said = call("run", "varied.toml#more-van", *QUICK)
    assert said.code == 2
    assert said.err.startswith("varied.toml:")
    assert 'found "more-van" (did you mean "more-vans"?)' in said.err
    said = call("run", "small.toml", "--variants", *QUICK)
    assert said.code == 2
    assert said.err == ("small.toml has no variants: a table [variants.NAME] in it would say one\n")
    said = call("explain", "small.toml#snow")
    assert said.code == 2
    assert 'expected a file with a variant "snow", found none in it' in said.err
    assert not (varied / "results").exists()


def test_validate_checks_every_variant(varied: Path, call: Call) -> None:
    said = call("validate", "varied.toml", "small.toml")
    assert said.code == 0
    assert said.out.splitlines() == [
        "varied.toml is valid",
        "varied.toml#more-vans is valid",
        "varied.toml#no-wave is valid",
        "small.toml is valid",
    ]
    assert call("validate", "varied.toml#no-wave").out == "varied.toml#no-wave is valid\n"


def test_validate_says_the_problems_of_a_file_once(varied: Path, call: Call, small: str) -> None:
    text = small.replace('speed = "65 km/h"', "speed = 65").replace('title = "A small', 'titel = "')
    text += VARIANTS + "[variants.bad]\nseed = -1\n[fleets.broken]\nvehicles = 1\n"
    (varied / "varied.toml").write_text(text, encoding="utf-8")
    said = call("validate", "varied.toml", "--json")
    assert said.code == 2
    problems = json.loads(said.out)
    paths = [problem["path"] for problem in problems]
    expected = ["fleets.broken.home", "fleets.carrier.speed", "seed", "titel", "title"]
    assert sorted(paths) == expected
    assert {problem["place"] for problem in problems} == {"varied.toml"}


def test_validate_says_once_what_cannot_be_carried_out(varied: Path, call: Call) -> None:
    heavy = ("--set", "fleets.carrier.capacity.weight=1 g")
    said = call("validate", "varied.toml", *heavy)
    assert said.code == 2
    assert said.err.startswith('varied: one unit of "oximeter" does not fit')
    assert len(said.err.splitlines()) == 1
    (problem,) = json.loads(call("validate", "varied.toml#no-wave", *heavy, "--json").out)
    assert problem["place"] == "varied.toml#no-wave"


def test_list_and_explain_name_the_variants(varied: Path, call: Call) -> None:
    said = call("list", ".")
    lines = said.out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("varied"))
    assert [line.split() for line in lines[at + 1 :]] == [
        ["#more-vans", "More", "vans"],
        ["#no-wave"],
    ]
    rows = {row["name"]: row for row in json.loads(call("list", ".", "--json").out)}
    assert rows["varied"]["variants"] == [
        {"name": "more-vans", "title": "More vans"},
        {"name": "no-wave", "title": ""},
    ]
    said = call("explain", "varied.toml")
    assert said.out.splitlines()[-4:] == [
        "Variants",
        "  #more-vans  More vans",
        "  #no-wave",
        "  postroad explain varied.toml#more-vans tells what that one changes",
    ]
    assert "Variants" not in call("explain", "small.toml").out


def test_explain_says_what_a_variant_changes(varied: Path, call: Call) -> None:
    said = call("explain", "varied.toml#more-vans")
    assert [" ".join(line.split()) for line in said.out.splitlines()[-4:]] == [
        "What more-vans changes in varied.toml",
        "key there here",
        "title A small campaign in Hainan More vans",
        "fleets.county-van.vehicles 1 6",
    ]
    facts = json.loads(call("explain", "varied.toml#no-wave", "--json").out)
    assert (facts["scenario"], facts["variant_of"]) == ("varied-no-wave", "varied.toml")
    assert facts["variants"] == []
    (change,) = facts["changes"]
    assert change == {"path": "waves.all", "base": "the table all", "variant": None}
    facts = json.loads(call("explain", "varied.toml", "--json").out)
    assert (facts["variant_of"], facts["changes"]) == (None, [])
    same = call("explain", "varied.toml#no-wave", "--set", "fleets.county-van.vehicles=2")
    assert "taken out" in same.out


def test_sites_and_check_take_a_variant(varied: Path, call: Call) -> None:
    assert call("sites", "varied.toml#more-vans").out == call("sites", "small.toml").out
    assert call("run", "small.toml", *QUICK, "--out", "base").code == 0
    plain = call("check", "base")
    said = call("check", "base", "--scenario", "varied.toml#more-vans")
    assert (said.code, said.out) == (plain.code, plain.out)
    assert call("check", "base", "--scenario", "varied.toml#none").code == 2


def test_a_new_scenario_has_the_variants_of_its_origin(varied: Path, call: Call) -> None:
    for how in ((), ("--extends",)):
        name = "copy" if how == () else "short"
        assert call("new", name, "--from", "varied.toml", *how).code == 0
        assert call("validate", f"{name}.toml#no-wave").code == 0
    said = call("new", "third", "--from", "varied.toml#no-wave")
    assert said.code == 2
    assert "varied.toml" in said.err
