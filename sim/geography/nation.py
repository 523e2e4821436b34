"""A nation: its provinces, prefectures, counties and towns, loaded from the packaged tables."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.geography.areas import complete_areas, town_areas
from sim.geography.packaged import PackagedTable, freeze
from sim.geography.tables import (
    ClinicEstimates,
    Counties,
    Floats,
    Int32s,
    KeyCounties,
    Places,
    Prefectures,
    Provinces,
    Towns,
)

LEVELS = ("province", "prefecture", "county", "town")
NATIONS = ("china", "none")


class UnknownNation(KeyError):
    """There are no tables for a nation of that name."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, eq=False)
class Nation:
    """All levels of one nation. Equal only to itself, hashable, safe to share between threads.

    ``towns`` and ``key_counties`` are read when they are first asked for.
    """

    name: str
    provinces: Provinces
    prefectures: Prefectures
    counties: Counties
    clinics: ClinicEstimates

    @functools.cached_property
    def towns(self) -> Towns:
        """All towns, townships and subdistricts."""
        table = PackagedTable("towns")
        places = _places(table, self.counties.code)
        places["area_km2"] = town_areas(
            self.counties.area_km2, places["parent"], places["village_committees"]
        )
        return Towns(**_frozen(places), kind=table.kinds("kind"))

    @functools.cached_property
    def key_counties(self) -> KeyCounties:
        """The key counties for rural revitalisation, sourced and unverified."""
        table = PackagedTable("key_counties")
        return KeyCounties(
            county=freeze(_index(table.numbers("code", np.int32), self.counties.code)),
            sourced=freeze(table.kinds("status") == "sourced"),
            source=table.names("source"),
        )

    @functools.cached_property
    def aliases(self) -> tuple[tuple[int, str], ...]:
        """Other spellings that are in use: pairs of code and name."""
        table = PackagedTable("aliases")
        return tuple(zip(table.column("code").to_pylist(), table.names("alias"), strict=True))

    def level(self, name: str) -> Places:
        """The table of a level: "province", "prefecture", "county" or "town"; else ValueError."""
        if name == "province":
            return self.provinces
        if name == "prefecture":
            return self.prefectures
        if name == "county":
            return self.counties
        if name == "town":
            return self.towns
        raise ValueError(f"level must be one of {', '.join(LEVELS)}, not {name!r}")


def load_nation(name: str = "china") -> Nation:
    """The nation ``name``, from the packaged tables; the same object each time.

    "none" is a nation without a place, for which nothing is read. Raises UnknownNation (a KeyError)
    for another name without tables.
    """
    if name not in NATIONS:
        raise UnknownNation(f"there are no tables for {name!r}; there are: {', '.join(NATIONS)}")
    if name == "none":
        from sim.geography.nowhere import nowhere  # imported late: it is a Nation itself

        return nowhere()
    return _load(name)


@functools.cache
def _load(name: str) -> Nation:
    top, middle, low = (
        PackagedTable("provinces"),
        PackagedTable("prefectures"),
        PackagedTable("counties"),
    )
    provinces = _places(top, None)
    prefectures = _places(middle, provinces["code"])
    counties = _places(low, prefectures["code"])

    measured = low.numbers("area_km2", np.float64)
    counties["area_km2"] = complete_areas(
        measured,
        counties["parent"],
        prefectures["parent"][counties["parent"]],
        counties["village_committees"],
        counties["communities"],
    )
    # Zones without a polygon lie inside other counties: their area counts once, there.
    _sum_up(counties, prefectures, counties["parent"], np.nan_to_num(measured))
    _sum_up(prefectures, provinces, prefectures["parent"], prefectures["area_km2"])
    return Nation(
        name=name,
        provinces=Provinces(**_frozen(provinces)),
        prefectures=Prefectures(**_frozen(prefectures), pseudo=middle.flags("pseudo")),
        counties=Counties(
            **_frozen(counties),
            functional_zone=low.flags("functional_zone"),
            area_source=freeze(np.where(np.isnan(measured), "derived", "polygon")),
        ),
        clinics=_clinics(provinces["code"]),
    )


def _clinics(provinces: Int32s) -> ClinicEstimates:
    table = PackagedTable("clinics")
    if not np.array_equal(table.numbers("code", np.int32), provinces):
        raise ValueError("the clinic estimates do not list the provinces in order")
    names = ("estimate_a", "estimate_b", "estimate_c", "reported", "health_centres")
    return ClinicEstimates(*(freeze(table.numbers(name, np.int64)) for name in names))


def _places(table: PackagedTable, parents: Int32s | None) -> dict[str, Any]:
    """The columns that all levels share, as keyword arguments; sums are filled in later."""
    columns: dict[str, Any] = {
        "code": table.numbers("code", np.int32),
        "name": table.names("name"),
        "name_zh": table.names("name_zh"),
        "lat": table.numbers("lat", np.float64),
        "lon": table.numbers("lon", np.float64),
        "coord_source": table.kinds("coord_source"),
    }
    if parents is None:
        columns["parent"] = np.zeros(len(table), dtype=np.int32)
    else:
        columns["parent"] = _index(table.numbers("parent", np.int32), parents)
    if "village_committees" in table.columns:
        columns["village_committees"] = table.numbers("village_committees", np.int64)
        columns["communities"] = table.numbers("communities", np.int64)
    return columns


def _sum_up(
    children: dict[str, Any], parents: dict[str, Any], parent: Int32s, area_km2: Floats
) -> None:
    """Fill in the parents' counts and areas as sums over their children."""
    counts = {name: children[name] for name in ("village_committees", "communities")}
    for name, values in (*counts.items(), ("area_km2", area_km2)):
        sums = np.zeros(len(parents["code"]), dtype=values.dtype)
        np.add.at(sums, parent, values)
        parents[name] = sums


def _index(codes: Int32s, sorted_codes: Int32s) -> Int32s:
    """The position of each code among ``sorted_codes``; ValueError if one is not there."""
    index = np.searchsorted(sorted_codes, codes)
    if not np.array_equal(sorted_codes[np.minimum(index, sorted_codes.size - 1)], codes):
        raise ValueError("a code is not among those of the level above")
    return index.astype(np.int32)


def _frozen(columns: dict[str, Any]) -> dict[str, Any]:
    return {k: freeze(v) if isinstance(v, np.ndarray) else v for k, v in columns.items()}
