"""A point for each unit: the seat where a source has it, else the next best thing.

Counties, in this order: the seat in cpca under the county's own code; under an earlier code of
the same name in the same province; in GeoNames the place of that name inside the polygon, else
the one of its stem, else the most populous one; a point inside the polygon; the prefecture's seat.
A seat in cpca is not believed if it lies more than ``TOLERANCE_KM`` outside the county's polygon.
Towns: a place in GeoNames inside the county's polygon that goes by the town's name, or nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from fast_geocn.coord import gcj02_to_wgs84
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from chinageo.structure import Structure, Unit, is_functional_zone
from sim.geography.distance import great_circle_km
from sim.geography.names import stem_zh

TOLERANCE_KM = 5.0
SAME_PREFECTURE_KM = 300.0
_KM_PER_DEGREE = 111.2
_TOWN_ENDING = re.compile("(街道办事处|街道|苏木|镇|乡)$")
_DECIMALS = 5

Place = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """A point in WGS84 degrees, and the source that it comes from."""

    lat: float
    lon: float
    source: str


class Seats:
    """Seats of cpca, converted from GCJ-02 to WGS84."""

    def __init__(self, rows: list[dict[str, str]]) -> None:
        self._spots: dict[int, tuple[str, float, float]] = {}
        self._by_stem: dict[tuple[int, bool, str], list[int]] = defaultdict(list)
        for row in rows:
            if row["longitude"]:
                code = int(row["adcode"][:6])
                lon, lat = gcj02_to_wgs84(float(row["longitude"]), float(row["latitude"]))
                self._spots[code] = (row["name"], lat, lon)
                self._by_stem[_stem_key(code, row["name"])].append(code)

    def own(self, unit: Unit) -> Spot | None:
        """The seat under the unit's own code and name."""
        if self._spots.get(unit.code, ("",))[0] != unit.name_zh:
            return None
        return self._spot(unit.code, "cpca")

    def predecessor(self, unit: Unit, current: set[int]) -> Spot | None:
        """The seat under a code that is no longer in use, if exactly one has the same stem."""
        codes = [
            code
            for code in self._by_stem[_stem_key(unit.code, unit.name_zh)]
            if code not in current
        ]
        return self._spot(codes[0], "cpca-predecessor") if len(codes) == 1 else None

    def _spot(self, code: int, source: str) -> Spot:
        _, lat, lon = self._spots[code]
        return _spot(lat, lon, source)


def _stem_key(code: int, name: str) -> tuple[int, bool, str]:
    """Province, whether it is a prefecture, and the name without its ending."""
    return code // 10_000, code % 100 == 0, stem_zh(name)


def _spot(lat: float, lon: float, source: str) -> Spot:
    return Spot(round(lat, _DECIMALS), round(lon, _DECIMALS), source)


def upper_spots(structure: Structure, seats: Seats) -> dict[tuple[str, int], Spot]:
    """Points of provinces and of real prefectures, by level and code."""
    current = {unit.code for unit in (*structure.prefectures, *structure.counties)}
    spots = {}
    for level, units in (("province", structure.provinces), ("prefecture", structure.prefectures)):
        for unit in units:
            spot = seats.own(unit) or seats.predecessor(unit, current)
            if spot:
                spots[level, unit.code] = spot
    return spots


def county_spots(
    structure: Structure,
    seats: Seats,
    polygons: dict[int, BaseGeometry],
    inside: dict[int, list[Place]],
    places: list[Place],
    prefectures: dict[int, Spot],
) -> dict[int, Spot]:
    """Points of all counties, by code."""
    current = {unit.code for unit in (*structure.prefectures, *structure.counties)}
    spots = {}
    for county in structure.counties:
        spot = None
        polygon = polygons.get(county.code)
        if not is_functional_zone(county):
            spot = seats.own(county)
            if spot and polygon and not _near(spot, polygon):
                spot = None
            spot = spot or seats.predecessor(county, current)
            if not spot and polygon:
                spot = _named_place(county.name_zh, inside[county.code])
                point = polygon.representative_point()
                spot = spot or _spot(point.y, point.x, "tianditu-reppoint")
            elif not spot:
                spot = _only_place(county.name_zh, places, prefectures[county.parent])
        if not spot:
            seat = prefectures[county.parent]
            spot = Spot(seat.lat, seat.lon, "prefecture-seat")
        spots[county.code] = spot
    return spots


def town_spots(structure: Structure, inside: dict[int, list[Place]]) -> dict[int, Spot]:
    """Points of the towns that have one, by code; of several the most populous."""
    spots = {}
    for town in structure.towns:
        names = {town.name_zh, _TOWN_ENDING.sub("", town.name_zh)}
        found = [p for p in inside.get(town.parent, []) if names.intersection(p["alternatenames"])]
        if found:
            spots[town.code] = _most_populous(found, "geonames")
    return spots


def _near(spot: Spot, polygon: BaseGeometry) -> bool:
    return bool(polygon.distance(Point(spot.lon, spot.lat)) * _KM_PER_DEGREE <= TOLERANCE_KM)


def _named_place(name: str, places: list[Place]) -> Spot | None:
    for source, found in (
        ("geonames-name", [p for p in places if name in p["alternatenames"]]),
        ("geonames-stem", [p for p in places if stem_zh(name) in p["alternatenames"]]),
        ("geonames-maxpop", [p for p in places if p["population"] > 0]),
    ):
        if found:
            return _most_populous(found, source)
    return None


def _only_place(name: str, places: list[Place], seat: Spot) -> Spot | None:
    """The place of that name if there is only one, and not far from the prefecture's seat.

    For counties without a polygon to look in.
    """
    found = [p for p in places if {name, stem_zh(name)}.intersection(p["alternatenames"])]
    if len(found) != 1:
        return None
    spot = _most_populous(found, "geonames-stem")
    away = great_circle_km(spot.lat, spot.lon, seat.lat, seat.lon)
    return spot if away <= SAME_PREFECTURE_KM else None


def _most_populous(places: list[Place], source: str) -> Spot:
    best = max(places, key=lambda place: place["population"])
    return _spot(best["latitude"], best["longitude"], source)
