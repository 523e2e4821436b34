"""list, validate, explain, schema and show-versions: they look, and never write."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
Contents = Callable[[Path], dict[str, bytes]]


def test_list_names_every_scenario_and_says_which_are_not_valid(here: Path, call: Call) -> None:
    (here / "broken.toml").write_text("title = \n")
    (here / "worse.toml").write_text('title = "x"\n')
    (here / "notes.txt").write_text("not a scenario")
    said = call("list", ".")
    assert said.code == 0
    assert [line.split("  ")[0] for line in said.out.splitlines()] == [
        "scenario",
        "broken",
        "small",
        "worse",
    ]
    assert "not valid: 1 problem, see postroad validate" in said.out
    assert "A small campaign in Hainan" in said.out
    rows = json.loads(call("list", ".", "--json").out)
    assert [row["name"] for row in rows] == ["broken", "small", "worse"]
    assert rows[1] == {
        "name": "small",
        "title": "A small campaign in Hainan",
        "file": "small.toml",
        "start": "2023-01-07T00:00:00+08:00",
        "ends": ["village clinics"],
        "extends": None,
        "includes": [],
        "variants": [],
    }
    assert rows[2]["start"] is None
    assert "2023-01-07  village clinics" in said.out
    assert "made from" not in said.out


def test_list_says_what_files_are_made_from_and_plans_nothing(
    here: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.experiment import run

    monkeypatch.setattr(run, "build_network", None)
    (here / "variant.toml").write_text('extends = "small.toml"\ntitle = "A variant"\n')
    head = 'title = "Two"\nstart = 2023-01-07T00:00:00+08:00\nhorizon = "9 d"\n'
    (here / "season.toml").write_text(
        f'{head}[include.a]\nscenario = "small.toml"\n[include.b]\nscenario = "variant.toml"\n'
    )
    said = call("list", ".")
    assert said.code == 0
    season, small, variant = said.out.splitlines()[1:]
    assert "extends small.toml" in variant
    assert "A variant" in variant
    assert "includes small.toml, variant.toml" in season
    assert "village clinics (a), village clinics (b)" in season
    assert small.split()[-2:] == ["village", "clinics"]
    rows = json.loads(call("list", ".", "--json").out)
    assert [(row["extends"], row["includes"]) for row in rows] == [
        (None, ["small.toml", "variant.toml"]), (None, []), ("small.toml", []),
    ]  # fmt: skip


def test_list_says_where_it_found_nothing(here: Path, call: Call) -> None:
    said = call("list")
    assert (said.code, said.out) == (2, "")
    assert said.err == ("there is no folder scenarios: name one, as in postroad list FOLDER\n")
    (here / "scenarios").mkdir()
    said = call("list")
    assert said.code == 2
    assert said.err == "there are no scenario files (*.toml) in scenarios\n"
    assert json.loads(call("list", "--json").out) == []


def test_a_valid_scenario(here: Path, call: Call, contents: Contents) -> None:
    before = contents(here)
    said = call("validate", "small.toml")
    assert (said.code, said.out, said.err) == (0, "small.toml is valid\n", "")
    said = call("validate", "small.toml", "--json")
    assert (said.code, json.loads(said.out), said.err) == (0, [], "")
    assert contents(here) == before


def test_bad_input_is_told_in_full_with_exit_code_2_and_nothing_is_written(
    here: Path, small: str, call: Call, contents: Contents
) -> None:
    (here / "bad.toml").write_text(
        small.replace('"Danzhou"', '"Danzho"').replace("drivers = 2", "drivers = 3")
    )
    before = contents(here)
    wrong = ("bad.toml", "--set", "horizon=9")
    for said in (
        call("run", "--no-figures", *wrong),
        call("validate", *wrong),
        call("explain", *wrong),
    ):
        assert said.code == 2
        assert said.out == ""
        lines = said.err.splitlines()
        assert [line.split(": expected")[0] for line in lines] == [
            "--set horizon=9: horizon",
            "bad.toml:9:21: geography.regions.1",
            "bad.toml:46:1: fleets.carrier.drivers",
        ]
        assert contents(here) == before
        assert list(here.iterdir()) == [*here.glob("*.toml")]


def test_problems_as_json(here: Path, small: str, call: Call) -> None:
    (here / "bad.toml").write_text(small.replace("drivers = 2", "drivers = 3"))
    (here / "worse.toml").write_text(small.replace('speed = "65', 'sped = "65'))
    said = call("validate", "small.toml", "bad.toml", "worse.toml", "none.toml", "--json")
    assert said.code == 2
    rows = json.loads(said.out)
    assert len(said.err.splitlines()) == len(rows) == 3
    assert rows[0] == {
        "place": "bad.toml",
        "line": 46,
        "column": 1,
        "path": "fleets.carrier.drivers",
        "expected": "one of 1 or 2",
        "found": "3",
        "hint": "",
    }
    assert [row["place"] for row in rows] == ["bad.toml", "none.toml", "worse.toml"]


def test_what_cannot_be_carried_out_is_not_valid(here: Path, call: Call) -> None:
    heavy = ("--set", "fleets.carrier.capacity.weight=1 g")
    said = call("validate", "small.toml", *heavy)
    assert said.code == 2
    assert said.err == (
        'small: one unit of "oximeter" does not fit into a vehicle of the fleet "carrier" on the '
        'lane "to-city"\n'
    )
    rows = json.loads(call("validate", "small.toml", *heavy, "--json").out)
    assert [row["found"] for row in rows] == [said.err.strip()]
    assert rows[0]["place"] == "small.toml"


def test_explain_tells_the_scenario_in_words(here: Path, call: Call, contents: Contents) -> None:
    before = contents(here)
    said = call("explain", "small.toml")
    assert (said.code, said.err) == (0, "")
    assert contents(here) == before
    for words in (
        "A small campaign in Hainan",
        "from 7 Jan 00:00 2023 to 16 Jan 00:00, 3 replications, seed 0",
        "  1 maker\n  2 prefectures\n  5 counties\n",
        "288 village clinics, each to get 2 oximeters: 576 oximeters in all",
        "maker: 576 oximeters for 2 destinations; 200 in stock",
        "county-van: 1 vehicle at each site; the fullest tour is 0.01 of 4 m³",
        "goods leave when they fill a vehicle, or after 6 h",
        "all: 576 units for 2 destinations, released some time from 7 Jan 00:00 to 7 Jan 12:00",
    ):
        assert words in said.out
    rows = [line.split("  ") for line in said.out.splitlines()]
    assert ["geography.circuity", "assumed"] in [
        [row[0], next(word.strip() for word in row if word.strip() == "assumed")]
        for row in rows
        if "assumed" in [word.strip() for word in row]
    ]
    for assumption in ("sites.maker.output.oximeter", "fleets.county-van.vehicles"):
        assert re.search(rf"^{re.escape(assumption)} +\S+ +assumed ", said.out, re.MULTILINE)
    assert re.search(r"^half-served +X03 +predict ", said.out, re.MULTILINE)


def test_explain_as_json_and_with_overrides(here: Path, call: Call) -> None:
    facts = json.loads(
        call("explain", "small.toml", "--json", "--set", "fleets.county-van.vehicles=4").out
    )
    assert facts["scenario"] == "small"
    assert facts["horizon_hours"] == 216
    assert [row["sites"] for row in facts["echelons"]] == [1, 2, 5, 288]
    assert facts["echelons"][-1]["need"] == {"oximeter": 576}
    assert facts["supply"][0]["opening_stock"] == 200
    vans = [row for row in facts["origins"] if row["path"] == "fleets.county-van.vehicles"]
    assert [(row["value"], row["status"], row["source"]) for row in vans] == [
        ("4", "assumed", "--set fleets.county-van.vehicles=4")
    ]
    assert [row["id"] for row in facts["reported"]] == ["dispatched", "trips", "half-served"]


def test_what_a_file_says_is_printed_as_it_stands(here: Path, small: str, call: Call) -> None:
    """Brackets and colons of a scenario are no markup of ours."""
    odd = "[bold]not bold[/] :warning: [/red]"
    (here / "odd.toml").write_text(small.replace('source = "a guess"', f'source = "{odd}"'))
    said = call("explain", "odd.toml", "--set", f'title="{odd}"')
    assert said.code == 0
    assert said.out.splitlines()[0] == odd
    assert re.sub(r"\s+", " ", said.out).count("not bold[/] :warning:") == 2


def test_the_schema_is_json(here: Path, call: Call) -> None:
    said = call("schema")
    assert (said.code, said.err) == (0, "")
    schema = json.loads(said.out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "fleets" in schema["$defs"]["Scenario"]["properties"]


def test_versions(here: Path, call: Call) -> None:
    said = call("show-versions")
    assert said.code == 0
    lines = dict(line.split(maxsplit=1) for line in said.out.splitlines())
    assert lines["postroad"] == version("postroad")
    assert lines["numpy"] == version("numpy")
    assert lines["python"] == ".".join(map(str, sys.version_info[:3]))
    assert json.loads(call("show-versions", "--json").out) == lines
    assert call("--version").out == f"postroad, version {version('postroad')}\n"


def test_a_reader_that_stops_listening_is_no_fault(here: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-m", "sim", "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    assert writer.stdout.readline() == "{\n"
    writer.stdout.close()
    err = writer.stderr.read()
    writer.stderr.close()
    writer.wait(60)
    assert "Traceback" not in err


@pytest.mark.parametrize("name", ["none.toml", "smal.toml", "."])
def test_no_such_file(name: str, here: Path, call: Call) -> None:
    said = call("validate", name)
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith(f"{name}: expected a scenario file")
