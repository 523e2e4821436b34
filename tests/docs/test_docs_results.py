"""What the docs say of result folders and of random streams is what a run does."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from io import StringIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from sim.comparing.compare import Difference
from sim.engine.model import run_replication
from sim.evidence import Verdict
from sim.expectation import Agreement
from sim.experiment.run import prepare, run_experiment
from sim.lawkinds import make_law
from sim.ledger import Cause
from sim.report.outcome import outcome_json, outcome_text
from sim.scenario.load import parse_scenario
from sim.store.ledgers import SCHEMA as LEDGER
from sim.store.ledgers import SPEC_COLUMN, TABLES
from sim.store.result import Result
from sim.store.tables import SCHEMAS
from sim.streams import Streams, entity_id

CAUSES = {"damaged", "turned-away", "no-vehicle"}
CITY = "prefecture/331100"  # Lishui


@pytest.fixture(scope="module")
def result(complete: str, tmp_path_factory: pytest.TempPathFactory) -> Result:
    figure = """
[reported.half]
measure = "coverage"
product = "oximeter"
echelon = "clinic"
at = 2023-01-10T18:00:00+08:00
value = 0.5
band = "10 %"
use = "predict"
source = "a test"
wording = "half"
"""
    loaded = parse_scenario(
        complete.replace("replications = 5", "replications = 2") + figure,
        name="lishui",
        place="docs",
    )
    out = tmp_path_factory.mktemp("docs") / "lishui"
    return run_experiment(prepare(loaded), out, ledger=True)


def section(page: str, heading: str) -> str:
    """Return the text under a heading, up to the next one."""
    return re.split(r"^#+ ", page.partition(f"{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def keys_of(text: str) -> list[str]:
    """Return all keys in the first column of a table."""
    cells = re.findall(r"^\| (`.+?) \|", text, re.MULTILINE)
    return [key for cell in cells for key in re.findall(r"`([\w-]+)`", cell)]


@pytest.mark.parametrize("name", [*SCHEMAS, "ledger"])
def test_every_column_is_listed_with_its_type(name: str, pages: dict[str, str]) -> None:
    schema = LEDGER if name == "ledger" else SCHEMAS[name]
    file = "ledger/000000" if name == "ledger" else name
    text = section(pages["reading-results.md"], f"### `{file}.parquet`")
    shown = re.findall(r"^\| `(\w+)` \| (\w+) \|", text, re.MULTILINE)
    words = {field.name: pa.types.is_dictionary(field.type) for field in schema}
    assert shown == [
        (field.name, "words" if words[field.name] else str(field.type)) for field in schema
    ]


def test_the_folder_holds_what_is_listed(result: Result, pages: dict[str, str]) -> None:
    block = re.search(r"^```\nresults/.*?\n(.*?)^```", pages["reading-results.md"], re.M | re.S)
    assert block is not None
    listed = {line.split()[0].rstrip("/") for line in block[1].splitlines()}
    assert {path.name for path in result.path.iterdir()} == listed - {"figures"}


def test_every_key_of_the_manifest_is_listed(result: Result, pages: dict[str, str]) -> None:
    text = section(pages["reading-results.md"], "## `manifest.json`")
    manifest = json.loads((result.path / "manifest.json").read_text("utf-8"))
    assert sorted(keys_of(text)) == sorted(manifest)
    for key in manifest["timings"]:
        assert f"`{key}`" in text


def test_every_key_of_a_verdict_is_listed(result: Result, pages: dict[str, str]) -> None:
    text = section(pages["reading-results.md"], "## `verdicts.json`")
    assert keys_of(text) == [field.name for field in fields(Verdict)]
    assert list(result.verdicts[0]) == keys_of(text)


def test_every_key_of_an_expected_value_is_listed(pages: dict[str, str]) -> None:
    text = section(pages["reading-results.md"], "## `expected.json`")
    assert sorted(keys_of(text)) == sorted(field.name for field in fields(Agreement))


def test_every_key_of_a_difference_is_listed(pages: dict[str, str]) -> None:
    text = section(pages["reading-results.md"], "## JSON on standard output")
    keys = {"measure", "product", "echelon", "region", "entity", "unit"}
    told = {field.name for field in fields(Difference)} - keys | {"gain", "clear"}
    assert set(keys_of(text)) == told


def test_every_column_of_the_ledgers_other_tables_is_listed(pages: dict[str, str]) -> None:
    text = section(pages["reading-results.md"], "### `ledger/000000.parquet`")
    for name, columns in TABLES.items():
        (row,) = re.findall(rf"^\| `000000.{name}.parquet` \|.*\| (.*) \|$", text, re.MULTILINE)
        told = [word for word in re.findall("`([a-z_]+)`", row) if word not in CAUSES]
        assert told == [SPEC_COLUMN[name] if column == "spec" else column for column in columns]
    assert {cause.name.lower().replace("_", "-") for cause in Cause} == CAUSES


def test_the_object_that_run_prints_is_as_told(result: Result, pages: dict[str, str]) -> None:
    text = section(pages["reading-results.md"], "## JSON on standard output")
    told = re.search(r"\*\*`run --json`\*\*(.*?)^- ", text, re.MULTILINE | re.DOTALL)
    assert told is not None
    printed = outcome_json(result)
    for key in printed:
        assert f"`{key}`" in told[1]
    columns = ["name", *(name for name in SCHEMAS["measures"].names if name != "measure")]
    assert sorted(printed["measures"][0]) == sorted(columns)


def test_streams_have_the_names_that_are_told(complete: str, pages: dict[str, str]) -> None:
    for name in ("wave/<wave>", "<site>/<station>", "<origin>/<lane>/<destination>",
                 "<site>/<lane>/roads", "<site>/<lane>/stops", "<site>/<lane>/tours"):  # fmt: skip
        assert f"| `{name}` |" in pages["semantics.md"]
    more = """
[stations.desk]
echelon = "prefecture"
stage = "sign-off"
servers = "unlimited"
time-per-lot = { mean = "2 h", cv = 0.8 }
[waves.rest]
lane = "to-city"
regions = "rest"
release = [2023-01-07T09:00:00+08:00, 2023-01-07T20:00:00+08:00]
"""
    travel = "travel = { cv = 0.2, shared-cv = 0.1 }\n"
    text = complete.replace('fleet = "truck"\n', f'fleet = "truck"\n{travel}')
    text = text.replace('fleet = "county-van"\n', f'fleet = "county-van"\n{travel}')
    text = text.replace('speed = "65 km/h"\n', 'speed = "65 km/h"\ndrivers = 2\n')
    prepared = prepare(parse_scenario(text + more, name="lishui", place="docs"))
    plan, number = prepared.plan, 3
    ledger, streams = run_replication(plan, number), Streams(plan.seed, number)

    def draw(name: str, which: int) -> float:
        return float(streams.uniforms([entity_id(name)], [which])[0])

    own, shared = make_law("lognormal", 1.0, 0.2), make_law("lognormal", 1.0, 0.1)
    assert ledger.released[0] == pytest.approx(1 + 11 * draw("wave/rest", 0))

    first = np.flatnonzero(ledger.trips.lane == 0)[0]
    roads = shared.quantile_at(draw("site/maker/to-city/roads", 0))
    out = own.quantile_at(draw(f"site/maker/to-city/{CITY}", 0))
    assert ledger.trips.driving[first] == pytest.approx(ledger.trips.km[first] / 65 * roads * out)

    took = (ledger.services.ended - ledger.services.began)[np.argmin(ledger.services.joined)]
    assert took == pytest.approx(
        make_law("lognormal", 2.0, 0.8).quantile_at(draw(f"{CITY}/desk", 0))
    )

    tours, done = plan.tours[0], ledger.tours[0]
    key = plan.site_keys[tours.site[0]]
    roads = shared.quantile_at(draw(f"{key}/to-clinic/roads", 0))
    rank = int(tours.rank[0])
    leg = own.quantile_at(draw(f"{key}/to-clinic/stops", 2 * rank)) * tours.leg_km[0] / 30 * roads
    stop = make_law("lognormal", 0.2, 0.5).quantile_at(draw(f"{key}/to-clinic/stops", 2 * rank + 1))
    assert done.arrived[0] - done.began[0] == pytest.approx(leg, abs=1e-6)
    assert done.delivered[0] - done.arrived[0] == pytest.approx(stop, abs=1e-6)
    last = int(tours.first[1]) - 1
    back = own.quantile_at(draw(f"{key}/to-clinic/tours", 0)) * tours.back_km[0] / 30 * roads
    if done.ended[0] - done.began[0] < 10:  # on one day, without a rest
        assert done.ended[0] - done.delivered[last] == pytest.approx(back, abs=1e-6)


def test_the_outcome_shown_is_the_outcome(
    complete: str, pages: dict[str, str], tmp_path: Path
) -> None:
    prepared = prepare(parse_scenario(complete, name="lishui", place="docs"))
    console = Console(file=StringIO(), width=200, highlight=False)
    for block in outcome_text(run_experiment(prepared, tmp_path / "lishui"), prepared):
        console.print(block)
    assert isinstance(console.file, StringIO)
    told = [" ".join(line.split()) for line in console.file.getvalue().splitlines()]
    shown = re.search(r"^(1 maker .*?)^```", pages["first-scenario.md"], re.MULTILINE | re.DOTALL)
    assert shown is not None
    for line in shown[1].splitlines():
        if "CPU" not in line:
            assert " ".join(line.split()) in told, "\n".join(told)
