"""The reference of the scenario format is in step with the schema, and its examples are valid."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import tomli_w
from reference.tools import load_tool

from sim.errors import ScenarioError
from sim.experiment.replicate import replicate
from sim.experiment.run import prepare
from sim.scenario.export import json_schema
from sim.scenario.figures import FIGURE_MEASURES
from sim.scenario.load import load_scenario, parse_scenario

#: Tables and keys that stand without an example here; the vocabulary has one of each.
FREE = {
    "description",
    "expected",
    "files",
    "percentiles",
    "seed",
    "stop",
    "warm-up",
    "extends",
    "variants",
    "include",
    "remove",
}

Examples = dict[str, list[tuple[str, str]]]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    return load_tool("build_format_reference")


def test_the_tables_are_those_that_the_generator_writes(
    generator: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["build_format_reference.py", "--check"])
    assert generator.main() == 0, "run tools/build_format_reference.py"


def test_the_generator_notices_what_the_pages_lack(generator: ModuleType) -> None:
    old = [page.read_text("utf-8") for page in generator.PAGES]
    schema: dict[str, Any] = json_schema()

    fleet = {**schema["$defs"]["Fleet"], "properties": {"title": {"type": "string"}}}
    fleet["properties"]["title"]["description"] = "Another meaning."
    changed = {**schema, "$defs": {**schema["$defs"], "Fleet": fleet}}
    with pytest.raises(generator.CannotDescribe, match="Capacity"):
        generator.build(old, changed)  # the fleet was what showed its capacity

    without = [page.replace("<!-- table: Wave -->", "") for page in old]
    with pytest.raises(generator.CannotDescribe, match="Wave"):
        generator.build(without, schema)

    stale = [page.replace("Mean speed on the road", "Top speed") for page in old]
    assert stale != old
    assert generator.build(stale, schema) == old


def test_the_complete_scenario_runs(complete: str) -> None:
    assert complete.count("\n") < 60
    loaded = parse_scenario(complete, name="lishui", place="docs")
    prepared = prepare(loaded)
    result = replicate(prepared.plan, prepared.scope, 0)
    done = {
        row.echelon: row.value
        for row in result.measures.rows
        if row.measure == "coverage" and row.region == "national"
    }
    assert done == {"prefecture": 1.0, "county": 1.0, "clinic": 1.0}


def test_every_example_is_toml_and_adds_up_to_a_valid_scenario(
    complete: str, examples: Examples
) -> None:
    document = tomllib.loads(complete)
    count = 0
    for page in ("scenario-format.md", "scenario-rules.md", "reported-figures.md"):
        for kind, text in examples[page]:
            assert kind == ""
            add(document, tomllib.loads(text))
            count += 1
            try:
                parse_scenario(tomli_w.dumps(document), name="docs", place=page)
            except ScenarioError as error:
                pytest.fail(f"after this example:\n\n{text}\n{error}")
    assert count > 10

    loaded = parse_scenario(tomli_w.dumps(document), name="docs", place="docs")
    prepared = prepare(loaded)
    values = replicate(prepared.plan, prepared.scope, 0).figures
    assert set(values) == set(document["reported"])


def add(document: dict[str, Any], example: dict[str, Any]) -> None:
    """Add an example's entries to a document; keys of an entry that is there are replaced."""
    for table, entries in example.items():
        if not isinstance(entries, dict):
            document[table] = entries
            continue
        for name, entry in entries.items():
            here = document.setdefault(table, {})
            if isinstance(entry, dict) and isinstance(here.get(name), dict):
                here[name].update(entry)
            else:
                here[name] = entry


def test_the_examples_use_every_table_of_the_format(complete: str, examples: Examples) -> None:
    used = set(tomllib.loads(complete))
    for page in ("scenario-format.md", "scenario-rules.md", "reported-figures.md"):
        for _, text in examples[page]:
            used |= set(tomllib.loads(text))
    assert set(json_schema()["properties"]) - used == FREE


def test_every_measure_of_a_figure_is_explained(pages: dict[str, str]) -> None:
    page = pages["reported-figures.md"]
    for measure, unit in FIGURE_MEASURES.items():
        assert f"| `{measure}` | {unit} |" in page


def test_the_problems_shown_are_those_that_are_told(
    complete: str, pages: dict[str, str], tmp_path: Path
) -> None:
    wrong = complete.replace('"Lishui"]', '"Lisui"]').replace('"50 km/h"', "50")
    wrong = wrong.replace('fleet = "county-van"', 'fleet = "county-vans"')
    path = tmp_path / "lishui.toml"
    path.write_text(wrong, "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    told = str(caught.value).replace(f"{tmp_path}/", "")
    assert f"```\n{told}\n```" in pages["first-scenario.md"]
