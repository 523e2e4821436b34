"""A real Dask cluster on this machine: the same bytes as elsewhere, though a worker is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim.errors import RunError, UsageError
from sim.experiment import cluster
from sim.experiment.executors import open_workers
from sim.experiment.run import Prepared, prepare, run_experiment
from sim.scenario.load import load_scenario
from sim.store.result import Result

SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"
MANY = 28


def tables_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}


class Dask:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(self.file)
        )
        self.workers: list[subprocess.Popen[bytes]] = []
        wait_until(self.file.exists)

    @property
    def address(self) -> str:
        address: str = json.loads(self.file.read_text())["address"]
        return address

    def add_worker(self) -> None:
        file = str(self.file)
        one = ("--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")
        self.workers.append(self._start("worker", "--scheduler-file", file, *one))

    def count(self) -> int:
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            return len(client.scheduler_info()["workers"])

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{words[0]}-{time.monotonic_ns()}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *words, "--no-dashboard"],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            )

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A cluster of two workers, for all tests: it takes seconds to start, and each leaves enough of
    it for the next."""
    found = Dask(tmp_path_factory.mktemp("dask"))
    try:
        found.add_worker()
        found.add_worker()
        wait_until(lambda: found.count() == 2)
        yield found
    finally:
        found.end()


@pytest.fixture(scope="module")
def many() -> Prepared:
    return prepare(load_scenario(SMALL, [f"replications={MANY}"]))


@pytest.fixture(scope="module")
def serial(many: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The result of one process, with ledgers."""
    return run_experiment(many, tmp_path_factory.mktemp("serial") / "r", ledger=True)


def test_a_cluster_that_does_not_fit_is_refused(
    dask: Dask, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = cluster.versions_here()
    monkeypatch.setattr(
        cluster.Cluster,
        "_ask_versions",
        lambda self: {"tcp://a": {**mine, "numpy": "1.0"}, "tcp://b": mine},
    )
    with pytest.raises(UsageError) as raised, open_workers(1, dask.address):
        pass
    assert str(raised.value) == (
        "results could differ from those of this machine: tcp://a has numpy 1.0, here it is "
        f"{mine['numpy']}"
    )


def test_the_same_bytes_serial_on_processes_and_on_a_cluster_that_loses_a_worker(
    dask: Dask, many: Prepared, serial: Result, tmp_path: Path
) -> None:
    with open_workers(2) as workers:
        run_experiment(many, tmp_path / "processes", workers=workers, ledger=True)

    def kill_one(done: int, total: int) -> None:
        if done == MANY // 4 and dask.workers[0].poll() is None:
            dask.workers[0].send_signal(signal.SIGKILL)

    with open_workers(1, dask.address) as workers:
        run_experiment(many, tmp_path / "dask", workers=workers, ledger=True, progress=kill_one)
    assert dask.workers[0].wait() == -signal.SIGKILL
    whole = tables_of(serial.path)
    ledgers = tables_of(serial.path / "ledger")
    assert len(ledgers) >= MANY
    for other in ("processes", "dask"):
        assert tables_of(tmp_path / other) == whole
        assert tables_of(tmp_path / other / "ledger") == ledgers


def test_an_address_where_nobody_answers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_ANSWER_S", 1)
    with (
        pytest.raises(UsageError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1"),
        open_workers(1, "tcp://127.0.0.1:1"),
    ):
        pass


def test_what_was_finished_is_kept_when_the_cluster_goes_and_resumes_elsewhere(
    dask: Dask, many: Prepared, serial: Result, tmp_path: Path
) -> None:
    def end(done: int, total: int) -> None:
        if done == MANY // 4:
            dask.end()

    with (
        pytest.raises(RunError, match=r"what was finished is kept: run again with --resume"),
        open_workers(1, dask.address) as workers,
    ):
        run_experiment(many, tmp_path / "r", workers=workers, progress=end)
    kept = [path for path in (tmp_path / "r" / "parts").iterdir() if path.name.isdigit()]
    assert MANY // 4 <= len(kept) < MANY
    resumed = run_experiment(many, tmp_path / "r", resume=True)
    assert tables_of(resumed.path) == tables_of(serial.path)
