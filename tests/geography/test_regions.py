from __future__ import annotations

import pytest

from sim.geography.names import match_key, stated_levels, stem_zh
from sim.geography.nation import LEVELS, Nation, load_nation
from sim.geography.regions import (
    AmbiguousRegion,
    UnknownRegion,
    children,
    members,
    qualified_name,
    region,
    resolve,
    unique_names,
)


@pytest.fixture(scope="module")
def nation() -> Nation:
    return load_nation()


@pytest.mark.parametrize(
    ("text", "level", "code"),
    [
        ("Jiangsu", None, 320_000),
        ("  jiangsu ", None, 320_000),
        ("Jiangsu Province", None, 320_000),
        ("江苏", None, 320_000),
        ("江苏省", None, 320_000),
        (320_000, None, 320_000),
        ("320000", None, 320_000),
        ("32", None, 320_000),
        ("Inner Mongolia", None, 150_000),
        ("内蒙古", None, 150_000),
        ("Inner Mongolia Autonomous Region", None, 150_000),
        ("Xizang", None, 540_000),
        ("Shanxi", None, 140_000),
        ("Shaanxi", None, 610_000),
        ("陕西", None, 610_000),
        ("Xian", None, 610_100),
        ("Xi'an", None, 610_100),
        ("Xi’an City", None, 610_100),
        ("Lüliang", None, 141_100),
        ("Lvliang", None, 141_100),
        ("Luliang", "prefecture", 141_100),
        ("Haerbin", None, 230_100),
        ("Harbin", None, 230_100),
        ("Suzhou, Jiangsu", None, 320_500),
        ("Suzhou, Anhui", None, 341_300),
        ("宿州", None, 341_300),
        ("苏州市，江苏", None, 320_500),
        ("3205", None, 320_500),
        ("Jilin", None, 220_000),  # the highest level wins
        ("Jilin", "prefecture", 220_200),
        ("Jilin City", None, 220_200),
        ("朝阳", None, 211_300),
        ("朝阳区, 北京", None, 110_105),
        ("Chaoyang District, Beijing", None, 110_105),
        ("Beijing", None, 110_000),
        ("Beijing", "prefecture", 110_100),
        ("北京市", "prefecture", 110_100),
        ("Chongqing (counties)", None, 500_200),
        ("延边", None, 222_400),
        ("延边州", None, 222_400),
        ("Dongguan", None, 441_900),
        (441_900, "county", 441_900),
        ("110101001", None, 110_101_001),
        ("Donghuamen, Dongcheng, Beijing", None, 110_101_001),
        ("东华门街道", "town", 110_101_001),
    ],
)
def test_finds(nation: Nation, text: str | int, level: str | None, code: int) -> None:
    found = resolve(nation, text, level)
    assert found.code == code
    assert level in (None, found.level)
    places = nation.level(found.level)
    assert places.code[found.index] == code
    assert places.name[found.index] == found.name


def test_shanxi_and_shaanxi_are_two(nation: Nation) -> None:
    assert resolve(nation, "Shanxi").index != resolve(nation, "Shaanxi").index


def test_ambiguous_names_say_which(nation: Nation) -> None:
    with pytest.raises(AmbiguousRegion, match="'Suzhou' may be") as caught:
        resolve(nation, "Suzhou")
    assert caught.value.choices == ("Suzhou, Anhui", "Suzhou, Jiangsu")
    assert [resolve(nation, c).code for c in caught.value.choices] == [341_300, 320_500]
    with pytest.raises(AmbiguousRegion) as caught:
        resolve(nation, "Chongqing", "prefecture")
    assert len(caught.value.choices) == 2


def test_ambiguous_within_a_prefecture_is_told_in_chinese(nation: Nation) -> None:
    with pytest.raises(AmbiguousRegion) as caught:
        resolve(nation, "Linxia", "county")
    assert caught.value.choices == ("临夏县, Linxia, Gansu", "临夏市, Linxia, Gansu")
    assert [resolve(nation, c).code for c in caught.value.choices] == [622_921, 622_901]


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("Jiangsoo", "Jiangsu"),
        ("Shangdong", "Shandong"),
        ("Zhejang", "Zhejiang"),
        ("Inner Mongola", "Inner Mongolia"),
        ("苏洲市", "Suzhou"),
        ("Suzou", "Suzhou, Jiangsu"),
    ],
)
def test_misspelt_names_get_suggestions(nation: Nation, text: str, suggestion: str) -> None:
    with pytest.raises(UnknownRegion) as caught:
        resolve(nation, text)
    assert caught.value.text == text
    assert suggestion in caught.value.suggestions
    assert suggestion in str(caught.value)


@pytest.mark.parametrize("text", ["", "qqqqqqqq", "999999", "5", "Suzhou, Hunan", "Xqz, Jiangsu"])
def test_unknown(nation: Nation, text: str) -> None:
    with pytest.raises(UnknownRegion) as caught:
        resolve(nation, text)
    assert isinstance(caught.value, ValueError)


def test_a_code_of_another_level_is_unknown(nation: Nation) -> None:
    with pytest.raises(UnknownRegion):
        resolve(nation, 320_500, "county")


def test_unknown_level(nation: Nation) -> None:
    with pytest.raises(ValueError, match="level must be"):
        resolve(nation, "Jiangsu", "state")


@pytest.mark.parametrize("level", LEVELS[:3])
def test_every_unit_answers_to_its_code_and_qualified_name(nation: Nation, level: str) -> None:
    places = nation.level(level)
    for index in range(len(places)):
        assert resolve(nation, int(places.code[index]), level).index == index
        name = qualified_name(nation, level, index)
        try:
            found = resolve(nation, name, level).index
        except AmbiguousRegion as error:
            found = next(i for c in error.choices if (i := resolve(nation, c).index) == index)
        assert found == index, name


def test_children_and_members(nation: Nation) -> None:
    jiangsu = resolve(nation, "Jiangsu").index
    prefectures = children(nation, "province", jiangsu)
    assert len(prefectures) == 13
    assert all(nation.prefectures.parent[prefectures] == jiangsu)
    counties = members(nation, "province", jiangsu, "county")
    assert sum(len(children(nation, "prefecture", p)) for p in prefectures) == len(counties)
    towns = members(nation, "province", jiangsu, "town")
    assert sum(len(children(nation, "county", c)) for c in counties) == len(towns)
    assert members(nation, "province", jiangsu, "province").tolist() == [jiangsu]
    assert sum(len(members(nation, "province", p, "town")) for p in range(31)) == 41_352
    with pytest.raises(ValueError, match="nothing below"):
        children(nation, "town", 0)
    with pytest.raises(ValueError, match="no province inside"):
        members(nation, "county", 0, "province")


def test_region_checks_the_index(nation: Nation) -> None:
    assert region(nation, "province", 0).name == "Beijing"
    with pytest.raises(IndexError):
        region(nation, "province", 31)


def test_unique_names_are_sorted(nation: Nation) -> None:
    assert unique_names(nation, [("province", 9), ("province", 0)]) == ("Beijing", "Jiangsu")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("江苏省", "江苏"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("延边朝鲜族自治州", "延边"),
        ("东乡族自治县", "东乡"),
        ("管城回族区", "管城"),
        ("喀喇沁左翼蒙古族自治县", "喀喇沁左翼"),
        ("神农架林区", "神农架"),
        ("新林区", "新林"),
        ("津市市", "津市"),
        ("东华门街道", "东华门"),
        ("杏山满族乡", "杏山"),
        ("县", "县"),
    ],
)
def test_stems(name: str, stem: str) -> None:
    assert stem_zh(name) == stem


def test_match_keys() -> None:
    assert match_key("Xi'an") == match_key("XIAN") == match_key("Xi’an city") == "xian"
    assert match_key("Lüliang") == match_key("Lvliang") == match_key("luliang")
    assert match_key("Shanxi") != match_key("Shaanxi")
    assert stated_levels("Wujiang District") == ("county",)
    assert stated_levels("Wujiang") == ()
