"""A light outline of the provinces and of the boundary lines, for small maps."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from chinageo.packages import geocn_features

TOLERANCE = 0.02  # degrees: about a third of a pixel on a map 1,000 pixels wide
SMALLEST_KM2 = 0.1  # rings below this are dropped
_SCALE = 10_000  # points are stored as whole 1e-4 degrees
_KM_PER_DEGREE = 111.2


def outline_rows() -> list[dict[str, Any]]:
    """Points of all rings and lines in order, as rows of the table "outline".

    Neighbouring provinces are simplified together, so their common borders stay common
    (Visvalingam & Whyatt 1993, on a coverage). Lines of the boundary (the dashes in the South
    China Sea among them) are simplified by Douglas & Peucker 1973 at half the tolerance.
    """
    provinces: list[tuple[int, BaseGeometry]] = []
    lines: list[BaseGeometry] = []
    for feature in geocn_features("province"):
        code, geometry = feature["properties"]["gb"], shape(feature["geometry"])
        if code:
            provinces.append((int(code[3:9]), geometry))
        else:
            lines.extend(geometry.geoms)

    provinces.sort(key=lambda item: item[0])
    simple = shapely.coverage_simplify([geometry for _, geometry in provinces], TOLERANCE)
    parts = [
        ("province", code, np.asarray(ring.coords))
        for (code, _), geometry in zip(provinces, simple, strict=True)
        for polygon in getattr(geometry, "geoms", [geometry])
        for ring in (polygon.exterior, *polygon.interiors)
        if _area_km2(ring) >= SMALLEST_KM2
    ]
    parts += [
        ("boundary", 0, np.asarray(line.simplify(TOLERANCE / 2).coords))
        for line in sorted(lines, key=lambda line: line.coords[0])
    ]
    return [
        {"part": number, "kind": kind, "code": code, "lon_e4": lon, "lat_e4": lat}
        for number, (kind, code, points) in enumerate(parts)
        for lon, lat in np.rint(points * _SCALE).astype(int).tolist()
    ]


def _area_km2(ring: BaseGeometry) -> float:
    middle = np.radians(ring.centroid.y)
    return float(shapely.Polygon(ring).area * _KM_PER_DEGREE**2 * np.cos(middle))
