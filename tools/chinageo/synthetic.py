"""Points for the towns that no source has a point for. They are invented, and marked as such.

A candidate is a point drawn uniformly from the county's polygon (by rejection from its bounding
box), so a town never ends up in another county or in the sea. Towns gather around the county's
seat more than that: of the 11,830 towns with a point, towns and townships lie 0.77 county radii
from the seat on average, uniform candidates 0.90, the nearest of two 0.65. So half of the towns
take one candidate and half the nearest of two, which gives 0.78, and matches the quartiles to
0.04. Counties above ``LARGE_KM2`` are mostly empty; there the nearest of three is taken.

Where the county has no polygon, the point is uniform in a disc of its area around its point.
All draws belong to the stream "town/<code>", so no other town moves when one changes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from chinageo.points import Spot
from chinageo.structure import Unit
from sim.geography.areas import complete_areas
from sim.geography.distance import disc_points, great_circle_km
from sim.streams import Stream, Streams

LARGE_KM2 = 5_000.0
SOURCE = "synthetic"
_DECIMALS = 5


def synthetic_spots(
    towns: list[Unit],
    known: dict[int, Spot],
    seats: dict[int, Spot],
    polygons: dict[int, BaseGeometry],
    areas: dict[int, float],
) -> dict[int, Spot]:
    """A point for each town that is not in ``known``; seats, polygons and areas by county."""
    for polygon in polygons.values():
        shapely.prepare(polygon)
    streams = Streams(0, 0)
    spots = {}
    for town in towns:
        if town.code in known:
            continue
        stream, seat = streams.stream(f"town/{town.code}"), seats[town.parent]
        polygon = polygons.get(town.parent)
        if polygon is None:
            radius = np.sqrt(areas[town.parent] / np.pi)
            u, v = stream.uniform(), stream.uniform()
            lat, lon = (float(x) for x in disc_points(u, v, seat.lat, seat.lon, radius))
        else:
            tries = 3 if areas[town.parent] > LARGE_KM2 else 1 + (stream.uniform() < 0.5)
            candidates = _candidates(polygon, stream)
            lat, lon = min(
                (next(candidates) for _ in range(tries)),
                key=lambda point, seat=seat: float(great_circle_km(*point, seat.lat, seat.lon)),
            )
        spots[town.code] = Spot(round(lat, _DECIMALS), round(lon, _DECIMALS), SOURCE)
    return spots


def county_areas(
    counties: list[Unit], prefectures: dict[int, int], measured: dict[int, int]
) -> dict[int, float]:
    """Areas in km² of all counties, gaps filled as the package fills them when it loads.

    ``prefectures`` gives the province of each prefecture's code.
    """
    filled = complete_areas(
        np.array([measured.get(county.code, np.nan) for county in counties], dtype=np.float64),
        np.array([county.parent for county in counties]),
        np.array([prefectures[county.parent] for county in counties]),
        np.array([county.villages[0] for county in counties]),
        np.array([county.villages[1] for county in counties]),
    )
    return {county.code: float(area) for county, area in zip(counties, filled, strict=True)}


def _candidates(polygon: BaseGeometry, stream: Stream) -> Iterator[tuple[float, float]]:
    """Points (lat, lon) uniform in the polygon in degrees, without end."""
    west, south, east, north = polygon.bounds
    while True:
        lon = west + (east - west) * stream.uniform()
        lat = south + (north - south) * stream.uniform()
        if shapely.contains_xy(polygon, lon, lat):
            yield lat, lon
