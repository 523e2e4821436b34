"""The mutual-aid scenario from its file to its folder: bytes, figures, ledgers and words."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from reference.tools import load_tool
from rich.console import Console

from sim.experiment.executors import open_workers
from sim.experiment.run import Prepared, prepare, run_experiment
from sim.plots.gallery import draw_figures
from sim.plots.requests import plot_requests, read_requests, request_rows
from sim.report.explain import explain_facts, explain_text
from sim.report.outcome import outcome_text
from sim.scenario.load import load_scenario
from sim.store.result import Result

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "scenarios" / "mutual-aid.toml"


def said(blocks: list) -> str:  # type: ignore[type-arg]
    page = io.StringIO()
    console = Console(file=page, width=400, markup=False, emoji=False, highlight=False)
    for block in blocks:
        console.print(block)
    return page.getvalue()


@pytest.fixture(scope="module")
def aid() -> Prepared:
    return prepare(load_scenario(SCENARIO, ["replications=2"]))


@pytest.fixture(scope="module")
def done(aid: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("aid") / "one"
    return run_experiment(aid, folder, ledger=True)


def test_the_people_are_those_that_the_tool_writes() -> None:
    tool = load_tool("build_mutual_aid")
    assert tool.PEOPLE.read_text("utf-8") == tool.table()


def test_the_scenario_is_a_guess_and_says_so(aid: Prepared) -> None:
    document, scenario = aid.loaded.document, aid.loaded.scenario
    assert scenario.reported == {}
    assert "every number is an assumption" in scenario.description.lower()
    names = [site.echelon for site in scenario.sites.values()]
    assert (names.count("giver"), names.count("asker")) == (300, 450)
    assert document["lanes"]["help"]["sharing"]["willing"]["status"] == "assumed"


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_the_workers(
    aid: Prepared, done: Result, tmp_path: Path
) -> None:
    with open_workers(2) as workers:
        other = run_experiment(aid, tmp_path / "two", workers=workers, ledger=True)
    for path in sorted(done.path.rglob("*.parquet")):
        assert (other.path / path.relative_to(done.path)).read_bytes() == path.read_bytes()


def test_the_ledger_holds_requests_and_what_answered_them(done: Result) -> None:
    requests = pq.read_table(done.path / "ledger" / "000001.requests.parquet")
    answers = pq.read_table(done.path / "ledger" / "000001.answers.parquet")
    assert requests.column_names == [
        "requests", "site", "number", "product", "units", "asked", "answered", "received",
        "given_up",
    ]  # fmt: skip
    assert requests.num_rows == 450
    assert set(requests["requests"].to_pylist()) == {"asking"}
    assert set(answers["giver"].cast("string").to_pylist()) <= {
        f"site/giver-{i:03d}" for i in range(1, 301)
    }
    given = np.bincount(
        answers["request"].to_numpy(), answers["units"].to_numpy(), requests.num_rows
    )
    full = given == requests["units"].to_numpy()
    assert (full == ~np.isnan(requests["answered"].to_numpy(zero_copy_only=False))).all()
    runs = done.runs.filter(pc.equal(done.runs["replication"], 1))
    share = runs.filter(pc.equal(runs["measure"], "answered-share"))["value"].to_pylist()
    assert share == [pytest.approx(full.mean())]


@pytest.mark.usefixtures("no_pixels")
def test_the_figure(done: Result) -> None:
    draw_figures(done)
    names = {path.name for path in (done.path / "figures").iterdir()}
    assert {"requests.png", "requests.svg", "requests.csv"} <= names
    assert not any(name.startswith(("coverage", "map")) for name in names)
    data = read_requests(done, "asking")
    assert [item.title for item in data.series] == ["asked", "answered", "received", "withdrawn"]
    asked, answered, received, _ = (item.band.median for item in data.series)
    assert asked[-1] == 450
    assert (asked >= answered).all()
    assert (answered >= received).all()
    ax = plot_requests(done, "asking")
    assert ax.get_title(loc="left") == "Requests for fever tablets by people who ask, in all so far"
    assert ax.get_ylabel() == "requests"
    with (done.path / "figures" / "requests.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["series"] for row in rows} == {"asked", "answered", "received", "withdrawn"}
    assert len(request_rows(done, data)) == len(rows)
    with pytest.raises(KeyError):
        read_requests(done, "nobody")


def test_the_words(aid: Prepared, done: Result) -> None:
    text = said(outcome_text(done, aid))
    (line,) = [line for line in text.splitlines() if line.startswith("asking: ")]
    assert " of 450 requests for fever tablets answered, " in line
    assert "half of these" in line
    assert " received" in line
    assert " withdrawn" in line
    assert "[" in line
    told = said(explain_text(aid.loaded, aid.network, aid.plan))
    assert (
        "each of the people who ask: requests for 6 on average (geometric, cv 0.913) fever tablets"
        ", once, after 4.67 d on average (triangular); withdrawn if not answered after 3 d on "
    ) in told
    assert "300 sites may give fever tablets to who asks: the nearest first, within 5 km" in told
    assert "each agrees with a chance of 60.0 %, and gives what is on hand and owed to" in told
    facts = explain_facts(aid.loaded, aid.network, aid.plan)
    assert facts["requests"] == [{"name": "asking", "site": "asker", "product": "tablet"}]


def test_more_reach_and_more_good_will_answer_more(done: Result, tmp_path: Path) -> None:
    def share(result: Result) -> float:
        """The share in the first replication."""
        rows = result.runs.filter(pc.equal(result.runs["measure"], "answered-share"))
        return float(rows.filter(pc.equal(rows["replication"], 0))["value"][0].as_py())

    help_ = load_scenario(SCENARIO).document["lanes"]["help"]["sharing"]
    assert (help_["reach"]["value"], help_["willing"]["value"]) == ("5 km", 0.6)
    for name, less in (("near", "reach=1 km"), ("unwilling", "willing=0.1")):
        loaded = load_scenario(SCENARIO, ["replications=1", f"lanes.help.sharing.{less}"])
        assert share(run_experiment(prepare(loaded), tmp_path / name)) < share(done)
