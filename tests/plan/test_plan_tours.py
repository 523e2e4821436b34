"""Last-mile tours: everybody is visited once, and no limit is broken."""

from __future__ import annotations

from itertools import pairwise
from math import inf

import numpy as np
import pytest
from national.two_provinces import World, world

from sim.errors import UsageError
from sim.geography.distance import great_circle_km
from sim.plan.specs import TourPlan

COUNTY, CLINIC = 2, 3


def sizes(tours: TourPlan) -> np.ndarray:
    return np.diff(tours.first)


def check(here: World) -> TourPlan:
    """Check what must hold of the tours of any plan, and return them."""
    (tours,) = here.plan.tours
    clinics = here.network.facilities[CLINIC]
    assert (tours.echelon, here.plan.lanes[tours.lane].name) == (CLINIC, "to-clinic")
    # Every clinic is on exactly one tour, of its own county.
    assert (np.bincount(tours.facility, minlength=len(clinics)) == 1).all()
    assert (np.repeat(tours.site, sizes(tours)) == clinics.site[tours.facility]).all()
    assert sizes(tours).min() >= 1
    assert (np.diff(tours.site) >= 0).all()
    # The rank of a clinic at its county names its draws, whatever tour it is on.
    first_of_site = np.searchsorted(clinics.site, clinics.site)
    assert (tours.rank == tours.facility - first_of_site[tours.facility]).all()
    assert tours.units.tolist() == clinics.entitlement[tours.facility].tolist()
    # Legs are great circles, times the detour, from the county or the stop before.
    sites = here.network.sites
    circuity = here.plan.lanes[tours.lane].circuity
    lat, lon = clinics.lat[tours.facility], clinics.lon[tours.facility]
    from_lat, from_lon = np.roll(lat, 1), np.roll(lon, 1)
    start, last = tours.first[:-1], tours.first[1:] - 1
    from_lat[start], from_lon[start] = sites.lat[tours.site], sites.lon[tours.site]
    legs = circuity * great_circle_km(from_lat, from_lon, lat, lon)
    assert tours.leg_km == pytest.approx(legs, abs=1e-9)
    back = circuity * great_circle_km(
        lat[last], lon[last], sites.lat[tours.site], sites.lon[tours.site]
    )
    assert tours.back_km == pytest.approx(back, abs=1e-9)
    return tours


def hours(here: World, tours: TourPlan) -> np.ndarray:
    """Mean hours of each tour: driving and stops, as the rule for the longest counts them."""
    fleet = here.plan.fleets[here.plan.lanes[tours.lane].fleet]
    km = np.add.reduceat(tours.leg_km, tours.first[:-1]) + tours.back_km
    return km / fleet.speed + sizes(tours) * tours.stop_time.mean


@pytest.mark.parametrize(
    "overrides",
    [
        (),
        ("lanes.to-clinic.tours.method=sweep",),
        ("lanes.to-clinic.tours.order=farthest-first", "geography.circuity=1.0"),
        ("lanes.to-clinic.circuity=1.7",),
        ('geography.regions=["Ningxia"]',),
    ],
)
def test_every_clinic_is_visited_once(overrides: tuple[str, ...]) -> None:
    tours = check(world(*overrides))
    assert sizes(tours).max() <= 12  # 84 units in a van, 7 for each clinic


@pytest.mark.parametrize("stops", [1, 4, 30])
def test_the_limit_of_stops(stops: int) -> None:
    here = world(f"lanes.to-clinic.tours.stops={stops}", "fleets.county-van.capacity={}")
    tours = check(here)
    assert sizes(tours).max() <= stops
    if stops <= 4:
        assert sizes(tours).max() == stops


@pytest.mark.parametrize(
    ("capacity", "most"),
    [
        ("{units=84}", 12),
        ("{units=83}", 11),
        ("{units=7}", 1),
        # A clinic's 2 oximeters and 5 thermometers take 2 * 0.04 / 100 + 5 * 0.05 / 200 m3 ...
        ('{volume="0.0205 m3"}', 10),
        ('{volume="0.0204 m3"}', 9),
        # ... and weigh 2 * 7 / 100 + 5 * 9 / 200 kg.
        ('{weight="2.92 kg"}', 8),
        ('{weight="2.91 kg"}', 7),
        ('{units=84, volume="0.0205 m3", weight="2.92 kg"}', 8),
        ("{}", 15),
    ],
)
def test_the_limit_of_a_vehicle(capacity: str, most: int) -> None:
    """The tightest of its limits says how many clinics a tour has, and some tour has as many."""
    here = world(f"fleets.county-van.capacity={capacity}", "lanes.to-clinic.tours.longest=99 h")
    tours = check(here)
    assert sizes(tours).max() == most


def test_the_longest_tour() -> None:
    """No tour takes longer on average, but a clinic that is too far by itself has its own."""
    here = world("lanes.to-clinic.tours.longest=4 h")
    tours = check(here)
    time = hours(here, tours)
    alone = sizes(tours) == 1
    assert time[~alone].max() <= 4 + 1e-9
    assert (time > 4).any()
    usual, free = world(), world("lanes.to-clinic.tours.longest=99 h")
    assert hours(usual, check(usual)).max() <= 9 < hours(free, check(free)).max()
    assert len(tours) > len(usual.plan.tours[0]) >= len(free.plan.tours[0])


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("nearest-first", lambda km, count: km.min()),
        ("farthest-first", lambda km, count: -km.max()),
        ("most-stops-first", lambda km, count: -count),
    ],
)
def test_the_order_of_tours_at_a_county(order: str, key) -> None:
    here = world(f"lanes.to-clinic.tours.order={order}")
    tours = check(here)
    clinics, sites = here.network.facilities[CLINIC], here.network.sites
    for county in here.network.of_echelon(COUNTY)[:8]:
        keys = []
        for tour in np.flatnonzero(tours.site == county):
            stops = tours.facility[tours.first[tour] : tours.first[tour + 1]]
            km = great_circle_km(
                sites.lat[county], sites.lon[county], clinics.lat[stops], clinics.lon[stops]
            )
            keys.append(key(km, len(stops)))
        assert len(keys) > 1
        # Planning measures on a plane around the county; within a few per mille it may differ.
        slack = 0 if order == "most-stops-first" else 0.01 * max(map(abs, keys))
        assert all(after >= before - slack for before, after in pairwise(keys))


def test_tours_of_a_county_do_not_depend_on_other_counties() -> None:
    whole, part = world(), world('geography.regions=["Ningxia"]')
    mine, theirs = check(part), check(whole)
    for key in ("county/640104", "county/640425"):
        found = []
        for here, tours in ((part, mine), (whole, theirs)):
            site = here.network.sites.key.index(key)
            rows = np.flatnonzero(tours.site == site)
            legs = [tours.leg_km[tours.first[r] : tours.first[r + 1]].tolist() for r in rows]
            ranks = [tours.rank[tours.first[r] : tours.first[r + 1]].tolist() for r in rows]
            found.append((legs, ranks))
        assert found[0] == found[1]


@pytest.mark.parametrize(
    ("capacity", "words"),
    [
        (
            "{units=6}",
            'one facility is to get 7 units, but a vehicle of the fleet "county-van" carries 6',
        ),
        ('{volume="0.002 m3"}', "one facility is to get 0.00205 m³"),
        ('{weight="0.3 kg"}', "one facility is to get 0.365 kg"),
    ],
)
def test_an_entitlement_that_does_not_fit(capacity: str, words: str) -> None:
    with pytest.raises(UsageError) as error:
        world(f"fleets.county-van.capacity={capacity}")
    assert words in str(error.value)


def test_a_unit_that_does_not_fit_into_a_truck() -> None:
    with pytest.raises(UsageError) as error:
        world('fleets.carrier.capacity={volume="0.0003 m3"}')
    assert str(error.value) == (
        'one unit of "oximeter" does not fit into a vehicle of the fleet "carrier" on the lane '
        '"to-city"'
    )
    fits = world('fleets.carrier.capacity={volume="0.0004 m3"}')
    assert fits.plan.fleets[0].limits == (inf, 0.0004, inf)


def test_loads_per_unit() -> None:
    """Units, m3 and kg of one unit, from its carton; without a carton only units count."""
    plan = world().plan
    assert plan.load_per_unit.tolist() == [[1, 0.0004, 0.07], [1, 0.05 / 200, 9 / 200]]
    bare = world(
        "products.oximeter={}", "fleets.carrier.capacity={}", "fleets.city-van.capacity={}"
    )
    assert bare.plan.load_per_unit[0].tolist() == [1, 0, 0]
