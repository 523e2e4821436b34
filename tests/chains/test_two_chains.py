"""Two chains on the same places in one file are what they are in two files."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from chains.two_chains import HEAD, Done, carry_out, centres, clinics

from sim.measures.rows import Row

PARTS = {"a-": clinics, "b-": centres}


@pytest.fixture(scope="module")
def both() -> Done:
    return carry_out(HEAD + clinics("a-") + centres("b-"))


def named(row: Row, prefix: str) -> Row | None:
    """Return the row of a chain with the prefix taken from its names; None for another chain's."""
    names = {key: getattr(row, key) for key in ("product", "echelon", "entity")}
    said = [name for name in names.values() if name]
    if not said or not all(name.startswith(prefix) for name in said):
        return None
    return replace(row, **{key: name.removeprefix(prefix) for key, name in names.items()})


def values(rows: list[Row]) -> dict[tuple[str, ...], float | None]:
    return {
        (r.measure, r.product, r.echelon, r.region, r.entity): None if isnan(r.value) else r.value
        for r in rows
    }


@pytest.mark.parametrize("prefix", PARTS)
def test_all_measures_are_those_of_a_file_of_its_own(prefix: str, both: Done) -> None:
    alone = carry_out(HEAD + PARTS[prefix]())
    mine = [row for row in (named(row, prefix) for row in both.measures.rows) if row]
    whole = [row for row in alone.measures.rows if row.measure != "makespan"]
    found = values(mine)
    by_product = [key for key in found if key[1] and key[4] == "desk"]
    assert len(by_product) == 2  # a station's times by product are told where there are several
    for key in by_product:
        assert found.pop(key) == found[key[0], "", *key[2:]]
    assert found == values(whole)
    assert len(found) > 100

    curves = {(c.measure, c.product, c.echelon, c.entity): c.values for c in both.measures.curves}
    for curve in alone.measures.curves:
        names = (curve.product, curve.echelon, curve.entity)
        key = (curve.measure, *(name and prefix + name for name in names))
        assert (curves[key] == curve.values).all(), key

    (arrivals,) = [a for a in both.measures.arrivals if a.echelon == f"{prefix}end"]
    (expected,) = alone.measures.arrivals
    codes = both.prepared.network.sites.code[arrivals.site]
    assert (codes == alone.prepared.network.sites.code[expected.site]).all()
    for name in ("facilities", "received", "first", "half", "ninety", "last"):
        assert (getattr(arrivals, name) == getattr(expected, name)).all(), name


def test_the_makespan_is_that_of_the_later_chain(both: Done) -> None:
    spans = []
    for prefix in PARTS:
        rows = carry_out(HEAD + PARTS[prefix]()).measures.rows
        spans += [row.value for row in rows if row.measure == "makespan"]
    assert [r.value for r in both.measures.rows if r.measure == "makespan"] == [max(spans)]


def test_places_are_sites_of_each_chain_with_keys_of_their_own(both: Done) -> None:
    network = both.prepared.network
    sites = network.sites
    assert len(set(sites.key)) == len(sites)
    halls = [key for key in sites.key if key.startswith("b-county/")]
    assert len(halls) == 3
    rows = {key: row for row, key in enumerate(sites.key)}
    for key in halls:
        other = rows[key.replace("b-", "a-")]
        assert sites.code[rows[key]] == sites.code[other]
        assert (sites.lat[rows[key]], sites.lon[rows[key]]) == (sites.lat[other], sites.lon[other])
        assert (sites.need[rows[key]] * sites.need[other] == 0).all()  # of its own product alone
        assert sites.key[sites.above[rows[key]]].startswith("b-city/")


def test_chance_of_one_chain_is_untouched_by_the_other() -> None:
    luck = ("lanes.a-to-end.travel={cv=0.3}", 'fleets.a-van.loading={mean="1 h", cv=0.5}')
    alone = carry_out(HEAD + clinics("a-"), *luck)
    with_other = carry_out(HEAD + clinics("a-") + centres("b-"), *luck)
    assert (alone.ledger.tours[0].delivered == with_other.ledger.tours[0].delivered).all()
    assert not np.isnan(alone.ledger.tours[0].delivered).all()
