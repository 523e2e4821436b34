"""Facilities below drawn counties: how many, what each is to get, and which county serves them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from network.homes import HOMES, listed, network_of, one_echelon

from sim.geography.clinics import sum_by
from sim.geography.facilities import shared_by_town, weights_by_town
from sim.geography.regions import resolve
from sim.network import Facilities, Network

COUNTY, LARGE, SMALL = 2, 3, 4
HOME = 3


def towns_of(facilities: Facilities) -> list[tuple[int, int]]:
    return list(zip(facilities.town.tolist(), facilities.number.tolist(), strict=True))


def points_of(facilities: Facilities) -> set[tuple[float, float]]:
    return set(zip(facilities.lat.tolist(), facilities.lon.tolist(), strict=True))


def by_county(network: Network, facilities: Facilities) -> np.ndarray:
    """Return what the facilities of each site are to get (sites × products)."""
    need = np.zeros((len(network.sites), len(network.products)), np.int64)
    np.add.at(need, facilities.site, facilities.entitlement)
    return need


# --- drawn


def test_large_and_small_homes_are_all_homes() -> None:
    """Largest k and smallest n - k of the same n are a partition, at the same points."""
    network = network_of()
    large, small = network.facilities[LARGE], network.facilities[SMALL]
    assert (len(large), len(small)) == (70, 130)
    every = network_of(
        one_echelon(
            'sites = "nursing-homes"\ncount = 200\nentitlement = { oximeter = 3, thermometer = 1 }'
        )
    ).facilities[HOME]
    assert set(towns_of(large)) | set(towns_of(small)) == set(towns_of(every))
    assert not set(towns_of(large)) & set(towns_of(small))
    assert points_of(large) | points_of(small) == points_of(every)
    assert len(points_of(every)) == 200


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(2, 400), st.data())
def test_any_cut_is_a_partition(count: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, count - 1))
    some = (f"echelons.large.count={count}", f"echelons.small.count={count}",
            f"echelons.large.largest={cut}", f"echelons.small.smallest={count - cut}")  # fmt: skip
    network = network_of(HOMES, *some)
    large, small = (towns_of(network.facilities[echelon]) for echelon in (LARGE, SMALL))
    assert (len(large), len(small)) == (cut, count - cut)
    assert len({*large, *small}) == count


def test_the_count_holds_for_the_counties_that_take_part() -> None:
    text = one_echelon(
        'sites = "nursing-homes"\ncount = 100\nentitlement = { oximeter = 3, thermometer = 1 }'
    )
    for overrides in (
        (),
        ('geography.regions=["Ningxia"]',),
        ('echelons.county.regions=["Guyuan"]', 'echelons.prefecture.regions=["Ningxia"]'),
        ('echelons.home.regions=["Hainan"]',),
    ):
        network = network_of(text, *overrides)
        homes, nation = network.facilities[HOME], network.nation
        assert len(homes) == 100
        inside = np.zeros(len(nation.counties), bool)
        inside[network.sites.county[homes.site]] = True
        names = {nation.provinces.name[i] for i in network.sites.province[homes.site]}
        assert names <= {"Hainan", "Ningxia"}
        assert (names == {"Hainan", "Ningxia"}) == (not overrides)
        if "Guyuan" in str(overrides):
            guyuan = resolve(nation, "Guyuan, Ningxia").index
            assert set(network.sites.prefecture[homes.site]) == {guyuan}
            weight = weights_by_town(nation, "nursing-homes")
            mine = np.isin(nation.counties.parent, guyuan)[nation.towns.parent]
            expected = shared_by_town(nation, "nursing-homes", weight * mine, 100)
            towns = np.bincount(homes.town, minlength=len(nation.towns))
            assert towns.tolist() == expected.tolist()


def test_limits_by_county() -> None:
    text = one_echelon(
        'sites = "nursing-homes"\ncount = 150\nper-county = [3, 5]\n'
        "entitlement = { oximeter = 1, thermometer = 1 }"
    )
    network = network_of(text)
    homes = network.facilities[HOME]
    served = np.bincount(homes.site, minlength=len(network.sites))[network.of_echelon(COUNTY)]
    assert (served.min(), served.max(), served.sum()) == (3, 5, 150)
    with pytest.raises(ValueError, match=r"echelons.home: 400 cannot be shared out with 3 to 5"):
        network_of(text, "echelons.home.count=400")


def test_a_total_adds_up_exactly_and_is_spread() -> None:
    network = network_of()
    small = network.facilities[SMALL]
    oximeters, thermometers = small.entitlement.T
    assert set(oximeters.tolist()) == {1}
    assert thermometers.sum() == 1_001
    assert set(thermometers.tolist()) == {7, 8}
    assert not small.is_even
    assert network.facilities[LARGE].is_even
    need = by_county(network, small)[:, 1]
    served = np.bincount(small.site, minlength=len(network.sites))
    assert np.abs(need - 1_001 * served / 130).max() < 1


def test_the_need_of_a_county_is_the_sum_over_its_lanes() -> None:
    network = network_of()
    both = by_county(network, network.facilities[LARGE]) + by_county(
        network, network.facilities[SMALL]
    )
    counties = network.of_echelon(COUNTY)
    assert (network.sites.need[counties] == both[counties]).all()
    assert network.sites.need[counties].sum(axis=0).tolist() == [70 * 2 + 130, 1_001]
    assert network.sites.need[network.of_echelon(1)].sum(axis=0).tolist() == [270, 1_001]
    assert both[counties].any(axis=1).all(), "a county without anybody is no site"


def test_who_is_due_nothing_is_left_out() -> None:
    """Forty thermometers for 130 homes: 40 of them get one, and the other 90 are not visited."""
    network = network_of(
        HOMES, "echelons.small.entitlement={}", "echelons.small.total.thermometer=40"
    )
    small = network.facilities[SMALL]
    assert len(small) == 40
    assert small.entitlement.tolist() == [[0, 1]] * 40
    assert small.is_even
    whole = network_of().facilities[SMALL]
    assert points_of(small) < points_of(whole)
    with_all = network_of(HOMES, "echelons.small.total.thermometer=40").facilities[SMALL]
    assert len(with_all) == 130
    assert with_all.entitlement[:, 1].sum() == 40
    assert with_all.entitlement[:, 1].max() == 1


def test_clinics_stay_where_they_are_beside_homes() -> None:
    from national.two_provinces import network_of as clinics_alone

    alone = clinics_alone()[1].facilities[3]
    text = HOMES.replace(
        "[echelons.small]", '[echelons.clinic]\nsites = "village-clinics"\n'
        "entitlement = { oximeter = 2 }\n\n[echelons.small]",
    ).replace(
        "[lanes.to-small]", '[lanes.to-clinic]\nfrom = "county"\nto = "clinic"\n'
        'fleet = "county-van"\ntours = { stops = 9, stop-time = "9 min" }\n\n[lanes.to-small]',
    )  # fmt: skip
    beside = network_of(text)
    clinics = beside.facilities[beside.echelons.index("clinic")]
    for name in ("lat", "lon", "town", "number"):
        assert np.array_equal(getattr(alone, name), getattr(clinics, name))
    assert not points_of(clinics) & points_of(beside.facilities[LARGE])


def test_households_follow_village_committees() -> None:
    text = one_echelon(
        'sites = "households"\ncount = 3_000\nentitlement = { oximeter = 1, thermometer = 1 }'
    )
    network = network_of(text)
    towns, nation = network.facilities[HOME].town, network.nation
    found = sum_by(
        np.bincount(towns, minlength=len(nation.towns)), nation.towns.parent, len(nation.counties)
    )
    villages = nation.counties.village_committees
    inside = np.isin(nation.counties.parent, network.sites.prefecture[network.of_echelon(1)])
    quota = 3_000 * villages[inside] / villages[inside].sum()
    assert np.abs(found[inside] - quota).max() < 1


def test_a_count_rescales_clinics() -> None:
    text = one_echelon(
        'sites = "village-clinics"\ncount = 1_000\nentitlement = { oximeter = 2, thermometer = 1 }'
    )
    network = network_of(text)
    assert len(network.facilities[HOME]) == 1_000
    few = network_of(text, "echelons.home.largest=10").facilities[HOME]
    assert set(towns_of(few)) < set(towns_of(network.facilities[HOME]))
    with pytest.raises(ValueError, match=r"home: 9,999 facilities are asked for, but there are 4,"):
        network_of(one_echelon(
            'sites = "village-clinics"\nlargest = 9_999\n'
            "entitlement = { oximeter = 2, thermometer = 1 }"
        ))  # fmt: skip


def test_more_homes_than_towns_can_have() -> None:
    text = one_echelon(
        'sites = "nursing-homes"\ncount = 5\nentitlement = { oximeter = 2, thermometer = 1 }'
    )
    with pytest.raises(ValueError, match="no town of these regions can have any"):
        network_of(
            text, 'echelons.home.regions=["Xiuying, Haikou"]', 'geography.regions=["640000"]'
        )


# --- listed

SITES = """
[sites.a]
echelon = "home"
at = [38.6, 106.3]
county = "Helan, Yinchuan"
need = { oximeter = 3 }
[sites.b]
echelon = "home"
at = "Helan, Yinchuan"
[sites.c]
echelon = "home"
at = [37.8, 107.4]
need = { oximeter = 5, thermometer = 2 }
[sites.d]
echelon = "home"
at = [36.0, 106.2]
county = 640181
[sites.e]
echelon = "home"
at = "Guyuan, Ningxia"
need = { oximeter = 0, thermometer = 9 }
"""


def county_names(network: Network, facilities: Facilities) -> dict[str, str]:
    return {
        key.removeprefix("site/"): network.sites.name[site]
        for key, site in zip(facilities.key, facilities.site, strict=True)
    }


def test_listed_homes_hang_on_their_county() -> None:
    """By what they say, by the place that they are at, or by the nearest seat."""
    network = network_of(listed(SITES, "entitlement = { oximeter = 1 }"))
    homes = network.facilities[HOME]
    names = county_names(network, homes)
    tables = network.nation
    seats = np.flatnonzero(~tables.counties.functional_zone)
    near = seats[np.argmin((tables.counties.lat[seats] - 37.8) ** 2
                           + (np.cos(np.radians(37.8))
                              * (tables.counties.lon[seats] - 107.4)) ** 2)]  # fmt: skip
    assert names["a"] == names["b"] == "Helan"
    assert names["c"] == tables.counties.name[near] == "Yanchi"
    assert names["d"] == "Lingwu"  # far from where it stands, but so it says
    guyuan = network.sites.name[network.of_echelon(COUNTY)[0]]
    assert names["e"] in {"Yuanzhou", "Xiji", "Longde", "Jingyuan", "Pengyang"}, guyuan
    assert set(homes.town.tolist()) == {-1}
    assert (np.diff(homes.site) >= 0).all()
    due = dict(zip(homes.key, homes.entitlement.tolist(), strict=True))
    assert due == {
        "site/a": [3, 0], "site/b": [1, 0], "site/c": [5, 2], "site/d": [1, 0], "site/e": [0, 9],
    }  # fmt: skip
    counties = network.of_echelon(COUNTY)
    assert network.sites.need[counties].sum(axis=0).tolist() == [10, 11]
    assert (network.sites.need[counties] == by_county(network, homes)[counties]).all()
    assert {network.sites.name[i] for i in counties} == set(names.values())
    assert network.notes == ()


def test_listed_homes_outside_the_regions_take_no_part() -> None:
    network = network_of(
        listed(SITES, "entitlement = { oximeter = 1 }"), 'geography.regions=["Yinchuan", "Hainan"]'
    )
    names = county_names(network, network.facilities[HOME])
    # c says no county and is at no place with a name: the nearest that takes part serves it.
    assert names.keys() == {"a", "b", "c", "d"}
    assert network.notes == (
        'sites listed for "home" that lie where nobody takes part are left out: 1',
    )


def test_listed_homes_that_are_closed_or_get_nothing() -> None:
    text = listed(SITES)
    network = network_of(text, "sites.a.closed=true")
    assert {key[-1] for key in network.facilities[HOME].key} == {"c", "e"}
    assert network.notes == ()
    with pytest.raises(ValueError, match="entitled to anything"):
        network_of(text, *(f"sites.{name}.closed=true" for name in "ace"))


def test_a_total_of_listed_homes() -> None:
    """Five share 13 oximeters in the order of the file, and two have a need of their own."""
    text = listed(SITES.replace("oximeter = 0, ", ""), "total = { oximeter = 13 }")
    homes = network_of(text).facilities[HOME]
    due = {key[-1]: row[0] for key, row in zip(homes.key, homes.entitlement, strict=True)}
    assert due == {"a": 3, "b": 3, "c": 5, "d": 3, "e": 3}
