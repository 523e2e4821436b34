"""Every example of the vocabulary loads, runs, and does what the page says that it does."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from click.testing import CliRunner
from docs.vocabulary_page import Document, Example, read_vocabulary

from sim.catalogue import CATALOGUE
from sim.cli.main import postroad
from sim.experiment.replicate import replicate
from sim.experiment.run import prepare
from sim.scenario.address import variant_address
from sim.scenario.export import json_schema
from sim.scenario.load import load_scenario, parse_scenario

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDER = DOCS / "vocabulary"
PAGES = [DOCS / "vocabulary.md", *sorted(FOLDER.glob("*.md"))]
TABLES = ["sites.csv", "homes.csv", "links.csv", "country.graphml", "counties.csv", "serum.toml"]
VOCABULARY = read_vocabulary(PAGES)

#: Keys and words that have their place on other pages: what a nation's geography adds, where a
#: number comes from, what is set against the outcome, and what is for people to read.
ELSEWHERE_TABLES = {"Reported", "Expected", "Stated"}
ELSEWHERE_KEYS = {"description", "regions", "clinic-estimate", "status", "source", "range", "title"}
ELSEWHERE_KEYS |= {"place-status", "replications", "reported", "expected", "circuity"}
ELSEWHERE_WORDS = {"china", "village-clinics", "township-health-centres", "prefectures", "counties"}
ELSEWHERE_WORDS |= {"A", "B", "C", "reported", "derived", "assumed", "all", "rest", "every day"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What two replications did, byte by byte, and the sums of their measures."""

    ledgers: bytes
    rows: str
    measures: dict[str, float]


Play = Callable[..., Outcome]


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Run a document from a file, beside the tables that the pages name; each but once."""
    folder = tmp_path_factory.mktemp("vocabulary")
    for table in TABLES:
        shutil.copy(FOLDER / table, folder)
    (folder / "kits.toml").write_text(tomli_w.dumps(VOCABULARY.base), "utf-8")
    known: dict[tuple[str, str | None], Outcome] = {}

    def play(document: Document, variant: str | None = None) -> Outcome:
        text = tomli_w.dumps(document)
        if (text, variant) not in known:
            path = folder / "example.toml"
            path.write_text(text, "utf-8")
            loaded = load_scenario(path if variant is None else variant_address(path, variant))
            kept = parse_scenario(tomli_w.dumps(loaded.document), name="kits", place="kept")
            assert kept.digest == loaded.digest, "it is not read back as it was written"
            prepared = prepare(loaded)
            runs = [replicate(prepared.plan, prepared.scope, number) for number in range(2)]
            rows = [row for run in runs for row in run.measures.rows]
            sums: dict[str, float] = {}
            for row in rows:
                value = math.inf if math.isnan(row.value) else row.value
                sums[row.measure] = sums.get(row.measure, 0.0) + value
            ledgers = b"".join(part for run in runs for part in arrays(run.ledger))
            known[text, variant] = Outcome(ledgers, repr(rows), sums)
        return known[text, variant]

    return play


def arrays(value: object) -> Iterator[bytes]:
    """Yield all that a ledger holds."""
    if isinstance(value, np.ndarray):
        yield value.tobytes()
    elif isinstance(value, tuple):
        for item in value:
            yield from arrays(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from arrays(getattr(value, field.name))
    else:
        yield repr(value).encode()


@pytest.mark.parametrize("example", VOCABULARY.examples, ids=lambda example: example.where)
def test_an_example_does_what_it_says(example: Example, play: Play) -> None:
    before = play(VOCABULARY.before(example))
    after = play(VOCABULARY.after(example), example.variant)
    assert (after.ledgers, after.rows) != (before.ledgers, before.rows), "it changes nothing"
    for measure in example.more:
        assert after.measures.get(measure, 0.0) > before.measures.get(measure, 0.0), measure
    for measure in example.less:
        assert after.measures[measure] < before.measures[measure], measure


def test_variants_on_a_page_leave_the_file_as_it_is(play: Play) -> None:
    varied = [example for example in VOCABULARY.examples if example.variant is not None]
    assert varied
    for example in varied:
        assert play(VOCABULARY.after(example)) == play(VOCABULARY.before(example))


def test_the_small_scenario_delivers_all(play: Play) -> None:
    measures = play(VOCABULARY.base).measures
    assert VOCABULARY.base["geography"] == {"nation": "none"}
    assert measures["backlog"] == 0
    assert measures["received"] == 2 * 2 * 320  # two replications, at stores and at clinics
    assert 24 < measures["makespan"] / 2 < 48


def test_the_first_kits_are_shared_as_the_page_says(tmp_path: Path) -> None:
    rows = (FOLDER / "sharing.md").read_text("utf-8")
    said = dict(re.findall(r"^\| `(.+?)` \| .+: first (\d+, \d+, \d+) \|$", rows, re.M))
    assert len(said) == 8
    path = tmp_path / "kits.toml"
    for example in VOCABULARY.examples:
        if example.text not in said:
            continue
        path.write_text(tomli_w.dumps(VOCABULARY.after(example)), "utf-8")
        prepared = prepare(load_scenario(path))
        ledger = replicate(prepared.plan, prepared.scope, 0).ledger
        first = ledger.trips.ready[ledger.loads.trip] == 0
        to, units = ledger.trips.destination[ledger.loads.trip][first], ledger.loads.units[first]
        keys = prepared.plan.site_keys
        shares = [
            int(units[to == keys.index(f"site/{name}")].sum())
            for name in ("northfield", "ridge", "lowmarsh")
        ]
        assert ", ".join(map(str, shares)) == said[example.text], example.where


def test_the_examples_use_every_key_and_every_word_of_the_format() -> None:
    keys, words = set[str](), set[str]()

    def note(value: Any) -> None:
        if isinstance(value, dict):
            keys.update(value)
            for item in value.values():
                note(item)
        elif isinstance(value, list):
            for item in value:
                note(item)
        elif isinstance(value, str):
            words.add(value)

    for example in VOCABULARY.examples:
        note(VOCABULARY.after(example))
    for table, schema in json_schema()["$defs"].items():
        if table.split("_")[0] not in ELSEWHERE_TABLES:
            assert set(schema.get("properties", {})) - ELSEWHERE_KEYS <= keys, table
            found = set(re.findall(r'"(?:const|enum)": (?:"[^"]*"|\[[^]]*\])', json.dumps(schema)))
            said = {word for text in found for word in re.findall(r'"([^"]*)"', text)[1:]}
            assert said - ELSEWHERE_WORDS <= words, table


def test_every_measure_is_shown_by_some_example(play: Play) -> None:
    (page,) = [page for page in PAGES if page.name == "runs.md"]
    rows = re.findall(r"^\| .+? \| (`.+) \|$", page.read_text("utf-8"), re.M)
    named = {name for row in rows for name in re.findall(r"`([\w-]+)`", row)} & set(CATALOGUE)
    seen = set[str]()
    for example in VOCABULARY.examples:
        measures = play(VOCABULARY.after(example)).measures
        seen |= {re.sub(r"-p\d+$", "-pNN", name) for name in measures}
        if named <= seen:
            break
    assert len(named) > 30
    assert named <= seen


@pytest.mark.parametrize("name", ["csv", "graphml"])
def test_a_network_from_tables_runs_from_the_command_line(name: str, tmp_path: Path) -> None:
    (example,) = [example for example in VOCABULARY.examples if example.name == name]
    for table in TABLES:
        shutil.copy(FOLDER / table, tmp_path)
    path = tmp_path / "kits.toml"
    path.write_text(tomli_w.dumps(VOCABULARY.after(example)), "utf-8")
    words = ["run", str(path), "--replications", "2", "--jobs", "1", "--no-figures"]
    ran = CliRunner().invoke(postroad, [*words, "--out", str(tmp_path / "out")])
    assert ran.exit_code == 0, ran.output
    assert "Dressing kits" in ran.output
    assert (tmp_path / "out" / "manifest.json").exists()


def test_the_pages_are_short_and_their_links_lead_somewhere() -> None:
    for page in PAGES:
        text = page.read_text("utf-8")
        assert text.count("\n") <= 400
        for link in re.findall(r"\]\(([^)]+)\)", text):
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            assert target.is_file(), f"{page.name}: {link}"
            headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.M)
            known = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
            assert not anchor or anchor in known, f"{page.name}: {link}"
