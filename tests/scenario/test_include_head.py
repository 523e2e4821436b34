"""What the head of an included scenario says is put into its entries, with its places."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import tomli_w
from scenario.includes import kits_of_the_docs

from sim.scenario.compose.embed import Embedding, complaints, host_of
from sim.scenario.compose.written import Document, Written, read_written
from sim.scenario.load import parse_scenario


@pytest.fixture(scope="session")
def kits() -> str:
    """The small scenario of the vocabulary."""
    return kits_of_the_docs(still=False)


def embedded(text: str, host: Document) -> Embedding:
    """Return what becomes of a valid scenario in a host with this head."""
    written = read_written(text, "one.toml")
    assert isinstance(written, Written)
    scenario = parse_scenario(text, name="one", place="one.toml").scenario
    assert list(complaints(scenario, host_of(host))) == []
    embedding = Embedding(written, scenario, host_of(host))
    embedding.embed()
    return embedding


def head(text: str, **more: Any) -> Document:
    """Return the head of a host that begins and ends with a scenario."""
    scenario = parse_scenario(text, name="one", place="one.toml").scenario
    whole = f"{scenario.horizon.value:g} h"
    return {"start": scenario.start, "horizon": whole, **more}


def test_a_head_that_says_the_same_changes_nothing(small_toml: str) -> None:
    written = read_written(small_toml, "one.toml")
    assert isinstance(written, Written)
    geography = {"circuity": written.document["geography"]["circuity"]}
    document = embedded(small_toml, head(small_toml, geography=geography)).written.document
    kept = {key: value for key, value in written.document.items() if key in document}
    for name in ("prefecture", "county", "clinic"):
        assert document["echelons"][name].pop("regions") == ["Sanya", "Danzhou"]
    assert document == kept
    assert not {"title", "start", "horizon", "replications", "geography"} & set(document)


def test_the_given_document_is_not_changed(rich_toml: str) -> None:
    written = read_written(rich_toml, "one.toml")
    assert isinstance(written, Written)
    before = tomli_w.dumps(written.document)
    scenario = parse_scenario(rich_toml, name="one", place="one.toml").scenario
    early = {"start": datetime.fromisoformat("2023-01-01T00:00:00+08:00"), "horizon": "30 d"}
    Embedding(written, scenario, host_of(early)).embed()
    assert tomli_w.dumps(written.document) == before


def test_regions_go_to_drawn_echelons_and_keep_their_places(rich_toml: str) -> None:
    embedding = embedded(rich_toml, head(rich_toml, geography={"clinic-estimate": "B"}))
    echelons, places = embedding.written.document["echelons"], embedding.written.places
    for name in ("prefecture", "county", "clinic"):
        assert echelons[name]["regions"] == ["Sanya", "儋州市", 460107]
        line = rich_toml.split("\n").index('  "Sanya", # the south') + 1
        assert places["echelons", name, "regions", 0] == ("one.toml", line, 3)
    assert "regions" not in echelons["factory"]


@pytest.mark.parametrize(
    ("outer", "mine", "both"),
    [
        (["Hainan"], ["Sanya", "Danzhou"], ["Sanya", "Danzhou"]),
        (["Sanya", "Danzhou"], ["Hainan"], ["Sanya", "Danzhou"]),
        (["Hainan", "Guizhou"], ["Sanya", "Hubei", "Guiyang"], ["Sanya", "Guiyang"]),
        (["Sanya", "Danzhou"], ["Sanya", "Haikou"], ["Sanya"]),
    ],
)
def test_regions_said_twice_are_what_both_hold(
    small_toml: str, outer: list[str], mine: list[str], both: list[str]
) -> None:
    text = small_toml.replace('["Sanya", "Danzhou"]', str(outer))
    text = text.replace('sites = "counties"', f'sites = "counties"\nregions = {{ value = {mine} }}')
    echelons = embedded(text, head(text)).written.document["echelons"]
    assert echelons["county"]["regions"] == {"value": both}
    assert echelons["clinic"]["regions"] == outer


def test_regions_that_have_nothing_in_common_are_a_problem(small_toml: str) -> None:
    text = small_toml.replace('sites = "counties"', 'sites = "counties"\nregions = ["Hubei"]')
    problems = embedded(text, head(text)).problems
    assert problems == [
        (
            'no regions of the geography beside those of the echelon "county"',
            "both, of which none lies in another",
            "",
        )
    ]


def test_circuity_goes_to_the_lanes_that_say_none(rich_toml: str) -> None:
    estimate = {"clinic-estimate": "B"}
    embedding = embedded(rich_toml, head(rich_toml, geography=estimate))
    lanes = embedding.written.document["lanes"]
    said = {"value": 1.3, "range": [1.2, 1.4], "status": "assumed", "source": "as elsewhere"}
    assert lanes["to-city"]["circuity"] == said
    assert lanes["to-hub"]["circuity"]["value"] == 1.4
    line = rich_toml.split("\n").index("circuity.range = [1.2, 1.4]") + 1
    assert embedding.written.places["lanes", "to-city", "circuity", "range"][1] == line
    same = head(rich_toml, geography={**estimate, "circuity": said})
    assert "circuity" not in embedded(rich_toml, same).written.document["lanes"]["to-city"]


def test_circuity_of_the_host_is_not_taken_over(kits: str) -> None:
    other = head(kits, geography={"nation": "none", "circuity": 1.6})
    lanes = embedded(kits, other).written.document["lanes"]
    assert [lane["circuity"] for lane in lanes.values()] == [1.3, 1.3]
    plain = head(kits, geography={"nation": "none"})
    assert "circuity" not in embedded(kits, plain).written.document["lanes"]["to-store"]


def test_sourcing_goes_where_listed_sites_supply(rich_toml: str) -> None:
    host = head(rich_toml, geography={"clinic-estimate": "B"})
    embedding = embedded(rich_toml, host)
    window = {"value": "6 d", "range": ["4 d", "14 d"], "status": "assumed"}
    echelons = embedding.written.document["echelons"]
    rule = {"rule": "nearest", "window": window}
    ruled = {name: each["sourcing"] for name, each in echelons.items() if "sourcing" in each}
    own = {"rule": "least-cost", "window": "6 d"}  # what an echelon says for itself stays
    assert ruled == {"hub": rule, "prefecture": own}
    line = rich_toml.split("\n").index('rule = "nearest"') + 1
    assert embedding.written.places["echelons", "hub", "sourcing", "rule"][1] == line
    same = embedded(rich_toml, {**host, "sourcing": rule}).written.document["echelons"]
    assert [name for name in same if "sourcing" in same[name]] == ["prefecture"]


def test_a_later_start_is_where_its_entries_begin(kits: str) -> None:
    text = kits + """
[consumption.daily]
echelon = "clinic"
product = "kit"
rate = "6/day"
[consumption.twice]
echelon = "clinic"
product = "tape"
pattern = "timetable"
at = [2030-04-21T09:00:00+00:00]
[products.tape]
carton = { units = 1 }
[supply.tape]
site = "harbour"
product = "tape"
lot = 80
at = [2030-04-20T09:00:00+00:00]
[supply.late]
site = "harbour"
product = "tape"
lot = 80
gap = "1 d"
begins = 2030-04-22T09:00:00+00:00
[sourcing]
window = { value = "90 min", range = ["30 s", "2 h"], status = "assumed" }
"""  # fmt: skip
    text = text.replace("entitlement = { kit = 40 }", "entitlement = { kit = 40, tape = 2 }")
    text = text.replace(
        "travel = { cv = 0.1 }", 'dispatch = { rule = "departures", every = "4 h" }\n'
    )
    text = text.replace(
        "stock = { kit = 160 } }",
        "stock = { kit = 160 } }\n"
        'port = { echelon = "depot", at = [4, 30], output = { kit = "1/h" }, '
        "begins = 2030-04-20T00:00:00+00:00 }\n"
        'quay = { echelon = "depot", at = [4, 30], stock = { kit = 1 }, '
        "begins = 2030-04-18T00:00:00+00:00 }",
    )
    start = datetime.fromisoformat("2030-04-19T06:00:00+00:00")
    early = datetime.fromisoformat("2030-04-17T00:00:00+00:00")
    host = {"start": early, "horizon": "30 d", "geography": {"nation": "none"}}
    document = embedded(text, host).written.document
    begins = {name: site.get("begins") for name, site in document["sites"].items()}
    assert begins["harbour"] == begins["quay"] == start
    assert begins["port"] == datetime.fromisoformat("2030-04-20T00:00:00+00:00")
    assert begins["northfield"] is None
    assert document["supply"]["port"]["begins"] == start
    assert "begins" not in document["supply"]["tape"]
    assert document["supply"]["late"]["begins"].day == 22
    assert document["consumption"]["daily"]["begins"] == start
    assert "begins" not in document["consumption"]["twice"]
    assert document["lanes"]["to-store"]["dispatch"]["offset"] == "54 h"
    assert document["echelons"]["store"]["sourcing"] == {
        "rule": "least-cost",
        "window": {"value": "3330 min", "range": ["194430 s", "56 h"], "status": "assumed"},
    }
    assert "sourcing" not in document["echelons"]["clinic"]
    same = embedded(text, {**host, "start": start}).written.document
    assert "begins" not in same["sites"]["harbour"]
    assert "offset" not in same["lanes"]["to-store"]["dispatch"]
    assert same["echelons"]["store"]["sourcing"]["window"]["value"] == "90 min"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (
            (
                '[disruptions.snow]\nkind = "slow-road"\nlane = "to-store"\nfactor = 2\n'
                'every = "5 d"\nlasts = "1 d"\n'
            ),
            'the disruption "snow" comes "every" so often, counted from the start',
        ),
        (
            '[lanes.to-store.dispatch]\nrule = "departures"\nat = ["08:00"]\nempty = "run"\n',
            'on the lane "to-store" vehicles leave empty from the start on',
        ),
    ],
)
def test_what_hangs_on_the_start_must_start_with_the_host(kits: str, more: str, why: str) -> None:
    scenario = parse_scenario(kits + more, name="one", place="one.toml").scenario
    early = {
        "start": datetime.fromisoformat("2030-04-17T06:00:00+00:00"),
        "horizon": "30 d",
        "geography": {"nation": "none"},
    }
    (found,) = complaints(scenario, host_of(early))
    assert found == (
        "a scenario that starts with this file",
        "one that starts on 2030-04-19T06:00:00+00:00",
        why,
    )
    assert list(complaints(scenario, host_of({**early, "start": scenario.start}))) == []


def test_a_host_without_a_valid_head_is_judged_by_the_schema(kits: str) -> None:
    scenario = parse_scenario(kits, name="one", place="one.toml").scenario
    for start in (None, 3, "tomorrow", "2030-04-19T06:00:00"):
        host = host_of({"start": start, "horizon": "1 h", "geography": {"nation": "none"}})
        assert host.start is None
        assert list(complaints(scenario, host)) == []
    host = host_of({"start": scenario.start, "horizon": 3, "geography": {"nation": "none"}})
    assert (host.start, host.end) == (scenario.start, None)
