"""Several processes: the same bytes however many there are; stopped or killed, and resumed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sim.experiment.run import prepare, run_experiment
from sim.scenario.load import load_scenario

Call = Callable[..., Any]
Files = Callable[[Path], dict[str, bytes]]
Start = Callable[..., subprocess.Popen[str]]
SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"
MANY = 50


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, small: str) -> Path:
    """A working folder for this module."""
    path = tmp_path_factory.mktemp("processes")
    (path / "small.toml").write_text(small, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, tables: Files) -> dict[str, bytes]:
    """The tables of ``MANY`` replications, run without a stop on one process."""
    loaded = load_scenario(SMALL, [f"replications={MANY}"])
    return tables(run_experiment(prepare(loaded), tmp_path_factory.mktemp("whole") / "r").path)


def arguments(out: str, jobs: int, *more: str) -> tuple[str, ...]:
    many = ("--replications", str(MANY), "--jobs", str(jobs))
    return ("run", "small.toml", "--no-figures", "--out", out, *many, *more)


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something has happened, while the process runs."""
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def parts_of(out: Path) -> list[Path]:
    parts = out / "parts"
    return [path for path in parts.iterdir() if path.name.isdigit()] if parts.is_dir() else []


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The worker processes of a process."""
    workers = []
    for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        with suppress(OSError):  # a child may be gone by now
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                workers.append(int(pid))
    return workers


def resume(out: Path, call: Call, monkeypatch: pytest.MonkeyPatch, *more: str) -> Any:
    monkeypatch.chdir(out.parent)
    return call(*arguments(out.name, 1, "--resume", *more))


#: Runs a scenario twice in one process: cold, and warm, with the memory of the first planning and
#: workers that have run already.
TWICE = """
import sys
from pathlib import Path
from sim.experiment.executors import open_workers
from sim.experiment.run import prepare, run_experiment
from sim.memo import Memo
from sim.scenario.load import load_scenario

name, many, jobs, out = sys.argv[1:]
memo = Memo()
with open_workers(int(jobs)) as workers:
    for start in ("cold", "warm"):
        loaded = load_scenario(name, [f"replications={many}"])
        run_experiment(prepare(loaded, memo), Path(f"{out}-{start}"), workers=workers)
"""


@pytest.mark.parametrize(
    ("jobs", "hash_seed"),
    [
        (2, "1"),
        *(
            pytest.param(jobs, str(seed), marks=pytest.mark.slow)
            for jobs in (1, 2, 4)
            for seed in range(8)
        ),
    ],
)
def test_workers_hash_seeds_and_warm_starts_change_no_byte(
    jobs: int, hash_seed: str, folder: Path, whole: dict[str, bytes], tables: Files
) -> None:
    """All 48 ways by make verify: eight seeds of Python's hashes, three numbers of workers, cold
    and warm."""
    out = f"jobs-{jobs}-{hash_seed}"
    ran = subprocess.run(
        [sys.executable, "-c", TWICE, "small.toml", str(MANY), str(jobs), out],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    for start in ("cold", "warm"):
        written = tables(folder / f"{out}-{start}")
        assert written.keys() == whole.keys()
        assert [name for name in whole if written[name] != whole[name]] == []
        shutil.rmtree(folder / f"{out}-{start}")


@pytest.mark.parametrize(
    ("jobs", "moment"),
    [
        (1, "parts"),
        pytest.param(2, "workers start", marks=pytest.mark.slow),
        pytest.param(1, "folder", marks=pytest.mark.slow),
        pytest.param(2, "parts", marks=pytest.mark.slow),
    ],
)
def test_ctrl_c_keeps_what_is_finished_and_resume_ends_in_the_same_bytes(
    jobs: int,
    moment: str,
    folder: Path,
    whole: dict[str, bytes],
    start: Start,
    call: Call,
    tables: Files,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = folder / f"stopped-{jobs}-{moment.split()[0]}"
    process = start(*arguments(out.name, jobs), cwd=folder)
    if moment == "folder":
        wait_for(lambda: (out / "parts").is_dir(), process)
    elif moment == "parts":
        wait_for(lambda: len(parts_of(out)) >= 2, process)
    else:  # while they import, before they can say that Ctrl-C is not for them
        wait_for(lambda: len(workers_of(process)) == jobs, process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    kept = len(parts_of(out))
    assert err.splitlines() == [
        (
            f"stopped with {kept} of {MANY} replications finished; they are kept in {out.name}: "
            f"run again with --out {out.name} --resume"
        )
    ]
    assert kept < MANY
    assert kept >= (2 if moment == "parts" else 0)
    said = resume(out, call, monkeypatch)
    assert said.code == 0
    assert tables(out) == whole


def test_ctrl_c_before_anything_is_written_leaves_nothing(folder: Path, start: Start) -> None:
    process = start(*arguments("never", 1), cwd=folder)
    maps = Path(f"/proc/{process.pid}/maps")
    wait_for(lambda: "numpy" in maps.read_text(), process)  # it has begun to import what it needs
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    # Where the interrupt meets Python code that C code runs, Python ends with the signal itself,
    # which a shell shows as 130 too.
    assert process.returncode in (130, -signal.SIGINT)
    assert err.splitlines()[-1:] == ["stopped"]
    assert not (folder / "never").exists()


def test_a_killed_worker_costs_what_it_was_at_and_nothing_else(
    folder: Path, whole: dict[str, bytes], start: Start, tables: Files
) -> None:
    out = folder / "killed"
    process = start(*arguments(out.name, 2), cwd=folder)
    wait_for(lambda: len(parts_of(out)) >= 2, process)
    os.kill(workers_of(process)[0], signal.SIGKILL)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert err.splitlines()[-1] == (
        "note: a worker died once (out of memory, or killed): what it was at ran again"
    )
    assert tables(out) == whole


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes as Linux does")
def test_workers_end_with_a_parent_that_is_killed_alone(folder: Path, start: Start) -> None:
    """As the system does when memory runs out; else they would hold their plans for ever."""
    out = folder / "orphans"
    process = start(*arguments(out.name, 2), cwd=folder)
    wait_for(lambda: len(parts_of(out)) >= 1, process)
    workers = workers_of(process)
    assert len(workers) == 2
    process.kill()
    process.communicate(timeout=60)  # until nobody holds its end of the pipes: no worker is left
    assert not any(is_worker(pid) for pid in workers)


def is_worker(pid: int) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.slow
def test_a_killed_run_can_be_resumed(
    folder: Path,
    whole: dict[str, bytes],
    start: Start,
    call: Call,
    tables: Files,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = folder / "power-cut"
    process = start(*arguments(out.name, 1), cwd=folder)
    wait_for(lambda: len(parts_of(out)) >= 2, process)
    process.kill()
    process.communicate(timeout=60)
    monkeypatch.chdir(folder)
    assert call("check", out.name).err == (
        "power-cut is not finished (running): run it again with --resume\n"
    )
    assert resume(out, call, monkeypatch).code == 0
    assert tables(out) == whole
