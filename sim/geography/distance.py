"""Distances on the Earth, and flat coordinates around a point."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088  # mean radius (2a + b) / 3 of GRS 80 (H. Moritz, 2000)
KM_PER_DEGREE = EARTH_RADIUS_KM * np.pi / 180.0


def great_circle_km(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
    """Great-circle distance in km between points in degrees; the four arguments broadcast.

    The haversine formula on a sphere of mean radius (R. W. Sinnott, "Virtues of the haversine",
    Sky & Telescope 68(2), 1984, p. 159). Against the ellipsoid it is off by at most about 0.5 %.
    """
    phi1, lambda1, phi2, lambda2 = (np.radians(a) for a in (lat1, lon1, lat2, lon2))
    chord = (
        np.sin((phi2 - phi1) / 2.0) ** 2
        + np.cos(phi1) * np.cos(phi2) * np.sin((lambda2 - lambda1) / 2.0) ** 2
    )
    return np.asarray(2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0))))


def to_xy_km(
    lat: ArrayLike, lon: ArrayLike, lat0: ArrayLike, lon0: ArrayLike
) -> tuple[Floats, Floats]:
    """Flat coordinates (x east, y north, in km) around the point ``lat0``, ``lon0``.

    The local equirectangular projection: x = R cos(lat0) (lon - lon0), y = R (lat - lat0).
    Within 100 km of a point in China, distances are right to about 1 %.
    """
    x = KM_PER_DEGREE * np.cos(np.radians(lat0)) * np.subtract(lon, lon0)
    y = KM_PER_DEGREE * np.subtract(lat, lat0)
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def from_xy_km(
    x: ArrayLike, y: ArrayLike, lat0: ArrayLike, lon0: ArrayLike
) -> tuple[Floats, Floats]:
    """Latitude and longitude in degrees of flat coordinates: the inverse of ``to_xy_km``."""
    lat = lat0 + np.divide(y, KM_PER_DEGREE)
    lon = lon0 + np.divide(x, KM_PER_DEGREE * np.cos(np.radians(lat0)))
    return np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)


def disc_points(
    u: ArrayLike, v: ArrayLike, lat0: ArrayLike, lon0: ArrayLike, radius_km: ArrayLike
) -> tuple[Floats, Floats]:
    """Points uniform in discs around ``lat0``, ``lon0`` (degrees), from uniforms on (0, 1).

    ``u`` decides the distance (by inversion: radius times its square root), ``v`` the direction.
    Arguments broadcast. Returns latitudes and longitudes in degrees.
    """
    distance = radius_km * np.sqrt(u)
    angle = 2.0 * np.pi * np.asarray(v)
    return from_xy_km(distance * np.cos(angle), distance * np.sin(angle), lat0, lon0)
