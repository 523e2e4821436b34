from __future__ import annotations

import numpy as np
import pytest

from sim.geography.nation import load_nation
from sim.geography.outline import CENTRE, PARALLELS, albers_xy_km, load_outline


def test_snyders_worked_example() -> None:
    # Snyder 1987, p. 291: sphere of radius 1, parallels 29.5 and 45.5 N, origin 23 N 96 W.
    x, y = albers_xy_km(35.0, -75.0, (29.5, 45.5), (23.0, -96.0), radius=1.0)
    assert x == pytest.approx(0.2952720, abs=5e-8)
    assert y == pytest.approx(0.2416774, abs=1e-7)


def test_origin_and_symmetry() -> None:
    assert albers_xy_km(*CENTRE) == (0.0, 0.0)
    west, east = albers_xy_km(35.0, 95.0), albers_xy_km(35.0, 115.0)
    assert west[0] == pytest.approx(-east[0])
    assert west[1] == pytest.approx(east[1])


@pytest.mark.parametrize("lat", [20.0, 25.0, 35.0, 47.0, 53.0])
def test_areas_are_true(lat: float) -> None:
    # A cell of a tenth of a degree: projected area over area on the sphere.
    lats = lat + np.array([0.0, 0.0, 0.1, 0.1])
    lons = 110 + np.array([0.0, 0.1, 0.1, 0.0])
    x, y = albers_xy_km(lats, lons, radius=1.0)
    area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
    true = np.radians(0.1) * np.diff(np.sin(np.radians([lat, lat + 0.1])))[0]
    assert area == pytest.approx(true, rel=1e-6)


@pytest.mark.parametrize("lat", PARALLELS)
def test_standard_parallels_keep_their_length(lat: float) -> None:
    x, y = albers_xy_km(np.full(2, lat), np.array([100.0, 100.001]), radius=1.0)
    length = np.hypot(np.diff(x), np.diff(y))[0]
    assert length == pytest.approx(np.radians(0.001) * np.cos(np.radians(lat)), rel=1e-6)


def test_opposite_parallels_are_refused() -> None:
    with pytest.raises(ValueError, match="opposite"):
        albers_xy_km(0.0, 0.0, (30.0, -30.0))


def test_outline_has_provinces_and_boundary_lines() -> None:
    rings, lines = load_outline("province"), load_outline("boundary")
    assert len(load_outline()) == len(rings) + len(lines)
    for part in (*rings, *lines):
        assert part.ndim == 2
        assert part.shape[1] == 2
        assert part.shape[0] >= 2
        assert np.all((part[:, 0] > 73) & (part[:, 0] < 136))
        assert np.all((part[:, 1] > 3) & (part[:, 1] < 54))
    assert all(np.array_equal(ring[0], ring[-1]) for ring in rings)
    # The ten dashes in the South China Sea and east of Taiwan, about a degree long each.
    south = [line for line in lines if line[:, 1].max() < 25 and np.ptp(line, axis=0).max() > 0.6]
    assert len(south) == 10
    assert sum(1 for ring in rings if ring[:, 1].max() < 17) > 100
    with pytest.raises(ValueError, match="kind must be"):
        load_outline("river")


def test_outline_encloses_the_seats_of_provinces_and_taiwan() -> None:
    rings = load_outline("province")

    def inside(lon: float, lat: float) -> bool:
        return any(_contains(ring, lon, lat) for ring in rings)

    provinces = load_nation().provinces
    assert all(inside(lon, lat) for lon, lat in zip(provinces.lon, provinces.lat, strict=True))
    assert inside(121.0, 23.8)
    assert not inside(106.9, 47.9)  # Ulaanbaatar


def _contains(ring: np.ndarray, lon: float, lat: float) -> bool:
    """Even-odd rule."""
    x, y = ring[:-1].T
    x2, y2 = ring[1:].T
    crosses = (y > lat) != (y2 > lat)
    at = x + (x2 - x) * (lat - y) / np.where(crosses, y2 - y, 1.0)
    return bool(np.sum(crosses & (lon < at)) % 2)
