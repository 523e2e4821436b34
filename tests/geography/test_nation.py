from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from sim.geography.areas import complete_areas, town_areas
from sim.geography.nation import LEVELS, Nation, UnknownNation, load_nation


@pytest.fixture(scope="module")
def nation() -> Nation:
    return load_nation()


def test_counts_of_units(nation: Nation) -> None:
    assert len(nation.provinces) == 31
    assert np.sum(~nation.prefectures.pseudo) == 333
    assert np.sum(nation.prefectures.pseudo) == 9
    assert np.sum(~nation.counties.functional_zone) == 2_854
    assert np.sum(nation.counties.functional_zone) == 124
    assert len(nation.towns) == 41_352
    assert np.sum(np.isin(nation.towns.kind, ("zhen", "xiang"))) == 29_575
    assert set(nation.towns.kind) == {"zhen", "xiang", "street", "other"}


@pytest.mark.parametrize("level", LEVELS)
def test_village_committees_add_up_at_every_level(nation: Nation, level: str) -> None:
    assert nation.level(level).village_committees.sum() == 486_692


def test_sums_of_children(nation: Nation) -> None:
    for below, above in zip(LEVELS[:0:-1], LEVELS[-2::-1], strict=True):
        children, parents = nation.level(below), nation.level(above)
        for column in ("village_committees", "communities"):
            sums = np.zeros(len(parents), dtype=np.int64)
            np.add.at(sums, children.parent, getattr(children, column))
            assert np.array_equal(sums, getattr(parents, column)), (below, column)


def test_parents_are_valid_and_children_contiguous(nation: Nation) -> None:
    for below, above in zip(LEVELS[1:], LEVELS[:-1], strict=True):
        children, parents = nation.level(below), nation.level(above)
        assert children.parent.min() == 0
        assert children.parent.max() == len(parents) - 1
        assert np.all(np.diff(children.parent) >= 0)
    assert np.array_equal(
        nation.prefectures.code // 10_000,
        nation.provinces.code[nation.prefectures.parent] // 10_000,
    )
    assert np.array_equal(nation.towns.code // 1_000, nation.counties.code[nation.towns.parent])
    # Every prefecture and every province has something below it.
    assert len(np.unique(nation.counties.parent)) == 342
    assert len(np.unique(nation.prefectures.parent)) == 31


@pytest.mark.parametrize("level", LEVELS)
def test_columns(nation: Nation, level: str) -> None:
    places = nation.level(level)
    count = len(places)
    assert places.code.dtype == np.int32
    assert np.all(np.diff(places.code) > 0)
    assert len(places.name) == len(places.name_zh) == count
    assert all(places.name)
    assert all(name[0].isupper() for name in places.name)
    assert places.area_km2.shape == (count,)
    for array in (places.code, places.parent, places.lat, places.area_km2, places.coord_source):
        assert array.shape == (count,)
        assert not array.flags.writeable


@pytest.mark.parametrize("level", LEVELS)
def test_points_lie_in_the_bounding_box(nation: Nation, level: str) -> None:
    places = nation.level(level)
    assert np.all((places.lat > 3.0) & (places.lat < 54.0))
    assert np.all((places.lon > 73.0) & (places.lon < 135.5))


def test_points_of_towns_are_labelled(nation: Nation) -> None:
    assert set(nation.towns.coord_source) == {"geonames", "synthetic"}
    assert np.sum(nation.towns.coord_source == "geonames") == 11_830


def test_known_places(nation: Nation) -> None:
    suzhou = nation.prefectures.name_zh.index("苏州市")
    assert nation.prefectures.name[suzhou] == "Suzhou"
    assert nation.prefectures.code[suzhou] == 320_500
    assert nation.prefectures.lat[suzhou] == pytest.approx(31.30, abs=0.05)
    assert nation.prefectures.lon[suzhou] == pytest.approx(120.62, abs=0.05)


def test_names_that_readings_get_wrong(nation: Nation) -> None:
    names = dict(zip(nation.prefectures.name_zh, nation.prefectures.name, strict=True))
    names |= dict(zip(nation.counties.name_zh, nation.counties.name, strict=True))
    expected = {
        "长治市": "Changzhi",
        "长子县": "Zhangzi",
        "成都市": "Chengdu",
        "漯河市": "Luohe",
        "六安市": "Lu'an",
        "厦门市": "Xiamen",
        "西安市": "Xi'an",
        "吕梁市": "Lüliang",
        "闵行区": "Minhang",
        "乐清市": "Yueqing",
        "浚县": "Xunxian",
        "延边朝鲜族自治州": "Yanbian",
        "河北唐山芦台经济开发区": "Tangshan Lutai Economic Zone",
    }
    for name_zh, name in expected.items():
        assert names.get(name_zh) == name


def test_pseudo_prefectures_have_names_and_points(nation: Nation) -> None:
    middle = nation.prefectures
    pseudo = np.flatnonzero(middle.pseudo)
    assert [middle.name[i] for i in pseudo] == [
        "Beijing",
        "Tianjin",
        "Shanghai",
        "Henan (directly administered)",
        "Hubei (directly administered)",
        "Hainan (directly administered)",
        "Chongqing (districts)",
        "Chongqing (counties)",
        "Xinjiang (directly administered)",
    ]
    for i in pseudo:
        if middle.coord_source[i] == "province-seat":
            above = nation.provinces
            at = int(middle.parent[i])
        else:
            above = nation.counties
            below = np.flatnonzero(nation.counties.parent == i)
            at = int(below[np.argmax(nation.counties.village_committees[below])])
        assert (middle.lat[i], middle.lon[i]) == (above.lat[at], above.lon[at])


def test_areas(nation: Nation) -> None:
    # The nation without Hong Kong, Macao and Taiwan: 9.6 million km² within 2 %.
    assert nation.provinces.area_km2.sum() == pytest.approx(9.56e6, rel=0.02)
    assert nation.provinces.area_km2.sum() == pytest.approx(nation.prefectures.area_km2.sum())
    derived = nation.counties.area_source == "derived"
    assert np.sum(derived) == 129
    assert np.all(derived[nation.counties.functional_zone])
    assert np.all(nation.counties.area_km2 > 0)
    shares = np.bincount(nation.towns.parent, weights=nation.towns.area_km2)
    with_towns = np.bincount(nation.towns.parent) > 0
    assert np.allclose(shares[with_towns], nation.counties.area_km2[: shares.size][with_towns])


def test_gaps_in_areas_follow_the_stated_rule() -> None:
    area = complete_areas(
        area_km2=np.array([100.0, 300.0, np.nan, np.nan, np.nan, 50.0]),
        prefecture=np.array([0, 0, 0, 0, 1, 2]),
        province=np.array([0, 0, 0, 0, 0, 1]),
        villages=np.array([10, 10, 3, 0, 0, 1]),
        communities=np.array([0, 0, 9, 4, 0, 0]),
    )
    # Medians: 20 km² a village in prefecture 0, and the same in province 0.
    assert area.tolist() == [100.0, 300.0, 60.0, 80.0, 20.0, 50.0]
    one = np.array([0])
    with pytest.raises(ValueError, match="county 0 has no area"):
        complete_areas(np.array([np.nan]), one, one, one, one)


def test_town_areas_share_the_county() -> None:
    shares = town_areas(np.array([12.0]), np.array([0, 0], dtype=np.int32), np.array([5, 0]))
    assert shares.tolist() == [10.0, 2.0]


def test_key_counties(nation: Nation) -> None:
    key = nation.key_counties
    assert key.county.size == len(set(key.county.tolist())) == 160
    assert np.sum(key.sourced) == 92
    assert np.sum(~key.sourced) == 68
    unverified = {s for s, good in zip(key.source, key.sourced, strict=True) if not good}
    assert all("unverified" in source for source in unverified)


def test_unknown_nation_says_what_there_is() -> None:
    with pytest.raises(UnknownNation, match="'atlantis'; there are: china") as caught:
        load_nation("atlantis")
    assert isinstance(caught.value, KeyError)


def test_unknown_level(nation: Nation) -> None:
    with pytest.raises(ValueError, match="level must be one of"):
        nation.level("village")


def test_loaded_once_and_towns_only_when_asked_for() -> None:
    assert load_nation() is load_nation("china")
    code = (
        "from sim.geography.nation import load_nation; nation = load_nation();"
        "assert 'towns' not in vars(nation); len(nation.towns); assert 'towns' in vars(nation)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
