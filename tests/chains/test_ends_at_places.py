"""Counties and prefectures at which goods end: what each is to get, and when it has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from chains.two_chains import HEAD, Done, carry_out
from hypothesis import given
from hypothesis import strategies as st

from sim.experiment.run import prepare, run_experiment
from sim.geography.apportion import spread_evenly
from sim.geography.nation import load_nation
from sim.measures.scope import build_scope
from sim.plots.countymap import plot_map
from sim.plots.curves import owed_units
from sim.plots.gallery import draw_figures
from sim.plots.places import read_maps
from sim.report.explain import explain_facts
from sim.report.outcome import chain_lines
from sim.scenario.load import parse_scenario

BUREAUS = """
[echelons.maker]
title = "makers"
[echelons.bureau]
sites = "{sites}"
title = "bureaus"
{due}
[products.concentrator]
title = "concentrators"
[sites.maker]
echelon = "maker"
at = "Haikou"
stock = {{ concentrator = 900 }}
[fleets.truck]
home = "maker"
vehicles = "unlimited"
speed = "60 km/h"
[lanes.to-bureau]
from = "maker"
to = "bureau"
fleet = "truck"
"""

#: Goods go down the tree instead: from prefectures to their counties.
DOWN = """
[echelons.maker]
[echelons.city]
sites = "prefectures"
[echelons.bureau]
sites = "counties"
total = { concentrator = 50 }
[products.concentrator]
[sites.maker]
echelon = "maker"
at = "Haikou"
stock = { concentrator = 50 }
[fleets.truck]
home = "maker"
vehicles = "unlimited"
speed = "60 km/h"
[fleets.van]
home = "city"
vehicles = 1
speed = "40 km/h"
[lanes.to-city]
from = "maker"
to = "city"
fleet = "truck"
[lanes.to-bureau]
from = "city"
to = "bureau"
fleet = "van"
"""


def bureaus(due: str, sites: str = "counties") -> Done:
    return carry_out(HEAD + BUREAUS.format(due=due, sites=sites))


def needs(done: Done, echelon: int = 1) -> list[int]:
    sites = done.prepared.network.sites
    need: list[int] = sites.need[sites.echelon == echelon, 0].tolist()
    return need


@given(st.integers(0, 10**6), st.integers(1, 400))
def test_units_are_spread_as_evenly_as_whole_units_allow(total: int, places: int) -> None:
    spread = spread_evenly(total, places)
    assert spread.sum() == total
    assert spread.max() - spread.min() <= 1
    so_far = np.cumsum(spread)
    assert (so_far == [(i + 1) * total // places for i in range(places)]).all()


def test_nothing_can_be_spread_over_nobody() -> None:
    assert spread_evenly(0, 0).tolist() == []
    for total, places in ((1, 0), (-1, 3), (1, -1), (2**60, 2**10)):
        with pytest.raises(ValueError, match=r"spread|must be|64 bits"):
            spread_evenly(total, places)


def test_every_county_gets_its_entitlement() -> None:
    done = bureaus("entitlement = { concentrator = 3 }")
    counties = load_nation().counties
    hainan = (counties.code // 10_000 == 46) & ~counties.functional_zone
    assert needs(done) == [3] * int(hainan.sum())
    assert done.prepared.network.sites.code[1:].tolist() == counties.code[hainan].tolist()
    covered = {r.measure: r.value for r in done.measures.rows
               if (r.echelon, r.region) == ("bureau", "national")}  # fmt: skip
    assert (covered["coverage"], covered["complete"]) == (1.0, 1.0)
    assert covered["received"] == 3 * len(needs(done))
    trips = done.ledger.trips
    assert len(trips) == len(needs(done))  # goods come trip by trip
    assert covered["T100"] == pytest.approx(trips.received.max())


def test_a_total_is_shared_out_as_evenly_as_whole_units_allow() -> None:
    done = bureaus("total = { concentrator = 60 }")
    count = len(needs(bureaus("entitlement = { concentrator = 1 }")))
    assert needs(done) == spread_evenly(60, count).tolist()
    assert set(needs(done)) == {60 // count, 60 // count + 1}
    both = bureaus("entitlement = { concentrator = 2 }\ntotal = { concentrator = 60 }")
    assert needs(both) == (spread_evenly(60, count) + 2).tolist()


def test_of_a_small_total_some_places_get_nothing_and_are_no_sites() -> None:
    assert needs(bureaus("total = { concentrator = 5 }")) == [1] * 5


def test_prefectures_may_be_the_end_as_well() -> None:
    done = bureaus("total = { concentrator = 10 }", "prefectures")
    names = [n for n in done.prepared.network.sites.name if n != "maker"]
    assert {"Haikou", "Sanya"} <= set(names)
    assert sum(needs(done)) == 10


def test_goods_come_down_the_tree_to_their_end() -> None:
    done = carry_out(HEAD + DOWN)
    sites = done.prepared.network.sites
    counties = np.flatnonzero(sites.echelon == 2)
    assert sites.need[counties].sum() == 50
    below = np.bincount(sites.above[counties], sites.need[counties, 0], minlength=len(sites))
    cities = np.flatnonzero(sites.echelon == 1)
    assert sites.need[cities, 0].tolist() == below[cities].tolist()
    assert not np.isnan(done.ledger.trips.received).any()


def test_regions_restrict_an_end_wherever_they_are_said() -> None:
    for overrides in (('geography.regions=["Sanya"]',), ('echelons.bureau.regions=["Sanya"]',),
                      ('echelons.city.regions=["Sanya"]',)):  # fmt: skip
        done = carry_out(HEAD + DOWN, *overrides)
        names = [key for key in done.prepared.network.sites.key if key.startswith("bureau/")]
        assert names == [f"bureau/46020{n}" for n in (2, 3, 4, 5)]


def test_an_end_without_any_place_is_refused() -> None:
    with pytest.raises(Exception, match='no place of these regions is a site of "bureau"'):
        carry_out(HEAD + DOWN, 'echelons.bureau.regions=["Gansu"]')


@pytest.mark.usefixtures("no_pixels")
def test_places_at_which_goods_end_are_on_the_map(tmp_path: Path) -> None:
    text = HEAD + BUREAUS.format(due="total = { concentrator = 60 }", sites="counties")
    prepared = prepare(parse_scenario(text, name="chains", place="chains.toml"))
    result = run_experiment(prepared, tmp_path / "out")
    (data,) = read_maps(result)
    assert (data.end, data.places, data.facility) == ("bureau", "bureaus", "")
    assert data.facilities.tolist() == [1] * len(data.code)
    assert np.isfinite(data.when).all()
    assert plot_map(result).get_title(loc="left") == "When the bureaus were served"
    assert owed_units(result, "concentrator") == 60
    names = {path.stem for path in draw_figures(result)}
    assert {"map", "flow", "coverage"} <= names


def test_an_end_in_words() -> None:
    text = HEAD + BUREAUS.format(due="total = { concentrator = 60 }", sites="counties")
    loaded = parse_scenario(text, name="chains", place="chains.toml")
    prepared = prepare(loaded)
    facts = explain_facts(loaded, prepared.network, prepared.plan)
    assert facts["echelons"][1]["total"] == {"concentrator": 60}
    count = facts["echelons"][1]["sites"]
    assert chain_lines(prepared) == [f"1 maker → {count} bureaus, 60 concentrators"]
    assert build_scope(loaded.scenario, prepared.network).facilities[1].sum() == count
