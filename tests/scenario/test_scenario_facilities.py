"""Faults of facilities: how many, which, what they are to get, and where they say that they lie."""

from __future__ import annotations

import pytest
from network.homes import HOMES, LANES, listed, load, one_echelon

from sim.errors import ScenarioError

BOTH = "entitlement = { oximeter = 2, thermometer = 1 }"
CLINICS = one_echelon(f'sites = "village-clinics"\n{BOTH}')
SITES = listed('[sites.a]\nechelon = "home"\nat = "Helan, Yinchuan"\n', BOTH)


def told(text: str, *overrides: str) -> list[str]:
    """Return the problems of a text: path, expected, found and hint."""
    with pytest.raises(ScenarioError) as raised:
        load(text, *overrides)
    return [
        f"{problem.path}: {problem.expected}, found {problem.found}"
        + (f" ({problem.hint})" if problem.hint else "")
        for problem in raised.value.problems
    ]


def test_they_are_valid() -> None:
    for text in (HOMES, CLINICS, SITES):
        load(text)


CASES: dict[str, tuple[str, tuple[str, ...], list[str]]] = {
    "homes that nobody counts": (
        one_echelon(f'sites = "nursing-homes"\n{BOTH}'), (),
        [('echelons.home: the key "count": no table says how many nursing homes there are, '
         "found none")],
    ),
    "limits without a count": (
        CLINICS, ("echelons.home.per-county=[1, 3]",),
        [('echelons.home.per-county: no such key without "count", the facilities that are shared '
         "out, found one")],
    ),
    "limits the wrong way round": (
        CLINICS, ("echelons.home.per-county=[3, 1]", "echelons.home.count=9"),
        ["echelons.home.per-county: [fewest, most] in one county, found [3, 1]"],
    ),
    "three limits": (
        CLINICS, ("echelons.home.per-county=[1, 2, 3]", "echelons.home.count=9"),
        ["echelons.home.per-county: [fewest, most] in one county, found [1, 2, 3]"],
    ),
    "the largest and the smallest": (
        CLINICS, ("echelons.home.largest=1", "echelons.home.smallest=1"),
        ['echelons.home.smallest: either "largest" or "smallest", found both'],
    ),
    "more than there are": (
        HOMES, ("echelons.large.largest=201",),
        ["echelons.large.largest: at most 200, as there are in all, found 201"],
    ),
    "a product twice": (
        HOMES, ("echelons.small.total.oximeter=7",),
        [('echelons.small.total.oximeter: a product without an "entitlement": it says what each is '
         'to get, found "oximeter" in both')],
    ),
    "a count of counties": (
        HOMES, ("echelons.county.count=4", "echelons.prefecture.largest=2"),
        [("echelons.prefecture.largest: no such key: only facilities are drawn so, and it has "
         "prefectures, found one"),
         ("echelons.county.count: no such key: only facilities are drawn so, and it has counties, "
         "found one")],
    ),
    "a count of listed sites": (
        SITES, ("echelons.home.count=4", "echelons.home.per-county=[1, 2]"),
        [("echelons.home.count: no such key: only facilities are drawn so, and its sites are "
         "listed, found one"),
         ("echelons.home.per-county: no such key: only facilities are drawn so, and its sites are "
         "listed, found one")],
    ),
    "a total of counties that pass goods on": (
        HOMES, ("echelons.county.total={oximeter=9}",),
        [('echelons.county.total: no such key: goods go on from here along the lane "to-large", '
          "found one")],
    ),
    "a total where goods go on": (
        HOMES, ("echelons.factory.total={oximeter=9}",),
        [('echelons.factory.total: no such key: goods go on from here along the lane "to-city", '
         'found one (the "need" of a site is for those of an echelon where goods end)')],
    ),
    "homes that get nothing": (
        HOMES, ("echelons.large.entitlement={}",),
        ["echelons.large: the entitlement of its facilities, found none",
         'lanes.to-large.tours: tours only to facilities, found "large"'],
    ),
    "a county that there is not": (
        SITES, ('sites.a.county="Helann"',),
        [('sites.a.county: the name or code of a county, found "Helann" (did you mean "Helan" or '
          '"Kelan" or "Hulan"?)')],
    ),
    "a prefecture for a county": (
        SITES, ("sites.a.county=64",),
        ['sites.a.county: the name or code of a county, found "64"'],
    ),
    "one of several counties": (
        SITES, ('sites.a.county="Chaoyang"',),
        [('sites.a.county: one county, found "Chaoyang" (it may be "Chaoyang, Beijing" or '
         '"Chaoyang, Changchun, Jilin" or "Chaoyang, Chaoyang, Liaoning" or '
         '"Chaoyang, Shantou, Guangdong")')],
    ),
    "a county that is a list": (
        SITES, ("sites.a.county=[1]",),
        ["sites.a.county: the name or code of a county, found [1]"],
    ),
    "listed homes without tours": (
        SITES.replace(LANES.partition("\n\n")[0].splitlines()[-1], ""), (),
        [('lanes.to-home.to: an echelon below "county" in the geography, found "home", whose sites '
         "are listed under [sites]")],
    ),
    "tours to listed homes from prefectures": (
        SITES, ("echelons.county.sites=prefectures", "echelons.prefecture.sites=counties"),
        ['lanes.to-county.to: an echelon below "prefecture" in the geography, found "county"',
         'lanes.to-home.from: tours that start at counties, found "county"'],
    ),
    "tours to listed homes that get nothing": (
        SITES, ("echelons.home.entitlement={}",),
        ["echelons: an echelon with an entitlement, or a site with a need, found none",
         'lanes.to-home.tours: tours only to facilities, found "home"',
         "products.oximeter: a product that some facility or site is to get, found none",
         "products.thermometer: a product that some facility or site is to get, found none"],
    ),
    "a home without a place": (
        SITES.replace('at = "Helan, Yinchuan"\n', "county = 640122\n"), (),
        ["sites.a: a place: tours go by the distances between places, found none"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_told(name: str) -> None:
    text, overrides, expected = CASES[name]
    assert sorted(told(text, *overrides)) == sorted(expected)
