from __future__ import annotations

import numpy as np
import pytest

from sim.geography.clinics import clinics_by_town, health_centres_by_town, sum_by
from sim.geography.nation import Nation, load_nation


@pytest.fixture(scope="module")
def nation() -> Nation:
    return load_nation()


def by_province(nation: Nation, by_town: np.ndarray) -> np.ndarray:
    by_county = sum_by(by_town, nation.towns.parent, len(nation.counties))
    by_prefecture = sum_by(by_county, nation.counties.parent, len(nation.prefectures))
    return sum_by(by_prefecture, nation.prefectures.parent, len(nation.provinces))


@pytest.mark.parametrize("estimate", ["A", "B", "C"])
def test_clinics_sum_exactly_in_every_province(nation: Nation, estimate: str) -> None:
    clinics = clinics_by_town(nation, estimate)
    assert clinics.dtype == np.int64
    assert np.array_equal(by_province(nation, clinics), nation.clinics.estimate(estimate))


def test_estimate_a_and_the_three_reports(nation: Nation) -> None:
    assert nation.clinics.estimate("A").sum() == 586_000
    of = dict(zip(nation.provinces.name, nation.clinics.a.tolist(), strict=True))
    reported = dict(zip(nation.provinces.name, nation.clinics.reported.tolist(), strict=True))
    expected = {"Henan": 60_000, "Fujian": 16_847, "Gansu": 16_240}
    assert {name: of[name] for name in expected} == expected
    assert {name: count for name, count in reported.items() if count >= 0} == expected


def test_shares_stay_within_one_of_the_quota_at_each_step(nation: Nation) -> None:
    clinics = clinics_by_town(nation)
    counties, towns = nation.counties, nation.towns
    by_county = sum_by(clinics, towns.parent, len(counties))
    province = nation.prefectures.parent[counties.parent]
    villages = nation.provinces.village_committees[province]
    quota = nation.clinics.a[province] * counties.village_committees / villages
    assert np.abs(by_county - quota).max() < 1
    own = counties.village_committees[towns.parent]
    quota = by_county[towns.parent] * towns.village_committees / np.maximum(own, 1)
    assert np.abs(clinics - quota).max() < 1
    assert np.all(clinics[towns.village_committees == 0] == 0)


def test_unknown_estimate(nation: Nation) -> None:
    with pytest.raises(ValueError, match="one of A, B, C"):
        clinics_by_town(nation, "D")


def test_health_centres(nation: Nation) -> None:
    centres = health_centres_by_town(nation)
    eligible = np.isin(nation.towns.kind, ("zhen", "xiang"))
    assert centres.sum() == 34_943
    assert np.array_equal(by_province(nation, centres), nation.clinics.health_centres)
    assert np.all(centres[~eligible] == 0)
    # Every province has at least as many centres as towns and townships: one each.
    assert np.all(centres[eligible] >= 1)


def test_health_centres_too_few_for_all(nation: Nation) -> None:
    few = nation.clinics.health_centres // 10
    sparse = type(nation.clinics)(
        nation.clinics.a, nation.clinics.b, nation.clinics.c, nation.clinics.reported, few
    )
    small = Nation("few", nation.provinces, nation.prefectures, nation.counties, sparse)
    centres = health_centres_by_town(small)
    assert np.array_equal(by_province(nation, centres), few)
    assert centres.max() == 1
    province = nation.prefectures.parent[nation.counties.parent[nation.towns.parent]]
    eligible = np.isin(nation.towns.kind, ("zhen", "xiang"))
    for index in range(31):
        mine = eligible & (province == index)
        villages = nation.towns.village_committees
        assert villages[mine & (centres == 1)].min() >= villages[mine & (centres == 0)].max()
