from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.geography.distance import (
    EARTH_RADIUS_KM,
    disc_points,
    from_xy_km,
    great_circle_km,
    to_xy_km,
)

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


def test_quarter_and_half_of_the_earth() -> None:
    assert great_circle_km(0, 0, 0, 90) == pytest.approx(EARTH_RADIUS_KM * np.pi / 2)
    assert great_circle_km(90, 0, -90, 77) == pytest.approx(EARTH_RADIUS_KM * np.pi)


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [
        # Geodesic distances on the ellipsoid, which the sphere meets within 0.5 %.
        ((39.9042, 116.4074), (31.2304, 121.4737), 1068.0),  # Beijing - Shanghai
        ((23.1291, 113.2644), (45.8038, 126.5350), 2790.0),  # Guangzhou - Harbin
        ((43.8256, 87.6168), (29.6520, 91.1721), 1605.0),  # Urumqi - Lhasa
    ],
)
def test_known_distances(here: tuple[float, float], there: tuple[float, float], km: float) -> None:
    assert great_circle_km(*here, *there) == pytest.approx(km, rel=0.005)


@given(latitudes, longitudes, latitudes, longitudes)
def test_agrees_with_the_dot_product(a: float, b: float, c: float, d: float) -> None:
    def unit(lat: float, lon: float) -> np.ndarray:
        phi, lam = np.radians((lat, lon))
        return np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])

    p, q = unit(a, b), unit(c, d)
    angle = np.arctan2(np.linalg.norm(np.cross(p, q)), p @ q)
    distance = great_circle_km(a, b, c, d)
    assert distance == pytest.approx(EARTH_RADIUS_KM * angle, abs=1e-3)
    assert distance == great_circle_km(c, d, a, b)


def test_broadcasts() -> None:
    lat = np.array([30.0, 31.0, 32.0])
    table = great_circle_km(lat[:, None], 110.0, lat[None, :], 110.0)
    assert table.shape == (3, 3)
    assert np.all(np.diag(table) == 0)
    assert np.isnan(great_circle_km(np.nan, 0, 0, 0))


@given(st.floats(18, 53), st.floats(74, 135), st.floats(-0.8, 0.8), st.floats(-0.8, 0.8))
def test_flat_coordinates_are_near_the_sphere_and_come_back(
    lat0: float, lon0: float, dlat: float, dlon: float
) -> None:
    x, y = to_xy_km(lat0 + dlat, lon0 + dlon, lat0, lon0)
    true = great_circle_km(lat0, lon0, lat0 + dlat, lon0 + dlon)
    assert np.hypot(x, y) == pytest.approx(true, rel=0.02, abs=0.01)
    lat, lon = from_xy_km(x, y, lat0, lon0)
    assert (lat, lon) == (pytest.approx(lat0 + dlat), pytest.approx(lon0 + dlon))


def test_disc_points_are_uniform_in_area() -> None:
    grid = (np.arange(200) + 0.5) / 200
    u, v = (a.ravel() for a in np.meshgrid(grid, grid))
    lat, lon = disc_points(u, v, 35.0, 105.0, 10.0)
    x, y = to_xy_km(lat, lon, 35.0, 105.0)
    radius = np.hypot(x, y)
    assert radius.max() < 10.0
    assert np.mean(radius < 5.0) == pytest.approx(0.25)  # a quarter of the area
    assert np.mean((x > 0) & (y > 0)) == pytest.approx(0.25)
    assert radius.mean() == pytest.approx(20 / 3, rel=1e-3)
