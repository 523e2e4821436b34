"""Which units there are, who belongs to whom, and how many villages they have."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from chinageo.packages import division_rows

VILLAGE = re.compile("(村委会|村民委员会|村|嘎查|嘎查委员会)$")
COMMUNITY = re.compile("(社区|居委会|居民委员会|社区委员会|社区居民委员会)$")


@dataclass(slots=True)
class Unit:
    """A unit of any level; ``villages`` counts committees, communities and others."""

    code: int
    name_zh: str
    parent: int
    villages: list[int] = field(default_factory=lambda: [0, 0, 0])


@dataclass(frozen=True, slots=True)
class Structure:
    """All units by level, each list sorted by code."""

    provinces: list[Unit]
    prefectures: list[Unit]
    counties: list[Unit]
    towns: list[Unit]


def read_structure(tarball: Path) -> Structure:
    """Read the units and count villages; raises ValueError if a village has no town."""
    rows = {name: list(division_rows(tarball, name)) for name in ("provinces", "cities", "areas")}
    provinces = [Unit(int(r["code"]) * 10_000, r["name"], 0) for r in rows["provinces"]]
    prefectures = [
        Unit(int(r["code"]) * 100, r["name"], int(r["provinceCode"]) * 10_000)
        for r in rows["cities"]
    ]
    counties = [Unit(int(r["code"]), r["name"], int(r["cityCode"]) * 100) for r in rows["areas"]]
    towns = [
        Unit(int(r["code"]), r["name"], int(r["areaCode"]))
        for r in division_rows(tarball, "streets")
    ]

    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in division_rows(tarball, "villages"):
        counts[int(row["streetCode"])][village_kind(row["name"])] += 1
    by_county: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for town in towns:
        town.villages = counts.pop(town.code, [0, 0, 0])
        for kind, count in enumerate(town.villages):
            by_county[town.parent][kind] += count
    if counts:
        raise ValueError(f"villages in unknown towns: {sorted(counts)[:5]}")
    for county in counties:
        county.villages = by_county.pop(county.code, [0, 0, 0])
    if by_county:
        raise ValueError(f"towns in unknown counties: {sorted(by_county)[:5]}")

    levels = (provinces, prefectures, counties, towns)
    return Structure(*(sorted(units, key=lambda unit: unit.code) for units in levels))


def village_kind(name: str) -> int:
    """0 for a village committee, 1 for a community, 2 for anything else, by the name's ending.

    Some 350 misspelt or unusual endings of village committees (村村民委会, 嘎查委会) count as
    others: the rule is kept plain so that it can be checked by hand.
    """
    if COMMUNITY.search(name):
        return 1
    return 0 if VILLAGE.search(name) else 2


def town_kind(code: int) -> str:
    """The kind of a town by the last three digits of its code, as the statistical codes are laid
    out: subdistricts below 100, 镇 below 200, 乡 below 400, others from there on."""
    number = code % 1000
    if number < 100:
        return "street"
    if number < 200:
        return "zhen"
    return "xiang" if number < 400 else "other"


def is_functional_zone(county: Unit) -> bool:
    """True for statistical zones: their codes end in 71 to 79."""
    return 71 <= county.code % 100 <= 79
