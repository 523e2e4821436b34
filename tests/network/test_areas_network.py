"""Areas at work: the sites that take part, waves, orders, disruptions, figures, notes and words."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from national.two_provinces import TEXT, network_of, scenario_of, world

from sim.errors import UsageError
from sim.evidence import probe_key
from sim.experiment.run import prepare, run_experiment, score
from sim.network import Network
from sim.plan.areas import areas_in_use
from sim.plots.words import figure_text, regions_text
from sim.report.explain import explain_facts, explain_text
from sim.report.explain_areas import region_words
from sim.report.explain_chance import sentence_of_disruption
from sim.scenario.load import LoadedScenario, parse_scenario
from sim.scenario.origins import origins_of

FACTORY, PREFECTURE, COUNTY, CLINIC = range(4)
SOUTH = ["640324", "640402", "640422"]  # Tongxin in Wuzhong; Yuanzhou and Xiji in Guyuan
AREAS = """
[areas.keys]
title = "the key counties"
list = "key-counties"
[areas.sourced]
list = "sourced-key-counties"
[areas.south]
title = "the dry south"
regions = ["Tongxin", "640402", "西吉县"]
status = "assumed"
source = "an example"
[areas.elsewhere]
without = ["south"]
[areas.drawn]
regions = ["Sanya"]
choose = { counties = { value = 4, status = "assumed", source = "four, it is said" }, from = ["keys"] }
status = "reported"
[areas.islands]
regions = ["Hainan"]
"""  # noqa: E501
SNOW = """
[disruptions.snow]
kind = "slow-road"
lane = "to-county"
regions = ["south", "Hainan"]
begins = 2023-01-13T00:00:00+08:00
lasts = "3 d"
factor = 3
"""
FIGURE = """
[reported.south]
measure = "received"
product = "oximeter"
echelon = "county"
regions = ["south"]
at = 2023-01-20T00:00:00+08:00
value = 500
band = "50 %"
use = "fit"
source = "nobody"
wording = "some 500"
"""


def area_network(*overrides: str) -> Network:
    return network_of(*overrides, more=AREAS)[1]


def codes(network: Network, mask: np.ndarray, echelon: int) -> list[int]:
    return network.sites.code[mask & (network.sites.echelon == echelon)].tolist()


def loaded_of(*overrides: str, more: str = "") -> LoadedScenario:
    return parse_scenario(TEXT + AREAS + more, name="s", place="s.toml", overrides=overrides)


# --- who takes part -------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["geography", "echelons.prefecture", "echelons.county"])
def test_an_area_is_the_same_as_its_counties(key: str) -> None:
    """Site by site, clinic by clinic, wherever the chain is restricted."""
    named = area_network(f'{key}.regions=["south"]')
    listed = area_network(f"{key}.regions={SOUTH}".replace("'", '"'))
    assert named.sites.key == listed.sites.key
    assert (named.sites.need == listed.sites.need).all()
    one, other = named.facilities[CLINIC], listed.facilities[CLINIC]
    assert (one.lat == other.lat).all()
    assert (one.town == other.town).all()
    assert codes(named, np.ones(len(named.sites), bool), COUNTY) == list(map(int, SOUTH))
    assert codes(named, np.ones(len(named.sites), bool), PREFECTURE) == [640300, 640400]


def test_a_run_over_an_area_is_the_run_over_its_counties() -> None:
    over = "waves.islands.regions={}", "orders.guyuan.regions={}", "geography.regions={}"
    said = ['["south"]', '["640422", "south"]', '["Ningxia"]']
    cities = '["640300", "640400"]'  # an area holds the city of each of its counties
    spelt = [cities, cities, '["64"]']
    one, other = (
        world(*(k.format(v) for k, v in zip(over, values, strict=True)), more=AREAS + snow)
        for values, snow in ((said, SNOW), (spelt, SNOW.replace('"south"', str(SOUTH)[1:-1])))
    )
    first, second = one.run()[0].trips, other.run()[0].trips
    assert len(first.ready) > 50
    for field in fields(first):
        mine, theirs = getattr(first, field.name), getattr(second, field.name)
        assert np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == "f"), field.name


def test_all_key_counties_take_part() -> None:
    network = area_network('geography.regions=["keys"]')
    everywhere = np.ones(len(network.sites), bool)
    keys = network.nation.key_counties
    assert codes(network, everywhere, COUNTY) == network.nation.counties.code[keys.county].tolist()
    cities = {network.nation.counties.parent[index] for index in keys.county}
    assert len(network.of_echelon(PREFECTURE)) == len(cities)
    assert len(area_network('geography.regions=["sourced"]').of_echelon(COUNTY)) == 92


# --- who lies in it -------------------------------------------------------------------------------


def test_a_place_above_the_counties_lies_in_an_area_if_any_of_its_counties_does() -> None:
    network = area_network('sites.yinchuan.at="Ningxia"')
    south, elsewhere = network.in_regions(["south"]), network.in_regions(["elsewhere"])
    assert codes(network, south, COUNTY) == list(map(int, SOUTH))
    assert codes(network, south, PREFECTURE) == [640300, 640400]
    counties = network.sites.echelon == COUNTY
    assert (elsewhere[counties] == ~south[counties]).all()
    assert elsewhere[network.of_echelon(PREFECTURE)].all()  # both have other counties too
    province, point = network.row("yinchuan"), network.row("guangzhou")
    assert south[province]
    assert not (south | elsewhere)[point]  # nobody says in which county it is
    both = network.in_regions(["south", "Hainan"])
    assert (both == (south | network.in_regions(["Hainan"]))).all()


def test_waves_and_orders_by_area() -> None:
    one = world('waves.islands.regions=["south"]', 'orders.guyuan.regions=["south"]', more=AREAS)
    links, sites = one.plan.links, one.network.sites
    to_city = links.lane == 0
    first = to_city & (links.wave == 0)
    assert set(sites.code[links.destination[first]]) == {640300, 640400}
    assert set(links.wave[to_city]) == {0, 1}
    row = one.network.row("guangzhou")
    ordered = (links.origin == row) & (links.product == 0)
    assert (
        links.units[ordered & np.isin(sites.code[links.destination], [640300, 640400])].sum() >= 600
    )


def test_disruptions_and_figures_by_area() -> None:
    one = world(more=AREAS + SNOW + FIGURE)
    struck = one.plan.disruptions[0].sites
    inside = one.network.in_regions(["640324", "640402", "640422", "Hainan"])
    assert set(struck) == set(np.flatnonzero(inside & (one.network.sites.echelon == COUNTY)))
    (probe,) = one.scope.probes
    assert codes(one.network, probe.inside, COUNTY) == list(map(int, SOUTH))


# --- notes ----------------------------------------------------------------------------------------

NOTE = "are unverified: no published list was found that confirms them"


def notes(*overrides: str, more: str = "") -> list[str]:
    return [
        note for note in world(*overrides, more=AREAS + more).plan.notes if "unverified" in note
    ]


def test_areas_that_nobody_uses_need_no_note() -> None:
    assert areas_in_use(scenario_of(more=AREAS)) == []
    assert notes() == []
    assert notes('waves.islands.regions=["sourced"]') == []


def test_a_note_says_how_many_are_unverified() -> None:
    said = f'68 of the 160 key counties in the area "keys" {NOTE}'
    assert notes('waves.islands.regions=["keys"]') == [said]
    assert notes('orders.guyuan.regions=["keys"]', 'waves.islands.regions=["keys"]') == [said]
    assert notes(more=SNOW.replace('"south"', '"keys"')) == [said]
    assert notes(more=FIGURE.replace('"south"', '"keys"')) == [said]
    others = '[areas.others]\nwithout = ["keys"]\n'
    assert notes('waves.islands.regions=["others"]', more=others) == [said]


def test_a_note_of_an_area_that_was_drawn_from_the_list() -> None:
    one = world('geography.regions=["drawn", "Ningxia"]', more=AREAS)
    drawn = one.network.areas["drawn"]
    (note,) = (note for note in one.plan.notes if "unverified" in note)
    count, whole = drawn.doubtful.sum(), drawn.counties.sum()
    assert 0 < count <= 4 < whole
    assert note == (
        f'{count} of the {whole} counties in the area "drawn" are unverified key counties: no '
        "published list was found that confirms them"
    )


# --- words ----------------------------------------------------------------------------------------


def explained(*overrides: str, more: str = "") -> tuple[list[str], dict[str, object]]:
    loaded = loaded_of(*overrides, more=more)
    one = prepare(loaded)
    lines = [str(block) for block in explain_text(loaded, one.network, one.plan)]
    return lines, explain_facts(loaded, one.network, one.plan)


def test_explain_tells_areas() -> None:
    lines, facts = explained('waves.islands.regions=["keys"]')
    at = lines.index("Areas")
    assert lines[at + 1 : at + 5] == [
        "  keys (the key counties): 160 counties: the list of key counties; 68 unverified",
        "  sourced: 92 counties: the key counties that a published list confirms",
        "  south (the dry south): 3 counties: Tongxin, 640402, 西吉县; assumed: an example",
        "  elsewhere: 2,975 counties: all of the nation, without the dry south",
    ]
    row = facts["areas"][4]  # type: ignore[index]
    assert (len(row["codes"]), len(row["chosen"])) == (row["counties"], 4)
    assert set(row["chosen"]) < set(row["codes"])
    start = f"  drawn: {row['counties']} counties: Sanya and 4 more drawn by chance from the key"
    assert lines[at + 5].startswith(start)
    assert all(name in lines[at + 5] for name in row["chosen_names"])
    assert any(line.startswith("note: 68 of the 160 key counties") for line in lines)


def test_explain_says_nothing_of_areas_where_there_are_none() -> None:
    loaded = parse_scenario(TEXT, name="s", place="s.toml")
    one = prepare(loaded)
    assert "Areas" not in map(str, explain_text(loaded, one.network, one.plan))


def test_assumed_areas_are_among_the_assumptions() -> None:
    found = {origin.path: origin for origin in origins_of(loaded_of().document)}
    assert found["areas.south"].status == "assumed"
    assert found["areas.south"].source == "an example"
    assert found["areas.south"].value.endswith("regions Tongxin, 640402, 西吉县")
    assert found["areas.drawn"].value.endswith("regions Sanya, choose 4 by chance from keys")
    assert found["areas.drawn.choose.counties"].status == "assumed"
    many = '[areas.many]\nregions = ["' + '", "'.join(["Hainan"] * 50) + '"]\nstatus = "assumed"\n'
    (origin,) = (o for o in origins_of(loaded_of(more=many).document) if o.path == "areas.many")
    assert origin.value.endswith("Hainan and 30 more")


def test_areas_in_the_words_of_figures_and_disruptions() -> None:
    scenario = scenario_of(more=AREAS + SNOW + FIGURE)
    figure = scenario.reported["south"]
    assert regions_text(scenario, figure) == "the dry south"
    assert "in the dry south" in figure_text(scenario, figure)
    assert "to the dry south, Hainan take 3 times" in sentence_of_disruption(scenario, "snow")
    for regions, said in (
        (["elsewhere", "Hainan"], "elsewhere and Hainan"),
        (["south", "keys", "drawn"], "3 areas"),
        (["south", "keys", "Hainan"], "3 regions"),
    ):
        text = FIGURE.replace('["south"]', str(regions).replace("'", '"'))
        scenario = scenario_of(more=AREAS + text)
        assert regions_text(scenario, scenario.reported["south"]) == said
    assert region_words(scenario, ["south", "Hainan"]) == "the dry south, Hainan"


# --- stored runs ----------------------------------------------------------------------------------


def test_a_figure_of_an_area_that_is_another_now_was_not_recorded(tmp_path: Path) -> None:
    """Whatever its name: what counts is which counties it had when the runs were made."""
    loaded = loaded_of("replications=1", more=FIGURE)
    result = run_experiment(prepare(loaded), tmp_path / "out")
    assert len(score(result)) == 1
    assert score(result)[0].runs == 1
    assert score(result, loaded)[0].runs == 1
    changed = loaded_of('areas.south.regions=["Tongxin"]', more=FIGURE)
    assert score(result, changed)[0].verdict == "not recorded"
    renamed = '[areas.dry]\nregions = ["Tongxin", "Yuanzhou, Guyuan", "Xiji"]\n'
    same = loaded_of('reported.south.regions=["dry"]', more=FIGURE + renamed)
    assert score(result, same)[0].runs == 1
    figure = loaded.scenario.reported["south"]
    assert probe_key(figure) != probe_key(figure, prepare(loaded).network.areas)


def test_an_area_without_a_clinic_is_told() -> None:
    more = '[areas.city]\nregions = ["Dongcheng, Beijing"]\n'
    with pytest.raises((UsageError, ValueError), match="no facility of these regions"):
        network_of('geography.regions=["city"]', more=more)
