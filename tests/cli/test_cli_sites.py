"""``postroad sites``: what is drawn is printed, put right, and read back as listed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from network.homes import HOMES, listed, load, one_echelon
from network.listed import HEAD, LANES, TEXT

from sim.engine.model import run_replication
from sim.network import Network, build_network
from sim.plan.build import build_plan
from sim.plan.specs import Plan
from sim.scenario.load import LoadedScenario, load_scenario

Call = Callable[..., object]
DRAWN = one_echelon(
    'sites = "nursing-homes"\ncount = 240\nper-county = [1, 9]\nsmallest = 190\n'
    "entitlement = { thermometer = 3 }\ntotal = { oximeter = 444 }"
)
LISTED = one_echelon("").replace("[geography]", '[files]\nsites = "homes.csv"\n\n[geography]')


def planned(loaded: LoadedScenario) -> tuple[Network, Plan]:
    network = build_network(loaded.scenario)
    return network, build_plan(loaded.scenario, network)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("drawn", DRAWN), ("listed", LISTED), ("all", HOMES)):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_drawn_homes_are_read_back_as_listed(files: Path, call: Call) -> None:
    """The same homes, needs, tours and luck: the run is the same to the last byte."""
    said = call("sites", "drawn.toml", "--echelon", "home", "--out", "homes.csv")
    assert (said.code, said.out, said.err) == (0, "", "homes.csv: 190 rows\n")
    drawn, one = planned(load_scenario(files / "drawn.toml"))
    read, other = planned(load_scenario(files / "listed.toml"))
    assert len(drawn.facilities[3]) == len(read.facilities[3]) == 190
    assert drawn.sites.key[2:] == read.sites.key[2:]
    assert np.array_equal(drawn.sites.need, read.sites.need)
    assert read.sites.need[read.of_echelon(2)].sum(axis=0).tolist() == [444, 3 * 190]
    for name in ("site", "lat", "lon", "entitlement"):
        assert np.array_equal(getattr(drawn.facilities[3], name), getattr(read.facilities[3], name))
    assert (read.facilities[3].town == -1).all()
    for field in ("site", "first", "facility", "rank", "leg_km", "back_km", "units"):
        assert np.array_equal(getattr(one.tours[0], field), getattr(other.tours[0], field))
    mine, theirs = run_replication(one, 0), run_replication(other, 0)
    for table in ("trips", "loads"):
        for field in fields(getattr(mine, table)):
            here, there = (getattr(getattr(run, table), field.name) for run in (mine, theirs))
            assert np.array_equal(here, there, equal_nan=here.dtype == np.float64)
    assert np.array_equal(mine.tours[0].delivered, theirs.tours[0].delivered, equal_nan=True)
    assert np.isfinite(mine.tours[0].delivered).any()


def test_a_table_that_is_put_right(files: Path, call: Call) -> None:
    call("sites", "drawn.toml", "--echelon", "home", "--out", "homes.csv")
    path = files / "homes.csv"
    text = path.read_text(encoding="utf-8").splitlines()
    first = rows_of("\n".join(text))[0]
    assert first["title"]
    assert first["county"].startswith(("46", "64"))
    text[1] = text[1].rpartition(",")[0] + ",50"
    path.write_text("\n".join([*text, "new-home,home,New,640104,38.4,106.3,7,0", ""]), "utf-8")
    network, plan = planned(load_scenario(files / "listed.toml"))
    homes = network.facilities[3]
    column = 1 if text[0].endswith("thermometer") else 0
    due = dict(zip(homes.key, homes.entitlement[:, column].tolist(), strict=True))
    assert len(due) == 191
    assert due[f"site/{first['name']}"] == 50
    assert due["site/new-home"] == 0
    run_replication(plan, 0)


def test_the_columns(files: Path, call: Call) -> None:
    """Names, titles and points of all echelons; needs where goods end."""
    said = call("sites", "all.toml")
    assert said.code == 0
    rows = rows_of(said.out)
    assert list(rows[0]) == ["name", "echelon", "title", "county", "lat", "lon", "stock.oximeter",
                             "stock.thermometer", "need.oximeter", "need.thermometer"]  # fmt: skip
    by_echelon = {name: [row for row in rows if row["echelon"] == name] for name in
                  ("factory", "prefecture", "county", "large", "small")}  # fmt: skip
    assert sum(map(len, by_echelon.values())) == len(rows)
    assert [row["name"] for row in by_echelon["factory"]] == ["yinchuan", "guangzhou"]
    assert by_echelon["factory"][1]["stock.thermometer"] == "3000"
    assert by_echelon["factory"][1]["lat"] == "23.13"
    assert by_echelon["prefecture"][0]["title"] == "Haikou"
    assert {row["need.oximeter"] for row in by_echelon["county"]} == {""}
    assert {row["need.oximeter"] for row in by_echelon["large"]} == {"2"}
    assert {row["need.thermometer"] for row in by_echelon["large"]} == {"0"}
    assert sum(int(row["need.thermometer"]) for row in by_echelon["small"]) == 1_001
    assert len({row["name"] for row in rows}) == len(rows)
    one = call("sites", "all.toml", "--echelon", "large", "--set", "echelons.large.largest=5")
    assert len(rows_of(one.out)) == 5
    assert "need.thermometer" not in rows_of(one.out)[0]


def test_listed_sites_are_printed_as_they_stand(tmp_path: Path, call: Call) -> None:
    """All that a table can hold of sites without a geography: read back, it is the same network."""
    overrides = ('sites.s1.supplied-by="d2"', 'sites.s2.need={mask="all", gown=3}')
    (tmp_path / "one.toml").write_text(TEXT, encoding="utf-8")
    said = call("sites", tmp_path / "one.toml", *(w for o in overrides for w in ("--set", o)))
    assert said.code == 0
    (tmp_path / "sites.csv").write_text(said.out, encoding="utf-8")
    echelons = "[echelons.plant]\n[echelons.depot]\n[echelons.shop]\nentitlement = { mask = 10 }\n"
    text = HEAD + '[files]\nsites = "sites.csv"\n' + echelons + LANES
    (tmp_path / "other.toml").write_text(text, encoding="utf-8")
    one = build_network(load_scenario(tmp_path / "one.toml", overrides).scenario)
    other = build_network(load_scenario(tmp_path / "other.toml").scenario)
    assert one.sites.key == other.sites.key
    assert one.regions == other.regions
    for name in ("lat", "lon", "above", "need", "region", "echelon"):
        assert np.array_equal(getattr(one.sites, name), getattr(other.sites, name))
    assert np.array_equal(
        one.sites.attributes["people"], other.sites.attributes["people"], equal_nan=True
    )


def test_closed_sites_and_those_outside_are_left_out(tmp_path: Path, call: Call) -> None:
    sites = "".join(
        f'[sites.{name}]\nechelon = "home"\nat = "{at}"\nneed = {{ oximeter = 2, '
        f"thermometer = 1 }}\n{more}"
        for name, at, more in (("a", "Helan, Yinchuan", ""), ("b", "Haikou", ""),
                               ("c", "Helan, Yinchuan", "closed = true\n"))
    )  # fmt: skip
    load(listed(sites))
    (tmp_path / "homes.toml").write_text(listed(sites), encoding="utf-8")
    said = call("sites", tmp_path / "homes.toml", "--echelon", "home",
                "--set", 'geography.regions=["Ningxia"]')  # fmt: skip
    assert [row["name"] for row in rows_of(said.out)] == ["a"]
    assert (
        said.err
        == 'note: sites listed for "home" that lie where nobody takes part are left out: 1\n'
    )


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--echelon", "larg"), 'all has no echelon "larg"; did you mean "large"?'),
        (("--echelon", "xyz"),
         'all has no echelon "xyz"; there are factory, prefecture, county, large, small'),
        (("--out", "drawn.toml"), "drawn.toml is there already: say --overwrite to replace it"),
        (("--out", "no/where.csv"), "no/where.csv cannot be written: no such file or directory"),
        (("--set", "echelons.large.count=9999", "--set", "echelons.large.per-county=[1,2]"),
         ("all: echelons.large: 9,999 cannot be shared out with 1 to 2 for each of 46: "
          "that is 46 to 92 in all")),
    ],
)  # fmt: skip
def test_what_cannot_be_printed(
    words: tuple[str, ...], error: str, files: Path, call: Call
) -> None:
    before = (files / "drawn.toml").read_text(encoding="utf-8")
    said = call("sites", "all.toml", *words)
    assert said.code == 2
    assert said.err.strip() == error
    assert (files / "drawn.toml").read_text(encoding="utf-8") == before


def test_a_file_is_replaced_when_asked_for(files: Path, call: Call) -> None:
    for words in ((), ("--overwrite",)):
        said = call("sites", "all.toml", "--echelon", "large", "--out", "x.csv", *words)
        assert said.code == 0
    assert len(rows_of((files / "x.csv").read_text(encoding="utf-8"))) == 70
