"""How names of places are cut and compared.

The rebuild in ``tools/`` uses the same rules to cut Chinese names before it spells them.
"""

from __future__ import annotations

import re
import unicodedata

_PEOPLES = (
    "壮族|回族|满族|维吾尔|苗族|彝族|土家族|藏族|蒙古族|蒙古|侗族|布依族|瑶族|"
    "白族|朝鲜族|哈尼族|黎族|哈萨克族|哈萨克|傣族|畲族|傈僳族|仡佬族|东乡族|"
    "拉祜族|水族|佤族|纳西族|羌族|土族|仫佬族|锡伯族|锡伯|柯尔克孜族|柯尔克孜|"
    "景颇族|达斡尔族|撒拉族|布朗族|毛南族|塔吉克族|塔吉克|普米族|怒族|鄂温克族|"
    "保安族|裕固族|独龙族|鄂伦春族|鄂伦春|俄罗斯族|德昂族|阿昌族|赫哲族|京族|"
    "基诺族|门巴族|珞巴族|乌孜别克族|塔塔尔族|各族|民族"
)
_PEOPLES_AT_END = re.compile(f"(?:{_PEOPLES})+$")
_AUTONOMOUS = ("自治区", "自治州", "自治县", "自治旗")
_KINDS = (
    *_AUTONOMOUS,
    *("特别行政区", "地区", "林区", "特区", "街道办事处", "街道", "苏木"),
    *("省", "市", "州", "盟", "县", "区", "旗", "镇", "乡"),
)
_KINDS_EN = re.compile(r"(?:\s+autonomous)?\s+(\w+)$")
_LEVELS_EN = {
    "province": ("province",),
    "region": ("province",),
    "municipality": ("province",),
    "prefecture": ("prefecture",),
    "league": ("prefecture",),
    "city": ("prefecture", "county"),
    "county": ("county",),
    "district": ("county",),
    "banner": ("county",),
    "town": ("town",),
    "township": ("town",),
    "subdistrict": ("town",),
}


def stem_zh(name: str) -> str:
    """A Chinese name without the kind of unit and without the peoples of autonomous units.

    江苏省 → 江苏, 延边朝鲜族自治州 → 延边, 内蒙古自治区 → 内蒙古. Never empty: 东乡族自治县 → 东乡.
    """
    for kind in _KINDS:
        # 神农架林区 is a forest district, 新林区 a district called Xinlin.
        if name.endswith(kind) and len(name) > len(kind) + (kind == "林区"):
            stem = name.removesuffix(kind)
            break
    else:
        return name
    if stem != "内蒙古" and (kind in _AUTONOMOUS or stem.endswith("族")):
        stem = _PEOPLES_AT_END.sub("", stem) or stem.removesuffix("族")
    return stem


def is_chinese(text: str) -> bool:
    """True if ``text`` holds at least one Chinese character."""
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def stated_levels(text: str) -> tuple[str, ...]:
    """The levels that an English name states ("Wujiang District": county); none: ()."""
    kind = _KINDS_EN.search(text.strip().casefold())
    return _LEVELS_EN.get(kind[1], ()) if kind else ()


def match_key(text: str) -> str:
    """What two spellings of one name have in common.

    Case, accents, spaces, apostrophes, hyphens and brackets do not matter, nor does the kind of
    unit in English ("Jiangsu Province"), nor the spelling of ü (u, v or ü).
    """
    plain = unicodedata.normalize("NFKD", text.strip().casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    kind = _KINDS_EN.search(plain)
    if kind and kind[1] in _LEVELS_EN:
        plain = plain[: kind.start()]
    plain = re.sub(r"[\s'’‘`\-–()（）·.]", "", plain)
    return re.sub(r"(?<=[ln])v", "u", plain)
