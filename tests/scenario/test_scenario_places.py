"""Faults of listed sites: places, regions, needs, and who supplies whom."""

from __future__ import annotations

import pytest
from network.listed import LANES, TEXT

from sim.errors import ScenarioError
from sim.scenario.load import parse_scenario

TOURED = TEXT.replace(
    LANES, LANES.replace('fleet = "van"', 'fleet = "van"\ntours = { stops = 2, stop-time = "1 h" }')
).replace("need = { gown = 3 }", "").replace("need = { mask = 4 }", "").replace(
    "{ mask = 10 }", "{ mask = 10, gown = 1 }"
)  # fmt: skip
LINKED = (
    TEXT + 'links = [{ from = "d1", to = "s1" }, { from = "d1", to = "s2", time = "1 h" }, '
    '{ from = "d1", to = "s3", km = "9 km" }]\n'
)


def told(text: str, *overrides: str) -> list[str]:
    """Return the problems of a text, without where they stand."""
    with pytest.raises(ScenarioError) as raised:
        parse_scenario(text, name="test", place="test.toml", overrides=overrides)
    found = []
    for problem in raised.value.problems:
        hint = f" ({problem.hint})" if problem.hint else ""
        found.append(f"{problem.path}: {problem.expected}, found {problem.found}{hint}")
    return found


def without(text: str, site: str, key: str) -> str:
    """Return a text without a key of a site."""
    before, header, after = text.partition(f"[sites.{site}]\n")
    lines = after.split("\n")
    first = next(index for index, line in enumerate(lines) if line.startswith(f"{key} ="))
    return before + header + "\n".join(lines[:first] + lines[first + 1 :])


def test_they_are_valid() -> None:
    for text in (TEXT, TOURED, LINKED):
        parse_scenario(text, name="test", place="test.toml")


CASES: dict[str, tuple[str, tuple[str, ...], list[str]]] = {
    "a region that no site says": (
        TEXT + '[orders.x]\nfrom = "east"\nproduct = "mask"\nregions = ["norht", "south"]\n', (),
        [('orders.x.regions.0: the region of some site, found "norht" '
         '(did you mean "north"?)')],
    ),
    "a place by name without a geography": (
        TEXT, ('sites.d1.at="north"',),
        ['sites.d1.at: [latitude, longitude]: there is no geography, found "north"'],
    ),
    "a region beside a geography": (
        TEXT.replace('nation = "none"\n', ""), (),
        [("sites.d1.region: no such key: regions are those of the geography, unless its nation is "
         '"none", found "north"'),
         *(f'sites.{site}.region: no such key: regions are those of the geography, unless its '
           f'nation is "none", found "{region}"'
           for site, region in (("d2", "south"), ("s1", "north"), ("s2", "middle"),
                                ("s3", "south")))],
    ),
    "regions without a geography": (
        TEXT, ('geography.regions=["north"]',),
        ['geography.regions: "all": there is no geography, found regions'],
    ),
    "regions of listed sites": (
        TEXT, ('echelons.depot.regions=["north"]',),
        [('echelons.depot.regions: no such key: its sites are listed, and one takes no part by '
         '"closed", found one')],
    ),
    "no place, and nobody says how far": (
        without(without(TEXT, "d1", "at"), "s3", "at"), (),
        ["sites.d1: a place, or links that say km or time, found none",
         "sites.s3: a place, or links that say km or time, found none"],
    ),
    "a link that does not say how far": (
        without(LINKED, "s1", "at"), (),
        ["sites.s1: a place, or links that say km or time, found none"],
    ),
    "tours need places, whatever the time": (
        without(TOURED, "s1", "at"), (),
        ["sites.s1: a place: tours go by the distances between places, found none"],
    ),
    "a need where goods go on": (
        TEXT, ("sites.d1.need={mask=5}",),
        ['sites.d1.need.mask: no need: goods go on from here along the lane "serve", found 5'],
    ),
    "a need without end where goods go on": (
        TEXT, ('sites.east.need={gown="all"}',),
        [('sites.east.need.gown: no need: goods go on from here along the lane "feed", '
         'found "all"')],
    ),
    "an entitlement where goods go on": (
        TEXT.replace("[echelons.depot]", "[echelons.depot]\nentitlement = { mask = 1 }"), (),
        [('echelons.depot.entitlement: no such key: goods go on from here along the lane "serve", '
         'found one (the "need" of a site is for those of an echelon where goods end)')],
    ),
    "a need without end on tours": (
        TOURED, ("sites.s1.need={mask=11}", 'sites.s2.need={mask="all"}', "sites.s3.need={gown=0}"),
        [('sites.s2.need.mask: a number: the tours of "serve" bring so much and no more, '
         'found "all"')],
    ),
    "a county without a geography": (
        TEXT, ('sites.s1.county="Helan"',),
        ['sites.s1.county: no such key: there is no geography, found "Helan"'],
    ),
    "a need that nobody can meet": (
        LINKED.replace('{ from = "d1", to = "s3", km = "9 km" }', ""), (),
        ["sites.s3: a lane or a link that leads to it, found none"],
    ),
    "goods from which nothing leads on": (
        TEXT, ("sites.s1.stock={mask=5}", 'sites.s2.output={gown="3/h"}'),
        ["sites.s1.stock: no such key: no lane leads on from here, found one",
         "sites.s2.output: no such key: no lane leads on from here, found one"],
    ),
    "a supplier of another echelon": (
        TEXT, ('sites.s1.supplied-by="east"', 'sites.d1.supplied-by="d1"'),
        [('sites.s1.supplied-by: a site from which a lane or a link leads here, found "east", of '
         '"plant"'),
         ('sites.d1.supplied-by: a site from which a lane or a link leads here, found "d1", of '
         '"depot"')],
    ),
    "a supplier without a link": (
        LINKED, ('sites.s1.supplied-by="d2"',),
        [('sites.s1.supplied-by: a site from which a lane or a link leads here, found "d2", of '
         '"depot"')],
    ),
    "nobody in need": (
        TEXT.replace("entitlement = { mask = 10 }", "").replace("need = { gown = 3 }", "").replace(
            "need = { mask = 4 }", ""), (),
        ["products.mask: a product that some facility or site is to get, found none",
         "products.gown: a product that some facility or site is to get, found none",
         "echelons: an echelon with an entitlement, or a site with a need, found none"],
    ),
    "tours and another lane": (
        TOURED + '[fleets.car]\nhome = "plant"\nspeed = "9 km/h"\nvehicles = 1\n'
        '[lanes.direct]\nfrom = "plant"\nto = "shop"\nfleet = "car"\n', (),
        ["echelons.shop: one lane that leads to it, as one is of tours, found 2"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_told(name: str) -> None:
    text, overrides, expected = CASES[name]
    assert sorted(told(text, *overrides)) == sorted(expected)


def test_a_missing_place_stands_where_its_site_does() -> None:
    text = without(TEXT, "s3", "at")
    with pytest.raises(ScenarioError) as raised:
        parse_scenario(text, name="test", place="test.toml")
    (problem,) = raised.value.problems
    assert text.split("\n")[problem.line - 1] == "[sites.s3]"


@pytest.mark.parametrize(
    "override",
    ['lanes.serve.time="2 h"', 'sites.s3.supplied-by="d1"', "sites.s3.closed=true"],
)
def test_a_place_is_not_always_needed(override: str) -> None:
    """Not on a lane that says its time; but a supplier alone does not say how far it is."""
    text = without(TEXT, "s3", "at")
    if "supplied-by" in override:
        assert told(text, override) == [
            "sites.s3: a place, or links that say km or time, found none"
        ]
    else:
        parse_scenario(text, name="test", place="test.toml", overrides=[override])


def test_nothing_is_drawn_without_a_geography() -> None:
    text = TEXT.replace("[echelons.depot]", '[echelons.depot]\nsites = "prefectures"')
    expected = "echelons.depot.sites: sites listed under [sites]: there is no geography"
    assert f'{expected}, found "prefectures"' in told(text)
