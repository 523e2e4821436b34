from __future__ import annotations

import numpy as np
import pytest

from sim.geography.clinics import clinics_by_town
from sim.geography.distance import great_circle_km
from sim.geography.nation import Nation, load_nation
from sim.geography.villages import VillagePoints, village_points


@pytest.fixture(scope="module")
def nation() -> Nation:
    return load_nation()


@pytest.fixture(scope="module")
def clinics(nation: Nation) -> np.ndarray:
    return clinics_by_town(nation)


@pytest.fixture(scope="module")
def points(nation: Nation, clinics: np.ndarray) -> VillagePoints:
    return village_points(nation, clinics)


def test_one_point_per_clinic_in_the_order_of_towns(
    clinics: np.ndarray, points: VillagePoints
) -> None:
    assert len(points) == 586_000
    assert np.array_equal(np.bincount(points.town, minlength=clinics.size), clinics)
    assert np.all(np.diff(points.town) >= 0)


def test_points_lie_in_the_disc_of_their_town(nation: Nation, points: VillagePoints) -> None:
    towns = nation.towns
    away = great_circle_km(points.lat, points.lon, towns.lat[points.town], towns.lon[points.town])
    radius = np.sqrt(towns.area_km2 / np.pi)[points.town]
    assert np.all(away <= radius * 1.03 + 0.01)  # flat against round
    assert np.mean((away / radius) ** 2) == pytest.approx(0.5, abs=0.003)  # uniform in area
    assert np.all((points.lat > 17) & (points.lat < 54))
    assert np.all((points.lon > 73) & (points.lon < 135.5))


@pytest.mark.parametrize("county", [0, 1_234, 2_977])
def test_one_county_alone_gives_the_same_points(
    nation: Nation, clinics: np.ndarray, points: VillagePoints, county: int
) -> None:
    mine = nation.towns.parent == county
    alone = village_points(nation, np.where(mine, clinics, 0))
    rows = mine[points.town]
    assert np.array_equal(alone.lat, points.lat[rows])
    assert np.array_equal(alone.lon, points.lon[rows])
    assert np.array_equal(alone.town, points.town[rows])


def test_more_clinics_leave_the_first_where_they_were(nation: Nation) -> None:
    few, many = (np.zeros(len(nation.towns), dtype=np.int64) for _ in range(2))
    few[20_000], many[20_000], many[3] = 4, 9, 2
    assert np.array_equal(village_points(nation, few).lat, village_points(nation, many).lat[2:6])


def test_chunks_do_not_show(
    nation: Nation, clinics: np.ndarray, points: VillagePoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.geography.villages._CHUNK", 50_001)
    again = village_points(nation, clinics)
    assert np.array_equal(again.lat, points.lat)
    assert np.array_equal(again.lon, points.lon)


def test_points_do_not_change_between_versions(nation: Nation) -> None:
    one = np.zeros(len(nation.towns), dtype=np.int64)
    one[nation.towns.code == 320_509_104] = 2
    points = village_points(nation, one)
    expected = [[30.972992, 120.653063], [30.963863, 120.63188]]
    assert np.column_stack([points.lat, points.lon]).round(6).tolist() == expected


def test_no_clinics_and_bad_input(nation: Nation) -> None:
    nothing = np.zeros(len(nation.towns), dtype=np.int64)
    assert len(village_points(nation, nothing)) == 0
    with pytest.raises(ValueError, match="per town"):
        village_points(nation, nothing[1:])
    nothing[0] = -1
    with pytest.raises(ValueError, match="0 or more"):
        village_points(nation, nothing)
