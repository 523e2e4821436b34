"""Polygons of counties: areas, representative points, and what lies inside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import shapely
from pyproj import Geod
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from chinageo.packages import geocn_features

_ELLIPSOID = Geod(ellps="WGS84")
_PREFIX = "156"  # the polygons' codes: 156, six digits

# Polygons still filed under a code from before an upgrade or a change of level.
OLD_CODES = {620201: 620200, 540481: 540422, 540581: 540530}


def county_polygons(codes: Iterable[int]) -> dict[int, BaseGeometry]:
    """The polygon of each county that has one, by code (WGS84 degrees, lon/lat)."""
    by_code = {
        int(feature["properties"]["gb"][len(_PREFIX) :]): shape(feature["geometry"])
        for feature in geocn_features("district")
        if feature["properties"]["gb"].startswith(_PREFIX)
    }
    wanted = {code: by_code.get(code, by_code.get(OLD_CODES.get(code, 0))) for code in codes}
    return {code: polygon for code, polygon in wanted.items() if polygon is not None}


def area_km2(polygon: BaseGeometry) -> int:
    """Area on the WGS84 ellipsoid with geodesic edges, in whole km²."""
    area, _ = _ELLIPSOID.geometry_area_perimeter(polygon)
    return round(abs(area) / 1e6)


def places_inside(
    polygons: dict[int, BaseGeometry], places: list[dict[str, Any]]
) -> dict[int, list[dict[str, Any]]]:
    """The places within each polygon, in their own order."""
    tree = shapely.STRtree([Point(p["longitude"], p["latitude"]) for p in places])
    return {
        code: [places[i] for i in sorted(tree.query(polygon, predicate="contains"))]
        for code, polygon in polygons.items()
    }
