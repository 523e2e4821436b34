"""Names in Latin letters: pinyin, joined and capitalised, with an apostrophe where it is due."""

from __future__ import annotations

import re

from pypinyin import lazy_pinyin

from sim.geography.names import stem_zh

# What these characters nearly always sound like in names of places, where that differs from
# their usual reading or from a common word that two of them happen to form.
READINGS = {
    "长": "chang",
    "都": "du",
    "朝": "chao",
    "乐": "le",
    "尾": "wei",
    "曾": "zeng",
    "佛": "fo",
    "冈": "gang",
    "车": "che",
    "洞": "dong",
    "六": "liu",
    "勒": "le",
    "什": "shi",
    "会": "hui",
    "宿": "su",
    "漯": "luo",
    "涡": "guo",
    "堡": "bao",
    "场": "chang",
    "圩": "xu",
}
ZONES = {
    "高新技术产业开发区": "High-Tech Zone",
    "高技术产业开发区": "High-Tech Zone",
    "高新技术产业园区": "High-Tech Zone",
    "高新技术开发区": "High-Tech Zone",
    "航空港经济综合实验区": "Airport Economic Zone",
    "经济技术开发区": "Economic and Technological Zone",
    "城乡一体化示范区": "Urban-Rural Integration Zone",
    "综合物流产业聚集区": "Logistics Zone",
    "文化旅游创意园区": "Culture and Tourism Park",
    "综合改革示范区": "Reform Zone",
    "现代产业园区": "Industrial Park",
    "循环化工园区": "Chemical Park",
    "风景名胜区": "Scenic Area",
    "经济开发区": "Economic Zone",
    "管理区管委会": "Management Zone",
    "工业园区": "Industrial Park",
    "管理区": "Management Zone",
    "示范区": "Demonstration Zone",
    "开发区": "Development Zone",
    "食品区": "Food Zone",
    "新城": "New Town",
    "新区": "New Area",
}
_VOWELS = frozenset("aeo")
_MARKS = re.compile(r"[\s()（）、·-]+")


def spell(name_zh: str) -> str:
    """The name of a unit without its kind: 西安市 → Xi'an. One-character names keep the kind."""
    stem = stem_zh(name_zh)
    return pinyin(name_zh if len(stem) == 1 else stem)


def spell_zone(name_zh: str, province_zh: str, prefecture_zh: str, prefecture: str) -> str:
    """The name of a functional zone: 河北唐山芦台经济开发区 → Tangshan Lutai Economic Zone.

    ``prefecture`` is the prefecture's name in Latin letters. Raises ValueError if the kind of zone
    is not in ``ZONES``.
    """
    ending = next((ending for ending in ZONES if name_zh.endswith(ending)), None)
    if ending is None:
        raise ValueError(f"no English name for this kind of zone: {name_zh}")
    place, stem = name_zh.removesuffix(ending), stem_zh(prefecture_zh)
    shorter = place.removeprefix(stem_zh(province_zh))
    if shorter != place and shorter.startswith(stem):
        place = shorter
    words = [ZONES[ending]]
    if place.startswith(stem):
        rest = place.removeprefix(stem).removeprefix("市")
        words = [prefecture, pinyin(rest), *words]
    else:
        words = [pinyin(place), *words]
    return " ".join(word for word in words if word)


def pinyin(text: str) -> str:
    """Pinyin without tones, one word for each run between marks: 西安 → Xi'an, 吕梁 → Lüliang."""
    return " ".join(_word(run) for run in _MARKS.split(text) if run)


def _word(text: str) -> str:
    syllables = lazy_pinyin(text, v_to_u=True)
    if len(syllables) == len(text):
        pairs = zip(text, syllables, strict=True)
        syllables = [READINGS.get(character, syllable) for character, syllable in pairs]
    word = ""
    for syllable in syllables:
        word += ("'" if word and syllable[0] in _VOWELS else "") + syllable
    return word[:1].upper() + word[1:]
