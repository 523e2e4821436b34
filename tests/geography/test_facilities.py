"""Facilities of towns: how many there are where, which are large, and where they lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.geography.clinics import clinics_by_town, health_centres_by_town, sum_by
from sim.geography.distance import great_circle_km
from sim.geography.facilities import (
    POINT_STREAMS,
    facility_points,
    largest_first,
    shared_by_town,
    weights_by_town,
)
from sim.geography.nation import Nation, load_nation
from sim.geography.villages import numbered, village_points

HOMES = 19_778


@pytest.fixture(scope="module")
def nation() -> Nation:
    return load_nation()


@pytest.fixture(scope="module")
def homes(nation: Nation) -> np.ndarray:
    return shared_by_town(nation, "nursing-homes", weights_by_town(nation, "nursing-homes"), HOMES)


def by_county(nation: Nation, by_town: np.ndarray) -> np.ndarray:
    return sum_by(by_town, nation.towns.parent, len(nation.counties))


def test_weights(nation: Nation) -> None:
    towns = nation.towns
    assert weights_by_town(nation, "nursing-homes").sum() == 29_575  # towns and townships
    assert weights_by_town(nation, "nursing-homes").max() == 1
    assert np.array_equal(weights_by_town(nation, "households"), towns.village_committees)
    for estimate in ("A", "B"):
        clinics = weights_by_town(nation, "village-clinics", estimate)
        assert np.array_equal(clinics, clinics_by_town(nation, estimate))
    centres = weights_by_town(nation, "township-health-centres")
    assert np.array_equal(centres, health_centres_by_town(nation))
    with pytest.raises(ValueError, match="the kind must be one of"):
        weights_by_town(nation, "hospitals")


def test_homes_add_up_and_follow_the_towns(nation: Nation, homes: np.ndarray) -> None:
    weight = weights_by_town(nation, "nursing-homes")
    assert homes.sum() == HOMES
    assert homes[weight == 0].sum() == 0
    assert homes.max() == 1  # there are more towns than homes
    quota = HOMES * by_county(nation, weight) / weight.sum()
    assert np.abs(by_county(nation, homes) - quota).max() < 1


def test_homes_do_not_crowd_into_low_codes(nation: Nation, homes: np.ndarray) -> None:
    """Towns that weigh the same have the same chance, wherever they stand in their county."""
    towns = nation.towns
    weight = weights_by_town(nation, "nursing-homes")
    first = np.searchsorted(towns.parent, np.arange(len(nation.counties)))
    place = np.arange(len(towns)) - first[towns.parent]
    size = np.bincount(towns.parent, minlength=len(nation.counties))[towns.parent]
    early = (weight > 0) & (place < size / 2)
    late = (weight > 0) & (place >= size / 2)
    assert homes[early].mean() == pytest.approx(homes[late].mean(), abs=0.02)


def test_all_that_the_estimate_says_is_the_estimate(nation: Nation) -> None:
    clinics = clinics_by_town(nation)
    again = shared_by_town(nation, "village-clinics", clinics, int(clinics.sum()))
    assert np.array_equal(again, clinics)
    half = shared_by_town(nation, "village-clinics", clinics, int(clinics.sum()) // 2)
    assert half.sum() == 293_000
    assert np.abs(by_county(nation, half) - by_county(nation, clinics) / 2).max() < 1


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_limits_by_county_hold(nation: Nation, data: st.DataObject) -> None:
    counties = data.draw(st.lists(st.integers(0, 2_977), min_size=1, max_size=40, unique=True))
    weight = np.where(
        np.isin(nation.towns.parent, counties), weights_by_town(nation, "nursing-homes"), 0
    )
    places = by_county(nation, weight)
    some = int((places > 0).sum())
    fewest = data.draw(st.integers(0, 4))
    most = fewest + data.draw(st.integers(0, 6))
    count = data.draw(st.integers(some * fewest, some * most))
    homes = shared_by_town(nation, "nursing-homes", weight, count, (fewest, most))
    assert homes.sum() == count
    assert homes[weight == 0].sum() == 0
    mine = by_county(nation, homes)[places > 0]
    assert not len(mine) or (mine.min() >= fewest and mine.max() <= most)


def test_five_hundred_for_the_key_counties(nation: Nation) -> None:
    inside = np.isin(nation.towns.parent, nation.key_counties.county)
    weight = weights_by_town(nation, "nursing-homes") * inside
    homes = by_county(nation, shared_by_town(nation, "nursing-homes", weight, 500, (3, 5)))
    assert homes.sum() == 500
    assert set(homes[nation.key_counties.county].tolist()) == {3, 4, 5}
    with pytest.raises(ValueError, match="3 to 5 for each of 160: that is 480 to 800"):
        shared_by_town(nation, "nursing-homes", weight, 479, (3, 5))


def test_nobody_to_share_out_to(nation: Nation) -> None:
    nothing = np.zeros(len(nation.towns), np.int64)
    with pytest.raises(ValueError, match="no town of these regions"):
        shared_by_town(nation, "nursing-homes", nothing, 5)


# --- who is large


def test_the_same_is_larger_whoever_else_there_is(nation: Nation, homes: np.ndarray) -> None:
    town, number = numbered(homes)
    rank = np.empty(len(town), np.int64)
    rank[largest_first(nation, "nursing-homes", town, number)] = np.arange(len(town))
    some = np.arange(0, len(town), 7)
    among = largest_first(nation, "nursing-homes", town[some], number[some])
    assert (np.diff(rank[some[among]]) > 0).all()


def test_sizes_are_of_the_kind_and_spread_evenly(nation: Nation, homes: np.ndarray) -> None:
    town, number = numbered(homes)
    order = largest_first(nation, "nursing-homes", town, number)
    assert sorted(order.tolist()) == list(range(HOMES))
    other = largest_first(nation, "households", town, number)
    assert (order != other).any()
    large = np.zeros(HOMES, bool)
    large[order[: HOMES // 3]] = True
    west = nation.counties.lon[nation.towns.parent[town]] < 105
    assert large[west].mean() == pytest.approx(1 / 3, abs=0.02)
    assert large[: HOMES // 2].mean() == pytest.approx(1 / 3, abs=0.02)


def test_ranks_do_not_change_between_versions(nation: Nation) -> None:
    town = np.flatnonzero(nation.towns.code == 320_509_104).repeat(4).astype(np.int32)
    number = np.arange(4, dtype=np.int32)
    assert largest_first(nation, "nursing-homes", town, number).tolist() == [3, 0, 2, 1]
    lat, lon = facility_points(nation, "nursing-homes", town[:2], number[:2])
    assert np.column_stack([lat, lon]).round(6).tolist() == [
        [31.019946, 120.61672],
        [30.967871, 120.623725],
    ]


# --- where they lie


def test_every_kind_has_points_of_its_own(nation: Nation, homes: np.ndarray) -> None:
    town, number = numbered(homes)
    towns = nation.towns
    radius = np.sqrt(towns.area_km2 / np.pi)[town]
    seen = []
    for kind in ("village-clinics", "nursing-homes", "households"):
        lat, lon = facility_points(nation, kind, town, number)
        away = great_circle_km(lat, lon, towns.lat[town], towns.lon[town])
        assert (away <= radius * 1.03 + 0.01).all()
        assert np.mean((away / radius) ** 2) == pytest.approx(0.5, abs=0.01)
        seen.append(lat)
    assert not any((one == other).any() for one, other in pairwise(seen))
    assert set(POINT_STREAMS) >= {"village-clinics", "nursing-homes", "households"}


def test_clinics_do_not_move(nation: Nation) -> None:
    """They lie where they lay before there were other kinds, whichever of them are asked for."""
    clinics = np.where(nation.towns.parent == 1_234, clinics_by_town(nation), 0)
    whole = village_points(nation, clinics)
    town, number = numbered(clinics)
    some = np.arange(1, len(town), 3)
    lat, lon = facility_points(nation, "village-clinics", town[some], number[some])
    assert np.array_equal(lat, whole.lat[some])
    assert np.array_equal(lon, whole.lon[some])
    centres = facility_points(nation, "township-health-centres", town, number)
    assert np.array_equal(centres[0], whole.lat)
