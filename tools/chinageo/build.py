"""All tables, put together from the packages and from the hand-made facts in tools/sources."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from chinageo import packages, points, polygons, spelling
from chinageo.outline import outline_rows
from chinageo.structure import (
    Structure,
    Unit,
    is_functional_zone,
    read_structure,
    town_kind,
)
from chinageo.synthetic import county_areas, synthetic_spots

Rows = list[dict[str, Any]]

SOURCES = Path(__file__).resolve().parents[1] / "sources"
PSEUDO_NAMES = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")
MUNICIPAL = ("市辖区", "县")


def build(tarball: Path) -> dict[str, Rows]:
    """The rows of every table, by table name."""
    structure = read_structure(tarball)
    names = {int(row["code"]): row["name"] for row in _source("names")}
    places = packages.geonames_places()
    seats = points.Seats(packages.cpca_rows())
    shapes = polygons.county_polygons(county.code for county in structure.counties)
    inside = polygons.places_inside(shapes, places)

    upper = points.upper_spots(structure, seats)
    spots = {unit.code: upper["province", unit.code] for unit in structure.provinces}
    middle = _prefecture_spots(structure, upper)
    county_spots = points.county_spots(structure, seats, shapes, inside, places, middle)
    _add_largest_counties(structure, middle, county_spots)
    measured = {code: polygons.area_km2(shape) for code, shape in shapes.items()}
    areas = county_areas(
        structure.counties, {unit.code: unit.parent for unit in structure.prefectures}, measured
    )
    town_spots = points.town_spots(structure, inside)
    town_spots |= synthetic_spots(structure.towns, town_spots, county_spots, shapes, areas)

    return {
        "provinces": [
            _place(unit, spots[unit.code], names.get(unit.code)) for unit in structure.provinces
        ],
        "prefectures": [
            _place(unit, middle[unit.code], names.get(unit.code))
            | {"pseudo": unit.name_zh in PSEUDO_NAMES}
            for unit in structure.prefectures
        ],
        "counties": [
            _place(unit, county_spots[unit.code], name)
            | _villages(unit)
            | {
                "functional_zone": is_functional_zone(unit),
                "area_km2": measured.get(unit.code),
            }
            for unit, name in _with_zone_names(structure, names)
        ],
        "towns": [
            _place(unit, town_spots[unit.code]) | _villages(unit) | {"kind": town_kind(unit.code)}
            for unit in structure.towns
        ],
        "clinics": _numbers("province_clinics"),
        "key_counties": _numbers("key_counties"),
        "aliases": _numbers("aliases"),
        "outline": outline_rows(),
    }


def _prefecture_spots(
    structure: Structure, upper: dict[tuple[str, int], points.Spot]
) -> dict[int, points.Spot]:
    """Seats of prefectures; for the pseudo-prefectures of municipalities that of the city."""
    spots = {}
    for unit in structure.prefectures:
        if unit.name_zh in MUNICIPAL:
            seat = upper["province", unit.parent]
            spots[unit.code] = points.Spot(seat.lat, seat.lon, "province-seat")
        elif unit.name_zh not in PSEUDO_NAMES:
            spots[unit.code] = upper["prefecture", unit.code]
    return spots


def _add_largest_counties(
    structure: Structure, middle: dict[int, points.Spot], counties: dict[int, points.Spot]
) -> None:
    """Pseudo-prefectures without a seat: the point of the county with most village committees."""
    for unit in structure.prefectures:
        if unit.code not in middle:
            below = [county for county in structure.counties if county.parent == unit.code]
            spot = counties[max(below, key=lambda county: county.villages[0]).code]
            middle[unit.code] = points.Spot(spot.lat, spot.lon, "largest-county")


def _with_zone_names(structure: Structure, names: dict[int, str]) -> list[tuple[Unit, str | None]]:
    """All counties, with English names for the functional zones among them."""
    provinces = {unit.code: unit.name_zh for unit in structure.provinces}
    prefectures = {unit.code: unit for unit in structure.prefectures}
    named: list[tuple[Unit, str | None]] = []
    for county in structure.counties:
        name = names.get(county.code)
        if not name and is_functional_zone(county):
            above = prefectures[county.parent]
            latin = names.get(above.code) or spelling.spell(above.name_zh)
            name = spelling.spell_zone(
                county.name_zh, provinces[above.parent], above.name_zh, latin
            )
        named.append((county, name))
    return named


def _place(unit: Unit, spot: points.Spot, name: str | None = None) -> dict[str, Any]:
    return {
        "code": unit.code,
        "name": name or spelling.spell(unit.name_zh),
        "name_zh": unit.name_zh,
        "parent": unit.parent,
        "lat": spot.lat,
        "lon": spot.lon,
        "coord_source": spot.source,
    }


def _villages(unit: Unit) -> dict[str, Any]:
    committees, communities, others = unit.villages
    return {
        "village_committees": committees,
        "communities": communities,
        "other_villages": others,
    }


def _source(name: str) -> list[dict[str, str]]:
    """A hand-made table of tools/sources."""
    with (SOURCES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _numbers(name: str) -> Rows:
    """A hand-made table with its whole numbers as int, and missing ones as None."""
    return [
        {k: int(v) if v.isdigit() else (v or None) for k, v in row.items()} for row in _source(name)
    ]
