"""A light outline of the nation, and the projection to draw it in."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.geography.distance import EARTH_RADIUS_KM
from sim.geography.packaged import PackagedTable

Floats = NDArray[np.float64]

KINDS = ("province", "boundary")
PARALLELS = (25.0, 47.0)
CENTRE = (0.0, 105.0)  # latitude and longitude of the origin


def load_outline(kind: str | None = None) -> list[Floats]:
    """Rings of provinces and lines of the boundary, each float64 of shape (k, 2): lon, lat.

    ``kind`` is "province" (closed rings, all provincial units incl. Hong Kong, Macao and Taiwan),
    "boundary" (open lines, among them the dashes in the South China Sea), or None for both.
    Simplified for small maps: not for measuring. Raises ValueError for another kind.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    table = PackagedTable("outline")
    points = np.column_stack([table.numbers(name, np.float64) for name in ("lon_e4", "lat_e4")])
    parts, kinds = table.numbers("part", np.int64), table.kinds("kind")
    starts = np.flatnonzero(np.diff(parts, prepend=-1))
    return [
        part
        for start, part in zip(starts, np.split(points / 1e4, starts[1:]), strict=True)
        if kind is None or kinds[start] == kind
    ]


def albers_xy_km(
    lat: ArrayLike,
    lon: ArrayLike,
    parallels: tuple[float, float] = PARALLELS,
    centre: tuple[float, float] = CENTRE,
    radius: float = EARTH_RADIUS_KM,
) -> tuple[Floats, Floats]:
    """Albers equal-area conic coordinates x (east) and y (north) in km, for points in degrees.

    J. P. Snyder, "Map projections: a working manual", USGS Professional Paper 1395 (1987),
    equations 14-1 to 14-6 (sphere), p. 100. The standard ``parallels`` keep their length;
    ``centre`` (latitude, longitude) becomes the origin, and its meridian points north. x and y
    have the unit of ``radius``. Raises ValueError for parallels that are opposite.
    """
    phi1, phi2 = np.radians(parallels)
    n = (np.sin(phi1) + np.sin(phi2)) / 2.0
    if abs(n) < 1e-12:
        raise ValueError("the two parallels must not lie opposite each other across the equator")
    c = np.cos(phi1) ** 2 + 2.0 * n * np.sin(phi1)
    rho = radius * np.sqrt(c - 2.0 * n * np.sin(np.radians(lat))) / n
    rho0 = radius * np.sqrt(c - 2.0 * n * np.sin(np.radians(centre[0]))) / n
    theta = n * np.radians(np.subtract(lon, centre[1]))
    return np.asarray(rho * np.sin(theta)), np.asarray(rho0 - rho * np.cos(theta))
