"""Replications until intervals are narrow: the same result whatever ran beyond, and resumed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import TypeVar

import pytest

from sim.errors import Interrupted, UsageError
from sim.experiment.executors import ThisProcess, Workers, open_workers
from sim.experiment.jobs import Done, Job, run_one
from sim.experiment.precision import Precision, Watch, seek_precision
from sim.experiment.run import Prepared, prepare, run_experiment
from sim.measures.precision import parse_precision, runs_needed
from sim.scenario.load import load_scenario
from sim.store.folder import read_manifest
from sim.store.result import Result
from sim.store.tables import values_by_key

SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"
ASKED = ("T90=8%", "trips@county-van=2")
K = TypeVar("K")


def tables_of(folder: Path) -> dict[str, bytes]:
    """All that a run leaves but its manifest, ledgers included."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def seek(prepared: Prepared, *texts: str, most: int = 60) -> Precision:
    wanted = [parse_precision(text) for text in texts or ASKED]
    return seek_precision(wanted, prepared.loaded.scenario, prepared.plan, prepared.scope, most)


@pytest.fixture(scope="module")
def precise(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The small scenario, run in this process until both intervals are narrow; with ledgers."""
    out = tmp_path_factory.mktemp("precise") / "small"
    return run_experiment(prepared, out, precision=seek(prepared), ledger=True)


class Backwards(Workers):
    """Workers that finish blocks of replications last to first, and so always run too many."""

    def __init__(self, block: int) -> None:
        self.block = block
        self.ran = 0

    def run_many(
        self, work: Iterable[tuple[K, Job, Iterable[int]]]
    ) -> Generator[tuple[K, Done], None, None]:
        """See ``Workers.run_many``."""
        for key, job, replications in work:
            numbers = list(replications)
            for begin in range(0, len(numbers), self.block):
                for number in reversed(numbers[begin : begin + self.block]):
                    self.ran += 1
                    yield key, run_one(job, number)


def test_it_is_the_result_of_so_many_replications(precise: Result, tmp_path: Path) -> None:
    many = precise.replications
    assert 8 < many < 60
    plain = prepare(load_scenario(SMALL, [f"replications={many}"]))
    again = run_experiment(plain, tmp_path / "plain", ledger=True)
    assert tables_of(again.path) == tables_of(precise.path)
    assert precise.scenario.replications == many
    assert again.manifest.keys() == precise.manifest.keys()
    assert again.manifest["precision"] is None


def test_the_manifest_says_what_was_asked_and_reached(precise: Result) -> None:
    said = precise.manifest["precision"]
    assert (said["needed"], said["reached"]) == (precise.replications, True)
    assert (said["least"], said["most"], said["level"]) == (3, 60, 0.95)
    times, trips = said["measures"]
    assert (times["asked"], times["measure"], times["echelon"]) == ("T90=8%", "T90", "clinic")
    assert (trips["entity"], trips["unit"], trips["half_width"]) == ("county-van", "trips", 2.0)
    rows = {tuple(row[key] for key in ("measure", "echelon", "entity", "statistic")): row
            for row in precise.measures.to_pylist() if row["region"] == "national"}  # fmt: skip
    for row, allowed in ((times, 0.08 * times["estimate"]), (trips, 2.0)):
        stored = rows[row["measure"], row["echelon"], row["entity"], "mean"]
        assert row["estimate"] == pytest.approx(stored["mean"], rel=1e-12)
        assert row["reached_half_width"] == pytest.approx((stored["high"] - stored["low"]) / 2)
        assert row["reached_half_width"] <= allowed
        assert row["reached"] is True


def test_the_number_is_the_rules_own(prepared: Prepared, precise: Result) -> None:
    values = dict(values_by_key(precise.runs))
    precision = seek(prepared)
    series = [values[key] for key in precision.keys]
    targets = [wanted.target for wanted in precision.wanted]
    stop = runs_needed(series, targets, least=3, most=60)
    assert stop is not None
    assert stop.runs == precise.replications


@pytest.mark.parametrize("block", [7, 60])
def test_neither_order_nor_what_ran_beyond_shows(
    block: int, prepared: Prepared, precise: Result, tmp_path: Path
) -> None:
    workers = Backwards(block)
    result = run_experiment(
        prepared, tmp_path / "out", workers=workers, precision=seek(prepared), ledger=True
    )
    assert workers.ran > result.replications
    assert tables_of(result.path) == tables_of(precise.path)
    assert result.manifest["precision"] == precise.manifest["precision"]


@pytest.mark.slow
def test_processes_give_the_same(prepared: Prepared, precise: Result, tmp_path: Path) -> None:
    with open_workers(2) as workers:
        result = run_experiment(
            prepared, tmp_path / "out", workers=workers, precision=seek(prepared), ledger=True
        )
    assert tables_of(result.path) == tables_of(precise.path)


def stop_after(count: int) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        assert done <= total <= 60
        if done >= count:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("workers", [ThisProcess(), Backwards(60)], ids=["in order", "backwards"])
def test_an_interrupted_run_is_resumed_to_the_same_bytes(
    workers: Workers, prepared: Prepared, precise: Result, tmp_path: Path
) -> None:
    out, precision = tmp_path / "out", seek(prepared)
    with pytest.raises(Interrupted, match=r"5 replications finished.*run the same again with"):
        run_experiment(
            prepared, out, workers=workers, precision=precision, ledger=True, progress=stop_after(5)
        )
    assert read_manifest(out)["precision"]["reached"] is False
    result = run_experiment(prepared, out, precision=precision, ledger=True, resume=True)
    assert tables_of(result.path) == tables_of(precise.path)
    assert len(result.manifest["timings"]["run_cpu_s"]) <= precise.replications


def test_a_result_is_added_to_and_never_cut(
    prepared: Prepared, precise: Result, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run_experiment(prepared, out, ledger=True)
    result = run_experiment(prepared, out, precision=seek(prepared), ledger=True, resume=True)
    assert tables_of(result.path) == tables_of(precise.path)
    again = run_experiment(prepared, out, precision=seek(prepared, "trips@carrier=100"),
                           ledger=True, resume=True)  # fmt: skip
    assert again.replications == precise.replications
    assert again.manifest["precision"]["least"] == precise.replications
    with pytest.raises(UsageError, match="none is thrown away"):
        run_experiment(prepared, out, precision=seek(prepared, most=8), resume=True)


def test_what_an_interrupted_run_without_precision_had_is_kept(
    prepared: Prepared, tmp_path: Path
) -> None:
    plain = prepare(load_scenario(SMALL, ["replications=30"]))
    with pytest.raises(Interrupted, match="of 30 replications"):
        run_experiment(plain, tmp_path, progress=stop_after(14))
    easy = seek(prepared, "trips@carrier=100")
    result = run_experiment(prepared, tmp_path, precision=easy, resume=True)
    assert result.replications == 14


def test_the_most_is_run_and_said(prepared: Prepared, tmp_path: Path) -> None:
    result = run_experiment(prepared, tmp_path, precision=seek(prepared, "T90=1 s", most=9))
    assert result.replications == 9
    said = result.manifest["precision"]
    assert (said["needed"], said["reached"]) == (None, False)
    assert said["measures"][0]["reached"] is False
    assert result.manifest["status"] == "finished"


def test_a_mean_that_there_is_not_ends_it(tmp_path: Path) -> None:
    late = prepare(load_scenario(SMALL, ["sites.maker.output.oximeter=0/day"]))
    result = run_experiment(late, tmp_path, precision=seek(late, "T100=1 h"))
    assert result.replications == 3
    (row,) = result.manifest["precision"]["measures"]
    assert (row["estimate"], row["reached_half_width"], row["runs_without"]) == (None, None, 3)


def test_the_scenarios_number_is_the_least(prepared: Prepared, tmp_path: Path) -> None:
    easy = ("trips@carrier=100",)
    twelve = prepare(load_scenario(SMALL, ["replications=12"]))
    assert run_experiment(twelve, tmp_path / "12", precision=seek(twelve, *easy)).replications == 12
    assert (
        run_experiment(prepared, tmp_path / "3", precision=seek(prepared, *easy)).replications == 8
    )


def test_what_cannot_be_sought(prepared: Prepared) -> None:
    with pytest.raises(UsageError, match=r"--max-replications 2 is less than .* any case"):
        seek(prepared, most=2)
    with pytest.raises(UsageError, match="T90@clinic is asked for twice"):
        seek(prepared, "T90=1 h", "T90@clinic=5%")
    with pytest.raises(UsageError, match="--precision trips: it may be any of several"):
        seek(prepared, "trips=5%")


def test_a_watch_waits_for_what_is_missing(prepared: Prepared, precise: Result) -> None:
    watch = Watch(seek(prepared), 3)
    rows = precise.runs
    parts = [rows.filter([n == number for n in rows["replication"].to_pylist()])
             for number in range(precise.replications)]  # fmt: skip
    for number in range(precise.replications - 1, 0, -1):
        watch.see(number, parts[number])
    assert (watch.stop, watch.runs) == (None, 0)
    watch.see(0, parts[0])
    assert watch.stop is not None
    assert watch.stop.runs == precise.replications
