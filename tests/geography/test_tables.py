"""The packaged tables against the hand-made facts and the rules that they were built by."""

from __future__ import annotations

import csv
import sys
from importlib import resources
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.geography.nation import Nation, load_nation

TOOLS = Path(__file__).parents[2] / "tools"
DATA = Path(str(resources.files("sim.geography") / "data"))


@pytest.fixture(scope="module")
def nation() -> Nation:
    return load_nation()


@pytest.fixture
def on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TOOLS))


def source(name: str) -> list[dict[str, str]]:
    with (TOOLS / "sources" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_tables_are_small() -> None:
    assert sum(path.stat().st_size for path in DATA.glob("*.parquet")) < 1_500_000
    assert (DATA / "outline.parquet").stat().st_size < 150_000


def test_tables_are_what_the_writer_writes(on_path: None, tmp_path: Path) -> None:
    tables: ModuleType = __import__("chinageo.tables", fromlist=["tables"])
    paths = sorted(DATA.glob("*.parquet"))
    assert {path.stem for path in paths} == set(tables.SCHEMAS)
    for path in paths:
        rows = pq.ParquetFile(path).read().to_pylist()
        again = tables.write_table(tmp_path, path.stem, rows)
        written = again.read_bytes()
        if pq.ParquetFile(again).metadata.created_by == pq.ParquetFile(path).metadata.created_by:
            assert written == path.read_bytes()
        else:  # another version of the writer has other bytes, but the same each time
            assert tables.write_table(tmp_path, path.stem, rows).read_bytes() == written


def test_clinic_estimates_are_the_hand_made_ones(nation: Nation) -> None:
    rows = source("province_clinics")
    assert [int(row["code"]) for row in rows] == nation.provinces.code.tolist()
    assert [row["name_zh"] for row in rows] == list(nation.provinces.name_zh)
    for column, values in (
        ("estimate_a", nation.clinics.a),
        ("estimate_b", nation.clinics.b),
        ("estimate_c", nation.clinics.c),
        ("health_centres", nation.clinics.health_centres),
    ):
        assert [int(row[column]) for row in rows] == values.tolist()
    assert all(row["source"] for row in rows)


def test_key_counties_are_the_hand_made_ones(nation: Nation) -> None:
    rows = source("key_counties")
    key = nation.key_counties
    assert [int(row["code"]) for row in rows] == nation.counties.code[key.county].tolist()
    assert [row["name_zh"] for row in rows] == [nation.counties.name_zh[i] for i in key.county]
    assert [row["status"] == "sourced" for row in rows] == key.sourced.tolist()
    assert {row["status"] for row in rows} == {"sourced", "unverified"}


def test_names_and_aliases_are_the_hand_made_ones(nation: Nation) -> None:
    for row in source("names"):
        code = int(row["code"])
        found = {
            (places.name_zh[i], places.name[i])
            for places in (nation.provinces, nation.prefectures, nation.counties)
            for i in np.flatnonzero(places.code == code)
        }
        assert found == {(row["name_zh"], row["name"])}
    aliases = [(int(row["code"]), row["alias"]) for row in source("aliases")]
    assert tuple(aliases) == nation.aliases
    codes = set(nation.provinces.code) | set(nation.prefectures.code) | set(nation.counties.code)
    assert {code for code, _ in aliases} <= codes


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("多福巷社区居委会", 1),
        ("红山郡社区委员会", 1),
        ("八里铺居民委员会", 1),
        ("沟口子村村民委员会", 0),
        ("沟口子村委会", 0),
        ("西热图嘎查", 0),
        ("嘎拉布尔嘎查委员会", 0),
        ("巴彦芒哈林场生活区", 2),
        ("一管理区", 2),
    ],
)
def test_kinds_of_villages(on_path: None, name: str, kind: int) -> None:
    structure: ModuleType = __import__("chinageo.structure", fromlist=["structure"])
    assert structure.village_kind(name) == kind


def test_kinds_of_towns_and_zones(on_path: None, nation: Nation) -> None:
    structure: ModuleType = __import__("chinageo.structure", fromlist=["structure"])
    kinds = [structure.town_kind(code) for code in nation.towns.code.tolist()]
    assert kinds == nation.towns.kind.tolist()
    units = [structure.Unit(code, "", 0) for code in nation.counties.code.tolist()]
    zones = [structure.is_functional_zone(unit) for unit in units]
    assert zones == nation.counties.functional_zone.tolist()


def test_the_build_explains_itself_without_its_packages() -> None:
    import subprocess

    done = subprocess.run(
        [sys.executable, str(TOOLS / "build_geography.py"), "--help"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "requirements-geography.txt" in done.stdout
    assert "--compare" in done.stdout
