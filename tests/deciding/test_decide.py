"""Plans on a campaign whose answer is known: found, resumed, and the same whoever runs it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TypeVar

import pyarrow.parquet as pq
import pytest
from reference.known import KNOWN

from sim.deciding.choices import parse_choices
from sim.deciding.decide import decide, decision_folder
from sim.deciding.question import Question, ask_question
from sim.errors import Interrupted, RunError, ScenarioError, UsageError
from sim.experiment.executors import ThisProcess, open_workers
from sim.experiment.jobs import Done, Job
from sim.measures.goals import parse_goals
from sim.store.decisions import Decision, open_decision

K = TypeVar("K")
VANS = "fleets.van.vehicles"


class Counted(ThisProcess):
    """Runs replications in this process, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def run_many(
        self, work: Iterable[tuple[K, Job, Iterable[int]]]
    ) -> Generator[tuple[K, Done], None, None]:
        for key, done in super().run_many(work):
            self.count += 1
            yield key, done


@pytest.fixture
def known(tmp_path: Path) -> Path:
    file = tmp_path / "known.toml"
    file.write_text(KNOWN, encoding="utf-8")
    return file


def ask(
    file: Path,
    *choose: str,
    until: str = "received(5 h) >= 12",
    costs: tuple[str, ...] = (),
    overrides: tuple[str, ...] = (),
    sure: tuple[float, float, int | None] = (0.8, 0.9, None),
) -> Question:
    """Ask by default for so little certainty that twelve clean runs are enough."""
    choices = parse_choices(choose or (f"{VANS}=1:6",), costs)
    probability, confidence, most = sure
    return ask_question(
        file,
        overrides,
        choices,
        parse_goals([until]),
        probability=probability,
        confidence=confidence,
        most=most,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Decision, Path, int]:
    """The plan of the usual question, its folder, and how many runs it took; only for reading."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "known.toml").write_text(KNOWN, encoding="utf-8")
    workers, command = Counted(), ("postroad", "plan")
    question = ask(folder / "known.toml")
    decision = decide(question, folder / "plan", workers=workers, command=command)
    return decision, folder / "plan", workers.count


def contents(folder: Path) -> dict[str, bytes]:
    return {
        file.name: file.read_bytes()
        for file in sorted(folder.iterdir())
        if file.is_file() and file.name != "manifest.json"
    }


@pytest.mark.parametrize(
    ("until", "vans"),
    [
        ("received(5 h) >= 12", 4),
        ("T100 < 5 h", 6),
        ("coverage(4 h) = 1", 6),
        ("received(1 h) >= 6 and T100 <= 8 h", 6),
    ],
)
def test_exactly_so_many_vans_are_needed(
    known: Path, tmp_path: Path, until: str, vans: int
) -> None:
    decision = decide(ask(known, until=until), tmp_path / "plan")
    assert decision.outcome == "reached"
    assert decision.answer is not None
    assert decision.answer.settings == ((VANS, str(vans)),)
    assert decision.open == ()
    for each in decision.combinations:
        if each.seen is not None:
            assert each.seen.held == (each.seen.runs if each.numbers[0] >= vans else 0)


def test_what_is_claimed_of_the_answer(known: Path, tmp_path: Path) -> None:
    question = ask(known, f"{VANS}=3:4", sure=(0.95, 0.95, 59))
    decision = decide(question, tmp_path / "plan")
    assert decision.answer is not None
    seen = decision.answer.confirming
    assert seen is not None
    assert (seen.runs, seen.held) == (59, 59)
    assert 0.95 <= seen.low < 0.951


def test_what_a_plan_writes(known: Path, whole: tuple[Decision, Path, int]) -> None:
    decision, out, _ = whole
    assert sorted(contents(out)) == ["plan.json", "points.json", "runs.parquet", "scenario.toml"]
    assert not (out / "parts").exists()
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["kind"], manifest["status"]) == ("plan", "finished")
    runs = pq.read_table(out / "runs.parquet").to_pylist()
    assert runs[0] == {
        "point": 0,
        "replication": 0,
        "use": "screening",
        "goal": 0,
        "value": 3.0,
        "holds": False,
    }
    assert {row["use"] for row in runs if row["replication"] < 8} == {"screening"}
    assert {row["use"] for row in runs if row["replication"] >= 8} == {"confirming"}
    again = open_decision(out)
    assert again.combinations == decision.combinations
    assert [aim.series for aim in again.aims] == ["received@shop@lot"]
    assert decision_folder(ask(known)) == decision_folder(ask(known))
    assert decision_folder(ask(known)) != decision_folder(ask(known, f"{VANS}=1:7"))


def test_out_of_range_is_said(known: Path, tmp_path: Path) -> None:
    decision = decide(ask(known, f"{VANS}=1:3"), tmp_path / "plan")
    assert (decision.outcome, decision.answer) == ("not reachable", None)
    assert all(each.verdict == "not reached" for each in decision.combinations)


def test_the_cheapest_of_two_choices(known: Path, tmp_path: Path) -> None:
    """Faster vans are fewer: three at half an hour, 225, instead of four at an hour, 250."""
    question = ask(
        known,
        f"{VANS}=1:6",
        "lanes.out.time=0.5 h,1 h,2 h",
        costs=(f"{VANS}=100", "lanes.out.time=-150"),
    )
    decision = decide(question, tmp_path / "plan")
    assert decision.answer is not None
    assert decision.answer.settings == ((VANS, "3"), ("lanes.out.time", "0.5 h"))
    assert decision.answer.cost == 225.0
    assert decision.open == ()
    assert any(each.seen is None for each in decision.combinations)  # not all had to run


def test_goals_of_several_measures_hold_in_the_same_run(known: Path, tmp_path: Path) -> None:
    decision = decide(ask(known, until="T100 <= 5 h and received(1 h) >= 6"), tmp_path / "plan")
    assert decision.answer is not None
    assert decision.answer.settings == ((VANS, "6"),)
    assert set(decision.values(1)) == {each.number for each in decision.combinations if each.seen}


class Backwards(ThisProcess):
    """Runs everything, and yields the last first."""

    def run_many(
        self, work: Iterable[tuple[K, Job, Iterable[int]]]
    ) -> Generator[tuple[K, Done], None, None]:
        yield from reversed(list(super().run_many(work)))


def test_the_same_bytes_in_any_order(known: Path, tmp_path: Path) -> None:
    decide(ask(known, f"{VANS}=3:5"), tmp_path / "one")
    decide(ask(known, f"{VANS}=3:5"), tmp_path / "two", workers=Backwards())
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.slow
def test_the_same_bytes_from_any_workers(known: Path, tmp_path: Path) -> None:
    decide(ask(known, f"{VANS}=3:5"), tmp_path / "one")
    with open_workers(2) as workers:
        decide(ask(known, f"{VANS}=3:5"), tmp_path / "two", workers=workers)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_an_interrupted_plan_goes_on(
    known: Path, whole: tuple[Decision, Path, int], tmp_path: Path
) -> None:
    out, first, second = tmp_path / "plan", Counted(), Counted()

    def stop(what: str, done: int, total: int) -> None:
        if what.startswith("confirming") and done == 5:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=r"runs; they are kept in .*plan: run again with --out"):
        decide(ask(known), out, workers=first, progress=stop)
    assert json.loads((out / "manifest.json").read_text())["status"] == "interrupted"
    with pytest.raises(UsageError, match="is not finished"):
        open_decision(out)
    decide(ask(known), out, workers=second, resume=True)
    assert contents(out) == contents(whole[1])
    assert first.count > 5
    assert first.count + second.count == whole[2]


def test_a_finished_plan_resumes_without_a_run(
    known: Path, whole: tuple[Decision, Path, int], tmp_path: Path
) -> None:
    shutil.copytree(whole[1], tmp_path / "plan")
    before, idle = contents(tmp_path / "plan"), Counted()
    decide(ask(known), tmp_path / "plan", workers=idle, resume=True)
    assert (idle.count, contents(tmp_path / "plan")) == (0, before)
    with pytest.raises(UsageError, match="holds another experiment"):
        decide(ask(known, until="T100 <= 9 h"), tmp_path / "plan", resume=True)
    with pytest.raises(UsageError, match=r"the (seeds|digests of the scenarios) differ"):
        decide(ask(known, overrides=("seed=1",)), tmp_path / "plan", resume=True)


def test_nothing_is_written_if_a_goal_means_nothing(known: Path, tmp_path: Path) -> None:
    for until, said in (
        ("stock-out-share <= 0", "have no stock-out-share"),
        ("received(5 h)@shp >= 12", 'did you mean "shop"'),
        ("received(5 h)@shop@lot@van >= 12", 'found "van"'),
    ):
        with pytest.raises(UsageError, match=said):
            decide(ask(known, until=until), tmp_path / "plan")
    assert not (tmp_path / "plan").exists()


def test_questions_that_cannot_be_asked(known: Path) -> None:
    with pytest.raises(UsageError, match="--max-replications 58: even if all hold, 59 are needed"):
        ask(known, sure=(0.95, 0.95, 58))
    with pytest.raises(UsageError, match="31 h is after the horizon, 30 h"):
        ask(known, until="coverage(31 h) >= 1")
    with pytest.raises(ScenarioError) as error:
        ask(known, "fleets.vn.vehicles=1:9")
    assert len(error.value.problems) == 1  # not one for each value
    assert 'did you mean "van"' in str(error.value)
    with pytest.raises(ScenarioError, match="vehicles"):
        ask(known, f"{VANS}=3,0")


def test_a_file_that_changes_meanwhile_is_noticed(known: Path, tmp_path: Path) -> None:
    question = ask(known)
    known.write_text(KNOWN.replace('time = "1 h"', 'time = "2 h"'), encoding="utf-8")
    with pytest.raises(RunError, match="was changed while the plan was under way"):
        decide(question, tmp_path / "plan")
